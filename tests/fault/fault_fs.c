/* The port's files, which may fail. The system's headers come first, so that they keep their names. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fault/fault.h"

static int fails(int what, int code)
{
	if (!fault_now(what))
		return 0;
	errno = code;
	return 1;
}

int fault_is_new(const char *path)
{
	struct stat st;

	return stat(path, &st) != 0;
}

static ssize_t fault_write(int fd, const void *data, size_t len)
{
	return fails(FAULT_DISK, ENOSPC) ? -1 : write(fd, data, len);
}

static int fault_fsync(int fd)
{
	(void)fd;
	return fails(FAULT_DISK, EIO) ? -1 : 0;	/* nobody pulls the plug, so it may be quick */
}

static int fault_rename(const char *from, const char *to)
{
	fault_reach(from, "wc");
	fault_reach(to, "wc");
	return fails(FAULT_DISK, ENOSPC) ? -1 : rename(from, to);
}

static int fault_unlink(const char *path)
{
	fault_reach(path, "c");
	return unlink(path);
}

static int fault_chdir(const char *path)
{
	fault_reach(path, "r");
	return chdir(path);
}

static int fault_stat(const char *path, struct stat *out)
{
	fault_reach(path, "r");
	return stat(path, out);
}

static int fault_mkdir(const char *path, mode_t mode)
{
	fault_reach(path, "c");
	return fault_is_new(path) && fails(FAULT_DISK, ENOSPC) ? -1 : mkdir(path, mode);
}

/* New files are for our user alone, whatever mode is asked for. */
static int fault_open(const char *path, int flags, ...)
{
	fault_reach(path, flags & O_CREAT ? "wc" : flags & (O_WRONLY | O_RDWR) ? "w" : "r");
	if ((flags & O_CREAT) && fault_is_new(path) && fails(FAULT_DISK, ENOSPC))
		return -1;
	return fails(FAULT_OPEN, EMFILE) ? -1 : open(path, flags, 0600);
}

static DIR *fault_opendir(const char *path)
{
	fault_reach(path, "r");
	return fails(FAULT_OPEN, EMFILE) ? NULL : opendir(path);
}

/* Some systems have them as macros for large files. */
#undef write
#undef fsync
#undef rename
#undef mkdir
#undef open
#undef opendir
#undef unlink
#undef chdir

#define write fault_write
#define fsync fault_fsync
#define rename fault_rename
#define mkdir fault_mkdir
#define open fault_open
#define opendir fault_opendir
#define unlink fault_unlink
#define chdir fault_chdir
#define stat(path, out) fault_stat(path, out)

#include "../../ports/posix/fs.c"
