#include <string.h>
#include "base/buf.h"
#include "base/limits.h"
#include "base/log.h"
#include "check.h"
#include "port.h"

static void read_all(const char *path, struct buf *out)
{
	struct port_file *f = port_open(path, PORT_READ, NULL);
	char chunk[4096];
	long n;

	buf_reset(out);
	if (!CHECK(f != NULL))
		return;
	while ((n = port_read(f, chunk, sizeof chunk, NULL)) > 0)
		buf_put(out, chunk, (size_t)n);
	port_close(f, NULL);
}

static void write_all(const char *path, struct str text)
{
	struct port_file *f = port_open(path, PORT_TRUNCATE, NULL);

	if (!CHECK(f != NULL))
		return;
	CHECK_INT(port_write(f, text.ptr, text.len, NULL), 0);
	port_close(f, NULL);
}

/* The log goes to a file; standard error sees nothing below an error. */
static void open_log(const char *path, enum log_level level, int json)
{
	struct log_options o = { LOG_ERROR, NULL, 0, 1 };

	o.level = level;
	o.path = path;
	o.json = json;
	CHECK_INT(log_open(&o, NULL), 0);
}

/* As other tests expect it: no file. */
static void close_log(void)
{
	struct log_options o = { LOG_INFO, NULL, 0, 0 };

	log_close();
	log_open(&o, NULL);
}

static void test_lines(void)
{
	const char *path = check_file("dir/run.log");
	struct buf text;

	buf_init(&text, 10000);
	port_remove(path, NULL);
	open_log(path, LOG_ERROR, 0);
	CHECK(!log_debugging());
	log_debug("not kept");
	log_info("%s and %d", "text", 7);
	log_detail("for the file %d", 1);
	log_warning("two\nlines\x1b[2J\t.");
	close_log();
	read_all(path, &text);
	/* "2026-01-31 08:15:00,123 - INFO - text" */
	CHECK_INT(str_find(buf_str(&text), 0, STR(" - INFO - text and 7\n")), 23);
	CHECK(buf_text(&text)[4] == '-' && buf_text(&text)[10] == ' ' && buf_text(&text)[19] == ',');
	CHECK(strstr(buf_text(&text), " - WARNING - two\\nlines\\x1b[2J\\x09.\n") != NULL);
	CHECK(strstr(buf_text(&text), " - INFO - for the file 1\n") != NULL);
	CHECK(strstr(buf_text(&text), "not kept") == NULL);
	buf_release(&text);
}

static void test_json(void)
{
	const char *path = check_file("run.log");
	struct buf text;

	buf_init(&text, 10000);
	port_remove(path, NULL);
	open_log(path, LOG_ERROR, 1);
	log_info("say \"hi\"");
	close_log();
	read_all(path, &text);
	CHECK(str_starts(buf_str(&text), STR("{\"time\":\"2")));
	CHECK_STR(buf_text(&text) + 32, "Z\",\"level\":\"INFO\",\"message\":\"say \\\"hi\\\"\"}\n");
	buf_release(&text);
}

static void test_secrets(void)
{
	struct buf text;
	size_t i;

	buf_init(&text, 10000);
	log_secret(STR("abc"));		/* too short */
	log_secret(STR("geheim"));
	log_secret(STR("geheim und mehr"));
	log_secret(STR("geheim"));
	log_clean(&text, STR("abc geheim, geheim und mehr, geheimgeheim; ge\theim"));
	CHECK_STR(buf_text(&text), "abc ***, ***, ******; ge\\x09heim");
	buf_reset(&text);
	for (i = 0; i < 2 * MAX_SECRETS; i++) {
		char name[] = "secret-000";

		name[8] = (char)('0' + i / 10 % 10);
		name[9] = (char)('0' + i % 10);
		log_secret(str_from(name));
	}
	log_clean(&text, STR("secret-000 geheim"));
	CHECK_STR(buf_text(&text), "*** ***");
	close_log();
	buf_reset(&text);
	log_clean(&text, STR("geheim"));
	CHECK_STR(buf_text(&text), "geheim");
	buf_release(&text);
}

static void test_rotation(void)
{
	static char path[500];
	const char *name = check_file("run.log");
	struct buf text, old;
	int n;

	buf_init(&text, 20 * 1024 * 1024);
	buf_init(&old, 1000);
	memcpy(path, name, strlen(name) + 1);
	for (n = 1; n <= 5; n++) {
		buf_reset(&old);
		buf_printf(&old, "%s.%d", path, n);
		buf_reset(&text);
		buf_printf(&text, "number %d", n);
		write_all(buf_text(&old), buf_str(&text));
	}
	buf_reset(&text);
	while (text.len < 10 * 1024 * 1024 - 20)
		buf_puts(&text, "0123456789");
	write_all(path, buf_str(&text));
	open_log(path, LOG_ERROR, 0);
	log_info("the first line of the new file");
	log_info("the second");
	close_log();
	read_all(path, &text);
	CHECK(text.len < 200 && strstr(buf_text(&text), "first line") != NULL);
	CHECK(strstr(buf_text(&text), "second") != NULL);
	for (n = 1; n <= 5; n++) {
		buf_reset(&old);
		buf_printf(&old, "%s.%d", path, n);
		read_all(buf_text(&old), &text);
		if (n == 1)
			CHECK(text.len >= 10 * 1024 * 1024 - 20);
		else
			CHECK_INT(buf_text(&text)[7], '0' + n - 1);
	}
	buf_release(&text);
	buf_release(&old);
}

static void test_long_line(void)
{
	const char *path = check_file("run.log");
	struct buf text, line;

	buf_init(&text, 4 * MAX_LOG_LINE);
	buf_init(&line, MAX_LOG_LINE + 10);
	port_remove(path, NULL);
	while (line.len < MAX_LOG_LINE)
		buf_putc(&line, 'x');
	open_log(path, LOG_ERROR, 0);
	log_info("%s", buf_text(&line));
	buf_putc(&line, 'x');
	log_info("%s", buf_text(&line));
	close_log();
	read_all(path, &text);
	CHECK(text.len > MAX_LOG_LINE && text.len < MAX_LOG_LINE + 200);
	CHECK(strstr(buf_text(&text), "too long was left out") != NULL);
	buf_release(&text);
	buf_release(&line);
}

static void test_unusable_file(void)
{
	struct log_options o = { LOG_ERROR, NULL, 0, 1 };
	struct error e;
	struct buf path;

	/* a folder cannot be made below a file */
	write_all(check_file("file"), STR("x"));
	buf_init(&path, 2 * MAX_PATH_TEXT);
	buf_printf(&path, "%s/run.log", check_file("file"));
	o.path = buf_text(&path);
	error_init(&e);
	CHECK_INT(log_open(&o, &e), -1);
	CHECK(strstr(e.text, "log file") != NULL);
	log_info("goes nowhere");
	close_log();
	buf_reset(&path);
	while (path.len < MAX_PATH_TEXT + 10)
		buf_puts(&path, "folder/");
	o.path = buf_text(&path);
	CHECK_INT(log_open(&o, &e), -1);
	close_log();
	buf_release(&path);
}

CHECK_SUITE(log, CHECK_TEST(lines), CHECK_TEST(json), CHECK_TEST(secrets), CHECK_TEST(rotation),
	    CHECK_TEST(long_line), CHECK_TEST(unusable_file));
