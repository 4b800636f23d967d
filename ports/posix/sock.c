#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

#include "port.h"
#include "posix.h"

#define POLL_ON_STACK 64	/* sockets that port_poll() waits for without asking for memory */
#define LISTEN_BACKLOG 128

/* ---- addresses ------------------------------------------------------------------------------- */

static int look_up(const char *host, unsigned port, int flags, struct addrinfo **list, struct error *e)
{
	struct addrinfo hints;
	char service[16];
	int rc;

	memset(&hints, 0, sizeof(hints));
	hints.ai_family = AF_UNSPEC;
	hints.ai_socktype = SOCK_STREAM;
	hints.ai_flags = flags;
	snprintf(service, sizeof(service), "%u", port);
	rc = getaddrinfo(host, service, &hints, list);
	if (!rc)
		return 0;
	return error_set(e, ERROR_UPSTREAM, "cannot find the address of \"%s\": %s", host,
			 rc == EAI_SYSTEM ? strerror(errno) : gai_strerror(rc));
}

int port_resolve(const char *host, unsigned port, struct port_addr *out, int max, struct error *e)
{
	struct addrinfo *list, *a;
	int n = 0;

	if (look_up(host, port, 0, &list, e))
		return -1;
	for (a = list; a && n < max; a = a->ai_next) {
		if (a->ai_addrlen > sizeof(out[n].bytes) ||
		    (a->ai_family != AF_INET && a->ai_family != AF_INET6))
			continue;
		memcpy(out[n].bytes, a->ai_addr, a->ai_addrlen);
		out[n].len = (unsigned)a->ai_addrlen;
		n++;
	}
	freeaddrinfo(list);
	if (n == 0)
		return error_set(e, ERROR_UPSTREAM, "\"%s\" has no IPv4 or IPv6 address", host);
	return n;
}

/* The bytes of a port_addr, aligned as the system wants them. */
static void to_system(const struct port_addr *a, struct sockaddr_storage *out)
{
	size_t len = a->len < sizeof(*out) ? a->len : sizeof(*out);

	memset(out, 0, sizeof(*out));
	memcpy(out, a->bytes, len);
}

void port_addr_text(const struct port_addr *a, char *out, size_t cap)
{
	struct sockaddr_storage s;
	char host[128], service[16];

	to_system(a, &s);
	if (getnameinfo((struct sockaddr *)&s, (socklen_t)a->len, host, sizeof(host), service,
			sizeof(service), NI_NUMERICHOST | NI_NUMERICSERV))
		snprintf(out, cap, "?");
	else
		snprintf(out, cap, s.ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, service);
}

/* ---- connections ----------------------------------------------------------------------------- */

