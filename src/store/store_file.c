#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/buf.h"
#include "base/date.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/str.h"
#include "port.h"
#include "store/store.h"
#include "store/store_int.h"

#define OUT_BUFFER 65536

struct file_out {
	char *path, *temp;		/* owned */
	struct port_file *file;		/* owned */
	size_t used;			/* bytes waiting in data */
	char data[OUT_BUFFER];
};

struct store_lock {
	struct port_lock *port;		/* owned */
};

/* Bytes of a path up to and with its last slash. */
static size_t folder_length(const char *path)
{
	size_t i, len = 0;

	for (i = 0; path[i] != '\0'; i++) {
		if (path[i] == '/' || path[i] == '\\')
			len = i + 1;
	}
	return len;
}

/* The folder of a path as text. */
static int folder_of(struct buf *out, const char *path, struct error *e)
{
	size_t len = folder_length(path);

	buf_init(out, MAX_PATH_TEXT);
	if (len == 0)
		buf_puts(out, ".");
	else
		buf_put(out, path, len > 1 ? len - 1 : 1);
	return buf_check(out, "a file name", e);
}

int file_make_folder(const char *path, struct error *e)
{
	struct buf folder;
	int r = folder_of(&folder, path, e);

	if (r == 0)
		r = port_make_dirs(buf_text(&folder), e);
	buf_release(&folder);
	return r;
}

/* ---- one new version ----------------------------------------------------------------------------------- */

static char *copy_text(const char *text, size_t len)
{
	char *copy = malloc(len + 1);

	if (copy != NULL) {
		memcpy(copy, text, len);
		copy[len] = '\0';
	}
	return copy;
}

static void free_out(struct file_out *out)
{
	free(out->path);
	free(out->temp);
	free(out);
}

static int name_temp(struct file_out *out, const char *path, struct error *e)
{
	size_t len = folder_length(path);
	struct buf name;
	int r;

	buf_init(&name, MAX_PATH_TEXT);
	buf_put(&name, path, len);
	buf_printf(&name, ".%s.%lld.tmp", path + len, (long long)port_pid());
	r = buf_check(&name, "a file name", e);
	if (r == 0) {
		out->path = copy_text(path, strlen(path));
		out->temp = copy_text(buf_text(&name), name.len);
		if (out->path == NULL || out->temp == NULL)
			r = error_memory(e);
	}
	buf_release(&name);
	return r;
}

/* A file is replaced as a whole. Of a device, as root, only a file would be left. */
static int may_replace(const char *path, struct error *e)
{
	struct port_stat st;

	if (port_stat(path, &st, NULL) != 0 || st.is_file)
		return 0;
	return error_set(e, ERROR_FAILED, "\"%s\" is %s: give the name of a file", path,
			 st.is_dir ? "a folder" : "a device or pipe, which no new version can replace");
}

struct file_out *file_create(const char *path, struct error *e)
{
	struct file_out *out;

	if (may_replace(path, e) != 0)
		return NULL;
	out = calloc(1, sizeof(*out));
	if (out == NULL) {
		error_memory(e);
		return NULL;
	}
	if (name_temp(out, path, e) != 0 || file_make_folder(path, e) != 0)
		goto fail;
	/* Where process numbers repeat (containers), a killed run may have left one of this name. */
	port_remove(out->temp, NULL);
	out->file = port_open(out->temp, PORT_CREATE, e);
	if (out->file != NULL)
		return out;
fail:
	free_out(out);
	return NULL;
}

static int flush(struct file_out *out, struct error *e)
{
	size_t n = out->used;

	out->used = 0;
	return n == 0 ? 0 : port_write(out->file, out->data, n, e);
}

int file_write(struct file_out *out, const char *data, size_t len, struct error *e)
{
	if (len > OUT_BUFFER - out->used && flush(out, e) != 0)
		return -1;
	if (len >= OUT_BUFFER)
		return port_write(out->file, data, len, e);
	if (len > 0)
		memcpy(out->data + out->used, data, len);
	out->used += len;
	return 0;
}

