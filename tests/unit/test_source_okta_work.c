/* What must hold before users of Okta are written, and the report when it does not. */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "check.h"
#include "port.h"
#include "source/source_okta_int.h"
#include "store/store.h"

static struct error e;

static const struct okta_rules rules = {
	.external_id = { "number", 6 }, .email = { "email", 5 }, .name = { "displayName", 11 },
	.department = { "department", 10 }, .title = { "title", 5 }, .manager = { "managerId", 9 },
	.match = { "nick", 4 }, .statuses = { "ACTIVE,STAGED", 13 }, .excluded = { "Legal", 5 },
	.supervisor = { { "", 0 }, { "", 0 } }
};

/* What the service of a test has: "id status number email nick manager", a dash for nothing. */
static const char *const *company;
static int64_t roots_max;

static void put_record(struct buf *out, const char *line)
{
	static const char *const names[] = { "number", "email", "nick", "managerId" };
	struct str rest = str_from(line), word;
	size_t i;

	buf_reset(out);
	str_next(&rest, ' ', &word);
	buf_printf(out, "{\"id\":\"%.*s\",", STR_ARG(word));
	str_next(&rest, ' ', &word);
	buf_printf(out, "\"status\":\"%.*s\",\"profile\":{\"login\":\"x\"", STR_ARG(word));
	for (i = 0; i < 4; i++)
		if (str_next(&rest, ' ', &word) && !str_eqz(word, "-"))
			buf_printf(out, ",\"%s\":\"%.*s\"", names[i], STR_ARG(word));
	buf_puts(out, "}}");
}

static int read_company(struct okta_work *w, struct okta_reader *r, struct buf *record, struct error *err)
{
	struct okta_person p;
	size_t i;

	okta_work_listing(w);
	if (okta_work_begin(w, err) != 0)
		return -1;
	for (i = 0; company[i]; i++) {
		put_record(record, company[i]);
		if (okta_person_read(r, buf_str(record), &p, err) != 0 || okta_work_stage(w, &p, err) != 0)
			return -1;
	}
	return okta_work_take(w, OKTA_TAKE_FIRST, err);
}

static int check_company(struct source_run *run, struct okta_work *w, struct error *err)
{
	struct okta_checks c = { 0 };
	uint64_t missing;

	c.work = w;
	c.rules = &rules;
	c.dir = source_dir(run);
	c.roots_max = roots_max;
	if (okta_work_index(w, err) != 0 || okta_work_resolve(w, err) != 0 || okta_check(&c, err) != 0 ||
	    okta_work_level(w, &missing, err) != 0)
		return -1;
	c.complete = 1;
	return okta_check(&c, err) != 0 ? -1 : okta_work_emit(w, err);
}

static int fake_fetch(struct source_run *run, struct error *err)
{
	struct okta_reader r;
	struct okta_work w;
	struct buf record;
	int rc;

	buf_init(&record, 4096);
	okta_reader_init(&r, &rules);
	rc = okta_work_open(&w, run, err) != 0 || read_company(&w, &r, &record, err) != 0 ||
	     check_company(run, &w, err) != 0;
	okta_work_close(&w);
	okta_reader_release(&r);
	buf_release(&record);
	return rc ? -1 : 0;
}

static const struct setting no_settings[] = { { NULL, SETTING_TEXT, NULL, 0, NULL } };
static const struct source fake = {
	.name = "fake", .title = "Fake", .settings = no_settings, .fetch = fake_fetch
};

/* Reads the company; the report without its blanks, "" when there is none. */
static const char *report_of(const char *const *people, int64_t most)
{
	static char report[20000];
	struct source_read read = { 0 };
	struct buf path, text;
	size_t i, len = 0;

	report[0] = '\0';
	company = people;
	roots_max = most;
	read.path = check_file("okta/users.json");
	read.accept_shrink = 1;
	buf_init(&path, 4096);
	buf_init(&text, sizeof(report) - 1);
	buf_puts(&path, read.path);
	error_init(&e);
	source_fetch(&fake, &read, NULL, &e);
	buf_truncate(&path, path.len - strlen("users.json"));
	buf_puts(&path, "okta_validation.json");
	if (store_exists(buf_text(&path)) && CHECK_INT(store_load(buf_text(&path), &text, &e), 0)) {
		struct port_stat st;

		if (CHECK_INT(port_stat(buf_text(&path), &st, NULL), 0))
			CHECK_INT(st.others_can_read, 0);
		for (i = 0; i < text.len; i++)
			if (text.data[i] != ' ' && text.data[i] != '\n')
				report[len++] = text.data[i];
		report[len] = '\0';
	}
	buf_release(&path);
	buf_release(&text);
	return report;
}

