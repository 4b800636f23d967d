#include "source/source.h"

#include <string.h>

#include "base/codec.h"
#include "base/json_slice.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/settings.h"
#include "source/source_bamboohr_int.h"

#define DEFAULT_URL "https://api.bamboohr.com"
#define MANAGERS_AT_ONCE 500	/* asked for in one request; they come on one page */

const struct setting bamboohr_settings[] = {
	{ "BAMBOOHR_SUBDOMAIN", SETTING_TEXT, NULL, 0,
	  "name of the account: acme, where people sign in at acme.bamboohr.com" },
	{ "BAMBOOHR_API_KEY", SETTING_TEXT, NULL, SETTING_SECRET, "API key; it sees what its owner sees" },
	{ "BAMBOOHR_API_URL", SETTING_TEXT, DEFAULT_URL, SETTING_RARE, "address of the service" },
	{ "BAMBOOHR_EXCLUDE_FILTER", SETTING_TEXT, NULL, SETTING_RARE,
	  "one more filter that everybody must pass, as BambooHR's JSON: "
	  "{\"field\":...,\"operator\":...,\"value\":...}" },
	{ "BAMBOOHR_EXCLUDED_DEPARTMENTS", SETTING_LIST, NULL, 0,
	  "departments to leave out, separated by commas" },
	{ "BAMBOOHR_SUPERVISOR_RULE", SETTING_TEXT, NULL, 0,
	  "field:value; who has that value is a supervisor" },
	{ NULL, SETTING_TEXT, NULL, 0, NULL }
};

/* ---- answers ------------------------------------------------------------------------------------------- */

enum { PATH_ROW, PATH_PAGING };
static const char *const paths[] = { "data[*]", "pagination", NULL };

static int64_t number_in(struct str object, const char *key)
{
	struct str value = json_slice_member(object, str_from(key));
	int64_t n;

	if (value.len > 2 && value.ptr[0] == '"')
		value = str_sub(value, 1, value.len - 2);
	return value.ptr && str_to_i64(value, &n) == 0 && n >= 0 ? n : -1;
}

static void page_reset(struct page *p)
{
	p->rows = 0;
	p->more = 0;
	p->number = p->pages = p->total = -1;
}

static int begin_answer(void *cookie, struct error *e)
{
	struct bamboohr *b = cookie;

	page_reset(&b->page);
	return people_begin(b->people, e);
}

static int take_value(void *cookie, const struct json_match *m, struct str raw, struct error *e)
{
	struct bamboohr *b = cookie;

	if (m->round > 1)
		return error_set(e, ERROR_UPSTREAM, "the answer has the member \"%s\" twice",
				 m->path == PATH_ROW ? "data" : paths[m->path]);
	if (m->path == PATH_ROW)
		return bamboohr_take_row(b, raw, e);
	b->page.more = !json_slice_is_empty(json_slice_member(raw, STR("next_page")));
	b->page.number = number_in(raw, "current_page");
	b->page.pages = number_in(raw, "total_pages");
	b->page.total = number_in(raw, "total_records");
	return 0;
}

/* ---- requests ------------------------------------------------------------------------------------------ */

static void put_fields(struct json_write *w, const struct supervisor_rule *rule)
{
	int i, known = 0;

	json_put_keyz(w, "fields");
	json_begin_array(w);
	for (i = 0; i < FIELD_COUNT; i++) {
		json_put_text(w, str_from(bamboohr_fields[i]));
		known |= str_eqz(rule->field, bamboohr_fields[i]);
	}
	if (rule->field.len > 0 && !known)
		json_put_text(w, rule->field);
	json_end_array(w);
}

static void begin_filters(struct json_write *w, const char *match)
{
	buf_reset(&w->out);
	json_begin_object(w);
	json_put_keyz(w, "filters");
	json_begin_object(w);
	json_put_member(w, "match", str_from(match));
	json_put_keyz(w, "filters");
	json_begin_array(w);
}

static void put_filter(struct json_write *w, enum field field, const char *operator)
{
	json_begin_object(w);
	json_put_member(w, "field", str_from(bamboohr_fields[field]));
	json_put_member(w, "operator", str_from(operator));
	json_put_keyz(w, "value");
}

/* What everybody of the list must pass. */
static void put_list_filters(struct bamboohr *b)
{
	struct json_write *w = &b->head;

	begin_filters(w, "all");
	if (b->filter.ptr)
		json_put_raw(w, b->filter);
	put_filter(w, EMPLOYMENT, "does_not_include");
	json_begin_array(w);
	json_put_text(w, STR("Terminated"));
	json_end_array(w);
	json_end_object(w);
}

/* The next missing managers. */
static int put_manager_filters(struct bamboohr *b, uint64_t n, struct error *e)
{
	struct str number;

	begin_filters(&b->head, "any");
	while (n-- > 0) {
		if (people_next_missing(b->people, &number, e) != 1)
			return -1;
		put_filter(&b->head, NUMBER, "equal");
		json_put_text(&b->head, number);
		json_end_object(&b->head);
	}
	return 0;
}

