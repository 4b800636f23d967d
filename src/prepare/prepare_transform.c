#include <stdlib.h>
#include <string.h>
#include "base/json_scan.h"
#include "base/json_slice.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/unicode.h"
#include "prepare/prepare_int.h"

#define SETTING "TIMECAMP_PREPARE_TRANSFORM_CONFIG"
#define MAX_CONFIG MAX_RECORD		/* bytes of a configuration */
#define MAX_DEPTH (MAX_JSON_DEPTH - 2)	/* of what a rule makes; around it are an account and their list */
#define MEMBERS 64			/* of a record whose members are found in one walk */
#define COUNT(list) (sizeof list / sizeof list[0])

enum condition_kind { ALWAYS, NEVER, ALL_OF, ANY_OF, NONE_OF, TEST };
enum operator { EQUALS, STARTS_WITH, ENDS_WITH, CONTAINS, OPERATORS };

struct condition {
	enum condition_kind kind;
	struct condition *first, *next;		/* of a list */
	struct str property;
	struct value_path path;
	enum operator operator;
	struct str text;
};

struct rule {
	struct rule *next;
	int number;				/* its place in the list, from 1 on */
	struct str property;
	struct value_path path;
	struct str value;			/* JSON */
};

/* The members of a record, found in one walk because conditions ask for several. */
struct members {
	struct str record;			/* ptr NULL: none yet */
	struct str key[MEMBERS], value[MEMBERS];
	int n;					/* -1: more than there is room for */
};

struct transform {
	struct buf text;			/* owned: the configuration, which everything points into */
	const char *name;			/* file or setting, for messages */
	struct arena arena;			/* owned: conditions and rules */
	struct condition *exclude, *filter;	/* NULL: none */
	struct rule *rules;
	struct arena scratch;			/* owned: one record */
	struct buf printed;			/* owned: a value as text */
	struct buf edited[2];			/* owned: the record before and after a rule */
	struct members members;			/* of the present record */
	struct trace *trace;			/* borrowed; NULL unless somebody is explained */
	struct error *e;			/* while reading the configuration */
};

static const char *const top_keys[] = { "exclude", "filter", "transform" };
static const char *const condition_keys[] = { "and", "or", "not", "property", "string" };
static const char *const operator_names[OPERATORS] = { "equals", "starts_with", "ends_with", "contains" };
static const char *const rule_keys[] = { "property", "action", "value" };

/* ---- reading the configuration ------------------------------------------------------------------------ */

/* "FILE, line 3, column 7" */
static struct str place(struct transform *t, struct str at)
{
	size_t i, end = (size_t)(at.ptr - t->text.data), line = 1, start = 0;

	for (i = 0; i < end; i++) {
		if (t->text.data[i] == '\n') {
			line++;
			start = i + 1;
		}
	}
	return arena_printf(&t->arena, "%s, line %lu, column %lu", t->name, (unsigned long)line,
			    (unsigned long)utf8_length(str_sub(buf_str(&t->text), start, end - start)) + 1);
}

static int wrong(struct transform *t, struct str at, const char *what)
{
	struct str where = place(t, at);

	return error_set(t->e, ERROR_USAGE, "%.*s: %s", STR_ARG(where), what);
}

static void warn(struct transform *t, struct str at, const char *what)
{
	struct str where = place(t, at);

	log_warning("%.*s: %s", STR_ARG(where), what);
}

/* Says which keys of an object are unknown, and what they may have been meant to be. */
static void check_keys(struct transform *t, struct str object, const char *const *known, size_t n)
{
	struct json_walk w;
	struct str key, where;
	const char *near;
	size_t i;

	json_walk_init(&w, object);
	while (json_walk_next(&w)) {
		key = json_slice_text(w.key, &t->arena);
		for (i = 0; i < n && !str_eqz(key, known[i]); i++)
			;
		if (i < n || key.ptr == NULL)
			continue;
		near = str_nearest(key, known, n);
		where = place(t, w.key);
		log_warning("%.*s: unknown key \"%.*s\" is ignored%s%s%s", STR_ARG(where), STR_ARG(key),
			    near != NULL ? ", did you mean \"" : "", near != NULL ? near : "",
			    near != NULL ? "\"?" : "");
	}
}

/* The property of a condition or rule; empty when there is none. */
static int read_property(struct transform *t, struct str object, struct str *out)
{
	struct str value = json_slice_member(object, STR("property"));

	*out = STR("");
	if (json_slice_is_empty(value))
		return 0;
	if (json_slice_type(value) != JSON_STRING)
		return wrong(t, value, "\"property\" should be text");
	*out = json_slice_text(value, &t->arena);
	return out->ptr == NULL ? error_memory(t->e) : 0;
}

