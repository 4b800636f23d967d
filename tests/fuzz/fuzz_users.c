#include "fuzz/fuzz.h"

#include "source/source_shrink.c"

struct users {
	struct naming n;
	uint64_t nameless;	/* people with neither id nor address */
	int adding;
};

static int take(void *cookie, const struct json_match *m, struct str record, struct error *e)
{
	struct users *u = cookie;

	if (u->adding)
		return add_record(&u->n, m, record, e);
	arena_reset(&u->n.arena);
	u->nameless += text_of(&u->n, record, "external_id").len == 0 && text_of(&u->n, record, "email").len == 0;
	return name_record(&u->n, m, record, e);
}

static void ignore_line(void *cookie, const char *text)
{
	FUZZ_CHECK(cookie == NULL && text[0] == ' ');
}

/* Scans the file in pieces of that size. 0 when it could be read. */
static int scan(struct users *u, struct str input, size_t step)
{
	static const char *const paths[] = { "users[*]", NULL };
	struct json_scan *s;
	struct error e;
	size_t at;
	int rc = 0;

	error_init(&e);
	s = json_scan_new(paths, MAX_RECORD, take, u, &e);
	FUZZ_CHECK(s != NULL);
	for (at = 0; rc == 0 && at < input.len; at += step)
		rc = json_scan_feed(s, input.ptr + at, step < input.len - at ? step : input.len - at, &e);
	if (rc == 0)
		rc = json_scan_end(s, &e);
	json_scan_free(s);
	return rc;
}

/* The users.json of a run before: between it and itself nobody is missing who has a name. */
void fuzz_users(struct str input)
{
	size_t step = fuzz_choice(&input) % 64 + 1;
	struct users u;
	struct error e;

	memset(&u, 0, sizeof(u));
	error_init(&e);
	u.adding = 1;
	u.n.line = ignore_line;
	FUZZ_CHECK(naming_open(&u.n, NULL, &e) == 0);
	if (scan(&u, input, step) == 0) {
		u.adding = 0;
		FUZZ_CHECK(scan(&u, input, input.len + 1) == 0);
		FUZZ_CHECK(u.n.missing <= u.nameless);
	}
	naming_close(&u.n);
}
