#include <stdlib.h>
#include <string.h>
#include "base/limits.h"
#include "base/regex.h"
#include "base/unicode.h"
#include "prepare/prepare_int.h"

#define EXCLUDE "TIMECAMP_EXCLUDE_REGEX"
#define CHANGE "TIMECAMP_CHANGE_GROUPS_REGEX"
#define RULE_END ";;;"
#define RULE_MIDDLE "|||"

struct group_rules {
	struct regex *rule[MAX_GROUP_RULES];	/* owned */
	struct str source[MAX_GROUP_RULES];	/* borrowed: as the setting has it */
	int count;
	struct buf text;			/* owned: the group between two rules */
};

/* In double quotes .env turns \b into a backspace: such a pattern finds nothing, and nobody would notice. */
static int check_text(const char *setting, struct str text, struct error *e)
{
	size_t i;

	for (i = 0; i < text.len; i++) {
		if (text.ptr[i] == '\b' || text.ptr[i] == '\a')
			return error_set(e, ERROR_USAGE, "%s: \"%.*s\" has a control character; "
					 "inside double quotes write \\\\b for \\b, or use single quotes",
					 setting, STR_ARG(text));
	}
	return 0;
}

static struct regex *compile(const char *setting, struct str pattern, struct error *e)
{
	struct regex *r;

	if (check_text(setting, pattern, e) != 0)
		return NULL;
	r = regex_new(pattern, e);
	if (r == NULL)
		error_add(e, "%s: \"%.*s\" is no regular expression", setting, STR_ARG(pattern));
	return r;
}

struct regex *exclude_new(struct error *e)
{
	return compile(EXCLUDE, str_from(settings_text(EXCLUDE)), e);
}

static void put_attribute(struct buf *out, const char *name, struct str value)
{
	size_t i;

	buf_puts(out, name);
	for (i = 0; i < value.len; i++)
		buf_putc(out, value.ptr[i] == '"' ? '\'' : value.ptr[i]);
	buf_putc(out, '"');
}

void exclude_line(struct buf *out, struct str department, struct str title, struct str mail)
{
	put_attribute(out, "department=\"", department);
	put_attribute(out, " job_title=\"", title);
	put_attribute(out, " email=\"", mail);
}

/* "pattern|||replacement" */
static int add_rule(struct group_rules *g, struct str rule, struct error *e)
{
	size_t at = str_find(rule, 0, STR(RULE_MIDDLE));
	struct str pattern = str_sub(rule, 0, at), replacement = str_sub(rule, at + 3, rule.len);
	struct regex *r;

	if (unicode_trim(rule).len == 0)
		return 0;
	if (at == rule.len || str_find(replacement, 0, STR(RULE_MIDDLE)) < replacement.len)
		return error_set(e, ERROR_USAGE, CHANGE ": rule \"%.*s\" should be pattern" RULE_MIDDLE
				 "replacement, with " RULE_END " between rules", STR_ARG(rule));
	if (g->count == MAX_GROUP_RULES)
		return error_set(e, ERROR_USAGE, CHANGE " has more than %d rules", MAX_GROUP_RULES);
	r = compile(CHANGE, pattern, e);
	if (r == NULL)
		return -1;
	g->source[g->count] = rule;
	g->rule[g->count++] = r;
	if (regex_set_replacement(r, replacement, e) != 0)
		return error_add(e, CHANGE ": rule \"%.*s\"", STR_ARG(rule));
	return 0;
}

struct group_rules *group_rules_new(struct error *e)
{
	struct group_rules *g = calloc(1, sizeof *g);
	struct str rest = str_from(settings_text(CHANGE)), rule;
	size_t at;

	if (g == NULL) {
		error_memory(e);
		return NULL;
	}
	buf_init(&g->text, MAX_GROUP_PATH);
	while (rest.len > 0) {
		at = str_find(rest, 0, STR(RULE_END));
		rule = str_sub(rest, 0, at);
		rest = str_sub(rest, at + 3, rest.len);
		if (add_rule(g, rule, e) != 0) {
			group_rules_free(g);
			return NULL;
		}
	}
	return g;
}

void group_rules_free(struct group_rules *g)
{
	int i;

	if (g == NULL)
		return;
	for (i = 0; i < g->count; i++)
		regex_free(g->rule[i]);
	buf_release(&g->text);
	free(g);
}

int group_rules_apply(struct group_rules *g, struct buf *group, struct trace *trace, struct error *e)
{
	int i, n;

	if (group->len == 0)
		return 0;
	for (i = 0; i < g->count; i++) {
		buf_reset(&g->text);
		n = regex_replace(g->rule[i], buf_str(group), &g->text, e);
		if (n < 0)
			return error_add(e, CHANGE ", rule %d", i + 1);
		if (n > 0) {
			trace_changed(trace, TRACE_GROUP_RULE, buf_str(group), buf_str(&g->text));
			trace_say(trace, "rule %d, %.*s", i + 1, STR_ARG(g->source[i]));
			buf_reset(group);
			buf_put_str(group, buf_str(&g->text));
		}
	}
	return 0;
}
