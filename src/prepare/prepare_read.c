#include <stdlib.h>
#include <string.h>
#include "base/json_scan.h"
#include "base/json_slice.h"
#include "base/limits.h"
#include "base/regex.h"
#include "base/unicode.h"
#include "port.h"
#include "prepare/prepare_int.h"

#define CHUNK 65536		/* bytes read at once */
#define WHO_MAX 80		/* bytes of a record's name in messages */

enum field {
	EXTERNAL_ID, NAME, EMAIL, REAL_EMAIL, DEPARTMENT, JOB_TITLE, STATUS, SUPERVISOR_ID, IS_SUPERVISOR,
	ROLE_ID, FORCE_SUPERVISOR, FORCE_ADMIN, HIERARCHY_ONLY, FIELDS
};

static const struct str field_names[FIELDS] = {
	{ "external_id", 11 }, { "name", 4 }, { "email", 5 }, { "real_email", 10 }, { "department", 10 },
	{ "job_title", 9 }, { "status", 6 }, { "supervisor_id", 13 }, { "is_supervisor", 13 },
	{ "role_id", 7 }, { "force_supervisor_role", 21 }, { "force_global_admin_role", 23 },
	{ "hierarchy_only", 14 }
};

struct reader {
	struct prepare *p;
	struct json_scan *scan;		/* owned */
	struct db_stmt *insert;		/* owned */
	struct db_stmt *insert_link;	/* owned */
	struct db_stmt *insert_excluded;	/* owned */
	struct buf line;		/* owned: what the exclude setting is searched in */
	struct buf mail;		/* owned: the present address in lower case */
	int round;			/* which list of users this is: the last one counts */
	struct str value[FIELDS];	/* texts of the present record's members */
};

static const char schema[] =
	"CREATE TABLE person(seq INTEGER PRIMARY KEY, id TEXT NOT NULL, mail TEXT NOT NULL, final TEXT, "
	"name TEXT NOT NULL, title TEXT, department TEXT, supervisor TEXT, real_mail TEXT, "
	"bits INTEGER NOT NULL, offset INTEGER NOT NULL, size INTEGER NOT NULL);"
	/* supervisors that people without external_id name */
	"CREATE TABLE link(supervisor TEXT NOT NULL);"
	/* addresses of people who match the exclude setting */
	"CREATE TABLE excluded(mail TEXT PRIMARY KEY) WITHOUT ROWID";

/* "user 17 (external_id "E-9")": how messages call the present record. */
static const char *who(struct reader *r, char out[WHO_MAX])
{
	struct str id = json_slice_text(r->value[EXTERNAL_ID], &r->p->arena);
	struct buf text;

	buf_init(&text, WHO_MAX + 64);
	buf_printf(&text, "user %llu", (unsigned long long)r->p->counts->read);
	if (id.len > 0)
		buf_printf(&text, " (external_id \"%.*s\")", (int)(id.len < 40 ? id.len : 40), id.ptr);
	memcpy(out, buf_text(&text), text.len < WHO_MAX ? text.len + 1 : WHO_MAX);
	out[WHO_MAX - 1] = '\0';
	buf_release(&text);
	return out;
}

static int wrong(struct reader *r, enum field field, const char *wanted, struct error *e)
{
	char name[WHO_MAX];
	struct str value = r->value[field];

	if (json_slice_type(value) == JSON_NONE)
		return error_set(e, ERROR_FAILED, "%s: \"%s\" is missing, should be %s", who(r, name),
				 field_names[field].ptr, wanted);
	return error_set(e, ERROR_FAILED, "%s: \"%s\" is %.*s (%s), should be %s", who(r, name),
			 field_names[field].ptr, (int)(value.len < 40 ? value.len : 40), value.ptr,
			 json_slice_type_name(value), wanted);
}

/* The text of a field; empty when it is missing or something that counts as nothing. Anything else is
 * refused. */
static int text_field(struct reader *r, enum field field, struct str *out, struct error *e)
{
	struct str value = r->value[field];

	*out = STR("");
	if (json_slice_is_empty(value))
		return 0;
	if (json_slice_type(value) != JSON_STRING)
		return wrong(r, field, "text", e);
	*out = json_slice_text(value, &r->p->arena);
	if (out->ptr == NULL)
		return error_memory(e);
	if (memchr(out->ptr, '\0', out->len) != NULL)
		return wrong(r, field, "text without the character U+0000", e);
	return 0;
}

