#include "check.h"

#include <stdio.h>
#include <string.h>

#include "net/http_int.h"
#include "source/source_okta_int.h"

#define NOW 1700000000		/* 2023-11-14T22:13:20Z */

static struct error e;

static const struct okta_rules usual = {
	.external_id = { "id", 2 }, .email = { "email", 5 }, .name = { "displayName", 11 },
	.department = { "department", 10 }, .title = { "title", 5 }, .manager = { "managerId", 9 },
	.match = { "id", 2 }, .statuses = { "ACTIVE,STAGED", 13 }, .excluded = { "Legal , Ops", 11 },
	.supervisor = { { "leads", 5 }, { "yes", 3 } }
};

/* A person in one line: what stands in the columns of users.json, and what hierarchy and choice go by. */
static const char *shown(const struct okta_person *p)
{
	static char out[1000];
	const struct person *q = &p->person;

	snprintf(out, sizeof(out), "%.*s|%.*s|%.*s|%.*s%s|%.*s%s|%.*s|%d|%.*s>%.*s|%d", STR_ARG(q->external_id),
		 STR_ARG(q->name), STR_ARG(q->email), STR_ARG(q->department),
		 q->department.ptr == person_null.ptr ? "!" : "", STR_ARG(q->job_title),
		 q->job_title.ptr == person_null.ptr ? "!" : "", STR_ARG(q->status), q->is_supervisor,
		 STR_ARG(p->match), STR_ARG(p->manager_key), p->left);
	return out;
}

static const struct {
	const char *name, *record, *want;
} records[] = {
	{ "usual",
	  "{\"id\":\"1\",\"status\":\"ACTIVE\",\"profile\":{\"displayName\":\"Ann A\",\"email\":\"Ann@X.example\","
	  "\"department\":\"D\",\"title\":\"T\",\"managerId\":\"2\",\"leads\":\"yes\"}}",
	  "1|Ann A|ann@x.example|D|T|active|1|1>2|0" },
	{ "nothing but an id", "{\"id\":\"1\"}", "1|||||inactive|0|1>|1" },
	{ "nulls", "{\"id\":\"1\",\"status\":null,\"profile\":null}", "1|||||inactive|0|1>|1" },
	{ "null texts",
	  "{\"id\":\"1\",\"status\":\"STAGED\",\"profile\":{\"email\":\"a\",\"department\":null,\"title\":null}}",
	  "1|a|a|null!|null!|inactive|0|1>|0" },
	{ "active without e-mail", "{\"id\":\"1\",\"status\":\"ACTIVE\",\"profile\":{\"email\":\" \"}}",
	  "1|||||active|0|1>|0" },
	{ "not active and without e-mail", "{\"id\":\"1\",\"status\":\"STAGED\"}", "1|||||inactive|0|1>|3" },
	{ "excluded", "{\"id\":\"1\",\"status\":\"ACTIVE\",\"profile\":{\"department\":\"Ops\"}}",
	  "1|||Ops||active|0|1>|2" },
	{ "names and blanks",
	  "{\"id\":\" 1 \",\"status\":\"ACTIVE\",\"profile\":{\"displayName\":\"\\u00a0\",\"firstName\":\" A \","
	  "\"lastName\":\"B\\u3000\",\"email\":\" A@B \",\"managerId\":\" 7 \"}}",
	  "1|A  B|a@b|||active|0|1>7|0" },
	{ "last name alone",
	  "{\"id\":\"1\",\"status\":\"ACTIVE\",\"profile\":{\"firstName\":null,\"lastName\":\"B\",\"email\":\"x\"}}",
	  "1|B|x|||active|0|1>|0" },
	{ "login for a name", "{\"id\":\"1\",\"status\":\"ACTIVE\",\"profile\":{\"login\":\"Log\",\"email\":null}}",
	  "1|Log||||active|0|1>|0" },
	{ "numbers, lists, objects",
	  "{\"id\":17,\"status\":\"ACTIVE\",\"profile\":{\"displayName\":5,\"email\":\"e\",\"department\":[\"A\",2,null],"
	  "\"title\":false,\"managerId\":{\"id\":9007199254740993}}}",
	  "17|5|e|A, 2|false|active|0|17>9007199254740993|0" },
	{ "no manager: 0", "{\"id\":\"1\",\"status\":\"ACTIVE\",\"profile\":{\"email\":\"e\",\"managerId\":0.0}}",
	  "1|e|e|||active|0|1>|0" },
	{ "no manager: an object without id",
	  "{\"id\":\"1\",\"status\":\"ACTIVE\",\"profile\":{\"email\":\"e\",\"managerId\":{\"name\":\"x\"}}}",
	  "1|e|e|||active|0|1>|0" },
	{ "escapes",
	  "{\"\\u0069d\":\"\\u0031\",\"status\":\"ACTIVE\",\"profile\":{\"displayName\":\"\\\"\\ud83c\\udf38\\\"\","
	  "\"email\":\"\\u00dc@x\"}}",
	  "1|\"\xf0\x9f\x8c\xb8\"|\xc3\xbc@x|||active|0|1>|0" }
};

