#include "app/app_progress.c"
#include "check.h"

static void test_line(void)
{
	static const struct { uint64_t total, done, ms; int columns; const char *want; } rows[] = {
		{ 0, 0, 0, 80, "reading 0" }, { 0, 500, 1000, 80, "reading 500, 500/s" },
		{ 100, 0, 0, 80, "reading [------------------------------] 0 of 100 (0%)" },
		{ 100, 50, 5000, 80,
		  "reading [###############---------------] 50 of 100 (50%), 10/s, 5 s left" },
		{ 100, 50, 5000, 53, "reading [#####-----] 50 of 100 (50%), 10/s, 5 s left" },
		{ 100, 50, 5000, 50, "reading 50 of 100 (50%), 10/s, 5 s left" },
		{ 100, 50, 5000, 20, "reading 50 of 100 (" },
		{ 100, 100, 5000, 80, "reading [##############################] 100 of 100 (100%), 20/s" },
		{ 100000, 1000, 5000, 50, "reading 1000 of 100000 (1%), 200/s, 8 min 15 s le" },
		{ 10000000, 1000, 10000, 60, "reading 1000 of 10000000 (0%), 100/s, 1 d 03 h left" },
	};
	struct progress p = { 0 };
	struct buf out;
	size_t i;

	p.what = "reading";
	buf_init(&out, 500);
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		buf_reset(&out);
		p.total = rows[i].total;
		p.done = rows[i].done;
		put_bar(&out, &p, rows[i].ms, rows[i].columns);
		CHECK_STR(buf_text(&out), rows[i].want);
	}
	buf_release(&out);
}

static void test_quiet(void)
{
	struct log_options silent = { LOG_INFO, NULL, 0, 1 }, usual = { LOG_INFO, NULL, 0, 0 };
	struct progress *p;

	log_open(&silent, NULL);
	p = progress_begin(NULL, "reading", 10);
	CHECK(p == NULL);
	progress_step(p, 1);
	progress_end(p);
	log_open(&usual, NULL);
}

CHECK_SUITE(app_progress, CHECK_TEST(line), CHECK_TEST(quiet));
