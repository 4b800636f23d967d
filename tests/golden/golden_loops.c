/*
 * Sync cases run again and again, each time with one more step gone before something breaks: the program is killed, a
 * request fails, its answer gets lost, the disk is full. The next run, undisturbed, must bring the account to where an
 * undisturbed first run brings it.
 */
#include <stdio.h>
#include <string.h>

#include "golden/golden_sync_int.h"
#include "port.h"
#include "sandbox/tcsim.h"
#include "store/db.h"

#define PROBLEMS_MAX 3		/* told of one case and fault */
#define NUMBER_BYTES 16

/* The cases, chosen for many kinds of change in few requests. */
const char *const golden_loop_cases[] = {
	"additional_email_set_and_changed",	"change_roles",
	"create_late_user_two_listings",	"create_users_every_role",
	"create_users_share_new_groups",	"deactivate_and_move",
	"external_id_set_and_changed",		"leaver_and_joiner_and_mover",
	"manual_users_protected",		"match_by_external_id_email_and_real",
	"move_user_to_new_group",		"no_group_creation",
	"pending_new_user_appears",		"queue_new_user",
	"queue_updates",			"reenable_user_with_updates",
	"reenable_with_disabled_group_elsewhere", "remove_empty_groups_required_kept",
	"prune_one_level_a_run",		"timeoff_basic",
	NULL
};

/* Those of them in which new users are invited several at a time. */
static const char *const in_batches[] = { "create_users_every_role", "create_users_share_new_groups", NULL };

/* Those of them that are also done from a saved plan, and that plan again after the program was killed. */
static const char *const from_plans[] = {
	"create_users_share_new_groups", "deactivate_and_move", "leaver_and_joiner_and_mover", "move_user_to_new_group",
	"pending_new_user_appears", "queue_new_user", "queue_updates", "reenable_user_with_updates",
	"remove_empty_groups_required_kept", NULL
};

static const struct fault {
	const char *name;		/* see "fault" in tcsim_options.c */
	int kills;			/* the program gets no answer any more and is killed */
	int mended;			/* the same run makes good for it */
} faults[] = {
	{ "stop", 1, 0 },
	{ "stop_after", 1, 0 },
	{ "500", 0, 0 },
	{ "429", 0, 1 },
	{ "drop", 0, 1 },
	{ "drop_after", 0, 1 },
};

/* Where a run, or two, brought the account. */
struct outcome {
	struct canon_state state;
	struct texts pending;
	int code;
};

struct loops {
	struct sync_case *c;		/* borrowed */
	const char *const *env;		/* of all runs */
	struct outcome goal;
	size_t changes;			/* requests of an undisturbed run */
	size_t step;			/* from one that is disturbed to the next */
	int apply;			/* a plan is saved first, and applied by the runs that count */
	size_t done;			/* changes that the disturbed run made, a day or person each */
	size_t docs;			/* documents of the case itself */
};

/* ---- outcomes ----------------------------------------------------------------------------------- */

static void read_outcome(struct sync_case *c, struct canon *canon, struct outcome *o)
{
	canon_state(canon, sync_service(c, tcsim_put_state), &o->state);
	texts_sort(&o->state.fields);
	sync_read_queues(c, canon, &o->pending);
}

static void outcome_release(struct outcome *o)
{
	canon_state_release(&o->state);
	texts_release(&o->pending);
}

/* The first line that one has and the other has not; ptr NULL: none. */
static struct str extra(const struct texts *has, const struct texts *other, struct arena *a)
{
	size_t i;

	for (i = 0; i < has->count; i++)
		if (texts_count(has, has->items[i]) != texts_count(other, has->items[i]))
			return op_print(has->items[i], a);
	return str_of(NULL, 0);
}

static int texts_differ(struct loops *l, const struct texts *want, const struct texts *got)
{
	struct str missing, surplus;

	if (texts_same(want, got))
		return 0;
	missing = extra(want, got, &l->c->arena);
	surplus = extra(got, want, &l->c->arena);
	buf_printf(l->c->problems, "wanted %.*s, found %.*s\n", STR_ARG(missing), STR_ARG(surplus));
	return 1;
}

static int outcome_differs(struct loops *l, const struct outcome *got)
{
	const struct outcome *want = &l->goal;

	return texts_differ(l, &want->state.groups, &got->state.groups) ||
	       texts_differ(l, &want->state.fields, &got->state.fields) ||
	       texts_differ(l, &want->state.attendance, &got->state.attendance) ||
	       texts_differ(l, &want->pending, &got->pending);
}

