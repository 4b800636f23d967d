#include <stdio.h>
#include <string.h>
#include "base/buf.h"
#include "check.h"
#include "prepare/tree.h"
#include "store/store.h"

static int collect(void *cookie, const char *data, size_t len, struct error *e)
{
	(void)e;
	buf_put(cookie, data, len);
	return 0;
}

#define ACCOUNT(id, name, path, status) \
	"{\"timecamp_external_id\":\"" id "\",\"timecamp_user_name\":\"" name "\"," \
	"\"timecamp_email\":\"" id "@x\",\"timecamp_groups_breadcrumb\":\"" path "\"," \
	"\"timecamp_status\":\"" status "\",\"timecamp_role\":\"user\"}"

static struct tree *load_tree(const char *text, struct error *e)
{
	char file[256];

	snprintf(file, sizeof file, "%s", check_file("tree.json"));
	error_init(e);
	return store_save(file, str_from(text), e) == 0 ? tree_load(file, e) : NULL;
}

static void test_csv(void)
{
	static const char want[] = "external_id,name,job_title,department,status,supervisor_id,role\r\n"
		"'=1,'+Ann,,'@A,active,,user\r\n\"2\"\"\",\"B\nC\",'-Lead,\"x,y\",inactive,,user\r\n";
	struct error e;
	struct tree *t = load_tree("[" ACCOUNT("=1", "+Ann", "@A", "active") ","
				   ACCOUNT("2\\\"", "-Lead [B\\nC]", "x,y", "inactive") "]", &e);
	struct buf out;

	buf_init(&out, 10000);
	if (CHECK(t != NULL)) {
		CHECK_INT(tree_csv(t, collect, &out, &e), 0);
		CHECK_STR(buf_text(&out), want);
	}
	tree_free(t);
	buf_release(&out);
}

static void test_refused(void)
{
	static const char *const rows[][2] = {
		{ "{}", "no list" }, { "[5]", "account 1" }, { "[{}]", "timecamp_external_id" },
		{ "[", "byte 1" },
		{ "[" ACCOUNT("1", "a", "<root>", "active") "]", "root group" }
	};
	struct error e;
	size_t i;

	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		check_row(rows[i][0]);
		CHECK(load_tree(rows[i][0], &e) == NULL);
		CHECK(strstr(e.text, rows[i][1]) != NULL);
	}
}

/* How often a text stands in another one. */
static int count(const char *text, const char *part)
{
	int n = 0;

	while ((text = strstr(text, part)) != NULL) {
		text += strlen(part);
		n++;
	}
	return n;
}

/* Names never become markup; the people of each group stand in it, and counts include what is below. */
static void test_html(void)
{
	static const struct { const char *part; int n; } rows[] = {
		{ "<script", 1 }, { "</script", 1 }, { "<img", 0 }, { "<svg", 0 }, { "<!--", 0 },
		{ "&lt;script&gt;alert(1)&lt;/script&gt;", 1 }, { "&quot;&gt;&lt;svg onload=x&gt;", 1 },
		{ "O&#39;Neil &amp; Sons", 1 },
		{ "<bdi>&lt;img src=x&gt;</bdi> <span class=\"count\">1 person<", 1 },
		{ "<bdi>A</bdi> <span class=\"count\">3 people<", 1 },
		{ "<bdi>B</bdi> <span class=\"count\">2 people<", 1 },
		{ "<bdi>Root group</bdi>", 1 }, { "<bdi>Inactive accounts</bdi>", 1 },
		{ "<li class=\"person\">", 6 },
		{ "<details", 5 }, { "</details>", 5 }, { "<ul>", 6 }, { "</ul>", 6 }, { "(no name)", 0 },
		{ "5 active people in 3 groups", 1 }, { "script-src 'sha256-", 1 }, { "http:", 0 },
		{ "https:", 0 }
	};
	struct error e;
	struct tree *t = load_tree("[" ACCOUNT("1", "<script>alert(1)</script>", "<img src=x>", "active") ","
				   ACCOUNT("2", "\\\"><svg onload=x>", "A/B", "active") ","
				   ACCOUNT("3", "O'Neil & Sons", "A", "active") ","
				   ACCOUNT("4", "D", "A/B", "active") "," ACCOUNT("5", "E", "", "active") ","
				   ACCOUNT("6", "<!--", "A", "inactive") "]", &e);
	struct buf out;
	size_t i;

	buf_init(&out, 100000);
	if (CHECK(t != NULL) && CHECK_INT(tree_html(t, collect, &out, &e), 0)) {
		for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
			check_row(rows[i].part);
			CHECK_INT(count(buf_text(&out), rows[i].part), rows[i].n);
		}
	}
	tree_free(t);
	buf_release(&out);
}

CHECK_SUITE(tree, CHECK_TEST(csv), CHECK_TEST(html), CHECK_TEST(refused));