static struct condition *read_condition(struct transform *t, struct str value);

/* The conditions of "and", "or", "not". */
static int read_list(struct transform *t, struct condition *c, enum condition_kind kind, struct str list)
{
	struct condition **end = &c->first;
	struct json_walk w;

	c->kind = kind;
	if (json_slice_type(list) != JSON_ARRAY) {
		warn(t, list, "should be a list of conditions, never holds");
		c->kind = NEVER;
		return 0;
	}
	json_walk_init(&w, list);
	while (json_walk_next(&w)) {
		*end = read_condition(t, w.value);
		if (*end == NULL)
			return -1;
		end = &(*end)->next;
	}
	return 0;
}

static int read_not(struct transform *t, struct condition *c, struct str value)
{
	if (json_slice_type(value) == JSON_ARRAY)
		return read_list(t, c, NONE_OF, value);
	if (json_slice_type(value) != JSON_OBJECT || json_slice_is_empty(value)) {
		warn(t, value, "\"not\" should have a condition or a list of conditions, never holds");
		c->kind = NEVER;
		return 0;
	}
	c->kind = NONE_OF;
	c->first = read_condition(t, value);
	return c->first == NULL ? -1 : 0;
}

static int read_test(struct transform *t, struct condition *c, struct str object)
{
	struct str tests = json_slice_member(object, STR("string")), value;
	int i;

	c->kind = NEVER;
	if (read_property(t, object, &c->property) != 0)
		return -1;
	if (c->property.len == 0 || json_slice_type(tests) != JSON_OBJECT) {
		warn(t, object, "a condition without \"property\" or without \"string\" never holds");
		return 0;
	}
	check_keys(t, tests, operator_names, OPERATORS);
	for (i = 0; i < OPERATORS; i++) {
		value = json_slice_member(tests, str_from(operator_names[i]));
		if (value.ptr != NULL)
			break;
	}
	if (i == OPERATORS)
		return 0;
	buf_reset(&t->printed);
	if (value_print(value, &t->arena, &t->printed) != 0)
		return wrong(t, value, "should be text, a number, true or false");
	c->kind = TEST;
	c->operator = (enum operator)i;
	c->text = arena_str(&t->arena, buf_str(&t->printed));
	if (c->text.ptr == NULL || value_path_parse(&c->path, c->property, &t->arena) != 0)
		return error_memory(t->e);
	return 0;
}

/* Of several kinds in one object only the first counts. */
static int fill_condition(struct transform *t, struct condition *c, struct str object)
{
	struct str value;

	check_keys(t, object, condition_keys, COUNT(condition_keys));
	if ((value = json_slice_member(object, STR("and"))).ptr != NULL)
		return read_list(t, c, ALL_OF, value);
	if ((value = json_slice_member(object, STR("or"))).ptr != NULL)
		return read_list(t, c, ANY_OF, value);
	if ((value = json_slice_member(object, STR("not"))).ptr != NULL)
		return read_not(t, c, value);
	return read_test(t, c, object);
}

static struct condition *read_condition(struct transform *t, struct str value)
{
	struct condition *c = arena_alloc(&t->arena, sizeof *c);

	if (c == NULL) {
		error_memory(t->e);
		return NULL;
	}
	if (json_slice_is_empty(value)) {
		c->kind = ALWAYS;
		return c;
	}
	c->kind = NEVER;
	if (json_slice_type(value) != JSON_OBJECT)
		warn(t, value, "a condition should be an object, never holds");
	else if (fill_condition(t, c, value) != 0)
		return NULL;
	return c;
}

/* One element of "transform", number n, into *rule; it stays NULL when there is nothing to do. */
static int read_rule(struct transform *t, struct str object, int n, struct rule **rule)
{
	struct str action = json_slice_member(object, STR("action")), property;
	struct value_path path;
	struct rule *r;

	if (json_slice_type(object) != JSON_OBJECT) {
		warn(t, object, "a rule should be an object, is ignored");
		return 0;
	}
	check_keys(t, object, rule_keys, COUNT(rule_keys));
	if (read_property(t, object, &property) != 0)
		return -1;
	if (value_path_parse(&path, property, &t->arena) != 0)
		return error_memory(t->e);
	if (!str_eqz(json_slice_text(action, &t->arena), "replace_all") || path.parts == 0) {
		warn(t, object, path.parts == 0 ? "a rule without \"property\" is ignored" :
		     "the action of a rule should be \"replace_all\", the rule is ignored");
		return 0;
	}
	r = arena_alloc(&t->arena, sizeof *r);
	if (r == NULL)
		return error_memory(t->e);
	r->number = n;
	r->property = property;
	r->path = path;
	r->value = json_slice_member(object, STR("value"));
	if (r->value.ptr == NULL)
		r->value = STR("null");
	if (path.parts + value_depth(r->value) > MAX_DEPTH)
		return wrong(t, object, "a rule makes values that are too many levels deep");
	*rule = r;
	return 0;
}

