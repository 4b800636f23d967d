/*
 * The program that the tests of port_spawn() and port_lock() start: does the one thing that its first argument names.
 * Being small, it measures what others need.
 */
#include "port.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"

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
		{ "abort", 0, run_abort },
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
