/*
 * build/test_limits PROGRAM DIR
 *
 * Limits on what a run may change, and plans that are saved, as somebody at a shell has them: at a limit and one over it,
 * in a dry run and a real one, and then the printed command, typed as it stands. Runs in the scratch folder DIR against a
 * simulated account of 60 users. The last line is "N passed, N failed".
 */
#include <stdio.h>
#include <string.h>

#include "harness.h"
#include "port.h"
#include "sandbox/tcsim.h"

#define USERS 60
#define TEXT_MAX 65536		/* bytes of an account, an input, a command */
#define HOW "To approve it once:\n"

/* What the file asks for that the account does not have. */
struct wish {
	int leavers;		/* users who are missing */
	int joiners;		/* new ones */
	int renamed;		/* users with another name */
	int groups;		/* users in a new group of their own */
	int empty;		/* groups of the account without users, which go */
};

struct row {
	const char *name;
	const char *limit;	/* a setting */
	struct wish wish;
	const char *says;	/* over the limit; NULL: not over */
	int rest;		/* 1: what other limits are for is done all the same */
};

#define DISABLED "SYNC_MAX_DEACTIVATIONS"
#define CREATED "SYNC_MAX_NEW_USERS"
#define CHANGED "SYNC_MAX_UPDATES"
#define GROUPS "SYNC_MAX_GROUP_CHANGES"

/* The order of a wish: leavers, joiners, renamed, groups, empty. */
static const struct row rows[] = {
	{ "disabled, a number", DISABLED "=7", { 7, 0, 0, 0, 0 }, NULL, 0 },
	{ "disabled, one over a number", DISABLED "=7", { 8, 0, 0, 0, 0 },
	  "8 users would be disabled, at most 7 may be (" DISABLED "=7; 60 users are enabled):\n  u0@example.com\n", 0 },
	{ "disabled, percent", DISABLED "=15%", { 9, 0, 0, 0, 0 }, NULL, 0 },
	{ "disabled, one over percent", DISABLED "=15%", { 10, 0, 0, 0, 0 }, "10 users would be disabled, at most 9 may be", 0 },
	{ "disabled, the usual limit", "", { 6, 0, 0, 0, 0 }, NULL, 0 },
	{ "disabled, one over the usual limit", "", { 7, 0, 0, 0, 0 }, "7 users would be disabled, at most 6 may be", 0 },
	{ "disabled, five always", DISABLED "=1", { 5, 0, 0, 0, 0 }, NULL, 0 },
	{ "disabled, six not always", DISABLED "=1", { 6, 0, 0, 0, 0 }, "6 users would be disabled, at most 5 may be", 0 },
	{ "disabled, most of them", DISABLED "=0", { 30, 0, 0, 0, 0 }, "  u19@example.com\n  ... and 10 more\n", 0 },
	{ "new, a number", CREATED "=7", { 0, 7, 0, 0, 0 }, NULL, 0 },
	{ "new, one over a number", CREATED "=7", { 0, 8, 0, 0, 0 },
	  "8 users would be created, at most 7 may be (" CREATED "=7; 60 users are enabled):\n  u60@example.com\n", 0 },
	{ "new, percent", CREATED "=15%", { 0, 9, 0, 0, 0 }, NULL, 0 },
	{ "new, one over percent", CREATED "=15%", { 0, 10, 0, 0, 0 }, "10 users would be created, at most 9 may be", 0 },
	{ "new, five always", CREATED "=0%", { 0, 5, 0, 0, 0 }, NULL, 0 },
	{ "new, six not always", CREATED "=0%", { 0, 6, 0, 0, 0 }, "6 users would be created, at most 5 may be", 0 },
	{ "changed, a number", CHANGED "=7", { 0, 0, 7, 0, 0 }, NULL, 0 },
	{ "changed, one over a number", CHANGED "=7", { 0, 0, 8, 0, 0 },
	  "8 users would be changed, at most 7 may be (" CHANGED "=7; 60 users are enabled):\n  u52@example.com\n", 0 },
	{ "changed, percent", CHANGED "=15%", { 0, 0, 9, 0, 0 }, NULL, 0 },
	{ "changed, one over percent", CHANGED "=15%", { 0, 0, 10, 0, 0 }, "10 users would be changed, at most 9 may be", 0 },
	{ "changed, five always", CHANGED "=4", { 0, 0, 5, 0, 0 }, NULL, 0 },
	{ "changed, six not always", CHANGED "=4", { 0, 0, 6, 0, 0 }, "6 users would be changed, at most 5 may be", 0 },
	{ "groups, a number", GROUPS "=7", { 0, 0, 0, 4, 3 }, NULL, 0 },
	{ "groups, one over a number", GROUPS "=7", { 0, 0, 0, 4, 4 },
	  "8 groups would be made or removed, at most 7 may be (" GROUPS "=7; 60 users are enabled):\n  New 0\n", 0 },
	{ "groups, percent", GROUPS "=15%", { 0, 0, 0, 9, 0 }, NULL, 0 },
	{ "groups, one over percent", GROUPS "=15%", { 0, 0, 0, 0, 10 }, "10 groups would be made or removed, at most 9 may be",
	  0 },
	{ "groups, five always", GROUPS "=1", { 0, 0, 0, 3, 2 }, NULL, 0 },
	{ "groups, six not always", GROUPS "=1", { 0, 0, 0, 6, 0 }, "6 groups would be made or removed, at most 5 may be", 0 },
	{ "two limits at once", DISABLED "=6\n" CREATED "=6", { 7, 7, 0, 0, 0 }, "7 users would be created, at most 6 may be", 0 },
	{ "all kinds below their limits", DISABLED "=7\n" CREATED "=7\n" CHANGED "=20\n" GROUPS "=7", { 7, 7, 7, 4, 3 }, NULL, 0 },
	{ "the rest is done", DISABLED "=7\nSYNC_ON_LIMIT=skip", { 8, 3, 2, 1, 1 }, "8 users would be disabled, at most 7", 1 },
	{ "the rest is done without new users", CREATED "=7\nSYNC_ON_LIMIT=skip", { 2, 8, 2, 0, 0 },
	  "8 users would be created, at most 7", 1 },
	{ "the rest is done without new groups", GROUPS "=5\nSYNC_ON_LIMIT=skip", { 2, 2, 2, 6, 0 },
	  "6 groups would be made or removed, at most 5", 1 },
};

