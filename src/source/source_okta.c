#include "source/source.h"

#include <string.h>

#include "base/codec.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/unicode.h"
#include "source/source_okta_int.h"

const struct setting okta_settings[] = {
	{ "OKTA_ORG_URL", SETTING_TEXT, NULL, 0, "address of the organisation, https://acme.okta.com" },
	{ "OKTA_API_TOKEN", SETTING_TEXT, NULL, SETTING_SECRET, "API token of somebody who may read users" },
	{ "OKTA_CLIENT_ID", SETTING_TEXT, NULL, 0, "client id of an OAuth service app, instead of a token" },
	{ "OKTA_PRIVATE_KEY", SETTING_TEXT, NULL, SETTING_SECRET | SETTING_FILE,
	  "its private key: PEM text, or the path of a PEM file" },
	{ "OKTA_KEY_ID", SETTING_TEXT, NULL, SETTING_RARE, "id (kid) of that key, if the app has several" },
	{ "OKTA_USER_STATUSES", SETTING_LIST, "ACTIVE", 0,
	  "who is read, by status; all but ACTIVE become inactive" },
	{ "OKTA_FILTER_GROUPS", SETTING_LIST, NULL, 0, "only members of these groups, by name" },
	{ "OKTA_FILTER_GROUP_IDS", SETTING_LIST, NULL, 0, "... and of these, by id" },
	{ "OKTA_SUPERVISOR_GROUPS", SETTING_LIST, NULL, 0, "members of these groups become supervisors" },
	{ "OKTA_EXCLUDED_DEPARTMENTS", SETTING_LIST, NULL, 0, "departments to leave out" },
	{ "OKTA_EXTERNAL_ID_FIELD", SETTING_TEXT, "id", SETTING_RARE,
	  "field that never changes: id, an attribute of the profile, or a path with dots" },
	{ "OKTA_EMAIL_FIELD", SETTING_TEXT, "email", SETTING_RARE, "field with the e-mail address" },
	{ "OKTA_NAME_FIELD", SETTING_TEXT, "displayName", SETTING_RARE, "field with the name" },
	{ "OKTA_DEPARTMENT_FIELD", SETTING_TEXT, "department", SETTING_RARE, "field with the department" },
	{ "OKTA_JOB_TITLE_FIELD", SETTING_TEXT, "title", SETTING_RARE, "field with the job title" },
	{ "OKTA_SUPERVISOR_ID_FIELD", SETTING_TEXT, "managerId", 0, "field that names the manager" },
	{ "OKTA_SUPERVISOR_MATCH_FIELD", SETTING_TEXT, NULL, 0,
	  "field by which managers are named; empty: OKTA_EXTERNAL_ID_FIELD" },
	{ "OKTA_SUPERVISOR_RULE", SETTING_TEXT, NULL, SETTING_RARE,
	  "field:value; whose field has that value is a supervisor" },
	{ "OKTA_MAX_HIERARCHY_ROOTS", SETTING_INT, "0", SETTING_RARE,
	  "most people at the top with others below them; 0: any number" },
	{ NULL, SETTING_TEXT, NULL, 0, NULL }
};

/* A read, from the settings to the end. */
struct okta {
	struct source_run *run;		/* borrowed */
	struct okta_api api;
	struct okta_login login;
	struct okta_checks checks;
	struct buf statuses, groups;
};

/* ---- settings ------------------------------------------------------------------------------------------ */

/* The default also stands for a value that is blank. */
static struct str field_of(const char *name)
{
	const struct setting *row = okta_settings;
	const char *text = settings_text(name);

	while (strcmp(row->name, name) != 0)
		row++;
	return str_from(text[0] || !row->def ? text : row->def);
}