static void find_fields(struct reader *r, struct str record)
{
	struct json_walk w;
	int i;

	memset(r->value, 0, sizeof r->value);
	json_walk_init(&w, record);
	while (json_walk_next(&w)) {
		for (i = 0; i < FIELDS; i++) {
			if (json_key_is(w.key, field_names[i])) {
				r->value[i] = w.value;
				break;
			}
		}
	}
}

static int is_true(const struct reader *r, enum field field)
{
	return json_slice_type(r->value[field]) == JSON_TRUE;
}

/* is_supervisor: true, or one of three words. */
static int says_yes(struct reader *r)
{
	struct str text = json_slice_text(r->value[IS_SUPERVISOR], &r->p->arena);

	return is_true(r, IS_SUPERVISOR) || str_case_eqz(text, "true") || str_eqz(text, "1") ||
	       str_case_eqz(text, "yes");
}

/*
 * role_id as a number of 1, 2, 3, 5; else 0. Where managers make roles, numbers and blanks are taken too and
 * all but 1, 2 and 5 is left to the hierarchy.
 */
static int role_field(struct reader *r, unsigned *role, struct error *e)
{
	int inferred = r->p->rules.mode != MODE_DEPARTMENT;
	struct str value = r->value[ROLE_ID], text = json_slice_text(value, &r->p->arena);
	enum json_type type = json_slice_type(value);

	*role = 0;
	if (inferred)
		text = type == JSON_NUMBER ? value : unicode_trim(text);
	else if (type == JSON_ARRAY || type == JSON_OBJECT)
		return wrong(r, ROLE_ID, "text", e);
	if (text.len == 1 && memchr("1235", text.ptr[0], 4) != NULL)
		*role = (unsigned)(text.ptr[0] - '0');
	if (inferred && *role == 3)
		*role = 0;
	return 0;
}

static int status_bits(struct reader *r, unsigned *bits, struct error *e)
{
	struct str value = r->value[STATUS], text;
	enum json_type type = json_slice_type(value);

	if (type != JSON_NONE && type != JSON_STRING)
		return wrong(r, STATUS, "text", e);
	text = json_slice_text(value, &r->p->arena);
	if (str_case_eqz(text, "active"))
		*bits |= BIT_ACTIVE;
	trace_changed(r->p->trace, TRACE_STATUS, text,
		      str_from(*bits & BIT_ACTIVE ? "active" : "inactive"));
	return 0;
}

/* Everybody's address and name, also of people who are left out, is looked at: an input with holes is not
 * whole. */
static int check_everybody(struct reader *r, int without_mail, struct error *e)
{
	enum json_type mail = json_slice_type(r->value[EMAIL]);

	if (json_slice_type(r->value[NAME]) == JSON_NONE)
		return wrong(r, NAME, "text", e);
	if (mail != JSON_STRING && !(mail == JSON_NONE && without_mail))
		return wrong(r, EMAIL, "text", e);
	return 0;
}

/* The additional address, where it differs from the first one. */
static int real_mail(struct reader *r, struct member *m, struct error *e)
{
	struct arena *a = &r->p->arena;
	struct str given;
	struct buf lower;
	int differs, failed;

	if (text_field(r, REAL_EMAIL, &given, e) != 0)
		return -1;
	m->real_mail = given;
	if (given.len == 0)
		return 0;
	buf_init(&lower, MAX_RECORD);
	unicode_lower(&lower, given);
	differs = !str_eq(buf_str(&lower), m->mail);
	failed = lower.failed;
	buf_release(&lower);
	if (failed)
		return error_memory(e);
	m->real_mail = differs ? mail_replace_domain(&r->p->rules, given, a) : STR("");
	if (m->real_mail.ptr == NULL)
		return error_memory(e);
	trace_changed(r->p->trace, differs ? TRACE_ADDRESS_DOMAIN : TRACE_ADDRESS_SAME, given, m->real_mail);
	return 0;
}

