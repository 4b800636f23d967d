#include "check.h"

#include <stdio.h>
#include <string.h>
#include "port.h"

/* One line for each suite, made from the files that are there; so it is read twice. */
#define SUITE(name) extern const struct check_suite suite_##name;
#include "suites.h"
#undef SUITE

static const struct check_suite *const suites[] = {
#define SUITE(name) &suite_##name,
#include "suites.h"
	NULL
};

/* The test that runs now. */
static struct {
	const char *suite, *test, *row;
	unsigned checks, failed;
} now;

static int report(const char *file, int line, const char *expr)
{
	now.failed++;
	printf("%s:%d: %s.%s%s%s: %s", file, line, now.suite, now.test, now.row != NULL ? " " : "",
		now.row != NULL ? now.row : "", expr);
	return 0;
}

/* Bytes as a C string would show them, so that what differs can be seen whatever it is. */
static void print_bytes(const char *label, const void *bytes, size_t len)
{
	const unsigned char *p = bytes;
	size_t i;

	printf("    %s", label);
	if (p == NULL) {
		puts(" NULL");
		return;
	}
	printf(" (%lu) \"", (unsigned long)len);
	for (i = 0; i < len && i < 2000; i++) {
		if (p[i] == '"' || p[i] == '\\')
			printf("\\%c", p[i]);
		else if (p[i] == '\n')
			printf("\\n");
		else if (p[i] < 32 || p[i] == 127)
			printf("\\x%02x", p[i]);
		else
			putchar(p[i]);
	}
	puts(i < len ? "\" ..." : "\"");
}

int check_true(const char *file, int line, const char *expr, int ok)
{
	now.checks++;
	if (ok)
		return 1;
	report(file, line, expr);
	puts(" does not hold");
	return 0;
}

int check_int(const char *file, int line, const char *expr, long long got, long long want)
{
	now.checks++;
	if (got == want)
		return 1;
	report(file, line, expr);
	printf(" is %lld, not %lld\n", got, want);
	return 0;
}

int check_str(const char *file, int line, const char *expr, const char *got, const char *want)
{
	size_t got_len = got != NULL ? strlen(got) : 0;
	size_t want_len = want != NULL ? strlen(want) : 0;

	return check_mem(file, line, expr, got, got_len, want, want_len);
}

int check_mem(const char *file, int line, const char *expr, const void *got, size_t got_len, const void *want,
	size_t want_len)
{
	now.checks++;
	if (got_len == want_len && (got == NULL) == (want == NULL)) {
		if (got_len == 0 || memcmp(got, want, got_len) == 0)
			return 1;
	}
	report(file, line, expr);
	puts(" differs");
	print_bytes("is: ", got, got_len);
	print_bytes("not:", want, want_len);
	return 0;
}

void check_row(const char *name)
{
	now.row = name;
}

const char *check_file(const char *name)
{
	static char path[512];

	snprintf(path, sizeof(path), CHECK_TMP "/%s.%s.%s", now.suite, now.test, name);
	return path;
}

/* Whether TEST of SUITE is among the names given: nothing, SUITE or SUITE.TEST. */
static int selected(char **names, int count, const char *suite, const char *test)
{
	size_t n = strlen(suite);
	int i;

	for (i = 0; i < count; i++) {
		if (strncmp(names[i], suite, n) != 0)
			continue;
		if (names[i][n] == '\0' || (names[i][n] == '.' && strcmp(names[i] + n + 1, test) == 0))
			return 1;
	}
	return count == 0;
}

int main(int argc, char **argv)
{
	const struct check_suite *const *s;
	const struct check_test *t;
	unsigned passed = 0, failed = 0;
	struct error e;
	int verbose;

	if (port_init(&argc, &argv, &e) != 0) {
		printf("%s\n0 passed, 1 failed\n", e.text);
		return 1;
	}
	verbose = argc > 1 && strcmp(argv[1], "-v") == 0;
	for (s = suites; *s != NULL; s++) {
		for (t = (*s)->tests; t->name != NULL; t++) {
			if (!selected(argv + 1 + verbose, argc - 1 - verbose, (*s)->name, t->name))
				continue;
			memset(&now, 0, sizeof(now));
			now.suite = (*s)->name;
			now.test = t->name;
			if (verbose)
				printf("%s.%s\n", now.suite, now.test);
			fflush(stdout);
			t->run();
			if (now.checks == 0) {
				report((*s)->name, 0, t->name);
				puts(" checks nothing");
			}
			*(now.failed > 0 ? &failed : &passed) += 1;
		}
	}
	printf("%u passed, %u failed\n", passed, failed);
	return failed > 0;
}