int file_share(struct file_out *out, struct error *e)
{
	return port_share(out->file, e);
}

int file_rename(struct file_out *out, const char *path, struct error *e)
{
	char *copy;

	if (may_replace(path, e) != 0)
		return -1;
	copy = copy_text(path, strlen(path));
	if (copy == NULL)
		return error_memory(e);
	free(out->path);
	out->path = copy;
	return 0;
}

void file_abort(struct file_out *out)
{
	if (out == NULL)
		return;
	if (out->file != NULL)
		port_close(out->file, NULL);
	port_remove(out->temp, NULL);
	free_out(out);
}

int file_commit(struct file_out *out, struct error *e)
{
	struct port_file *file = out->file;

	if (flush(out, e) != 0 || port_sync(file, e) != 0)
		goto fail;
	out->file = NULL;
	if (port_close(file, e) != 0 || port_replace(out->temp, out->path, e) != 0)
		goto fail;
	free_out(out);
	return 0;
fail:
	file_abort(out);
	return -1;
}

/* ---- what killed runs leave ---------------------------------------------------------------------------- */

/* .NAME.PID.tmp */
static int is_temp_name(struct str name)
{
	size_t dot, digits;

	if (!str_starts(name, STR(".")) || !str_ends(name, STR(".tmp")))
		return 0;
	name.len -= 4;
	for (dot = name.len; dot > 0 && name.ptr[dot - 1] >= '0' && name.ptr[dot - 1] <= '9'; dot--)
		;
	digits = name.len - dot;
	return digits > 0 && dot > 2 && name.ptr[dot - 1] == '.';
}

static int clean_one(void *cookie, const char *name)
{
	struct buf *path = cookie;
	size_t folder = path->len;

	if (!is_temp_name(str_from(name)))
		return 0;
	buf_puts(path, "/");
	buf_puts(path, name);
	if (!path->failed && port_remove(buf_text(path), NULL) == 0)
		log_info("removed \"%s\", left by a run that was killed", buf_text(path));
	path->failed = 0;
	buf_truncate(path, folder);
	return 0;
}

void file_clean_folder(const char *path)
{
	struct buf folder;

	if (folder_of(&folder, path, NULL) == 0)
		port_list(buf_text(&folder), clean_one, &folder, NULL);
	buf_release(&folder);
}

/* ---- lock ---------------------------------------------------------------------------------------------- */

/* Says who holds the lock, as far as the file tells. */
static void name_holder(const char *path, struct error *e)
{
	struct port_file *f = port_open(path, PORT_READ, NULL);
	char holder[80];
	long n = f != NULL ? port_read(f, holder, sizeof(holder), NULL) : 0;
	struct str text = str_trim(str_of(holder, n > 0 ? (size_t)n : 0));

	if (f != NULL)
		port_close(f, NULL);
	if (text.len == 0)
		text = STR("another process");
	error_set(e, ERROR_LOCKED, "another run is going on: \"%s\" is held by %.*s; wait until it ends",
		  path,
		  STR_ARG(text));
}

struct store_lock *store_lock(const char *path, struct error *e)
{
	struct store_lock *l = calloc(1, sizeof(*l));
	char holder[80], start[21];
	struct error failure;

	if (l == NULL) {
		error_memory(e);
		return NULL;
	}
	error_init(&failure);
	date_format_utc(start, port_wall_ms() / 1000);
	snprintf(holder, sizeof(holder), "process %lld since %s\n", (long long)port_pid(), start);
	if (file_make_folder(path, &failure) == 0)
		l->port = port_lock(path, holder, &failure);
	if (l->port != NULL) {
		file_clean_folder(path);
		return l;
	}
	free(l);
	if (failure.kind == ERROR_LOCKED)
		name_holder(path, &failure);
	if (e != NULL)
		*e = failure;
	return NULL;
}

void store_unlock(struct store_lock *l)
{
	if (l == NULL)
		return;
	port_unlock(l->port);
	free(l);
}
