/*
 * A thin wrapper over SQLite, and work sets: temporary databases with a small cache, on disk as soon as they
 * are large, for all that must be joined or sorted. The file of a work set is private (0600) and has no name
 * (POSIX) or goes with its last handle (Windows), so that nothing is left of it however the program ends.
 *
 * Text is compared byte by byte, which for UTF-8 is the order of code points. An SQL function lower_py(text)
 * applies unicode_lower().
 */
#ifndef STORE_DB_H
#define STORE_DB_H

#include <stddef.h>
#include <stdint.h>
#include "base/error.h"
#include "base/str.h"

struct db;		/* a connection */
struct db_stmt;		/* a prepared statement */

/* Opens (creates, 0600; missing folders too) a database file: no write-ahead log, flushed at each commit,
 * waits up to 5 s while another program writes, then ERROR_LOCKED. NULL on failure. */
struct db *db_open(const char *path, struct error *e);
/*
 * A work set: temporary, journal and flushing off, so what fails in it cannot be rolled back. cache_kib KiB
 * of pages stay in memory, and sorting takes as much again (0: the usual 4 MiB; 100,000 people and a million
 * are about equally fast with 2, 4 or 8). Files are made below dir (NULL: the system's temporary folder); the
 * last dir given holds for all work sets.
 */
struct db *db_open_work(const char *dir, int cache_kib, struct error *e);
void db_close(struct db *d);

/* One or more statements without parameters or results. */
int db_exec(struct db *d, const char *sql, struct error *e);
int db_begin(struct db *d, struct error *e);
int db_commit(struct db *d, struct error *e);
void db_rollback(struct db *d);
int64_t db_last_id(const struct db *d);
/* Rows changed by the last statement. */
int64_t db_changes(const struct db *d);

/* Compiled statement; NULL on failure. Free with db_finish(). */
struct db_stmt *db_prepare(struct db *d, const char *sql, struct error *e);
void db_finish(struct db_stmt *s);
/* Parameters count from 1. Text is copied. A str with ptr NULL binds NULL. Errors stick until db_step(). */
void db_bind_text(struct db_stmt *s, int i, struct str text);
void db_bind_int(struct db_stmt *s, int i, int64_t n);
void db_bind_null(struct db_stmt *s, int i);
void db_bind_blob(struct db_stmt *s, int i, struct str bytes);
/* 1: a row; 0: done; -1: error. After 0 or -1 the statement is reset and its parameters cleared. */
int db_step(struct db_stmt *s, struct error *e);
/* Back to the start before all rows were read. */
void db_reset(struct db_stmt *s);
/* Step a statement that gives no rows. */
int db_run(struct db_stmt *s, struct error *e);
/* Columns count from 0. Slices die at the next step or reset. NULL gives ptr NULL. */
struct str db_text(struct db_stmt *s, int col);
int64_t db_int(struct db_stmt *s, int col);
int db_is_null(struct db_stmt *s, int col);

#endif
