#include "fuzz/fuzz.h"

#include <string.h>
#include "base/buf.h"
#include "net/http_int.h"

#define NOW 1700000000
#define WAIT_MOST_MS 300000

static void judge(const struct http_head *head, struct str body, unsigned choice)
{
	static const struct http_options usual = { .retries = 4, .wait_scale = 1 };
	struct http_verdict v;
	struct http_try t;

	memset(&t, 0, sizeof(t));
	t.end = TRY_ANSWERED;
	t.head = head;
	t.body = body;
	t.safe = choice & 1;
	t.flags = choice & 2 ? HTTP_RETRY_403 : 0;
	t.tries = 1 + (int)(choice >> 2 & 7);
	t.limited = t.tries;
	t.forbidden = t.tries;
	http_judge(&v, &t, &usual, choice, NOW);
	FUZZ_CHECK(v.wait_ms >= 0 && v.wait_ms <= WAIT_MOST_MS);
	FUZZ_CHECK(v.again || v.wait_ms == 0);
	FUZZ_CHECK(http_wait_field(head, "x-ratelimit-reset", NOW) >= -1);
}

/* A refusal: its status, and a header field a line. Whatever they say, nobody waits for ever. */
void fuzz_wait(struct str input)
{
	static const int statuses[] = { 429, 403, 503, 500, 408, 404, 425, 302 };
	unsigned choice = fuzz_choice(&input), status = fuzz_choice(&input);
	struct buf text;
	struct http_msg m;
	struct str line, in, piece;
	struct error e;

	buf_init(&text, 4 * MAX_HTTP_HEADER);
	buf_printf(&text, "HTTP/1.1 %d x\r\n", statuses[status % 8]);
	while (str_next(&input, '\n', &line))
		buf_printf(&text, "%.*s\r\n", STR_ARG(line));
	buf_puts(&text, "\r\nrate limit");
	error_init(&e);
	http_msg_init(&m, HTTP_RESPONSE);
	in = buf_str(&text);
	if (http_msg_next(&m, &in, &piece, &e) == HTTP_HEAD)
		judge(&m.head, choice & 32 ? in : STR(""), choice);
	http_msg_release(&m);
	buf_release(&text);
}
