/*
 * People from a file: a company that shrinks and the command that accepts it, literally; what is wrong with a file
 * changes nothing; a large one needs little memory. And a read that is interrupted.
 */
#include <stdio.h>
#include <string.h>

#include "port.h"
#include "sandbox/e2e.h"

#define MANY 100000			/* people of the large file */
#define MEMORY "24576"			/* KiB of address space, which is more than what is resident */
#define SETTINGS "the settings.env"	/* blanks, so that quotes are needed */
#define OUTPUT "some people.json"

/* A CSV file of so many people, and settings that name it. */
static int write_people(const struct scene *s, int people, struct error *e)
{
	char path[HARNESS_PATH];
	struct buf text;
	int i, rc;

	buf_init(&text, HARNESS_FILE_MAX);
	buf_puts(&text, "external_id,name,email,department,supervisor_id,notes\n");
	for (i = 0; i < people; i++)
		buf_printf(&text, "%d,Person %d,p%d@fernhill.example,Team %d,p%d@fernhill.example,\"one, %d\"\n", i, i, i,
			   i % 7, i / 10, i);
	harness_path(path, s->dir, "people.csv");
	rc = harness_save(path, buf_str(&text), e);
	buf_release(&text);
	return rc || scene_write(s, SETTINGS, "FILE_PATH=people.csv\n", e);
}

/* People in a file that `fetch` has written, one a line. -1: there is none. */
static int count_people(const struct scene *s, const char *name)
{
	char path[HARNESS_PATH];
	struct buf text;
	int n = -1;
	size_t i;

	buf_init(&text, HARNESS_FILE_MAX);
	harness_path(path, s->dir, name);
	if (harness_load(path, &text))
		buf_reset(&text);
	for (i = 0; i < text.len; i++)
		n += text.data[i] == '\n';
	buf_release(&text);
	return n;
}

/* Runs a line of shell; "$0" in it is the program. Its exit code, what it said in *r. */
static int run_shell(struct scene *s, struct harness_run *r, const char *line, struct error *e)
{
	static const char *const env[] = { "FILE_PATH=people.csv", "SYNC_MAX_DEACTIVATIONS=", NULL };
	char program[2 * HARNESS_PATH];

	scene_run_init(s, r);
	r->program = HARNESS_SHELL;
	r->env = env;
	if (scene_program(s, program, e))
		return -1;
	harness_run_args(r, "-c", line, program, NULL);
	return harness_run(r, e) ? -1 : r->code;
}

/* The line after "accept it once:", as it was printed. 0 when there is none. */
static int find_advice(const struct harness_run *r, char *out, size_t cap)
{
	const char *at = strstr(buf_text(&r->err), "accept it once:\n");

	if (!at)
		return 0;
	at += strlen("accept it once:\n");
	snprintf(out, cap, "%.*s", (int)strcspn(at, "\n"), at);
	return strstr(out, " --accept-shrink") != NULL;
}

/* A company of 30, then one of 20. line: how it is read; output: where the people go. */
static const char *shrink(struct scene *s, const char *line, const char *output, struct harness_run *r, struct error *e)
{
	char advice[4 * HARNESS_PATH], refused[HARNESS_PATH];
	const char *problem = NULL;

	snprintf(refused, sizeof(refused), "%s.refused", output);
	if (write_people(s, 30, e) || run_shell(s, r, line, e) != 0)
		return "the first read fails";
	harness_run_release(r);
	tcsim_clear(s->account);
	if (write_people(s, 20, e) || run_shell(s, r, line, e) != 4)
		return "another exit code";
	if (count_people(s, output) != 30 || count_people(s, refused) != 20)
		problem = "the files are not as they should be";
	else if (!strstr(buf_text(&r->err), "  Person 29 <p29@fernhill.example>\n"))
		problem = "does not say who is missing";
	else if (!strstr(buf_text(&r->err), "10 active people fewer than in"))
		problem = "does not say how many";
	else if (scene_changed(s))
		problem = "changing requests were sent";
	else if (!find_advice(r, advice, sizeof(advice)))
		problem = "does not say how to accept it";
	if (problem)
		return problem;
	harness_run_release(r);
	if (run_shell(s, r, advice, e) != 0)
		return "the command that accepts it does not";
	if (count_people(s, output) != 20 || count_people(s, refused) != -1)
		return "the files are not as they should be afterwards";
	harness_run_release(r);
	return run_shell(s, r, line, e) != 0 ? "the next run fails" : NULL;
}

static void run_shrink(struct scene *s, const char *name, const char *line, const char *output)
{
	const char *problem;
	struct harness_run r;
	struct error e;

	error_init(&e);
	scene_run_init(s, &r);
	if (scene_lay_out(s, &e))
		problem = "cannot be laid out";
	else
		problem = shrink(s, line, output, &r, &e);
	scene_report(s, name, problem, problem ? buf_text(&r.err) : NULL);
	harness_run_release(&r);
}

