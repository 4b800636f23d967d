/*
 * build/demo PROGRAM DIR [--stay]
 *
 * Shows the program at work: an invented company (tests/sandbox/demo) in a simulated directory and a simulated TimeCamp
 * account, both on free loopback ports; then what an administrator would do, command by command, in the scratch folder
 * DIR. With --stay it then leaves both running, to play with. Fails when the last run finds something left to do.
 */
#include <stdio.h>
#include <string.h>

#include "harness.h"
#include "port.h"
#include "sandbox/ldapsim.h"
#include "sandbox/tcsim.h"

#define DATA "tests/sandbox/demo/"
#define LATENCY "30"		/* ms that the account takes for an answer, as a near one would */
#define TITLE_COLUMNS 36	/* where the numbers of people stand */

struct demo {
	const char *program, *dir;
	struct tcsim *account;
	struct ldapsim *directory;
	struct buf people;		/* the directory's entries */
};

/* ---- setting the scene -------------------------------------------------------------------------- */

static int write_settings(const struct demo *d, struct error *e)
{
	char path[HARNESS_PATH], text[1024];

	snprintf(text, sizeof(text),
		 "LDAP_HOST=127.0.0.1:%u\n"
		 "LDAP_DOMAIN=fernhill.example\n"
		 "LDAP_DN=DC=fernhill,DC=example\n"
		 "LDAP_USERNAME=rollcall\n"
		 "LDAP_PASSWORD=any\n"
		 "LDAP_SUPERVISOR_GROUP_NAME=Team Leads\n"
		 "LDAP_GLOBAL_ADMIN_GROUP_NAME=Time Admins\n"
		 "TIMECAMP_DOMAIN=http://127.0.0.1:%u\n"
		 "TIMECAMP_API_KEY=demo-key\n"
		 "TIMECAMP_ROOT_GROUP_ID=100\n",
		 ldapsim_port(d->directory), tcsim_port(d->account));
	harness_path(path, d->dir, ".env");
	return harness_save(path, str_from(text), e);
}

static int set_up(struct demo *d, struct error *e)
{
	static struct ldapsim_options options;
	const char *entries;

	if (harness_fresh(d->dir, e))
		return -1;
	buf_init(&d->people, HARNESS_FILE_MAX);
	if (harness_load(DATA "company.ldif", &d->people))
		return error_set(e, ERROR_FAILED, "cannot read " DATA "company.ldif; run from the top of the tree");
	entries = strstr(buf_text(&d->people), "\n\n");
	options.ldif = entries ? entries + 2 : "";	/* without the remark at the top */
	d->directory = ldapsim_new(&options, e);
	d->account = tcsim_new(e);
	if (!d->directory || !d->account || tcsim_load_file(d->account, DATA "account.json", e) ||
	    tcsim_set_option(d->account, "latency_ms", LATENCY, e) || tcsim_listen(d->account, 0, e))
		return -1;
	return write_settings(d, e);
}

static void tear_down(struct demo *d)
{
	tcsim_free(d->account);
	ldapsim_free(d->directory);
	buf_release(&d->people);
}

/* ---- the play ----------------------------------------------------------------------------------- */

/* Runs "PROGRAM WORDS", shown as a shell would; what it prints appears as it would. */
static int step(struct demo *d, const char *title, const char *words, struct error *e)
{
	static const char *const env[] = { "DISABLE_FILE_LOGGING=false", "NET_WAIT_SCALE=1", NULL };
	struct harness_run r;
	struct str rest = str_from(words), word;
	char text[HARNESS_ARGS][64];
	size_t n = 0;
	int rc;

	printf("\n-- %s\n$ rollcall %s\n", title, words);
	fflush(stdout);
	harness_run_init(&r, d->program, d->dir);
	while (n < HARNESS_ARGS && rest.len && str_next(&rest, ' ', &word)) {
		snprintf(text[n], sizeof(text[n]), "%.*s", STR_ARG(word));
		harness_run_args(&r, text[n++], NULL);
	}
	r.env = env;
	r.sim = d->account;
	r.ldap = d->directory;
	r.show = 1;
	rc = harness_run(&r, e);
	if (!rc && r.code)
		rc = error_set(e, ERROR_FAILED, "\"rollcall %s\" ended with exit code %d", words, r.code);
	harness_run_release(&r);
	return rc;
}

