#include "app/app.h"

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

int app_fetch(const char *source, const char *output, struct run_record *record, struct error *e)
{
	const struct source *s = source_find(source);
	struct source_watch watch = { show_progress, NULL, NULL, NULL };
	uint64_t count;
	int rc;

	if (!s)
		return unknown_source(source, e);
	watch.cookie = progress_begin("fetch", 0);
	watch.state = record_state(record);
	rc = source_fetch(s, output ? output : PATH_USERS, &watch, &count, e);
	progress_end(watch.cookie);
	if (rc != 0)
		return error_add(e, "fetch %s", s->name);
	log_info("fetched %llu users from %s", (unsigned long long)count, s->title);
	return record_fetched(record, count, e);
}

static int run(const struct cli *c, struct error *e)
{
	if (record_begin(c->record, "fetch", cli_word(c, 0), NULL, e) != 0)
		return -1;
	return app_fetch(cli_word(c, 0), cli_value(c, "output"), c->record, e);
}

static const struct cli_option options[] = {
	{ "output", "FILE", "where the users go (" PATH_USERS ")" },
	{ NULL, NULL, NULL }
};

const struct command cmd_fetch = {
	"fetch", "SOURCE", 1, 1, options, "read the people of a source",
	"SOURCE is ldap. Nothing is changed there. When the source cannot be read to its end, the users of\n"
	"the last good run stay as they are.",
	COMMAND_LOCKS, run
};
