#include "sandbox/test_web.h"

#include <stdio.h>
#include <string.h>

#include "port.h"

#define CHUNK 65536		/* bytes of a file that are looked at at a time */
#define WORD_MAX 256		/* longest text that is looked for */
#define PERSON "{\"external_id\":"

/* ---- looking through files ---------------------------------------------------------------------- */

static unsigned long count_in(struct str text, struct str word, size_t *end)
{
	unsigned long n = 0;
	size_t at = 0, found;

	while ((found = str_find(text, at, word)) < text.len) {
		at = found + word.len;
		n++;
	}
	*end = at;
	return n;
}

/* How often a text stands in a file of any size. */
static unsigned long count_in_file(const char *path, struct str word)
{
	struct port_file *f = port_open(path, PORT_READ, NULL);
	char block[CHUNK + WORD_MAX];
	size_t have = 0, end, keep;
	unsigned long n = 0;
	long got;

	while (f && (got = port_read(f, block + have, CHUNK, NULL)) > 0) {
		have += (size_t)got;
		n += count_in(str_of(block, have), word, &end);
		keep = have - end < word.len ? have - end : word.len - 1;
		memmove(block, block + have - keep, keep);
		have = keep;
	}
	port_close(f, NULL);
	return n;
}

struct search {
	char dir[HARNESS_PATH];
	const struct websim *sim;
	struct buf *problems;
};

static void search_file(const struct search *s, const char *path)
{
	const char *secret;
	size_t i;

	for (i = 0; (secret = websim_secret(s->sim, i)) != NULL; i++)
		if (count_in_file(path, str_from(secret)))
			buf_printf(s->problems, "secret %lu stands in %s\n", (unsigned long)i, path);
}

/* Everything below a folder but what is there to keep secrets. */
static int search_one(void *cookie, const char *name)
{
	struct search *s = cookie, below = *s;
	struct port_stat st;

	if (!strcmp(name, ".env") || !strncmp(name, "rollcall.db", 11))
		return 0;
	snprintf(below.dir, sizeof(below.dir), "%.700s/%.200s", s->dir, name);
	if (!port_stat(below.dir, &st, NULL) && st.is_dir)
		port_list(below.dir, search_one, &below, NULL);
	else
		search_file(s, below.dir);
	return 0;
}

static void search_secrets(const char *dir, const struct websim *sim, struct buf *problems)
{
	static const char *const outputs[] = { "out", "err" };
	struct search s;
	char path[HARNESS_PATH + 8];
	size_t i;

	snprintf(s.dir, sizeof(s.dir), "%s", dir);
	s.sim = sim;
	s.problems = problems;
	port_list(dir, search_one, &s, NULL);
	for (i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s.%s", dir, outputs[i]);
		search_file(&s, path);
	}
}

/* ---- one run ------------------------------------------------------------------------------------ */

void web_run_init(struct web_run *r, const char *source)
{
	memset(r, 0, sizeof(*r));
	r->source = source;
	buf_init(&r->out, HARNESS_FILE_MAX);
	buf_init(&r->err, HARNESS_FILE_MAX);
	buf_init(&r->users, HARNESS_FILE_MAX);
	buf_init(&r->problems, HARNESS_FILE_MAX);
}

void web_run_release(struct web_run *r)
{
	buf_release(&r->out);
	buf_release(&r->err);
	buf_release(&r->users);
	buf_release(&r->problems);
}

static int lay_out(const struct web_run *r, const char *dir, const struct websim *sim, struct error *e)
{
	char path[HARNESS_PATH], var[HARNESS_PATH];
	struct buf env;
	int rc;

	if (r->keep)
		return 0;
	harness_path(var, dir, "var");
	if (harness_fresh(dir, e) || harness_fresh(var, e))
		return -1;
	buf_init(&env, HARNESS_FILE_MAX);
	if (r->settings)
		websim_fill(&env, str_from(r->settings), websim_base(sim));
	else
		websim_put_settings(sim, &env);
	harness_path(path, dir, ".env");
	rc = harness_save(path, buf_str(&env), e);
	buf_release(&env);
	harness_path(path, dir, r->output);
	return rc ? -1 : harness_save(path, str_from(WEB_OLD_USERS), e);
}

/* What became of users.json, and what else is to be seen of the run. */
static void take_results(struct web_run *r, const struct harness_run *h, const struct websim *sim)
{
	char path[HARNESS_PATH];

	harness_path(path, h->dir, r->output);
	if (!r->is_large)
		harness_load(path, &r->users);
	r->count = count_in_file(path, STR(PERSON));
	r->code = h->code;
	r->peak_kib = h->peak_kib;
	websim_count(sim, &r->counts);
	buf_put_str(&r->out, buf_str(&h->out));
	buf_put_str(&r->err, buf_str(&h->err));
	if (harness_run_crashed(h))
		buf_printf(&r->problems, "%s\n", harness_run_crashed(h));
	search_secrets(h->dir, sim, &r->problems);
	websim_complain(sim, 0, &r->problems);
}

/* What it runs with. */
static void set_up(const struct web_tests *t, const struct web_run *r, struct websim *sim, const char **env, struct harness_run *h)
{
	size_t i;

	if (r->args[0])
		harness_run_args(h, r->args[0], r->args[1], r->args[2], (const char *)NULL);
	else
		harness_run_args(h, "fetch", r->source, (const char *)NULL);
	if (!r->is_large)
		harness_run_args(h, "--debug", (const char *)NULL);
	env[0] = "DISABLE_FILE_LOGGING=false";
	for (i = 0; i < WEB_ENV && r->env[i]; i++)
		env[i + 1] = r->env[i];
	env[i + 1] = NULL;
	h->env = env;
	h->web = sim;
	h->relay = r->relay;
	h->meter = t->meter;
	h->timeout_ms = r->is_large ? 600000 : 60000;
}

int web_run(const struct web_tests *t, struct web_run *r, struct error *e)
{
	struct websim *sim = r->sim ? r->sim : websim_new_company(r->source, &r->company, e);
	const char *env[WEB_ENV + 2];
	char dir[HARNESS_PATH];
	struct harness_run h;
	int rc = -1;

	if (!sim)
		return -1;
	if (!r->output)
		r->output = "var/users.json";
	websim_set_faults(sim, &r->faults);
	snprintf(dir, sizeof(dir), "%s/%s", t->dir, r->source);
	harness_run_init(&h, t->program, dir);
	set_up(t, r, sim, env, &h);
	if (!lay_out(r, dir, sim, e) && !harness_run(&h, e)) {
		take_results(r, &h, sim);
		rc = 0;
	}
	harness_run_release(&h);
	if (!r->sim)
		websim_free(sim);
	return rc;
}

void web_judge(struct web_tests *t, const struct web_run *r, const char *name, const char *problem)
{
	struct str said = str_trim(buf_str(&r->err)), at = said, line;

	if (!problem && !r->problems.len) {
		t->passed++;
		return;
	}
	t->failed++;
	printf("FAIL %s: %s: %s\n     exit %d, %lu people, %lu requests\n%s", r->source, name, problem ? problem : "", r->code,
	       r->count, r->counts.requests, buf_text(&r->problems));
	while (at.len && str_next(&at, '\n', &line))
		said = line;
	printf("     it said: %.*s\n", (int)(said.len < 400 ? said.len : 400), said.ptr);
	fflush(stdout);
}
