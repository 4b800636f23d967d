#include <string.h>
#include "base/json_slice.h"
#include "base/json_write.h"
#include "base/limits.h"
#include "port.h"
#include "prepare/prepare_int.h"

#define FLUSH 262144		/* bytes collected before they are written */
#define RECORD_MAX (8 * MAX_RECORD)	/* bytes of one record of the output */

struct writer {
	struct prepare *p;
	struct store_out *file;		/* owned until it is committed; NULL with a trace */
	struct db_stmt *people;		/* owned */
	struct group_finder *finder;	/* owned */
	struct buf out;			/* owned: what is not written yet */
	struct buf record;		/* owned: an account before the transform */
	struct buf group;		/* owned */
	struct buf last;		/* owned: address of the person before */
	uint64_t people_seen;
	int check_types;		/* the transform sets what should stay text */
};

/* In the order of the output. Without a new domain the later of two people with one address comes first and
 * counts; with one such records are merged already, and other people's addresses may have become equal. */
#define SELECT_PEOPLE(mail, order) \
	"SELECT seq, id, mail, name, department, supervisor, real_mail, bits, offset, size, " mail \
	" FROM person WHERE bits & ?1 = 0 ORDER BY " order
static const char by_mail[] = SELECT_PEOPLE("mail", "mail, seq DESC");
static const char by_final_mail[] = SELECT_PEOPLE("final", "final, seq");

static void fetch(struct db_stmt *s, struct member *m)
{
	memset(m, 0, sizeof *m);
	m->seq = db_int(s, 0);
	m->id = db_text(s, 1);
	m->mail = db_text(s, 2);
	m->name = db_text(s, 3);
	m->department = db_text(s, 4);
	m->supervisor = db_text(s, 5);
	m->real_mail = db_text(s, 6);
	m->bits = (unsigned)db_int(s, 7);
	m->offset = (uint64_t)db_int(s, 8);
	m->size = (uint64_t)db_int(s, 9);
	m->final_mail = db_text(s, 10);
}

static void put_member(struct buf *out, const char *key, struct str text)
{
	buf_puts(out, key);
	json_quote(out, text);
}

/* The group into w->group, and the record as JSON; the group before group rules is what raw_data may need. */
static int put_record(struct writer *w, const struct member *m, struct buf *out, struct error *e)
{
	struct prepare *p = w->p;
	enum trace_point why;
	const char *role = role_name(&p->rules, m->bits, p->forced, &why);
	struct str group;

	buf_reset(&w->group);
	if (group_find(w->finder, m, &w->group, e) != 0 ||
	    buf_check(&w->group, "the path of a group", e) != 0)
		return -1;
	group = m->bits & BIT_NEW_ID ? arena_str(&p->arena, buf_str(&w->group)) : STR("");
	if (m->bits & BIT_ADMIN) {
		trace_changed(p->trace, TRACE_GROUP_ADMIN, buf_str(&w->group), STR(""));
		buf_reset(&w->group);
	}
	if (group.ptr == NULL)
		return error_memory(e);
	if (group_rules_apply(p->rules.changes, &w->group, p->trace, e) != 0 ||
	    buf_check(&w->group, "the path of a group", e) != 0)
		return -1;
	trace_role(p, why, m, role);
	put_member(out, "{\"timecamp_external_id\": ", m->id);
	put_member(out, ", \"timecamp_user_name\": ", m->name);
	put_member(out, ", \"timecamp_email\": ", m->final_mail);
	put_member(out, ", \"timecamp_groups_breadcrumb\": ", buf_str(&w->group));
	put_member(out, ", \"timecamp_status\": ", str_from(m->bits & BIT_ACTIVE ? "active" : "inactive"));
	put_member(out, ", \"timecamp_role\": ", str_from(role));
	if (m->real_mail.len > 0)
		put_member(out, ", \"timecamp_real_email\": ", m->real_mail);
	buf_puts(out, ", \"raw_data\": ");
	if ((m->bits & BIT_NEW_ID ? sources_put(p->sources, m, group, out, e) :
	     raw_copy(p, m->offset, m->size, out, e)) != 0)
		return -1;
	buf_putc(out, '}');
	return 0;
}

/* What an account is must stay text, whatever the transform does. */
static int check_types(struct str record, const struct member *m, struct error *e)
{
	static const struct str prefix = { "\"timecamp_", 10 };
	struct json_walk w;

	json_walk_init(&w, record);
	while (json_walk_next(&w)) {
		if (str_starts(w.key, prefix) && json_slice_type(w.value) != JSON_STRING)
			return error_set(e, ERROR_USAGE, "TIMECAMP_PREPARE_TRANSFORM_CONFIG makes %.*s of "
					 "\"%.*s\" %s, should be text", STR_ARG(w.key), STR_ARG(m->mail),
					 json_slice_type_name(w.value));
	}
	return 0;
}

