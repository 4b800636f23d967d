/*
 * Reads what the listings do not tell: everybody's role (one answer for all), and the settings of each user
 * (many users a request). All of it side by side, the settings also beside the listing of the users.
 */
#include <stdlib.h>
#include <string.h>
#include "base/limits.h"
#include "target/timecamp_int.h"

#define SETTINGS_PER_CALL 800		/* users whose settings are read by one request */
#define SETTINGS_URL 7000		/* bytes of user ids in such a request's address */
#define SETTINGS_LANES 16		/* such requests at once; more are no faster and take memory */

/* One answer that is being read. */
struct stream {
	struct target_reading reading;	/* owned */
	struct details *all;		/* borrowed */
	int busy;
	struct json_doc *doc;		/* owned */
	struct arena values;		/* owned */
};

/* The settings of some users. */
struct batch {
	struct stream stream;
	int count;			/* users asked for */
	struct str id[SETTINGS_PER_CALL];
	int64_t n[SETTINGS_PER_CALL];
	struct actual_details details[SETTINGS_PER_CALL];
	int at;				/* where the user of the last row stands */
	struct arena ids;		/* owned */
};

struct details {
	struct target_run *run;		/* borrowed */
	struct stream roles;
	int roles_asked;
	struct batch *batch;		/* owned */
	int lanes;			/* batches */
	int64_t next;			/* user number to go on with */
	int ended;			/* all users are asked for */
	int reporting;			/* it is told how far it is */
	uint64_t done;			/* users whose settings are there */
	int failed;
	struct error error;		/* of the first failure */
};

/* ---- what the answers hold ---- */

static int on_role(void *cookie, const struct json_match *m, struct str raw, struct error *e)
{
	struct stream *s = cookie;
	struct json root;
	struct str role;

	arena_reset(&s->values);
	if (json_parse(s->doc, raw, 1, &root, e) < 0)
		return -1;
	role = timecamp_text(json_get(root, "role_id"), &s->values);
	if (role.len == 0)
		return 0;
	return plan_set_role(s->all->run->plan, m->key[1], m->key[0], timecamp_role_word(role), e);
}

/*
 * The user whose settings come; answers keep the order of the question as a rule. NULL: nobody we asked for.
 */
static struct actual_details *details_of(struct batch *b, struct str id)
{
	int i;

	for (i = 0; i < b->count; i++) {
		int at = (b->at + i) % b->count;

		if (str_eq(b->id[at], id)) {
			b->at = at;
			return &b->details[at];
		}
	}
	return NULL;
}

static int take_row(struct batch *b, struct str id, struct json row, struct error *e)
{
	struct str name = timecamp_text(json_get(row, "name"), &b->stream.values);
	struct str value = timecamp_text(json_get(row, "value"), &b->stream.values);
	struct actual_details *d = details_of(b, id);
	struct str *kept = NULL;

	if (d == NULL || name.ptr == NULL || value.ptr == NULL)
		return 0;
	if (str_eqz(name, "disabled_user"))
		d->disabled = str_eqz(value, "1");
	else if (str_eqz(name, "added_manually"))
		d->manual = str_eqz(value, "1");
	else if (str_eqz(name, "additional_email"))
		kept = &d->address;
	else if (str_eqz(name, "external_id"))
		kept = &d->external_id;
	if (kept == NULL)
		return 0;
	*kept = arena_str(&b->stream.values, value);
	return kept->ptr == NULL ? error_memory(e) : 0;
}

/* A map gives each user's rows below his id; a list gives rows that name their user. */
static int on_settings(void *cookie, const struct json_match *m, struct str raw, struct error *e)
{
	struct batch *b = cookie;
	struct json root, row;

	if (json_parse(b->stream.doc, raw, 1, &root, e) < 0)
		return -1;
	if (m->path == 1)
		return take_row(b, timecamp_text(json_get(root, "userId"), &b->stream.values), root, e);
	for (row = json_first(root); json_type(row) != JSON_NONE; row = json_next(root, row))
		if (take_row(b, m->key[0], row, e) < 0)
			return -1;
	return 0;
}

/* ---- requests ---- */

static int restart_batch(void *cookie, struct error *e)
{
	struct batch *b = cookie;

	(void)e;
	arena_reset(&b->stream.values);
	memset(b->details, 0, sizeof(b->details));
	b->at = 0;
	return 0;
}

/* Whether the answer came whole. The first failure is kept and ends the reading. */
static int judge(struct stream *s, const struct http_resp *resp, const struct error *e)
{
	struct details *all = s->all;

	s->busy = 0;
	if (!all->failed)
		all->failed = target_reading_end(&s->reading, resp, e, &all->error) < 0;
	return all->failed ? -1 : 0;
}

static void roles_done(void *cookie, const struct http_resp *resp, const struct error *e)
{
	judge(cookie, resp, e);
}

static void batch_done(void *cookie, const struct http_resp *resp, const struct error *e)
{
	struct batch *b = cookie;
	struct details *all = b->stream.all;
	struct target_report *r = &all->run->report;
	int i, any = resp->status != 404;	/* 404: nobody of these has any of the settings */

	if (!any)
		b->stream.busy = 0;
	else if (judge(&b->stream, resp, e) < 0)
		return;
	for (i = 0; i < b->count && any && !all->failed; i++)
		all->failed = plan_set_details(all->run->plan, b->n[i], &b->details[i], &all->error) < 0;
	all->done += (uint64_t)b->count;
	if (r->step != NULL && all->reporting)
		r->step(r->cookie, all->done);
}

