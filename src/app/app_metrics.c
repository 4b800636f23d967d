#include "app/app_metrics.h"

#include <string.h>
#include "base/json_read.h"
#include "base/limits.h"
#include "source/source.h"
#include "store/store.h"
#include "target/target.h"

#define MAX_METRICS (1024 * 1024)	/* bytes of the file */

enum what { RUN_END, RUN_EXIT, RUN_DURATION, RUN_COUNT };

/* Figures of the last run of each command, source and target. */
static const struct {
	enum what what;
	const char *name, *help;
} metrics[] = {
	{ RUN_END, "rollcall_last_run_timestamp_seconds", "When the last run ended." },
	{ RUN_EXIT, "rollcall_last_run_exit_code", "How it ended; 0 is good." },
	{ RUN_DURATION, "rollcall_last_run_duration_seconds", "How long it took." },
	{ RUN_COUNT, "rollcall_last_run_count", "How much it did." },
};

#define METRICS (sizeof(metrics) / sizeof(metrics[0]))

struct writer {
	struct buf *out;		/* borrowed */
	struct json_doc *doc;		/* owned */
	struct arena arena;		/* owned */
	size_t metric;
};

static void put_head(struct buf *out, const char *name, const char *help)
{
	buf_printf(out, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name);
}

/* Names and labels; only the words of our own tables are in them, so nothing has to be escaped. */
static void put_labels(struct writer *w, const struct state_run *run, struct str count)
{
	buf_printf(w->out, "%s{command=\"%.*s\"", metrics[w->metric].name, STR_ARG(run->command));
	if (run->source.len > 0)
		buf_printf(w->out, ",source=\"%.*s\"", STR_ARG(run->source));
	if (run->target.len > 0)
		buf_printf(w->out, ",target=\"%.*s\"", STR_ARG(run->target));
	if (count.len > 0)
		buf_printf(w->out, ",what=\"%.*s\"", STR_ARG(count));
	buf_puts(w->out, "} ");
}

static int put_counts(struct writer *w, const struct state_run *run, struct error *e)
{
	struct json counts, count;
	int64_t n;

	if (run->counts.len == 0)
		return 0;
	arena_reset(&w->arena);
	if (json_parse(w->doc, run->counts, 0, &counts, e) != 0)
		return -1;
	for (count = json_first(counts); count.doc != NULL; count = json_next(counts, count)) {
		if (json_int(count, &n) != 0)
			continue;
		put_labels(w, run, json_key(count, &w->arena));
		buf_printf(w->out, "%lld\n", (long long)n);
	}
	return 0;
}

static int put_run(void *cookie, const struct state_run *run, struct error *e)
{
	struct writer *w = cookie;
	int64_t ms = run->end > run->start ? run->end - run->start : 0;

	if (metrics[w->metric].what == RUN_COUNT)
		return put_counts(w, run, e);
	put_labels(w, run, str_from(NULL));
	if (metrics[w->metric].what == RUN_END)
		buf_printf(w->out, "%lld\n", (long long)(run->end / 1000));
	else if (metrics[w->metric].what == RUN_EXIT)
		buf_printf(w->out, "%d\n", run->exit_code);
	else
		buf_printf(w->out, "%lld.%03d\n", (long long)(ms / 1000), (int)(ms % 1000));
	return 0;
}

static int put_health(struct buf *out, struct state *s, enum state_goal goal, const char *label,
		      const char *name, struct error *e)
{
	struct state_health h;

	if (state_health(s, goal, name, &h, e) != 0)
		return -1;
	if (h.run > 0)
		buf_printf(out, "rollcall_last_success_timestamp_seconds{%s=\"%s\"} %lld\n", label, name,
			   (long long)(h.time / 1000));
	return 0;
}

int metrics_put(struct state *s, struct buf *out, struct error *e)
{
	struct writer w;
	size_t i;
	int failed = 0;

	memset(&w, 0, sizeof(w));
	w.out = out;
	w.doc = json_doc_new(MAX_JSON_TOKENS, e);
	if (w.doc == NULL)
		return -1;
	arena_init(&w.arena, MAX_RECORD);
	put_head(out, "rollcall_last_success_timestamp_seconds",
		 "When a source was last read completely, and a target last equal to it.");
	for (i = 0; source_table[i] != NULL && !failed; i++)
		failed = put_health(out, s, STATE_FETCHED, "source", source_table[i]->name, e);
	for (i = 0; target_table[i] != NULL && !failed; i++)
		failed = put_health(out, s, STATE_SYNCED, "target", target_table[i]->name, e);
	for (w.metric = 0; w.metric < METRICS && !failed; w.metric++) {
		put_head(out, metrics[w.metric].name, metrics[w.metric].help);
		failed = state_each_kind(s, put_run, &w, e);
	}
	arena_release(&w.arena);
	json_doc_free(w.doc);
	return failed;
}

int metrics_write(struct state *s, const char *path, struct error *e)
{
	struct store_out *out;
	struct buf text;
	int failed;

	buf_init(&text, MAX_METRICS);
	failed = metrics_put(s, &text, e) != 0 || buf_check(&text, "the metrics", e) != 0;
	out = failed ? NULL : store_create(path, e);
	if (out != NULL) {
		store_write(out, text.data, text.len, NULL);
		store_share(out);
		failed = store_commit(out, e);
	}
	buf_release(&text);
	return out == NULL || failed ? -1 : 0;
}