/* ---- runs --------------------------------------------------------------------------------------- */

/* The same program, but quicker where there is one that does not wait for the disk. */
static const char *program(const struct loops *l)
{
	return l->c->g->faulty ? l->c->g->faulty : l->c->g->program;
}

static int prepare(struct loops *l)
{
	struct sync_run dry = { .program = program(l), .env = l->env, .dry = 1, .apply = 1 };

	if (sync_reset_account(l->c) || sync_lay_out(l->c))
		return -1;
	return l->apply ? sync_run(l->c, &dry) : 0;
}

/* A run, and what it did to the account as far as names go. */
static int run(struct loops *l, struct sync_run *r, struct canon *canon, struct texts *ops)
{
	int rc = sync_run(l->c, r);

	canon_ops(canon, sync_calls(l->c), ops);
	tcsim_clear(l->c->sim);
	return rc;
}

static int find_goal(struct loops *l)
{
	struct sync_case *c = l->c;
	struct sync_run r = { .program = program(l), .env = l->env };
	struct canon canon;
	struct texts ops;
	int rc;

	if (prepare(l))
		return -1;
	canon_init(&canon, &c->arena, c->state);
	texts_init(&ops, &c->arena);
	rc = sync_run(c, &r);
	l->changes = json_count(sync_calls(c));
	canon_ops(&canon, sync_calls(c), &ops);
	read_outcome(c, &canon, &l->goal);
	l->goal.code = r.code;
	if (!l->changes)
		buf_puts(c->problems, "an undisturbed run changes nothing\n");
	texts_release(&ops);
	canon_release(&canon);
	return rc;
}

/*
 * A run that is disturbed, then, if that could not mend it, one that is not. 1: all is well, 0: not, which is told.
 */
static int disturbed(struct loops *l, struct sync_run *first, int mended)
{
	struct sync_case *c = l->c;
	struct sync_run second = { .program = program(l), .env = l->env, .apply = l->apply };
	struct outcome got = { .code = -1 };
	struct canon canon;
	struct texts ops;
	int good = 0, rc;

	canon_init(&canon, &c->arena, c->state);
	texts_init(&ops, &c->arena);
	rc = run(l, first, &canon, &ops);
	l->done = ops.count;
	got.code = first->code;
	tcsim_set_option(c->sim, "fault", "", NULL);
	if (!rc && !mended && first->code != l->goal.code) {
		rc = run(l, &second, &canon, &ops);
		got.code = second.code;
	}
	if (rc)
		goto out;
	read_outcome(c, &canon, &got);
	if (got.code != l->goal.code)
		buf_printf(c->problems, "exit code %d, wanted %d\n", got.code, l->goal.code);
	else
		good = !outcome_differs(l, &got);
	outcome_release(&got);
out:
	texts_release(&ops);
	canon_release(&canon);
	sync_forget(c, l->docs);
	return good;
}

/* ---- requests that fail ------------------------------------------------------------------------- */

/* The n-th changing request of a run meets the fault. */
static int with_fault(struct loops *l, const struct fault *f, size_t n)
{
	struct sync_run r = { .program = program(l), .env = l->env, .kill_stuck = f->kills, .apply = l->apply };
	struct sync_case *c = l->c;
	char number[NUMBER_BYTES];
	int good;

	snprintf(number, sizeof(number), "%lu", (unsigned long)n);
	if (prepare(l) || tcsim_set_option(c->sim, "fault_at", number, c->e) || tcsim_set_option(c->sim, "fault", f->name, c->e))
		return -1;
	good = disturbed(l, &r, f->mended);
	if (good && f->kills && !r.killed) {
		buf_puts(c->problems, "was to be killed, but came to its end\n");
		good = 0;
	}
	if (good && !f->kills && r.code != l->goal.code && r.code != 3) {
		buf_printf(c->problems, "exit code %d after some changes failed\n", r.code);
		good = 0;
	}
	if (!good)
		buf_printf(c->problems, "  (that was %s at change %lu of %lu%s; the first run said: %.600s)\n", f->name,
			   (unsigned long)n, (unsigned long)l->changes, l->apply ? " of a saved plan" : "", r.said);
	return good;
}

/* kills: only those. */
static int all_faults(struct loops *l, int kills)
{
	size_t i, n;

	for (i = 0; i < sizeof(faults) / sizeof(*faults) && (faults[i].kills || !kills); i++) {
		int bad = 0, good = 1;

		for (n = 1; n <= l->changes && bad < PROBLEMS_MAX && good >= 0; n += l->step) {
			good = with_fault(l, &faults[i], n);
			bad += good == 0;
		}
		if (good < 0)
			return -1;
	}
	return 0;
}

