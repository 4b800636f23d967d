#include "model/model.h"
#include "check.h"

static void test_write(void)
{
	static const struct {
		struct person p;
		const char *text;
	} rows[] = {
		{ { .is_supervisor = -1 }, "{}" },
		{ { .external_id = { "7", 1 }, .name = { "\"A\"", 3 }, .email = { "a@b", 3 }, .department = { "", 0 },
		    .status = { "active", 6 }, .is_supervisor = -1 },
		  "{\"external_id\":\"7\",\"name\":\"\\\"A\\\"\",\"email\":\"a@b\",\"department\":\"\","
		  "\"status\":\"active\"}" },
		{ { .external_id = { "7", 1 }, .real_email = { "r", 1 }, .job_title = { "J", 1 }, .supervisor_id = { "3", 1 },
		    .role_id = { "2", 1 }, .force_supervisor_role = 1, .force_global_admin_role = 1, .hierarchy_only = 1,
		    .raw_data = { "{\"x\": [1]}", 10 } },
		  "{\"external_id\":\"7\",\"real_email\":\"r\",\"job_title\":\"J\",\"supervisor_id\":\"3\","
		  "\"role_id\":\"2\",\"is_supervisor\":false,\"force_supervisor_role\":true,"
		  "\"force_global_admin_role\":true,\"hierarchy_only\":true,\"raw_data\":{\"x\": [1]}}" },
		{ { .is_supervisor = 1 }, "{\"is_supervisor\":true}" }
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct json_write w;
		struct error e;

		json_write_init(&w, 0, NULL, NULL, 1000);
		person_write(&w, &rows[i].p);
		CHECK_INT(json_write_finish(&w, &e), 0);
		CHECK_STR(buf_text(&w.out), rows[i].text);
		json_write_release(&w);
	}
}

/* The word null is a text like any other; only the mark is no text. */
static void test_null(void)
{
	struct person p = { .external_id = { "null", 4 }, .is_supervisor = -1 };
	struct json_write w;
	struct error e;

	p.job_title = person_null;
	json_write_init(&w, 0, NULL, NULL, 1000);
	person_write(&w, &p);
	CHECK_INT(json_write_finish(&w, &e), 0);
	CHECK_STR(buf_text(&w.out), "{\"external_id\":\"null\",\"job_title\":null}");
	json_write_release(&w);
}

CHECK_SUITE(person, CHECK_TEST(write), CHECK_TEST(null));
