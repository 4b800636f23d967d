#include <string.h>
#include "base/buf.h"
#include "base/limits.h"
#include "base/settings.h"
#include "check.h"

/* What was set, as "NAME=value|NAME=value|"; a name without value as "NAME|". */
struct seen {
	struct buf all;
	char last[16][2][200];	/* name, value */
	size_t count;
	int unknown;
};

static int take(void *cookie, struct str name, struct str value, int line, struct error *e)
{
	struct seen *seen = cookie;

	buf_put_str(&seen->all, name);
	if (value.ptr)
		buf_printf(&seen->all, "=%.*s", STR_ARG(value));
	buf_putc(&seen->all, '|');
	if (str_eqz(name, "REFUSED"))
		return error_set(e, ERROR_FAILED, "refused in line %d", line);
	if (seen->count < 16 && name.len < 200 && value.len < 200) {
		memcpy(seen->last[seen->count][0], name.ptr, name.len);
		if (value.len > 0)
			memcpy(seen->last[seen->count][1], value.ptr, value.len);
		seen->count++;
	}
	return 0;
}

static const char *look(void *cookie, struct str name)
{
	struct seen *seen = cookie;
	size_t i;

	for (i = seen->count; i > 0; i--)
		if (str_eqz(name, seen->last[i - 1][0]))
			return seen->last[i - 1][1];
	return str_eqz(name, "HOME") ? "/home/anna" : NULL;
}

static void note_unknown(void *cookie, struct str name, int line)
{
	struct seen *seen = cookie;

	(void)name;
	seen->unknown = line;
}

static int parse(struct seen *seen, struct str text, struct error *e)
{
	struct dotenv_sink sink = { "my.env", take, look, note_unknown, NULL };

	memset(seen, 0, sizeof *seen);
	buf_init(&seen->all, 10000);
	sink.cookie = seen;
	error_init(e);
	return dotenv_parse(text.ptr, text.len, &sink, e);
}

static void test_values(void)
{
	static const struct { const char *text, *want; } rows[] = {
		{ "", "" }, { "\n  \n# note\n", "" }, { "A=1\nB=2", "A=1|B=2|" },
		{ "A=1\r\nB=2\rC=3\r\n", "A=1|B=2|C=3|" }, { "\xef\xbb\xbf" "A=1", "A=1|" },
		{ "export A=1\n  export\t B = 2 \nexported=1\nexport=2", "A=1|B=2|exported=1|export=2|" },
		{ "A=\nB=\"\"\nC=''\nD=   \n", "A=|B=|C=|D=|" },
		{ "A=x # note\nB=#x\nC=a#b\nD= # note\nE=\t#\nF=\"x\" # note\nG='x'#note",
		  "A=x|B=#x|C=a#b|D=|E=|F=x|G=x|" },
		{ "A=a b\t c  \nB=\xc2\xa0x\xe3\x80\x80\nC=x\xc2\xa0# note", "A=a b\t c|B=x|C=x|" },
		{ "A\nB # note\nC =1\n", "A|B|C=1|" }, { "'A B'=1\n", "A B=1|" }, { "\"A\"=1", "\"A\"=1|" },
		{ "A='it\\'s \\n \\\\ \"x\"'", "A=it's \\n \\ \"x\"|" },
		{ "A=\"\\n\\t\\\\\\\"\\'\\d\\[\\]\"", "A=\n\t\\\"'\\d\\[\\]|" },
		{ "A=\"\\a\\b\\f\\r\\v\"", "A=\a\b\f\r\v|" },
		{ "A='one\ntwo'\nB=\"x\r\ny\"", "A=one\ntwo|B=x\ny|" },
		{ "A='x\\'", "A=x\\|" },	/* a last quote closes, backslash or not */
		{ "A=x\"y\"\nB={\"a\": \"b\"}", "A=x\"y\"|B={\"a\": \"b\"}|" },
		{ "A=1\nA=2\nA=", "A=1|A=2|A=|" },
		{ "A=b=c", "A=b=c|" },
	};
	struct error e;
	struct seen seen;
	size_t i;

	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		check_row(rows[i].text);
		CHECK_INT(parse(&seen, str_from(rows[i].text), &e), 0);
		CHECK_STR(buf_text(&seen.all), rows[i].want);
		buf_release(&seen.all);
	}
}

