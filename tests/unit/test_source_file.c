/* The source `file`: what becomes of each format, and what each thing that is wrong is called and where. */
#include <stdio.h>
#include <string.h>
#include "base/buf.h"
#include "base/json_write.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/settings.h"
#include "check.h"
#include "port.h"
#include "source/source.h"
#include "store/store.h"

static void quiet(void)
{
	static const struct log_options errors_only = { LOG_ERROR, NULL, 0, 1 };

	log_open(&errors_only, NULL);
}

/* Settings; map and statuses may be NULL. */
static int load_path(const char *path, const char *map, const char *statuses, struct error *e)
{
	static const struct setting_group groups[] = {
		{ "All sources", source_settings }, { "File", file_settings }, { NULL, NULL }
	};
	struct buf text;
	int rc;

	settings_release();
	error_init(e);
	buf_init(&text, 8 * MAX_RECORD);
	buf_printf(&text, "FETCH_MAX_SHRINK=\nFILE_PATH=%s\n", path);
	if (map != NULL)
		buf_printf(&text, "FILE_MAP='%s'\n", map);
	if (statuses != NULL)
		buf_printf(&text, "FILE_ACTIVE_STATUSES='%s'\n", statuses);
	CHECK_INT(store_save(check_file("env"), buf_str(&text), e), 0);
	buf_release(&text);
	rc = settings_load(groups, check_file("env"), e);
	/* of a test that failed before */
	store_remove(check_file("users.json"), NULL);
	return rc;
}

/* The same for the file people.txt of this test. */
static int load_settings(const char *map, const char *statuses, struct error *e)
{
	char path[400];

	snprintf(path, sizeof path, "%s", check_file("people.txt"));
	return load_path(path, map, statuses, e);
}

/* Reads the text; users: what is between the brackets of the new users.json, or "" after a failure. */
static int fetch(struct str text, struct buf *users, struct error *e)
{
	struct source_read read = { 0 };
	struct str list;
	int rc;

	error_init(e);
	buf_reset(users);
	CHECK_INT(store_save(check_file("people.txt"), text, e), 0);
	read.path = check_file("users.json");
	rc = source_fetch(source_find("file"), &read, NULL, e);
	CHECK_INT(store_exists(check_file("users.json")), rc == 0);
	if (rc != 0 || !CHECK_INT(store_load(check_file("users.json"), users, e), 0))
		return -1;
	list = buf_str(users);
	if (CHECK(str_starts(list, STR("{\"users\":[")) && str_ends(list, STR("]}\n"))))
		buf_truncate(users, users->len - 3);
	buf_consume(users, 10);
	store_remove(check_file("users.json"), NULL);
	return 0;
}

#define P(id, name, mail, dep, title, status, more, raw) \
	"\n{\"external_id\":\"" id "\",\"name\":\"" name "\",\"email\":\"" mail "\",\"department\":\"" dep "\"," \
	"\"job_title\":\"" title "\",\"status\":\"" status "\"" more ",\"raw_data\":" raw "}"
#define BOSS(id) ",\"supervisor_id\":\"" id "\""
#define BARE(id, name, mail, raw) P(id, name, mail, "", "", "active", BOSS(""), raw)

