/*
 * build/rollcall_fault: the program, in a system that fails it. All of our code is compiled once more, with other names
 * for what asks for memory, and ports/posix with other names for what writes, opens or connects; SQLite has layers of
 * its own for files and memory. From the environment:
 *
 *	FAULT_WHAT	disk (writing, the usual), open (every file), network, memory
 *	FAULT_AT	from the n-th such call on each one fails; 0 or none: nothing does
 *	FAULT_TIMES	only so many fail; 0 or none: all that follow
 *
 *	FAULT_SECRET	a text that no memory may hold when it is freed
 *
 * The first to fail leaves the empty file fault.met behind in the folder where the program was started. What the program
 * has not freed at its end, or not wiped, is an error of its own: exit code 99.
 */
#undef malloc
#undef calloc
#undef realloc
#undef free

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "fault/fault.h"

#define EXIT_LEAK 99

static struct {
	int what;
	uint64_t at, times, calls;
	long blocks;		/* of memory that are not freed */
	const char *secret;	/* NULL: none */
	long left;		/* blocks that were freed with it */
} fault;

/* ---- what fails --------------------------------------------------------------------------------- */

int fault_goes_on(int what)
{
	return fault.at && what == fault.what && fault.calls >= fault.at &&
	       (!fault.times || fault.calls - fault.at < fault.times);
}

int fault_now(int what)
{
	int fd;

	if (!fault.at || what != fault.what)
		return 0;
	if (++fault.calls == fault.at) {
		fd = open("fault.met", O_WRONLY | O_CREAT, 0600);
		if (fd >= 0)
			close(fd);
	}
	return fault_goes_on(what);
}

/* ---- memory ------------------------------------------------------------------------------------- */

/* Before each block, which so stays as aligned as the system gave it. */
union head {
	size_t size;
	long double aligned;
	void *pointer;
	long long integer;
};

static void *hand_out(union head *h, size_t size)
{
	if (!h)
		return NULL;
	h->size = size;
	return h + 1;
}

void *fault_malloc(size_t size)
{
	void *p = fault_now(FAULT_MEMORY) ? NULL : hand_out(malloc(sizeof(union head) + size), size);

	fault.blocks += p != NULL;
	return p;
}

void *fault_calloc(size_t n, size_t size)
{
	void *p = NULL;

	if (!fault_now(FAULT_MEMORY) && (size == 0 || n < ((size_t)-1 - sizeof(union head)) / size))
		p = hand_out(calloc(1, sizeof(union head) + n * size), n * size);
	fault.blocks += p != NULL;
	return p;
}

void *fault_realloc(void *old, size_t size)
{
	union head *h = old ? (union head *)old - 1 : NULL;
	void *p = fault_now(FAULT_MEMORY) ? NULL : hand_out(realloc(h, sizeof(union head) + size), size);

	fault.blocks += p && !old;
	return p;
}

/* What is given back with the secret in it could be found there. */
static void look_for_secret(const char *p, size_t size)
{
	size_t len = fault.secret ? strlen(fault.secret) : 0, i;

	for (i = 0; len > 0 && i + len <= size; i++)
		if (p[i] == fault.secret[0] && !memcmp(p + i, fault.secret, len)) {
			fprintf(stderr, "rollcall_fault: the secret was left in %lu bytes\n", (unsigned long)size);
			fault.left++;
			return;
		}
}

void fault_free(void *p)
{
	union head *h = p ? (union head *)p - 1 : NULL;

	fault.blocks -= p != NULL;
	if (h)
		look_for_secret(p, h->size);
	free(h);
}

/* ---- the program -------------------------------------------------------------------------------- */

static uint64_t number_of(const char *name)
{
	const char *text = getenv(name);
	uint64_t n = 0;

	if (text && str_to_u64(str_from(text), &n))
		abort();
	return n;
}

static int what_fails(void)
{
	static const char *const names[] = { "disk", "open", "network", "memory" };
	const char *text = getenv("FAULT_WHAT");
	int i;

	for (i = 0; i < FAULT_KINDS; i++)
		if (!text || !strcmp(text, names[i]))
			return i;
	abort();
}

int main(int argc, char **argv)
{
	long left;
	int rc;

	fault_before_sqlite();
	fault.what = what_fails();
	fault.times = number_of("FAULT_TIMES");
	fault.at = number_of("FAULT_AT");
	fault.secret = getenv("FAULT_SECRET");
	rc = rollcall_main(argc, argv);
	fault.at = 0;
	left = fault_after_sqlite();
	if (!fault.blocks && !left && !fault.left)
		return rc;
	fprintf(stderr, "rollcall_fault: %ld blocks and %ld of SQLite are not freed (exit code was %d)\n", fault.blocks, left, rc);
	return EXIT_LEAK;
}