struct limits {
	char program[2 * HARNESS_PATH];	/* a path from anywhere */
	const char *dir;
	struct tcsim *account;
	struct buf state;		/* the account at first */
	struct buf goal, before;	/* its people, and groups, when all is done, and at first */
	unsigned passed, failed;
};

static void report(struct limits *l, const char *name, const char *problem, const char *detail)
{
	if (problem)
		printf("FAIL %s: %s: %s\n", name, problem, detail);
	fflush(stdout);
	*(problem ? &l->failed : &l->passed) += 1;
}

/* ---- the account, the file ---------------------------------------------------------------------- */

static void put_state(struct limits *l, const struct wish *w)
{
	int i;

	buf_reset(&l->state);
	buf_puts(&l->state, "{\"root_group_id\": \"100\", \"groups\": [{\"group_id\": \"100\", \"name\": \"Co\", \"parent_id\": \"0\"}, "
		 "{\"group_id\": \"101\", \"name\": \"A\", \"parent_id\": \"100\"}");
	for (i = 0; i < w->empty; i++)
		buf_printf(&l->state, ", {\"group_id\": \"%d\", \"name\": \"Old %d\", \"parent_id\": \"100\"}", 200 + i, i);
	buf_puts(&l->state, "], \"users\": [");
	for (i = 0; i < USERS; i++)
		buf_printf(&l->state, "%s{\"user_id\": \"%d\", \"email\": \"u%d@example.com\", \"display_name\": \"U %d\", "
			   "\"group_id\": \"101\", \"role_id\": \"3\", \"settings\": {\"added_manually\": \"0\"}}", i ? ", " : "",
			   1000 + i, i, i);
	buf_puts(&l->state, "]}");
}

/* Leavers are the first users, those with another name the last, those with a new group before them. */
static void put_input(struct buf *out, const struct wish *w)
{
	int i, n = USERS - w->renamed;

	buf_puts(out, "[");
	for (i = w->leavers; i < USERS + w->joiners; i++) {
		buf_printf(out, "%s{\"timecamp_email\": \"u%d@example.com\", \"timecamp_user_name\": \"U %d%s\", "
			   "\"timecamp_status\": \"active\", \"timecamp_role\": \"user\", \"timecamp_groups_breadcrumb\": ",
			   i > w->leavers ? ", " : "", i, i, i >= n && i < USERS ? " jr" : "");
		if (i >= n - w->groups && i < n)
			buf_printf(out, "\"New %d\"}", i - (n - w->groups));
		else
			buf_puts(out, "\"A\"}");
	}
	buf_puts(out, "]");
}