static void print_group(struct str path, int active, int disabled)
{
	struct str name = path, part;
	int depth = 0, width;

	for (; path.len && str_next(&path, '/', &part); depth++)
		name = part;
	width = TITLE_COLUMNS - 2 * depth;
	printf("  %*s%-*.*s %3d", 2 * depth, "", width, name.len ? (int)name.len : 8, name.len ? name.ptr : "Fernhill",
	       active);
	if (disabled)
		printf("  and %d disabled", disabled);
	printf("\n");
}

/* The account's groups and how many people are in each. */
static void show_account(struct demo *d, const char *title)
{
	struct buf people;
	struct str rest, line, path, last = STR("");
	int active = 0, disabled = 0, first = 1;

	buf_init(&people, HARNESS_FILE_MAX);
	tcsim_put_people(d->account, &people);
	printf("\n-- %s\n", title);
	rest = buf_str(&people);
	while (rest.len && str_next(&rest, '\n', &line)) {
		if (!line.len)
			continue;
		path = str_sub(line, 0, str_find_char(line, 0, '\t'));
		if (!first && !str_eq(path, last)) {
			print_group(last, active, disabled);
			active = disabled = 0;
		}
		first = 0;
		last = path;
		active += str_ends(line, STR("\tactive"));
		disabled += str_ends(line, STR("\tdisabled"));
	}
	print_group(last, active, disabled);
	fflush(stdout);
	buf_release(&people);
}

static int play(struct demo *d, struct error *e)
{
	struct buf calls;
	int left;

	printf("An invented company: 40 people in a directory (LDAP, 127.0.0.1:%u), and a TimeCamp account in which\n"
	       "somebody has begun by hand (http://127.0.0.1:%u). Both are simulated; the work is done in %s.\n",
	       ldapsim_port(d->directory), tcsim_port(d->account), d->dir);
	show_account(d, "the account now");
	if (step(d, "read the people", "fetch ldap", e) || step(d, "make groups, names and roles of them", "prepare", e) ||
	    step(d, "what the company looks like", "tree", e) ||
	    step(d, "what would change in the account", "sync timecamp --dry-run", e) ||
	    step(d, "do it", "sync timecamp", e))
		return -1;
	show_account(d, "the account afterwards");
	tcsim_clear(d->account);
	if (step(d, "all three steps again, as every night: nothing is left to do", "run ldap timecamp", e))
		return -1;
	buf_init(&calls, HARNESS_FILE_MAX);
	tcsim_put_calls(d->account, &calls);
	left = strstr(buf_text(&calls), "\"mutating\":0,") == NULL;
	buf_release(&calls);
	return left ? error_set(e, ERROR_FAILED, "the last run still changed something") : 0;
}

static int stay(struct demo *d, struct error *e)
{
	printf("\nDirectory and account stay, until Ctrl-C. Their settings are in %s/.env, so, in another window:\n\n"
	       "  %s%s --dir %s run ldap timecamp --dry-run\n\n"
	       "Change that file (TIMECAMP_USE_SUPERVISOR_GROUPS=true makes groups of managers), or the account as an\n"
	       "administrator would, and look again. http://127.0.0.1:%u/_sim/state shows the account,\n"
	       "/_sim/calls what was changed in it.\n",
	       d->dir, strchr(d->program, '/') ? "" : "./", d->program, d->dir, tcsim_port(d->account));
	fflush(stdout);
	port_catch_interrupts();
	while (!port_interrupted() && !tcsim_stopped(d->account))
		if (tcsim_run(d->account, 20, e) || ldapsim_run(d->directory, 20, e))
			return -1;
	return 0;
}

int main(int argc, char **argv)
{
	struct demo d;
	struct error e;
	int rc;

	memset(&d, 0, sizeof(d));
	error_init(&e);
	if (port_init(&argc, &argv, &e))
		return 1;
	if (argc < 3) {
		fputs("usage: demo PROGRAM DIR [--stay]\n", stderr);
		return 2;
	}
	d.program = argv[1];
	d.dir = argv[2];
	rc = set_up(&d, &e) || play(&d, &e) || (argc > 3 && !strcmp(argv[3], "--stay") && stay(&d, &e));
	if (rc)
		fprintf(stderr, "demo: %s\n", e.text);
	tear_down(&d);
	return rc;
}
