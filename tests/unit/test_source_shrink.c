/* The guard of every source: at the limit and one over, who is missing, what becomes of the files. */
#include <stdio.h>
#include <string.h>
#include "base/buf.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/settings.h"
#include "check.h"
#include "port.h"
#include "source/source.h"
#include "store/store.h"

/* What the invented source finds: people with the numbers from..to-1, every one active but the last `inactive`. */
static struct { int from, to, inactive, other_ids, fails; } company;

static int fake_fetch(struct source_run *run, struct error *e)
{
	int i;

	for (i = company.from; i < company.to; i++) {
		char id[32], name[32], mail[32];
		struct person p = { .is_supervisor = -1 };

		snprintf(id, sizeof id, "%s%d", company.other_ids ? "new-" : "", i);
		snprintf(name, sizeof name, "Person %d", i);
		snprintf(mail, sizeof mail, "%c%d@x.org", company.other_ids ? 'P' : 'p', i);
		p.external_id = str_from(id);
		p.name = str_from(name);
		p.email = str_from(mail);
		p.status = i < company.to - company.inactive ? STR("active") : STR("inactive");
		if (source_emit(run, &p, e) != 0)
			return -1;
	}
	return company.fails ? error_set(e, ERROR_UPSTREAM, "cut off") : 0;
}

static const struct source fake = { .name = "fake", .title = "Fake", .settings = source_settings, .fetch = fake_fetch };

static void take_line(void *cookie, const char *line)
{
	buf_puts(cookie, line);
	buf_putc(cookie, '\n');
}

static void quiet(void)
{
	static const struct log_options errors_only = { LOG_ERROR, NULL, 0, 1 };

	log_open(&errors_only, NULL);
}

static int load_setting(const char *value)
{
	static const struct setting_group groups[] = { { "All sources", source_settings }, { NULL, NULL } };
	char line[64] = "";
	struct error e;

	settings_release();
	error_init(&e);
	if (value != NULL)
		snprintf(line, sizeof line, "FETCH_MAX_SHRINK=%s\n", value);
	CHECK_INT(store_save(check_file("env"), str_from(line), &e), 0);
	return settings_load(groups, check_file("env"), &e);
}

/* A read into the file "users"; lines: who is missing. */
static int fetch(int from, int to, int accept, struct buf *lines, struct error *e)
{
	struct source_watch watch = { NULL, NULL, take_line, NULL, NULL };
	struct source_read read = { 0 };
	int rc;

	error_init(e);
	company.from = from;
	company.to = to;
	read.path = check_file("users");
	read.accept_shrink = accept;
	watch.cookie = lines;
	rc = source_fetch(&fake, &read, lines != NULL ? &watch : NULL, e);
	CHECK_INT(read.count, to - from);
	CHECK_INT(read.shrunk, rc != 0 && e->kind == ERROR_LIMIT);
	return rc;
}

/* As many lines as the file has, which is people and two; 0 when there is none. */
static int lines_of(const char *name)
{
	struct buf text;
	int n = 0;
	size_t i;

	buf_init(&text, 1 << 20);
	if (store_exists(check_file(name)))
		CHECK_INT(store_load(check_file(name), &text, NULL), 0);
	for (i = 0; i < text.len; i++)
		n += text.data[i] == '\n';
	buf_release(&text);
	return n;
}

static const struct row {
	const char *name, *setting;
	int before, now, inactive;	/* people before and now; so many are inactive now */
	int refused;
} rows[] = {
	{ "20% of 100", NULL, 100, 80, 0, 0 },
	{ "one more", NULL, 100, 79, 0, 1 },
	{ "not active any more", NULL, 100, 100, 20, 0 },
	{ "one more of them", NULL, 100, 100, 21, 1 },
	{ "19 people are too few", NULL, 19, 0, 0, 0 },
	{ "20 are enough", NULL, 20, 15, 0, 1 },
	{ "20 less 20%", NULL, 20, 16, 0, 0 },
	{ "nobody at all", NULL, 40, 0, 0, 1 },
	{ "more people", NULL, 40, 90, 0, 0 },
	{ "a number", "7", 100, 93, 0, 0 },
	{ "a number, one more", "7", 100, 92, 0, 1 },
	{ "none may", "0", 30, 29, 0, 1 },
	{ "none does", "0", 30, 30, 0, 0 },
	{ "all may", "100%", 30, 0, 0, 0 },
	{ "no limit", "", 30, 0, 0, 0 },
};