/* What only people in the output need; the department is cleaned where it becomes the group. */
static int fill_shown(struct reader *r, struct member *m, struct str record, struct error *e)
{
	unsigned role;

	if (status_bits(r, &m->bits, e) != 0 || role_field(r, &role, e) != 0 || real_mail(r, m, e) != 0)
		return -1;
	m->bits |= role * BIT_ROLE;
	if (is_true(r, FORCE_ADMIN))
		m->bits |= BIT_ADMIN;
	if (says_yes(r))
		m->bits |= BIT_IS_SUPERVISOR;
	if (json_slice_broken_pair(record)) {
		char name[WHO_MAX];

		return error_set(e, ERROR_FAILED, "%s: a text has half of a character (\\ud800 to \\udfff "
				 "alone), which cannot be written", who(r, name));
	}
	return 0;
}

/* A title that is not used may be anything. */
static int title_field(struct reader *r, struct str *out, struct error *e)
{
	const struct rules *rules = &r->p->rules;

	if (rules->titles_in_users || (rules->titles_in_groups && rules->mode != MODE_DEPARTMENT))
		return text_field(r, JOB_TITLE, out, e);
	*out = STR("");
	return 0;
}

static int fill(struct reader *r, struct member *m, struct str record, struct error *e)
{
	struct prepare *p = r->p;
	struct arena *a = &p->arena;
	struct str name;

	if (json_slice_type(r->value[NAME]) != JSON_STRING)
		return wrong(r, NAME, "text", e);
	if (text_field(r, NAME, &name, e) != 0 || title_field(r, &m->title, e) != 0 ||
	    text_field(r, DEPARTMENT, &m->department, e) != 0)
		return -1;
	if (memchr(m->mail.ptr, '\0', m->mail.len) != NULL)
		return wrong(r, EMAIL, "text without the character U+0000", e);
	m->name = user_name(&p->rules, name, m->title, m->id, a);
	if (p->rules.mode != MODE_SUPERVISOR)
		m->department = path_shorten(p, m->department, a);
	if (m->name.ptr == NULL || m->department.ptr == NULL)
		return error_memory(e);
	trace_name(p, name, m);
	if (is_true(r, HIERARCHY_ONLY)) {
		trace_step(p->trace, TRACE_HIDDEN);
		m->bits |= BIT_HIDDEN;
		p->counts->hidden++;
		return 0;
	}
	if (m->mail.len == 0)
		prepare_note(p, NOTE_EMPTY_MAIL, "external_id \"%.*s\"", STR_ARG(m->id));
	return m->bits & BIT_EXCLUDED ? 0 : fill_shown(r, m, record, e);
}

/* A value as the exclude setting sees it. */
static int line_value(struct reader *r, enum field field, struct str *out, struct error *e)
{
	enum json_type type = json_slice_type(r->value[field]);

	*out = type == JSON_NULL ? STR("None") : json_slice_text(r->value[field], &r->p->arena);
	if (type == JSON_NUMBER || type == JSON_TRUE || type == JSON_FALSE || type == JSON_ARRAY ||
	    type == JSON_OBJECT)
		return wrong(r, field, "text", e);
	return out->ptr == NULL ? error_memory(e) : 0;
}

/* Everybody with the address of somebody who matches is left out, but nobody for an empty one. */
static int exclude(struct reader *r, struct member *m, struct error *e)
{
	struct str department, title, mail;
	char name[WHO_MAX];
	int got;

	if (r->p->rules.exclude == NULL)
		return 0;
	if (line_value(r, DEPARTMENT, &department, e) != 0 || line_value(r, JOB_TITLE, &title, e) != 0 ||
	    line_value(r, EMAIL, &mail, e) != 0)
		return -1;
	buf_reset(&r->line);
	exclude_line(&r->line, department, title, mail);
	if (buf_check(&r->line, "a record", e) != 0)
		return -1;
	got = regex_search(r->p->rules.exclude, buf_str(&r->line), e);
	if (got < 0)
		return error_add(e, "%s, TIMECAMP_EXCLUDE_REGEX", who(r, name));
	if (got == 0)
		return 0;
	trace_step(r->p->trace, m->mail.len > 0 ? TRACE_EXCLUDED : TRACE_EXCLUDED_NOBODY);
	trace_say(r->p->trace, "found in %.*s", STR_ARG(buf_str(&r->line)));
	if (m->mail.len == 0)
		return 0;
	m->bits |= BIT_EXCLUDED;
	db_bind_text(r->insert_excluded, 1, m->mail);
	return db_run(r->insert_excluded, e);
}