static int submit(struct stream *s, http_done_fn *done, struct error *e)
{
	s->busy = 1;
	return target_reading_submit(&s->reading, done, s, e);
}

/* The next users into the batch; as many as fit into an address that every server takes. */
static int fill_batch(struct batch *b, struct error *e)
{
	struct details *all = b->stream.all;
	struct buf *url = &b->stream.reading.url;
	size_t room = SETTINGS_URL;
	int i, got;

	arena_reset(&b->ids);
	got = plan_user_ids(all->run->plan, all->next, SETTINGS_PER_CALL, b->id, b->n, &b->ids, e);
	if (got < 0)
		return -1;
	target_reading_address(&b->stream.reading, "user/");
	for (i = 0; i < got && b->id[i].len < room; i++) {
		if (i > 0)
			buf_putc(url, ',');
		buf_put_str(url, b->id[i]);
		room -= b->id[i].len + 1;
	}
	buf_puts(url, "/setting?name%5B%5D=additional_email&name%5B%5D=external_id&name%5B%5D=added_manually"
		 "&name%5B%5D=disabled_user");
	b->count = i;
	all->ended = i == 0;
	if (i > 0)
		all->next = b->n[i - 1] + 1;
	return 0;
}

/* ---- the whole ---- */

static int stream_init(struct stream *s, struct details *all, const char *const *paths, json_value_fn *fn,
		       struct error *e)
{
	s->all = all;
	arena_init(&s->values, 8 * MAX_RECORD);
	s->doc = json_doc_new(MAX_JSON_TOKENS, e);
	return target_reading_init(&s->reading, all->run, paths, fn, s, e) < 0 || s->doc == NULL ? -1 : 0;
}

static void stream_release(struct stream *s)
{
	target_reading_release(&s->reading);
	json_doc_free(s->doc);
	arena_release(&s->values);
}

static int details_init(struct details *all, struct error *e)
{
	static const char *const role_paths[] = { "groups.*.users.*", NULL };
	static const char *const setting_paths[] = { "*", "[*]", NULL };
	int i, failed;

	all->batch = calloc((size_t)all->lanes, sizeof(all->batch[0]));
	if (all->batch == NULL)
		return error_memory(e);
	failed = stream_init(&all->roles, all, role_paths, on_role, e);
	for (i = 0; i < all->lanes && !failed; i++) {
		arena_init(&all->batch[i].ids, MAX_RECORD);
		failed = stream_init(&all->batch[i].stream, all, setting_paths, on_settings, e);
		all->batch[i].stream.reading.json.begin = restart_batch;
	}
	return failed;
}

struct details *timecamp_details_new(struct target_run *run, struct error *e)
{
	struct details *all = calloc(1, sizeof(*all));

	if (all == NULL) {
		error_memory(e);
		return NULL;
	}
	all->run = run;
	all->next = 1;
	all->lanes = run->window.max < SETTINGS_LANES ? run->window.max : SETTINGS_LANES;
	if (details_init(all, e) == 0)
		return all;
	timecamp_details_free(all);
	return NULL;
}

void timecamp_details_free(struct details *all)
{
	struct target_report *r;
	int i;

	if (all == NULL)
		return;
	r = &all->run->report;
	if (all->reporting && r->end != NULL)
		r->end(r->cookie);
	stream_release(&all->roles);
	for (i = 0; all->batch != NULL && i < all->lanes; i++) {
		stream_release(&all->batch[i].stream);
		arena_release(&all->batch[i].ids);
	}
	free(all->batch);
	free(all);
}

int timecamp_details_failed(const struct details *all, struct error *e)
{
	if (all->failed)
		*e = all->error;
	return all->failed ? -1 : 0;
}

static int busy(const struct details *all)
{
	int i, n = all->roles.busy;

	for (i = 0; i < all->lanes; i++)
		n += all->batch[i].stream.busy;
	return n;
}

/* Begins as many requests as may be in flight. */
static int submit_batches(struct details *all, int64_t last, int complete, int others, struct error *e)
{
	int i;

	for (i = 0; i < all->lanes && !all->ended; i++) {
		struct batch *b = &all->batch[i];

		if (b->stream.busy)
			continue;
		if (busy(all) + others >= all->run->window.now ||
		    (!complete && last - all->next + 1 < SETTINGS_PER_CALL))
			break;
		if (fill_batch(b, e) < 0 || (b->count > 0 && submit(&b->stream, batch_done, e) < 0))
			return -1;
	}
	return 0;
}

int timecamp_details_go_on(struct details *all, int64_t last, int complete, int others, struct error *e)
{
	if (all->failed || last == 0)
		return busy(all);
	if (complete && !all->roles_asked) {
		all->roles_asked = 1;
		target_reading_address(&all->roles.reading, "people_picker?context=admin");
		if (submit(&all->roles, roles_done, e) < 0)
			return -1;
	}
	return submit_batches(all, last, complete, others, e) < 0 ? -1 : busy(all);
}

void timecamp_details_report(struct details *all, uint64_t users)
{
	struct target_report *r = &all->run->report;

	if (all->reporting || users == 0)
		return;
	all->reporting = 1;
	if (r->begin != NULL)
		r->begin(r->cookie, "reading the account", users);
}
