#include "sandbox/test_web.h"

#include <stdio.h>

#include "port.h"

#define PEAK_MAX_KIB (24 * 1024)	/* the budget of every command */
#define IDLE_MAX_KIB (8 * 1024)		/* more when it does nothing is an emulator's, or a sanitizer's */
#define OUTSIDE 100			/* managers that are looked up */
#define LEVELS 4

/* Most people on a page, and in a look-up, of what the program asks for. */
static const struct { const char *source; long page, lookup; } sizes[] = {
	{ "bamboohr", 500, 25 }, { "hibob", 0, 25 }, { "okta", 200, 1 }, { "entra", 100, 0 }, { "factorial", 100, 25 }
};

int web_can_measure(const struct web_tests *t)
{
	char dir[HARNESS_PATH];
	struct harness_run h;
	int can;

	harness_path(dir, t->dir, "version");
	harness_run_init(&h, t->program, dir);
	harness_run_args(&h, "version", (const char *)NULL);
	h.meter = t->meter;
	can = !harness_fresh(dir, NULL) && !harness_run(&h, NULL) && h.peak_kib > 0 && h.peak_kib <= IDLE_MAX_KIB;
	harness_run_release(&h);
	return can;
}

static unsigned long divide_up(long n, long by)
{
	return by ? (unsigned long)((n + by - 1) / by) : 1;
}

/* Pages of people, or with groups of their members. */
static unsigned long pages_of(const struct web_run *r)
{
	return r->counts.pages > r->counts.groups ? r->counts.pages : r->counts.groups;
}

static const char *judge(const struct web_tests *t, const struct web_run *r, long people)
{
	size_t i = 0;

	while (!str_eqz(str_from(sizes[i].source), r->source))
		i++;
	if (r->code != 0)
		return "did not succeed";
	if (r->count != (unsigned long)(people + (sizes[i].lookup ? OUTSIDE : 0)))
		return "another number of people";
	if (pages_of(r) > divide_up(people, sizes[i].page) + (r->env[0] ? divide_up(people / 10, sizes[i].page) + 2 : 0))
		return "more pages than are needed";
	if (r->counts.lookups > (sizes[i].lookup ? divide_up(OUTSIDE, sizes[i].lookup) : 0))
		return "more look-ups than are needed";
	if (r->peak_kib > PEAK_MAX_KIB && t->measures)
		return "more memory than 24 MiB";
	return NULL;
}

void web_large(struct web_tests *t, const char *source, const char *const *groups, long people)
{
	int64_t start = port_mono_ms();
	char name[80];
	struct web_run r;
	struct error e;

	web_run_init(&r, source);
	error_init(&e);
	r.company.seed = 11;
	r.company.people = people;
	r.company.outside = OUTSIDE;
	r.company.levels = LEVELS;
	r.is_large = 1;
	r.env[0] = groups ? groups[0] : NULL;
	r.env[1] = groups ? groups[1] : NULL;
	snprintf(name, sizeof(name), "%ld people%s", people, groups ? " in groups" : "");
	web_judge(t, &r, name, web_run(t, &r, &e) ? e.text : judge(t, &r, people));
	printf("%s: %s, %lu requests, %.1f MiB, %.1f s\n", source, name, r.counts.requests, (double)r.peak_kib / 1024,
	       (double)(port_mono_ms() - start) / 1000);
	web_run_release(&r);
}