static int read_rules(struct transform *t, struct str list)
{
	struct rule **end = &t->rules;
	struct json_walk w;
	int n = 0;

	if (list.ptr == NULL)
		return 0;
	if (json_slice_type(list) != JSON_ARRAY)
		return wrong(t, list, "\"transform\" should be a list of rules");
	json_walk_init(&w, list);
	while (json_walk_next(&w)) {
		if (read_rule(t, w.value, ++n, end) != 0)
			return -1;
		if (*end != NULL)
			end = &(*end)->next;
	}
	return 0;
}

static int read_config(struct transform *t, struct str config)
{
	struct str filter = json_slice_member(config, STR("filter"));
	struct str exclude = json_slice_member(config, STR("exclude"));

	if (json_slice_is_empty(config) && (config.ptr[0] == '{' || config.ptr[0] == '['))
		return 0;
	if (json_slice_type(config) != JSON_OBJECT)
		return wrong(t, config, "should be an object with \"filter\", \"exclude\" or \"transform\"");
	if (json_slice_broken_pair(config))
		return wrong(t, config, "a text has half of a character (\\ud800 to \\udfff alone)");
	check_keys(t, config, top_keys, COUNT(top_keys));
	if (!json_slice_is_empty(exclude) && (t->exclude = read_condition(t, exclude)) == NULL)
		return -1;
	if (!json_slice_is_empty(filter) && (t->filter = read_condition(t, filter)) == NULL)
		return -1;
	return read_rules(t, json_slice_member(config, STR("transform")));
}

static int on_document(void *cookie, const struct json_match *match, struct str raw, struct error *e)
{
	struct transform *t = cookie;

	(void)e;
	return read_config(t, str_sub(buf_str(&t->text), (size_t)match->offset, raw.len));
}

/* The text of the setting, or of the file that it names. */
static int load(struct transform *t, const char *setting, struct error *e)
{
	t->name = SETTING;
	if (setting[0] == '{' || setting[0] == '[') {
		buf_puts(&t->text, setting);
		return buf_check(&t->text, SETTING, e);
	}
	t->name = setting;
	if (store_load(setting, &t->text, e) == 0)
		return 0;
	if (e != NULL)
		e->kind = ERROR_USAGE;
	return error_add(e, SETTING);
}

struct transform *transform_new(const char *setting, struct error *e)
{
	static const char *const paths[] = { "", NULL };
	struct transform *t = calloc(1, sizeof *t);
	struct json_scan *scan = NULL;
	int failed = 1;

	if (t == NULL) {
		error_memory(e);
		return NULL;
	}
	buf_init(&t->text, MAX_CONFIG);
	buf_init(&t->printed, 2 * MAX_RECORD);
	buf_init(&t->edited[0], 8 * MAX_RECORD);
	buf_init(&t->edited[1], 8 * MAX_RECORD);
	arena_init(&t->arena, 64 * MAX_CONFIG);
	arena_init(&t->scratch, 16 * MAX_RECORD);
	t->e = e;
	if (load(t, setting, e) != 0)
		goto out;
	scan = json_scan_new(paths, MAX_CONFIG, on_document, t, e);
	if (scan == NULL)
		goto out;
	failed = json_scan_feed(scan, buf_text(&t->text), t->text.len, e) != 0 || json_scan_end(scan, e) != 0;
	if (failed && e != NULL && e->kind == ERROR_FAILED) {
		e->kind = ERROR_USAGE;
		error_add(e, "%s", t->name);
	}
out:
	json_scan_free(scan);
	if (failed) {
		transform_free(t);
		return NULL;
	}
	t->e = NULL;
	return t;
}

void transform_free(struct transform *t)
{
	if (t == NULL)
		return;
	buf_release(&t->text);
	buf_release(&t->printed);
	buf_release(&t->edited[0]);
	buf_release(&t->edited[1]);
	arena_release(&t->arena);
	arena_release(&t->scratch);
	free(t);
}

void transform_watch(struct transform *t, struct trace *trace)
{
	t->trace = trace;
}

int transform_sets(const struct transform *t, const char *prefix)
{
	const struct rule *r;

	for (r = t->rules; r != NULL; r = r->next) {
		if (str_starts(r->path.part[0], str_from(prefix)))
			return 1;
	}
	return 0;
}