/* Okta's words, each once, in upper case. */
static int load_statuses(struct buf *out, struct error *e)
{
	static const char known[] = "ACTIVE,STAGED,PROVISIONED,RECOVERY,LOCKED_OUT,PASSWORD_EXPIRED,"
				    "SUSPENDED,DEPROVISIONED,ACTIVATING";
	struct str rest = field_of("OKTA_USER_STATUSES"), status;
	struct buf upper;

	buf_init(&upper, MAX_RECORD);
	unicode_upper(&upper, rest);
	rest = upper.len > 0 ? buf_str(&upper) : STR("");
	while (rules_next_name(&rest, &status)) {
		if (out->len > 0 && rules_list_has(buf_str(out), status))
			continue;
		if (!rules_list_has(STR(known), status))
			log_warning("OKTA_USER_STATUSES: Okta has no status %.*s; it has %s",
				    STR_ARG(str_sub(status, 0, 80)), known);
		buf_printf(out, "%s%.*s", out->len > 0 ? "," : "", STR_ARG(status));
	}
	if (out->len == 0)
		buf_puts(out, "ACTIVE");
	buf_release(&upper);
	return buf_check(out, "OKTA_USER_STATUSES", e);
}

static int load_rules(struct okta *o, struct error *e)
{
	struct okta_rules *r = &o->api.rules;

	r->external_id = field_of("OKTA_EXTERNAL_ID_FIELD");
	r->email = field_of("OKTA_EMAIL_FIELD");
	r->name = field_of("OKTA_NAME_FIELD");
	r->department = field_of("OKTA_DEPARTMENT_FIELD");
	r->title = field_of("OKTA_JOB_TITLE_FIELD");
	r->manager = field_of("OKTA_SUPERVISOR_ID_FIELD");
	r->match = field_of("OKTA_SUPERVISOR_MATCH_FIELD");
	if (r->match.len == 0)
		r->match = r->external_id;
	r->excluded = str_from(settings_text("OKTA_EXCLUDED_DEPARTMENTS"));
	supervisor_rule_load(&r->supervisor, "OKTA_SUPERVISOR_RULE");
	if (load_statuses(&o->statuses, e) != 0)
		return -1;
	r->statuses = buf_str(&o->statuses);
	o->checks.roots_max = settings_int("OKTA_MAX_HIERARCHY_ROOTS");
	if (o->checks.roots_max < 0)
		return error_set(e, ERROR_USAGE, "OKTA_MAX_HIERARCHY_ROOTS must be 0 or more");
	return 0;
}

static int has_names(const char *name)
{
	struct str rest = str_from(settings_text(name)), first;

	return rules_next_name(&rest, &first);
}

static int uses_groups(void)
{
	return has_names("OKTA_FILTER_GROUPS") || has_names("OKTA_FILTER_GROUP_IDS") ||
	       has_names("OKTA_SUPERVISOR_GROUPS");
}

/* Everything that needs no request. Close it also after a failure. */
static int okta_open(struct okta *o, struct source_run *run, struct error *e)
{
	struct okta_api *api = &o->api;

	memset(o, 0, sizeof(*o));
	o->run = run;
	buf_init(&o->statuses, MAX_RECORD);
	buf_init(&o->groups, MAX_RECORD);
	buf_init(&api->path, MAX_URL);
	buf_init(&api->next, MAX_URL);
	okta_reader_init(&api->reader, &api->rules);
	o->checks.work = &api->work;
	o->checks.rules = &api->rules;
	o->checks.dir = source_dir(run);
	if (load_rules(o, e) != 0)
		return -1;
	return okta_login_open(&o->login, &api->web, run, uses_groups(), e);
}

static void okta_close(struct okta *o)
{
	okta_work_close(&o->api.work);
	okta_reader_release(&o->api.reader);
	buf_release(&o->api.path);
	buf_release(&o->api.next);
	buf_release(&o->groups);
	buf_release(&o->statuses);
	web_close(&o->api.web);
	okta_login_close(&o->login);
}

/* ---- groups -------------------------------------------------------------------------------------------- */

