/* When Bob wants to be left alone. */
#include "source/source_hibob.c"

#include "check.h"
#include "net/http_msg.h"

#define NOW 1700000000

static void test_pace(void)
{
	static const struct {
		const char *name, *left, *reset;
		int64_t ms;
	} rows[] = {
		{ "requests are left", "1", "1700000030", 0 },
		{ "the last", "0", "1700000030", 30000 },
		{ "the whole minute", "0", "1700000060", 60000 },
		{ "an absurd end", "0", "4102444800", 0 },
		{ "an end that has passed", "0", "1600000000", 1000 },
		{ "no number", "0", "soon", 0 },
		{ "nothing", NULL, NULL, 0 },
	};
	struct http_msg m;
	struct buf text;
	struct str in, piece;
	struct error e;
	size_t i;

	http_msg_init(&m, HTTP_RESPONSE);
	buf_init(&text, 4096);
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		check_row(rows[i].name);
		buf_reset(&text);
		buf_puts(&text, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n");
		if (rows[i].left)
			buf_printf(&text, "X-RateLimit-Limit: 50\r\nX-RateLimit-Remaining: %s\r\n"
				   "X-RateLimit-Reset: %s\r\n", rows[i].left, rows[i].reset);
		buf_puts(&text, "\r\n");
		in = buf_str(&text);
		http_msg_reset(&m);
		CHECK_INT(http_msg_next(&m, &in, &piece, &e), HTTP_HEAD);
		CHECK_INT(pace(&m.head, NOW), rows[i].ms);
	}
	check_row(NULL);
	buf_release(&text);
	http_msg_release(&m);
}

CHECK_SUITE(source_hibob, CHECK_TEST(pace));
