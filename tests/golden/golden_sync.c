/*
 * A sync case: an account, an input and settings; then the calls made, the account after, a dry run that must change
 * nothing and a second run that must find nothing left. See tests/golden/README.md for the files and the rules.
 */
#include <string.h>

#include "golden/golden_sync_int.h"
#include "sandbox/tcsim.h"

/* The queue files after a dry run are as before, or as recorded. */
static void judge_dry_queues(struct sync_case *c)
{
	struct json allowed = sync_load_json(c, c->dir, "expected_dry_run_pending.json");
	struct texts before, after, other;
	struct canon canon;

	canon_init(&canon, &c->arena, c->state);
	texts_init(&before, &c->arena);
	texts_init(&other, &c->arena);
	canon_pending(&canon, json_get(c->before, sync_queue_keys[0]), json_get(c->before, sync_queue_keys[1]), &before);
	canon_pending(&canon, json_get(allowed, sync_queue_keys[0]), json_get(allowed, sync_queue_keys[1]), &other);
	sync_read_queues(c, &canon, &after);
	if (!texts_same(&before, &after) && !(json_type(allowed) != JSON_NONE && texts_same(&other, &after)))
		buf_puts(c->problems, "dry run: queue files changed\n");
	texts_release(&before);
	texts_release(&after);
	texts_release(&other);
	canon_release(&canon);
}

static int dry_run(struct sync_case *c)
{
	int strict = sync_want_of(json_get(c->meta, "exit"), WANT_0) == WANT_0 && !sync_is_true(json_get(c->meta, "ambiguous")) &&
		     !sync_is_true(json_get(c->meta, "may_refuse"));
	struct sync_run run = { .dry = 1 };
	struct buf start, end;
	struct json calls;

	if (sync_start(c) || sync_lay_out(c))
		return -1;
	buf_init(&start, HARNESS_FILE_MAX);
	buf_init(&end, HARNESS_FILE_MAX);
	tcsim_put_state(c->sim, &start);
	if (sync_run(c, &run))
		goto out;
	tcsim_put_state(c->sim, &end);
	if (strict && run.code != 0 && !sync_exit_also(c, run.code))
		buf_printf(c->problems, "dry run: exit code %d\n", run.code);
	calls = sync_calls(c);
	if (json_count(calls))
		buf_printf(c->problems, "dry run: %lu changing requests, the first %.*s\n",
			   (unsigned long)json_count(calls), STR_ARG(json_raw(json_first(calls))));
	if (!str_eq(buf_str(&start), buf_str(&end)))
		buf_puts(c->problems, "dry run: the account changed\n");
	judge_dry_queues(c);
out:
	buf_release(&start);
	buf_release(&end);
	sync_stop(c);
	return 0;
}

/* The changes of one more run. -1 when it failed, which is a problem told. */
static int run_again(struct sync_case *c, struct sync_result *r, const char *which, struct texts *ops)
{
	struct sync_run run = { 0 };

	texts_init(ops, &c->arena);
	tcsim_clear(c->sim);
	if (sync_run(c, &run))
		return -1;
	if (!sync_exit_is(sync_want_of(json_get(c->meta, "second_exit"), WANT_0), run.code) && !sync_exit_also(c, run.code))
		buf_printf(c->problems, "%s run: exit code %d\n", which, run.code);
	canon_ops(&r->canon, sync_calls(c), ops);
	texts_unique(ops);
	return 0;
}

static void no_calls_but(struct sync_case *c, const char *which, const struct texts *ops, const struct texts *allowed)
{
	size_t i;

	for (i = 0; i < ops->count; i++)
		if (!allowed || !texts_has(allowed, ops->items[i]))
			buf_printf(c->problems, "%s run: unexpected call %.*s\n", which,
				   STR_ARG(op_print(ops->items[i], &c->arena)));
}

/*
 * Nothing is left for a second run. Of the few cases in again.txt one more comes to rest ("once"), or does the same
 * again ("always"); what they do is what the recorded second run did, or less.
 */
static void later_runs(struct sync_case *c, struct sync_result *r)
{
	enum golden_again again = c->g->again;
	struct texts second, third, allowed;

	if (run_again(c, r, "second", &second))
		return;
	sync_second_ops(c, &allowed);
	no_calls_but(c, "second", &second, again == GOLDEN_AT_REST ? NULL : &allowed);
	if (again != GOLDEN_AT_REST && !second.count)
		buf_puts(c->problems, "the second run had nothing to do: take the case off tests/golden/again.txt\n");
	if (again != GOLDEN_AT_REST && !run_again(c, r, "third", &third)) {
		no_calls_but(c, "third", &third, again == GOLDEN_ALWAYS ? &second : NULL);
		texts_release(&third);
	}
	texts_release(&second);
	texts_release(&allowed);
}

static int real_runs(struct sync_case *c)
{
	struct json again = json_get(c->meta, "second_run");
	struct sync_run run = { 0 };
	struct sync_result r;
	int exit_0 = 0;

	if (sync_start(c) || sync_lay_out(c))
		return -1;
	if (sync_run(c, &run))
		return 0;
	memset(&r, 0, sizeof(r));
	r.code = run.code;
	canon_init(&r.canon, &c->arena, c->state);
	texts_init(&r.ops, &c->arena);
	canon_ops(&r.canon, sync_calls(c), &r.ops);
	texts_unique(&r.ops);
	canon_state(&r.canon, sync_service(c, tcsim_put_state), &r.state);
	sync_read_queues(c, &r.canon, &r.pending);
	if (sync_judge(c, &r, &exit_0) && exit_0 && json_type(again) != JSON_FALSE)
		later_runs(c, &r);
	texts_release(&r.ops);
	texts_release(&r.pending);
	canon_state_release(&r.state);
	canon_release(&r.canon);
	return 0;
}

int golden_sync(const struct golden *g, const char *dir, struct buf *problems, struct error *e)
{
	struct sync_case *c = sync_open(g, dir, problems, e);
	int rc;

	if (!c)
		return -1;
	rc = json_type(json_get(c->meta, "dry_run")) == JSON_FALSE || !dry_run(c) ? real_runs(c) : -1;
	sync_close(c);
	return rc;
}
