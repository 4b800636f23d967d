/* The port's other files: /dev/null at the start, random bytes. */
#include <errno.h>
#include <fcntl.h>

#include "fault/fault.h"

static int fault_open(const char *path, int flags)
{
	fault_reach(path, "r");
	if (!fault_now(FAULT_OPEN))
		return open(path, flags);
	errno = EMFILE;
	return -1;
}

#undef open
#define open fault_open

#include "../../ports/posix/sys.c"