static const struct good {
	const char *name, *map, *text, *users;
} good[] = {
	{ "header only", NULL, "external_id,name\r\n", "" },
	{ "an empty list", NULL, "[]", "" },
	{ "an empty list of users", NULL, " {\"count\": 0, \"users\": []}\n", "" },
	{ "all fields", NULL,
	  "external_id,name,email,real_email,department,job_title,status,supervisor_id,role_id,is_supervisor,"
	  "force_supervisor_role,force_global_admin_role,hierarchy_only\n"
	  "1,A,a@x,r@x,D/E,T,Active,,admin,TRUE,x,1,yes\n2,B,b@x,,,,inactive,1,3,no,,0,\n",
	  "\n{\"external_id\":\"1\",\"name\":\"A\",\"email\":\"a@x\",\"real_email\":\"r@x\",\"department\":\"D/E\","
	  "\"job_title\":\"T\",\"status\":\"active\",\"role_id\":\"1\",\"is_supervisor\":true,"
	  "\"force_supervisor_role\":true,\"force_global_admin_role\":true,\"hierarchy_only\":true,"
	  "\"supervisor_id\":\"\",\"raw_data\":{\"external_id\":\"1\",\"name\":\"A\",\"email\":\"a@x\","
	  "\"real_email\":\"r@x\",\"department\":\"D/E\",\"job_title\":\"T\",\"status\":\"Active\","
	  "\"supervisor_id\":\"\",\"role_id\":\"admin\",\"is_supervisor\":\"TRUE\",\"force_supervisor_role\":\"x\","
	  "\"force_global_admin_role\":\"1\",\"hierarchy_only\":\"yes\"}},"
	  "\n{\"external_id\":\"2\",\"name\":\"B\",\"email\":\"b@x\",\"department\":\"\",\"job_title\":\"\","
	  "\"status\":\"inactive\",\"role_id\":\"3\",\"is_supervisor\":false,\"supervisor_id\":\"1\",\"raw_data\":{"
	  "\"external_id\":\"2\",\"name\":\"B\",\"email\":\"b@x\",\"real_email\":\"\",\"department\":\"\","
	  "\"job_title\":\"\",\"status\":\"inactive\",\"supervisor_id\":\"1\",\"role_id\":\"3\","
	  "\"is_supervisor\":\"no\",\"force_supervisor_role\":\"\",\"force_global_admin_role\":\"0\","
	  "\"hierarchy_only\":\"\"}}" },
	{ "mark, quotes, lines within them, CR LF", NULL,
	  "\xef\xbb\xbf" "External ID;Name;E-Mail;Job title\r\n7;\"B, \"\"b\"\"\";b@x;\"one\r\ntwo\"\r\n",
	  P("7", "B, \\\"b\\\"", "b@x", "", "one\\r\\ntwo", "active", BOSS(""),
	    "{\"External ID\":\"7\",\"Name\":\"B, \\\"b\\\"\",\"E-Mail\":\"b@x\",\"Job title\":\"one\\r\\ntwo\"}") },
	{ "rows without anything", NULL, "external_id,name\n1,A\n,\n\n  , \n",
	  BARE("1", "A", "", "{\"external_id\":\"1\",\"name\":\"A\"}") },
	{ "blanks", NULL, " external_id , name \n 1 , A\xc2\xa0\n",
	  BARE("1", "A", "", "{\"external_id\":\" 1 \",\"name\":\" A\xc2\xa0\"}") },
	{ "a column without a name", NULL, "external_id,\n1,x\n", BARE("1", "1", "", "{\"external_id\":\"1\"}") },
	{ "the e-mail is the id", NULL, "email\n\xc3\x84" "da@X.org\n",
	  BARE("\xc3\xa4" "da@x.org", "\xc3\x84" "da@X.org", "\xc3\x84" "da@X.org",
	       "{\"email\":\"\xc3\x84" "da@X.org\"}") },
	{ "a map", "{\"external_id\":\"No.\",\"email\":\"Mail\",\"name\":[\"First\",\"Last\"],"
	  "\"department\":[\"Div\",\"Team\"],\"job_title\":\"\"}",
	  "No.\tMail\tFirst\tLast\tDiv\tTeam\tjob_title\n1\ta@x\tA\tB\tD\t\tT\n2\t\tC\t\t\tE\tT\n",
	  P("1", "A B", "a@x", "D", "", "active", BOSS(""), "{\"No.\":\"1\",\"Mail\":\"a@x\",\"First\":\"A\","
	    "\"Last\":\"B\",\"Div\":\"D\",\"Team\":\"\",\"job_title\":\"T\"}") ","
	  P("2", "C", "", "E", "", "active", BOSS(""), "{\"No.\":\"2\",\"Mail\":\"\",\"First\":\"C\","
	    "\"Last\":\"\",\"Div\":\"\",\"Team\":\"E\",\"job_title\":\"T\"}") },
	{ "supervisors by id, by e-mail, in any order, unknown", "{\"supervisor_id\":\"boss\"}",
	  "external_id,email,boss\n1,a@x,2\n2,B@x,\n3,,b@X\n4,,9\n5,,5\n",
	  P("1", "a@x", "a@x", "", "", "active", BOSS("2"), "{\"external_id\":\"1\",\"email\":\"a@x\",\"boss\":\"2\"}")
	  "," BARE("2", "B@x", "B@x", "{\"external_id\":\"2\",\"email\":\"B@x\",\"boss\":\"\"}")
	  "," P("3", "3", "", "", "", "active", BOSS("2"), "{\"external_id\":\"3\",\"email\":\"\",\"boss\":\"b@X\"}")
	  "," P("4", "4", "", "", "", "active", BOSS("9"), "{\"external_id\":\"4\",\"email\":\"\",\"boss\":\"9\"}")
	  "," P("5", "5", "", "", "", "active", BOSS("5"), "{\"external_id\":\"5\",\"email\":\"\",\"boss\":\"5\"}") },
	{ "JSON of all types", "{\"external_id\":\"id\",\"name\":\"n.full\",\"email\":\"mails.1\",\"status\":\"on\"}",
	  "\xef\xbb\xbf[{\"id\": 12345678901234567890, \"n\": {\"full\": \" \\u00c4 \"},\n \"mails\": [1, \"a@x\"], "
	  "\"on\": false},\n {\"id\":\"b\",\"n\":{\"full\":null},\"mails\":[],\"on\":true,\"z\":[ 1.0 , null ]}]",
	  P("12345678901234567890", "\xc3\x84", "a@x", "", "", "inactive", BOSS(""), "{\"id\":12345678901234567890,"
	    "\"n\":{\"full\":\" \\u00c4 \"},\"mails\":[1,\"a@x\"],\"on\":false}") ","
	  BARE("b", "b", "", "{\"id\":\"b\",\"n\":{\"full\":null},\"mails\":[],\"on\":true,\"z\":[1.0,null]}") },
	{ "names that fit", NULL, "[{\"externalId\":\"1\",\"Name\":\"A\",\"jobTitle\":\"T\"}]",
	  P("1", "A", "", "", "T", "active", BOSS(""), "{\"externalId\":\"1\",\"Name\":\"A\",\"jobTitle\":\"T\"}") },
	{ "the very name before one that fits", NULL,
	  "[{\"email\":\"a@x\",\"E-Mail\":\"b@x\"},{\"E-Mail\":\"b@x\",\"email\":null,\"external_id\":\"2\"}]",
	  BARE("a@x", "a@x", "a@x", "{\"email\":\"a@x\",\"E-Mail\":\"b@x\"}") ","
	  BARE("2", "2", "", "{\"E-Mail\":\"b@x\",\"email\":null,\"external_id\":\"2\"}") },
	{ "a name with a dot", "{\"external_id\":\"a.b\"}", "[{\"a.b\":\"1\",\"a\":{\"b\":\"2\"}}]",
	  BARE("1", "1", "", "{\"a.b\":\"1\",\"a\":{\"b\":\"2\"}}") },
	{ "users in an object", NULL, "{\"users\":[{\"email\":\"a@x\"}],\"total\":1}",
	  BARE("a@x", "a@x", "a@x", "{\"email\":\"a@x\"}") },
	{ "users in an object of many lines", NULL, "{\n\"page\": {},\n\"users\": [\n{\"email\":\"a@x\"}\n]\n}\n",
	  BARE("a@x", "a@x", "a@x", "{\"email\":\"a@x\"}") },
	{ "lines", NULL, "\xef\xbb\xbf\n{\"email\":\"a@x\"}\r\n\n \n{\"email\" : \"b@x\"}",
	  BARE("a@x", "a@x", "a@x", "{\"email\":\"a@x\"}") "," BARE("b@x", "b@x", "b@x", "{\"email\":\"b@x\"}") },
	{ "one line", NULL, "{\"email\":\"a@x\"}", BARE("a@x", "a@x", "a@x", "{\"email\":\"a@x\"}") },
};

