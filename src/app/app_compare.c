/* explain: the target's side of it. */
#include <string.h>
#include "app/app.h"
#include "app/app_compare.h"
#include "base/limits.h"
#include "store/state.h"
#include "store/store.h"

int compare_feed(void *cookie, const char *data, size_t len, struct error *e)
{
	struct comparison *k = cookie;

	(void)e;
	if (k->state == COMPARE_DONE && plan_wanted_feed(k->wanted, data, len, &k->error) != 0)
		k->state = COMPARE_FAILED;
	return 0;
}

void compare_begin(struct comparison *k, const struct target *target, int off, int named)
{
	memset(k, 0, sizeof *k);
	error_init(&k->error);
	buf_init(&k->limits, MAX_RECORD);
	k->run.target = target;
	if (off || !(named || app_is_set_up(target->settings))) {
		k->state = off ? COMPARE_OFF : COMPARE_NOT_SET_UP;
		return;
	}
	target->policy(&k->policy);
	k->run.plan = plan_new(&k->error);
	k->wanted = k->run.plan != NULL ? plan_wanted_begin(k->run.plan, &k->error) : NULL;
	k->state = k->wanted != NULL ? COMPARE_DONE : COMPARE_FAILED;
}

static int add_unmarked(void *cookie, struct str name, struct error *e)
{
	return plan_add_unmarked(cookie, name, e);
}

/* Users whom an earlier run changed and did not come to mark. */
static int read_unmarked(struct comparison *k, struct error *e)
{
	struct state *s;
	int failed;

	if (!store_exists(PATH_STATE))
		return 0;
	s = state_open_read(PATH_STATE, e);
	failed = s == NULL ? -1 : state_unmarked_each(s, k->run.target->name, add_unmarked, k->run.plan, e);
	state_close(s);
	return failed;
}

/* The first of the people over a limit, who stand indented after a colon, are not of interest. */
static void on_limit(void *cookie, const char *line)
{
	struct buf *limits = cookie;
	struct str text = str_from(line);

	if (str_starts(text, STR(" ")))
		return;
	if (str_ends(text, STR(":")))
		text.len--;
	buf_puts(limits, limits->len > 0 ? "\n" : "");
	buf_put_str(limits, text);
}

static int compare(struct comparison *k, struct error *e)
{
	uint64_t people;

	if (plan_wanted_end(k->wanted, &people, e) != 0 || target_open(&k->run, k->run.target, e) != 0 ||
	    k->run.target->load(&k->run, 0, e) != 0 || read_unmarked(k, e) != 0 ||
	    plan_diff(k->run.plan, &k->policy, e) != 0 || plan_on_limit_skip(&k->skip, e) != 0 ||
	    plan_limits(k->run.plan, on_limit, &k->limits, &k->over, e) != 0)
		return -1;
	if (people == 0)
		on_limit(&k->limits, "nobody is prepared: a sync refuses to disable everybody");
	return 0;
}

void compare_end(struct comparison *k)
{
	struct shown shown;

	if (k->state != COMPARE_DONE)
		return;
	app_report(&k->run.report, &shown, NULL);
	if (compare(k, &k->error) != 0)
		k->state = COMPARE_FAILED;
}

void compare_release(struct comparison *k)
{
	plan_wanted_free(k->wanted);
	target_close(&k->run);
	plan_free(k->run.plan);
	buf_release(&k->limits);
}
