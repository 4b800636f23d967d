/*
 * The port of the system that the tests run on. Children are build/test_child (tests/child.c).
 */
#include "port.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "base/str.h"

#define PATIENCE_MS 20000	/* more than anything here takes on a busy machine */

/* ---- helpers --------------------------------------------------------------------------------- */

static int save(const char *path, enum port_open_mode mode, const char *text)
{
	struct error e;
	struct port_file *f = port_open(path, mode, &e);

	if (!f)
		return -1;
	if (port_write(f, text, strlen(text), &e)) {
		port_close(f, NULL);
		return -1;
	}
	return port_sync(f, &e) | port_close(f, &e);
}

/* The content of a small file; lives until the next call. */
static const char *load(const char *path)
{
	static char text[4096];
	struct error e;
	struct port_file *f = port_open(path, PORT_READ, &e);
	long n, len = 0;

	if (!f)
		return "(no file)";
	while ((n = port_read(f, text + len, sizeof(text) - 1 - (size_t)len, &e)) > 0)
		len += n;
	port_close(f, NULL);
	text[len] = 0;
	return text;
}

static const char *path_a(const char *name)
{
	static char path[512];

	snprintf(path, sizeof(path), "%s", check_file(name));
	return path;
}

static const char *path_b(const char *name)
{
	static char path[512];

	snprintf(path, sizeof(path), "%s", check_file(name));
	return path;
}

static int exists(const char *path)
{
	struct port_stat st;

	return !port_stat(path, &st, NULL);
}

/* ---- clock, entropy, environment ------------------------------------------------------------- */

static void test_clock(void)
{
	int64_t start, wall = port_wall_ms();
	struct port_tm t;

	start = port_mono_ms();
	port_sleep_ms(30);
	CHECK(port_mono_ms() - start >= 29);
	CHECK(port_mono_ms() - start < PATIENCE_MS);
	CHECK(wall > 1700000000000LL);
	CHECK(port_wall_ms() >= wall);
	port_local_time(1000000000, &t);	/* 2001-09-09 01:46:40 UTC */
	CHECK_INT(t.year, 2001);
	CHECK_INT(t.month, 9);
	CHECK(t.day == 8 || t.day == 9);
	CHECK_INT(t.second, 40);
}

static void test_entropy(void)
{
	unsigned char a[64], b[64], none[1] = { 7 };
	struct error e;

	memset(a, 0, sizeof(a));
	memset(b, 0, sizeof(b));
	CHECK_INT(port_entropy(a, sizeof(a), &e), 0);
	CHECK_INT(port_entropy(b, sizeof(b), &e), 0);
	CHECK(memcmp(a, b, sizeof(a)) != 0);
	CHECK_INT(port_entropy(none, 0, &e), 0);
	CHECK_INT(none[0], 7);
}

static void count_entry(void *cookie, const char *entry)
{
	int *count = cookie;

	if (!strcmp(entry, "ROLLCALL_TEST=gr\xc3\xbc\xc3\x9f") || !strcmp(entry, "ROLLCALL_EMPTY="))
		++*count;
}

static void test_environment(void)
{
	int count = 0;
	const char *kept;

	CHECK_INT(port_setenv("ROLLCALL_TEST", "gr\xc3\xbc\xc3\x9f"), 0);
	CHECK_INT(port_setenv("ROLLCALL_EMPTY", ""), 0);
	kept = port_getenv("ROLLCALL_TEST");
	CHECK_STR(kept, "gr\xc3\xbc\xc3\x9f");
	CHECK_STR(port_getenv("ROLLCALL_EMPTY"), "");
	CHECK(port_getenv("ROLLCALL_NONE") == NULL);
	port_each_env(count_entry, &count);
	CHECK_INT(count, 2);
	CHECK_INT(port_setenv("ROLLCALL_TEST", NULL), 0);
	CHECK_INT(port_setenv("ROLLCALL_EMPTY", NULL), 0);
	CHECK(port_getenv("ROLLCALL_TEST") == NULL);
}

/* ---- files ----------------------------------------------------------------------------------- */