/* Ends the filters and the body. */
static int put_rest(struct bamboohr *b, struct error *e)
{
	json_end_array(&b->head);
	json_end_object(&b->head);
	put_fields(&b->head, &b->rule);
	json_end_object(&b->head);
	return json_write_finish(&b->head, e);
}

/* The page is asked for in the body and in the address: the documentation wants the latter, the service has
 * always taken the former. */
static int put_page(struct bamboohr *b, uint64_t page, struct error *e)
{
	buf_reset(&b->url);
	buf_reset(&b->body);
	buf_put_str(&b->url, buf_str(&b->path));
	buf_put_str(&b->body, str_sub(buf_str(&b->head.out), 0, b->head.out.len - 1));
	if (page > 1 || !b->managers) {
		buf_printf(&b->url, "?page=%llu", (unsigned long long)page);
		buf_printf(&b->body, ",\"page\":%llu", (unsigned long long)page);
	}
	buf_putc(&b->body, '}');
	if (buf_check(&b->url, "the address of a page", e) != 0)
		return -1;
	return buf_check(&b->body, "a request", e);
}

static int ask_page(struct bamboohr *b, uint64_t page, struct error *e)
{
	struct web_request r = { 0 };
	struct web_answer answer;

	if (put_page(b, page, e) != 0 || people_page(b->people, str_from(NULL), e) != 0)
		return -1;
	page_reset(&b->page);
	r.method = "POST";
	r.url = buf_str(&b->url);
	r.body = buf_str(&b->body);
	r.paths = paths;
	r.value = take_value;
	r.begin = begin_answer;
	r.cookie = b;
	if (web_call(&b->web, &r, &answer, e) != 0)
		return -1;
	if (!answer.saw[PATH_ROW] && !answer.null[PATH_ROW])
		return error_set(e, ERROR_UPSTREAM, "BambooHR: the answer has no list \"data\"");
	return 0;
}

/* All pages of what stands in b->head. A page number that does not move would go round for ever: the service
 * answers one that is too high with the last page. So would empty pages, unless it says how many there are.
 */
static int ask_pages(struct bamboohr *b, struct error *e)
{
	uint64_t page = 0, rows = 0;

	do {
		if (ask_page(b, ++page, e) != 0)
			return -1;
		rows += b->page.rows;
		if (page > 1 && b->page.number >= 0 && (uint64_t)b->page.number != page)
			return error_set(e, ERROR_UPSTREAM, "BambooHR: page %lld came in place of page %llu",
					 (long long)b->page.number, (unsigned long long)page);
		if (b->page.more && b->page.rows == 0 && b->page.number >= b->page.pages)
			return error_set(e, ERROR_UPSTREAM, "BambooHR: page %llu is empty, yet there is a "
					 "next one", (unsigned long long)page);
	} while (b->page.more);
	if (b->page.total >= 0 && (uint64_t)b->page.total != rows)
		return error_set(e, ERROR_UPSTREAM, "BambooHR: %llu employees came, %lld were announced: the "
				 "list has changed while it was read; try again", (unsigned long long)rows,
				 (long long)b->page.total);
	return 0;
}

static int ask_managers(void *cookie, uint64_t n, struct error *e)
{
	struct bamboohr *b = cookie;

	b->managers = 1;
	return put_manager_filters(b, n, e) != 0 || put_rest(b, e) != 0 ? -1 : ask_pages(b, e);
}

/* ---- fetch --------------------------------------------------------------------------------------------- */

static const struct web_kind kind = {
	.title = "BambooHR",
	.record_id = "employeeNumber",
	.denied = "check BAMBOOHR_API_KEY",
	.forbidden = "the owner of BAMBOOHR_API_KEY needs an access level that may see the employees and "
		     "their fields",
	.missing = "check BAMBOOHR_SUBDOMAIN",
	.reason = "X-BambooHR-Error-Message",
};

static int bamboohr_open(struct bamboohr *b, struct error *e)
{
	const char *account = settings_required("BAMBOOHR_SUBDOMAIN", e), *key;
	const char *base = settings_text("BAMBOOHR_API_URL");

	if (!account || !(key = settings_required("BAMBOOHR_API_KEY", e)))
		return -1;
	if (strpbrk(account, "./:"))
		return error_set(e, ERROR_USAGE, "BAMBOOHR_SUBDOMAIN is the name before .bamboohr.com alone");
	supervisor_rule_load(&b->rule, "BAMBOOHR_SUPERVISOR_RULE");
	b->excluded = str_from(settings_text("BAMBOOHR_EXCLUDED_DEPARTMENTS"));
	b->filter = rules_json_object("BAMBOOHR_EXCLUDE_FILTER");
	if (json_slice_is_empty(b->filter))
		b->filter = str_from(NULL);
	rules_today(b->today);
	buf_puts(&b->path, "/api/gateway.php/");
	percent_encode(&b->path, str_from(account), NULL);
	buf_puts(&b->path, "/v1/datasets/employee");
	if (buf_check(&b->path, "BAMBOOHR_SUBDOMAIN", e) != 0)
		return -1;
	return web_open(&b->web, &kind, b, "BAMBOOHR_API_URL", base[0] ? base : DEFAULT_URL, e) != 0 ?
	       -1 : web_authorize_basic(&b->web, key, "x", e);
}

