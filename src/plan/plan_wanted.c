/* Reads the prepared file: every entry is checked before anything else happens. */
#include <stdlib.h>
#include <string.h>
#include "base/json_read.h"
#include "base/json_scan.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/unicode.h"
#include "plan/plan_int.h"
#include "store/store.h"

struct plan_wanted {
	struct plan *plan;		/* borrowed */
	struct json_scan *scan;		/* owned */
	struct json_doc *doc;		/* owned */
	struct arena arena;		/* owned; emptied after each entry */
	uint64_t count;			/* entries so far */
	uint64_t repeated;		/* entries that an earlier one stands for */
};

/* One entry as the target shall have it. */
struct entry {
	struct str email, status, name, role, address, external_id, groups;
};

/* Text or number of a key as text; ptr NULL when absent or null. */
static int field(struct plan_wanted *r, struct json entry, const char *key, struct str *out, struct error *e)
{
	struct json v = json_get(entry, key);

	*out = str_of(NULL, 0);
	switch (json_type(v)) {
	case JSON_NONE:
	case JSON_NULL:
		return 0;
	case JSON_STRING:
	case JSON_NUMBER:
		*out = json_scalar(v, &r->arena);
		return out->ptr == NULL ? error_memory(e) : 0;
	default:
		return error_set(e, ERROR_FAILED, "\"%s\" is %s where a text is expected", key,
				 json_type_name(v));
	}
}

static int needed_field(struct plan_wanted *r, struct json entry, const char *key, struct str *out,
			struct error *e)
{
	if (field(r, entry, key, out, e) < 0)
		return -1;
	return out->ptr == NULL ? error_set(e, ERROR_FAILED, "\"%s\" is missing", key) : 0;
}

/* The number 0 means none, as an empty text does. */
static int is_zero(struct json v)
{
	struct str raw = json_raw(v);
	size_t i;

	if (json_type(v) != JSON_NUMBER)
		return 0;
	for (i = 0; i < raw.len && raw.ptr[i] != 'e' && raw.ptr[i] != 'E'; i++)
		if (raw.ptr[i] >= '1' && raw.ptr[i] <= '9')
			return 0;
	return 1;
}

static int read_entry(struct plan_wanted *r, struct json v, struct entry *t, int *active, struct error *e)
{
	if (json_type(v) != JSON_OBJECT)
		return error_set(e, ERROR_FAILED, "it is %s where an object is expected", json_type_name(v));
	if (needed_field(r, v, "timecamp_email", &t->email, e) < 0 ||
	    needed_field(r, v, "timecamp_status", &t->status, e) < 0 ||
	    field(r, v, "timecamp_role", &t->role, e) < 0 ||
	    field(r, v, "timecamp_real_email", &t->address, e) < 0 ||
	    field(r, v, "timecamp_external_id", &t->external_id, e) < 0 ||
	    field(r, v, "timecamp_groups_breadcrumb", &t->groups, e) < 0)
		return -1;
	if (unicode_trim(t->email).len == 0)
		return error_set(e, ERROR_FAILED, "\"timecamp_email\" is empty");
	*active = str_eqz(t->status, "active");
	if ((*active ? needed_field : field)(r, v, "timecamp_user_name", &t->name, e) < 0)
		return -1;
	if (t->external_id.len == 0 || is_zero(json_get(v, "timecamp_external_id")))
		t->external_id = str_of(NULL, 0);
	return 0;
}

/*
 * The path without blanks round its parts and without empty parts, into the scratch buffer; *depth: its
 * parts.
 */
static struct str clean_path(struct plan *p, struct str path, int *depth)
{
	struct str part;

	*depth = 0;
	buf_reset(&p->scratch);
	if (path.ptr == NULL)
		return STR("");
	while (str_next(&path, '/', &part)) {
		part = unicode_trim(part);
		if (part.len == 0)
			continue;
		if ((*depth)++ > 0)
			buf_putc(&p->scratch, '/');
		buf_put_str(&p->scratch, part);
	}
	return buf_str(&p->scratch);
}

/* The number of a clean path in the table; 1 found, 0 not there. */
static int find_path(struct plan *p, struct str path, int64_t *n, struct error *e)
{
	struct db_stmt *s = plan_stmt(p, SQL_FIND_PATH, e);
	int got;

	if (s == NULL)
		return -1;
	db_bind_text(s, 1, path);
	got = db_step(s, e);
	if (got == 1) {
		*n = db_int(s, 0);
		db_reset(s);
	}
	return got;
}

/* Adds the path and those above it that are not there yet. */
static int add_path(struct plan *p, struct str path, int64_t *n, struct error *e)
{
	struct db_stmt *s = plan_stmt(p, SQL_ADD_PATH, e);
	size_t start = 0, end;
	int64_t up = 0;
	int depth = 0, got;

	if (s == NULL)
		return -1;
	do {
		end = str_find_char(path, start, '/');
		depth++;
		got = find_path(p, str_sub(path, 0, end), n, e);
		if (got < 0)
			return -1;
		if (got == 0) {
			db_bind_text(s, 1, str_sub(path, 0, end));
			db_bind_int(s, 2, up);
			db_bind_text(s, 3, str_sub(path, start, end - start));
			db_bind_int(s, 4, depth);
			if (db_run(s, e) < 0)
				return -1;
			*n = db_last_id(p->db);
		}
		up = *n;
		start = end + 1;
	} while (end < path.len);
	return 0;
}