static void test_open_modes(void)
{
	const char *path = path_a("file");
	struct error e;

	port_remove(path, NULL);
	CHECK(port_open(path, PORT_READ, &e) == NULL);
	CHECK_INT(e.kind, ERROR_FAILED);
	CHECK(strstr(e.text, "cannot open \"") == e.text);
	CHECK_INT(save(path, PORT_CREATE, "one"), 0);
	CHECK_INT(save(path, PORT_CREATE, "two"), -1);
	CHECK_STR(load(path), "one");
	CHECK_INT(save(path, PORT_APPEND, "two"), 0);
	CHECK_STR(load(path), "onetwo");
	CHECK_INT(save(path, PORT_TRUNCATE, "three"), 0);
	CHECK_STR(load(path), "three");
	CHECK_INT(port_remove(path, &e), 0);
	CHECK_INT(port_remove(path, &e), -1);
}

static void test_seek(void)
{
	const char *path = path_a("file");
	struct port_file *f;
	struct error e;
	char c[3];

	CHECK_INT(save(path, PORT_TRUNCATE, "0123456789"), 0);
	f = port_open(path, PORT_READ, &e);
	if (!CHECK(f != NULL))
		return;
	CHECK_INT(port_seek(f, 7, &e), 0);
	CHECK_INT(port_read(f, c, 3, &e), 3);
	CHECK_MEM(c, 3, "789", 3);
	CHECK_INT(port_read(f, c, 3, &e), 0);
	CHECK_INT(port_seek(f, 100, &e), 0);
	CHECK_INT(port_read(f, c, 3, &e), 0);
	CHECK_INT(port_seek(f, (uint64_t)1 << 63, &e), -1);
	CHECK_INT(port_close(f, &e), 0);
}

static void test_replace(void)
{
	const char *to = path_a("to"), *from = path_b("from");
	struct port_file *reader;
	struct error e;
	char old[8];
	int early;

	port_remove(to, NULL);
	CHECK_INT(save(from, PORT_TRUNCATE, "first"), 0);
	CHECK_INT(port_replace(from, to, &e), 0);
	CHECK_STR(load(to), "first");
	CHECK(!exists(from));
	CHECK_INT(save(from, PORT_CREATE, "second"), 0);
	reader = port_open(to, PORT_READ, &e);
	if (!CHECK(reader != NULL))
		return;
	/* Somebody reads the old one: he goes on reading it, or, on systems that do not have that, the old one stays. */
	early = port_replace(from, to, &e);
	CHECK_INT(port_read(reader, old, sizeof(old), &e), 5);
	CHECK_MEM(old, 5, "first", 5);
	CHECK_STR(load(to), early ? "first" : "second");
	port_close(reader, &e);
	if (early)
		CHECK_INT(port_replace(from, to, &e), 0);
	CHECK_STR(load(to), "second");
	CHECK_INT(port_replace(from, to, &e), -1);
	CHECK_STR(load(to), "second");
}

static int collect(void *cookie, const char *name)
{
	char *names = cookie;
	size_t len = strlen(names);

	snprintf(names + len, 256 - len, "%s ", name);
	return 0;
}

static int stop_at_once(void *cookie, const char *name)
{
	(void)name;
	++*(int *)cookie;
	return -1;
}

static void test_folders(void)
{
	char dir[600], deep[640], file[700], names[256] = "";
	struct port_stat st;
	struct error e;
	int count = 0;

	snprintf(dir, sizeof(dir), "%s", check_file("folder"));
	snprintf(deep, sizeof(deep), "%s/a/b\xc3\xa4", dir);
	CHECK_INT(port_make_dirs(deep, &e), 0);
	CHECK_INT(port_make_dirs(deep, &e), 0);
	CHECK_INT(port_stat(deep, &st, &e), 0);
	CHECK_INT(st.is_dir, 1);
	CHECK_INT(st.others_can_read, 0);
	snprintf(file, sizeof(file), "%s/\xd0\xb6.json", deep);
	CHECK_INT(save(file, PORT_TRUNCATE, "12345"), 0);
	CHECK_INT(port_stat(file, &st, &e), 0);
	CHECK_INT(st.is_dir, 0);
	CHECK_INT(st.size, 5);
	CHECK_INT(st.others_can_read, 0);
	CHECK(st.modified * 1000 > port_wall_ms() - PATIENCE_MS && st.modified * 1000 < port_wall_ms() + PATIENCE_MS);
	CHECK_INT(port_list(deep, collect, names, &e), 0);
	CHECK_STR(names, "\xd0\xb6.json ");
	CHECK_INT(port_list(dir, stop_at_once, &count, &e), -1);
	CHECK_INT(count, 1);
	CHECK_INT(port_make_dirs(file, &e), -1);
	snprintf(names, sizeof(names), "%s", check_file("nowhere"));
	CHECK_INT(port_list(names, collect, names, &e), -1);
	CHECK_INT(port_stat(names, &st, &e), -1);
	CHECK(port_temp_dir() != NULL && exists(port_temp_dir()));
}

