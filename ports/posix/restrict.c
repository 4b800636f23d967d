/*
 * OpenBSD holds a process to what it says it will need: unveil(2), pledge(2). Elsewhere there is nothing like
 * it that takes no more than a call; ports/systemd asks the system for the same from outside.
 */
#include <errno.h>
#include <stdlib.h>

#include "port.h"
#include "posix.h"

#ifdef __OpenBSD__

/* Not in POSIX, so <unistd.h> does not say these. */
int unveil(const char *path, const char *permissions);
int pledge(const char *promises, const char *exec_promises);

#define PROMISES "stdio rpath wpath cpath fattr flock tty"

/* What cannot be unveiled stays out of reach, and who opens it says so. */
void port_allow(const char *path, int write)
{
	unveil(path, write ? "rwc" : "r");
}

int port_restrict(int network, struct error *e)
{
	static const char *const always[] = {
		"/dev/urandom", "/etc/localtime", "/usr/share/zoneinfo", "/etc/resolv.conf", "/etc/hosts",
		"/etc/services", "/etc/ssl/cert.pem", NULL
	};
	const char *chosen = getenv("SSL_CERT_FILE");	/* see port_system_ca() */
	int i;

	for (i = 0; always[i]; i++)
		port_allow(always[i], 0);
	if (chosen && *chosen)
		port_allow(chosen, 0);
	if (unveil(NULL, NULL) || pledge(network ? PROMISES " inet dns" : PROMISES, NULL))
		return posix_error(e, ERROR_FAILED, errno, "cannot give up what is not needed");
	return 0;
}

#else

void port_allow(const char *path, int write)
{
	(void)path;
	(void)write;
}

int port_restrict(int network, struct error *e)
{
	(void)network;
	(void)e;
	return 0;
}

#endif
