#include <string.h>
#include "base/limits.h"
#include "base/log.h"
#include "target/target.h"

extern const struct target target_timecamp;

const struct target *const target_table[] = { &target_timecamp, NULL };

const struct setting target_settings[] = {
	{ "SYNC_JOBS", SETTING_INT, "4", 0, "requests that are sent side by side (1 to 64)" },
	{ "SYNC_VERIFY", SETTING_SWITCH, "true", 0,
	  "read again after the run and compare with what was asked" },
	{ "SYNC_STOP_AFTER", SETTING_INT, "20", 0, "stop when so many operations in a row have failed" },
	{ "SYNC_PROTECT", SETTING_LIST, "", 0,
	  "e-mails of users who are left alone, with commas; *@example.com means everybody there" },
	{ NULL, SETTING_TEXT, NULL, 0, NULL }
};

const struct target *target_find(const char *name)
{
	int i;

	for (i = 0; target_table[i] != NULL; i++)
		if (strcmp(target_table[i]->name, name) == 0)
			return target_table[i];
	return NULL;
}

void target_window_init(struct target_window *w, int max)
{
	w->now = w->max = max;
	w->good = 0;
	w->patience = WINDOW_GROW_AFTER;
}

void target_window_note(struct target_window *w, int limited)
{
	if (limited > 0) {
		w->now = w->now > 1 ? w->now / 2 : 1;
		w->good = 0;
		if (w->patience < WINDOW_GROW_AFTER_MOST)
			w->patience *= 2;
	} else if (++w->good >= w->patience && w->now < w->max) {
		w->now++;
		w->good = 0;
	}
}

int target_open(struct target_run *run, const struct target *target, struct error *e)
{
	int64_t jobs = settings_int("SYNC_JOBS");
	struct http_options o;

	run->target = target;
	buf_init(&run->base, MAX_URL);
	buf_init(&run->secret, MAX_SECRET_FILE + 64);
	if (jobs < 1 || jobs > MAX_SYNC_JOBS)
		return error_set(e, ERROR_USAGE, "SYNC_JOBS is %ld; it must be between 1 and %d", (long)jobs,
				 MAX_SYNC_JOBS);
	if (target->open(run, e) < 0)
		return -1;
	http_options_from_settings(&o);
	o.max_connections = (int)jobs;
	run->wait_scale = o.wait_scale;
	run->stop_after = (int)settings_int("SYNC_STOP_AFTER");
	target_window_init(&run->window, (int)jobs);
	run->http = http_new(&o, e);
	return run->http == NULL ? -1 : 0;
}

void target_close(struct target_run *run)
{
	http_free(run->http);
	run->http = NULL;
	buf_release(&run->base);
	buf_wipe(&run->secret);
}
