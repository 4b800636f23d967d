#include "store/store.h"

#include <stdlib.h>
#include <string.h>
#include "base/buf.h"
#include "base/digest.h"
#include "base/log.h"
#include "port.h"
#include "store/store_int.h"

#define LOAD_STEP 4096

/* What the log line of a load or save tells. */
struct transfer {
	char *path;		/* owned */
	struct sha256 hash;
	uint64_t bytes;
	int64_t start;		/* port_mono_ms() */
};

struct store_in {
	struct transfer transfer;
	struct port_file *file;		/* owned */
};

struct store_out {
	struct transfer transfer;
	struct file_out *file;		/* owned */
	struct error error;		/* the first failure; nothing is written after it */
};

static int transfer_begin(struct transfer *t, const char *path, struct error *e)
{
	size_t len = strlen(path) + 1;

	t->path = malloc(len);
	if (t->path == NULL)
		return error_memory(e);
	memcpy(t->path, path, len);
	sha256_init(&t->hash);
	t->start = port_mono_ms();
	return 0;
}

static void transfer_add(struct transfer *t, const char *data, size_t len)
{
	sha256_add(&t->hash, data, len);
	t->bytes += len;
}

static void transfer_log(const struct transfer *t, const char *done)
{
	char hex[2 * SHA256_SIZE + 1];
	int64_t ms = port_mono_ms() - t->start;

	sha256_hex(&t->hash, hex);
	log_detail("%s \"%s\": %llu bytes, SHA-256 %s, %lld.%03d s", done, t->path,
		 (unsigned long long)t->bytes, hex,
		 (long long)(ms / 1000), (int)(ms % 1000));
}

/* ---- reading ------------------------------------------------------------------------------------------- */

struct store_in *store_open(const char *path, const char *hint, struct error *e)
{
	struct store_in *in = calloc(1, sizeof(*in));
	struct port_stat st;

	if (in == NULL) {
		error_memory(e);
		return NULL;
	}
	if (transfer_begin(&in->transfer, path, e) != 0)
		goto fail;
	in->file = port_open(path, PORT_READ, e);
	if (in->file != NULL)
		return in;
	if (hint != NULL && e != NULL && port_stat(path, &st, NULL) != 0)
		error_set(e, e->kind, "%s; %s", e->text, hint);
fail:
	free(in->transfer.path);
	free(in);
	return NULL;
}

long store_read(struct store_in *in, char *data, size_t cap, struct error *e)
{
	long n = port_read(in->file, data, cap, e);

	if (n > 0)
		transfer_add(&in->transfer, data, (size_t)n);
	else if (n == 0)
		transfer_log(&in->transfer, "read");
	return n;
}

int store_read_at(struct store_in *in, uint64_t offset, char *data, size_t len, struct error *e)
{
	if (port_seek(in->file, offset, e) != 0)
		return -1;
	while (len > 0) {
		long n = port_read(in->file, data, len, e);

		if (n < 0)
			return -1;
		if (n == 0)
			return error_set(e, ERROR_FAILED, "\"%s\" became shorter while it was read",
					 in->transfer.path);
		data += n;
		len -= (size_t)n;
	}
	return 0;
}

void store_close(struct store_in *in)
{
	if (in == NULL)
		return;
	port_close(in->file, NULL);
	free(in->transfer.path);
	free(in);
}

/* ---- writing ------------------------------------------------------------------------------------------- */

struct store_out *store_create(const char *path, struct error *e)
{
	struct store_out *out = calloc(1, sizeof(*out));

	if (out == NULL) {
		error_memory(e);
		return NULL;
	}
	if (transfer_begin(&out->transfer, path, e) == 0)
		out->file = file_create(path, e);
	if (out->file != NULL)
		return out;
	free(out->transfer.path);
	free(out);
	return NULL;
}

int store_write(struct store_out *out, const char *data, size_t len, struct error *e)
{
	if (out->error.kind == ERROR_NONE && file_write(out->file, data, len, &out->error) == 0) {
		transfer_add(&out->transfer, data, len);
		return 0;
	}
	if (e != NULL)
		*e = out->error;
	return -1;
}

void store_share(struct store_out *out)
{
	if (out->error.kind == ERROR_NONE)
		file_share(out->file, &out->error);
}

int store_write_fn(void *cookie, const char *data, size_t len, struct error *e)
{
	return store_write(cookie, data, len, e);
}

static void free_out(struct store_out *out)
{
	free(out->transfer.path);
	free(out);
}

int store_commit(struct store_out *out, struct error *e)
{
	int r;

	if (out->error.kind != ERROR_NONE) {
		if (e != NULL)
			*e = out->error;
		store_abort(out);
		return -1;
	}
	r = file_commit(out->file, e);
	if (r == 0)
		transfer_log(&out->transfer, "wrote");
	free_out(out);
	return r;
}

int store_commit_as(struct store_out *out, const char *path, struct error *e)
{
	struct transfer t;

	if (transfer_begin(&t, path, e) != 0 || file_rename(out->file, path, e) != 0) {
		free(t.path);
		store_abort(out);
		return -1;
	}
	free(out->transfer.path);
	out->transfer.path = t.path;
	return store_commit(out, e);
}

void store_abort(struct store_out *out)
{
	if (out == NULL)
		return;
	file_abort(out->file);
	free_out(out);
}

/* ---- small files --------------------------------------------------------------------------------------- */

int store_load(const char *path, struct buf *out, struct error *e)
{
	struct store_in *in = store_open(path, NULL, e);
	char data[LOAD_STEP];
	long n;

	if (in == NULL)
		return -1;
	while ((n = store_read(in, data, sizeof(data), e)) > 0)
		buf_put(out, data, (size_t)n);
	store_close(in);
	return n < 0 ? -1 : buf_check(out, path, e);
}

int store_save(const char *path, struct str data, struct error *e)
{
	struct store_out *out = store_create(path, e);

	if (out == NULL)
		return -1;
	store_write(out, data.ptr, data.len, NULL);
	return store_commit(out, e);
}

int store_exists(const char *path)
{
	struct port_stat st;

	return port_stat(path, &st, NULL) == 0;
}

int store_remove(const char *path, struct error *e)
{
	return store_exists(path) ? port_remove(path, e) : 0;
}
