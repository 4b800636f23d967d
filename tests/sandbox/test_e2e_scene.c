#include <stdio.h>
#include <string.h>

#include "port.h"
#include "sandbox/e2e.h"

static const char older[] = "[{\"timecamp_email\": \"old\"}]\n";

/* Leaves of two people of the account: three days and two. */
static const char leaves[] = "{\"vacation\": ["
	"{\"email\": \"nora@fernhill.example\", \"start_on\": \"2026-03-02\", \"finish_on\": \"2026-03-04\","
	" \"tc_leave_type\": \"Vacation\"},"
	"{\"email\": \"OMAR@fernhill.example\", \"start_on\": \"2026-03-31\", \"finish_on\": \"2026-04-01\","
	" \"tc_leave_type\": \"Sick Leave\"}]}\n";

void scene_report(struct scene *s, const char *name, const char *problem, const char *detail)
{
	if (problem)
		printf("FAIL %s: %s%s%s\n", name, problem, detail ? ": " : "", detail ? detail : "");
	fflush(stdout);
	*(problem ? &s->failed : &s->passed) += 1;
}

static int start_directory(struct scene *s, struct error *e)
{
	static struct ldapsim_options options;
	const char *entries;

	if (harness_load(E2E_DATA "company.ldif", &s->people))
		return error_set(e, ERROR_FAILED, "cannot read " E2E_DATA "company.ldif; run from the top of the tree");
	entries = strstr(buf_text(&s->people), "\n\n");
	options.ldif = entries ? entries + 2 : "";	/* without the remark at the top */
	options.password = "right";
	s->directory = ldapsim_new(&options, e);
	return s->directory ? 0 : -1;
}

/* The account as it was at first. */
static int reset_account(struct scene *s, struct error *e)
{
	return tcsim_load_file(s->account, E2E_DATA "account.json", e);
}

int scene_write(const struct scene *s, const char *name, const char *text, struct error *e)
{
	char path[HARNESS_PATH];

	harness_path(path, s->dir, name);
	return harness_save(path, str_from(text), e);
}

/* A fresh folder with settings, an older prepared file and some inputs. */
int scene_lay_out(struct scene *s, struct error *e)
{
	char path[HARNESS_PATH], text[1024];

	snprintf(text, sizeof(text),
		 "LDAP_HOST=127.0.0.1:%u\nLDAP_DOMAIN=fernhill.example\nLDAP_DN=DC=fernhill,DC=example\n"
		 "LDAP_USERNAME=rollcall\nLDAP_PASSWORD=right\nLDAP_SUPERVISOR_GROUP_NAME=Team Leads\n"
		 "LDAP_GLOBAL_ADMIN_GROUP_NAME=Time Admins\n"
		 "TIMECAMP_DOMAIN=http://127.0.0.1:%u\nTIMECAMP_API_KEY=a-secret-key\nTIMECAMP_ROOT_GROUP_ID=100\n",
		 ldapsim_port(s->directory), tcsim_port(s->account));
	harness_path(path, s->dir, "var");
	if (harness_fresh(s->dir, e) || harness_fresh(path, e) || scene_write(s, ".env", text, e) ||
	    scene_write(s, "var/timecamp_users.json", older, e) || scene_write(s, "empty.json", "[]", e) ||
	    scene_write(s, "half.json", "[{\"timecamp_email\": \"a@exa", e) ||
	    scene_write(s, "one.json", "{\"users\": []}", e) || scene_write(s, "vacation.json", leaves, e))
		return -1;
	harness_path(path, s->dir, "ca.pem");
	if (harness_copy(E2E_CA, path, e))
		return -1;
	return reset_account(s, e);
}

void scene_fill_in(const struct scene *s, const char *text, char *out, size_t cap)
{
	const char *account = strstr(text, "{account}"), *relay = strstr(text, "{relay}");

	if (account)
		snprintf(out, cap, "%.*s%u%s", (int)(account - text), text, tcsim_port(s->account), account + 9);
	else if (relay && s->relay)
		snprintf(out, cap, "%.*s%u%s", (int)(relay - text), text, tlsrelay_port(s->relay), relay + 7);
	else
		snprintf(out, cap, "%s", text);
}

