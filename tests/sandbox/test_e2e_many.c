/* Many people at once: what goes side by side, in which order, and with a service that takes one request at a time. */
#include <stdio.h>
#include <string.h>

#include "base/json_read.h"
#include "base/json_write.h"
#include "port.h"
#include "sandbox/e2e.h"

#define CHANGED 60		/* users who get another name */
#define NEW 6			/* ... and who are new, each in a group of his own */
#define JOBS 6
#define FIRST_ID 1000		/* of the users who are there */
#define READS 11		/* requests that reading the account takes at most, before and after */
#define WASTED 6		/* requests that may be refused before one at a time are sent */
#define TEXT_MAX ((size_t)1 << 22)
#define TOKENS_MAX ((size_t)1 << 16)

/* Each changed user needs two requests, each new one three, and nobody another one. */
#define CHANGES (2 * CHANGED + 3 * NEW)

static void put_account(struct buf *out)
{
	int i;

	buf_puts(out, "{\"root_group_id\": \"100\", \"groups\": [{\"group_id\": \"100\", \"name\": \"All\"}");
	for (i = 0; i < NEW; i++)
		buf_printf(out, ", {\"group_id\": \"%d\", \"name\": \"Team %d\", \"parent_id\": \"100\"}", 101 + i, i);
	buf_puts(out, "], \"users\": [");
	for (i = 0; i < CHANGED; i++)
		buf_printf(out, "%s{\"user_id\": \"%d\", \"email\": \"old%d@example.com\", \"display_name\": \"?\","
			   " \"group_id\": \"101\"}", i > 0 ? ", " : "", FIRST_ID + i, i);
	buf_printf(out, "], \"next_user_id\": %d}", 2 * FIRST_ID);
}

static void put_people(struct buf *out)
{
	int i;

	for (i = 0; i < CHANGED + NEW; i++)
		buf_printf(out, "%s{\"timecamp_email\": \"%s%d@example.com\", \"timecamp_user_name\": \"Somebody %d\","
			   " \"timecamp_status\": \"active\", \"timecamp_groups_breadcrumb\": \"Team %d\"}",
			   i > 0 ? ",\n" : "[", i < CHANGED ? "old" : "new", i, i, i < CHANGED ? 0 : i - CHANGED);
	buf_puts(out, "]\n");
}

static int64_t counter(struct json root, const char *name)
{
	int64_t n = -1;

	json_int(json_get(root, name), &n);
	return n;
}

/* NULL, or what is wrong about how it was done. */
static const char *judge_calls(struct json root, int limited)
{
	struct json calls = json_get(root, "calls"), call;
	int n = 0, done = 0, last_new = 0;

	for (call = json_first(calls); json_type(call) != JSON_NONE; call = json_next(calls, call)) {
		struct str body = json_raw(json_get(call, "body"));
		int64_t status = 0;

		n++;
		json_int(json_get(call, "status"), &status);
		done += status == 200;
		if (str_find(body, 0, STR("\"Somebody 6")) < body.len)
			last_new = n;
	}
	if (done != CHANGES)
		return "not as many changes as there should be";
	if (counter(root, "connections") > JOBS || counter(root, "max_in_flight") > JOBS)
		return "more at once than SYNC_JOBS allows";
	if (counter(root, "requests") > CHANGES + READS + (limited ? WASTED : 0))
		return "more requests than it takes";
	if (!limited && counter(root, "max_in_flight") != JOBS)
		return "fewer at once than SYNC_JOBS allows";
	/* The new ones have the longest way; they must not be what all wait for in the end. */
	return last_new == 0 || last_new > n - CHANGED / 2 ? "new users are not finished beside the changes" : NULL;
}

static const char *judge(struct scene *s, int limited, struct error *e)
{
	struct json_doc *doc = json_doc_new(TOKENS_MAX, e);
	const char *problem = "the simulator's calls cannot be read";
	struct buf text;
	struct json root;

	buf_init(&text, TEXT_MAX);
	tcsim_put_calls(s->account, &text);
	if (doc && json_parse(doc, buf_str(&text), 0, &root, e) == 0)
		problem = judge_calls(root, limited);
	buf_release(&text);
	json_doc_free(doc);
	return problem;
}

static void run_many(struct scene *s, const char *name, int limited)
{
	static const char *const env[] = { "SYNC_JOBS=6", NULL };
	const char *problem = NULL;
	struct buf account, people;
	struct harness_run r;
	struct error e;

	error_init(&e);
	buf_init(&account, TEXT_MAX);
	buf_init(&people, TEXT_MAX);
	put_account(&account);
	put_people(&people);
	scene_run_init(s, &r);
	r.env = env;
	harness_run_args(&r, "sync", "timecamp", "--input", "people.json", NULL);
	if (scene_lay_out(s, &e) || scene_write(s, "people.json", buf_text(&people), &e) ||
	    tcsim_load(s->account, buf_str(&account), &e) ||
	    tcsim_set_option(s->account, "max_concurrent", limited ? "1" : "0", &e) ||
	    tcsim_set_option(s->account, "latency_ms", "2", &e) || harness_run(&r, &e))
		problem = "cannot be run";
	else if (r.code != 0)
		problem = "did not go well";
	else
		problem = judge(s, limited, &e);
	scene_report(s, name, problem, buf_text(&r.err));
	harness_run_release(&r);
	buf_release(&account);
	buf_release(&people);
}

void e2e_many(struct scene *s)
{
	run_many(s, "many side by side", 0);
	run_many(s, "many, one at a time taken", 1);
}
