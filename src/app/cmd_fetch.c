#include "app/app.h"

#include "base/buf.h"
#include "base/log.h"
#include "source/source.h"

#define NAMES_MAX 32

/* ERROR_USAGE with the nearest name. */
static int unknown_source(const char *name, struct error *e)
{
	const char *names[NAMES_MAX], *near;
	size_t n = 0;

	while (n < NAMES_MAX && source_table[n]) {
		names[n] = source_table[n]->name;
		n++;
	}
	near = str_nearest(str_from(name), names, n);
	return error_set(e, ERROR_USAGE, "\"%.80s\" is no source%s%s%s", name, near ? "; did you mean " : "",
			 near ? near : "", near ? "?" : "");
}

static void show_progress(void *cookie, uint64_t people)
{
	progress_step(cookie, people);
}

/* Who is missing stands in the log too, and is shown to those who only want to see warnings. */
static void show_missing(void *cookie, const char *line)
{
	(void)cookie;
	if (log_quiet()) {
		log_warning("%s", line);
	} else {
		say("%s", line);
		log_note(LOG_WARNING, str_from(line));
	}
}

static void tell_shrunk(const struct fetch_request *r, const struct source_read *read)
{
	struct events_limit told = { "FETCH_MAX_SHRINK", "active people are missing", 0, 0, 0, NULL, NULL };

	show_missing(NULL, "If they have left, accept it once:");
	show_missing(NULL, r->again);
	told.planned = read->missing;
	told.most = read->most;
	told.command = r->again;
	events_limit(r->record->events, &told);
}

int app_fetch(const struct fetch_request *r, struct error *e)
{
	const struct source *s = source_find(r->source);
	struct source_watch watch = { show_progress, NULL, show_missing, NULL, NULL };
	struct source_read read = { 0 };
	int rc;

	if (!s)
		return unknown_source(r->source, e);
	read.path = r->output ? r->output : PATH_USERS;
	read.accept_shrink = r->accept_shrink;
	watch.cookie = progress_begin(r->record->events, "fetch", 0);
	watch.state = record_state(r->record);
	rc = source_fetch(s, &read, &watch, e);
	progress_step(watch.cookie, read.count);
	progress_end(watch.cookie);
	if (read.shrunk)
		tell_shrunk(r, &read);
	if (rc != 0)
		return error_add(e, "fetch %s", s->name);
	log_info("fetched %llu users from %s", (unsigned long long)read.count, s->title);
	return record_fetched(r->record, read.count, e);
}

static int run(const struct cli *c, struct error *e)
{
	struct fetch_request r = { 0 };
	struct buf again;
	int rc;

	events_about(c->record->events, cli_word(c, 0), NULL, 0);
	if (record_begin(c->record, "fetch", cli_word(c, 0), NULL, e) != 0)
		return -1;
	buf_init(&again, APP_AGAIN_MAX);
	app_again_with(&again, c, "accept-shrink");
	r.source = cli_word(c, 0);
	r.output = cli_value(c, "output");
	r.accept_shrink = cli_given(c, "accept-shrink");
	r.again = buf_text(&again);
	r.record = c->record;
	rc = app_fetch(&r, e);
	buf_release(&again);
	return rc;
}

static const struct cli_option options[] = {
	{ "output", "FILE", "where the users go (" PATH_USERS ")" },
	{ "accept-shrink", NULL, "go on although many people are missing, this once" },
	{ NULL, NULL, NULL }
};

const struct command cmd_fetch = {
	"fetch", "SOURCE", 1, 1, options, "read the people of a source",
	"Nothing is changed there. When the source cannot be read to its end, or many people are missing,\n"
	"the users of the last good run stay as they are.",
	COMMAND_LOCKS, run
};