static void test_variables(void)
{
	static const struct { const char *text, *want; int unknown; } rows[] = {
		{ "A=x\nB=${A}/${A}y", "A=x|B=x/xy|", 0 },
		{ "A='${HOME}'\nB=\"${HOME}\"", "A=/home/anna|B=/home/anna|", 0 },
		{ "A=${B:-dflt}\nC=${B:-}\nD=${B:-a:-b}", "A=dflt|C=|D=a:-b|", 0 },
		{ "A=\nB=${A:-dflt}", "A=|B=|", 0 },
		{ "A\nB=${A:-dflt}", "A|B=|", 0 },
		{ "A=x${1}y", "A=xy|", 1 },
		{ "\nA=$HOME$ ${", "A=$HOME$ ${|", 0 },
		{ "A=${B:x}${B:-${HOME}}", "A=${B:x}${HOME}|", 0 },
		{ "A=${un;|||${A B}q", "A=q|", 1 },
		{ "A=1\nA=${A}2\nA=${A}3", "A=1|A=12|A=123|", 0 },
	};
	struct error e;
	struct seen seen;
	size_t i;

	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		check_row(rows[i].text);
		CHECK_INT(parse(&seen, str_from(rows[i].text), &e), 0);
		CHECK_STR(buf_text(&seen.all), rows[i].want);
		CHECK_INT(seen.unknown, rows[i].unknown);
		buf_release(&seen.all);
	}
}

static void test_refused(void)
{
	static const struct { const char *text, *where, *what; } rows[] = {
		{ "A='x\nB=1", "my.env:1: ", "never closed" },
		{ "\n\nA=\"x", "my.env:3: ", "never closed" },
		{ "A=\"x\"|\"y\"", "my.env:1: ", "after the closing quote" },
		{ "B=1\nA='x\ny' z", "my.env:2: ", "after the closing quote" },
		{ "TWO WORDS=1", "my.env:1: ", "blanks" },
		{ "=1", "my.env:1: ", "name" },
		{ "'A=1", "my.env:1: ", "name" },
		{ "''=1", "my.env:1: ", "name" },
		{ "A=1\nB=\xff", "my.env:2: ", "UTF-8" },
	};
	struct error e;
	struct seen seen;
	size_t i;

	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		check_row(rows[i].text);
		CHECK_INT(parse(&seen, str_from(rows[i].text), &e), -1);
		CHECK_INT(e.kind, ERROR_USAGE);
		CHECK(strncmp(e.text, rows[i].where, strlen(rows[i].where)) == 0);
		CHECK(strstr(e.text, rows[i].what) != NULL);
		buf_release(&seen.all);
	}
	CHECK_INT(parse(&seen, STR("A=1\0B=2"), &e), -1);
	CHECK(strstr(e.text, "NUL") != NULL);
	buf_release(&seen.all);
	CHECK_INT(parse(&seen, STR("\nREFUSED=2\nC=3"), &e), -1);
	CHECK_STR(e.text, "refused in line 2");
	CHECK_STR(buf_text(&seen.all), "REFUSED=2|");
	buf_release(&seen.all);
}

static void test_size(void)
{
	struct error e;
	struct seen seen;
	struct buf text;
	size_t i;

	buf_init(&text, MAX_ENV_FILE + 10);
	while (text.len < MAX_ENV_FILE)
		buf_putc(&text, '#');
	CHECK_INT(parse(&seen, buf_str(&text), &e), 0);
	buf_release(&seen.all);
	buf_putc(&text, '#');
	CHECK_INT(parse(&seen, buf_str(&text), &e), -1);
	CHECK_INT(e.kind, ERROR_MEMORY);
	buf_release(&seen.all);
	/* values that double with each line meet the cap, not the machine's memory */
	buf_reset(&text);
	buf_puts(&text, "A=0123456789012345678901234567890123456789012345678901234567890123456789\nB=");
	for (i = 0; i < MAX_ENV_FILE / 64; i++)
		buf_puts(&text, "${A}");
	CHECK_INT(parse(&seen, buf_str(&text), &e), -1);
	CHECK(strstr(e.text, "my.env:2: ") != NULL);
	buf_release(&seen.all);
	buf_release(&text);
}

CHECK_SUITE(dotenv, CHECK_TEST(values), CHECK_TEST(variables), CHECK_TEST(refused), CHECK_TEST(size));