static void test_good(void)
{
	struct buf users;
	struct error e;
	size_t i;

	quiet();
	buf_init(&users, 1 << 20);
	for (i = 0; i < sizeof good / sizeof good[0]; i++) {
		check_row(good[i].name);
		CHECK_INT(load_settings(good[i].map, NULL, &e), 0);
		CHECK_INT(fetch(str_from(good[i].text), &users, &e), 0);
		CHECK_STR(e.text, "");
		CHECK_STR(buf_text(&users), good[i].users);
	}
	check_row(NULL);
	buf_release(&users);
	settings_release();
}

static const struct bad {
	const char *map, *text;
	const char *says;		/* after the path; NULL text: there is no file */
} bad[] = {
	{ NULL, "", ": the file is empty" },
	{ NULL, "\xef\xbb\xbf \r\n\r\n", ": the file is empty" },
	{ NULL, "sep=;\n", ": there is no line with the names" },
	/* columns */
	{ NULL, "No,Mail\n1,a@x\n", ":1:1: no column is external_id or email; say which in FILE_MAP, as in "
	  "{\"email\":\"Work e-mail\"}; there are \"No\", \"Mail\"" },
	{ "{\"email\":\"Work mail\"}", "external_id,Mail\n", ":1:1: there is no column \"Work mail\" (FILE_MAP: email); "
	  "there are \"external_id\", \"Mail\"" },
	{ "{\"email\":\"mail\"}", "external_id,Mail\n", ":1:1: there is no column \"mail\"" },
	{ NULL, "email,Name,name\n", NULL },
	{ NULL, "email,E-Mail,e mail\n", NULL },
	{ NULL, "E-Mail,e mail\n", ":1:1: \"E-Mail\" and \"e mail\" could both be email" },
	{ NULL, "email,a,a\n", ":1:1: two columns are called \"a\"" },
	/* rows */
	{ NULL, "external_id,name,email\n1,A,a@x\n,B,\n", ":3:1: this person has neither an external_id nor an e-mail" },
	{ NULL, "external_id,name\n1\n", ":2:1: this record has 1 fields, but there are 2 columns" },
	{ NULL, "external_id,name\n1,a,b\n", ":2:1: this record has 3 fields" },
	{ NULL, "external_id,name\n1,a\n2,b\n 1 ,c\n", ":4:1: column \"external_id\": \"1\" is that of line 2"
	  " already" },
	{ NULL, "external_id,E-Mail\n1,a@x\n\"2\n\",A@X\n", ":4:3: column \"E-Mail\": \"a@x\" is that of line 2" },
	{ NULL, "email\na@x\nA@x\n", ":3:1: column \"email\": \"a@x\" is that of line 2 already" },
	{ NULL, "external_id,email\n1,a b@x\n", ":2:3: column \"email\": there is a blank in \"a b@x\"" },
	{ NULL, "external_id,is supervisor\n1,maybe\n", ":2:3: column \"is supervisor\": \"maybe\" is neither yes nor no" },
	{ NULL, "external_id,hierarchy_only\n1,2\n", ":2:3: column \"hierarchy_only\": \"2\" is neither" },
	{ NULL, "external_id,status\n1,active\n2,on leave\n", ":3:3: column \"status\": whether \"on leave\" means active" },
	{ NULL, "external_id,role_id\n1,4\n", ":2:3: column \"role_id\": \"4\" is no role" },
	/* bytes */
	{ NULL, "external_id,name\n1,\"A\n2,B\n", ":2:3: the quotes that begin here do not end" },
	{ NULL, "external_id,name\n1,M\xfcller\n", ":2:4: this is not UTF-8" },
	{ NULL, "external_id,name\n1,A \"B\"\n", ":2:5: a quote within a text" },
	/* JSON */
	{ NULL, "[{\"email\":\"a@x\"},\n {\"email\":\"b@x\",}]", ":2:17: malformed JSON at byte 34: unexpected \"}\"" },
	{ NULL, "\xef\xbb\xbf[\n\xff]", ":2:1: malformed JSON at byte 2: unexpected byte 0xff" },
	{ NULL, "\xef\xbb\xbf[{\"email\":\"a@x\"},1]", ":1:18: a person is number" },
	{ NULL, "[{\"email\":\"a@x\"}", ":1:17: malformed JSON at byte 16: the text ends too early" },
	{ NULL, "[{\"email\":\"M\xfcller\"}]", ":1:13: malformed JSON at byte 12: text that is not UTF-8" },
	{ NULL, "[\n 1]", ":2:2: a person is number, should be an object" },
	{ NULL, "[{\"email\":\"\\ud800\"}]", ":1:2: a text has half of a character" },
	{ NULL, "[{\"email\":\"a\\u0000\"}]", ":1:2: \"email\": the character U+0000 is in it" },
	{ NULL, "[{\"email\":{\"work\":\"a@x\"}}]", ":1:2: \"email\": this is object, should be text; FILE_MAP can name a "
	  "part of it, such as \"email.name\"" },
	{ "{\"department\":\"org.unit\"}", "[{\"email\":\"a@x\",\"org\":{}}]", ": nobody has \"org.unit\" (FILE_MAP: "
	  "department)" },
	{ NULL, "[{\"email\":\"a@x\"},\n\n   {\"email\":\"A@X\"}]", ":3:4: \"email\": \"a@x\" is that of line 1"
	  " already" },
	{ NULL, "{\"people\":[],\n\"x\":1}", ": this is neither a list of people nor" },
	{ NULL, "{\"users\":[],\n\"users\":[{\"email\":\"a@x\"}]}", ":2:10: a second list of people" },
	{ NULL, "{\"email\":\"a@x\"}\n{\"email\":\"b@x\"", ":2:15: malformed JSON at byte 14: the text ends too early" },
	{ NULL, "{\"email\":\"a@x\"}\n\n{\"name\":\"b\"}\n", ":3:1: this person has neither" },
	{ NULL, "{\"email\":\"a@x\"}\n[1]\n", ":2:1: a person is list, should be an object" },
	{ NULL, "{\"email\":\"a@x\"}\n5\n", ":2:1: a person is number, should be an object" },
	{ NULL, "{\"email\":\"a@x\"} {}\n", ":1:17: malformed JSON at byte 16: unexpected \"{\"" },
};