#define GOOD "1 ACTIVE 1 a@x a -", "2 ACTIVE 2 b@x b a", "3 STAGED 3 c@x c b", "4 ACTIVE 4 d@x d d"

static const struct {
	const char *name;
	const char *company[8];
	int64_t roots_max;
	const char *parts[3];		/* of the report */
	const char *error;		/* part of the message; NULL: all is well */
} rows[] = {
	{ "good", { GOOD }, 0, { NULL }, NULL },
	{ "nobody", { NULL }, 1, { NULL }, NULL },
	{ "active without number", { GOOD, "5 ACTIVE - e@x e a" }, 0,
	  { "\"ok\":false", "\"kind\":\"missing_external_id\",\"count\":1,\"field\":\"profile.number\"",
	    "\"users\":[{\"id\":\"5\"" }, "1 without external id (profile.number)" },
	{ "active without e-mail", { GOOD, "5 ACTIVE 5 - e a" }, 0,
	  { "\"kind\":\"missing_email\",\"count\":1,\"field\":\"profile.email\"" },
	  "1 without e-mail address (profile.email)" },
	{ "not active and incomplete", { GOOD, "5 STAGED 5 - e a", "6 STAGED - f@x f a" }, 0, { NULL }, NULL },
	{ "shared number", { GOOD, "5 ACTIVE 2 e@x e a" }, 0,
	  { "\"kind\":\"duplicate_external_id\",\"count\":2", "\"id\":\"2\"", "\"id\":\"5\"" },
	  "2 who share an external id (profile.number)" },
	{ "shared nick", { GOOD, "5 ACTIVE 5 e@x b a" }, 0,
	  { "\"kind\":\"duplicate_manager_value\",\"count\":2,\"field\":\"profile.nick\"" },
	  "2 who share the value that managers are named by (profile.nick)" },
	{ "circle", { GOOD, "5 ACTIVE 5 e@x e f", "6 ACTIVE 6 f@x f e", "7 ACTIVE 7 g@x g e" }, 0,
	  { "\"kind\":\"manager_cycle\",\"count\":2,\"field\":\"profile.managerId\"", "\"note\":\"circle1\"" },
	  "2 in circles of managers (profile.managerId)" },
	{ "unknown manager", { GOOD, "5 ACTIVE 5 e@x e zz" }, 0,
	  { "\"managers_looked_up\":true", "\"kind\":\"manager_not_found\",\"count\":1", "\"value\":\"zz\"" },
	  "1 whose manager cannot be found (profile.managerId)" },
	{ "roots at the limit", { GOOD, "5 ACTIVE 5 e@x e d" }, 2, { NULL }, NULL },
	{ "roots beyond it", { GOOD, "5 ACTIVE 5 e@x e d" }, 1,
	  { "\"kind\":\"hierarchy_root\",\"count\":2", "\"kind\":\"self_managed\",\"count\":1" },
	  "2 at the top of the hierarchy, more than OKTA_MAX_HIERARCHY_ROOTS allows" },
	{ "several faults at once", { "1 ACTIVE - - a -", "2 ACTIVE 2 b@x b b" }, 0,
	  { "missing_external_id", "missing_email", "self_managed" },
	  "1 without external id (profile.number), 1 without e-mail address (profile.email)" }
};

static void test_report(void)
{
	static const struct log_options nothing = { LOG_ERROR + 1, NULL, 0, 1 };
	const char *report;
	size_t i, j;

	log_open(&nothing, NULL);
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		check_row(rows[i].name);
		report = report_of(rows[i].company, rows[i].roots_max);
		for (j = 0; j < 3 && rows[i].parts[j]; j++)
			if (!strstr(report, rows[i].parts[j]))
				CHECK_STR(report, rows[i].parts[j]);
		if (!rows[i].error) {
			CHECK_INT(e.kind, ERROR_NONE);
			CHECK_STR(report, "");
			continue;
		}
		CHECK_INT(e.kind, ERROR_FAILED);
		if (!strstr(e.text, rows[i].error))
			CHECK_STR(e.text, rows[i].error);
	}
	check_row(NULL);
	log_close();
}

CHECK_SUITE(source_okta_work, CHECK_TEST(report));
