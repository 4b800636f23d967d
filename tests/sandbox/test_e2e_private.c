/* What others on the machine can see of a run: modes of files and folders, core files, arguments, children. */
#include <stdio.h>
#include <string.h>

#include "port.h"
#include "sandbox/e2e.h"
#include "sandbox/websim.h"

#define LOG_LARGE (11L * 1024 * 1024)	/* bytes of a log that is due to be put aside */
#define LOOK_MS 20000			/* until the program that is looked at must have called */
#define LINE_MAX 2048

/* Prints what others may see, whatever the user's shell allows them. The figures alone are for everybody. */
#define FIND "find . -type d ! -perm 700; find . -type f ! -perm 600 ! -name metrics.prom; " \
	"find . -name metrics.prom ! -perm 644"

/* In this order, each with what the ones before have left. "$0" is the program. */
static const struct line { const char *text; int code; } lines[] = {
	{ "\"$0\" fetch ldap", 0 },
	{ "\"$0\" prepare", 0 },
	{ "\"$0\" tree", 0 },
	{ "\"$0\" tree --detailed", 0 },
	{ "\"$0\" tree --csv tree.csv", 0 },
	{ "\"$0\" tree --html tree.html", 0 },
	{ "\"$0\" explain nora@fernhill.example", 0 },
	{ "\"$0\" sync timecamp --dry-run --plan saved.plan", 0 },
	{ "\"$0\" sync --apply saved.plan", 0 },
	{ "\"$0\" sync timecamp", 0 },
	{ "\"$0\" run ldap timecamp", 0 },
	{ "\"$0\" run ldap timecamp --json", 0 },
	{ "\"$0\" prune", 0 },
	{ "\"$0\" timeoff sync", 0 },
	{ "\"$0\" timeoff fetch factorial --output leaves.json", 0 },
	{ "\"$0\" fetch factorial --output others.json", 0 },
	{ "\"$0\" history", 0 },
	{ "\"$0\" history 1", 0 },
	{ "\"$0\" status", 0 },
	{ "\"$0\" check", 0 },
	{ "\"$0\" settings", 0 },
	{ "\"$0\" settings --env", 0 },
	{ "\"$0\" version", 0 },
	{ "FILE_PATH=many.csv; export FILE_PATH; \"$0\" fetch file --accept-shrink", 0 },
	{ "FILE_PATH=few.csv; export FILE_PATH; \"$0\" fetch file", 4 },
	{ "\"$0\" prepare", 0 },
	{ "\"$0\" sync timecamp", 4 },
};

/* What must have been made meanwhile, or nothing was looked at. */
static const char *const made[] = {
	"var/users.json", "var/timecamp_users.json", "var/rollcall.db", "var/rollcall.lock", "var/logs/sync.log",
	"var/logs/sync.log.1", "var/users.json.refused", "var/held_plan.jsonl", "tree.csv", "tree.html", "saved.plan",
	"leaves.json", "others.json", "metrics.prom",
};

/* ---- files and folders -------------------------------------------------------------------------- */

static int write_people(const struct scene *s, const char *name, int count, struct error *e)
{
	struct buf text;
	int i, rc;

	buf_init(&text, HARNESS_FILE_MAX);
	buf_puts(&text, "external_id,name,email,department\n");
	for (i = 0; i < count; i++)
		buf_printf(&text, "%d,Person %d,p%d@example.com,Team\n", i, i, i);
	rc = scene_write(s, name, buf_text(&text), e);
	buf_release(&text);
	return rc;
}

static int write_large_log(const struct scene *s, struct error *e)
{
	char dir[HARNESS_PATH];
	struct buf text;
	int rc = -1;

	buf_init(&text, HARNESS_FILE_MAX);
	while (text.len < LOG_LARGE && !text.failed)
		buf_puts(&text, "2026-01-01 00:00:00,000 - INFO - a line of an earlier run\n");
	harness_path(dir, s->dir, "var/logs");
	if (!port_make_dirs(dir, e))
		rc = scene_write(s, "var/logs/sync.log", buf_text(&text), e);
	buf_release(&text);
	return rc;
}

