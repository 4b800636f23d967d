#include "bench/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include "base/json_read.h"
#include "base/json_scan.h"
#include "base/json_write.h"
#include "base/limits.h"
#include "port.h"

#define CHUNK 65536

enum task { CHECK, CUT, READ, COPY, TASKS };

struct job {
	enum task task;
	struct json_doc *doc;		/* owned */
	struct arena arena;
	struct json_write out;
	long records;
};

static int drop(void *cookie, const char *data, size_t len, struct error *e)
{
	(void)cookie;
	(void)data;
	(void)len;
	(void)e;
	return 0;
}

/* What every reader does with a record: tokens, and every member once. */
static int take(void *cookie, const struct json_match *m, struct str raw, struct error *e)
{
	struct job *job = cookie;
	struct json root, v;

	(void)m;
	job->records++;
	if (job->task == CUT)
		return 0;
	if (json_parse(job->doc, raw, 1, &root, e) != 0)
		return -1;
	json_begin_object(&job->out);
	for (v = json_first(root); v.doc != NULL; v = json_next(root, v)) {
		struct str key = json_key(v, &job->arena), text = json_text(v, &job->arena);

		if (job->task != COPY)
			continue;
		json_put_key(&job->out, key);
		if (json_type(v) == JSON_STRING)
			json_put_text(&job->out, text);
		else
			json_put_raw(&job->out, json_raw(v));
	}
	json_end_object(&job->out);
	arena_reset(&job->arena);
	return 0;
}

static int run(struct job *job, const char *path, uint64_t *bytes, struct error *e)
{
	static const char *const no_paths[] = { NULL }, *const people[] = { "users[*]", "[*]", NULL };
	struct json_scan *s = json_scan_new(job->task == CHECK ? no_paths : people, MAX_RECORD, take, job, e);
	struct port_file *f = port_open(path, PORT_READ, e);
	static char chunk[CHUNK];
	long n = -1;
	int r = -1;

	*bytes = 0;
	if (s == NULL || f == NULL)
		goto out;
	while ((n = port_read(f, chunk, sizeof(chunk), e)) > 0) {
		*bytes += (uint64_t)n;
		if (json_scan_feed(s, chunk, (size_t)n, e) != 0)
			goto out;
	}
	if (n == 0)
		r = json_scan_end(s, e);
out:
	if (f != NULL)
		port_close(f, NULL);
	json_scan_free(s);
	return r;
}

int bench_json(const char *path, struct error *e)
{
	static const char *const names[TASKS] = { "check", "cut", "read", "copy" };
	struct job job;
	uint64_t bytes;
	int r = 0;

	job.doc = json_doc_new(MAX_JSON_TOKENS, e);
	if (job.doc == NULL)
		return -1;
	arena_init(&job.arena, 4 * MAX_RECORD);
	for (job.task = CHECK; job.task < TASKS && r == 0; job.task++) {
		int64_t start = port_mono_ms(), ms;

		job.records = 0;
		json_write_init(&job.out, 0, drop, NULL, 0);
		json_begin_array(&job.out);
		r = run(&job, path, &bytes, e);
		json_write_release(&job.out);
		ms = port_mono_ms() - start;
		printf("json, %-26s %9.2f %9s %9lld\n", names[job.task], (double)ms / 1000, "",
		       (long long)(bytes / 1000 / (uint64_t)(ms > 0 ? ms : 1)));
	}
	arena_release(&job.arena);
	json_doc_free(job.doc);
	return r;
}
