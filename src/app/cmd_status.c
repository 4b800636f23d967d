/* status: when was each source last read, and each target last equal to what it should be? */
#include "app/app.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/json_write.h"
#include "base/limits.h"
#include "port.h"
#include "source/source.h"
#include "store/store.h"
#include "target/target.h"

#define MAX_AGE "26h"		/* a day, and some time for the run itself */
#define MAX_AGE_SECONDS (10LL * 365 * 86400)
#define MAX_LISTING 65536

/* The command on its way. */
struct status {
	struct state *state;		/* owned; NULL: nothing is recorded */
	int64_t now, max_age;		/* seconds */
	int seen, bad;			/* sources and targets */
	struct buf names;		/* owned; the bad ones, for the message */
	struct buf text;		/* owned; lines for people */
	struct json_write json;		/* owned */
};

/* "26h", "90m", "45s", "2d"; a number alone means seconds. */
static int read_age(const char *text, int64_t *seconds, struct error *e)
{
	static const struct { char unit; int64_t seconds; } units[] = {
		{ 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 }
	};
	struct str number = str_from(text);
	int64_t each = 1, n;
	size_t i;

	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (number.len > 0 && number.ptr[number.len - 1] == units[i].unit) {
			each = units[i].seconds;
			number.len--;
			break;
		}
	if (str_to_i64(number, &n) != 0 || n <= 0 || n > MAX_AGE_SECONDS / each)
		return error_set(e, ERROR_USAGE, "--max-age is \"%.40s\"; it must be a time such as 26h, 90m"
				 " or 2d", text);
	*seconds = n * each;
	return 0;
}

static void put_line(struct status *s, const char *title, const struct state_health *h, int64_t age, int ok)
{
	struct port_tm t;

	buf_printf(&s->text, "%s: ", title);
	if (h->run == 0) {
		buf_puts(&s->text, "no good run yet");
	} else {
		port_local_time(h->time / 1000, &t);
		buf_printf(&s->text, "last good run %lld, %04d-%02d-%02d %02d:%02d:%02d, ", (long long)h->run,
			   t.year, t.month, t.day, t.hour, t.minute, t.second);
		put_duration(&s->text, (uint64_t)age);
		buf_printf(&s->text, " ago%s", ok ? "" : ": TOO OLD");
	}
	if (h->failures > 0)
		buf_printf(&s->text, "; %s%lld failed, the last with exit code %d",
			   h->run == 0 ? "" : "since then ", (long long)h->failures, h->last_exit);
	buf_putc(&s->text, '\n');
}

static void put_json(struct status *s, const char *name, const struct state_health *h, int64_t age, int ok)
{
	char time[21];

	json_begin_object(&s->json);
	json_put_member(&s->json, "name", str_from(name));
	json_put_keyz(&s->json, "ok");
	json_put_bool(&s->json, ok);
	if (h->run > 0) {
		date_format_utc(time, h->time / 1000);
		json_put_keyz(&s->json, "run");
		json_put_int(&s->json, h->run);
		json_put_member(&s->json, "time", str_from(time));
		json_put_keyz(&s->json, "age_seconds");
		json_put_int(&s->json, age);
	}
	json_put_keyz(&s->json, "failures");
	json_put_int(&s->json, h->failures);
	if (h->failures > 0) {
		json_put_keyz(&s->json, "exit");
		json_put_int(&s->json, h->last_exit);
	}
	json_end_object(&s->json);
}

/* A source or a target, if it is set up. */
static int look_at(struct status *s, enum state_goal goal, const char *name, const char *title,
		   const struct setting *settings, struct error *e)
{
	struct state_health h = { 0, 0, 0, 0 };
	int64_t age;
	int ok;

	if (!app_is_set_up(settings))
		return 0;
	if (s->state != NULL && state_health(s->state, goal, name, &h, e) != 0)
		return -1;
	age = s->now > h.time / 1000 ? s->now - h.time / 1000 : 0;
	ok = h.run > 0 && age <= s->max_age;
	s->seen++;
	if (!ok) {
		s->bad++;
		buf_printf(&s->names, "%s%s", s->names.len > 0 ? ", " : "", name);
	}
	put_line(s, title, &h, age, ok);
	put_json(s, name, &h, age, ok);
	return 0;
}

static int look_at_all(struct status *s, struct error *e)
{
	size_t i;
	int failed = 0;

	json_begin_object(&s->json);
	json_put_keyz(&s->json, "sources");
	json_begin_array(&s->json);
	for (i = 0; source_table[i] && !failed; i++)
		failed = look_at(s, STATE_FETCHED, source_table[i]->name, source_table[i]->title,
				 source_table[i]->settings, e);
	json_end_array(&s->json);
	json_put_keyz(&s->json, "targets");
	json_begin_array(&s->json);
	for (i = 0; target_table[i] && !failed; i++)
		failed = look_at(s, STATE_SYNCED, target_table[i]->name, target_table[i]->title,
				 target_table[i]->settings, e);
	json_end_array(&s->json);
	json_put_keyz(&s->json, "max_age_seconds");
	json_put_int(&s->json, s->max_age);
	json_put_keyz(&s->json, "ok");
	json_put_bool(&s->json, s->bad == 0 && s->seen > 0);
	json_end_object(&s->json);
	return failed || json_write_finish(&s->json, e) != 0 ? -1 : buf_check(&s->text, "the status", e);
}

static int verdict(const struct status *s, struct error *e)
{
	if (s->seen == 0)
		return error_set(e, ERROR_USAGE, "nothing is set up: no source or target has settings (--env"
				 " names the file with them)");
	if (s->bad > 0)
		return error_set(e, ERROR_FAILED, "too long without a good run: %s; \"rollcall history\""
				 " shows what happened", buf_text(&s->names));
	return 0;
}

static int run_status(const struct cli *c, struct error *e)
{
	const char *max_age = cli_value(c, "max-age");
	struct status s = { 0 };
	int failed = -1;

	if (read_age(max_age != NULL ? max_age : MAX_AGE, &s.max_age, e) != 0)
		return -1;
	s.now = port_wall_ms() / 1000;
	buf_init(&s.names, MAX_LISTING);
	buf_init(&s.text, MAX_LISTING);
	json_write_init(&s.json, 1, NULL, NULL, MAX_LISTING);
	if (store_exists(PATH_STATE) && (s.state = state_open_read(PATH_STATE, e)) == NULL)
		goto out;
	if (look_at_all(&s, e) != 0)
		goto out;
	if (cli_global(c)->json)
		out_printf("%s\n", buf_text(&s.json.out));
	else
		out_text(buf_text(&s.text));
	failed = verdict(&s, e);
out:
	state_close(s.state);
	json_write_release(&s.json);
	buf_release(&s.text);
	buf_release(&s.names);
	return failed;
}

static const struct cli_option options[] = {
	{ "max-age", "TIME", "how long ago a good run may be: 26h (the default), 90m, 2d" },
	{ NULL, NULL, NULL }
};

const struct command cmd_status = {
	.name = "status",
	.words = "",
	.options = options,
	.help = "the last good run of each source and target",
	.more = "Shows whatever has settings: for a source when it was last read completely, for a target\n"
		"when a sync last ended without any failure. Exit 1 when one of these is too long ago or\n"
		"never was; for monitoring. --json gives an object.",
	.flags = COMMAND_OFFLINE,
	.run = run_status,
};