/* ---- applying it -------------------------------------------------------------------------------------- */

static void find_members(struct members *m, struct str record)
{
	struct json_walk w;

	m->record = record;
	m->n = 0;
	json_walk_init(&w, record);
	while (m->n >= 0 && json_walk_next(&w)) {
		if (m->n == MEMBERS) {
			m->n = -1;
			break;
		}
		m->key[m->n] = w.key;
		m->value[m->n++] = w.value;
	}
}

/* As value_get(). */
static struct str get(struct transform *t, struct str record, const struct value_path *path)
{
	struct members *m = &t->members;
	struct value_path rest;
	int i;

	if (m->record.ptr != record.ptr)
		find_members(m, record);
	if (m->n < 0 || path->parts == 0)
		return value_get(record, path);
	for (i = m->n; i-- > 0;) {
		if (json_key_is(m->key[i], path->part[0]))
			break;
	}
	rest.part = path->part + 1;
	rest.parts = path->parts - 1;
	return i < 0 ? str_of(NULL, 0) : value_get(m->value[i], &rest);
}

/* *found is the text that was compared; ptr NULL: there is none. */
static int compare(struct transform *t, const struct condition *c, struct str record, struct str *found,
		   struct error *e)
{
	struct str value = get(t, record, &c->path), text;
	enum json_type type = json_slice_type(value);

	*found = str_of(NULL, 0);
	if (type == JSON_NONE || type == JSON_NULL)
		return 0;
	if (type == JSON_STRING) {
		text = json_slice_text(value, &t->scratch);
		if (text.ptr == NULL)
			return error_memory(e);
	} else {
		buf_reset(&t->printed);
		if (value_print(value, &t->scratch, &t->printed) != 0)
			return error_set(e, ERROR_USAGE, SETTING ": a condition compares \"%.*s\", "
					 "which is %s, with text", STR_ARG(c->property),
					 json_slice_type_name(value));
		text = buf_str(&t->printed);
	}
	*found = text;
	switch (c->operator) {
	case EQUALS:
		return str_eq(text, c->text);
	case STARTS_WITH:
		return str_starts(text, c->text);
	case ENDS_WITH:
		return str_ends(text, c->text);
	default:
		return c->text.len == 0 || str_find(text, 0, c->text) < text.len;
	}
}

static int test(struct transform *t, const struct condition *c, struct str record, struct error *e)
{
	struct str found;
	int got = compare(t, c, record, &found, e);

	trace_test(t->trace, c->property, operator_names[c->operator], c->text, found, got);
	return got;
}

/* 1 holds, 0 does not, -1 error. */
static int holds(struct transform *t, const struct condition *c, struct str record, struct error *e)
{
	const struct condition *part;
	int got;

	if (c->kind == TEST)
		return test(t, c, record, e);
	if (c->kind == ALWAYS || c->kind == NEVER)
		return c->kind == ALWAYS;
	for (part = c->first; part != NULL; part = part->next) {
		got = holds(t, part, record, e);
		if (got < 0)
			return -1;
		if (got != (c->kind == ALL_OF))
			return c->kind == ANY_OF;
	}
	return c->kind != ANY_OF;
}

int transform_apply(struct transform *t, struct str record, struct str *result, struct error *e)
{
	const struct rule *r;
	int got, turn = 0;

	*result = record;
	t->members.record.ptr = NULL;
	arena_reset(&t->scratch);
	if (t->exclude != NULL && (got = holds(t, t->exclude, record, e)) != 0) {
		trace_condition(t->trace, TRACE_CONDITION);
		return got < 0 ? -1 : 0;
	}
	trace_condition(t->trace, TRACE_POINTS);
	if (t->filter != NULL && (got = holds(t, t->filter, record, e)) != 1) {
		trace_condition(t->trace, TRACE_FILTER);
		return got < 0 ? -1 : 1;
	}
	trace_condition(t->trace, TRACE_POINTS);
	for (r = t->rules; r != NULL; r = r->next) {
		struct str now = get(t, *result, &r->path);

		if (value_equal(now.ptr != NULL ? now : STR("null"), r->value, &t->scratch))
			continue;
		buf_reset(&t->edited[turn]);
		if (value_set(*result, &r->path, r->value, &t->edited[turn]) == 0)
			continue;
		if (buf_check(&t->edited[turn], "a record after " SETTING, e) != 0)
			return -1;
		trace_rule(t->trace, r->property, r->number, now, r->value);
		*result = buf_str(&t->edited[turn]);
		t->members.record.ptr = NULL;
		turn = !turn;
	}
	return 1;
}
