/* Limits on the whole plan, before the first request: how many of a kind of change are still plausible. */
#include "base/limits.h"
#include "base/settings.h"
#include "plan/plan_int.h"

#define ALWAYS_ALLOWED 5	/* changes of a kind; percentages mean little in small companies */

const struct setting plan_settings[] = {
	{ "SYNC_MAX_DEACTIVATIONS", SETTING_AMOUNT, "10%", 0,
	  "most users disabled in one run: a number, or a percentage of the enabled ones; up to 5 always"
	  " are" },
	{ "SYNC_MAX_NEW_USERS", SETTING_AMOUNT, "", 0,
	  "most users created in one run, likewise; empty: no limit" },
	{ "SYNC_MAX_UPDATES", SETTING_AMOUNT, "", 0, "most existing users changed in one run, likewise" },
	{ "SYNC_MAX_GROUP_CHANGES", SETTING_AMOUNT, "", 0,
	  "most groups made and removed in one run, likewise" },
	{ "SYNC_ON_LIMIT", SETTING_TEXT, "hold", 0,
	  "over a limit: hold (nothing is done) or skip (that kind of change is left out)" },
	{ NULL, SETTING_TEXT, NULL, 0, NULL }
};

/* What each limit counts; parts end with PLAN_PARTS. */
static const struct {
	const char *setting, *what;
	enum plan_part parts[4];
} limits[PLAN_LIMITS] = {
	{ "SYNC_MAX_DEACTIVATIONS", "users would be disabled", { PART_USER_DISABLE, PLAN_PARTS } },
	{ "SYNC_MAX_NEW_USERS", "users would be created", { PART_USER_CREATE, PLAN_PARTS } },
	{ "SYNC_MAX_UPDATES", "users would be changed",
	  { PART_USER_ENABLE, PART_USER_CHANGE, PART_USER_RETIRE, PLAN_PARTS } },
	{ "SYNC_MAX_GROUP_CHANGES", "groups would be made or removed",
	  { PART_GROUP_CREATE, PART_GROUP_DELETE, PLAN_PARTS } },
};

/* How many are allowed. */
static uint64_t allowed(const char *setting, uint64_t enabled)
{
	uint64_t n = settings_amount(setting, enabled);

	return n > ALWAYS_ALLOWED ? n : ALWAYS_ALLOWED;
}

/* The first 20 of a part. */
static int put_names(struct plan *p, enum plan_part part, plan_line_fn *line, void *cookie, uint64_t count,
		     struct error *e)
{
	struct plan_cursor *c = plan_walk(p, part, e);
	struct plan_subject s;
	struct arena arena;
	struct buf text;
	uint64_t shown = 0;
	int got = c == NULL ? -1 : 1;

	arena_init(&arena, 4 * MAX_RECORD);
	buf_init(&text, 4 * MAX_RECORD);
	while (got == 1 && shown < LIMIT_NAMES && (got = plan_next(c, &s, &arena, e)) == 1) {
		buf_reset(&text);
		buf_printf(&text, "  %.*s", STR_ARG(s.label));
		line(cookie, buf_text(&text));
		arena_reset(&arena);
		shown++;
	}
	if (got >= 0 && count > shown) {
		buf_reset(&text);
		buf_printf(&text, "  ... and %lu more", (unsigned long)(count - shown));
		line(cookie, buf_text(&text));
	}
	plan_walk_end(c);
	arena_release(&arena);
	buf_release(&text);
	return got < 0 ? -1 : 0;
}

static void measure(size_t which, const uint64_t *counts, uint64_t enabled, struct plan_limit *l)
{
	const enum plan_part *part;

	l->setting = limits[which].setting;
	l->what = limits[which].what;
	l->planned = 0;
	for (part = limits[which].parts; *part != PLAN_PARTS; part++)
		l->planned += counts[*part];
	l->most = allowed(l->setting, enabled);
	l->over = settings_text(l->setting)[0] != '\0' && l->planned > l->most;
}

static int count_all(struct plan *p, uint64_t counts[PLAN_PARTS], uint64_t *enabled, struct error *e)
{
	if (plan_count(p, counts, e) < 0)
		return -1;
	return plan_number(p, "SELECT count(*) FROM actual WHERE NOT disabled", enabled, e);
}

int plan_limit(struct plan *p, size_t which, struct plan_limit *l, struct error *e)
{
	uint64_t counts[PLAN_PARTS], enabled;

	if (count_all(p, counts, &enabled, e) < 0)
		return -1;
	measure(which, counts, enabled, l);
	return 0;
}

/* What exceeds a limit is told and held. */
static int hold_limit(struct plan *p, size_t which, const uint64_t *counts, const struct plan_limit *l,
		      uint64_t enabled, plan_line_fn *line, void *cookie, struct error *e)
{
	const enum plan_part *part;
	struct buf text;

	buf_init(&text, 1024);
	buf_printf(&text, "%lu %s, at most %lu may be (%s=%s; %lu users are enabled):",
		   (unsigned long)l->planned, l->what, (unsigned long)l->most, l->setting,
		   settings_text(l->setting), (unsigned long)enabled);
	line(cookie, buf_text(&text));
	buf_release(&text);
	for (part = limits[which].parts; *part != PLAN_PARTS; part++)
		if (counts[*part] > 0 && (put_names(p, *part, line, cookie, counts[*part], e) < 0 ||
					  plan_hold(p, *part, e) < 0))
			return -1;
	return 0;
}

int plan_limits(struct plan *p, plan_line_fn *line, void *cookie, int *over, struct error *e)
{
	uint64_t counts[PLAN_PARTS], enabled;
	struct plan_limit l;
	size_t i;

	*over = 0;
	if (count_all(p, counts, &enabled, e) < 0)
		return -1;
	for (i = 0; i < PLAN_LIMITS; i++) {
		measure(i, counts, enabled, &l);
		if (l.over && hold_limit(p, i, counts, &l, enabled, line, cookie, e) < 0)
			return -1;
		*over |= l.over;
	}
	return 0;
}

int plan_on_limit_skip(int *skip, struct error *e)
{
	struct str text = str_from(settings_text("SYNC_ON_LIMIT"));

	*skip = str_eqz(text, "skip");
	if (!*skip && !str_eqz(text, "hold"))
		return error_set(e, ERROR_USAGE, "SYNC_ON_LIMIT is \"%.40s\": it must be hold or skip",
				 text.ptr);
	return 0;
}
