#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include "port.h"
#include "posix.h"

#define MAX_TRANSFER ((size_t)1 << 30)	/* bytes of one read or write; more may not fit into a ssize_t */
#define FILE_MODE 0600
#define SHARED_MODE 0644
#define FOLDER_MODE 0700

struct port_file {
	int fd;
	char path[];	/* for messages */
};

struct port_lock {
	int fd;
	dev_t dev;
	ino_t ino;
	struct port_lock *next;
};

/*
 * The locks this process holds. POSIX forgets a lock as soon as the process that holds it closes any
 * descriptor of the same file, so a file that is locked here must not be opened a second time: a repeated
 * port_lock() asks this list.
 */
static struct port_lock *held_locks;

/* ---- one file -------------------------------------------------------------------------------- */

struct port_file *port_open(const char *path, enum port_open_mode mode, struct error *e)
{
	static const int flags[] = {
		O_RDONLY,			/* PORT_READ */
		O_WRONLY | O_CREAT | O_EXCL,	/* PORT_CREATE */
		O_WRONLY | O_CREAT | O_TRUNC,	/* PORT_TRUNCATE */
		O_WRONLY | O_CREAT | O_APPEND	/* PORT_APPEND */
	};
	size_t len = strlen(path) + 1;
	struct port_file *f = malloc(sizeof(*f) + len);

	if (!f) {
		error_memory(e);
		return NULL;
	}
	memcpy(f->path, path, len);
	do
		f->fd = open(path, flags[mode] | O_NOCTTY, FILE_MODE);
	while (f->fd < 0 && errno == EINTR);
	if (posix_close_on_exec(f->fd) < 0) {
		posix_error(e, ERROR_FAILED, errno, "cannot %s \"%s\"", mode == PORT_READ ? "open" : "write",
			    path);
		free(f);
		return NULL;
	}
	return f;
}

long port_read(struct port_file *f, void *data, size_t cap, struct error *e)
{
	ssize_t n;

	do
		n = read(f->fd, data, cap < MAX_TRANSFER ? cap : MAX_TRANSFER);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return posix_error(e, ERROR_FAILED, errno, "cannot read \"%s\"", f->path);
	return (long)n;
}

int port_seek(struct port_file *f, uint64_t offset, struct error *e)
{
	off_t to = (off_t)offset;

	if (to < 0 || (uint64_t)to != offset || lseek(f->fd, to, SEEK_SET) < 0)
		return posix_error(e, ERROR_FAILED, errno, "cannot read \"%s\" in the middle", f->path);
	return 0;
}

int port_write(struct port_file *f, const void *data, size_t len, struct error *e)
{
	const char *from = data;

	while (len > 0) {
		ssize_t n = write(f->fd, from, len < MAX_TRANSFER ? len : MAX_TRANSFER);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return posix_error(e, ERROR_FAILED, errno, "cannot write \"%s\"", f->path);
		from += n;
		len -= (size_t)n;
	}
	return 0;
}

int port_sync(struct port_file *f, struct error *e)
{
	/* EINVAL: a pipe or device, which has nothing to flush. */
	if (fsync(f->fd) && errno != EINVAL)
		return posix_error(e, ERROR_FAILED, errno, "cannot write \"%s\" to disk", f->path);
	return 0;
}

int port_share(struct port_file *f, struct error *e)
{
	if (fchmod(f->fd, SHARED_MODE))
		return posix_error(e, ERROR_FAILED, errno, "cannot let others read \"%s\"", f->path);
	return 0;
}

int port_close(struct port_file *f, struct error *e)
{
	int rc = 0;

	/* After EINTR the descriptor is gone all the same: closing again could hit another. */
	if (close(f->fd) && errno != EINTR)
		rc = posix_error(e, ERROR_FAILED, errno, "cannot write \"%s\"", f->path);
	free(f);
	return rc;
}

/* ---- names ----------------------------------------------------------------------------------- */

/* The folder of a path as an own text; NULL without memory. */
static char *folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	size_t len = slash ? (size_t)(slash - path) : 0;
	char *dir = malloc(len + 2);

	if (!dir)
		return NULL;
	if (len > 0)
		memcpy(dir, path, len);
	else
		dir[len++] = slash ? '/' : '.';
	dir[len] = 0;
	return dir;
}

/* Only a failing disk is an error: not every system lets folders be opened or flushed. */
static int sync_folder(const char *path, struct error *e)
{
	char *dir = folder_of(path);
	int fd, rc = 0;

	if (!dir)
		return error_memory(e);
	fd = posix_close_on_exec(open(dir, O_RDONLY));
	if (fd >= 0) {
		if (fsync(fd) && errno == EIO)
			rc = posix_error(e, ERROR_FAILED, errno, "cannot write the folder \"%s\" to disk",
					 dir);
		close(fd);
	}
	free(dir);
	return rc;
}

int port_replace(const char *from, const char *to, struct error *e)
{
	if (rename(from, to))
		return posix_error(e, ERROR_FAILED, errno, "cannot replace \"%s\" by \"%s\"", to, from);
	return sync_folder(to, e);
}

int port_remove(const char *path, struct error *e)
{
	if (unlink(path))
		return posix_error(e, ERROR_FAILED, errno, "cannot remove \"%s\"", path);
	return 0;
}

