#include "winport.h"
#include <stdlib.h>
#include <string.h>

#include "port.h"

#define MAX_TRANSFER (64u * 1024 * 1024)	/* bytes of one read or write */
#define EPOCH_1601 116444736000000000LL		/* 1970-01-01 in units of 100 ns since 1601-01-01 */
#define REPLACE_TRIES 50			/* a virus scanner may hold a file for a moment */
#define REPLACE_PAUSE_MS 20
#define LOCK_OFFSET_HIGH 0x7fffffff		/* the byte that is locked lies behind the text */
#define SHARE_BUT_WRITE (FILE_SHARE_READ | FILE_SHARE_DELETE)
#define SHARE_ALL (SHARE_BUT_WRITE | FILE_SHARE_WRITE)

struct port_file {
	HANDLE handle;
	char path[];	/* for messages */
};

struct port_lock {
	HANDLE handle;
};

/* ---- one file -------------------------------------------------------------------------------- */

struct port_file *port_open(const char *path, enum port_open_mode mode, struct error *e)
{
	static const struct {
		DWORD access, share, make;
	} how[] = {
		{ GENERIC_READ, SHARE_ALL, OPEN_EXISTING },			/* PORT_READ */
		{ GENERIC_WRITE, SHARE_BUT_WRITE, CREATE_NEW },			/* PORT_CREATE */
		{ GENERIC_WRITE, SHARE_BUT_WRITE, CREATE_ALWAYS },		/* PORT_TRUNCATE */
		{ FILE_APPEND_DATA | SYNCHRONIZE, SHARE_ALL, OPEN_ALWAYS }	/* PORT_APPEND */
	};
	size_t len = strlen(path) + 1;
	wchar_t *wide = win_wide(path, e);
	struct port_file *f;

	if (!wide)
		return NULL;
	f = malloc(sizeof(*f) + len);
	if (!f) {
		error_memory(e);
		goto out;
	}
	memcpy(f->path, path, len);
	f->handle = CreateFileW(wide, how[mode].access, how[mode].share, NULL, how[mode].make,
				FILE_ATTRIBUTE_NORMAL, NULL);
	if (f->handle == INVALID_HANDLE_VALUE) {
		win_error(e, ERROR_FAILED, GetLastError(), "cannot %s \"%s\"",
			  mode == PORT_READ ? "open" : "write", path);
		free(f);
		f = NULL;
	}
out:
	free(wide);
	return f;
}

long port_read(struct port_file *f, void *data, size_t cap, struct error *e)
{
	DWORD n = 0;

	if (ReadFile(f->handle, data, cap < MAX_TRANSFER ? (DWORD)cap : MAX_TRANSFER, &n, NULL))
		return (long)n;
	if (GetLastError() == ERROR_BROKEN_PIPE || GetLastError() == ERROR_HANDLE_EOF)
		return 0;
	return win_error(e, ERROR_FAILED, GetLastError(), "cannot read \"%s\"", f->path);
}

int port_seek(struct port_file *f, uint64_t offset, struct error *e)
{
	LARGE_INTEGER to;

	to.QuadPart = (LONGLONG)offset;
	if (to.QuadPart >= 0 && SetFilePointerEx(f->handle, to, NULL, FILE_BEGIN))
		return 0;
	return win_error(e, ERROR_FAILED, GetLastError(), "cannot read \"%s\" in the middle", f->path);
}

int port_write(struct port_file *f, const void *data, size_t len, struct error *e)
{
	const char *from = data;

	while (len > 0) {
		DWORD n = 0;

		if (!WriteFile(f->handle, from, len < MAX_TRANSFER ? (DWORD)len : MAX_TRANSFER, &n, NULL))
			return win_error(e, ERROR_FAILED, GetLastError(), "cannot write \"%s\"", f->path);
		from += n;
		len -= n;
	}
	return 0;
}

int port_sync(struct port_file *f, struct error *e)
{
	if (FlushFileBuffers(f->handle) || GetFileType(f->handle) != FILE_TYPE_DISK)
		return 0;
	return win_error(e, ERROR_FAILED, GetLastError(), "cannot write \"%s\" to disk", f->path);
}

/* Who may read a file here is decided by its folder. */
int port_share(struct port_file *f, struct error *e)
{
	(void)f;
	(void)e;
	return 0;
}

