/*
 * build/timecamp_sim: the simulated service as a program of its own, for the demo and for playing.
 */
#include <stdio.h>
#include <string.h>

#include "port.h"
#include "sandbox/tcsim.h"

#define SLICE_MS 1000	/* longest time until an interruption is noticed on systems that do not wake us */

static const char usage[] =
	"usage: timecamp_sim [--state FILE] [--port N] [--port-file FILE] [--delay MS] [--OPTION VALUE]...\n"
	"\n"
	"A simulated TimeCamp account on 127.0.0.1. FILE is its state as JSON; N 0 or none: a free port; the port is\n"
	"written to the port file once requests are served. OPTION: a name from tests/sandbox/tcsim_options.c, with dashes.\n"
	"GET /_sim/state and /_sim/calls show the account and the changing requests; POST /_sim/reset takes a new state;\n"
	"POST /_sim/clear forgets the requests; POST /_sim/stop ends it.\n";

struct settings {
	const char *state, *port_file;
	uint64_t port;
};

static int fail(const struct error *e)
{
	fprintf(stderr, "timecamp_sim: %s\n", e->text);
	return 1;
}

/* "--limit-every 5" sets the option limit_every. */
static int set_option(struct tcsim *s, const char *flag, const char *value, struct error *e)
{
	char name[64];
	size_t i;

	snprintf(name, sizeof(name), "%s", strcmp(flag, "delay") ? flag : "latency_ms");
	for (i = 0; name[i]; i++)
		if (name[i] == '-')
			name[i] = '_';
	return tcsim_set_option(s, name, value, e);
}

/* The first pass finds the state, which sets options too; the second, after that is loaded, the options' flags. */
static int read_arguments(int argc, char **argv, struct settings *o, struct tcsim *s, struct error *e)
{
	int i;

	for (i = 1; i < argc; i += 2) {
		const char *flag = argv[i], *value = argv[i + 1];

		if (strncmp(flag, "--", 2) || i + 1 >= argc)
			return error_set(e, ERROR_USAGE, "\"%s\": see timecamp_sim --help", flag);
		if (!strcmp(flag, "--state"))
			o->state = value;
		else if (!strcmp(flag, "--port-file"))
			o->port_file = value;
		else if (!strcmp(flag, "--port") && str_to_u64(str_from(value), &o->port))
			return error_set(e, ERROR_USAGE, "\"%s\" is no port", value);
		else if (strcmp(flag, "--port") && s && set_option(s, flag + 2, value, e))
			return -1;
	}
	return 0;
}

static int write_port(const char *path, unsigned port, struct error *e)
{
	char text[16];
	struct port_file *f = port_open(path, PORT_TRUNCATE, e);

	if (!f)
		return -1;
	snprintf(text, sizeof(text), "%u\n", port);
	if (port_write(f, text, strlen(text), e)) {
		port_close(f, NULL);
		return -1;
	}
	return port_close(f, e);
}

static int serve(struct tcsim *s, const struct settings *o, struct error *e)
{
	if (tcsim_listen(s, (unsigned)o->port, e))
		return -1;
	if (o->port_file && write_port(o->port_file, tcsim_port(s), e))
		return -1;
	printf("http://127.0.0.1:%u\n", tcsim_port(s));
	fflush(stdout);
	port_catch_interrupts();
	while (!tcsim_stopped(s) && !port_interrupted())
		if (tcsim_run(s, SLICE_MS, e))
			return -1;
	tcsim_run(s, 0, e);	/* the answer to the stop */
	return 0;
}

int main(int argc, char **argv)
{
	struct settings o = { NULL, NULL, 0 };
	struct tcsim *s = NULL;
	struct error e;
	int rc;

	if (port_init(&argc, &argv, &e))
		return fail(&e);
	if (argc > 1 && !strcmp(argv[1], "--help")) {
		fputs(usage, stdout);
		return 0;
	}
	rc = read_arguments(argc, argv, &o, NULL, &e);
	if (!rc)
		s = tcsim_new(&e);
	if (rc || !s)
		return fail(&e);
	if ((o.state && tcsim_load_file(s, o.state, &e)) || read_arguments(argc, argv, &o, s, &e) || serve(s, &o, &e))
		rc = fail(&e);
	tcsim_free(s);
	return rc;
}