/* ---- children -------------------------------------------------------------------------------- */

/* Starts the child program, which stands beside the folder of scratch files; its path takes the place of argv[0]. */
static struct port_child *start(const char **argv, const char *const *env, const char *dir, const char *out)
{
	char path[600];
	struct error e;

	snprintf(path, sizeof(path), "%s", check_file("x"));
	*strrchr(path, '/') = 0;
	snprintf(path + strlen(path), sizeof(path) - strlen(path), "/../test_child");
	argv[0] = path;
	return port_spawn(argv, env, dir, out, NULL, &e);
}

/* Runs it to its end. Its exit code, or -1. */
static int run(const char **argv, const char *const *env, const char *dir, const char *out)
{
	struct port_child *c = start(argv, env, dir, out);
	struct error e;
	int code = -1;

	if (!CHECK(c != NULL))
		return -1;
	CHECK_INT(port_wait(c, PATIENCE_MS, &code, &e), 1);
	port_child_free(c);
	return code;
}

static void test_spawn_arguments(void)
{
	const char *argv[] = {
		NULL, "args", "", "two words", "\"", "a\"b", "back\\slash", "end\\", "\\\\\"", "two words\\", "tab\there",
		"%PATH%", "gr\xc3\xbc\xc3\x9f \xf0\x9f\x8c\xb3", "*", "^&|<>", NULL
	};
	const char *out = path_a("out");
	char want[512] = "";
	size_t i;

	CHECK_INT(run(argv, NULL, NULL, out), 0);
	for (i = 2; argv[i]; i++)
		snprintf(want + strlen(want), sizeof(want) - strlen(want), "%s\n", argv[i]);
	CHECK_STR(load(out), want);
}

static void test_spawn_environment(void)
{
	const char *given[] = { NULL, "env", "ROLLCALL_GIVEN", NULL };
	const char *other[] = { NULL, "env", "ROLLCALL_OURS", NULL };
	static const char *const env[] = { "ROLLCALL_GIVEN=a b \xc3\xa4", NULL };
	const char *out = path_a("out");

	CHECK_INT(port_setenv("ROLLCALL_OURS", "inherited"), 0);
	CHECK_INT(run(given, env, NULL, out), 0);
	CHECK_STR(load(out), "a b \xc3\xa4\n");
	CHECK_INT(run(other, env, NULL, out), 0);
	CHECK_STR(load(out), "(unset)\n");
	CHECK_INT(run(other, NULL, NULL, out), 0);
	CHECK_STR(load(out), "inherited\n");
	CHECK_INT(port_setenv("ROLLCALL_OURS", NULL), 0);
}

static void test_spawn_folder(void)
{
	const char *argv[] = { NULL, "mark", "here", NULL };
	char dir[600], mark[640];
	struct error e;

	snprintf(dir, sizeof(dir), "%s", check_file("dir"));
	snprintf(mark, sizeof(mark), "%s/here", dir);
	CHECK_INT(port_make_dirs(dir, &e), 0);
	port_remove(mark, NULL);
	CHECK_INT(run(argv, NULL, dir, NULL), 0);
	CHECK(exists(mark));
}

static void test_spawn_exit(void)
{
	const char *exit_5[] = { NULL, "exit", "5", NULL };
	const char *die[] = { NULL, "abort", NULL };
	const char *none[] = { path_a("no-such-program"), NULL };
	struct error e;

	CHECK_INT(run(exit_5, NULL, NULL, NULL), 5);
	CHECK(run(die, NULL, NULL, check_file("out")) != 0);
	CHECK(port_spawn(none, NULL, NULL, NULL, NULL, &e) == NULL);
	CHECK(strstr(e.text, "no-such-program") != NULL);
	CHECK(port_pid() > 0);
}