int port_close(struct port_file *f, struct error *e)
{
	int rc = 0;

	if (!CloseHandle(f->handle))
		rc = win_error(e, ERROR_FAILED, GetLastError(), "cannot write \"%s\"", f->path);
	free(f);
	return rc;
}

/* ---- names ----------------------------------------------------------------------------------- */

static int is_busy(DWORD code)
{
	return code == ERROR_SHARING_VIOLATION || code == ERROR_ACCESS_DENIED || code == ERROR_LOCK_VIOLATION;
}

int port_replace(const char *from, const char *to, struct error *e)
{
	wchar_t *wide_from = win_wide(from, e), *wide_to = wide_from ? win_wide(to, e) : NULL;
	DWORD code = 0;
	int rc = -1, tries;

	if (!wide_to)
		goto out;
	for (tries = 0; tries < REPLACE_TRIES && rc; tries++) {
		if (MoveFileExW(wide_from, wide_to, MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH)) {
			rc = 0;
			break;
		}
		code = GetLastError();
		if (!is_busy(code))
			break;
		Sleep(REPLACE_PAUSE_MS);
	}
	if (rc)
		win_error(e, ERROR_FAILED, code, "cannot replace \"%s\" by \"%s\"", to, from);
out:
	free(wide_to);
	free(wide_from);
	return rc;
}

int port_remove(const char *path, struct error *e)
{
	wchar_t *wide = win_wide(path, e);
	int rc = 0;

	if (!wide)
		return -1;
	if (!DeleteFileW(wide))
		rc = win_error(e, ERROR_FAILED, GetLastError(), "cannot remove \"%s\"", path);
	free(wide);
	return rc;
}

static int is_separator(wchar_t c)
{
	return c == L'/' || c == L'\\';
}

static int make_one_dir(const wchar_t *wide, const char *path, struct error *e)
{
	DWORD code, attributes;

	if (CreateDirectoryW(wide, NULL))
		return 0;
	code = GetLastError();
	attributes = GetFileAttributesW(wide);
	if (attributes != INVALID_FILE_ATTRIBUTES && (attributes & FILE_ATTRIBUTE_DIRECTORY))
		return 0;
	return win_error(e, ERROR_FAILED, code, "cannot make the folder \"%s\"", path);
}

/* How much of a path is its root, which cannot be made: a drive, a share, or a separator. */
static size_t root_length(const wchar_t *p)
{
	size_t n = 0, names;

	if (p[0] && p[1] == L':')
		return is_separator(p[2]) ? 3 : 2;
	if (!is_separator(p[0]) || !is_separator(p[1]))
		return is_separator(p[0]);
	for (names = 0, n = 2; names < 2 && p[n]; names++) {	/* \\server\share\ */
		while (p[n] && !is_separator(p[n]))
			n++;
		n += p[n] != 0;
	}
	return n;
}

int port_make_dirs(const char *path, struct error *e)
{
	wchar_t *wide = win_wide(path, e);
	size_t at;
	int rc = 0;

	if (!wide)
		return -1;
	for (at = root_length(wide); wide[at] && !rc; at++) {
		wchar_t separator;

		while (wide[at] && !is_separator(wide[at]))
			at++;
		separator = wide[at];
		wide[at] = 0;
		rc = make_one_dir(wide, path, e);
		if (!separator)
			break;
		wide[at] = separator;
	}
	free(wide);
	return rc;
}

int port_chdir(const char *path, struct error *e)
{
	wchar_t *wide = win_wide(path, e);
	int rc = 0;

	if (!wide)
		return -1;
	if (!SetCurrentDirectoryW(wide))
		rc = win_error(e, ERROR_FAILED, GetLastError(), "cannot enter the folder \"%s\"", path);
	free(wide);
	return rc;
}