/* The samples of the documentation are as it says. */
static void run_samples(struct scene *s)
{
	static const char *const samples[] = { "people.csv", "people.json", "people.jsonl" };
	static const int people[] = { 5, 3, 3 };
	char from[HARNESS_PATH], to[HARNESS_PATH], line[4 * HARNESS_PATH];
	const char *problem = NULL;
	struct harness_run r;
	struct error e;
	size_t i;

	error_init(&e);
	for (i = 0; i < 3; i++) {
		scene_run_init(s, &r);
		harness_path(from, "docs/samples", samples[i]);
		harness_path(to, s->dir, samples[i]);
		problem = scene_lay_out(s, &e) || harness_copy(from, to, &e) ? "cannot be laid out" : NULL;
		snprintf(line, sizeof(line), "FILE_PATH=%s; export FILE_PATH; %s exec \"$0\" fetch file", samples[i],
			 i == 0 ? "FILE_MAP='{\"external_id\":\"Personnel no.\",\"department\":[\"Division\",\"Team\"],"
				  "\"supervisor_id\":\"Manager\",\"is_supervisor\":\"Leads a team\"}'; export FILE_MAP;" :
			 i == 1 ? "FILE_MAP='{\"external_id\":\"id\",\"email\":\"emails.0\",\"real_email\":\"emails.1\","
				  "\"department\":[\"org.division\",\"org.team\"],\"job_title\":\"org.title\","
				  "\"supervisor_id\":\"boss.email\",\"is_supervisor\":\"leads\",\"status\":\"enabled\"}';"
				  " export FILE_MAP;" : "");
		if (!problem && run_shell(s, &r, line, &e) != 0)
			problem = "another exit code";
		else if (!problem && count_people(s, "var/users.json") != people[i])
			problem = "another number of people";
		scene_report(s, samples[i], problem, problem ? buf_text(&r.err) : NULL);
		harness_run_release(&r);
	}
}

/* Where the shell can limit memory, and the program runs in so little at all (not with checking tools). */
static void run_many(struct scene *s)
{
	const char *problem = NULL;
	struct harness_run r;
	struct error e;
	int can;

	error_init(&e);
	scene_run_init(s, &r);
	can = !scene_lay_out(s, &e) && run_shell(s, &r, "ulimit -v " MEMORY " && exec \"$0\" version", &e) == 0;
	harness_run_release(&r);
	if (!can)
		return;
	if (write_people(s, MANY, &e))
		problem = "cannot be laid out";
	else if (run_shell(s, &r, "ulimit -v " MEMORY "; exec \"$0\" fetch file --env '" SETTINGS "'", &e) != 0)
		problem = "fails";
	else if (count_people(s, "var/users.json") != MANY)
		problem = "some are missing";
	harness_run_release(&r);
	if (!problem && (write_people(s, MANY / 2, &e) ||
			 run_shell(s, &r, "ulimit -v " MEMORY "; exec \"$0\" fetch file --quiet --env '" SETTINGS "'", &e) != 4))
		problem = "half of them are no smaller company";
	else if (!problem && !strstr(buf_text(&r.err), "  ... and 49980 more\n"))
		problem = "does not say how many are missing";
	scene_report(s, "many people in little memory", problem, problem ? buf_text(&r.err) : NULL);
	harness_run_release(&r);
}

/* Ctrl-C while a service takes its time: what only asks is not waited for, though it is a POST. */
static void run_interrupted(struct scene *s)
{
	static const char script[] = "HIBOB_API_URL=http://127.0.0.1:{account} HIBOB_SERVICE_USER_ID=a"
		" HIBOB_SERVICE_USER_TOKEN=b; export HIBOB_API_URL HIBOB_SERVICE_USER_ID HIBOB_SERVICE_USER_TOKEN;"
		" \"$0\" fetch hibob & p=$!; until ls var/.users.json.*.tmp >var/seen 2>&1; do sleep 1; done;"
		" kill -TERM $p; wait $p; c=$?; sleep 4; exit $c";	/* the account has forgotten it then */
	const char *problem = NULL;
	char line[1024];
	struct harness_run r;
	struct error e;

	error_init(&e);
	scene_run_init(s, &r);
	scene_fill_in(s, script, line, sizeof(line));
	if (scene_lay_out(s, &e) || tcsim_set_option(s->account, "latency_ms", "4000", &e))
		problem = "cannot be laid out";
	else if (run_shell(s, &r, line, &e) != 1)
		problem = "another exit code";
	else if (!strstr(buf_text(&r.err), "cancelled"))
		problem = "does not say so";
	else if (scene_has_temporary(s))
		problem = "leaves a temporary file";
	scene_report(s, "a fetch that is interrupted", problem, problem ? buf_text(&r.err) : NULL);
	harness_run_release(&r);
}

void e2e_files(struct scene *s)
{
	if (!harness_has_shell())
		return;
	run_shrink(s, "a smaller company, fetch", "exec \"$0\" fetch file --env '" SETTINGS "'", "var/users.json");
	run_shrink(s, "a smaller company, fetch with options",
		   "exec \"$0\" --env '" SETTINGS "' fetch --output '" OUTPUT "' file", OUTPUT);
	run_shrink(s, "a smaller company, run",
		   "exec \"$0\" run file timecamp --dry-run --all", "var/users.json");
	run_samples(s);
	run_interrupted(s);
	run_many(s);
}