/* The settings of the third service are added to the usual ones. */
static int lay_out(struct scene *s, const struct websim *web, struct error *e)
{
	char path[HARNESS_PATH];
	struct buf text;
	int rc;

	if (scene_lay_out(s, e))
		return -1;
	harness_path(path, s->dir, ".env");
	buf_init(&text, HARNESS_FILE_MAX);
	rc = harness_load(path, &text);
	websim_put_settings(web, &text);
	buf_puts(&text, "METRICS_FILE=metrics.prom\n");
	if (rc || harness_save(path, buf_str(&text), e) || write_people(s, "many.csv", 30, e) ||
	    write_people(s, "few.csv", 20, e) || write_large_log(s, e))
		rc = -1;
	harness_path(path, s->dir, "tmp");
	buf_release(&text);
	return rc ? rc : port_make_dirs(path, e);
}

/* A line of shell. NULL, or what is wrong; r->out and r->err tell more. */
static const char *shell(struct scene *s, const char *program, const char *text, int code, struct websim *web,
			 struct harness_run *r)
{
	const char *const env[] = { "TMPDIR=tmp", NULL };
	struct error e;

	error_init(&e);
	scene_run_init(s, r);
	r->program = HARNESS_SHELL;
	r->env = env;
	r->web = web;
	harness_run_args(r, "-c", text, program, NULL);
	if (harness_run(r, &e))
		return "cannot be run";
	return harness_run_crashed(r) ? harness_run_crashed(r) : r->code != code ? "another exit code" : NULL;
}

static void one_line(struct scene *s, const char *program, const char *umask, const struct line *l, struct websim *web)
{
	char text[LINE_MAX], name[LINE_MAX];
	struct harness_run r;
	const char *problem;

	snprintf(text, sizeof(text), "umask %s; export DISABLE_FILE_LOGGING=false; %s", umask, l->text);
	snprintf(name, sizeof(name), "modes, umask %s, %s", umask, l->text);
	problem = shell(s, program, text, l->code, web, &r);
	if (problem) {
		scene_report(s, name, problem, buf_text(&r.err));
	} else {
		harness_run_release(&r);
		problem = shell(s, program, FIND, 0, NULL, &r);
		if (!problem && r.out.len > 0)
			problem = "others can see";
		scene_report(s, name, problem, buf_text(&r.out));
	}
	harness_run_release(&r);
}

static void modes(struct scene *s, const char *program, const char *umask)
{
	static const struct websim_company company = { .seed = 7, .people = 30 };
	const char *problem = NULL;
	struct error e;
	struct websim *web;
	char path[HARNESS_PATH];
	size_t i;

	error_init(&e);
	web = websim_new_company("factorial", &company, &e);
	if (!web || lay_out(s, web, &e)) {
		scene_report(s, "modes", "cannot be laid out", e.text);
		websim_free(web);
		return;
	}
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		one_line(s, program, umask, &lines[i], web);
	for (i = 0; i < sizeof(made) / sizeof(made[0]); i++) {
		harness_path(path, s->dir, made[i]);
		if (!harness_exists(path))
			problem = made[i];
	}
	scene_report(s, "all files that there may be", problem ? "not made" : NULL, problem);
	websim_free(web);
}

/* ---- the process -------------------------------------------------------------------------------- */

/* Where the system shows its processes as files. 0: its number is not there. */
static unsigned long process_id(const struct scene *s)
{
	char path[HARNESS_PATH];
	struct buf text;
	uint64_t id = 0;

	buf_init(&text, HARNESS_FILE_MAX);
	harness_path(path, s->dir, "pid");
	if (harness_load(path, &text) || str_to_u64(str_trim(buf_str(&text)), &id))
		id = 0;
	buf_release(&text);
	return (unsigned long)id;
}

static int load_of(unsigned long id, const char *what, struct buf *out)
{
	char path[HARNESS_PATH];

	snprintf(path, sizeof(path), "/proc/%lu/%s", id, what);
	return harness_load(path, out);
}

