#include "fuzz/fuzz.h"

#include <string.h>
#include "base/buf.h"
#include "base/limits.h"
#include "fuzz/world.h"
#include "plan/plan.h"

#define FILE_NAME "plan"
#define TARGET "timecamp"

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

/* A plan file. An odd first byte puts the header before it that such settings make, whatever that is these days;
 * the next bit leaves out the last line end. */
void fuzz_plan(struct str input)
{
	static const struct plan_policy policy = { .ignored = "", .protect = "" };
	unsigned choice = fuzz_choice(&input);
	struct buf text;
	struct plan *p;
	struct error e;

	world_reset();
	error_init(&e);
	buf_init(&text, 8 * MAX_RECORD);
	p = plan_new(&e);
	FUZZ_CHECK(p != NULL && plan_write(p, FILE_NAME, TARGET, &policy, 0, &e) == 0);
	if (choice % 2 == 1)
		buf_put_str(&text, world_text(FILE_NAME));
	buf_put_str(&text, input);
	if ((choice & 2) == 0)
		buf_putc(&text, '\n');
	world_file(FILE_NAME, buf_str(&text));
	if (plan_read(p, FILE_NAME, TARGET, &policy, &e) == 0)
		use(p);
	else
		FUZZ_CHECK(e.kind != ERROR_NONE);
	plan_free(p);
	buf_release(&text);
}