/* Starts `wait` and returns once it has said that it waits. */
static struct port_child *start_waiting(const char *out)
{
	const char *argv[] = { NULL, "wait", NULL };
	int64_t until = port_mono_ms() + PATIENCE_MS;
	struct port_child *c;

	port_remove(out, NULL);
	c = start(argv, NULL, NULL, out);
	while (c && strncmp(load(out), "waiting", 7) && port_mono_ms() < until)
		port_sleep_ms(5);
	return c;
}

static void test_kill(void)
{
	const char *out = path_a("out");
	struct port_child *c = start_waiting(out);
	struct error e;
	int code = -1;

	if (!CHECK(c != NULL))
		return;
	CHECK_INT(port_wait(c, 0, &code, &e), 0);
	port_kill(c, 1);
	CHECK_INT(port_wait(c, PATIENCE_MS, &code, &e), 1);
	CHECK_INT(code, 256 + 9);
	CHECK(port_child_peak_kib(c) >= 0 && port_child_peak_kib(c) < 1 << 20);
	port_kill(c, 1);	/* has no effect on one that ended */
	CHECK_INT(port_wait(c, 0, &code, &e), 1);
	port_child_free(c);
	port_child_free(NULL);
}

static void test_interrupt(void)
{
	const char *out = path_a("out");
	struct port_child *c = start_waiting(out);
	struct error e;
	int code = -1;

	if (!CHECK(c != NULL))
		return;
	port_kill(c, 0);
	CHECK_INT(port_wait(c, PATIENCE_MS, &code, &e), 1);
	CHECK(code == 7 || code == 256 + 9);	/* the latter where there is no console to send it through */
	port_child_free(c);
}

/* ---- lock ------------------------------------------------------------------------------------ */

static void test_lock(void)
{
	const char *path = path_a("lock");
	struct error e;
	struct port_lock *l = port_lock(path, "somebody", &e);

	if (!CHECK(l != NULL))
		return;
	error_init(&e);
	CHECK(port_lock(path, "me", &e) == NULL);
	CHECK_INT(e.kind, ERROR_LOCKED);
	port_unlock(l);
	CHECK_STR(load(path), "somebody");
	l = port_lock(path, "me", &e);
	CHECK(l != NULL);
	port_unlock(l);
	port_unlock(NULL);
}

static void test_lock_of_other_process(void)
{
	const char *path = path_a("lock"), *mark = path_b("mark");
	const char *argv[] = { NULL, "lock", path, mark, NULL };
	int64_t until = port_mono_ms() + PATIENCE_MS;
	struct error e;
	struct port_child *c;
	struct port_lock *l;

	port_remove(mark, NULL);
	c = start(argv, NULL, NULL, NULL);
	if (!CHECK(c != NULL))
		return;
	while (!exists(mark) && port_mono_ms() < until)
		port_sleep_ms(5);
	error_init(&e);
	CHECK(port_lock(path, "me", &e) == NULL);
	CHECK_INT(e.kind, ERROR_LOCKED);
	CHECK_STR(load(path), "a child");
	port_kill(c, 1);
	CHECK_INT(port_wait(c, PATIENCE_MS, NULL, &e), 1);
	port_child_free(c);
	l = port_lock(path, "me", &e);		/* it went with its process */
	CHECK(l != NULL);
	port_unlock(l);
}

/* ---- sockets --------------------------------------------------------------------------------- */

/* Waits until the socket is ready for `want`. */
static int ready(port_sock s, int want)
{
	struct port_poll p;
	struct error e;

	p.sock = s;
	p.want = want;
	p.got = 0;
	return port_poll(&p, 1, PATIENCE_MS, &e) == 1 && (p.got & want);
}

/* A connected pair over an address of this machine. -1 when there is no such address. */
static int connect_pair(const char *address, port_sock *a, port_sock *b, port_sock *listener)
{
	struct port_addr to;
	struct error e;
	unsigned port = 0;

	*listener = port_listen(address, 0, &port, &e);
	if (*listener == PORT_NO_SOCK)
		return -1;
	CHECK(port > 0);
	CHECK(port_accept(*listener) == PORT_NO_SOCK);
	CHECK_INT(port_resolve(address, port, &to, 1, &e), 1);
	*a = port_connect(&to, &e);
	CHECK(*a != PORT_NO_SOCK);
	CHECK(ready(*a, PORT_WANT_WRITE));
	CHECK_INT(port_connect_result(*a, &e), 0);
	CHECK(ready(*listener, PORT_WANT_READ));
	*b = port_accept(*listener);
	CHECK(*b != PORT_NO_SOCK);
	return 0;
}