static void add_group(struct okta *o, struct str id)
{
	if (o->groups.len > 0 && rules_list_has(buf_str(&o->groups), id))
		return;
	if (o->groups.len > 0)
		buf_putc(&o->groups, ',');
	buf_put_str(&o->groups, id);
}

/* Puts the ids of the named groups into o->groups. must: each has to be there. */
static int find_groups(struct okta *o, const char *setting, int must, struct error *e)
{
	struct str rest = str_from(settings_text(setting)), name;
	struct buf id;
	int found = 1;

	buf_init(&id, MAX_URL);
	while (found >= 0 && rules_next_name(&rest, &name)) {
		buf_reset(&id);
		found = okta_find_group(&o->api, name, &id, e);
		if (found > 0)
			add_group(o, buf_str(&id));
		if (found == 0 && !must)
			log_warning("%s: Okta has no group \"%.*s\"", setting, STR_ARG(name));
		if (found == 0 && must)
			found = error_set(e, ERROR_FAILED, "%s: Okta has no group \"%.*s\"; correct the name "
					  "(letter case counts), or its members would seem to have left",
					  setting, STR_ARG(str_sub(name, 0, 200)));
	}
	buf_release(&id);
	return found < 0 ? -1 : buf_check(&o->groups, setting, e);
}

static int read_groups(struct okta *o, enum okta_take take, struct error *e)
{
	struct str rest = o->groups.len > 0 ? buf_str(&o->groups) : STR(""), id;

	while (rules_next_name(&rest, &id))
		if (okta_read_group(&o->api, id, take, e) != 0)
			return -1;
	return 0;
}

static int read_leaders(struct okta *o, struct error *e)
{
	buf_reset(&o->groups);
	if (find_groups(o, "OKTA_SUPERVISOR_GROUPS", 0, e) != 0)
		return -1;
	return read_groups(o, OKTA_TAKE_LEADERS, e);
}

static int read_members(struct okta *o, struct error *e)
{
	struct str rest = str_from(settings_text("OKTA_FILTER_GROUP_IDS")), id;

	buf_reset(&o->groups);
	if (find_groups(o, "OKTA_FILTER_GROUPS", 1, e) != 0)
		return -1;
	while (rules_next_name(&rest, &id))
		add_group(o, id);
	if (buf_check(&o->groups, "OKTA_FILTER_GROUP_IDS", e) != 0)
		return -1;
	return read_groups(o, OKTA_TAKE_LAST, e);
}

/* ---- the people ---------------------------------------------------------------------------------------- */

static int read_everybody(struct okta *o, struct error *e)
{
	struct str rest = o->api.rules.statuses, status;

	while (rules_next_name(&rest, &status))
		if (okta_read_status(&o->api, status, e) != 0)
			return -1;
	return 0;
}

/* Managers outside the result, level by level, each asked for once. */
static int read_managers(struct okta *o, struct error *e)
{
	struct buf reference, key;
	uint64_t missing;
	int row = 0;

	buf_init(&reference, MAX_RECORD);
	buf_init(&key, MAX_RECORD);
	for (;;) {
		if (okta_work_level(&o->api.work, &missing, e) != 0) {
			row = -1;
			break;
		}
		if (missing == 0)
			break;
		log_debug("Okta: %llu managers outside the result are looked up",
			  (unsigned long long)missing);
		buf_reset(&reference);
		buf_reset(&key);
		while ((row = okta_work_missing(&o->api.work, &reference, &key, e)) == 1)
			if (okta_read_manager(&o->api, buf_str(&reference), buf_str(&key), e) != 0) {
				row = -1;
				break;
			}
		if (row < 0 || okta_work_resolve(&o->api.work, e) != 0) {
			row = -1;
			break;
		}
	}
	buf_release(&reference);
	buf_release(&key);
	return row;
}

