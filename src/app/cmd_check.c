#include <string.h>
#include "app/app.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/log.h"
#include "source/source.h"
#include "target/target.h"

#define MAX_NAMES 32

/* How the checks went; the first failure becomes the command's. */
struct outcome {
	int done, failed;
	struct error first;
};

/* The name of what is checked stands before each line. */
static void print_note(void *cookie, const char *line)
{
	struct buf clean;

	buf_init(&clean, 4 * MAX_LOG_LINE);
	log_clean(&clean, str_from(line));
	out_printf("%s: %s\n", (const char *)cookie, buf_text(&clean));
	buf_release(&clean);
}

static void note_result(struct outcome *o, const char *title, int result, const struct error *e)
{
	struct buf line;

	o->done++;
	if (result == 0)
		return;
	buf_init(&line, 2 * ERROR_TEXT_MAX);
	buf_printf(&line, "FAILED: %s", e->text);
	print_note((void *)title, buf_text(&line));
	buf_release(&line);
	if (o->failed++ == 0)
		o->first = *e;
}

static void check_source(struct outcome *o, const struct source *s)
{
	struct source_watch watch = { NULL, print_note, NULL, NULL, NULL };
	struct error e;

	error_init(&e);
	watch.cookie = (void *)s->title;
	note_result(o, s->title, source_check(s, &watch, &e), &e);
}

static void check_target(struct outcome *o, const struct target *t)
{
	struct target_run run;
	struct error e;
	struct buf note;
	int result = -1;

	memset(&run, 0, sizeof run);
	error_init(&e);
	buf_init(&note, MAX_LOG_LINE);
	if (target_open(&run, t, &e) == 0 && t->check(&run, &note, &e) == 0) {
		print_note((void *)t->title, buf_text(&note));
		result = 0;
	}
	note_result(o, t->title, result, &e);
	target_close(&run);
	buf_release(&note);
}

static int unknown_name(const char *name, struct error *e)
{
	const char *names[MAX_NAMES], *near;
	size_t n = 0, i;

	for (i = 0; source_table[i] && n < MAX_NAMES; i++)
		names[n++] = source_table[i]->name;
	for (i = 0; target_table[i] && n < MAX_NAMES; i++)
		names[n++] = target_table[i]->name;
	near = str_nearest(str_from(name), names, n);
	return error_set(e, ERROR_USAGE, "\"%.80s\" is neither a source nor a target%s%s%s", name,
			 near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
}

static int run_check(const struct cli *c, struct error *e)
{
	const char *name = cli_word(c, 0);
	struct outcome o;
	size_t i;

	memset(&o, 0, sizeof o);
	if (name && !source_find(name) && !target_find(name))
		return unknown_name(name, e);
	for (i = 0; source_table[i]; i++)
		if (name ? source_find(name) == source_table[i] : app_is_set_up(source_table[i]->settings))
			check_source(&o, source_table[i]);
	for (i = 0; target_table[i]; i++)
		if (name ? target_find(name) == target_table[i] : app_is_set_up(target_table[i]->settings))
			check_target(&o, target_table[i]);
	if (o.done == 0)
		return error_set(e, ERROR_USAGE, "nothing is set up: no source or target has settings; "
				 "\"rollcall settings --env\" prints a file to begin with");
	if (o.failed > 0)
		return error_set(e, o.first.kind, "%d of %d checks failed", o.failed, o.done);
	return 0;
}

const struct command cmd_check = {
	"check", "[SOURCE|TARGET]", 0, 1, NULL, "do settings and connections work?",
	"Without a name, every source and target that has settings is checked. Nothing is changed.", 0,
	run_check
};