static void test_records(void)
{
	struct okta_reader r;
	struct okta_person p;
	size_t i;

	okta_reader_init(&r, &usual);
	for (i = 0; i < sizeof(records) / sizeof(*records); i++) {
		check_row(records[i].name);
		if (CHECK_INT(okta_person_read(&r, str_from(records[i].record), &p, &e), 0))
			CHECK_STR(shown(&p), records[i].want);
	}
	check_row(NULL);
	okta_reader_release(&r);
}

static void test_bad_records(void)
{
	static const char *const rows[] = {
		"[]", "null", "\"x\"", "{}", "{\"id\":null}", "{\"id\":\" \"}", "{\"id\":{}}",
		"{\"id\":\"1\",\"profile\":{\"x\":\"\\ud83c\"}}"
	};
	struct okta_reader r;
	struct okta_person p;
	size_t i;

	okta_reader_init(&r, &usual);
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		check_row(rows[i]);
		CHECK_INT(okta_person_read(&r, str_from(rows[i]), &p, &e), -1);
		CHECK_INT(e.kind, ERROR_UPSTREAM);
	}
	check_row(NULL);
	okta_reader_release(&r);
}

static void test_fields(void)
{
	static const char record[] = "{\"id\":\"1\",\"status\":\"ACTIVE\",\"type\":{\"id\":\"t\"},\"credentials\":null,"
				     "\"profile\":{\"number\":7,\"login\":\"Stra\xc3\x9f" "e@X\","
				     "\"boss\":\"STRASSE@x\"}}";
	struct okta_rules rules = usual;
	struct okta_reader r;
	struct okta_person p;

	rules.external_id = STR("profile.number");
	rules.email = STR("login");
	rules.department = STR("type.id");
	rules.title = STR("credentials.provider.name");
	rules.manager = STR("boss");
	rules.match = STR("profile.login");
	okta_reader_init(&r, &rules);
	CHECK_INT(okta_person_read(&r, str_from(record), &p, &e), 0);
	CHECK_STR(shown(&p), "7|Stra\xc3\x9f" "e@X|stra\xc3\x9f" "e@x|t||active|0|strasse@x>strasse@x|0");
	rules.match = STR("nickLogin");
	CHECK_INT(okta_person_read(&r, str_from(record), &p, &e), 0);
	CHECK_STR(shown(&p), "7|Stra\xc3\x9f" "e@X|stra\xc3\x9f" "e@x|t||active|0|>STRASSE@x|0");
	okta_reader_release(&r);
}

static void test_demote(void)
{
	static const char record[] = "{\"id\":\"1\",\"status\":\"DEPROVISIONED\",\"profile\":{\"login\":\"Log@X\"}}";
	struct okta_reader r;
	struct okta_person p;

	okta_reader_init(&r, &usual);
	CHECK_INT(okta_person_read(&r, str_from(record), &p, &e), 0);
	CHECK_INT(okta_person_demote(&r, &p, &e), 0);
	CHECK_STR(shown(&p), "1|Log@X|log@x|||inactive|0|1>|0");
	CHECK_INT(p.person.hierarchy_only, 1);
	okta_reader_release(&r);
}

/* ---- pace ---------------------------------------------------------------------------------------------- */

