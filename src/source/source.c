#include "source/source.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/log.h"
#include "source/source_shrink_int.h"
#include "store/store.h"

#define NOTE_MAX 1024		/* bytes of a line of a check */

extern const struct source source_ldap, source_entra, source_okta, source_bamboohr, source_hibob,
	source_factorial, source_file;

const struct source *const source_table[] = {
	&source_ldap,
	&source_entra,
	&source_okta,
	&source_bamboohr,
	&source_hibob,
	&source_factorial,
	&source_file,
	NULL
};

struct source_run {
	const struct source_watch *watch;	/* may be NULL */
	struct buf dir;
	struct json_write file;			/* users.json */
	struct json_write line;			/* one person, for source_emit() */
	struct buf text;			/* a line of users.json */
	uint64_t count, active;
};

const struct source *source_find(const char *name)
{
	size_t i;

	for (i = 0; source_table[i]; i++)
		if (strcmp(name, source_table[i]->name) == 0 ||
		    (source_table[i]->alias && strcmp(name, source_table[i]->alias) == 0))
			return source_table[i];
	return NULL;
}

int source_emit_text(struct source_run *run, struct str json, struct error *e)
{
	buf_reset(&run->text);
	buf_putc(&run->text, '\n');	/* one person a line */
	buf_put_str(&run->text, json);
	if (buf_check(&run->text, "the record of a person", e) != 0)
		return -1;
	json_put_raw(&run->file, buf_str(&run->text));
	run->count++;
	run->active += (uint64_t)shrink_counts(json);
	return 0;
}

int source_emit(struct source_run *run, const struct person *p, struct error *e)
{
	buf_reset(&run->line.out);
	person_write(&run->line, p);
	if (json_write_finish(&run->line, e) != 0)
		return error_add(e, "person \"%.*s\"", STR_ARG(p->external_id));
	return source_emit_text(run, buf_str(&run->line.out), e);
}

void source_progress(struct source_run *run, uint64_t people)
{
	if (run->watch && run->watch->progress)
		run->watch->progress(run->watch->cookie, people);
}

void source_note(struct source_run *run, const char *fmt, ...)
{
	char line[NOTE_MAX];
	va_list args;

	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	if (run->watch && run->watch->note)
		run->watch->note(run->watch->cookie, line);
	else
		log_debug("%s", line);
}

struct state *source_state(const struct source_run *run)
{
	return run->watch ? run->watch->state : NULL;
}

const char *source_dir(const struct source_run *run)
{
	return buf_text(&run->dir);
}

/* Everything before the last slash (of either kind); "." when there is none. */
static void set_dir(struct buf *dir, const char *path)
{
	size_t len = strlen(path);

	while (len > 0 && path[len - 1] != '/' && path[len - 1] != '\\')
		len--;
	if (len == 0)
		buf_puts(dir, ".");
	else
		buf_put(dir, path, len > 1 ? len - 1 : 1);
}

/* -1: no room for the folder of the path; to be released all the same. */
static int run_init(struct source_run *run, const char *path, const struct source_watch *watch,
		    struct store_out *out, struct error *e)
{
	memset(run, 0, sizeof(*run));
	run->watch = watch;
	buf_init(&run->dir, MAX_PATH_TEXT);
	set_dir(&run->dir, path);
	buf_init(&run->text, MAX_RECORD);
	json_write_init(&run->line, 0, NULL, NULL, MAX_RECORD);
	json_write_init(&run->file, 0, store_write_fn, out, 0);
	return buf_check(&run->dir, "the folder of the file", e);
}

static void run_release(struct source_run *run)
{
	buf_release(&run->dir);
	buf_release(&run->text);
	json_write_release(&run->line);
	json_write_release(&run->file);
}

/* Fills the new file; it is not committed yet. */
static int write_list(struct source_run *run, const char *key,
		      int (*read)(struct source_run *run, struct error *e), struct error *e)
{
	json_begin_object(&run->file);
	json_put_keyz(&run->file, key);
	json_begin_array(&run->file);
	if (read(run, e) != 0)
		return -1;
	json_end_array(&run->file);
	json_end_object(&run->file);
	json_put_raw(&run->file, STR("\n"));
	return json_write_finish(&run->file, e);
}

/* Keeps the new file beside the old one and says who is missing. Always -1. */
static int refuse(struct source_run *run, struct store_out *out, struct source_read *read,
		  const char *refused, const struct shrink *s, struct error *e)
{
	struct error why;

	error_init(&why);
	if (store_commit_as(out, refused, e) != 0)
		return -1;
	read->shrunk = 1;
	read->missing = s->before - s->now;
	read->most = s->most;
	if (run->watch && run->watch->missing &&
	    shrink_name(read->path, refused, source_dir(run), run->watch->missing, run->watch->cookie,
			&why) != 0)
		log_warning("who is missing cannot be told: %s", why.text);
	return error_set(e, ERROR_LIMIT, "%llu active people fewer than in \"%s\" (%llu, not %llu), at most"
			 " %llu may be (FETCH_MAX_SHRINK=%s); that file stays, the new one is \"%s\"",
			 (unsigned long long)(s->before - s->now), read->path, (unsigned long long)s->now,
			 (unsigned long long)s->before, (unsigned long long)s->most,
			 settings_text("FETCH_MAX_SHRINK"), refused);
}

/* The whole file is there: it replaces the older one, or is refused. */
static int keep(struct source_run *run, struct store_out *out, struct source_read *read, struct error *e)
{
	struct shrink s = { 0 };
	struct error why;
	struct buf refused;
	int rc;

	error_init(&why);
	buf_init(&refused, MAX_PATH_TEXT);
	buf_printf(&refused, "%s.refused", read->path);
	if (!read->accept_shrink)
		shrink_compare(read->path, run->active, &s);
	rc = buf_check(&refused, "a file name", e);
	if (rc != 0)
		store_abort(out);
	else if (s.refused)
		rc = refuse(run, out, read, buf_text(&refused), &s, e);
	else if ((rc = store_commit(out, e)) == 0 && store_remove(buf_text(&refused), &why) != 0)
		log_warning("%s, which an earlier read has left", why.text);
	buf_release(&refused);
	return rc;
}

int source_fetch(const struct source *s, struct source_read *read, const struct source_watch *watch,
		 struct error *e)
{
	struct store_out *out = store_create(read->path, e);
	struct source_run run;
	int rc;

	read->count = 0;
	read->shrunk = 0;
	if (!out)
		return -1;
	rc = run_init(&run, read->path, watch, out, e);
	if (rc == 0)
		rc = write_list(&run, "users", s->fetch, e);
	if (rc == 0)
		rc = keep(&run, out, read, e);
	else
		store_abort(out);
	read->count = run.count;
	run_release(&run);
	return rc;
}

int source_fetch_leaves(const struct source *s, const char *path, const struct source_watch *watch,
			uint64_t *count, struct error *e)
{
	struct store_out *out = store_create(path, e);
	struct source_run run;
	int rc;

	if (!out)
		return -1;
	rc = run_init(&run, path, watch, out, e);
	if (rc == 0)
		rc = write_list(&run, "vacation", s->leaves, e);
	if (rc == 0)
		rc = store_commit(out, e);
	else
		store_abort(out);
	*count = run.count;
	run_release(&run);
	return rc;
}

int source_check(const struct source *s, const struct source_watch *watch, struct error *e)
{
	struct source_run run;
	int rc;

	rc = run_init(&run, "", watch, NULL, e);
	if (rc == 0)
		rc = s->check(&run, e);
	run_release(&run);
	return rc;
}
