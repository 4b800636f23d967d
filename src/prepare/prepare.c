#include <stdarg.h>
#include <string.h>
#include "base/limits.h"
#include "base/log.h"
#include "base/regex.h"
#include "base/unicode.h"
#include "prepare/prepare_int.h"

#define NOTES_SHOWN 5		/* of one kind; the rest is counted */
#define WORK_CACHE 4096		/* KiB; sorting takes as much again */

const struct setting prepare_settings[] = {
	{ "TIMECAMP_USE_DEPARTMENT_GROUPS", SETTING_SWITCH, "true", 0,
	  "groups from departments; with supervisor groups too: department and direct manager" },
	{ "TIMECAMP_USE_SUPERVISOR_GROUPS", SETTING_SWITCH, "false", 0,
	  "groups from managers: one for each, below the group of the own manager" },
	{ "TIMECAMP_SKIP_DEPARTMENTS", SETTING_LIST, NULL, 0,
	  "beginnings of group paths to take away, such as Acme,Acme/Sales; the first that matches counts" },
	{ "TIMECAMP_USE_JOB_TITLE_NAME_USERS", SETTING_SWITCH, "false", 0, "user names as \"title [name]\"" },
	{ "TIMECAMP_USE_JOB_TITLE_NAME_GROUPS", SETTING_SWITCH, "false", 0,
	  "names of managers' groups as \"title [name]\"" },
	{ "TIMECAMP_SHOW_EXTERNAL_ID", SETTING_SWITCH, "false", 0, "\" - external_id\" after names" },
	{ "TIMECAMP_USE_IS_SUPERVISOR_ROLE", SETTING_SWITCH, "false", 0,
	  "the supervisor role from is_supervisor alone, role_id and the hierarchy are ignored" },
	{ "TIMECAMP_REPLACE_EMAIL_DOMAIN", SETTING_TEXT, NULL, 0, "domain that all addresses get" },
	{ "TIMECAMP_EXCLUDE_REGEX", SETTING_TEXT, NULL, 0,
	  "leaves out who matches, searched in: department=\"D\" job_title=\"T\" email=\"E\"" },
	{ "TIMECAMP_CHANGE_GROUPS_REGEX", SETTING_TEXT, NULL, 0,
	  "changes group paths: pattern|||replacement;;;pattern|||replacement ..." },
	{ "TIMECAMP_PREPARE_TRANSFORM_CONFIG", SETTING_TEXT, NULL, SETTING_FILE,
	  "changes records before and after: JSON with filter, exclude, transform, or the name of a file" },
	{ NULL, SETTING_TEXT, NULL, 0, NULL }
};

static const char *const note_texts[NOTES] = {
	[NOTE_WITHOUT_ID] = "left out, because there is no external_id",
	[NOTE_SELF_MANAGED] = "manages himself, is taken for a top manager",
	[NOTE_UNKNOWN_SUPERVISOR] = "supervisor is not among the users",
	[NOTE_SAME_MAIL] = "address of two people, the one listed last counts",
	[NOTE_SAME_FINAL_MAIL] = "address of two people after TIMECAMP_REPLACE_EMAIL_DOMAIN",
	[NOTE_EMPTY_MAIL] = "address is empty",
	[NOTE_SLASH] = "slash in a manager's group name makes another level",
	[NOTE_ROLE_LOST] = "administrator or guest becomes a user, because there are forced supervisors",
};

void prepare_note(struct prepare *p, enum note note, const char *fmt, ...)
{
	struct buf text;
	va_list args;

	if (p->notes[note]++ >= NOTES_SHOWN || p->trace != NULL)
		return;
	buf_init(&text, MAX_LOG_LINE);
	va_start(args, fmt);
	buf_vprintf(&text, fmt, args);
	va_end(args);
	log_warning("%s: %s", note_texts[note], buf_text(&text));
	buf_release(&text);
}

static void count_notes(const struct prepare *p)
{
	int i;

	for (i = 0; i < NOTES; i++) {
		if (p->notes[i] > NOTES_SHOWN)
			log_warning("%s: %llu in all", note_texts[i], (unsigned long long)p->notes[i]);
	}
}

