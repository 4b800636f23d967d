/* explain: how the record, the rules and the account of somebody look. */
#include <stdarg.h>
#include "app/app.h"
#include "app/app_explain.h"
#include "base/json_slice.h"
#include "base/log.h"
#include "base/unicode.h"

#define LINE_MAX_BYTES (4 * MAX_RECORD)
#define VALUE_SHOWN 300		/* bytes of a value of a record */
#define MEMBERS_SHOWN 40	/* of raw_data */
#define NAME_WIDTH 26		/* columns of the names of a record's members, at most */
#define RULE_WIDTH 12
#define USER_WIDTH 17
#define OP_WIDTH 16
#define RAW "raw_data."
#define ARROW " \xe2\x86\x92 "
#define BOLD "\033[1m"
#define DIM "\033[2m"
#define PLAIN "\033[0m"

void explain_text_init(struct explain_text *t, int colour)
{
	t->colour = colour;
	t->begun = 0;
	buf_init(&t->line, LINE_MAX_BYTES);
}

void explain_text_release(struct explain_text *t)
{
	buf_release(&t->line);
}

/* Prints what is in the line; it comes from elsewhere, so nothing in it may move the cursor. */
static void put_line(struct explain_text *t, const char *style)
{
	struct buf clean;

	buf_init(&clean, 4 * LINE_MAX_BYTES);
	log_clean(&clean, buf_str(&t->line));
	out_text(t->colour ? style : "");
	out_text(buf_text(&clean));
	out_text(t->colour && style[0] != '\0' ? PLAIN "\n" : "\n");
	buf_release(&clean);
	buf_reset(&t->line);
}

void explain_heading(struct explain_text *t, const char *fmt, ...)
{
	va_list args;

	out_text(t->begun ? "\n" : "");
	t->begun = 1;
	va_start(args, fmt);
	buf_vprintf(&t->line, fmt, args);
	va_end(args);
	put_line(t, BOLD);
}

void explain_item(struct explain_text *t, struct str name, int width, struct str text)
{
	size_t used = utf8_length(name);

	buf_printf(&t->line, "  %.*s%*s  ", STR_ARG(name), used < (size_t)width ? width - (int)used : 0, "");
	buf_put_str(&t->line, text);
	put_line(t, "");
}

void explain_below(struct explain_text *t, int width, struct str text)
{
	buf_printf(&t->line, "  %*s  %.*s", width, "", STR_ARG(text));
	put_line(t, DIM);
}

void explain_line(struct explain_text *t, struct str text)
{
	buf_printf(&t->line, "  %.*s", STR_ARG(text));
	put_line(t, "");
}

/* ---- records ------------------------------------------------------------------------------------------ */

/* Texts without quotes; what is long is cut. */
static void put_value(struct buf *out, struct str value, struct arena *a)
{
	int is_text = json_slice_type(value) == JSON_STRING;
	struct str text = is_text ? json_slice_text(value, a) : value;
	size_t n = text.len;

	if (n > VALUE_SHOWN)
		for (n = VALUE_SHOWN; n > 0 && ((unsigned char)text.ptr[n] & 0xc0) == 0x80; n--)
			;
	buf_put_str(out, text.len == 0 ? STR("(empty)") : str_sub(text, 0, n));
	buf_puts(out, n < text.len ? " ..." : "");
}

/* Columns that the names need, those of raw_data too. */
static int name_width(struct str record, size_t prefix)
{
	struct json_walk w;
	size_t width = 0, need;

	json_walk_init(&w, record);
	while (json_walk_next(&w)) {
		need = prefix + w.key.len - 2;
		if (prefix == 0 && json_key_is(w.key, STR("raw_data")))
			need = (size_t)name_width(w.value, sizeof RAW - 1);
		if (need > width)
			width = need;
	}
	return width < NAME_WIDTH ? (int)width : NAME_WIDTH;
}