static int insert(struct reader *r, const struct member *m, struct error *e)
{
	const struct rules *rules = &r->p->rules;
	struct db_stmt *s = r->insert;
	struct str final = mail_replace_domain(rules, m->mail, &r->p->arena);

	if (final.ptr == NULL)
		return error_memory(e);
	trace_member(r->p->trace, m, final);
	db_bind_int(s, 1, m->seq);
	db_bind_text(s, 2, m->id);
	db_bind_text(s, 3, m->mail);
	if (rules->domain.len > 0)
		db_bind_text(s, 4, final);
	db_bind_text(s, 5, m->name);
	if (rules->mode != MODE_DEPARTMENT) {
		db_bind_text(s, 6, m->title);
		db_bind_text(s, 8, m->supervisor);
	}
	db_bind_text(s, 7, m->department);
	if (m->real_mail.len > 0)
		db_bind_text(s, 9, m->real_mail);
	db_bind_int(s, 10, m->bits);
	db_bind_int(s, 11, (int64_t)m->offset);
	db_bind_int(s, 12, (int64_t)m->size);
	return db_run(s, e);
}

/* Somebody without external_id is not in the output; the supervisor named is one all the same. */
static int drop(struct reader *r, struct error *e)
{
	struct prepare *p = r->p;
	struct str supervisor;
	char name[WHO_MAX];

	p->counts->without_id++;
	trace_step(p->trace, TRACE_WITHOUT_ID);
	prepare_note(p, NOTE_WITHOUT_ID, "%s", who(r, name));
	if (p->rules.mode == MODE_DEPARTMENT)
		return 0;
	if (text_field(r, SUPERVISOR_ID, &supervisor, e) != 0)
		return -1;
	if (unicode_trim(supervisor).len == 0)
		return 0;
	db_bind_text(r->insert_link, 1, supervisor);
	return db_run(r->insert_link, e);
}

/* A new list of users, because the key came twice: what the first one had does not count. */
static int start_over(struct reader *r, struct error *e)
{
	struct prepare *p = r->p;

	memset(p->counts, 0, sizeof *p->counts);
	memset(p->notes, 0, sizeof p->notes);
	p->forced = 0;
	trace_begin(p->trace);
	if (p->sources != NULL && sources_clear(p->sources, e) != 0)
		return -1;
	return db_exec(p->work, "DELETE FROM person; DELETE FROM link; DELETE FROM excluded", e);
}

/* The record after the transform, with its fields. 1; 0 when it is excluded; -1. */
static int transform(struct reader *r, struct str record, uint64_t offset, struct str *result, unsigned *bits,
		     struct error *e)
{
	struct prepare *p = r->p;
	struct str before, after;
	char name[WHO_MAX];
	int got;

	*result = record;
	find_fields(r, record);
	if (p->rules.transform == NULL)
		return 1;
	before = r->value[EXTERNAL_ID];
	got = transform_apply(p->rules.transform, record, result, e);
	if (got < 0)
		return error_add(e, "%s", who(r, name));
	if (p->sources != NULL && sources_add(p->sources, record, offset, got, e) != 0)
		return -1;
	p->counts->excluded += got == 0;
	if (got == 0 || result->ptr == record.ptr)
		return got;
	find_fields(r, *result);
	after = r->value[EXTERNAL_ID];
	if (p->sources == NULL || str_eq(before, after))
		return 1;
	*bits |= BIT_NEW_ID;
	return sources_add_changed(p->sources, *result, offset, e) != 0 ? -1 : 1;
}