int port_stat(const char *path, struct port_stat *out, struct error *e)
{
	WIN32_FILE_ATTRIBUTE_DATA data;
	wchar_t *wide = win_wide(path, e);
	ULARGE_INTEGER time;
	int rc = -1;

	if (!wide)
		return -1;
	if (!GetFileAttributesExW(wide, GetFileExInfoStandard, &data)) {
		win_error(e, ERROR_FAILED, GetLastError(), "cannot look at \"%s\"", path);
		goto out;
	}
	time.LowPart = data.ftLastWriteTime.dwLowDateTime;
	time.HighPart = data.ftLastWriteTime.dwHighDateTime;
	out->size = (uint64_t)data.nFileSizeHigh << 32 | data.nFileSizeLow;
	out->is_dir = (data.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0;
	out->is_file = !out->is_dir;
	out->others_can_read = 0;	/* access lists come from the folder and are not judged here */
	out->modified = ((int64_t)time.QuadPart - EPOCH_1601) / 10000000;
	rc = 0;
out:
	free(wide);
	return rc;
}

static int hand_on(int (*fn)(void *cookie, const char *name), void *cookie, const wchar_t *wide,
		   struct error *e)
{
	char *name;
	int rc;

	if (!wcscmp(wide, L".") || !wcscmp(wide, L".."))
		return 0;
	name = win_narrow(wide);
	if (!name)
		return error_memory(e);
	rc = fn(cookie, name);
	free(name);
	return rc;
}

/* dir with "\*" behind it, as FindFirstFile wants it; freed by the caller. */
static wchar_t *list_pattern(const char *dir, struct error *e)
{
	size_t len = strlen(dir);
	char *pattern = malloc(len + 3);
	wchar_t *wide;

	if (!pattern) {
		error_memory(e);
		return NULL;
	}
	memcpy(pattern, dir, len);
	memcpy(pattern + len, "\\*", 3);
	wide = win_wide(pattern, e);
	free(pattern);
	return wide;
}

int port_list(const char *dir, int (*fn)(void *cookie, const char *name), void *cookie, struct error *e)
{
	WIN32_FIND_DATAW data;
	wchar_t *pattern = list_pattern(dir, e);
	HANDLE find;
	int rc;

	if (!pattern)
		return -1;
	find = FindFirstFileW(pattern, &data);
	free(pattern);
	if (find == INVALID_HANDLE_VALUE)
		return win_error(e, ERROR_FAILED, GetLastError(), "cannot list the folder \"%s\"", dir);
	do
		rc = hand_on(fn, cookie, data.cFileName, e);
	while (!rc && FindNextFileW(find, &data));
	if (!rc && GetLastError() != ERROR_NO_MORE_FILES)
		rc = win_error(e, ERROR_FAILED, GetLastError(), "cannot list the folder \"%s\"", dir);
	FindClose(find);
	return rc ? -1 : 0;
}

const char *port_temp_dir(void)
{
	const char *dir = port_getenv("TEMP");

	if (!dir || !*dir)
		dir = port_getenv("TMP");
	return dir && *dir ? dir : ".";
}

/* ---- lock ------------------------------------------------------------------------------------ */

/* Takes the lock on an open file and writes the text. -1 with e set. */
static int take_lock(HANDLE h, const char *path, const char *text, struct error *e)
{
	OVERLAPPED where;
	DWORD code, len = (DWORD)strlen(text), n = 0;

	memset(&where, 0, sizeof(where));
	where.OffsetHigh = LOCK_OFFSET_HIGH;
	if (!LockFileEx(h, LOCKFILE_EXCLUSIVE_LOCK | LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &where)) {
		code = GetLastError();
		if (code == ERROR_LOCK_VIOLATION || code == ERROR_IO_PENDING)
			return error_set(e, ERROR_LOCKED, "\"%s\" is locked by another process", path);
		return win_error(e, ERROR_FAILED, code, "cannot lock \"%s\"", path);
	}
	if (!SetEndOfFile(h) || !WriteFile(h, text, len, &n, NULL) || n != len)
		return win_error(e, ERROR_FAILED, GetLastError(), "cannot write \"%s\"", path);
	return 0;
}

struct port_lock *port_lock(const char *path, const char *text, struct error *e)
{
	wchar_t *wide = win_wide(path, e);
	struct port_lock *l = NULL;

	if (!wide)
		return NULL;
	l = malloc(sizeof(*l));
	if (!l) {
		error_memory(e);
		goto out;
	}
	l->handle = CreateFileW(wide, GENERIC_READ | GENERIC_WRITE, SHARE_ALL, NULL, OPEN_ALWAYS,
				FILE_ATTRIBUTE_NORMAL, NULL);
	if (l->handle == INVALID_HANDLE_VALUE) {
		win_error(e, ERROR_FAILED, GetLastError(), "cannot open \"%s\"", path);
		free(l);
		l = NULL;
	} else if (take_lock(l->handle, path, text ? text : "", e)) {
		port_unlock(l);
		l = NULL;
	}
out:
	free(wide);
	return l;
}

void port_unlock(struct port_lock *l)
{
	if (!l)
		return;
	CloseHandle(l->handle);
	free(l);
}
