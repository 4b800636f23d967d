/*
 * Where the files live (users.json, groups.json, timecamp_users.json, ...): opened by path through one layer,
 * which writes them whole or not at all. Each load and save is logged: path, bytes, SHA-256, time.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stddef.h>
#include <stdint.h>
#include "base/error.h"
#include "base/json_scan.h"
#include "base/str.h"

struct store_in;
struct store_out;

/* ERROR_FAILED when the file is missing or cannot be read; hint ("run \"rollcall fetch\" first", may be NULL)
 * is added when missing. */
struct store_in *store_open(const char *path, const char *hint, struct error *e);
/* Bytes read into data (at most cap; 64 KiB is a good size), 0 at the end, -1 on error; fits a loop with
 * json_scan_feed(). */
long store_read(struct store_in *in, char *data, size_t cap, struct error *e);
/* Reads exactly len bytes from offset on; fewer are an error. Only after store_read() reached the end: what
 * this reads is not part of the digest. */
int store_read_at(struct store_in *in, uint64_t offset, char *data, size_t len, struct error *e);
void store_close(struct store_in *in);
/* Reads a whole file through a scanner: open, read, json_scan_end(). An error names the path. */
int store_scan(const char *path, const char *hint, struct json_scan *scan, struct error *e);

/* Starts a new version of path: a temporary file .NAME.PID.tmp (0600) in the same folder; missing folders are
 * made. */
struct store_out *store_create(const char *path, struct error *e);
int store_write(struct store_out *out, const char *data, size_t len, struct error *e);
/* Has the shape of json_out_fn: cookie is the store_out. */
int store_write_fn(void *cookie, const char *data, size_t len, struct error *e);
/* Everybody may read the new version: it holds nothing private. A failure sticks. */
void store_share(struct store_out *out);
/* Flushes to disk, checks, renames over path. The old version stays on any failure. Frees out always. */
int store_commit(struct store_out *out, struct error *e);
/* The same, as another file of the same folder. */
int store_commit_as(struct store_out *out, const char *path, struct error *e);
/* Throws the new version away. NULL allowed. */
void store_abort(struct store_out *out);

/* Whole small files: store_load appends to out, whose cap is the most that the file may have. */
struct buf;
int store_load(const char *path, struct buf *out, struct error *e);
int store_save(const char *path, struct str data, struct error *e);
/* 1 when there is such a file. */
int store_exists(const char *path);
/* Removes a file, if there is one. */
int store_remove(const char *path, struct error *e);

/*
 * The lock of a run: var/rollcall.lock. ERROR_LOCKED, naming the holder's process id and start, when taken.
 * It vanishes with the process. Who holds it is the only one to write in its folder; temporary files found
 * there are left-overs of killed runs and removed. A process takes it once.
 */
struct store_lock;
struct store_lock *store_lock(const char *path, struct error *e);
void store_unlock(struct store_lock *l);

#endif