static void put_members(struct explain_text *t, struct str record, const char *prefix, int width, int most)
{
	struct json_walk w;
	struct arena a;
	struct buf name, value;
	int n = 0;

	arena_init(&a, 4 * MAX_RECORD);
	buf_init(&name, 2 * MAX_JSON_KEY);
	buf_init(&value, 2 * MAX_RECORD);
	json_walk_init(&w, record);
	while (json_walk_next(&w)) {
		arena_reset(&a);
		buf_reset(&name);
		buf_reset(&value);
		if (prefix[0] == '\0' && json_key_is(w.key, STR("raw_data")) &&
		    json_slice_type(w.value) == JSON_OBJECT) {
			put_members(t, w.value, RAW, width, MEMBERS_SHOWN);
			continue;
		}
		if (n++ >= most)
			continue;
		buf_puts(&name, prefix);
		buf_put_str(&name, json_slice_text(w.key, &a));
		put_value(&value, w.value, &a);
		explain_item(t, buf_str(&name), width, buf_str(&value));
	}
	if (n > most) {
		buf_printf(&t->line, "  ... and %d more (--json shows them)", n - most);
		put_line(t, "");
	}
	arena_release(&a);
	buf_release(&name);
	buf_release(&value);
}

void explain_record(struct explain_text *t, struct str record)
{
	put_members(t, record, "", name_width(record, 0), 100 * MEMBERS_SHOWN);
}

/* ---- for people --------------------------------------------------------------------------------------- */

static struct str or_none(struct str text)
{
	return text.len == 0 ? STR("(none)") : text;
}

/* "group: Sales -> Sales/EMEA"; what did not change, or began here, without the arrow. */
static void put_change(struct buf *out, const struct explain_step *s)
{
	struct str none = str_eqz(s->field, "group") ? STR("(root)") : STR("(none)");

	buf_printf(out, "%.*s: ", STR_ARG(s->field));
	if (s->before.ptr != NULL && !str_eq(s->before, s->after)) {
		buf_put_str(out, s->before.len > 0 ? s->before : none);
		buf_puts(out, ARROW);
	}
	buf_put_str(out, s->after.len > 0 ? s->after : none);
}

static void put_step(struct explain_text *t, const struct explain_step *s)
{
	struct str rule = str_from(s->rule);
	struct buf text;

	buf_init(&text, LINE_MAX_BYTES);
	if (s->field.len > 0)
		put_change(&text, s);
	else
		buf_put_str(&text, s->why);
	explain_item(t, rule, RULE_WIDTH, buf_str(&text));
	buf_reset(&text);
	if (s->field.len > 0)
		buf_put_str(&text, s->why);
	buf_puts(&text, text.len > 0 && s->detail.len > 0 ? ": " : "");
	buf_put_str(&text, s->detail);
	if (text.len > 0)
		explain_below(t, RULE_WIDTH, buf_str(&text));
	if (s->setting.len > 0)
		explain_below(t, RULE_WIDTH, s->setting);
	buf_release(&text);
}

static void put_saved(struct explain_text *t, const struct explain_person *who, enum saved_state saved)
{
	static const char again[] = "\"rollcall prepare\" or \"rollcall run\" brings it up to date";
	int left_out = who->outcome == EXPLAIN_LEFT_OUT;

	if (saved == SAVED_DIFFERS)
		buf_printf(&t->line, "  " PATH_PREPARED " has %s; %s", left_out ? "an account all the same" :
			   "another one", again);
	else if (saved == SAVED_MISSING && !left_out)
		buf_printf(&t->line, "  " PATH_PREPARED " does not have it yet; %s", again);
	else if (saved == SAVED_NO_FILE)
		buf_puts(&t->line, "  " PATH_PREPARED " is not there yet; \"rollcall prepare\" makes it");
	else
		return;
	put_line(t, "");
}

void explain_person_text(struct explain_text *t, const struct explain_person *who, const char *input,
			 enum saved_state saved)
{
	const struct explain_step *s;

