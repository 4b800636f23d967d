#include "fuzz/fuzz.h"

#include <string.h>
#include "base/buf.h"
#include "net/http.h"
#include "net/http_msg.h"

/* Reads messages from a connection that gives pieces of that size; notes what they were. */
static void read_all(struct str input, size_t step, enum http_kind kind, struct buf *out)
{
	struct error e;
	struct http_msg m;
	struct str in, piece;
	enum http_event event = HTTP_MORE;
	size_t at;

	error_init(&e);
	http_msg_init(&m, kind);
	for (at = 0; at < input.len && event != HTTP_BAD; at += step) {
		in = str_sub(input, at, step);
		do {
			event = http_msg_next(&m, &in, &piece, &e);
			if (event == HTTP_HEAD)
				buf_printf(out, "head %d %d %d:", m.head.status, m.keep_alive, m.has_body);
			if (event == HTTP_HEAD)
				buf_printf(out, "%d", http_header_has(&m.head, "connection", "close"));
			if (event == HTTP_DATA)
				buf_put_str(out, piece);
			if (event == HTTP_END) {
				buf_puts(out, "end\n");
				http_msg_reset(&m);
			}
		} while (event != HTTP_BAD && event != HTTP_MORE);
	}
	if (event != HTTP_BAD && !http_msg_untouched(&m))
		event = http_msg_close(&m, &e);
	buf_printf(out, event == HTTP_BAD ? "bad %s" : "good", e.text);
	http_msg_release(&m);
}

/* However the bytes are cut, the messages are the same. */
void fuzz_http(struct str input)
{
	unsigned choice = fuzz_choice(&input);
	enum http_kind kind = choice % 2 == 0 ? HTTP_RESPONSE : HTTP_REQUEST;
	struct buf whole, pieces;

	buf_init(&whole, 1 << 22);
	buf_init(&pieces, 1 << 22);
	read_all(input, input.len + 1, kind, &whole);
	read_all(input, choice / 2 % 16 + 1, kind, &pieces);
	FUZZ_CHECK(str_eq(buf_str(&whole), buf_str(&pieces)));
	buf_release(&whole);
	buf_release(&pieces);
}
