#include "app/app_events.h"

#include <string.h>
#include "base/arena.h"
#include "base/date.h"
#include "base/json_write.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/unicode.h"
#include "base/version.h"
#include "plan/plan_explain.h"
#include "port.h"

#define MAX_EVENT (8 * MAX_RECORD)	/* bytes of a line */

/* ---- lines --------------------------------------------------------------------------------------------- */

/* Each byte that is no UTF-8 becomes a question mark: a text that was cut must not cost the event. */
static void put_valid(struct json_write *w, struct str s)
{
	struct buf out;
	size_t pos = 0, from;

	if (utf8_valid(s)) {
		json_put_text(w, s);
		return;
	}
	buf_init(&out, MAX_EVENT);
	while ((from = pos) < s.len) {
		if (utf8_next(s, &pos) < 0)
			buf_putc(&out, '?');
		else
			buf_put(&out, s.ptr + from, pos - from);
	}
	json_put_text(w, buf_str(&out));
	buf_release(&out);
}

/* A text without secrets, or null. */
static void put_text(struct json_write *w, const char *key, struct str s)
{
	struct buf clean;

	json_put_keyz(w, key);
	if (s.ptr == NULL) {
		json_put_null(w);
		return;
	}
	buf_init(&clean, MAX_EVENT);
	log_clean(&clean, s);
	put_valid(w, buf_str(&clean));
	buf_release(&clean);
}

static void put_textz(struct json_write *w, const char *key, const char *s)
{
	put_text(w, key, str_from(s));
}

static void put_int(struct json_write *w, const char *key, uint64_t n)
{
	json_put_keyz(w, key);
	json_put_int(w, (int64_t)n);
}

static void put_bool(struct json_write *w, const char *key, int on)
{
	json_put_keyz(w, key);
	json_put_bool(w, on);
}

static void put_seconds(struct json_write *w, const struct events *v)
{
	long ms = (long)(port_mono_ms() - v->start_ms);
	struct buf text;

	buf_init(&text, 64);
	buf_printf(&text, "%ld.%03ld", ms / 1000, ms % 1000);
	json_put_member_raw(w, "seconds", buf_str(&text));
	buf_release(&text);
}

static void open_line(struct json_write *w, const char *event)
{
	int64_t now = port_wall_ms();
	char stamp[21];
	struct buf time;

	json_write_init(w, 0, NULL, NULL, MAX_EVENT);
	json_begin_object(w);
	json_put_member(w, "event", str_from(event));
	date_format_utc(stamp, now / 1000);
	buf_init(&time, 64);
	buf_printf(&time, "%.19s.%03dZ", stamp, (int)(now % 1000));
	json_put_member(w, "time", buf_str(&time));
	buf_release(&time);
}

/* The line reaches the reader whole; a full disk is noticed at the end of the program. */
static void close_line(struct json_write *w)
{
	struct error why;

	error_init(&why);
	json_end_object(w);
	if (json_write_finish(w, &why) == 0) {
		buf_putc(&w->out, '\n');
		port_print(1, w->out.data, w->out.len);
	} else {
		log_warning("an event could not be written: %s", why.text);
	}
	json_write_release(w);
}

/* The first event says what the run is. */
static void begin(struct events *v)
{
	struct json_write w;

	if (v->begun)
		return;
	v->begun = 1;
	open_line(&w, "begin");
	json_put_member(&w, "version", STR(ROLLCALL_VERSION));
	json_put_member(&w, "command", str_from(v->command));
	json_put_keyz(&w, "run");
	if (v->run > 0)
		json_put_int(&w, v->run);
	else
		json_put_null(&w);
	put_textz(&w, "source", v->source);
	put_textz(&w, "target", v->target);
	put_bool(&w, "dry_run", v->dry_run);
	close_line(&w);
}

/* 1 when somebody listens. */
static int open_event(struct events *v, struct json_write *w, const char *event)
{
	if (v == NULL)
		return 0;
	begin(v);
	open_line(w, event);
	return 1;
}

/* ---- events -------------------------------------------------------------------------------------------- */

void events_init(struct events *v, const char *command)
{
	memset(v, 0, sizeof(*v));
	v->command = command;
	v->start_ms = port_mono_ms();
}

void events_about(struct events *v, const char *source, const char *target, int dry_run)
{
	if (v == NULL)
		return;
	v->source = source;
	v->target = target;
	v->dry_run = dry_run;
}

void events_recorded(struct events *v, int64_t run)
{
	if (v == NULL)
		return;
	v->run = run;
	begin(v);
}

