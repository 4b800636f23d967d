#include "source/source.h"

#include <string.h>

#include "base/codec.h"
#include "base/json_slice.h"
#include "base/limits.h"
#include "base/log.h"
#include "source/source_factorial_int.h"

#define MANAGERS_AT_ONCE 100	/* asked for in one request; they come on one page */

const struct setting factorial_settings[] = {
	{ "FACTORIAL_API_URL", SETTING_TEXT, NULL, 0,
	  "address with the version, such as https://api.factorialhr.com/api/2026-04-01" },
	{ "FACTORIAL_API_KEY", SETTING_TEXT, NULL, SETTING_SECRET, "API key" },
	{ "FACTORIAL_TOKEN", SETTING_TEXT, NULL, SETTING_SECRET | SETTING_RARE,
	  "OAuth access token, when there is no API key" },
	{ "FACTORIAL_EMAIL_FIELD", SETTING_TEXT, "email", 0,
	  "which address: email, login_email, communications_email or personal_email; where there is none,"
	  " login_email" },
	{ "FACTORIAL_DEPARTMENT_SOURCE", SETTING_TEXT, "team", 0,
	  "what the department is: team, location or none" },
	{ "FACTORIAL_EXCLUDED_DEPARTMENTS", SETTING_LIST, NULL, 0,
	  "departments to leave out, separated by commas" },
	{ "FACTORIAL_FILTER_TEAMS", SETTING_LIST, NULL, 0,
	  "only members of these teams (names or ids), separated by commas" },
	{ "FACTORIAL_SUPERVISOR_RULE", SETTING_TEXT, NULL, SETTING_RARE,
	  "field:value of the employee; who has that value is a supervisor, instead of who is a manager" },
	{ "LeaveTypeMap", SETTING_TEXT, NULL, 0,
	  "for timeoff fetch: JSON object, leave type in Factorial to day type in TimeCamp; \"Default\" for"
	  " all others" },
	{ "FACTORIAL_LEAVE_STATES", SETTING_LIST, "approved", SETTING_RARE,
	  "for timeoff fetch: which leaves; approved, pending, rejected, separated by commas" },
	{ NULL, SETTING_TEXT, NULL, 0, NULL }
};

static const struct web_kind kind = {
	.title = "Factorial",
	.record_id = "id",
	.denied = "check FACTORIAL_API_KEY (or FACTORIAL_TOKEN, which lasts an hour)",
	.forbidden = "the key or token has no permission to read this list; it needs those of an "
		     "administrator for employees, teams, contracts and time off",
	.missing = "FACTORIAL_API_URL must end in a version that is served, such as /api/2026-04-01",
};

/* ---- settings ------------------------------------------------------------------------------------------ */

/* The position of a setting's value among the allowed words. */
static int choose(const char *name, const char *const *words, int *chosen, struct error *e)
{
	const char *text = settings_text(name);
	struct buf list;

	buf_init(&list, MAX_LOG_LINE);
	for (*chosen = 0; words[*chosen]; ++*chosen) {
		if (strcmp(text, words[*chosen]) == 0 || (*chosen == 0 && !text[0])) {
			buf_release(&list);
			return 0;
		}
		buf_printf(&list, "%s%s", *chosen ? ", " : "", words[*chosen]);
	}
	error_set(e, ERROR_USAGE, "%s is \"%.80s\", which is none of %s", name, text, buf_text(&list));
	buf_release(&list);
	return -1;
}

static int load_settings(struct factorial *f, struct error *e)
{
	static const char *const emails[] = { "email", "login_email", "communications_email",
					      "personal_email", NULL };
	static const char *const departments[] = { [FROM_TEAM] = "team", [FROM_LOCATION] = "location",
						   [FROM_NOTHING] = "none", NULL };
	struct str rest, name;
	int chosen;

	if (choose("FACTORIAL_EMAIL_FIELD", emails, &chosen, e) != 0)
		return -1;
	f->email_field = emails[chosen];
	if (choose("FACTORIAL_DEPARTMENT_SOURCE", departments, &chosen, e) != 0)
		return -1;
	f->department = (enum factorial_department)chosen;
	f->excluded = str_from(settings_text("FACTORIAL_EXCLUDED_DEPARTMENTS"));
	f->teams = rest = str_from(settings_text("FACTORIAL_FILTER_TEAMS"));
	f->filtered = rules_next_name(&rest, &name);
	supervisor_rule_load(&f->rule, "FACTORIAL_SUPERVISOR_RULE");
	rules_today(f->today);
	return 0;
}

static int authorize(struct factorial *f, struct error *e)
{
	const char *key = settings_text("FACTORIAL_API_KEY"), *token = settings_text("FACTORIAL_TOKEN");
	struct buf value;
	int rc;

	if (key[0])
		return web_authorize(&f->web, "x-api-key", str_from(key), e);
	if (!token[0])
		return error_set(e, ERROR_USAGE, "FACTORIAL_API_KEY is not set; make one in Factorial, or "
				 "set FACTORIAL_TOKEN");
	buf_init(&value, MAX_SECRET_FILE + 16);
	buf_printf(&value, "Bearer %s", token);
	rc = buf_check(&value, "FACTORIAL_TOKEN", e);
	if (rc == 0)
		rc = web_authorize(&f->web, "Authorization", buf_str(&value), e);
	buf_release(&value);
	return rc;
}

