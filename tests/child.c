/*
 * The program that the tests of port_spawn() and port_lock() start: does the one thing that its first argument names.
 * Being small, it measures what others need.
 */
#include "port.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "net/http.h"
#include "net/http_server.h"
#include "net/net.h"

#define HELD_MAX_MS 60000	/* a lock is held for at most that long, so that a failed test leaves nothing behind */

static int print(const char *text)
{
	return port_print(1, text, strlen(text)) || port_print(1, "\n", 1);
}

/* args WORD...: prints each argument on a line of its own. */
static int run_args(char **argv)
{
	int rc = 0;

	for (; *argv && !rc; argv++)
		rc = print(*argv);
	return rc;
}

/* env NAME: prints its value. */
static int run_env(char **argv)
{
	const char *value = port_getenv(argv[0]);

	return print(value ? value : "(unset)");
}

/* exit CODE */
static int run_exit(char **argv)
{
	int64_t code = 1;

	str_to_i64(str_from(argv[0]), &code);
	return (int)code;
}

/* lock PATH MARK: takes the lock, makes the file MARK, holds on until it is ended. */
static int run_lock(char **argv)
{
	struct error e;
	struct port_lock *lock = port_lock(argv[0], "a child", &e);
	struct port_file *mark = lock ? port_open(argv[1], PORT_TRUNCATE, &e) : NULL;

	if (!mark)
		return 1;
	port_close(mark, &e);
	port_sleep_ms(HELD_MAX_MS);
	return 0;
}

/* wait: until interrupted; then exit code 7. */
static int run_wait(char **argv)
{
	int64_t until = port_mono_ms() + HELD_MAX_MS;

	(void)argv;
	port_catch_interrupts();
	print("waiting");
	while (!port_interrupted() && port_mono_ms() < until)
		port_sleep_ms(1000);
	return port_interrupted() ? 7 : 1;
}

/* mark FILE: makes an empty file in the present folder. */
static int run_mark(char **argv)
{
	struct error e;
	struct port_file *f = port_open(argv[0], PORT_CREATE, &e);

	return f ? port_close(f, &e) : 1;
}

/* measure FILE DIR COMMAND...: runs the command in the folder; its peak memory in KiB goes to the file. Interrupted, it
 * ends the command. */
static int run_measure(char **argv)
{
	struct error e;
	struct port_child *c = port_spawn((const char *const *)argv + 2, NULL, argv[1], NULL, NULL, &e);
	struct port_file *f = port_open(argv[0], PORT_TRUNCATE, &e);
	int code = 1, ended = 0;
	struct buf text;

	port_catch_interrupts();
	while (c && f && (ended = port_wait(c, 1000, &code, &e)) == 0)
		if (port_interrupted())
			port_kill(c, 1);
	if (!c || !f || ended < 0)
		return 1;
	buf_init(&text, 32);
	buf_printf(&text, "%lld", (long long)port_child_peak_kib(c));
	if (port_write(f, buf_text(&text), text.len, &e) || port_close(f, &e))
		code = 1;
	buf_release(&text);
	port_child_free(c);
	return code > 255 ? 255 : code;
}

/* ---- requests ----------------------------------------------------------------------------------- */

/* Every way an answer can end. */
static void handle_request(void *cookie, struct http_exchange *x, const struct http_request_view *r)
{
	unsigned *n = cookie;

	(void)r;
	switch ((*n)++ % 8) {
	case 3:
		http_drop(x);
		break;
	case 5:
		http_answer(x, 404, "text/plain", "", STR("no"), 0);
		break;
	case 6:
		http_answer(x, 200, "text/plain", "Connection: close\r\n", STR("last"), 0);
		break;
	default:
		http_answer(x, 200, "text/plain", "", STR("fine"), 0);
	}
}

/* So many requests with one client, to a server of ours. -1: one had no answer. */
static int make_requests(struct net *n, int64_t count, struct error *e)
{
	struct http_options o = { .max_connections = 2, .timeout_ms = 5000, .retries = 3, .user_agent = "test/1", .net = n };
	struct http_req req = { .method = "GET" };
	struct http_resp resp;
	struct http_server *server;
	struct http *http;
	unsigned answered = 0;
	char url[64];
	int rc = -1;

	server = http_server_new_on(n, "127.0.0.1", 0, 100000, handle_request, &answered, e);
	http = http_new(&o, e);
	if (server && http) {
		snprintf(url, sizeof(url), "http://127.0.0.1:%u/", http_server_port(server));
		req.url = url;
		for (rc = 0; count > 0 && !rc; count--)
			rc = http_call(http, &req, &resp, e);
	}
	http_free(http);
	http_server_free(server);
	return rc;
}

/* The handle that the next file or socket gets. */
static port_sock next_handle(struct error *e)
{
	port_sock s = port_listen("127.0.0.1", 0, NULL, e);

	port_sock_close(s);
	return s;
}

/* requests N: fails when one has no answer or when, where handles are small numbers, some stay open. */
static int run_requests(char **argv)
{
	struct net_options o = { .timeout_ms = 5000 };
	struct error e;
	port_sock before, after;
	struct port_stat st;
	int64_t count = 0;
	struct net *n;
	int rc;

	error_init(&e);
	str_to_i64(str_from(argv[0]), &count);
	before = next_handle(&e);
	n = net_new(&o, &e);
	rc = n ? make_requests(n, count, &e) : -1;
	net_free(n);
	after = next_handle(&e);
	if (!rc && before != after && !port_stat("/dev/null", &st, NULL))
		rc = error_set(&e, ERROR_FAILED, "files or sockets are left open");
	if (rc)
		print(e.text);
	return rc ? 1 : 0;
}

static int run_abort(char **argv)
{
	(void)argv;
	abort();
	return 1;	/* some compilers do not know that abort() does not return */
}

int main(int argc, char **argv)
{
	static const struct { const char *name; int args; int (*run)(char **argv); } rows[] = {
		{ "args", 0, run_args }, { "env", 1, run_env }, { "exit", 1, run_exit }, { "lock", 2, run_lock },
		{ "wait", 0, run_wait }, { "mark", 1, run_mark }, { "measure", 3, run_measure },
		{ "requests", 1, run_requests }, { "abort", 0, run_abort },
	};
	struct error e;
	size_t i;

	if (port_init(&argc, &argv, &e))
		return 1;
	for (i = 0; argc > 1 && i < sizeof(rows) / sizeof(*rows); i++)
		if (!strcmp(argv[1], rows[i].name) && argc >= 2 + rows[i].args)
			return rows[i].run(argv + 2);
	return 2;
}