static int take(struct reader *r, struct str source, uint64_t offset, struct error *e)
{
	struct prepare *p = r->p;
	struct str record, mail;
	struct member m;
	int got;

	memset(&m, 0, sizeof m);
	trace_record(p->trace, source, offset, p->counts->read);
	got = transform(r, source, offset, &record, &m.bits, e);
	if (got != 1)
		return got;
	if (is_true(r, FORCE_SUPERVISOR)) {
		p->forced = 1;
		m.bits |= BIT_SUPERVISOR;
	}
	if (text_field(r, EXTERNAL_ID, &m.id, e) != 0 ||
	    check_everybody(r, m.id.len == 0 || is_true(r, HIERARCHY_ONLY), e) != 0)
		return -1;
	buf_reset(&r->mail);
	mail = json_slice_text(r->value[EMAIL], &p->arena);
	unicode_lower(&r->mail, mail);
	if ((mail.ptr == NULL && json_slice_type(r->value[EMAIL]) == JSON_STRING) ||
	    r->mail.failed)
		return error_memory(e);
	m.mail = buf_str(&r->mail);
	trace_changed(p->trace, TRACE_MAIL_CASE, mail, m.mail);
	if (exclude(r, &m, e) != 0)
		return -1;
	if (m.id.len == 0)
		return drop(r, e);
	m.seq = (int64_t)p->counts->read;
	m.offset = offset;
	m.size = source.len;
	if (text_field(r, SUPERVISOR_ID, &m.supervisor, e) != 0 || fill(r, &m, source, e) != 0)
		return -1;
	if (unicode_trim(m.supervisor).len == 0)
		m.supervisor = STR("");
	return insert(r, &m, e);
}

static int on_record(void *cookie, const struct json_match *match, struct str record, struct error *e)
{
	struct reader *r = cookie;

	if (match->round != r->round && r->round != 0 && start_over(r, e) != 0)
		return -1;
	r->round = match->round;
	r->p->counts->read++;
	arena_reset(&r->p->arena);
	if (json_slice_type(record) != JSON_OBJECT)
		return error_set(e, ERROR_FAILED, "user %llu is %s, should be an object",
				 (unsigned long long)r->p->counts->read, json_slice_type_name(record));
	return take(r, record, match->offset, e);
}

static int scan(struct reader *r, struct error *e)
{
	char *chunk = malloc(CHUNK);
	long n;

	if (chunk == NULL)
		return error_memory(e);
	while ((n = store_read(r->p->in, chunk, CHUNK, e)) > 0) {
		if (port_interrupted())
			n = error_set(e, ERROR_CANCELLED, "interrupted");
		if (n < 0 || json_scan_feed(r->scan, chunk, (size_t)n, e) != 0)
			break;
	}
	free(chunk);
	if (n != 0 || json_scan_end(r->scan, e) != 0)
		return -1;
	if (json_scan_saw(r->scan, 0) == 0)
		return error_set(e, ERROR_FAILED, "there is no list \"users\" in an object");
	if (json_scan_saw(r->scan, 0) != r->round && r->round != 0)
		return start_over(r, e);
	return 0;
}

int prepare_read(struct prepare *p, struct error *e)
{
	static const char *const paths[] = { "users[*]", NULL };
	struct reader r;
	int result = -1;

	memset(&r, 0, sizeof r);
	r.p = p;
	buf_init(&r.mail, 3 * MAX_RECORD);
	buf_init(&r.line, 4 * MAX_RECORD);
	if (db_exec(p->work, schema, e) != 0 || db_begin(p->work, e) != 0)
		return -1;
	r.scan = json_scan_new(paths, MAX_RECORD, on_record, &r, e);
	r.insert = db_prepare(p->work, "INSERT INTO person VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, "
			      "?11, ?12)", e);
	r.insert_link = db_prepare(p->work, "INSERT INTO link VALUES(?1)", e);
	r.insert_excluded = db_prepare(p->work, "INSERT OR IGNORE INTO excluded VALUES(?1)", e);
	if (r.scan == NULL || r.insert == NULL || r.insert_link == NULL || r.insert_excluded == NULL ||
	    scan(&r, e) != 0)
		goto out;
	result = db_commit(p->work, e);
out:
	db_finish(r.insert);
	db_finish(r.insert_link);
	db_finish(r.insert_excluded);
	json_scan_free(r.scan);
	buf_release(&r.mail);
	buf_release(&r.line);
	return result;
}