static int save(const struct limits *l, const char *name, const struct buf *text, struct error *e)
{
	char path[HARNESS_PATH];

	harness_path(path, l->dir, name);
	return harness_save(path, buf_str(text), e);
}

/* The account as it was at first, in a fresh folder. settings: lines for .env. */
static int lay_out(struct limits *l, const struct wish *w, const char *settings, struct error *e)
{
	struct buf text;
	int rc = -1;

	buf_init(&text, TEXT_MAX);
	if (harness_fresh(l->dir, e))
		goto out;
	buf_printf(&text, "TIMECAMP_API_KEY=a-secret-key\nTIMECAMP_ROOT_GROUP_ID=100\nTIMECAMP_REMOVE_EMPTY_GROUPS=true\n"
		   "TIMECAMP_DOMAIN=http://127.0.0.1:%u\n%s\n", tcsim_port(l->account), settings);
	if (save(l, ".env", &text, e))
		goto out;
	buf_reset(&text);
	put_input(&text, w);
	if (save(l, "people.json", &text, e))
		goto out;
	rc = tcsim_load(l->account, buf_str(&l->state), e);
out:
	buf_release(&text);
	return rc;
}

/* What does not depend on the order of work: people, and how many groups there are. */
static void put_account(struct limits *l, struct buf *out)
{
	struct buf state;
	const char *at;
	int groups = 0;

	buf_init(&state, HARNESS_FILE_MAX);
	buf_reset(out);
	tcsim_put_people(l->account, out);
	tcsim_put_state(l->account, &state);
	for (at = buf_text(&state); (at = strstr(at, "\"parent_id\"")) != NULL; at++)
		groups++;
	buf_printf(out, "%d groups\n", groups);
	buf_release(&state);
}

static int is_account(struct limits *l, const struct buf *want)
{
	struct buf now;
	int same;

	buf_init(&now, HARNESS_FILE_MAX);
	put_account(l, &now);
	same = str_eq(buf_str(&now), buf_str(want));
	buf_release(&now);
	return same;
}

static size_t count_changes(struct limits *l)
{
	static const char key[] = "\"mutating\":";
	struct buf calls;
	const char *at;
	size_t n = 0;

	buf_init(&calls, HARNESS_FILE_MAX);
	tcsim_put_calls(l->account, &calls);
	at = strstr(buf_text(&calls), key);
	for (at = at ? at + sizeof(key) - 1 : ""; *at >= '0' && *at <= '9'; at++)
		n = n * 10 + (size_t)(*at - '0');
	buf_release(&calls);
	return n;
}

/* ---- runs --------------------------------------------------------------------------------------- */

/* NULL, or what is wrong with a run "PROGRAM WORD..." (the last one NULL) or, without a program, "sh -c WORD". */
static const char *run(struct limits *l, const char *program, const char *const *words, int code, struct buf *said)
{
	const char *problem = NULL;
	struct harness_run r;
	struct error e;

	error_init(&e);
	harness_run_init(&r, program, l->dir);
	r.sim = l->account;
	while (*words)
		harness_run_args(&r, *words++, NULL);
	if (harness_run(&r, &e))
		problem = "cannot be run";
	else if (harness_run_crashed(&r))
		problem = harness_run_crashed(&r);
	else if (r.code != code)
		problem = "another exit code";
	buf_reset(said);
	buf_printf(said, "exit code %d\n", r.code);
	buf_put_str(said, buf_str(&r.out));
	buf_put_str(said, buf_str(&r.err));
	harness_run_release(&r);
	return problem;
}

static const char *sync_run(struct limits *l, const char *more, const char *value, int code, struct buf *said)
{
	const char *const words[] = { "sync", "--input", "people.json", more, value, NULL };

	return run(l, l->program, words, code, said);
}

/* The line that was printed after HOW, given to a shell as it is. */
static const char *run_printed(struct limits *l, int code, struct buf *said)
{
	const char *words[] = { "-c", NULL, NULL };
	const char *at = strstr(buf_text(said), HOW), *problem;
	struct buf command;

	if (!at)
		return "does not say how to approve it";
	at += sizeof(HOW) - 1;
	buf_init(&command, TEXT_MAX);
	buf_put(&command, at, strcspn(at, "\n"));
	words[1] = buf_text(&command);
	problem = run(l, HARNESS_SHELL, words, code, said);
	buf_release(&command);
	return problem;
}

