#include "bench/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/str.h"
#include "port.h"

/* Runs a command with its output in a file; prints seconds and peak KiB. The exit code is the command's. */
static int measure(const char *out, const char *const *argv, struct error *e)
{
	int64_t start = port_mono_ms();
	struct port_child *c = port_spawn(argv, NULL, NULL, out, NULL, e);
	int code = -1;

	if (c == NULL)
		return -1;
	if (port_wait(c, -1, &code, e) == 1)
		printf("%.2f %lld\n", (double)(port_mono_ms() - start) / 1000,
		       (long long)port_child_peak_kib(c));
	port_child_free(c);
	return code == 0 ? 0 : error_set(e, ERROR_FAILED, "\"%s\" ended with %d", argv[0], code);
}

static int run(int argc, char **argv, struct error *e)
{
	int64_t people, percent;

	if (argc == 4 && strcmp(argv[1], "users") == 0 && str_to_i64(str_from(argv[2]), &people) == 0)
		return bench_users((long)people, argv[3], e);
	if (argc == 3 && strcmp(argv[1], "json") == 0)
		return bench_json(argv[2], e);
	if (argc == 6 && strcmp(argv[1], "account") == 0 && str_to_i64(str_from(argv[2]), &people) == 0 &&
	    str_to_i64(str_from(argv[3]), &percent) == 0)
		return bench_account((long)people, (long)percent, argv[4], argv[5], e);
	if (argc == 3 && strcmp(argv[1], "counters") == 0)
		return bench_counters(argv[2], e);
	if (argc == 4 && strcmp(argv[1], "relay") == 0)
		return bench_relay(argv[2], argv[3], e);
	if (argc >= 4 && strcmp(argv[1], "measure") == 0)
		return measure(argv[2], (const char *const *)argv + 3, e);
	return error_set(e, ERROR_USAGE,
			 "bench users N department|supervisor|hybrid, account N PERCENT ACCOUNT-FILE PEOPLE-FILE,"
			 " json FILE, measure OUT COMMAND..., counters PORT, relay PORT PORT-FILE");
}

int main(int argc, char **argv)
{
	struct error e;

	error_init(&e);
	if (port_init(&argc, &argv, &e) == 0 && run(argc, argv, &e) == 0)
		return 0;
	fprintf(stderr, "%s\n", e.text);
	return error_exit_code(e.kind);
}
