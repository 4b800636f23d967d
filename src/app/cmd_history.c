/* history: the last runs, or what one run changed. */
#include <string.h>
#include "app/app.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/json_write.h"
#include "base/limits.h"
#include "base/log.h"
#include "port.h"

#define RUNS_SHOWN 20

static int print_json(void *cookie, const char *data, size_t len, struct error *e)
{
	(void)cookie;
	(void)len;
	(void)e;
	out_text(data);
	return 0;
}

/* ---- for people ---------------------------------------------------------------------------------------- */

/* "2026-01-31 08:15:00", local time. */
static void put_time(struct buf *out, int64_t ms)
{
	struct port_tm t;

	port_local_time(ms / 1000, &t);
	buf_printf(out, "%04d-%02d-%02d %02d:%02d:%02d", t.year, t.month, t.day, t.hour, t.minute, t.second);
}

static const char *result_text(const struct state_run *run)
{
	static const char *const texts[] = {
		"done", "failed", "settings", "partly", "refused", "locked", "upstream", "denied"
	};

	if (!run->ended)
		return "no end";
	return (size_t)run->exit_code < sizeof(texts) / sizeof(texts[0]) ? texts[run->exit_code] : "failed";
}

static void put_command(struct buf *out, const struct state_run *run)
{
	log_clean(out, run->command);
	if (run->source.len > 0)
		buf_printf(out, " %.*s", STR_ARG(run->source));
	if (run->target.len > 0)
		buf_printf(out, " %.*s", STR_ARG(run->target));
}

/* "   12  2026-01-31 08:15:00     3.2 s  done      run ldap timecamp: 12 changes, 1 failed" */
static int print_run(void *cookie, const struct state_run *run, struct error *e)
{
	int64_t ms = run->end > run->start ? run->end - run->start : 0;
	struct buf line, took;
	int failed;

	(void)cookie;
	buf_init(&line, MAX_LOG_LINE);
	buf_init(&took, 40);
	if (run->ended && ms < 60000)
		buf_printf(&took, "%d.%d s", (int)(ms / 1000), (int)(ms % 1000 / 100));
	else if (run->ended)
		put_duration(&took, (uint64_t)ms / 1000);
	buf_printf(&line, "%5lld  ", (long long)run->id);
	put_time(&line, run->start);
	buf_printf(&line, "  %12s  %-8s  ", buf_text(&took), result_text(run));
	put_command(&line, run);
	if (run->changes > 0)
		buf_printf(&line, ": %lld change%s", (long long)run->changes, run->changes == 1 ? "" : "s");
	if (run->failed > 0)
		buf_printf(&line, ", %lld failed", (long long)run->failed);
	failed = buf_check(&took, "the duration of a run", e) ||
		 buf_check(&line, "the line of a run", e) ? -1 : 0;
	if (!failed)
		out_printf("%s\n", buf_text(&line));
	buf_release(&line);
	buf_release(&took);
	return failed;
}

/* "  08:15:01  user.move         ann@example.com  Sales → Sales/EMEA", and why when it went wrong. */
static int print_change(void *cookie, int64_t time, const struct state_change *c, struct error *e)
{
	struct buf text, line;
	struct port_tm t;
	int failed;

	(void)cookie;
	buf_init(&text, 4 * MAX_LOG_LINE);
	buf_init(&line, 16 * MAX_LOG_LINE);
	port_local_time(time / 1000, &t);
	buf_printf(&text, "  %02d:%02d:%02d  %-16.*s  %.*s", t.hour, t.minute, t.second, STR_ARG(c->kind),
		   STR_ARG(c->subject));
	if (c->before.len > 0 || c->after.len > 0)
		buf_printf(&text, "  %.*s%s%.*s", STR_ARG(c->before),
			   c->before.len > 0 ? " \xe2\x86\x92 " : "", STR_ARG(c->after));
	if (!str_eqz(c->result, "done"))
		buf_printf(&text, ": FAILED: %.*s", STR_ARG(c->result));
	log_clean(&line, buf_str(&text));
	failed = buf_check(&text, "the line of a change", e) != 0 ||
		 buf_check(&line, "the line of a change", e) != 0;
	if (!failed) {
		out_text(buf_text(&line));
		out_text("\n");
	}
	buf_release(&text);
	buf_release(&line);
	return failed ? -1 : 0;
}

/* ---- for programs -------------------------------------------------------------------------------------- */

static void put_text_or_null(struct json_write *w, const char *key, struct str text)
{
	json_put_keyz(w, key);
	if (text.ptr == NULL)
		json_put_null(w);
	else
		json_put_text(w, text);
}

static void put_json_time(struct json_write *w, const char *key, int64_t ms)
{
	char text[21];

	date_format_utc(text, ms / 1000);
	json_put_member(w, key, str_from(text));
}

