/*
 * A plan as a file: JSON Lines, first a header, then one operation a line, in the order of work. A subject
 * for whom all waits for the end of the run has a line without operation, so that it counts. Reading it back
 * gives the very same operations; whether they still fit the target is checked apart (plan_check.c).
 */
#include <string.h>
#include "base/digest.h"
#include "base/json_read.h"
#include "base/json_write.h"
#include "base/limits.h"
#include "plan/plan_int.h"
#include "store/store.h"

#define FORMAT 1	/* of the file */

static void digest_text(struct sha256 *h, struct str s)
{
	unsigned char mark = s.ptr != NULL;

	sha256_add(h, &mark, 1);
	if (s.len > 0)
		sha256_add(h, s.ptr, s.len);
	sha256_add(h, "", 1);
}

/* What the plan depends on besides file and target: the policy. */
static void policy_digest(const struct plan_policy *y, char out[2 * SHA256_SIZE + 1])
{
	const int on[] = {
		y->create_groups, y->create_users, y->move_users, y->change_roles, y->disable_users,
		y->remove_empty_groups, y->sync_address, y->sync_external_id, y->email_by_external_id,
		y->spare_manual, y->only_groups, y->later,
	};
	struct sha256 h;
	char digits[sizeof(on) / sizeof(on[0])];
	size_t i;

	for (i = 0; i < sizeof(digits); i++)
		digits[i] = on[i] ? '1' : '0';
	sha256_init(&h);
	digest_text(&h, str_from(y->root));
	digest_text(&h, str_from(y->leavers));
	digest_text(&h, str_from(y->ignored));
	digest_text(&h, str_from(y->protect));
	digest_text(&h, str_of(digits, sizeof(digits)));
	sha256_hex(&h, out);
}

/* The state of the target that the plan was made for. */
static int snapshot_digest(struct plan *p, char out[2 * SHA256_SIZE + 1], struct error *e)
{
	struct db_stmt *s = db_prepare(p->db, "SELECT id, up, name, NULL, NULL, NULL, NULL, NULL, NULL"
				       " FROM (SELECT * FROM listed_group ORDER BY n) UNION ALL"
				       " SELECT id, email, name, grp, role, address, ext, manual, disabled"
				       " FROM (SELECT * FROM actual ORDER BY n)", e);
	struct sha256 h;
	int got, i;

	if (s == NULL)
		return -1;
	sha256_init(&h);
	while ((got = db_step(s, e)) == 1)
		for (i = 0; i < 9; i++)
			digest_text(&h, db_text(s, i));
	sha256_hex(&h, out);
	db_finish(s);
	return got;
}

/* ---- writing ---- */

static int put_header(struct plan *p, struct json_write *w, const char *target,
		      const struct plan_policy *policy,
		      struct error *e)
{
	char settings[2 * SHA256_SIZE + 1], snapshot[2 * SHA256_SIZE + 1];
	uint64_t count[PLAN_PARTS];
	int i;

	policy_digest(policy, settings);
	if (snapshot_digest(p, snapshot, e) < 0 || plan_count(p, count, e) < 0)
		return -1;
	json_begin_object(w);
	json_put_keyz(w, "plan");
	json_put_int(w, FORMAT);
	json_put_member(w, "target", str_from(target));
	json_put_member(w, "settings", str_from(settings));
	json_put_member(w, "snapshot", str_from(snapshot));
	json_put_keyz(w, "counts");
	json_begin_object(w);
	for (i = 0; i < PLAN_PARTS; i++) {
		if (count[i] == 0)
			continue;
		json_put_keyz(w, part_table[i].name);
		json_put_int(w, (int64_t)count[i]);
	}
	json_end_object(w);
	json_end_object(w);
	return 0;
}

static void put_text(struct json_write *w, const char *key, struct str s)
{
	if (s.ptr != NULL)
		json_put_member(w, key, s);
}

static const char op_rows[] =
	"SELECT s.n, s.level, s.label, s.key, s.id, s.why, o.step, o.place, o.value, o.was, o.becomes,"
	" s.above, s.state"
	" FROM subject s LEFT JOIN op o ON o.subject = s.n ORDER BY s.n, o.step";

static const char *const op_keys[] = {
	NULL, NULL, "subject", "key", "id", "why", NULL, "place", "value", "before", "after", NULL, NULL
};

