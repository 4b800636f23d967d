/* The port's sockets, which may fail. The system's headers come first, so that they keep their names. */
#include <errno.h>
#include <netdb.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "fault/fault.h"

static int fails(int code)
{
	if (!fault_now(FAULT_NETWORK))
		return 0;
	errno = code;
	return 1;
}

static int fault_getaddrinfo(const char *host, const char *service, const struct addrinfo *hints, struct addrinfo **out)
{
	fault_reach_network();
	return fails(0) ? EAI_AGAIN : getaddrinfo(host, service, hints, out);
}

static int fault_socket(int family, int type, int protocol)
{
	fault_reach_network();
	return fails(EMFILE) ? -1 : socket(family, type, protocol);
}

static int fault_connect(int fd, const struct sockaddr *to, socklen_t len)
{
	return fails(ECONNREFUSED) ? -1 : connect(fd, to, len);
}

/* A connection that has failed is none any more, in either direction. */
static int is_reset(int fd)
{
	if (!fails(ECONNRESET))
		return 0;
	shutdown(fd, SHUT_RDWR);
	errno = ECONNRESET;
	return 1;
}

static ssize_t fault_recv(int fd, void *data, size_t cap, int flags)
{
	return is_reset(fd) ? -1 : recv(fd, data, cap, flags);
}

static ssize_t fault_send(int fd, const void *data, size_t len, int flags)
{
	return is_reset(fd) ? -1 : send(fd, data, len, flags);
}

#undef getaddrinfo
#undef socket
#undef connect
#undef recv
#undef send

#define getaddrinfo fault_getaddrinfo
#define socket fault_socket
#define connect fault_connect
#define recv fault_recv
#define send fault_send

#include "../../ports/posix/sock.c"
