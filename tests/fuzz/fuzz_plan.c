#include "fuzz/fuzz.h"

#include "plan/plan_file.c"

static void take_line(void *cookie, const char *line)
{
	*(size_t *)cookie += strlen(line);
}

/* A plan that was read is shown and compared with an account, which has nobody. */
static void use(struct plan *p)
{
	uint64_t misfits, count[PLAN_PARTS];
	struct error e;
	size_t bytes = 0;

	error_init(&e);
	FUZZ_CHECK(plan_count(p, count, &e) == 0);
	FUZZ_CHECK(plan_print(p, 1, take_line, &bytes, &e) == 0 && bytes > 0);
	FUZZ_CHECK(plan_check_before(p, take_line, &bytes, &misfits, &e) == 0);
}

/* Lines of a plan file; an odd first byte means: the header was there already. */
void fuzz_plan(struct str input)
{
	static const struct plan_policy policy = { .ignored = "", .protect = "" };
	struct plan *p;
	struct reader r;
	struct str line;
	struct error e;
	int rc = 0;

	error_init(&e);
	p = plan_new(&e);
	FUZZ_CHECK(p != NULL && reader_init(&r, p, "timecamp", &policy, &e) == 0);
	r.lines = fuzz_choice(&input) % 2;
	while (rc == 0 && str_next(&input, '\n', &line)) {
		buf_put_str(&r.line, line);
		rc = read_line(&r, &e);
	}
	FUZZ_CHECK((rc == 0) == (e.kind == ERROR_NONE));
	if (rc == 0)
		use(p);
	reader_release(&r);
	plan_free(p);
}