static void bamboohr_init(struct bamboohr *b)
{
	memset(b, 0, sizeof(*b));
	arena_init(&b->arena, 2 * MAX_RECORD);
	json_write_init(&b->head, 0, NULL, NULL, MAX_RECORD);
	buf_init(&b->body, MAX_RECORD + MAX_URL);
	buf_init(&b->path, MAX_URL);
	buf_init(&b->url, MAX_URL);
}

static void bamboohr_release(struct bamboohr *b)
{
	web_close(&b->web);
	people_close(b->people);
	arena_release(&b->arena);
	json_write_release(&b->head);
	buf_release(&b->body);
	buf_release(&b->path);
	buf_release(&b->url);
}

static int read_people(struct bamboohr *b, struct error *e)
{
	put_list_filters(b);
	if (put_rest(b, e) != 0 || ask_pages(b, e) != 0)
		return -1;
	if (b->rows > 0 && b->with_email == 0)
		log_warning("no employee has an e-mail; may the owner of BAMBOOHR_API_KEY see that field?");
	return people_find_managers(b->people, MANAGERS_AT_ONCE, ask_managers, b, e) != 0 ? -1 :
	       people_emit(b->people, e);
}

static int bamboohr_fetch(struct source_run *run, struct error *e)
{
	struct bamboohr b;
	int rc = -1;

	bamboohr_init(&b);
	if (bamboohr_open(&b, e) == 0 && (b.people = people_open(run, e)) != NULL)
		rc = read_people(&b, e);
	bamboohr_release(&b);
	return rc;
}

/* ---- check --------------------------------------------------------------------------------------------- */

static int check_value(void *cookie, const struct json_match *m, struct str raw, struct error *e)
{
	struct bamboohr *b = cookie;
	struct str values[FIELD_COUNT];
	int i;

	(void)e;
	if (m->path != PATH_ROW)
		return 0;
	bamboohr_read_fields(raw, values);
	b->rows++;
	for (i = 0; i < FIELD_COUNT; i++)
		if (values[i].ptr)
			b->has[i] = 1;
	return 0;
}

/* Fields that the key's owner may not see are not in the rows. */
static void note_fields(struct source_run *run, const struct bamboohr *b)
{
	static const enum field needed[] = { NUMBER, NAME, EMAIL, DEPARTMENT, DIVISION, TITLE, SUPERVISOR,
					     EMPLOYMENT, HIRED };
	struct buf line;
	size_t i;

	buf_init(&line, MAX_LOG_LINE);
	for (i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		if (!b->has[needed[i]])
			buf_printf(&line, " %s", bamboohr_fields[needed[i]]);
	if (line.len > 0)
		source_note(run, "warning: no permission for the fields%s; the access level of the owner of "
			    "BAMBOOHR_API_KEY does not include them", buf_text(&line));
	else
		source_note(run, "fields: ok");
	buf_release(&line);
}

static int check_steps(struct source_run *run, struct bamboohr *b, struct error *e)
{
	struct web_request r = { 0 };
	struct web_answer answer;

	if (bamboohr_open(b, e) != 0)
		return -1;
	source_note(run, "settings: ok");
	put_list_filters(b);
	if (put_rest(b, e) != 0 || put_page(b, 1, e) != 0)
		return -1;
	buf_puts(&b->url, "&page_size=1");
	r.method = "POST";
	r.url = buf_str(&b->url);
	r.body = buf_str(&b->body);
	r.paths = paths;
	r.value = check_value;
	r.cookie = b;
	if (web_call(&b->web, &r, &answer, e) != 0)
		return -1;
	source_note(run, "connection and key: ok");
	if (b->rows == 0)
		return error_set(e, ERROR_FAILED, "nobody is in the list; check BAMBOOHR_EXCLUDE_FILTER, and "
				 "that the owner of BAMBOOHR_API_KEY may see the employees");
	note_fields(run, b);
	return 0;
}

static int bamboohr_check(struct source_run *run, struct error *e)
{
	struct bamboohr b;
	int rc;

	bamboohr_init(&b);
	rc = check_steps(run, &b, e);
	bamboohr_release(&b);
	return rc;
}

const struct source source_bamboohr = {
	.name = "bamboohr",
	.title = "BambooHR",
	.settings = bamboohr_settings,
	.fetch = bamboohr_fetch,
	.check = bamboohr_check,
};