static int factorial_open(struct factorial *f, struct error *e)
{
	const char *base = settings_required("FACTORIAL_API_URL", e);

	if (!base || load_settings(f, e) != 0 ||
	    web_open(&f->web, &kind, f, "FACTORIAL_API_URL", base, e) != 0)
		return -1;
	return authorize(f, e);
}

static void factorial_init(struct factorial *f, struct source_run *run)
{
	memset(f, 0, sizeof(*f));
	f->run = run;
	arena_init(&f->arena, 8 * MAX_RECORD);
	json_write_init(&f->json, 0, NULL, NULL, MAX_RECORD);
	buf_init(&f->url, MAX_URL);
	buf_init(&f->query, MAX_URL);
	buf_init(&f->lower, MAX_RECORD);
	buf_init(&f->list.cursor, MAX_URL);
}

static void factorial_release(struct factorial *f)
{
	int i;

	for (i = 0; i < FACTORIAL_QUERIES; i++)
		if (f->stmt[i])
			db_finish(f->stmt[i]);
	web_close(&f->web);
	people_close(f->people);
	arena_release(&f->arena);
	json_write_release(&f->json);
	buf_release(&f->url);
	buf_release(&f->query);
	buf_release(&f->lower);
	buf_release(&f->list.cursor);
}

/* ---- fetch --------------------------------------------------------------------------------------------- */

/* The next missing managers, by their ids. */
static int ask_managers(void *cookie, uint64_t n, struct error *e)
{
	struct factorial *f = cookie;
	struct str id;

	f->managers = 1;
	buf_reset(&f->query);
	buf_puts(&f->query, "only_active=false&only_managers=false");
	while (n-- > 0) {
		if (people_next_missing(f->people, &id, e) != 1)
			return -1;
		buf_puts(&f->query, "&ids%5B%5D=");
		percent_encode(&f->query, id, NULL);
	}
	if (buf_check(&f->query, "a request for managers", e) != 0)
		return -1;
	return factorial_read_list(f, EMPLOYEES, buf_text(&f->query), factorial_take_employee, e);
}

static int read_people(struct factorial *f, struct error *e)
{
	if (factorial_make_tables(f, e) != 0 || factorial_read_departments(f, e) != 0 ||
	    factorial_read_list(f, EMPLOYEES, ACTIVE_QUERY, factorial_take_employee, e) != 0)
		return -1;
	if (f->list.rows > 0 && people_count(f->people) == 0)
		log_warning("no employee becomes a user; may the key or token see their addresses?");
	if (people_find_managers(f->people, MANAGERS_AT_ONCE, ask_managers, f, e) != 0)
		return -1;
	f->managers = 0;
	return factorial_read_titles(f, e) != 0 ? -1 : factorial_emit(f, e);
}

static int factorial_fetch(struct source_run *run, struct error *e)
{
	struct factorial f;
	int rc = -1;

	factorial_init(&f, run);
	if (factorial_open(&f, e) == 0 && (f.people = people_open(run, e)) != NULL)
		rc = read_people(&f, e);
	factorial_release(&f);
	return rc;
}

static int factorial_leaves(struct source_run *run, struct error *e)
{
	struct factorial f;
	int rc = -1;

	factorial_init(&f, run);
	if (factorial_open(&f, e) == 0 && factorial_leave_settings(&f, e) == 0 &&
	    (f.people = people_open(run, e)) != NULL && factorial_make_tables(&f, e) == 0)
		rc = factorial_read_leaves(&f, e);
	factorial_release(&f);
	return rc;
}

/* ---- check --------------------------------------------------------------------------------------------- */

/* A token that is no administrator's gets employees without their addresses. */
static int check_row(struct factorial *f, struct str row, struct error *e)
{
	(void)e;
	f->unknown += factorial_text(f, row, f->email_field).len == 0 &&
		      factorial_text(f, row, "login_email").len == 0;
	return 0;
}

static int check_steps(struct source_run *run, struct factorial *f, struct error *e)
{
	if (factorial_open(f, e) != 0)
		return -1;
	source_note(run, "settings: ok");
	if (factorial_read_page(f, EMPLOYEES, ACTIVE_QUERY "&limit=1", check_row, e) != 0)
		return -1;
	source_note(run, "connection and %s: ok", settings_text("FACTORIAL_API_KEY")[0] ? "key" : "token");
	if (f->list.rows == 0)
		return error_set(e, ERROR_FAILED, "nobody is in the list: the key or token sees no active "
				 "employee");
	if (f->list.total >= 0)
		source_note(run, "employees: %lld", (long long)f->list.total);
	if (f->unknown == f->list.rows)
		source_note(run, "warning: no address; the key or token needs the permission to see the "
			    "employees' e-mail");
	return 0;
}

static int factorial_check(struct source_run *run, struct error *e)
{
	struct factorial f;
	int rc;

	factorial_init(&f, run);
	rc = check_steps(run, &f, e);
	factorial_release(&f);
	return rc;
}

const struct source source_factorial = {
	.name = "factorial",
	.alias = "factorialhr",
	.title = "Factorial",
	.settings = factorial_settings,
	.fetch = factorial_fetch,
	.check = factorial_check,
	.leaves = factorial_leaves,
};