static void test_bad(void)
{
	struct buf users;
	struct error e;
	char want[400];
	size_t i;

	quiet();
	buf_init(&users, 1 << 20);
	for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		check_row(bad[i].text);
		CHECK_INT(load_settings(bad[i].map, NULL, &e), 0);
		CHECK_INT(fetch(str_from(bad[i].text), &users, &e), bad[i].says != NULL ? -1 : 0);
		if (bad[i].says == NULL)
			continue;
		CHECK_INT(e.kind, ERROR_FAILED);
		snprintf(want, sizeof want, "%s%s", check_file("people.txt"), bad[i].says);
		CHECK_MEM(e.text, strlen(e.text) < strlen(want) ? strlen(e.text) : strlen(want), want, strlen(want));
	}
	check_row(NULL);
	buf_release(&users);
	settings_release();
}

static void test_maps(void)
{
	static const struct { const char *map, *says; } rows[] = {
		{ "{", "FILE_MAP: malformed JSON at byte 1: the text ends too early" },
		{ "[]", "FILE_MAP is list, should be an object such as {\"email\":\"Work e-mail\"}" },
		{ "{\"emial\":\"x\"}", "FILE_MAP: \"emial\" is none of our fields; did you mean \"email\"?" },
		{ "{\"Personnel number\":\"external_id\"}", "FILE_MAP: \"Personnel number\" is none of our fields; it is"
		  " {\"our field\":\"column of the file\"}, as in {\"email\":\"Work e-mail\"}" },
		{ "{\"email\":1}", "FILE_MAP: \"email\" is number, should be the name of a column or a list of them" },
		{ "{\"email\":[[\"x\"]]}", "FILE_MAP: \"email\" is list, should be the name of a column or a list of them" },
		{ "{\"email\":\"a\",\"email\":\"b\"}", "FILE_MAP: \"email\" is there twice" },
	};
	struct buf users;
	struct error e;
	size_t i;

	quiet();
	buf_init(&users, 1 << 20);
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		check_row(rows[i].map);
		CHECK_INT(load_settings(rows[i].map, NULL, &e), 0);
		CHECK_INT(fetch(STR("email\n"), &users, &e), -1);
		CHECK_INT(e.kind, ERROR_USAGE);
		CHECK_STR(e.text, rows[i].says);
	}
	check_row(NULL);
	buf_release(&users);
	settings_release();
}