/* ---- limits ------------------------------------------------------------------------------------- */

static const char no_limits[] = DISABLED "=100%";

static const char *find_goal(struct limits *l, const struct row *t, struct buf *said)
{
	const char *problem;
	struct error e;

	put_state(l, &t->wish);
	if (lay_out(l, &t->wish, no_limits, &e))
		return "cannot be laid out";
	put_account(l, &l->before);
	problem = sync_run(l, NULL, NULL, 0, said);
	put_account(l, &l->goal);
	return !problem && is_account(l, &l->before) ? "an unlimited run does nothing" : problem;
}

/* One run, dry or not, and the command that it prints when it is over the limit. */
static const char *run_one(struct limits *l, const struct row *t, int dry, struct buf *said)
{
	const char *problem;
	struct error e;

	if (lay_out(l, &t->wish, t->limit, &e))
		return "cannot be laid out";
	problem = sync_run(l, dry ? "--dry-run" : NULL, NULL, t->says ? 4 : 0, said);
	if (!problem && t->says && !strstr(buf_text(said), t->says))
		problem = "does not say what is over the limit";
	if (!problem && !t->says && strstr(buf_text(said), "at most"))
		problem = "speaks of a limit";
	if (!problem && (dry || (t->says && !t->rest)) && count_changes(l))
		problem = "changing requests were sent";
	if (!problem && t->rest && !dry && is_account(l, &l->before))
		problem = "the rest was not done";
	if (!problem && t->says && is_account(l, &l->goal))
		problem = "what is over the limit was done";
	if (!problem && t->says)
		problem = run_printed(l, 0, said);
	if (!problem && t->rest && dry)		/* what was approved is what was held back */
		problem = sync_run(l, NULL, NULL, 0, said);
	if (!problem && (t->says || !dry) && !is_account(l, &l->goal))
		problem = "the account is not as it should be";
	return problem;
}

static void limit_row(struct limits *l, const struct row *t)
{
	const char *problem;
	struct buf said;
	char name[128];
	int dry;

	buf_init(&said, HARNESS_FILE_MAX);
	problem = find_goal(l, t, &said);
	if (problem)
		report(l, t->name, problem, buf_text(&said));
	for (dry = 0; dry < 2 && !problem; dry++) {
		problem = run_one(l, t, dry, &said);
		snprintf(name, sizeof(name), "%s%s", t->name, dry ? ", dry run" : "");
		report(l, name, problem, buf_text(&said));
	}
	buf_release(&said);
}

/* The command is printed so that it works for a folder and a file with blanks and quotes in their names, and for prune. */
static void odd_commands(struct limits *l)
{
	static const struct wish wish = { 8, 0, 0, 0, 0 }, old = { 0, 0, 0, 0, 8 };
	static const struct { const char *name; const struct wish *wish; const char *words[7]; } odd[] = {
		{ "a folder with blanks", &wish, { "--dir", ".", "sync", "--input", "people.json", NULL, NULL } },
		{ "a plan with blanks", &wish, { "sync", "--input", "people.json", "--plan", "the plan's $HOME.jsonl", NULL, NULL } },
		{ "an odd settings file", &wish, { "--env", "it's \"this\".env", "sync", "--input", "people.json", NULL, NULL } },
		{ "prune", &old, { "prune", NULL, NULL, NULL, NULL, NULL, NULL } },
	};
	const char *problem;
	char from[HARNESS_PATH], to[HARNESS_PATH];
	struct buf said;
	struct error e;
	size_t i;

	buf_init(&said, HARNESS_FILE_MAX);
	for (i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		error_init(&e);
		put_state(l, odd[i].wish);
		problem = lay_out(l, odd[i].wish, GROUPS "=7", &e) ? "cannot be laid out" : NULL;
		harness_path(from, l->dir, ".env");
		harness_path(to, l->dir, "it's \"this\".env");
		if (!problem && harness_copy(from, to, &e))
			problem = "cannot be laid out";
		put_account(l, &l->before);
		if (!problem)
			problem = run(l, l->program, odd[i].words, 4, &said);
		if (!problem)
			problem = run_printed(l, 0, &said);
		if (!problem && is_account(l, &l->before))
			problem = "the printed command does nothing";
		report(l, odd[i].name, problem, buf_text(&said));
	}
	buf_release(&said);
}

/* ---- saved plans -------------------------------------------------------------------------------- */

