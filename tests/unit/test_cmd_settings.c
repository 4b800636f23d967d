#include "app/cmd_settings.c"
#include "check.h"
#include "port.h"

static void test_rows(void)
{
	const struct setting_group *g, *h;
	const struct setting *row, *other;

	for (g = app_setting_groups; g->title; g++)
		for (row = g->rows; row->name; row++) {
			int seen = 0;

			check_row(row->name);
			CHECK(row->help && row->help[0]);
			CHECK(setting_fault(row, str_from(row->def)) == NULL || !row->def);
			for (h = app_setting_groups; h->title; h++)
				for (other = h->rows; other->name; other++)
					seen += strcmp(row->name, other->name) == 0;
			CHECK_INT(seen, 1);
		}
}

/* docs/settings.md says what the tables say; "make docs" writes it. */
static void test_page_is_current(void)
{
	struct port_file *f = port_open("docs/settings.md", PORT_READ, NULL);
	struct buf page, now;
	char chunk[4096];
	long n;

	buf_init(&page, MAX_LISTING);
	buf_init(&now, MAX_LISTING);
	if (CHECK(f != NULL)) {
		while ((n = port_read(f, chunk, sizeof chunk, NULL)) > 0)
			buf_put(&page, chunk, (size_t)n);
		port_close(f, NULL);
	}
	list_markdown(&now);
	check_row("\"make docs\" brings the page up to date");
	CHECK(strcmp(buf_text(&page), buf_text(&now)) == 0);
	buf_release(&page);
	buf_release(&now);
}

static void test_listings(void)
{
	struct log_options silent = { LOG_ERROR, NULL, 0, 1 }, usual = { LOG_INFO, NULL, 0, 0 };
	const char *env = check_file("env");
	struct port_file *f = port_open(env, PORT_TRUNCATE, NULL);
	struct buf out;

	port_setenv("LDAP_PASSWORD", NULL);
	port_setenv("LDAP_HOST", NULL);
	port_setenv("LDAP_PAGE_SIZE", NULL);
	log_open(&silent, NULL);
	buf_init(&out, MAX_LISTING);
	if (CHECK(f != NULL)) {
		static const char text[] = "LDAP_PASSWORD=geheim\nLDAP_HOST='a\tgeheim'\n";

		CHECK_INT(port_write(f, text, sizeof text - 1, NULL), 0);
		port_close(f, NULL);
	}
	CHECK_INT(settings_load(app_setting_groups, env, NULL), 0);
	list_text(&out, 0);
	CHECK(strstr(buf_text(&out), "geheim") == NULL);
	CHECK(strstr(buf_text(&out), "  LDAP_PASSWORD=***  (") != NULL);
	CHECK(strstr(buf_text(&out), "  LDAP_HOST=a\\x09***  (") != NULL && strstr(buf_text(&out), "env:2)") != NULL);
	CHECK(strstr(buf_text(&out), "LDAP_PAGE_SIZE") == NULL);
	buf_reset(&out);
	list_text(&out, 1);
	CHECK(strstr(buf_text(&out), "  LDAP_PAGE_SIZE=1000  (default)") != NULL);
	buf_reset(&out);
	list_json(&out, 1);
	CHECK(strstr(buf_text(&out), "geheim") == NULL && buf_text(&out)[0] == '[');
	buf_reset(&out);
	list_env(&out);
	CHECK(strstr(buf_text(&out), "\n#LDAP_PORT=389\n") != NULL && strstr(buf_text(&out), "geheim") == NULL);
	settings_release();
	log_close();
	log_open(&usual, NULL);
	buf_release(&out);
}

CHECK_SUITE(cmd_settings, CHECK_TEST(rows), CHECK_TEST(page_is_current), CHECK_TEST(listings));