static void put_op(struct db_stmt *s, struct json_write *w)
{
	int64_t n = db_int(s, 0), step = db_int(s, 6);
	enum plan_part part = plan_part_of(n);
	int i;

	json_begin_object(w);
	json_put_member(w, "part", str_from(part_table[part].name));
	json_put_keyz(w, "n");
	json_put_int(w, n - plan_base(part));
	json_put_keyz(w, "level");
	json_put_int(w, db_int(s, 1));
	if (!db_is_null(s, 11)) {
		json_put_keyz(w, "above");
		json_put_int(w, db_int(s, 11) - plan_base(part));
	}
	if (!db_is_null(s, 6))
		json_put_member(w, "kind", str_from(op_table[step].name));
	for (i = 0; i < (int)(sizeof(op_keys) / sizeof(op_keys[0])); i++)
		if (op_keys[i] != NULL)
			put_text(w, op_keys[i], db_text(s, i));
	json_end_object(w);
}

static int put_ops(struct plan *p, struct store_out *out, int only_held, struct error *e)
{
	struct db_stmt *s = db_prepare(p->db, op_rows, e);
	struct json_write w;
	int got = s == NULL ? -1 : 1;

	while (got == 1 && (got = db_step(s, e)) == 1) {
		if (only_held && db_int(s, 12) != PLAN_HELD)
			continue;
		json_write_init(&w, 0, NULL, NULL, 8 * MAX_RECORD);
		put_op(s, &w);
		if (json_write_finish(&w, e) < 0 || store_write(out, w.out.data, w.out.len, e) < 0 ||
		    store_write(out, "\n", 1, e) < 0)
			got = -1;
		json_write_release(&w);
	}
	db_finish(s);
	return got;
}

int plan_write(struct plan *p, const char *path, const char *target, const struct plan_policy *policy,
	       int only_held, struct error *e)
{
	struct store_out *out = store_create(path, e);
	struct json_write w;
	int failed;

	if (out == NULL)
		return -1;
	json_write_init(&w, 0, NULL, NULL, MAX_RECORD);
	failed = put_header(p, &w, target, policy, e) < 0 || json_write_finish(&w, e) < 0 ||
		store_write(out, w.out.data, w.out.len, e) < 0 || store_write(out, "\n", 1, e) < 0 ||
		put_ops(p, out, only_held, e) < 0;
	json_write_release(&w);
	if (failed) {
		store_abort(out);
		return error_add(e, "%s", path);
	}
	return store_commit(out, e);
}

/* ---- reading ---- */

struct reader {
	struct plan *plan;		/* borrowed */
	const char *target;
	const struct plan_policy *policy;
	struct json_doc *doc;		/* owned */
	struct arena arena;		/* owned; emptied after each line */
	struct db_stmt *subject, *op;	/* owned */
	struct buf line;		/* owned */
	struct sha256 digest;		/* of the file */
	uint64_t lines;
};

static struct str text_of(struct reader *r, struct json v, const char *key)
{
	struct json t = json_get(v, key);

	return json_type(t) == JSON_STRING ? json_text(t, &r->arena) : str_of(NULL, 0);
}

static int read_header(struct reader *r, struct json v, struct error *e)
{
	char settings[2 * SHA256_SIZE + 1];
	int64_t format;

	if (json_int(json_get(v, "plan"), &format) < 0 || format != FORMAT)
		return error_set(e, ERROR_USAGE, "it is no plan of this version");
	if (!str_eqz(text_of(r, v, "target"), r->target))
		return error_set(e, ERROR_USAGE, "it is a plan for another target than %s", r->target);
	policy_digest(r->policy, settings);
	if (!str_eqz(text_of(r, v, "settings"), settings))
		return error_set(e, ERROR_USAGE, "the settings are not those that the plan was made with;"
						 " make it anew");
	return 0;
}

/* Where a name stands in a table; -1: nowhere. */
static int part_number(struct str name)
{
	int i = PLAN_PARTS;

	while (--i >= 0 && !str_eqz(name, part_table[i].name))
		;
	return i;
}

static int kind_number(struct str name)
{
	int i = OP_KINDS;

	while (--i >= 0 && !str_eqz(name, op_table[i].name))
		;
	return i;
}