/* Words that mean active, and FILE_ACTIVE_STATUSES. */
static void test_statuses(void)
{
	static const struct { const char *list, *status; int active; } rows[] = {
		{ NULL, "", 1 }, { NULL, "ACTIVE", 1 }, { NULL, "aktiv", 1 }, { NULL, "1", 1 }, { NULL, "WAHR", 1 },
		{ NULL, "Terminated", 0 }, { NULL, "FA\xc5\x81SZ", 0 }, { NULL, "no", 0 }, { NULL, "on leave", -1 },
		{ "On leave, active", "on leave", 1 }, { "On leave, active", "Active", 1 }, { "On leave", "active", 0 },
		{ "On leave", "", -1 },
	};
	struct buf users;
	struct error e;
	char text[100];
	size_t i;

	quiet();
	buf_init(&users, 1 << 20);
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		check_row(rows[i].status);
		CHECK_INT(load_settings(NULL, rows[i].list, &e), 0);
		snprintf(text, sizeof text, "email,status\na@x,%s\n", rows[i].status);
		CHECK_INT(fetch(str_from(text), &users, &e), rows[i].active < 0 ? -1 : 0);
		if (rows[i].active >= 0)
			CHECK((strstr(buf_text(&users), "\"status\":\"active\",\"s") != NULL) == rows[i].active);
	}
	check_row(NULL);
	buf_release(&users);
	settings_release();
}