/* What is wrong already is not worth the look-ups; after them everything can be seen. */
static int find_hierarchy(struct okta *o, struct error *e)
{
	struct okta_work *w = &o->api.work;

	if (okta_work_index(w, e) != 0 || okta_work_resolve(w, e) != 0 || okta_check(&o->checks, e) != 0 ||
	    read_managers(o, e) != 0)
		return -1;
	o->checks.complete = 1;
	return okta_check(&o->checks, e);
}

static int report_left(struct okta *o, struct error *e)
{
	uint64_t status, excluded, incomplete;

	if (okta_work_left(&o->api.work, OKTA_OTHER_STATUS, &status, e) != 0 ||
	    okta_work_left(&o->api.work, OKTA_EXCLUDED, &excluded, e) != 0 ||
	    okta_work_left(&o->api.work, OKTA_INCOMPLETE, &incomplete, e) != 0)
		return -1;
	log_info("Okta: %llu requests, %llu managers added as inactive; %llu people left out (%llu with "
		 "another status, %llu of excluded departments, %llu not active and without external id or "
		 "e-mail)",
		 (unsigned long long)o->api.web.requests, (unsigned long long)o->api.lookups,
		 (unsigned long long)(status + excluded + incomplete), (unsigned long long)status,
		 (unsigned long long)excluded, (unsigned long long)incomplete);
	return 0;
}

static int read_people(struct okta *o, struct error *e)
{
	int filtered = has_names("OKTA_FILTER_GROUPS") || has_names("OKTA_FILTER_GROUP_IDS");

	if (okta_work_open(&o->api.work, o->run, e) != 0 || okta_login(&o->login, &o->api.web, e) != 0 ||
	    read_leaders(o, e) != 0 || (filtered ? read_members(o, e) : read_everybody(o, e)) != 0 ||
	    find_hierarchy(o, e) != 0 || okta_work_emit(&o->api.work, e) != 0)
		return -1;
	return report_left(o, e);
}

static int okta_fetch(struct source_run *run, struct error *e)
{
	struct okta o;
	int rc = okta_open(&o, run, e);

	if (rc == 0)
		rc = read_people(&o, e);
	okta_close(&o);
	return rc;
}

/* ---- check --------------------------------------------------------------------------------------------- */

static int check_steps(struct okta *o, struct error *e)
{
	struct str rest = o->api.rules.statuses, status;
	struct buf path;
	int found, rc;

	source_note(o->run, "settings: ok");
	if (okta_login(&o->login, &o->api.web, e) != 0)
		return -1;
	buf_init(&path, MAX_URL);
	buf_puts(&path, "/api/v1/users?limit=1&filter=status%20eq%20%22");
	rules_next_name(&rest, &status);
	percent_encode(&path, status, NULL);
	buf_puts(&path, "%22");
	rc = buf_check(&path, "OKTA_USER_STATUSES", e);
	if (rc == 0)
		rc = okta_probe(&o->api, buf_text(&path), &found, e);
	buf_release(&path);
	if (rc != 0)
		return -1;
	source_note(o->run, "connection to %s, login: ok", buf_text(&o->api.web.base));
	if (!found)
		return error_set(e, ERROR_FAILED, "Okta shows no user with the status %.*s; check "
				 "OKTA_USER_STATUSES, and that the token's administrator may view users",
				 STR_ARG(status));
	source_note(o->run, "users: ok");
	if (!uses_groups())
		return 0;
	if (okta_probe(&o->api, "/api/v1/groups?limit=1", &found, e) != 0)
		return -1;
	source_note(o->run, "groups: ok");
	return 0;
}

static int okta_check_source(struct source_run *run, struct error *e)
{
	struct okta o;
	int rc = okta_open(&o, run, e);

	if (rc == 0)
		rc = check_steps(&o, e);
	okta_close(&o);
	return rc;
}

const struct source source_okta = {
	.name = "okta",
	.title = "Okta",
	.settings = okta_settings,
	.fetch = okta_fetch,
	.check = okta_check_source,
};
