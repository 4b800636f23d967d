/*
 * OpenBSD's unveil() and pledge(), as far as the program needs them, on any system: it gets the code for OpenBSD, and
 * what it does besides what it asked for ends it at once. Links are not followed here, and nothing is said of what
 * other system calls the promises cover.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fault/fault.h"

#define VEILS 64	/* most paths that are unveiled */
#define PATH_BYTES 4096

static struct {
	struct { char path[PATH_BYTES], may[4]; } veil[VEILS];
	int count, locked, offline;
} reach;

/* Absolute, without "." and what is empty between slashes. */
static void normal(char out[PATH_BYTES], const char *path)
{
	char whole[2 * PATH_BYTES], here[PATH_BYTES] = "";
	const char *from = whole;
	size_t n = 0, len;

	if (*path != '/' && !getcwd(here, sizeof(here)))
		abort();
	snprintf(whole, sizeof(whole), "%s/%.4000s", here, path);
	while (*(from += strspn(from, "/"))) {
		len = strcspn(from, "/");
		if (n + len + 2 > PATH_BYTES || (len == 2 && !memcmp(from, "..", 2)))
			abort();
		if (len != 1 || *from != '.') {
			out[n++] = '/';
			memcpy(out + n, from, len);
			n += len;
		}
		from += len;
	}
	out[n] = 0;
}

static int is_below(const char *path, const char *folder)
{
	size_t len = strlen(folder);

	return !strncmp(path, folder, len) && (path[len] == 0 || path[len] == '/');
}

static void refuse(const char *what, const char *may)
{
	fprintf(stderr, "rollcall_fault: \"%s\" (%s) was given up by port_restrict()\n", what, may);
	abort();
}

/* The path that is nearest decides. */
void fault_reach(const char *path, const char *may)
{
	char whole[PATH_BYTES];
	int i, best = -1;

	if (!reach.count)
		return;
	normal(whole, path);
	for (i = 0; i < reach.count; i++)
		if (is_below(whole, reach.veil[i].path) &&
		    (best < 0 || strlen(reach.veil[i].path) > strlen(reach.veil[best].path)))
			best = i;
	for (i = 0; may[i]; i++)
		if (best < 0 || !strchr(reach.veil[best].may, may[i]))
			refuse(whole, may);
}

void fault_reach_network(void)
{
	if (reach.offline)
		refuse("the network", "inet dns");
}

static int fault_unveil(const char *path, const char *may)
{
	if (reach.locked)
		refuse(path ? path : "unveil", "once more");
	if (!path) {
		reach.locked = 1;
		return 0;
	}
	if (reach.count == VEILS || !may || strlen(may) > 3)
		abort();
	if (strlen(path) > 4000) {
		errno = ENAMETOOLONG;
		return -1;
	}
	normal(reach.veil[reach.count].path, path);
	snprintf(reach.veil[reach.count++].may, sizeof(reach.veil[0].may), "%s", may);
	return 0;
}

static int fault_pledge(const char *promises, const char *exec_promises)
{
	if (!reach.locked || exec_promises || strncmp(promises, "stdio ", 6) || strstr(promises, "proc") ||
	    strstr(promises, "exec"))
		refuse(promises, "pledge");
	reach.offline = !strstr(promises, " inet dns");
	return 0;
}

#undef __OpenBSD__
#define __OpenBSD__ 1
#define unveil fault_unveil
#define pledge fault_pledge

#include "../../ports/posix/restrict.c"