static void test_pace(void)
{
	static const struct {
		const char *name, *limit, *left, *reset, *date;
		long ms;
	} rows[] = {
		{ "plenty", "600", "598", "1700000030", NULL, 0 },
		{ "just enough", "600", "61", "1700000030", NULL, 0 },
		{ "near the wall", "600", "59", "1700000030", NULL, 500 },
		{ "the last", "600", "0", "1700000030", NULL, 30000 },
		{ "their clock is ahead", "600", "0", "1700003630", "Tue, 14 Nov 2023 23:13:20 GMT", 30000 },
		{ "a small limit", "5", "0", "1700000060", NULL, 60000 },
		{ "an absurd end", "600", "0", "4102444800", NULL, 0 },
		{ "no number", "600", "few", "1700000030", NULL, 0 },
		{ "no end", "600", "0", "", NULL, 0 },
		{ "nothing", NULL, NULL, NULL, NULL, 0 }
	};
	struct http_msg m;
	struct buf text;
	struct str in, piece;
	size_t i;

	http_msg_init(&m, HTTP_RESPONSE);
	buf_init(&text, 4096);
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		check_row(rows[i].name);
		buf_reset(&text);
		buf_puts(&text, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n");
		if (rows[i].limit)
			buf_printf(&text, "X-Rate-Limit-Limit: %s\r\nX-Rate-Limit-Remaining: %s\r\n"
				   "X-Rate-Limit-Reset: %s\r\n", rows[i].limit, rows[i].left, rows[i].reset);
		if (rows[i].date)
			buf_printf(&text, "Date: %s\r\n", rows[i].date);
		buf_puts(&text, "\r\n");
		in = buf_str(&text);
		http_msg_reset(&m);
		CHECK_INT(http_msg_next(&m, &in, &piece, &e), HTTP_HEAD);
		CHECK_INT(okta_pace(&m.head, NOW), rows[i].ms);
	}
	check_row(NULL);
	buf_release(&text);
	http_msg_release(&m);
}

/* ---- circles ------------------------------------------------------------------------------------------- */

/* The circles among people whose managers are given, "2 0 2": the first one's is the second, the second has none,
 * the third is his or her own. */
static const char *cycles_of(const char *managers)
{
	static char out[1000];
	struct db *db = db_open_work(NULL, 0, &e);
	struct str rest = str_from(managers), word;
	struct db_stmt *s;
	struct buf sql;
	size_t len = 0;

	out[0] = '\0';
	buf_init(&sql, 4096);
	buf_puts(&sql, "CREATE TABLE person (seq INTEGER PRIMARY KEY, manager INTEGER, left_out INTEGER);");
	while (str_next(&rest, ' ', &word))
		buf_printf(&sql, "INSERT INTO person (manager, left_out) VALUES (nullif(%.*s, 0), 0);", STR_ARG(word));
	if (!CHECK(db && db_exec(db, buf_text(&sql), &e) == 0))
		return out;
	CHECK_INT(okta_find_cycles(db, &e), 0);
	s = db_prepare(db, "SELECT number, seq FROM cycle ORDER BY number, place", &e);
	while (CHECK(s != NULL) && db_step(s, &e) == 1)
		len += (size_t)snprintf(out + len, sizeof(out) - len, "%ld:%ld ", (long)db_int(s, 0),
					(long)db_int(s, 1));
	db_finish(s);
	db_close(db);
	buf_release(&sql);
	return out;
}

static void test_cycles(void)
{
	CHECK_STR(cycles_of("0"), "");
	CHECK_STR(cycles_of("1 1 2"), "");
	CHECK_STR(cycles_of("0 1 2 3 4"), "");
	CHECK_STR(cycles_of("2 1"), "1:1 1:2 ");
	CHECK_STR(cycles_of("2 3 1 1 4"), "1:1 1:2 1:3 ");
	CHECK_STR(cycles_of("2 3 4 3 0 5"), "1:3 1:4 ");
	CHECK_STR(cycles_of("2 1 4 3 6 5 0 1"), "1:1 1:2 2:3 2:4 3:5 3:6 ");
}

CHECK_SUITE(source_okta, CHECK_TEST(records), CHECK_TEST(bad_records), CHECK_TEST(fields), CHECK_TEST(demote),
	    CHECK_TEST(pace), CHECK_TEST(cycles));