static void talk(const char *address)
{
	port_sock a = PORT_NO_SOCK, b = PORT_NO_SOCK, listener;
	struct error e;
	char got[8];

	if (connect_pair(address, &a, &b, &listener))
		return;
	CHECK_INT(port_recv(b, got, sizeof(got), &e), PORT_IO_AGAIN);
	CHECK_INT(port_send(a, "hello", 5, &e), 5);
	CHECK(ready(b, PORT_WANT_READ));
	CHECK_INT(port_recv(b, got, sizeof(got), &e), 5);
	CHECK_MEM(got, 5, "hello", 5);
	port_sock_close(a);
	CHECK(ready(b, PORT_WANT_READ));
	CHECK_INT(port_recv(b, got, sizeof(got), &e), 0);
	port_sock_close(b);
	port_sock_close(listener);
	port_sock_close(PORT_NO_SOCK);
}

static void test_talk(void)
{
	talk("127.0.0.1");
	check_row("IPv6");
	talk("::1");		/* checks nothing where there is no IPv6 */
	check_row(NULL);
}

/* A peer that does not read stops the writer, and goes on when it reads. */
static void test_full_pipe(void)
{
	static char block[65536];
	port_sock a, b, listener;
	struct error e;
	long n;
	size_t sent = 0, got = 0;

	if (!CHECK_INT(connect_pair("127.0.0.1", &a, &b, &listener), 0))
		return;
	while ((n = port_send(a, block, sizeof(block), &e)) > 0 && sent < 64u << 20)
		sent += (size_t)n;
	CHECK_INT(n, PORT_IO_AGAIN);
	while (got < sent && ready(b, PORT_WANT_READ) && (n = port_recv(b, block, sizeof(block), &e)) > 0)
		got += (size_t)n;
	CHECK(got == sent);
	CHECK(ready(a, PORT_WANT_WRITE));
	port_sock_abort(b);
	CHECK(ready(a, PORT_WANT_READ));
	n = port_recv(a, block, 1, &e);
	CHECK(n == PORT_IO_ERROR || n == 0);
	port_sock_close(a);
	port_sock_close(listener);
}

static void test_refused(void)
{
	struct port_addr to;
	struct error e;
	unsigned port = 0;
	port_sock s;
	int failed = 1;

	s = port_listen("127.0.0.1", 0, &port, &e);
	CHECK(s != PORT_NO_SOCK);
	port_sock_close(s);
	CHECK_INT(port_resolve("127.0.0.1", port, &to, 1, &e), 1);
	error_init(&e);
	s = port_connect(&to, &e);	/* some systems say it here, others later */
	if (s != PORT_NO_SOCK) {
		CHECK(ready(s, PORT_WANT_WRITE));
		failed = port_connect_result(s, &e);
		port_sock_close(s);
	}
	CHECK(failed != 0);
	CHECK_INT(e.kind, ERROR_UPSTREAM);
	CHECK(e.text[0] != 0);
}

static void test_resolve(void)
{
	static const struct { const char *host; unsigned port; const char *text; } rows[] = {
		{ "127.0.0.1", 389, "127.0.0.1:389" },
		{ "10.1.2.3", 65535, "10.1.2.3:65535" },
		{ "::1", 636, "[::1]:636" },
	};
	struct port_addr a[4];
	struct error e;
	char text[64];
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		check_row(rows[i].host);
		CHECK_INT(port_resolve(rows[i].host, rows[i].port, a, 4, &e), 1);
		port_addr_text(&a[0], text, sizeof(text));
		CHECK_STR(text, rows[i].text);
	}
	check_row(NULL);
	CHECK(port_resolve("localhost", 80, a, 4, &e) >= 1);
	CHECK_INT(port_resolve("no such host", 80, a, 4, &e), -1);
	CHECK_INT(e.kind, ERROR_UPSTREAM);
	CHECK(strstr(e.text, "no such host") != NULL);
	CHECK(port_listen("no such host", 0, NULL, &e) == PORT_NO_SOCK);
}

