#include "source/source_shrink_int.h"

#include <string.h>

#include "base/buf.h"
#include "base/json_scan.h"
#include "base/json_slice.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/settings.h"
#include "base/unicode.h"
#include "source/source.h"
#include "store/db.h"
#include "store/store.h"

#define LEAST 20		/* active people from which on the guard watches */
#define NAME_MAX_BYTES 120	/* of a name or an address in a message */

const struct setting source_settings[] = {
	{ "FETCH_MAX_SHRINK", SETTING_AMOUNT, "20%", 0,
	  "most active people that a read may find fewer than the one before, if that had 20 or more: a"
	  " number, or a percentage; empty: any" },
	{ NULL, SETTING_TEXT, NULL, 0, NULL }
};

/* ---- counting ------------------------------------------------------------------------------------------ */

/* The largest member comes last as a rule, and need not be walked over. */
static int is_raw_next(const struct json_walk *w)
{
	return str_starts(str_of(w->p, (size_t)(w->end - w->p)), STR(",\"raw_data\":"));
}

int shrink_counts(struct str record)
{
	int active = 0, hidden = 0, seen = 0;
	struct json_walk w;

	json_walk_init(&w, record);
	while (w.object && !(seen && is_raw_next(&w)) && json_walk_next(&w)) {
		if (json_key_is(w.key, STR("status"))) {
			active = str_case_eq(w.value, STR("\"active\""));
			seen = 1;
		} else if (json_key_is(w.key, STR("hierarchy_only"))) {
			hidden = json_slice_type(w.value) == JSON_TRUE;
		}
	}
	return active && !hidden;
}

/* Calls fn for each record of a users.json. */
static int each_record(const char *path, json_value_fn *fn, void *cookie, struct error *e)
{
	static const char *const paths[] = { "users[*]", NULL };
	struct json_scan *scan = json_scan_new(paths, MAX_RECORD, fn, cookie, e);
	int failed = scan == NULL || store_scan(path, NULL, scan, e) != 0;

	if (!failed && json_scan_saw(scan, 0) == 0)
		failed = error_set(e, ERROR_FAILED, "%s: there is no list \"users\" in an object", path);
	json_scan_free(scan);
	return failed ? -1 : 0;
}

static int count_record(void *cookie, const struct json_match *m, struct str record, struct error *e)
{
	(void)m;
	(void)e;
	*(uint64_t *)cookie += (uint64_t)shrink_counts(record);
	return 0;
}

void shrink_compare(const char *saved, uint64_t now, struct shrink *s)
{
	struct error why;

	memset(s, 0, sizeof(*s));
	error_init(&why);
	s->now = now;
	if (settings_text("FETCH_MAX_SHRINK")[0] == '\0' || !store_exists(saved))
		return;
	if (each_record(saved, count_record, &s->before, &why) != 0) {
		log_warning("whether people are missing cannot be told, because the saved file is no list of"
			    " people: %s", why.text);
		return;
	}
	s->most = settings_amount("FETCH_MAX_SHRINK", s->before);
	s->refused = s->before >= LEAST && now < s->before && s->before - now > s->most;
}

/* ---- naming -------------------------------------------------------------------------------------------- */

struct naming {
	struct db *db;			/* owned, as the statements */
	struct db_stmt *add, *find;
	struct arena arena;
	struct buf key, text;
	uint64_t missing;
	void (*line)(void *cookie, const char *text);
	void *cookie;
};

/* A text of a record; empty when there is none. */
static struct str text_of(struct naming *n, struct str record, const char *name)
{
	struct str text = json_slice_text(json_slice_member(record, str_from(name)), &n->arena);

	return text.ptr != NULL ? text : STR("");
}

/* How the work set knows an id or an address: by its kind, and without letter case. */
static struct str key_of(struct naming *n, char kind, struct str text)
{
	buf_reset(&n->key);
	buf_putc(&n->key, kind);
	unicode_lower(&n->key, text);
	return buf_str(&n->key);
}

static int add_key(struct naming *n, char kind, struct str text, int active, struct error *e)
{
	if (text.len == 0)
		return 0;
	db_bind_text(n->add, 1, key_of(n, kind, text));
	db_bind_int(n->add, 2, active);
	return db_run(n->add, e);
}