static int make_ready(int fd)
{
	int on = 1, flags = fcntl(fd, F_GETFL);

	posix_close_on_exec(fd);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return flags < 0 ? -1 : fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

port_sock port_connect(const struct port_addr *a, struct error *e)
{
	struct sockaddr_storage s;
	int fd;

	to_system(a, &s);
	fd = socket(s.ss_family, SOCK_STREAM, 0);
	if (fd < 0) {
		posix_error(e, ERROR_UPSTREAM, errno, "cannot make a socket");
		return PORT_NO_SOCK;
	}
	/* A connect that is interrupted goes on in the background, like one that has to wait. */
	if (make_ready(fd) || (connect(fd, (struct sockaddr *)&s, (socklen_t)a->len) &&
			       errno != EINPROGRESS && errno != EINTR)) {
		error_set(e, ERROR_UPSTREAM, "%s", strerror(errno));
		close(fd);
		return PORT_NO_SOCK;
	}
	return fd;
}

int port_connect_result(port_sock s, struct error *e)
{
	int code = 0;
	socklen_t len = sizeof(code);

	if (getsockopt((int)s, SOL_SOCKET, SO_ERROR, &code, &len))
		code = errno;
	return code ? error_set(e, ERROR_UPSTREAM, "%s", strerror(code)) : 0;
}

static unsigned bound_port_of(int fd)
{
	struct sockaddr_storage s;
	socklen_t len = sizeof(s);
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	if (getsockname(fd, (struct sockaddr *)&s, &len))
		return 0;
	if (s.ss_family == AF_INET6) {
		memcpy(&v6, &s, sizeof(v6));
		return ntohs(v6.sin6_port);
	}
	memcpy(&v4, &s, sizeof(v4));
	return ntohs(v4.sin_port);
}

port_sock port_listen(const char *address, unsigned port, unsigned *bound_port, struct error *e)
{
	struct addrinfo *list;
	int fd, on = 1;

	if (look_up(address, port, AI_PASSIVE, &list, e))
		return PORT_NO_SOCK;
	fd = socket(list->ai_family, SOCK_STREAM, 0);
	if (fd < 0)
		goto failed;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (make_ready(fd) || bind(fd, list->ai_addr, list->ai_addrlen) || listen(fd, LISTEN_BACKLOG))
		goto failed;
	if (bound_port)
		*bound_port = bound_port_of(fd);
	freeaddrinfo(list);
	return fd;
failed:
	posix_error(e, ERROR_FAILED, errno, "cannot listen on %s port %u", address, port);
	if (fd >= 0)
		close(fd);
	freeaddrinfo(list);
	return PORT_NO_SOCK;
}

port_sock port_accept(port_sock listener)
{
	int fd = accept((int)listener, NULL, NULL);

	if (fd < 0)
		return PORT_NO_SOCK;
	if (make_ready(fd)) {
		close(fd);
		return PORT_NO_SOCK;
	}
	return fd;
}

static long transfer_result(ssize_t n, struct error *e)
{
	if (n >= 0)
		return (long)n;
	if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)
		return PORT_IO_AGAIN;
	error_set(e, ERROR_UPSTREAM, "%s", strerror(errno));
	return PORT_IO_ERROR;
}

long port_recv(port_sock s, void *data, size_t cap, struct error *e)
{
	return transfer_result(recv((int)s, data, cap, 0), e);
}

long port_send(port_sock s, const void *data, size_t len, struct error *e)
{
	return transfer_result(send((int)s, data, len, 0), e);
}

void port_sock_close(port_sock s)
{
	if (s != PORT_NO_SOCK)
		close((int)s);
}

void port_sock_abort(port_sock s)
{
	struct linger at_once = { 1, 0 };

	setsockopt((int)s, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	port_sock_close(s);
}

/* ---- waiting --------------------------------------------------------------------------------- */

static void fill(struct pollfd *fds, const struct port_poll *set, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		fds[i].fd = (int)set[i].sock;
		fds[i].events = (short)((set[i].want & PORT_WANT_READ ? POLLIN : 0) |
					(set[i].want & PORT_WANT_WRITE ? POLLOUT : 0));
		fds[i].revents = 0;
	}
}

static int ready(const struct pollfd *p)
{
	if (p->revents & (POLLERR | POLLHUP | POLLNVAL))
		return PORT_WANT_READ | PORT_WANT_WRITE;
	return (p->revents & POLLIN ? PORT_WANT_READ : 0) | (p->revents & POLLOUT ? PORT_WANT_WRITE : 0);
}

int port_poll(struct port_poll *set, size_t n, int ms, struct error *e)
{
	struct pollfd few[POLL_ON_STACK], *fds = few;
	size_t i;
	int rc, count = 0;

	if (n > POLL_ON_STACK) {
		fds = calloc(n, sizeof(*fds));
		if (!fds)
			return error_memory(e);
	}
	fill(fds, set, n);
	rc = poll(fds, (nfds_t)n, ms);
	if (rc < 0 && errno != EINTR)
		count = posix_error(e, ERROR_FAILED, errno, "cannot wait for the network");
	for (i = 0; i < n && count >= 0; i++) {
		set[i].got = rc > 0 ? ready(&fds[i]) : 0;
		count += set[i].got != 0;
	}
	if (fds != few)
		free(fds);
	return count;
}