/* The soft and the hard limit of core files are 0; no argument is a secret; it has started nothing. */
static const char *judge_process(const struct scene *s, struct buf *text)
{
	unsigned long id = process_id(s);
	char children[64];
	const char *line;
	size_t i;

	snprintf(children, sizeof(children), "task/%lu/children", id);
	if (load_of(id, "limits", text) || !(line = strstr(buf_text(text), "Max core file size")))
		return "its limits cannot be read";
	line += strlen("Max core file size");
	line += strspn(line, " ");
	if (strncmp(line, "0 ", 2) || line[1 + strspn(line + 1, " ")] != '0')
		return "core files are not off";
	if (load_of(id, "cmdline", text))
		return "its arguments cannot be read";
	for (i = 0; i < text->len; i++)
		if (text->data[i] == '\0')
			text->data[i] = ' ';
	if (!strstr(buf_text(text), " check timecamp ") || strstr(buf_text(text), "a-secret-key"))
		return "other arguments than it was given";
	/* not every kernel has it */
	if (!load_of(id, children, text) && text->len > 0)
		return "it has started a child";
	return NULL;
}

/* Waits until the program has called: its secrets are in its memory then. -1: it never did. */
static int await_call(port_sock listener)
{
	int64_t end = port_mono_ms() + LOOK_MS;
	port_sock s = PORT_NO_SOCK;

	while (s == PORT_NO_SOCK && port_mono_ms() < end) {
		struct port_poll p = { listener, PORT_WANT_READ, 0 };

		if (port_poll(&p, 1, 100, NULL) > 0)
			s = port_accept(listener);
	}
	port_sock_close(s);
	return s == PORT_NO_SOCK ? -1 : 0;
}

/* A run whose service takes the connection and no more. */
static void process(struct scene *s, const char *program)
{
	static const char line[] = "ulimit -c unlimited; echo $$ >pid; exec \"$0\" check timecamp";
	const char *const argv[] = { HARNESS_SHELL, "-c", line, program, NULL };
	const char *const env[] = { "NET_RETRIES=1000", "NET_WAIT_SCALE=0.1", NULL };
	const char *problem = NULL;
	struct port_child *c = NULL;
	char text[256], said[HARNESS_PATH];
	port_sock listener;
	struct buf seen;
	unsigned port = 0;
	struct error e;

	error_init(&e);
	buf_init(&seen, HARNESS_FILE_MAX);
	snprintf(said, sizeof(said), "%s.err", s->dir);
	listener = port_listen("127.0.0.1", 0, &port, &e);
	snprintf(text, sizeof(text), "TIMECAMP_DOMAIN=http://127.0.0.1:%u\nTIMECAMP_API_KEY=a-secret-key\n"
		 "TIMECAMP_ROOT_GROUP_ID=1\n", port);
	if (listener == PORT_NO_SOCK || scene_lay_out(s, &e) || scene_write(s, ".env", text, &e))
		problem = "cannot be laid out";
	if (!problem && !(c = port_spawn(argv, env, s->dir, said, said, &e)))
		problem = "cannot be started";
	if (!problem)
		problem = await_call(listener) ? "does not call" : judge_process(s, &seen);
	if (c) {
		port_kill(c, 1);
		port_wait(c, -1, NULL, NULL);
		port_child_free(c);
	}
	port_sock_close(listener);
	scene_report(s, "what others see of the process", problem, e.text[0] ? e.text : buf_text(&seen));
	buf_release(&seen);
}

void e2e_private(struct scene *s)
{
	char program[2 * HARNESS_PATH];
	struct error e;

	if (!harness_has_shell() || scene_program(s, program, &e)) {
		printf("modes of files are not looked at: there is no shell here\n");
		return;
	}
	modes(s, program, "000");
	modes(s, program, "022");
	if (harness_exists("/proc/self/limits"))
		process(s, program);
	else
		printf("limits and arguments of a process are not looked at: this system does not show them as files\n");
}