static int path_number(struct plan *p, struct str text, int64_t *n, struct error *e)
{
	int depth, got;
	struct str path = clean_path(p, text, &depth);

	*n = 0;
	if (buf_check(&p->scratch, "group path", e) < 0)
		return -1;
	if (path.len == 0)
		return 0;
	if (depth > MAX_GROUP_DEPTH)
		return error_set(e, ERROR_FAILED, "the group path has %d levels, at most %d are possible",
				 depth,
				 MAX_GROUP_DEPTH);
	if (p->last_path_n != 0 && str_eq(path, buf_str(&p->last_path))) {
		*n = p->last_path_n;
		return 0;
	}
	got = find_path(p, path, n, e);
	if (got < 0 || (got == 0 && add_path(p, path, n, e) < 0))
		return -1;
	buf_reset(&p->last_path);
	buf_put_str(&p->last_path, path);
	p->last_path_n = *n;
	return buf_check(&p->last_path, "group path", e);
}

/* The role's word; what is no known word counts as a plain user. */
static struct str role_word(struct str role)
{
	static const char *const words[] = { "administrator", "supervisor", "guest" };
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (role.ptr != NULL && str_eqz(role, words[i]))
			return role;
	return STR("user");
}

static int add_wanted(struct plan_wanted *r, const struct entry *t, int active, struct error *e)
{
	struct plan *p = r->plan;
	struct db_stmt *s = plan_stmt(p, SQL_ADD_WANTED, e);
	int64_t path = 0;

	if (s == NULL || (active && path_number(p, t->groups, &path, e) < 0))
		return -1;
	db_bind_int(s, 1, active);
	db_bind_text(s, 2, t->email);
	db_bind_text(s, 3, plan_lower(&p->key, t->email));
	db_bind_text(s, 4, t->name);
	db_bind_text(s, 5, role_word(t->role));
	db_bind_int(s, 6, t->role.ptr == NULL || str_eqz(t->role, "user"));
	db_bind_text(s, 7, t->address);
	db_bind_text(s, 8, plan_lower(&p->key,
				      t->address.ptr != NULL ? unicode_trim(t->address) : t->address));
	db_bind_text(s, 9, t->external_id);
	db_bind_int(s, 10, path);
	if (buf_check(&p->key, "e-mail", e) < 0 || db_run(s, e) < 0)
		return -1;
	r->repeated += db_changes(p->db) == 0;
	return 0;
}

static int on_entry(void *cookie, const struct json_match *m, struct str raw, struct error *e)
{
	struct plan_wanted *r = cookie;
	struct json root;
	struct entry t;
	int active = 0;

	r->count++;
	arena_reset(&r->arena);
	memset(&t, 0, sizeof(t));
	if (json_parse(r->doc, raw, 1, &root, e) < 0 || read_entry(r, root, &t, &active, e) < 0 ||
	    add_wanted(r, &t, active, e) < 0)
		return error_add(e, "entry %lu (byte %lu)", (unsigned long)r->count,
				 (unsigned long)m->offset);
	return 0;
}

struct plan_wanted *plan_wanted_begin(struct plan *p, struct error *e)
{
	static const char *const paths[] = { "[*]", NULL };
	struct plan_wanted *r = calloc(1, sizeof(*r));

	if (r == NULL) {
		error_memory(e);
		return NULL;
	}
	r->plan = p;
	arena_init(&r->arena, MAX_RECORD);
	r->doc = json_doc_new(MAX_JSON_TOKENS, e);
	r->scan = json_scan_new(paths, MAX_RECORD, on_entry, r, e);
	if (r->doc != NULL && r->scan != NULL)
		return r;
	plan_wanted_free(r);
	return NULL;
}

void plan_wanted_free(struct plan_wanted *r)
{
	if (r == NULL)
		return;
	json_scan_free(r->scan);
	json_doc_free(r->doc);
	arena_release(&r->arena);
	free(r);
}

int plan_wanted_feed(void *cookie, const char *data, size_t len, struct error *e)
{
	struct plan_wanted *r = cookie;

	return json_scan_feed(r->scan, data, len, e);
}

int plan_wanted_end(struct plan_wanted *r, uint64_t *count, struct error *e)
{
	*count = r->count;
	return json_scan_end(r->scan, e);
}

int plan_read_wanted(struct plan *p, const char *path, uint64_t *count, struct error *e)
{
	struct plan_wanted *r = plan_wanted_begin(p, e);
	int failed;

	if (r == NULL)
		return -1;
	failed = store_scan(path, "run \"rollcall prepare\" first", r->scan, e);
	if (!failed && !json_scan_saw(r->scan, 0))
		failed = error_set(e, ERROR_FAILED, "%s: it is no list of people", path);
	if (r->repeated > 0)
		log_warning("%s: %lu entries have an e-mail that an earlier one has; the first counts", path,
			    (unsigned long)r->repeated);
	*count = r->count;
	plan_wanted_free(r);
	return failed;
}