static int make_one_dir(const char *path, struct error *e)
{
	struct stat st;
	int code;

	if (!mkdir(path, FOLDER_MODE))
		return 0;
	code = errno;
	if (!stat(path, &st) && S_ISDIR(st.st_mode))
		return 0;
	return posix_error(e, ERROR_FAILED, code, "cannot make the folder \"%s\"", path);
}

int port_make_dirs(const char *path, struct error *e)
{
	size_t len = strlen(path);
	char *copy = malloc(len + 1), *slash;
	int rc = 0;

	if (!copy)
		return error_memory(e);
	memcpy(copy, path, len + 1);
	while (len > 1 && copy[len - 1] == '/')
		copy[--len] = 0;
	for (slash = strchr(copy + (len > 0), '/'); slash && !rc; slash = strchr(slash + 1, '/')) {
		*slash = 0;
		rc = make_one_dir(copy, e);
		*slash = '/';
	}
	if (!rc && len > 0)
		rc = make_one_dir(copy, e);
	free(copy);
	return rc;
}

int port_chdir(const char *path, struct error *e)
{
	if (chdir(path))
		return posix_error(e, ERROR_FAILED, errno, "cannot enter the folder \"%s\"", path);
	return 0;
}

int port_stat(const char *path, struct port_stat *out, struct error *e)
{
	struct stat st;

	if (stat(path, &st))
		return posix_error(e, ERROR_FAILED, errno, "cannot look at \"%s\"", path);
	out->size = st.st_size > 0 ? (uint64_t)st.st_size : 0;
	out->is_dir = S_ISDIR(st.st_mode) != 0;
	out->is_file = S_ISREG(st.st_mode) != 0;
	out->others_can_read = (st.st_mode & (S_IRGRP | S_IROTH)) != 0;
	out->modified = (int64_t)st.st_mtime;
	return 0;
}

int port_list(const char *dir, int (*fn)(void *cookie, const char *name), void *cookie, struct error *e)
{
	DIR *d = opendir(dir);
	struct dirent *entry;
	int rc = -1;

	if (!d)
		return posix_error(e, ERROR_FAILED, errno, "cannot list the folder \"%s\"", dir);
	for (;;) {
		errno = 0;
		entry = readdir(d);
		if (!entry)
			break;
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		if (fn(cookie, entry->d_name))
			goto out;
	}
	if (errno) {
		posix_error(e, ERROR_FAILED, errno, "cannot list the folder \"%s\"", dir);
		goto out;
	}
	rc = 0;
out:
	closedir(d);
	return rc;
}

const char *port_temp_dir(void)
{
	const char *dir = getenv("TMPDIR");

	return dir && *dir ? dir : "/tmp";
}

/* ---- lock ------------------------------------------------------------------------------------ */

static int is_held(const struct stat *st)
{
	const struct port_lock *l;

	for (l = held_locks; l; l = l->next)
		if (l->dev == st->st_dev && l->ino == st->st_ino)
			return 1;
	return 0;
}

/* Takes the lock on an open file and notes whose it is. -1 with e set. */
static int take_lock(struct port_lock *l, const char *path, const char *text, struct error *e)
{
	struct flock whole;
	struct stat st;
	size_t len = strlen(text);

	memset(&whole, 0, sizeof(whole));
	whole.l_type = F_WRLCK;
	whole.l_whence = SEEK_SET;
	if (fcntl(l->fd, F_SETLK, &whole)) {
		if (errno == EACCES || errno == EAGAIN)
			return error_set(e, ERROR_LOCKED, "\"%s\" is locked by another process", path);
		return posix_error(e, ERROR_FAILED, errno, "cannot lock \"%s\"", path);
	}
	if (fstat(l->fd, &st) || ftruncate(l->fd, 0) || write(l->fd, text, len) != (ssize_t)len)
		return posix_error(e, ERROR_FAILED, errno, "cannot write \"%s\"", path);
	l->dev = st.st_dev;
	l->ino = st.st_ino;
	return 0;
}

struct port_lock *port_lock(const char *path, const char *text, struct error *e)
{
	struct port_lock *l;
	struct stat st;

	if (!stat(path, &st) && is_held(&st)) {
		error_set(e, ERROR_LOCKED, "\"%s\" is locked by this process already", path);
		return NULL;
	}
	l = malloc(sizeof(*l));
	if (!l) {
		error_memory(e);
		return NULL;
	}
	l->fd = posix_close_on_exec(open(path, O_RDWR | O_CREAT | O_NOCTTY, FILE_MODE));
	if (l->fd < 0) {
		posix_error(e, ERROR_FAILED, errno, "cannot open \"%s\"", path);
		free(l);
		return NULL;
	}
	if (take_lock(l, path, text ? text : "", e)) {
		close(l->fd);
		free(l);
		return NULL;
	}
	l->next = held_locks;
	held_locks = l;
	return l;
}

void port_unlock(struct port_lock *l)
{
	struct port_lock **at;

	if (!l)
		return;
	for (at = &held_locks; *at && *at != l; at = &(*at)->next)
		;
	if (*at)
		*at = l->next;
	close(l->fd);
	free(l);
}