/* A record of so many bytes, in each format. */
static void put_record(struct buf *text, int format, size_t bytes)
{
	static const char *const begin[] = { "email,x\na@x,", "[{\"email\":\"a@x\",\"x\":\"", "{\"email\":\"a@x\",\"x\":\"" };
	static const char *const end[] = { "", "\"}]", "\"}" };
	size_t i;

	buf_reset(text);
	buf_puts(text, begin[format]);
	for (i = 0; i < bytes; i++)
		buf_putc(text, 'y');
	buf_puts(text, end[format]);
}

static void test_sizes(void)
{
	static const char *const says[] = {
		":2:1: the record that begins here is larger than 1048576 bytes",
		":1:2: the JSON value at byte 1 is larger than 1048576 bytes",
		":1:1: the JSON value at byte 0 is larger than 1048576 bytes"
	};
	struct buf text, users;
	struct error e;
	int i;

	quiet();
	buf_init(&text, 2 * MAX_RECORD);
	buf_init(&users, 2 * MAX_RECORD);
	CHECK_INT(load_settings(NULL, NULL, &e), 0);
	for (i = 0; i < 3; i++) {
		check_row(says[i]);
		put_record(&text, i, 300000);
		CHECK_INT(fetch(buf_str(&text), &users, &e), 0);
		put_record(&text, i, MAX_RECORD - 1000);
		CHECK_INT(fetch(buf_str(&text), &users, &e), 0);
		put_record(&text, i, MAX_RECORD - 30);
		CHECK_INT(fetch(buf_str(&text), &users, &e), -1);
		CHECK(strstr(e.text, "this person is larger than 1048576 bytes") != NULL);
		put_record(&text, i, MAX_RECORD);
		CHECK_INT(fetch(buf_str(&text), &users, &e), -1);
		CHECK(strstr(e.text, says[i]) != NULL);
	}
	check_row(NULL);
	buf_release(&text);
	buf_release(&users);
	settings_release();
}

static void test_paths(void)
{
	struct source_read read = { 0 };
	char users[400], folder[400];
	struct error e;

	quiet();
	snprintf(users, sizeof users, "%s", check_file("users.json"));
	snprintf(folder, sizeof folder, "%s", check_file("folder"));
	read.path = users;
	CHECK_INT(load_settings(NULL, NULL, &e), 0);
	CHECK_INT(source_fetch(source_find("file"), &read, NULL, &e), -1);
	CHECK(e.kind == ERROR_FAILED && strstr(e.text, "FILE_PATH: ") != NULL && strstr(e.text, "people.txt") != NULL);
	CHECK_INT(port_make_dirs(folder, &e), 0);
	CHECK_INT(load_path(folder, NULL, NULL, &e), 0);
	CHECK_INT(source_fetch(source_find("file"), &read, NULL, &e), -1);
	CHECK(strstr(e.text, "is a folder, should be a file") != NULL);
	CHECK_INT(load_path("", NULL, NULL, &e), 0);
	CHECK_INT(source_fetch(source_find("file"), &read, NULL, &e), -1);
	CHECK(e.kind == ERROR_USAGE && strstr(e.text, "FILE_PATH is not set") != NULL);
	settings_release();
}

static void take_line(void *cookie, const char *line)
{
	buf_puts(cookie, line);
	buf_putc(cookie, '\n');
}

static void test_check(void)
{
	struct source_watch watch = { NULL, take_line, NULL, NULL, NULL };
	struct error e;
	struct buf lines;

	quiet();
	buf_init(&lines, 1 << 16);
	watch.cookie = &lines;
	CHECK_INT(load_settings("{\"email\":\"Mail\"}", NULL, &e), 0);
	CHECK_INT(store_save(check_file("people.txt"), STR("Mail,job title\na@x,T\nb@x,\n"), &e), 0);
	CHECK_INT(source_check(source_find("file"), &watch, &e), 0);
	CHECK(strstr(buf_text(&lines), "email: from \"Mail\"\njob_title: from \"job title\"\n") != NULL);
	CHECK(strstr(buf_text(&lines), ", CSV, 2 people: ok\n") != NULL);
	CHECK_INT(store_save(check_file("people.txt"), STR("Mail,job title\na@x\n"), &e), 0);
	CHECK_INT(source_check(source_find("file"), &watch, &e), -1);
	buf_release(&lines);
	settings_release();
}

CHECK_SUITE(source_file, CHECK_TEST(good), CHECK_TEST(bad), CHECK_TEST(maps), CHECK_TEST(statuses),
	    CHECK_TEST(sizes), CHECK_TEST(paths), CHECK_TEST(check));
