/*
 * SQLite's files and memory, which may fail: a file system layer before the system's, and its memory functions.
 */
#include <sqlite3.h>
#include <stdlib.h>

#include "fault/fault.h"

#define BLOCK 512	/* writes of less are not counted: a disk does not get full between two of them */

/* ---- files -------------------------------------------------------------------------------------- */

/* Ours, and behind it the system's. */
struct file { sqlite3_file base; };

static sqlite3_vfs own_vfs, *real_vfs;

static sqlite3_file *behind(sqlite3_file *f)
{
	return (sqlite3_file *)((struct file *)f + 1);
}

static int file_close(sqlite3_file *f)
{
	return behind(f)->pMethods->xClose(behind(f));
}

static int file_read(sqlite3_file *f, void *data, int len, sqlite3_int64 at)
{
	return behind(f)->pMethods->xRead(behind(f), data, len, at);
}

static int file_write(sqlite3_file *f, const void *data, int len, sqlite3_int64 at)
{
	int full = len < BLOCK ? fault_goes_on(FAULT_DISK) : fault_now(FAULT_DISK);

	return full ? SQLITE_FULL : behind(f)->pMethods->xWrite(behind(f), data, len, at);
}

static int file_truncate(sqlite3_file *f, sqlite3_int64 len)
{
	return behind(f)->pMethods->xTruncate(behind(f), len);
}

static int file_sync(sqlite3_file *f, int flags)
{
	(void)f;
	(void)flags;
	return fault_now(FAULT_DISK) ? SQLITE_IOERR_FSYNC : SQLITE_OK;
}

static int file_size(sqlite3_file *f, sqlite3_int64 *len)
{
	return behind(f)->pMethods->xFileSize(behind(f), len);
}

static int file_lock(sqlite3_file *f, int how)
{
	return behind(f)->pMethods->xLock(behind(f), how);
}

static int file_unlock(sqlite3_file *f, int how)
{
	return behind(f)->pMethods->xUnlock(behind(f), how);
}

static int file_check_lock(sqlite3_file *f, int *out)
{
	return behind(f)->pMethods->xCheckReservedLock(behind(f), out);
}

static int file_control(sqlite3_file *f, int what, void *arg)
{
	return behind(f)->pMethods->xFileControl(behind(f), what, arg);
}

static int file_sector(sqlite3_file *f)
{
	return behind(f)->pMethods->xSectorSize(behind(f));
}

static int file_traits(sqlite3_file *f)
{
	return behind(f)->pMethods->xDeviceCharacteristics(behind(f));
}

static int vfs_open(sqlite3_vfs *v, sqlite3_filename name, sqlite3_file *f, int flags, int *out)
{
	static const sqlite3_io_methods methods = {
		1, file_close, file_read, file_write, file_truncate, file_sync, file_size, file_lock, file_unlock,
		file_check_lock, file_control, file_sector, file_traits, NULL, NULL, NULL, NULL, NULL, NULL
	};
	int rc;

	(void)v;
	f->pMethods = NULL;
	/* without a name: in the folder for such files */
	fault_reach(name ? name : sqlite3_temp_directory, "rwc");
	if (name && (flags & SQLITE_OPEN_CREATE) && fault_is_new(name) && fault_now(FAULT_DISK))
		return SQLITE_CANTOPEN;
	if (fault_now(FAULT_OPEN))
		return SQLITE_CANTOPEN;
	rc = real_vfs->xOpen(real_vfs, name, behind(f), flags, out);
	if (behind(f)->pMethods)
		f->pMethods = &methods;
	return rc;
}

static int vfs_delete(sqlite3_vfs *v, const char *name, int sync)
{
	(void)v;
	(void)sync;
	fault_reach(name, "c");
	return real_vfs->xDelete(real_vfs, name, 0);
}

/* ---- memory ------------------------------------------------------------------------------------- */

static sqlite3_mem_methods real_memory;
static long blocks;

static void *memory_get(int size)
{
	void *p = fault_now(FAULT_MEMORY) ? NULL : real_memory.xMalloc(size);

	blocks += p != NULL;
	return p;
}

/* SQLite never asks for NULL or for nothing here. */
static void *memory_grow(void *p, int size)
{
	return fault_now(FAULT_MEMORY) ? NULL : real_memory.xRealloc(p, size);
}

static void memory_free(void *p)
{
	blocks -= p != NULL;
	real_memory.xFree(p);
}

/* ---- start and end ------------------------------------------------------------------------------ */

void fault_before_sqlite(void)
{
	sqlite3_mem_methods own;

	if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real_memory) != SQLITE_OK)
		abort();
	own = real_memory;
	own.xMalloc = memory_get;
	own.xRealloc = memory_grow;
	own.xFree = memory_free;
	if (sqlite3_config(SQLITE_CONFIG_MALLOC, &own) != SQLITE_OK || sqlite3_initialize() != SQLITE_OK)
		abort();
	real_vfs = sqlite3_vfs_find(NULL);
	own_vfs = *real_vfs;
	own_vfs.pNext = NULL;
	own_vfs.zName = "fault";
	own_vfs.szOsFile = (int)sizeof(struct file) + real_vfs->szOsFile;
	own_vfs.xOpen = vfs_open;
	own_vfs.xDelete = vfs_delete;
	if (sqlite3_vfs_register(&own_vfs, 1) != SQLITE_OK)
		abort();
}

long fault_after_sqlite(void)
{
	sqlite3_free(sqlite3_temp_directory);
	sqlite3_temp_directory = NULL;
	sqlite3_shutdown();
	return blocks;
}
