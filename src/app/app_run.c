#include <string.h>
#include "app/app.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/settings.h"
#include "base/version.h"
#include "port.h"
#include "store/store.h"

#define PATH_LOG "var/logs/sync.log"

/* Standard error first, so that reading the settings can warn. */
static void open_terminal_log(const struct cli_global *g, struct log_options *o)
{
	memset(o, 0, sizeof *o);
	o->level = g->debug ? LOG_DEBUG : LOG_INFO;
	o->quiet = g->quiet;
	log_open(o, NULL);
}

/* Then the file and the format that the settings name. A log that cannot be written stops nothing. */
static int open_file_log(struct log_options *o, int with_file, struct error *e)
{
	const char *format = settings_text("LOG_FORMAT");
	struct error why;

	o->json = strcmp(format, "json") == 0;
	if (!o->json && strcmp(format, "text") != 0 && format[0] != '\0')
		return error_set(e, ERROR_USAGE, "LOG_FORMAT is \"%.80s\": it must be text or json", format);
	if (with_file && !settings_on("DISABLE_FILE_LOGGING"))
		o->path = PATH_LOG;
	error_init(&why);
	if (log_open(o, &why) != 0)
		log_warning("%s; DISABLE_FILE_LOGGING=true does without", why.text);
	return 0;
}

static void log_start(const struct cli *c)
{
	struct buf line;
	int i;

	buf_init(&line, 1000);
	buf_printf(&line, "rollcall %s: %s", ROLLCALL_VERSION, c->command->name);
	for (i = 0; i < c->word_count; i++)
		buf_printf(&line, " %.80s", c->words[i]);
	for (i = 0; i < c->given_count; i++)
		buf_printf(&line, " --%s", c->given[i].option->name);
	log_note(LOG_INFO, buf_str(&line));
	buf_release(&line);
}

static void log_end(int result, const struct error *e)
{
	if (result == 0 || e->kind == ERROR_PENDING)
		log_note(LOG_INFO, STR("done"));
	else
		log_note(LOG_ERROR, str_from(e->text));
}

/* Runs the command, alone if it writes. */
static int run_command(const struct cli *c, struct run_record *record, struct error *e)
{
	struct store_lock *lock = NULL;
	struct cli own = *c;
	int result;

	if (c->command->flags & COMMAND_LOCKS) {
		lock = store_lock(PATH_LOCK, e);
		if (!lock && e->kind != ERROR_LOCKED)
			return error_set(e, e->kind, "%s; this user must be able to write in the folder "
					 "(--dir names another)", e->text);
		if (!lock)
			return -1;
	}
	own.record = record;
	result = record_end(record, c->command->run(&own, e), e);
	store_unlock(lock);
	return result;
}

/* The summary is the last thing on the screen, also after an error. */
static void show_end(const struct run_record *record, const struct error *e)
{
	if (record->summary.len == 0)
		return;
	print_error(e);
	log_info("%s", buf_text(&record->summary));
}

static int run_with_settings(const struct cli *c, struct log_options *options, struct run_record *record,
			     struct error *e)
{
	int result;

	if (settings_load(app_setting_groups, c->global.env_path, e) != 0)
		return -1;
	if (app_restrict(c, e) != 0)
		return -1;
	if (open_file_log(options, c->command->flags & COMMAND_LOCKS, e) != 0)
		return -1;
	log_start(c);
	result = run_command(c, record, e);
	show_end(record, e);
	log_end(result, e);
	return result;
}

int app_run(const struct cli *c, struct error *e)
{
	const struct cli_global *g = cli_global(c);
	struct log_options options;
	struct run_record record;
	struct events events;
	int result;

	if (g->dir && port_chdir(g->dir, e) != 0) {
		e->kind = ERROR_USAGE;
		return -1;
	}
	open_terminal_log(g, &options);
	if (c->command->flags & COMMAND_NO_SETTINGS)
		return c->command->run(c, e);
	events_init(&events, c->command->name);
	record_init(&record, g->json && (c->command->flags & COMMAND_LOCKS) ? &events : NULL);
	result = run_with_settings(c, &options, &record, e);
	events_end(record.events, result, e);
	if (record.summary.len > 0)	/* it was shown before that */
		e->text[0] = '\0';
	record_release(&record);
	return result;
}
