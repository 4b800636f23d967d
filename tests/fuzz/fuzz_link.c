#include "fuzz/fuzz.h"

#include <string.h>
#include "base/buf.h"
#include "base/limits.h"
#include "net/http_msg.h"
#include "source/source_web.h"

/* The Link headers of an answer: each line of the input is one. */
void fuzz_link(struct str input)
{
	struct web_answer answer;
	struct buf text, out;
	struct http_msg m;
	struct str line, in, piece;
	struct error e;
	int rc;

	buf_init(&text, 4 * MAX_HTTP_HEADER);
	buf_init(&out, MAX_URL);
	buf_puts(&text, "HTTP/1.1 204 x\r\n");
	while (str_next(&input, '\n', &line))
		buf_printf(&text, "Link: %.*s\r\n", STR_ARG(line));
	buf_puts(&text, "\r\n");
	error_init(&e);
	http_msg_init(&m, HTTP_RESPONSE);
	in = buf_str(&text);
	if (http_msg_next(&m, &in, &piece, &e) == HTTP_HEAD) {
		memset(&answer, 0, sizeof(answer));
		answer.head = &m.head;
		rc = web_next_link(&answer, &out, &e);
		FUZZ_CHECK((rc < 0) == (e.kind != ERROR_NONE));
		FUZZ_CHECK(rc < 0 || (rc == 1) == (out.len > 0));
		FUZZ_CHECK(str_find_char(buf_str(&out), 0, '>') == out.len);
	}
	http_msg_release(&m);
	buf_release(&text);
	buf_release(&out);
}