static int put_account(struct writer *w, const struct member *m, struct error *e)
{
	struct transform *t = w->p->rules.transform;
	const char *before = w->p->counts->written > 0 ? ",\n" : "\n";
	struct str result;
	size_t start;
	int got;

	if (t == NULL) {
		buf_puts(&w->out, before);
		start = w->out.len;
		w->p->counts->written++;
		if (put_record(w, m, &w->out, e) != 0)
			return -1;
		trace_account(w->p->trace, m, str_sub(buf_str(&w->out), start, w->out.len));
		return 0;
	}
	buf_reset(&w->record);
	if (put_record(w, m, &w->record, e) != 0 || buf_check(&w->record, "an account", e) != 0)
		return -1;
	got = transform_apply(t, buf_str(&w->record), &result, e);
	if (got == 0)
		w->p->counts->excluded++;
	if (got <= 0)
		return got;
	if (w->check_types && check_types(result, m, e) != 0)
		return -1;
	buf_puts(&w->out, before);
	buf_put_str(&w->out, result);
	w->p->counts->written++;
	trace_account(w->p->trace, m, result);
	return 0;
}

/* Notes what is lost or odd about a person; 1 when another with the same address takes the place. */
static int is_replaced(struct writer *w, const struct member *m)
{
	struct prepare *p = w->p;
	unsigned role = m->bits / BIT_ROLE;
	int same = w->people_seen++ > 0 && str_eq(buf_str(&w->last), m->final_mail);

	if (same && p->rules.domain.len == 0) {
		prepare_note(p, NOTE_SAME_MAIL, "\"%.*s\": external_id \"%.*s\" is left out",
			     STR_ARG(m->mail), STR_ARG(m->id));
		trace_replaced(p, m);
		return 1;
	}
	if (same)
		prepare_note(p, NOTE_SAME_FINAL_MAIL, "\"%.*s\"", STR_ARG(m->final_mail));
	if (p->forced && (role == 1 || role == 5) && !(m->bits & (BIT_ADMIN | BIT_SUPERVISOR)))
		prepare_note(p, NOTE_ROLE_LOST, "external_id \"%.*s\"", STR_ARG(m->id));
	buf_reset(&w->last);
	buf_put_str(&w->last, m->final_mail);
	return 0;
}

static int flush(struct writer *w, size_t more_than, struct error *e)
{
	int failed;

	if (w->out.len <= more_than)
		return 0;
	failed = buf_check(&w->out, "the output", e) != 0 || (w->file != NULL ?
		 store_write(w->file, w->out.data, w->out.len, e) :
		 trace_output(w->p->trace, w->out.data, w->out.len, e)) != 0;
	buf_reset(&w->out);
	return failed ? -1 : 0;
}

static int write_people(struct writer *w, struct error *e)
{
	struct member m;
	int got;

	db_bind_int(w->people, 1, BIT_HIDDEN | BIT_EXCLUDED);
	buf_putc(&w->out, '[');
	while ((got = db_step(w->people, e)) == 1) {
		arena_reset(&w->p->arena);
		fetch(w->people, &m);
		trace_person(w->p->trace, &m);
		if (!is_replaced(w, &m) && (put_account(w, &m, e) != 0 || flush(w, FLUSH, e) != 0))
			return -1;
		if (port_interrupted())
			return error_set(e, ERROR_CANCELLED, "interrupted");
	}
	if (got < 0)
		return -1;
	buf_puts(&w->out, w->p->counts->written > 0 ? "\n]\n" : "]\n");
	return flush(w, 0, e);
}

int prepare_write(struct prepare *p, const char *output, struct error *e)
{
	struct writer w;
	int result = -1;

	memset(&w, 0, sizeof w);
	w.p = p;
	w.check_types = p->rules.transform != NULL && transform_sets(p->rules.transform, "timecamp_");
	buf_init(&w.out, RECORD_MAX + FLUSH);
	buf_init(&w.record, RECORD_MAX);
	buf_init(&w.group, 2 * MAX_RECORD);
	buf_init(&w.last, 3 * MAX_RECORD);
	w.people = db_prepare(p->work, p->rules.domain.len > 0 ? by_final_mail : by_mail, e);
	w.finder = group_finder_new(p, e);
	if (w.people == NULL || w.finder == NULL)
		goto out;
	w.file = p->trace != NULL ? NULL : store_create(output, e);
	if ((p->trace == NULL && w.file == NULL) || write_people(&w, e) != 0)
		goto out;
	result = w.file != NULL ? store_commit(w.file, e) : 0;
	w.file = NULL;
out:
	store_abort(w.file);
	group_finder_free(w.finder);
	db_finish(w.people);
	buf_release(&w.out);
	buf_release(&w.record);
	buf_release(&w.group);
	buf_release(&w.last);
	return result;
}