/* The members of a run's object, which stays open. */
static void put_run(struct json_write *w, const struct state_run *run)
{
	json_begin_object(w);
	json_put_keyz(w, "run");
	json_put_int(w, run->id);
	json_put_member(w, "command", run->command);
	put_text_or_null(w, "source", run->source);
	put_text_or_null(w, "target", run->target);
	put_json_time(w, "start", run->start);
	if (run->ended) {
		put_json_time(w, "end", run->end);
		json_put_keyz(w, "milliseconds");
		json_put_int(w, run->end - run->start);
		json_put_keyz(w, "exit");
		json_put_int(w, run->exit_code);
	}
	if (run->counts.len > 0)
		json_put_member_raw(w, "counts", run->counts);
	json_put_keyz(w, "changes");
	json_put_int(w, run->changes);
	json_put_keyz(w, "failed");
	json_put_int(w, run->failed);
}

static int write_run(void *cookie, const struct state_run *run, struct error *e)
{
	struct json_write *w = cookie;

	(void)e;
	put_run(w, run);
	json_end_object(w);
	return 0;
}

static int write_run_open(void *cookie, const struct state_run *run, struct error *e)
{
	(void)e;
	put_run(cookie, run);
	return 0;
}

static int write_change(void *cookie, int64_t time, const struct state_change *c, struct error *e)
{
	struct json_write *w = cookie;

	(void)e;
	json_begin_object(w);
	put_json_time(w, "time", time);
	put_text_or_null(w, "subject", c->subject);
	put_text_or_null(w, "kind", c->kind);
	put_text_or_null(w, "before", c->before);
	put_text_or_null(w, "after", c->after);
	put_text_or_null(w, "result", c->result);
	json_end_object(w);
	return 0;
}

/* ---- the command --------------------------------------------------------------------------------------- */

static int json_runs(struct state *s, int64_t last, struct error *e)
{
	struct json_write w;
	int failed;

	json_write_init(&w, 1, print_json, NULL, 0);
	json_begin_array(&w);
	failed = state_each_run(s, last, write_run, &w, e);
	json_end_array(&w);
	if (!failed)
		failed = json_write_finish(&w, e);
	json_write_release(&w);
	out_text("\n");
	return failed;
}

static int json_run(struct state *s, int64_t id, struct error *e)
{
	struct json_write w;
	int failed;

	json_write_init(&w, 1, print_json, NULL, 0);
	failed = state_find_run(s, id, write_run_open, &w, e);
	json_put_keyz(&w, "audit");
	json_begin_array(&w);
	failed = failed || state_each_change(s, id, write_change, &w, e) != 0;
	json_end_array(&w);
	json_end_object(&w);
	failed = failed || json_write_finish(&w, e) != 0;
	json_write_release(&w);
	out_text("\n");
	return failed ? -1 : 0;
}

static int count_run(void *cookie, const struct state_run *run, struct error *e)
{
	(void)run;
	(void)e;
	++*(int *)cookie;
	return 0;
}

static int show_run(const struct cli *c, struct state *s, struct error *e)
{
	const char *word = cli_word(c, 0);
	int64_t id;
	int found = 0;

	if (str_to_i64(str_from(word), &id) != 0)
		return error_set(e, ERROR_USAGE, "\"%.80s\" is no run: a number is needed,"
				 " \"rollcall history\" shows them", word);
	if (state_find_run(s, id, count_run, &found, e) != 0)
		return -1;
	if (!found)
		return error_set(e, ERROR_FAILED, "there is no run %.80s; \"rollcall history\" shows which"
				 " there are", word);
	if (cli_global(c)->json)
		return json_run(s, id, e);
	if (state_find_run(s, id, print_run, NULL, e) != 0)
		return -1;
	return state_each_change(s, id, print_change, NULL, e);
}

static int run_history(const struct cli *c, struct error *e)
{
	int64_t last = cli_given(c, "all") ? -1 : RUNS_SHOWN;
	struct state *s = state_open_read(PATH_STATE, e);
	int failed;

	if (s == NULL)
		return -1;
	if (cli_word(c, 0) != NULL)
		failed = show_run(c, s, e);
	else if (cli_global(c)->json)
		failed = json_runs(s, last, e);
	else
		failed = state_each_run(s, last, print_run, NULL, e);
	state_close(s);
	return failed;
}

static const struct cli_option options[] = {
	{ "all", NULL, "every run that is recorded, not the last 20 only" },
	{ NULL, NULL, NULL }
};

const struct command cmd_history = {
	.name = "history",
	.words = "[RUN]",
	.max_words = 1,
	.options = options,
	.help = "the last runs, or everything that one of them changed",
	.more = "One line each: number, begin, duration, how it ended, what it was. With a RUN's number its\n"
		"changes: when, what, whose, before and after. Dry runs are not recorded. \"no end\": it is\n"
		"going on, or was killed. --json gives objects.",
	.flags = COMMAND_OFFLINE,
	.run = run_history,
};
