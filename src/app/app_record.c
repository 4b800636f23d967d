#include "app/app_record.h"

#include <string.h>
#include "app/app.h"
#include "app/app_metrics.h"
#include "app/app_notify.h"
#include "base/buf.h"
#include "base/log.h"
#include "port.h"
#include "source/source.h"
#include "target/target.h"

#define MAX_COUNTS 4096		/* bytes of a run's figures as JSON */

const struct setting record_settings[] = {
	{ "METRICS_FILE", SETTING_TEXT, NULL, 0,
	  "file with figures for Prometheus' textfile collector (NAME.prom), replaced after each run" },
	{ "NOTIFY_URL", SETTING_TEXT, NULL, SETTING_SECRET,
	  "address that gets {\"text\": ...} (Slack, Mattermost) when runs begin to fail or work again" },
	{ NULL, SETTING_TEXT, NULL, 0, NULL }
};

void record_init(struct run_record *r, struct events *events)
{
	memset(r, 0, sizeof(*r));
	r->events = events;
	json_write_init(&r->counts, 0, NULL, NULL, MAX_COUNTS);
	buf_init(&r->summary, MAX_LOG_LINE);
}

void record_release(struct run_record *r)
{
	json_write_release(&r->counts);
	buf_release(&r->summary);
}

/* What to do when the database cannot be used. Nothing has been sent, but it is no fault of a server. */
static int unusable(struct error *e)
{
	e->kind = ERROR_FAILED;
	return error_add(e, "the run was not begun, because it cannot be recorded (this user must be able to"
			 " write \"" PATH_STATE "\" and its folder; a damaged file may be moved away)");
}

int record_begin(struct run_record *r, const char *command, const char *source, const char *target,
		 struct error *e)
{
	const struct source *from = source != NULL ? source_find(source) : NULL;
	const struct target *to = target != NULL ? target_find(target) : NULL;

	if ((source != NULL && from == NULL) || (target != NULL && to == NULL))
		return 0;
	r->command = command;
	r->source = from != NULL ? from->name : NULL;
	r->target = to != NULL ? to->name : NULL;
	r->state = state_open(PATH_STATE, e);
	if (r->state == NULL || state_run_begin(r->state, command, r->source, r->target, e) != 0) {
		state_close(r->state);
		r->state = NULL;
		return unusable(e);
	}
	json_begin_object(&r->counts);
	events_recorded(r->events, state_run_id(r->state));
	return 0;
}

struct state *record_state(const struct run_record *r)
{
	return r->state;
}

void record_count(struct run_record *r, const char *name, uint64_t count)
{
	if (r->state == NULL && r->events == NULL)
		return;
	if (r->counts.depth == 0)
		json_begin_object(&r->counts);
	json_put_keyz(&r->counts, name);
	json_put_int(&r->counts, (int64_t)count);
}

void record_summary(struct run_record *r, struct str line)
{
	buf_reset(&r->summary);
	buf_put_str(&r->summary, line);
}

int record_fetched(struct run_record *r, uint64_t people, struct error *e)
{
	record_count(r, "people", people);
	return r->state != NULL ? state_run_reached(r->state, STATE_FETCHED, e) : 0;
}

int record_synced(struct run_record *r, struct error *e)
{
	return r->state != NULL ? state_run_reached(r->state, STATE_SYNCED, e) : 0;
}

static void write_metrics(struct run_record *r)
{
	const char *path = settings_text("METRICS_FILE");
	struct error e;

	error_init(&e);
	if (path[0] != '\0' && metrics_write(r->state, path, &e) != 0)
		log_warning("METRICS_FILE: %s", e.text);
}

/* Tells people, when it is news to them. */
static int tell(struct run_record *r, const char *url, int code, const char *why, struct error *e)
{
	struct buf what, text;
	int told, failed;

	if (state_told(r->state, &told, e) != 0)
		return -1;
	if (told == (int)notice_of(code))
		return 0;
	buf_init(&what, MAX_COUNTS);
	buf_init(&text, 5 * ERROR_TEXT_MAX);
	buf_puts(&what, r->command);
	if (r->source != NULL)
		buf_printf(&what, " %s", r->source);
	if (r->target != NULL)
		buf_printf(&what, " %s", r->target);
	notice_put(&text, buf_text(&what), state_run_id(r->state), code, why);
	failed = notify_send(url, buf_str(&text), e);
	buf_release(&what);
	buf_release(&text);
	return failed ? -1 : state_tell(r->state, (int)notice_of(code), e);
}

/* Who interrupts a run knows about it. What could not be told now is told after the next run. */
static void notify(struct run_record *r, int code, const char *why)
{
	const char *url = settings_text("NOTIFY_URL");
	struct error e;

	error_init(&e);
	if (url[0] != '\0' && !port_interrupted() && tell(r, url, code, why, &e) != 0)
		log_warning("nobody was notified (NOTIFY_URL): %s", e.text);
}

int record_end(struct run_record *r, int failed, struct error *e)
{
	int code = !failed ? 0 : e->kind == ERROR_NONE ? 1 : error_exit_code(e->kind);
	struct error why;

	error_init(&why);
	if (r->counts.depth > 0)
		json_end_object(&r->counts);
	if (json_write_finish(&r->counts, &why) == 0 && r->counts.out.len > 0)
		events_summary(r->events, buf_str(&r->counts.out));
	if (r->state == NULL)
		return failed;
	if (json_write_finish(&r->counts, &why) != 0 ||
	    state_run_end(r->state, code, buf_str(&r->counts.out), &why) != 0) {
		error_add(&why, "cannot record how the run ended");
		if (failed)
			log_warning("%s", why.text);
		else
			failed = error_set(e, ERROR_FAILED, "%s; what was planned is done", why.text);
		code = code == 0 ? 1 : code;
	}
	write_metrics(r);
	notify(r, code, failed ? e->text : "");
	state_close(r->state);
	r->state = NULL;
	return failed;
}