static int add_record(void *cookie, const struct json_match *m, struct str record, struct error *e)
{
	struct naming *n = cookie;
	int active = shrink_counts(record);

	(void)m;
	arena_reset(&n->arena);
	return add_key(n, 'i', text_of(n, record, "external_id"), active, e) != 0 ||
	       add_key(n, 'm', text_of(n, record, "email"), active, e) != 0 ? -1 : 0;
}

/* Raises *found to 1 for somebody who is in the new file, 2 for somebody who is active there. */
static int find_key(struct naming *n, char kind, struct str text, int *found, struct error *e)
{
	int got;

	if (text.len == 0)
		return 0;
	db_bind_text(n->find, 1, key_of(n, kind, text));
	got = db_step(n->find, e);
	if (got == 1) {
		if (*found < 1 + (int)db_int(n->find, 0))
			*found = 1 + (int)db_int(n->find, 0);
		db_reset(n->find);
	}
	return got < 0 ? -1 : 0;
}

/* "  Ada Lovelace <ada@example.com> (now inactive)" */
static void put_person(struct naming *n, struct str record, int inactive)
{
	struct str name = text_of(n, record, "name"), mail = text_of(n, record, "email");
	struct str id = text_of(n, record, "external_id");

	buf_reset(&n->text);
	buf_printf(&n->text, "  %.*s", STR_ARG(str_sub(name, 0, NAME_MAX_BYTES)));
	if (mail.len > 0)
		buf_printf(&n->text, "%s<%.*s>", name.len > 0 ? " " : "",
			   STR_ARG(str_sub(mail, 0, NAME_MAX_BYTES)));
	else
		buf_printf(&n->text, "%sexternal_id %.*s", name.len > 0 ? ", " : "",
			   STR_ARG(str_sub(id, 0, NAME_MAX_BYTES)));
	buf_puts(&n->text, inactive ? " (now inactive)" : "");
	n->line(n->cookie, buf_text(&n->text));
}

static int name_record(void *cookie, const struct json_match *m, struct str record, struct error *e)
{
	struct naming *n = cookie;
	int found = 0;

	(void)m;
	arena_reset(&n->arena);
	if (!shrink_counts(record))
		return 0;
	if (find_key(n, 'i', text_of(n, record, "external_id"), &found, e) != 0 ||
	    find_key(n, 'm', text_of(n, record, "email"), &found, e) != 0)
		return -1;
	if (found < 2 && n->missing++ < LIMIT_NAMES)
		put_person(n, record, found == 1);
	return 0;
}

static int naming_open(struct naming *n, const char *dir, struct error *e)
{
	arena_init(&n->arena, 4 * MAX_RECORD);
	buf_init(&n->key, 4 * MAX_RECORD);
	buf_init(&n->text, MAX_RECORD);
	n->db = db_open_work(dir, 0, e);
	if (n->db == NULL || db_begin(n->db, e) != 0 ||
	    db_exec(n->db, "CREATE TABLE found(key TEXT PRIMARY KEY, active INTEGER) WITHOUT ROWID", e) != 0)
		return -1;
	n->add = db_prepare(n->db, "INSERT INTO found VALUES(?1, ?2) ON CONFLICT(key) DO UPDATE SET "
			    "active = max(active, excluded.active)", e);
	n->find = db_prepare(n->db, "SELECT active FROM found WHERE key = ?1", e);
	return n->add != NULL && n->find != NULL ? 0 : -1;
}

static void naming_close(struct naming *n)
{
	db_finish(n->add);
	db_finish(n->find);
	db_close(n->db);
	arena_release(&n->arena);
	buf_release(&n->key);
	buf_release(&n->text);
}

static int name_missing(struct naming *n, const char *saved, const char *found, struct error *e)
{
	if (each_record(found, add_record, n, e) != 0 || each_record(saved, name_record, n, e) != 0)
		return -1;
	if (n->missing > LIMIT_NAMES) {
		buf_reset(&n->text);
		buf_printf(&n->text, "  ... and %llu more", (unsigned long long)(n->missing - LIMIT_NAMES));
		n->line(n->cookie, buf_text(&n->text));
	}
	return 0;
}

int shrink_name(const char *saved, const char *found, const char *dir,
		void (*line)(void *cookie, const char *text), void *cookie, struct error *e)
{
	struct naming n;
	int failed;

	memset(&n, 0, sizeof(n));
	n.line = line;
	n.cookie = cookie;
	line(cookie, "Active before and not now:");
	failed = naming_open(&n, dir, e) != 0 || name_missing(&n, saved, found, e) != 0;
	naming_close(&n);
	return failed ? -1 : 0;
}