void events_step(struct events *v, enum events_stage stage, const char *what, uint64_t done, uint64_t total)
{
	static const char *const stages[] = { "begin", "progress", "end" };
	struct json_write w;

	if (!open_event(v, &w, "step"))
		return;
	json_put_member(&w, "stage", str_from(stages[stage]));
	put_textz(&w, "what", what);
	put_int(&w, "done", done);
	json_put_keyz(&w, "total");
	if (total > 0)
		json_put_int(&w, (int64_t)total);
	else
		json_put_null(&w);
	close_line(&w);
}

void events_change(struct events *v, const struct state_change *c, struct str why)
{
	int planned = c->result.ptr == NULL, done = str_eqz(c->result, "done");
	struct json_write w;

	if (!open_event(v, &w, planned ? "operation" : "result"))
		return;
	put_text(&w, "kind", c->kind);
	put_text(&w, "subject", c->subject);
	put_text(&w, "before", c->before);
	put_text(&w, "after", c->after);
	if (planned && why.len > 0)
		put_text(&w, "why", why);
	if (!planned)
		json_put_member(&w, "result", str_from(done ? "done" : "failed"));
	if (!planned && !done)
		put_text(&w, "error", c->result);
	close_line(&w);
}

void events_limit(struct events *v, const struct events_limit *l)
{
	struct json_write w;

	if (!open_event(v, &w, "limit"))
		return;
	json_put_member(&w, "setting", str_from(l->setting));
	json_put_member(&w, "what", str_from(l->what));
	put_int(&w, "planned", l->planned);
	put_int(&w, "most", l->most);
	json_put_member(&w, "action", str_from(l->skipped ? "skip" : "hold"));
	put_textz(&w, "plan", l->plan);
	put_textz(&w, "command", l->command);
	close_line(&w);
}

void events_summary(struct events *v, struct str counts)
{
	struct json_write w;

	if (!open_event(v, &w, "summary"))
		return;
	put_bool(&w, "dry_run", v->dry_run);
	json_put_member_raw(&w, "counts", counts);
	put_seconds(&w, v);
	close_line(&w);
}

void events_end(struct events *v, int failed, const struct error *e)
{
	struct json_write w;

	if (!open_event(v, &w, "end"))
		return;
	put_int(&w, "exit", (uint64_t)(!failed ? 0 : e->kind == ERROR_NONE ? 1 : error_exit_code(e->kind)));
	put_textz(&w, "error", failed ? e->text : NULL);
	put_seconds(&w, v);
	close_line(&w);
}

/* ---- plans --------------------------------------------------------------------------------------------- */

static int put_subject(struct events *v, struct plan *p, const struct plan_subject *s, struct arena *a,
		       struct error *e)
{
	struct op ops[OP_KINDS];
	int i, count = plan_ops(p, s, ops, a, e);

	for (i = 0; i < count; i++) {
		struct state_change c;

		c.result = str_from(NULL);
		c.subject = ops[i].label;
		c.kind = str_from(op_table[ops[i].kind].name);
		c.before = ops[i].before;
		c.after = ops[i].after;
		events_change(v, &c, plan_why(s, &ops[i]));
	}
	return count < 0 ? -1 : count;
}

/* Adds the operations of a part to *operations. */
static int put_part(struct events *v, struct plan *p, enum plan_part part, uint64_t *operations,
		    struct error *e)
{
	struct plan_cursor *c = plan_walk(p, part, e);
	struct plan_subject s;
	struct arena arena;
	int got = c == NULL ? -1 : 1, count;

	arena_init(&arena, 4 * MAX_RECORD);
	while (got == 1 && (got = plan_next(c, &s, &arena, e)) == 1) {
		/* What is not as the plan says will not be done. */
		count = s.state == PLAN_FAILED ? 0 : put_subject(v, p, &s, &arena, e);
		if (count < 0)
			got = -1;
		else
			*operations += (uint64_t)count;
		arena_reset(&arena);
	}
	plan_walk_end(c);
	arena_release(&arena);
	return got < 0 ? -1 : 0;
}

int events_plan(struct events *v, struct plan *p, struct error *e)
{
	uint64_t count[PLAN_PARTS], operations = 0;
	struct json_write w;
	int i;

	if (v == NULL)
		return 0;
	if (plan_count(p, count, e) < 0)
		return -1;
	for (i = 0; i < PLAN_PARTS; i++)
		if (count[i] > 0 && put_part(v, p, (enum plan_part)i, &operations, e) < 0)
			return -1;
	open_event(v, &w, "plan");
	put_int(&w, "operations", operations);
	put_int(&w, "create", count[PART_USER_CREATE]);
	put_int(&w, "change", count[PART_USER_ENABLE] + count[PART_USER_CHANGE] + count[PART_USER_RETIRE]);
	put_int(&w, "disable", count[PART_USER_DISABLE]);
	put_int(&w, "groups_make", count[PART_GROUP_CREATE]);
	put_int(&w, "groups_remove", count[PART_GROUP_DELETE]);
	close_line(&w);
	return 0;
}
