/* People of one read: pages that come anew or twice, and managers level by level. */
#include <string.h>

#include "base/buf.h"
#include "check.h"
#include "source/source.h"
#include "source/source_work.h"
#include "store/store.h"

/* What a step does with the people; its parts are words. */
struct step {
	enum {
		END, PAGE,		/* the next page, asked for with this link ("-": none) */
		AGAIN,			/* its answer begins anew */
		ADD,			/* key and manager, "-" for nothing */
		SEEN, LEFT_OUT, HAS, HAS_NOT,
		MANAGERS		/* level by level, so many at a time */
	} what;
	const char *text;
	long batch;
};

/* Managers whom the service of a test has, "key manager" each. */
static const char *const managers[] = { "m1 top", "m2 top", "m3 m1", "top a", NULL };

static const struct row {
	const char *name;
	struct step steps[12];
	int each;			/* with people_each() instead of people_emit() */
	const char *want;		/* keys in order; after people_each() with a star for managers; NULL: it
					 * fails */
	const char *asked;		/* managers asked for, a bar after each request */
} rows[] = {
	{ "in order", { { PAGE, "-", 0 }, { ADD, "b -", 0 }, { ADD, "a -", 0 }, { PAGE, "-", 0 }, { ADD, "c -", 0 } }, 0,
	  "b a c", "" },
	{ "a broken answer is void", { { PAGE, "-", 0 }, { ADD, "a -", 0 }, { PAGE, "-", 0 }, { ADD, "b -", 0 },
	  { SEEN, "row", 0 }, { AGAIN, "", 0 }, { HAS_NOT, "b", 0 }, { HAS, "a", 0 }, { SEEN, "row", 0 }, { ADD, "c -", 0 } },
	  0, "a c", "" },
	{ "a row of an earlier page is not void", { { PAGE, "-", 0 }, { SEEN, "row", 0 }, { PAGE, "-", 0 }, { AGAIN, "", 0 },
	  { SEEN, "row", 0 } }, 0, NULL, "" },
	{ "a key twice", { { PAGE, "-", 0 }, { ADD, "a -", 0 }, { PAGE, "-", 0 }, { ADD, "a -", 0 } }, 0, NULL, "" },
	{ "no key twice", { { PAGE, "-", 0 }, { ADD, "- -", 0 }, { ADD, "- -", 0 } }, 0, "- -", "" },
	{ "a row twice", { { PAGE, "-", 0 }, { SEEN, "a", 0 }, { LEFT_OUT, "", 0 }, { SEEN, "a", 0 } }, 0, NULL, "" },
	{ "a link twice", { { PAGE, "x", 0 }, { PAGE, "y", 0 }, { PAGE, "x", 0 } }, 0, NULL, "" },
	{ "levels", { { PAGE, "-", 0 }, { ADD, "a m2", 0 }, { ADD, "b m1", 0 }, { ADD, "c a", 0 }, { ADD, "d m2", 0 },
	  { MANAGERS, "", 9 } }, 0, "a b c d m1 m2 top", "m1 m2 | top |" },
	{ "one at a time", { { PAGE, "-", 0 }, { ADD, "a m3", 0 }, { ADD, "b m2", 0 }, { MANAGERS, "", 1 } }, 0,
	  "a b m2 m3 m1 top", "m2 | m3 | m1 | top |" },
	{ "unknown ones are asked for once", { { PAGE, "-", 0 }, { ADD, "b no", 0 }, { ADD, "c m1", 0 }, { MANAGERS, "", 9 } },
	  0, "b c m1 top", "m1 no | top | a |" },
	{ "who is a manager", { { PAGE, "-", 0 }, { ADD, "a m1", 0 }, { ADD, "b a", 0 }, { ADD, "- -", 0 },
	  { MANAGERS, "", 9 } }, 1, "a* b - m1* top*", "m1 | top |" },
	{ "nobody", { { PAGE, "-", 0 } }, 0, "", "" },
};

static const struct row *present;
static struct people *people;
static struct buf asked, emitted;

/* Splits "key manager"; a dash is empty. */
static void read_pair(const char *text, struct str *key, struct str *manager)
{
	struct str rest = str_from(text);

	*key = *manager = str_from("");
	str_next(&rest, ' ', key);
	str_next(&rest, ' ', manager);
	if (str_eqz(*key, "-"))
		*key = str_from("");
	if (str_eqz(*manager, "-"))
		*manager = str_from("");
}