	explain_heading(t, "Source: user %llu of %s", (unsigned long long)who->number, input);
	explain_record(t, buf_str(&who->source));
	explain_heading(t, "Rules, in the order in which they worked");
	for (s = who->steps; s != NULL; s = s->next)
		put_step(t, s);
	if (who->more_steps > 0)
		explain_line(t, STR("... and more than can be kept"));
	if (who->outcome == EXPLAIN_PREPARED) {
		explain_heading(t, "Account, as prepare makes it");
		explain_record(t, buf_str(&who->account));
	} else if (who->outcome == EXPLAIN_LEFT_OUT) {
		explain_heading(t, "Left out: %.*s", STR_ARG(who->why));
	} else {
		explain_heading(t, "Not finished: prepare fails");
	}
	if (who->outcome != EXPLAIN_OPEN)
		put_saved(t, who, saved);
}

/* The members of a user of the target, as people and as programs call them. */
#define USER_FIELDS 7
static const char *const user_titles[USER_FIELDS] = {
	"id", "e-mail", "name", "group", "role", "additional e-mail", "external id"
};
static const char *const user_keys[USER_FIELDS] = {
	"id", "email", "name", "group", "role", "additional_email", "external_id"
};

static void user_texts(const struct plan_case *c, struct str out[USER_FIELDS])
{
	out[0] = c->id;
	out[1] = c->email;
	out[2] = c->name;
	out[3] = c->group;
	out[4] = c->role;
	out[5] = c->address;
	out[6] = c->external_id;
}

static void put_user(struct explain_text *t, const struct plan_case *c)
{
	struct str texts[USER_FIELDS];
	int i;

	user_texts(c, texts);
	for (i = 0; i < USER_FIELDS; i++)
		if (texts[i].ptr != NULL)
			explain_item(t, str_from(user_titles[i]), USER_WIDTH,
				     i == 3 && texts[i].len == 0 ? STR("(root)") : or_none(texts[i]));
	if (c->disabled)
		explain_item(t, STR("disabled"), USER_WIDTH, STR("yes"));
	if (c->manual)
		explain_item(t, STR("added by hand"), USER_WIDTH, STR("yes"));
	if (c->found_by.len > 0)
		explain_item(t, STR("found by"), USER_WIDTH, c->found_by);
}

/* "role: user -> supervisor"; of operations without values their name alone. */
static void put_op(struct explain_text *t, const struct plan_subject *s, const struct op *op)
{
	struct str field = str_from(op_table[op->kind].field), why = plan_why(s, op);
	struct buf text;

	buf_init(&text, LINE_MAX_BYTES);
	if (op->kind == OP_USER_CREATE)
		field = STR("group");
	if (field.len > 0) {
		buf_printf(&text, "%.*s: ", STR_ARG(field));
		if (s->part != PART_USER_CREATE && s->part != PART_USER_FINISH) {
			buf_put_str(&text, or_none(op->before));
			buf_puts(&text, ARROW);
		}
		buf_put_str(&text, or_none(op->after));
	} else {
		buf_put_str(&text, why);
	}
	explain_item(t, str_from(op_table[op->kind].name), OP_WIDTH, buf_str(&text));
	if (field.len > 0)
		explain_below(t, OP_WIDTH, why);
	buf_release(&text);
}

void explain_case_text(struct explain_text *t, const struct plan_case *c, const char *title)
{
	int i, j;

	if (c->exists)
		explain_heading(t, "%s: the user", title);
	else
		explain_heading(t, "%s: no such user", title);
	put_user(t, c);
	explain_heading(t, "%s: what is to be done", title);
	for (i = 0; i < c->note_count; i++) {
		explain_item(t, str_from(c->notes[i].verdict), OP_WIDTH, c->notes[i].why);
		if (c->notes[i].setting[0] != '\0')
			explain_below(t, OP_WIDTH, str_from(c->notes[i].setting));
	}
	for (i = 0; i < c->subject_count; i++)
		for (j = 0; j < c->op_count[i]; j++)
			put_op(t, &c->subjects[i], &c->ops[i][j]);
}

