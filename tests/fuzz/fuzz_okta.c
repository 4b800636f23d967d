#include "fuzz/fuzz.h"

#include "base/json_write.h"
#include "base/limits.h"
#include "base/unicode.h"
#include "fuzz/world.h"
#include "source/source_okta_int.h"

static void check_person(struct okta_person *p)
{
	struct json_write w;
	struct error e;

	FUZZ_CHECK(p->id.len > 0 && utf8_valid(p->id) && utf8_valid(p->match) && utf8_valid(p->manager_key));
	FUZZ_CHECK(utf8_valid(p->person.name) && utf8_valid(p->person.email));
	json_write_init(&w, 0, NULL, NULL, 8 * MAX_RECORD);
	person_write(&w, &p->person);
	FUZZ_CHECK(json_write_finish(&w, &e) == 0 && world_is_json(buf_str(&w.out)));
	json_write_release(&w);
}

/* A record, and before it the choice of fields. Who is read can be written. */
void fuzz_okta(struct str input)
{
	static const char *const fields[] = { "id", "email", "displayName", "type.id", "a", "a.b", "profile.login", "." };
	struct okta_rules rules = { .statuses = { "ACTIVE,B", 8 }, .excluded = { "x, y", 4 } };
	unsigned choice = fuzz_choice(&input);
	struct okta_reader reader;
	struct okta_person p;
	struct error e;

	rules.external_id = str_from(fields[choice & 7]);
	rules.email = rules.name = str_from(fields[(choice >> 1) & 7]);
	rules.department = rules.manager = str_from(fields[(choice >> 3) & 7]);
	rules.title = rules.supervisor.field = str_from(fields[(choice >> 5) & 7]);
	rules.match = str_from(fields[(choice >> 4) & 7]);
	if (input.len == 0 || !world_is_json(input))
		return;
	error_init(&e);
	okta_reader_init(&reader, &rules);
	if (okta_person_read(&reader, input, &p, &e) == 0) {
		check_person(&p);
		FUZZ_CHECK(okta_person_demote(&reader, &p, &e) == 0);
		check_person(&p);
	} else {
		FUZZ_CHECK(e.kind != ERROR_NONE);
	}
	okta_reader_release(&reader);
}