/* What somebody does to the account by hand, after the plan was made. */
static const struct hand {
	const char *name;
	const char *find, *put;		/* in the account's document */
	const char *says;		/* NULL: that is none of the plan's business */
} hands[] = {
	{ "nothing", NULL, NULL, NULL },
	{ "another user", "\"U 30\"", "\"Somebody\"", NULL },
	{ "the name", "\"U 59\"", "\"U 59 sr\"", "  u59@example.com  name is not as when the plan was made\n" },
	{ "the group", "\"display_name\": \"U 57\", \"group_id\": \"101\"", "\"display_name\": \"U 57\", \"group_id\": \"100\"",
	  "  u57@example.com  group is not as when the plan was made\n" },
	{ "disabled already", "\"U 0\", \"group_id\": \"101\", \"role_id\": \"3\", \"settings\": {",
	  "\"U 0\", \"group_id\": \"101\", \"role_id\": \"3\", \"settings\": {\"disabled_user\": \"1\", ",
	  "  u0@example.com  state is not as when the plan was made\n" },
	{ "a user is gone", "\"user_id\": \"1001\", \"email\": \"u1@", "\"user_id\": \"4711\", \"email\": \"x1@",
	  "  u1@example.com  is no longer in the account\n" },
	{ "a new user is there", "\"users\": [", "\"users\": [{\"user_id\": \"5000\", \"email\": \"U60@example.com\", "
	  "\"display_name\": \"U 60\", \"group_id\": \"101\", \"role_id\": \"3\", \"settings\": {}}, ",
	  "  u60@example.com  is in the account by now\n" },
	{ "a new group is there", "\"groups\": [", "\"groups\": [{\"group_id\": \"300\", \"name\": \"New 0\", \"parent_id\": \"100\"}, ",
	  "  New 0  is in the account by now\n" },
	{ "a group is gone", ", {\"group_id\": \"200\", \"name\": \"Old 0\", \"parent_id\": \"100\"}", "",
	  "  Old 0  is no longer in the account\n" },
	{ "a group has users again", "\"users\": [", "\"users\": [{\"user_id\": \"5001\", \"email\": \"new@example.com\", "
	  "\"display_name\": \"New\", \"group_id\": \"200\", \"role_id\": \"3\", \"settings\": {}}, ",
	  "  Old 0  is not empty any more\n" },
};

/* The account's document after the hand's work, into out. */
static int by_hand(const struct limits *l, const struct hand *h, struct buf *out)
{
	struct str all = buf_str(&l->state);
	size_t at;

	buf_reset(out);
	if (!h->find) {
		buf_put_str(out, all);
		return 0;
	}
	at = str_find(all, 0, str_from(h->find));
	if (at == all.len)
		return -1;
	buf_put_str(out, str_sub(all, 0, at));
	buf_puts(out, h->put);
	buf_put_str(out, str_sub(all, at + strlen(h->find), all.len));
	return 0;
}

/* Lines of a file. */
static size_t count_lines(const struct limits *l, const char *name)
{
	char path[HARNESS_PATH];
	struct buf text;
	size_t i, n = 0;

	buf_init(&text, HARNESS_FILE_MAX);
	harness_path(path, l->dir, name);
	harness_load(path, &text);
	for (i = 0; i < text.len; i++)
		n += text.data[i] == '\n';
	buf_release(&text);
	return n;
}

/* The plan is made, the hand does its work, the plan is applied. */
static const char *apply_after(struct limits *l, const struct wish *w, const struct hand *h, struct buf *said)
{
	static const char *const apply[] = { "sync", "--apply", "the.plan", NULL };
	struct buf changed;
	const char *problem;
	struct error e;
	size_t operations;

	put_state(l, w);
	if (lay_out(l, w, no_limits, &e))
		return "cannot be laid out";
	problem = sync_run(l, "--dry-run", "--plan=the.plan", 0, said);
	if (problem)
		return problem;
	operations = count_lines(l, "the.plan") - 1;
	buf_init(&changed, TEXT_MAX);
	if (by_hand(l, h, &changed) || tcsim_load(l->account, buf_str(&changed), &e))
		problem = "nothing to do by hand";
	buf_release(&changed);
	put_account(l, &l->before);
	if (!problem)
		problem = run(l, l->program, apply, h->says ? 3 : 0, said);
	if (!problem && h->says && !strstr(buf_text(said), h->says))
		problem = "does not name what was changed by hand";
	if (!problem && !h->says && count_changes(l) != operations)
		problem = "did not do exactly the plan's operations";
	if (!problem && h->says && (count_changes(l) >= operations || is_account(l, &l->before)))
		problem = "did not do the rest of the plan";
	if (!problem && !h->find && !is_account(l, &l->goal))
		problem = "the account is not as it should be";
	return problem;
}

