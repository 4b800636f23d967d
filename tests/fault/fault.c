/*
 * build/rollcall_fault: the program, on a disk that gets full. From the FAULT_AT-th write on, each one fails: of the
 * program's own files (ports/posix/fs.c is compiled here once more, with other names for what writes) and of SQLite's
 * (which goes through a file system layer of ours). The first to fail leaves the empty file disk.full behind in the
 * folder where the program was started. FAULT_AT=0 or none: nothing fails.
 */
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "fault/fault.h"

#define BLOCK 512	/* writes of less are not counted: a disk does not get full between two of them */

static uint64_t writes, fault_at;

/* 1 when this write fails; errno says why. */
static int is_full(void)
{
	int fd;

	if (!fault_at || ++writes < fault_at)
		return 0;
	if (writes == fault_at) {
		fd = open("disk.full", O_WRONLY | O_CREAT, 0600);
		if (fd >= 0)
			close(fd);
	}
	errno = ENOSPC;
	return 1;
}

static int is_new(const char *path)
{
	struct stat st;

	return stat(path, &st) != 0;
}

/* ---- the program's own files ---- */

ssize_t fault_write(int fd, const void *data, size_t len)
{
	return is_full() ? -1 : write(fd, data, len);
}

int fault_fsync(int fd)
{
	(void)fd;
	return is_full() ? -1 : 0;	/* nobody pulls the plug, so it may be quick */
}

int fault_rename(const char *from, const char *to)
{
	return is_full() ? -1 : rename(from, to);
}

int fault_mkdir(const char *path, mode_t mode)
{
	return is_new(path) && is_full() ? -1 : mkdir(path, mode);
}

int fault_open(const char *path, int flags, ...)
{
	return (flags & O_CREAT) && is_new(path) && is_full() ? -1 : open(path, flags, 0600);
}

/* ---- SQLite's files ---- */

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
	int full = len < BLOCK ? fault_at && writes >= fault_at : is_full();

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
	return is_full() ? SQLITE_IOERR_FSYNC : SQLITE_OK;
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
	if (name && (flags & SQLITE_OPEN_CREATE) && is_new(name) && is_full())
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
	return real_vfs->xDelete(real_vfs, name, 0);
}

/* Before SQLite is used for the first time. */
static void stand_before_sqlite(void)
{
	if (sqlite3_initialize() != SQLITE_OK)
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

/* ---- the program ---- */

int main(int argc, char **argv)
{
	const char *at = getenv("FAULT_AT");

	if (at && str_to_u64(str_from(at), &fault_at))
		abort();
	stand_before_sqlite();
	return rollcall_main(argc, argv);
}