int scene_program(const struct scene *s, char program[2 * HARNESS_PATH], struct error *e)
{
	static const char *const argv[] = { HARNESS_SHELL, "-c", "pwd", NULL };
	char path[HARNESS_PATH];
	struct port_child *c;
	struct buf text;
	int rc = -1;

	if (*s->program == '/') {
		snprintf(program, 2 * HARNESS_PATH, "%s", s->program);
		return 0;
	}
	snprintf(path, sizeof(path), "%s.here", s->dir);
	c = port_spawn(argv, NULL, NULL, path, NULL, e);
	if (!c)
		return -1;
	buf_init(&text, HARNESS_FILE_MAX);
	if (port_wait(c, -1, NULL, e) == 1 && !harness_load(path, &text)) {
		snprintf(program, 2 * HARNESS_PATH, "%.*s/%s", STR_ARG(str_trim(buf_str(&text))), s->program);
		rc = 0;
	}
	port_child_free(c);
	buf_release(&text);
	return rc;
}

void scene_run_init(struct scene *s, struct harness_run *r)
{
	harness_run_init(r, s->program, s->dir);
	r->sim = s->account;
	r->ldap = s->directory;
	r->relay = s->relay;
}

int scene_changed(struct scene *s)
{
	struct buf calls;
	int some;

	buf_init(&calls, HARNESS_FILE_MAX);
	tcsim_put_calls(s->account, &calls);
	some = strstr(buf_text(&calls), "\"mutating\":0,") == NULL;
	buf_release(&calls);
	return some;
}

int scene_is_goal(struct scene *s)
{
	struct buf now;
	int same;

	buf_init(&now, HARNESS_FILE_MAX);
	tcsim_put_people(s->account, &now);
	same = str_eq(buf_str(&now), buf_str(&s->goal));
	buf_release(&now);
	return same;
}

/* 1 when the file holds this text. */
int scene_holds(const struct scene *s, const char *name, const char *text)
{
	char path[HARNESS_PATH];
	struct buf data;
	int same;

	harness_path(path, s->dir, name);
	buf_init(&data, HARNESS_FILE_MAX);
	same = !harness_load(path, &data) && str_eqz(buf_str(&data), text);
	buf_release(&data);
	return same;
}

static int find_temporary(void *cookie, const char *name)
{
	if (strstr(name, ".tmp"))
		*(int *)cookie = 1;
	return 0;
}

int scene_has_temporary(const struct scene *s)
{
	char path[HARNESS_PATH];
	int found = 0;

	harness_path(path, s->dir, "var");
	port_list(path, find_temporary, &found, NULL);
	return found;
}

int scene_is_old(const struct scene *s)
{
	return scene_holds(s, "var/timecamp_users.json", older);
}

/* NULL, or what is wrong with the outcome. */
const char *scene_judge(struct scene *s, const struct story *t, const struct harness_run *r)
{
	const char *said = buf_text(&r->err);
	char wanted[256] = "";

	if (t->says)
		scene_fill_in(s, t->says, wanted, sizeof(wanted));
	if (harness_run_crashed(r))
		return harness_run_crashed(r);
	if (r->code != t->code)
		return "another exit code";
	if (!strstr(said, wanted))
		return "does not say what it should";
	if (strstr(said, "a-secret-key") || strstr(said, "\"right\""))
		return "a secret is in the messages";
	if (t->effect == NOTHING && scene_changed(s))
		return "changing requests were sent";
	if (t->effect == EVERYTHING && !scene_is_goal(s))
		return "the account is not as it should be";
	if (t->effect == NOTHING && strcmp(t->args[0], "run") && !scene_is_old(s))
		return "the older file was touched";
	if (scene_has_temporary(s))
		return "temporary files are left";
	return NULL;
}

/* What an undisturbed run makes of the account. */
static int find_goal(struct scene *s, struct error *e)
{
	struct harness_run r;
	int rc = -1;

	scene_run_init(s, &r);
	harness_run_args(&r, "run", "ldap", "timecamp", NULL);
	if (scene_lay_out(s, e) || harness_run(&r, e))
		goto out;
	if (r.code)
		error_set(e, ERROR_FAILED, "an undisturbed run ended with code %d: %.500s", r.code, buf_text(&r.err));
	else
		rc = 0;
	tcsim_put_people(s->account, &s->goal);
out:
	harness_run_release(&r);
	return rc;
}

int scene_start(struct scene *s, const char *program, const char *dir, struct error *e)
{
	memset(s, 0, sizeof(*s));
	s->program = program;
	s->dir = dir;
	buf_init(&s->people, HARNESS_FILE_MAX);
	buf_init(&s->goal, HARNESS_FILE_MAX);
	s->account = tcsim_new(e);
	if (!s->account || tcsim_listen(s->account, 0, e) || start_directory(s, e))
		return -1;
	return find_goal(s, e);
}

void scene_stop(struct scene *s)
{
	tcsim_free(s->account);
	ldapsim_free(s->directory);
	buf_release(&s->people);
	buf_release(&s->goal);
}