/* ---- a disk that gets full ---------------------------------------------------------------------- */

/* How many changes of the first run of the folder stand in its record. */
static size_t count_recorded(const struct loops *l)
{
	char path[HARNESS_PATH];
	struct db_stmt *q;
	struct db *d;
	size_t n = 0;

	harness_path(path, l->c->work, "var/rollcall.db");
	d = db_open(path, NULL);
	q = d ? db_prepare(d, "SELECT count(*) FROM audit WHERE run = 1 AND result = 'done'", NULL) : NULL;
	if (q && db_step(q, NULL) == 1)
		n = (size_t)db_int(q, 0);
	db_finish(q);
	db_close(d);
	return n;
}

/* 1 when each change that was made is recorded or, in the run's messages, counted as not recorded. */
static int is_honest(struct loops *l, const struct sync_run *r)
{
	size_t recorded = l->done ? count_recorded(l) : 0;
	char words[80];

	if (l->done <= recorded)
		return 1;
	snprintf(words, sizeof(words), "because %lu changes that were made could not be recorded",
		 (unsigned long)(l->done - recorded));
	if (strstr(r->said, words))
		return 1;
	buf_printf(l->c->problems, "%lu changes were made, %lu are recorded, and it does not say so\n",
		   (unsigned long)l->done, (unsigned long)recorded);
	return 0;
}

/* The n-th write of a run and all that follow fail. 1 good, 0 not, which is told; -1. *met: there were so many. */
static int with_full_disk(struct loops *l, size_t n, int *met)
{
	struct sync_case *c = l->c;
	struct sync_run r = { .program = program(l) };
	const char *env[8] = { NULL };
	char number[NUMBER_BYTES + 16], sign[HARNESS_PATH];
	size_t i;
	int good;

	snprintf(number, sizeof(number), "FAULT_AT=%lu", (unsigned long)n);
	for (i = 0; l->env[i] && i < 6; i++)
		env[i] = l->env[i];
	env[i] = number;
	r.env = env;
	harness_path(sign, c->work, "fault.met");
	if (prepare(l))
		return -1;
	good = disturbed(l, &r, 0);
	*met = harness_exists(sign);
	if (good && *met && l->goal.code == 0 && (r.code != 1 || !strstr(r.said, "rollcall: "))) {
		buf_printf(c->problems, "exit code %d although something could not be written\n", r.code);
		good = 0;
	}
	if (good)
		good = is_honest(l, &r);
	if (!good)
		buf_printf(c->problems, "  (that was a full disk at write %lu; the first run said: %.900s)\n",
			   (unsigned long)n, r.said);
	return good;
}

static int all_writes(struct loops *l)
{
	int met = 1, bad = 0, good = 1;
	size_t n;

	for (n = 1; met && bad < PROBLEMS_MAX && good >= 0; n += l->step) {
		good = with_full_disk(l, n, &met);
		bad += good == 0;
	}
	return good < 0 ? -1 : 0;
}

/* ---- the case ----------------------------------------------------------------------------------- */

/* 1 when the folder's name is in the list. */
static int is_one_of(const char *dir, const char *const *names)
{
	const char *slash = strrchr(dir, '/');

	while (*names && strcmp(*names, slash ? slash + 1 : dir))
		names++;
	return *names != NULL;
}

int golden_loops(const struct golden *g, const char *dir, struct buf *problems, struct error *e)
{
	static const char *const single[] = { NULL }, *const batches[] = { "TIMECAMP_INVITE_BATCH=10", NULL };
	struct sync_case *c = sync_open(g, dir, problems, e);
	struct loops l;
	int rc = -1;

	if (!c)
		return -1;
	memset(&l, 0, sizeof(l));
	l.c = c;
	l.step = g->step;
	l.env = is_one_of(dir, in_batches) ? batches : single;
	if (!sync_start(c) && !find_goal(&l)) {
		l.docs = c->doc_count;
		rc = problems->len ? 0 : all_faults(&l, 0);
		if (!rc && g->faulty)
			rc = all_writes(&l);
		l.apply = 1;
		if (!rc && is_one_of(dir, from_plans))
			rc = all_faults(&l, 1);
	}
	outcome_release(&l.goal);
	sync_close(c);
	return rc;
}