static void test_poll_nothing(void)
{
	struct port_poll idle;
	struct error e;
	int64_t start;

	start = port_mono_ms();
	CHECK_INT(port_poll(NULL, 0, 30, &e), 0);
	CHECK(port_mono_ms() - start >= 29);
	idle.sock = port_listen("127.0.0.1", 0, NULL, &e);
	idle.want = PORT_WANT_READ;
	idle.got = 99;
	CHECK_INT(port_poll(&idle, 1, 30, &e), 0);
	CHECK_INT(idle.got, 0);
	port_sock_close(idle.sock);
}

/* More sockets than port_poll() has room for without asking for memory. */
static void test_poll_many(void)
{
	enum { MANY = 80 };
	struct port_poll set[MANY];
	struct port_addr to;
	struct error e;
	port_sock s;
	size_t i;
	unsigned port = 0;

	for (i = 0; i < MANY; i++) {
		set[i].sock = port_listen("127.0.0.1", 0, &port, &e);
		set[i].want = PORT_WANT_READ;
		CHECK(set[i].sock != PORT_NO_SOCK);
	}
	port_resolve("127.0.0.1", port, &to, 1, &e);
	s = port_connect(&to, &e);
	CHECK_INT(port_poll(set, MANY, PATIENCE_MS, &e), 1);
	CHECK_INT(set[MANY - 1].got, PORT_WANT_READ);
	CHECK_INT(set[0].got, 0);
	port_sock_close(s);
	for (i = 0; i < MANY; i++)
		port_sock_close(set[i].sock);
}

/* ---- trust ----------------------------------------------------------------------------------- */

static int take_file(void *cookie, const char *path)
{
	snprintf(cookie, 256, "%s", path);
	return strcmp(path, "bad.pem") ? 0 : -1;
}

static int take_cert(void *cookie, const unsigned char *der, size_t len)
{
	(void)der;
	(void)len;
	(void)cookie;
	return 0;
}

static void test_system_ca(void)
{
	char chosen[256] = "";

	CHECK_INT(port_setenv("SSL_CERT_FILE", "own.pem"), 0);
	CHECK_INT(port_system_ca(take_file, take_cert, chosen), 0);
	CHECK_STR(chosen, "own.pem");
	CHECK_INT(port_setenv("SSL_CERT_FILE", "bad.pem"), 0);
	CHECK_INT(port_system_ca(take_file, take_cert, chosen), -1);
	CHECK_STR(chosen, "bad.pem");
	CHECK_INT(port_setenv("SSL_CERT_FILE", NULL), 0);
}

/* Where the system has certificates they come as a file that is there, or one by one in DER: a SEQUENCE of that length. */
static int see_file(void *cookie, const char *path)
{
	*(int *)cookie += exists(path);
	return exists(path) ? 0 : -1;
}

static int see_cert(void *cookie, const unsigned char *der, size_t len)
{
	CHECK(len > 256 && der[0] == 0x30 && der[1] == 0x82);
	CHECK_INT((size_t)der[2] << 8 | der[3], len - 4);
	++*(int *)cookie;
	return 0;
}

static void test_system_store(void)
{
	int seen = 0, rc = port_system_ca(see_file, see_cert, &seen);

	CHECK_INT(rc, seen > 0 ? 0 : -1);
}

CHECK_SUITE(port, CHECK_TEST(clock), CHECK_TEST(entropy), CHECK_TEST(environment), CHECK_TEST(open_modes), CHECK_TEST(seek),
	    CHECK_TEST(replace), CHECK_TEST(folders), CHECK_TEST(spawn_arguments), CHECK_TEST(spawn_environment),
	    CHECK_TEST(spawn_folder), CHECK_TEST(spawn_exit), CHECK_TEST(kill), CHECK_TEST(interrupt), CHECK_TEST(lock),
	    CHECK_TEST(lock_of_other_process), CHECK_TEST(talk), CHECK_TEST(full_pipe), CHECK_TEST(refused),
	    CHECK_TEST(resolve), CHECK_TEST(poll_nothing), CHECK_TEST(poll_many), CHECK_TEST(system_ca),
	    CHECK_TEST(system_store));