/* Whom the plan was refused for is as the hand has left him. */
static const char *is_untouched(struct limits *l, const struct hand *h)
{
	static const struct { const char *name, *line; } left[] = {
		{ "the name", "A\tu59@example.com\tU 59 sr\tuser\tactive\n" },
		{ "the group", "\tu57@example.com\tU 57\tuser\tactive\n" },
		{ "a user is gone", "A\tx1@example.com\tU 1\tuser\tactive\n" },
		{ "a group has users again", "Old 0\tnew@example.com\tNew\tuser\tactive\n" },
	};
	const char *problem = NULL;
	struct buf people;
	size_t i;

	buf_init(&people, HARNESS_FILE_MAX);
	tcsim_put_people(l->account, &people);
	for (i = 0; i < sizeof(left) / sizeof(left[0]); i++)
		if (!strcmp(left[i].name, h->name) && !strstr(buf_text(&people), left[i].line))
			problem = "what was changed by hand was changed again";
	buf_release(&people);
	return problem;
}

static void saved_plans(struct limits *l)
{
	static const struct row all = { "a saved plan", "", { 3, 3, 2, 2, 2 }, NULL, 0 };
	const char *problem;
	struct buf said;
	char name[128];
	size_t i;

	buf_init(&said, HARNESS_FILE_MAX);
	problem = find_goal(l, &all, &said);
	report(l, all.name, problem, buf_text(&said));
	for (i = 0; i < sizeof(hands) / sizeof(hands[0]); i++) {
		problem = apply_after(l, &all.wish, &hands[i], &said);
		if (!problem)
			problem = is_untouched(l, &hands[i]);
		snprintf(name, sizeof(name), "a saved plan, changed by hand: %s", hands[i].name);
		report(l, name, problem, buf_text(&said));
	}
	buf_release(&said);
}

/* ---- start -------------------------------------------------------------------------------------- */

/* The program's path from anywhere; only a shell tells where we are. */
static int find_program(struct limits *l, const char *program, struct error *e)
{
	static const char *const argv[] = { HARNESS_SHELL, "-c", "pwd", NULL };
	char path[HARNESS_PATH];
	struct port_child *c;
	struct buf text;
	int rc = -1;

	snprintf(l->program, sizeof(l->program), "%s", program);
	if (*program == '/')
		return 0;
	snprintf(path, sizeof(path), "%s.here", l->dir);
	c = port_spawn(argv, NULL, NULL, path, NULL, e);
	if (!c)
		return -1;
	buf_init(&text, HARNESS_FILE_MAX);
	if (port_wait(c, -1, NULL, e) == 1 && !harness_load(path, &text)) {
		snprintf(l->program, sizeof(l->program), "%.*s/%s", STR_ARG(str_trim(buf_str(&text))), program);
		rc = 0;
	}
	port_child_free(c);
	buf_release(&text);
	return rc;
}

static int start(struct limits *l, const char *program, const char *dir, struct error *e)
{
	l->dir = dir;
	buf_init(&l->state, TEXT_MAX);
	buf_init(&l->goal, HARNESS_FILE_MAX);
	buf_init(&l->before, HARNESS_FILE_MAX);
	l->account = tcsim_new(e);
	return !l->account || tcsim_listen(l->account, 0, e) || harness_fresh(dir, e) || find_program(l, program, e) ? -1 : 0;
}

int main(int argc, char **argv)
{
	struct limits l;
	struct error e;
	size_t i;

	error_init(&e);
	memset(&l, 0, sizeof(l));
	if (port_init(&argc, &argv, &e) || argc != 3) {
		printf("test_limits PROGRAM DIR %s\n", e.text);
		return 2;
	}
	if (!harness_has_shell()) {
		printf("there is no " HARNESS_SHELL " to type commands into\n0 passed, 0 failed\n");
		return 0;
	}
	if (start(&l, argv[1], argv[2], &e)) {
		report(&l, "limits", "cannot begin", e.text);
	} else {
		for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
			limit_row(&l, &rows[i]);
		odd_commands(&l);
		saved_plans(&l);
	}
	tcsim_free(l.account);
	buf_release(&l.state);
	buf_release(&l.goal);
	buf_release(&l.before);
	printf("%u passed, %u failed\n", l.passed, l.failed);
	return l.failed > 0;
}
