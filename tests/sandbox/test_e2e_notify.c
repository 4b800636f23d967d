/* Messages to NOTIFY_URL, and the file of metrics. */
#include <stdio.h>
#include <string.h>

#include "port.h"
#include "sandbox/e2e.h"

#define METRICS "metrics.prom"
#define SECRET "hidden-path"
#define RUN { "run", "ldap", "timecamp" }
#define FAILS "another"			/* a key that the account wants and we do not have */
#define WORKS ""

/* One run after the other, in one folder. */
struct told {
	const char *args[E2E_ARGS];
	const char *key;		/* that the account wants */
	const char *url;		/* where messages go; NULL: to the account, which keeps them */
	int code, notes;		/* exit code; messages so far */
	const char *note;		/* what the last of them holds; NULL: anything */
	const char *says;		/* what standard error must hold; NULL: anything */
};

static const struct told story[] = {
	{ RUN, WORKS, NULL, 0, 0, NULL, NULL },
	{ RUN, FAILS, NULL, 7, 1, "{\"text\":\"rollcall: run ldap timecamp failed (run 2, exit code 7): ", NULL },
	{ RUN, FAILS, NULL, 7, 1, NULL, NULL },
	{ { "run", "ldap", "--dry-run" }, WORKS, NULL, 0, 1, NULL, NULL },
	{ RUN, WORKS, NULL, 0, 2, "{\"text\":\"rollcall: run ldap timecamp works again (run 4)\"}", NULL },
	{ RUN, WORKS, NULL, 0, 2, NULL, NULL },
	{ { "sync", "--input", "empty.json" }, WORKS, NULL, 4, 3,
	  "{\"text\":\"rollcall: sync timecamp waits for a decision (run 6, exit code 4): empty.json names nobody", NULL },
	{ { "sync", "--input", "empty.json" }, WORKS, NULL, 4, 3, NULL, NULL },
	{ { "sync", "--input", "half.json" }, WORKS, NULL, 1, 4, "sync timecamp failed (run 8, exit code 1): ", NULL },
	/* what could not be told is told the next time, and never changes how a run ends */
	{ RUN, FAILS, "http://127.0.0.1:1/" SECRET "?x=" SECRET, 7, 4, NULL, "nobody was notified (NOTIFY_URL): " },
	{ RUN, FAILS, "http://127.0.0.1:{account}/_sim/" SECRET, 7, 4, NULL, "answered 404" },
	{ RUN, FAILS, "nonsense-" SECRET, 7, 4, NULL, "nobody was notified (NOTIFY_URL): " },
	{ RUN, FAILS, NULL, 7, 5, "run ldap timecamp failed (run 12, exit code 7): ", NULL },
	{ RUN, WORKS, "", 0, 5, NULL, NULL },
	{ RUN, WORKS, NULL, 0, 6, "works again (run 14)", NULL }
};

static int count_notes(const struct scene *s, struct str *last)
{
	struct str rest = tcsim_notes(s->account), line;
	int n = 0;

	*last = STR("");
	while (rest.len && str_next(&rest, '\n', &line)) {
		*last = line;
		n++;
	}
	return n;
}

static const char *judge(const struct scene *s, const struct told *t, const struct harness_run *r)
{
	struct str last;
	int notes = count_notes(s, &last);

	if (harness_run_crashed(r))
		return harness_run_crashed(r);
	if (r->code != t->code)
		return "another exit code";
	if (notes != t->notes)
		return "another number of messages";
	if (t->note && str_find(last, 0, str_from(t->note)) == last.len)
		return t->note;
	if (t->says && !strstr(buf_text(&r->err), t->says))
		return t->says;
	if (strstr(buf_text(&r->err), SECRET) || str_find(last, 0, STR("a-secret-key")) < last.len)
		return "shows a secret";
	return NULL;
}

static void run_told(struct scene *s, const struct told *t, const char *name, const char *metrics)
{
	char url[128], file[64], detail[2048];
	const char *const env[] = { url, file, NULL };
	const char *problem = NULL;
	struct harness_run r;
	struct error e;
	size_t i;

	error_init(&e);
	scene_run_init(s, &r);
	r.env = env;
	for (i = 0; i < E2E_ARGS && t->args[i]; i++)
		harness_run_args(&r, t->args[i], NULL);
	scene_fill_in(s, t->url ? t->url : "http://127.0.0.1:{account}/_sim/note/" SECRET, detail, sizeof(detail));
	snprintf(url, sizeof(url), "NOTIFY_URL=%.100s", detail);
	snprintf(file, sizeof(file), "METRICS_FILE=%s", metrics);
	if (tcsim_set_option(s->account, "require_key", t->key, &e) || harness_run(&r, &e))
		problem = "cannot be run";
	if (!problem)
		problem = judge(s, t, &r);
	snprintf(detail, sizeof(detail), "exit code %d: %.900s%.900s", r.code, e.text, buf_text(&r.err));
	scene_report(s, name, problem, detail);
	harness_run_release(&r);
}

/* What stands in the file after all this, and that others may read it where there are modes. */
static void check_metrics(struct scene *s)
{
	static const char *const held[] = {
		"# TYPE rollcall_last_success_timestamp_seconds gauge\n",
		"\nrollcall_last_success_timestamp_seconds{source=\"ldap\"} ",
		"\nrollcall_last_success_timestamp_seconds{target=\"timecamp\"} ",
		"\nrollcall_last_run_exit_code{command=\"run\",source=\"ldap\",target=\"timecamp\"} 0\n",
		"\nrollcall_last_run_exit_code{command=\"sync\",target=\"timecamp\"} 1\n",
		"\nrollcall_last_run_duration_seconds{command=\"run\",source=\"ldap\",target=\"timecamp\"} ",
		"\nrollcall_last_run_timestamp_seconds{command=\"run\",source=\"ldap\",target=\"timecamp\"} ",
		"\nrollcall_last_run_count{command=\"run\",source=\"ldap\",target=\"timecamp\",what=\"people\"} 40\n",
		"\nrollcall_last_run_count{command=\"run\",source=\"ldap\",target=\"timecamp\",what=\"failed\"} 0\n",
	};
	char path[HARNESS_PATH];
	const char *problem = NULL;
	struct port_stat st;
	struct buf text;
	size_t i;

	buf_init(&text, HARNESS_FILE_MAX);
	harness_path(path, s->dir, METRICS);
	if (harness_load(path, &text))
		problem = "there is no file";
	for (i = 0; i < sizeof(held) / sizeof(held[0]) && !problem; i++)
		if (!strstr(buf_text(&text), held[i]))
			problem = held[i];
	/* Where the program, too, has no mode that says so, the system has none. */
	if (!problem && !port_stat(s->program, &st, NULL) && st.others_can_read &&
	    (port_stat(path, &st, NULL) || !st.others_can_read))
		problem = "others cannot read it";
	scene_report(s, "metrics", problem, buf_text(&text));
	buf_release(&text);
}

void e2e_notified(struct scene *s)
{
	static const struct told unwritable = { RUN, WORKS, NULL, 0, 6, NULL, "METRICS_FILE: " };
	char name[32];
	struct error e;
	size_t i;

	error_init(&e);
	if (scene_lay_out(s, &e)) {
		scene_report(s, "notices", "cannot lay it out", e.text);
		return;
	}
	for (i = 0; i < sizeof(story) / sizeof(story[0]); i++) {
		snprintf(name, sizeof(name), "notices, run %u", (unsigned)i + 1);
		run_told(s, &story[i], name, METRICS);
	}
	check_metrics(s);
	run_told(s, &unwritable, "metrics that cannot be written", "one.json/" METRICS);
}