/* ---- for programs ------------------------------------------------------------------------------------- */

static void put_or_null(struct json_write *w, const char *key, struct str text)
{
	json_put_keyz(w, key);
	if (text.ptr == NULL)
		json_put_null(w);
	else
		json_put_text(w, text);
}

static void write_step(struct json_write *w, const struct explain_step *s)
{
	json_begin_object(w);
	json_put_member(w, "rule", str_from(s->rule));
	put_or_null(w, "setting", s->setting.len > 0 ? s->setting : str_of(NULL, 0));
	put_or_null(w, "field", s->field.len > 0 ? s->field : str_of(NULL, 0));
	put_or_null(w, "before", s->before);
	put_or_null(w, "after", s->after);
	put_or_null(w, "why", s->why.len > 0 ? s->why : str_of(NULL, 0));
	put_or_null(w, "detail", s->detail.len > 0 ? s->detail : str_of(NULL, 0));
	json_end_object(w);
}

void explain_person_json(struct json_write *w, const struct explain_person *who, enum saved_state saved)
{
	static const char *const outcomes[] = { "unfinished", "left out", "prepared" };
	static const char *const states[] = { "same", "differs", "missing", "no file" };
	const struct explain_step *s;

	json_put_keyz(w, "number");
	json_put_int(w, (int64_t)who->number);
	json_put_member_raw(w, "source", buf_str(&who->source));
	json_put_keyz(w, "steps");
	json_begin_array(w);
	for (s = who->steps; s != NULL; s = s->next)
		write_step(w, s);
	json_end_array(w);
	json_put_member(w, "outcome", str_from(outcomes[who->outcome]));
	put_or_null(w, "why", who->outcome == EXPLAIN_LEFT_OUT ? who->why : str_of(NULL, 0));
	json_put_member_raw(w, "account", who->account.len > 0 ? buf_str(&who->account) : STR("null"));
	json_put_member(w, "saved", str_from(states[saved]));
}

static void write_user(struct json_write *w, const struct plan_case *c)
{
	struct str texts[USER_FIELDS];
	int i;

	user_texts(c, texts);
	json_begin_object(w);
	for (i = 0; i < USER_FIELDS; i++)
		put_or_null(w, user_keys[i], texts[i]);
	json_put_keyz(w, "disabled");
	json_put_bool(w, c->disabled);
	json_put_keyz(w, "added_manually");
	json_put_bool(w, c->manual);
	put_or_null(w, "found_by", c->found_by);
	json_end_object(w);
}

static void write_op(struct json_write *w, const struct plan_subject *s, const struct op *op)
{
	json_begin_object(w);
	json_put_member(w, "kind", str_from(op_table[op->kind].name));
	put_or_null(w, "before", op->before);
	put_or_null(w, "after", op->after);
	json_put_member(w, "why", plan_why(s, op));
	json_put_keyz(w, "held");
	json_put_bool(w, s->state == PLAN_HELD);
	json_end_object(w);
}

void explain_case_json(struct json_write *w, const struct plan_case *c)
{
	int i, j;

	json_begin_object(w);
	json_put_keyz(w, "user");
	if (c->exists)
		write_user(w, c);
	else
		json_put_null(w);
	json_put_keyz(w, "notes");
	json_begin_array(w);
	for (i = 0; i < c->note_count; i++) {
		const char *setting = c->notes[i].setting;

		json_begin_object(w);
		json_put_member(w, "verdict", str_from(c->notes[i].verdict));
		json_put_member(w, "why", c->notes[i].why);
		put_or_null(w, "setting", setting[0] != '\0' ? str_from(setting) : str_of(NULL, 0));
		json_end_object(w);
	}
	json_end_array(w);
	json_put_keyz(w, "operations");
	json_begin_array(w);
	for (i = 0; i < c->subject_count; i++)
		for (j = 0; j < c->op_count[i]; j++)
			write_op(w, &c->subjects[i], &c->ops[i][j]);
	json_end_array(w);
	json_end_object(w);
}