static int read_op(struct reader *r, struct json v, struct error *e)
{
	int part = part_number(text_of(r, v, "part")), kind = kind_number(text_of(r, v, "kind"));
	struct str label = text_of(r, v, "subject"), id = text_of(r, v, "id");
	struct json up = json_get(v, "above");
	int64_t n, level, above = 0;
	int waits = json_type(json_get(v, "kind")) == JSON_NONE;

	/* a user of the account may have no e-mail, but has an id */
	if (part < 0 || (kind < 0 && !waits) || (label.ptr == NULL && id.ptr == NULL) ||
	    json_int(json_get(v, "n"), &n) < 0 || json_int(json_get(v, "level"), &level) < 0 || n < 0 ||
	    n >= plan_base(0) ||
	    (json_type(up) != JSON_NONE && json_int(up, &above) < 0) || above < 0 || above >= plan_base(0))
		return error_set(e, ERROR_USAGE, "it is no operation");
	n += plan_base((enum plan_part)part);
	db_bind_int(r->subject, 1, n);
	db_bind_int(r->subject, 2, level);
	db_bind_text(r->subject, 3, label);
	db_bind_text(r->subject, 4, text_of(r, v, "key"));
	db_bind_text(r->subject, 5, id);
	db_bind_text(r->subject, 6, text_of(r, v, "why"));
	db_bind_int(r->subject, 7, part == PART_USER_FINISH ? PLAN_STARTED : PLAN_OPEN);
	if (json_type(up) != JSON_NONE)
		db_bind_int(r->subject, 8, above + plan_base((enum plan_part)part));
	else
		db_bind_null(r->subject, 8);
	if (waits)
		return db_run(r->subject, e);
	db_bind_int(r->op, 1, n);
	db_bind_int(r->op, 2, kind);
	db_bind_text(r->op, 3, text_of(r, v, "place"));
	db_bind_text(r->op, 4, text_of(r, v, "value"));
	db_bind_text(r->op, 5, text_of(r, v, "before"));
	db_bind_text(r->op, 6, text_of(r, v, "after"));
	return db_run(r->subject, e) < 0 || db_run(r->op, e) < 0 ? -1 : 0;
}

static int read_line(struct reader *r, struct error *e)
{
	struct json root;
	int failed;

	r->lines++;
	arena_reset(&r->arena);
	failed = buf_check(&r->line, "line", e) < 0 ||
		json_parse(r->doc, buf_str(&r->line), 0, &root, e) < 0 ||
		(r->lines == 1 ? read_header(r, root, e) : read_op(r, root, e)) < 0;
	buf_reset(&r->line);
	return failed ? error_add(e, "line %lu", (unsigned long)r->lines) : 0;
}

static int read_lines(struct reader *r, struct store_in *in, struct error *e)
{
	char chunk[4096];
	long got, i;

	sha256_init(&r->digest);
	while ((got = store_read(in, chunk, sizeof(chunk), e)) > 0) {
		sha256_add(&r->digest, chunk, (size_t)got);
		for (i = 0; i < got; i++) {
			if (chunk[i] != '\n')
				buf_putc(&r->line, chunk[i]);
			else if (read_line(r, e) < 0)
				return -1;
		}
	}
	sha256_hex(&r->digest, r->plan->digest);
	if (got == 0 && (r->line.len > 0 || r->lines == 0))
		return error_set(e, ERROR_USAGE, "the plan is not whole: its last line has no end");
	return (int)got;
}

static int reader_init(struct reader *r, struct plan *p, const char *target, const struct plan_policy *policy,
		       struct error *e)
{
	memset(r, 0, sizeof(*r));
	r->plan = p;
	r->target = target;
	r->policy = policy;
	arena_init(&r->arena, 8 * MAX_RECORD);
	buf_init(&r->line, 8 * MAX_RECORD);
	r->doc = json_doc_new(MAX_JSON_TOKENS, e);
	r->subject = db_prepare(p->db, "INSERT OR IGNORE INTO subject(n, level, label, key, id, why, state,"
				       " above)"
				" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)", e);
	r->op = db_prepare(p->db, "INSERT INTO op VALUES (?1, ?2, ?3, ?4, ?5, ?6)", e);
	return r->doc != NULL && r->subject != NULL && r->op != NULL ? 0 : -1;
}

static void reader_release(struct reader *r)
{
	db_finish(r->subject);
	db_finish(r->op);
	json_doc_free(r->doc);
	arena_release(&r->arena);
	buf_release(&r->line);
}

int plan_read(struct plan *p, const char *path, const char *target, const struct plan_policy *policy,
	      struct error *e)
{
	struct reader r;
	struct store_in *in = store_open(path, NULL, e);
	int failed;

	if (in == NULL)
		return -1;
	failed = reader_init(&r, p, target, policy, e) < 0 || read_lines(&r, in, e) < 0;
	if (failed)
		error_add(e, "%s", path);
	reader_release(&r);
	store_close(in);
	return failed ? -1 : 0;
}

void plan_file_name(const struct plan *p, struct buf *name)
{
	buf_reset(name);
	buf_printf(name, "plan:%s", p->digest);
}