/* A prefix that is no cleaned path can never match one. */
static int check_skip(struct str prefixes, struct error *e)
{
	struct str prefix, clean;
	struct arena a;
	int result = 0;

	arena_init(&a, MAX_ENV_FILE);
	while (result == 0 && prefixes.len > 0 && str_next(&prefixes, ',', &prefix)) {
		prefix = unicode_trim(prefix);
		clean = path_clean(prefix, &a);
		if (clean.ptr == NULL)
			result = error_memory(e);
		else if (!str_eq(clean, prefix))
			result = error_set(e, ERROR_USAGE, "TIMECAMP_SKIP_DEPARTMENTS: \"%.*s\" can never "
					   "match; write \"%.*s\", as parts of paths have no blanks around "
					   "them and are never empty", STR_ARG(prefix), STR_ARG(clean));
	}
	arena_release(&a);
	return result;
}

static int set_domain(struct rules *r, struct str domain, struct error *e)
{
	buf_init(&r->domain, MAX_ENV_FILE);
	if (domain.len == 0)
		return 0;
	if (str_eqz(domain, "@"))
		return error_set(e, ERROR_USAGE, "TIMECAMP_REPLACE_EMAIL_DOMAIN is \"@\", should be a domain "
				 "such as example.com");
	if (domain.ptr[0] != '@')
		buf_putc(&r->domain, '@');
	buf_put_str(&r->domain, domain);
	return buf_check(&r->domain, "TIMECAMP_REPLACE_EMAIL_DOMAIN", e);
}

static int rules_init(struct rules *r, struct error *e)
{
	const char *config;

	if (!settings_on("TIMECAMP_USE_SUPERVISOR_GROUPS"))
		r->mode = MODE_DEPARTMENT;
	else
		r->mode = settings_on("TIMECAMP_USE_DEPARTMENT_GROUPS") ? MODE_HYBRID : MODE_SUPERVISOR;
	r->titles_in_users = settings_on("TIMECAMP_USE_JOB_TITLE_NAME_USERS");
	r->titles_in_groups = settings_on("TIMECAMP_USE_JOB_TITLE_NAME_GROUPS");
	r->show_id = settings_on("TIMECAMP_SHOW_EXTERNAL_ID");
	r->by_is_supervisor = settings_on("TIMECAMP_USE_IS_SUPERVISOR_ROLE");
	r->skip = str_from(settings_text("TIMECAMP_SKIP_DEPARTMENTS"));
	if (set_domain(r, str_from(settings_text("TIMECAMP_REPLACE_EMAIL_DOMAIN")), e) != 0)
		return -1;
	if (check_skip(r->skip, e) != 0)
		return -1;
	if (settings_text("TIMECAMP_EXCLUDE_REGEX")[0] != '\0' && (r->exclude = exclude_new(e)) == NULL)
		return -1;
	r->changes = group_rules_new(e);
	if (r->changes == NULL)
		return -1;
	config = settings_text("TIMECAMP_PREPARE_TRANSFORM_CONFIG");
	return config[0] != '\0' && (r->transform = transform_new(config, e)) == NULL ? -1 : 0;
}

static void rules_release(struct rules *r)
{
	buf_release(&r->domain);
	regex_free(r->exclude);
	group_rules_free(r->changes);
	transform_free(r->transform);
}

int prepare_init(struct prepare *p, struct prepare_counts *counts, struct error *e)
{
	memset(p, 0, sizeof *p);
	p->counts = counts;
	arena_init(&p->arena, 16 * MAX_RECORD);
	return rules_init(&p->rules, e);
}

void prepare_release(struct prepare *p)
{
	rules_release(&p->rules);
	arena_release(&p->arena);
}

int prepare_pass(struct prepare *p, const char *input, const char *output, struct error *e)
{
	int result = -1;

	memset(p->counts, 0, sizeof *p->counts);
	memset(p->notes, 0, sizeof p->notes);
	p->forced = 0;
	p->in = store_open(input, "run fetch first", e);
	p->work = p->in == NULL ? NULL : db_open_work(NULL, WORK_CACHE, e);
	if (p->work == NULL)
		goto out;
	if (p->rules.transform != NULL && transform_sets(p->rules.transform, "external_id") &&
	    (p->sources = sources_new(p, e)) == NULL)
		goto out;
	if (prepare_read(p, e) != 0 || prepare_link(p, e) != 0) {
		error_add(e, "%s", input);
		goto out;
	}
	result = prepare_write(p, output, e);
	if (p->trace == NULL)
		count_notes(p);
out:
	sources_free(p->sources);
	p->sources = NULL;
	db_close(p->work);
	p->work = NULL;
	store_close(p->in);
	p->in = NULL;
	return result;
}

int prepare_run(const char *input, const char *output, struct prepare_counts *counts, struct error *e)
{
	struct prepare p;
	int result = prepare_init(&p, counts, e);

	if (result == 0)
		result = prepare_pass(&p, input, output, e);
	prepare_release(&p);
	return result;
}