static void test_limits(void)
{
	struct error e;
	size_t i;

	quiet();
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct row *r = &rows[i];

		check_row(r->name);
		CHECK_INT(load_setting(r->setting), 0);
		store_remove(check_file("users"), NULL);
		company.inactive = 0;
		CHECK_INT(fetch(0, r->before, 0, NULL, &e), 0);
		CHECK_INT(lines_of("users.refused"), 0);
		company.inactive = r->inactive;
		CHECK_INT(fetch(0, r->now, 0, NULL, &e), r->refused ? -1 : 0);
		CHECK_INT(e.kind, r->refused ? ERROR_LIMIT : ERROR_NONE);
		CHECK_INT(lines_of("users"), 1 + (r->refused ? r->before : r->now));
		CHECK_INT(lines_of("users.refused"), r->refused ? 1 + r->now : 0);
		CHECK_INT(fetch(0, r->now, 1, NULL, &e), 0);
		CHECK_INT(lines_of("users"), 1 + r->now);
		CHECK_INT(lines_of("users.refused"), 0);
	}
	company.inactive = 0;
	check_row(NULL);
	settings_release();
}

/* The first LIMIT_NAMES; somebody who is there but inactive; nobody who only has another external_id. */
static void test_names(void)
{
	struct error e;
	struct buf lines;

	quiet();
	buf_init(&lines, 1 << 16);
	CHECK_INT(load_setting(NULL), 0);
	store_remove(check_file("users"), NULL);
	CHECK_INT(fetch(0, 100, 0, &lines, &e), 0);
	CHECK_INT(lines.len, 0);
	company.inactive = 2;
	company.other_ids = 1;
	CHECK_INT(fetch(30, 90, 0, &lines, &e), -1);
	CHECK(strstr(e.text, "42 active people fewer than in \"") != NULL);
	CHECK(strstr(e.text, "(58, not 100), at most 20 may be (FETCH_MAX_SHRINK=20%)") != NULL);
	CHECK(strstr(buf_text(&lines), "\n  Person 0 <p0@x.org>\n") != NULL);
	CHECK(strstr(buf_text(&lines), "\n  Person 19 <p19@x.org>\n  ... and 22 more\n") != NULL);
	CHECK(strstr(buf_text(&lines), "Person 20 ") == NULL);
	company.inactive = 26;
	buf_reset(&lines);
	CHECK_INT(fetch(0, 100, 0, &lines, &e), -1);
	CHECK(strstr(buf_text(&lines), "\n  Person 74 <p74@x.org> (now inactive)\n") != NULL);
	CHECK(strstr(buf_text(&lines), "\n  ... and 6 more\n") != NULL);
	CHECK_INT(LIMIT_NAMES, 20);
	company.inactive = company.other_ids = 0;
	buf_release(&lines);
	settings_release();
}

/* A read that fails is no small company: neither file changes. As many people, but others, are no smaller one. */
static void test_others(void)
{
	struct error e;

	quiet();
	CHECK_INT(load_setting(NULL), 0);
	store_remove(check_file("users"), NULL);
	CHECK_INT(fetch(0, 50, 0, NULL, &e), 0);
	CHECK_INT(fetch(0, 30, 0, NULL, &e), -1);
	company.fails = 1;
	CHECK_INT(fetch(0, 10, 1, NULL, &e), -1);
	CHECK_INT(e.kind, ERROR_UPSTREAM);
	company.fails = 0;
	CHECK_INT(lines_of("users"), 51);
	CHECK_INT(lines_of("users.refused"), 31);
	CHECK_INT(fetch(100, 150, 0, NULL, &e), 0);
	CHECK_INT(lines_of("users"), 51);
	CHECK_INT(lines_of("users.refused"), 0);
	settings_release();
}

/* Whatever stands in the old file's place that is no list of people is replaced. */
static void test_odd_files(void)
{
	static const char *const texts[] = {
		"", "old", "[]", "{\"users\":{}}", "{\"users\":[{\"status\":\"active\"}", "\xff\xfe", "{\"users\":[1,null,[]]}",
	};
	struct error e;
	size_t i;

	quiet();
	CHECK_INT(load_setting("0"), 0);
	for (i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		check_row(texts[i]);
		CHECK_INT(store_save(check_file("users"), str_from(texts[i]), &e), 0);
		CHECK_INT(fetch(0, 1, 0, NULL, &e), 0);
		CHECK_INT(lines_of("users"), 2);
	}
	check_row(NULL);
	settings_release();
}

/* Where the refused file cannot stand nothing is kept, and what cannot be removed is no failure. */
static void test_no_place(void)
{
	struct error e;

	quiet();
	CHECK_INT(load_setting(NULL), 0);
	store_remove(check_file("users"), NULL);
	CHECK_INT(port_make_dirs(check_file("users.refused"), &e), 0);
	CHECK_INT(fetch(0, 50, 0, NULL, &e), 0);
	CHECK_INT(fetch(0, 10, 0, NULL, &e), -1);
	CHECK_INT(e.kind, ERROR_FAILED);
	CHECK(strstr(e.text, "is a folder") != NULL);
	CHECK_INT(lines_of("users"), 51);
	settings_release();
}

CHECK_SUITE(source_shrink, CHECK_TEST(limits), CHECK_TEST(names), CHECK_TEST(others), CHECK_TEST(odd_files),
	    CHECK_TEST(no_place));