static int add(const char *text, struct error *e)
{
	struct person p = { .name = { "x", 1 }, .is_supervisor = -1 };
	struct str manager;

	read_pair(text, &p.external_id, &manager);
	if (!present->each)
		return people_add(people, p.external_id, manager, &p, e);
	return people_add_text(people, p.external_id, manager, p.external_id.len ? p.external_id : STR("-"), e);
}

static int ask(void *cookie, uint64_t n, struct error *e)
{
	const char *const *m;
	struct str key;

	(void)cookie;
	if (people_page(people, str_from(NULL), e) != 0)
		return -1;
	while (n-- > 0) {
		if (people_next_missing(people, &key, e) != 1)
			return -1;
		buf_printf(&asked, "%.*s ", STR_ARG(key));
	}
	buf_puts(&asked, "| ");
	for (m = managers; *m; m++) {	/* all of them, wanted or not, each twice */
		struct str manager;
		int i;

		read_pair(*m, &key, &manager);
		for (i = 0; i < 2; i++)
			if (people_is_missing(people, key, e) == 1 && str_find(buf_str(&asked), 0, key) < asked.len &&
			    add(*m, e) != 0)
				return -1;
	}
	return 0;
}

static int do_step(const struct step *s, struct error *e)
{
	switch (s->what) {
	case PAGE:
		return people_page(people, str_from(s->text[0] == '-' ? NULL : s->text), e);
	case AGAIN:
		return people_begin(people, e);
	case ADD:
		return add(s->text, e);
	case SEEN:
		return people_seen(people, str_from(s->text), e);
	case LEFT_OUT:
		people_leave_out(people, "without reason");
		return 0;
	case HAS:
		return people_has(people, str_from(s->text), e) == 1 ? 0 : -1;
	case HAS_NOT:
		return people_has(people, str_from(s->text), e) == 0 ? 0 : -1;
	default:
		return people_find_managers(people, (uint64_t)s->batch, ask, NULL, e);
	}
}

static int note_person(void *cookie, struct str text, int is_manager, struct error *e)
{
	(void)cookie;
	(void)e;
	buf_printf(&emitted, "%s%.*s%s", emitted.len ? " " : "", STR_ARG(text), is_manager ? "*" : "");
	return 0;
}

static int fake_fetch(struct source_run *run, struct error *e)
{
	const struct step *s;
	int rc = 0;

	people = people_open(run, e);
	if (!people)
		return -1;
	for (s = present->steps; rc == 0 && s->what != END; s++)
		rc = do_step(s, e);
	if (rc == 0)
		rc = present->each ? people_each(people, note_person, NULL, e) : people_emit(people, e);
	people_close(people);
	return rc;
}

static const struct setting no_settings[] = { { NULL, SETTING_TEXT, NULL, 0, NULL } };
static const struct source fake = {
	.name = "fake", .title = "Fake", .settings = no_settings, .fetch = fake_fetch
};

/* The ids in users.json. */
static void take_ids(const char *path)
{
	struct buf text;
	size_t at = 0;

	buf_init(&text, 1 << 20);
	CHECK_INT(store_load(path, &text, NULL), 0);
	while ((at = str_find(buf_str(&text), at, STR("\"external_id\":\""))) < text.len) {
		size_t end = str_find_char(buf_str(&text), at += 15, '"');

		buf_printf(&emitted, "%s%.*s", emitted.len ? " " : "", end > at ? (int)(end - at) : 1,
			   end > at ? text.data + at : "-");
	}
	buf_release(&text);
}

static void test_rows(void)
{
	struct source_read read = { 0 };
	struct error e;
	size_t i;
	int rc;

	buf_init(&asked, 1000);
	buf_init(&emitted, 1000);
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		present = &rows[i];
		check_row(present->name);
		error_init(&e);
		buf_reset(&asked);
		buf_reset(&emitted);
		read.path = check_file("users.json");
		read.accept_shrink = 1;
		rc = source_fetch(&fake, &read, NULL, &e);
		CHECK_INT(rc, present->want ? 0 : -1);
		CHECK_INT(e.kind, present->want ? ERROR_NONE : ERROR_UPSTREAM);
		if (present->want && !present->each)
			take_ids(read.path);
		if (asked.len > 0)
			buf_truncate(&asked, asked.len - 1);
		CHECK_STR(buf_text(&emitted), present->want ? present->want : "");
		CHECK_STR(buf_text(&asked), present->asked);
	}
	check_row(NULL);
	buf_release(&asked);
	buf_release(&emitted);
}

CHECK_SUITE(source_work, CHECK_TEST(rows));
