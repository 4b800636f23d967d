#define FD_SETSIZE 1024		/* most sockets waited for at once */
#include "winport.h"
#include <ws2tcpip.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "port.h"

#define LISTEN_BACKLOG 128
#define WAIT_SLICE_MS 200	/* Ctrl-C does not end select(), so it is asked for in between */

/* ---- addresses ------------------------------------------------------------------------------- */

static int look_up(const char *host, unsigned port, int flags, struct addrinfo **list, struct error *e)
{
	struct addrinfo hints;
	char service[16];
	int code;

	memset(&hints, 0, sizeof(hints));
	hints.ai_family = AF_UNSPEC;
	hints.ai_socktype = SOCK_STREAM;
	hints.ai_flags = flags;
	snprintf(service, sizeof(service), "%u", port);
	code = getaddrinfo(host, service, &hints, list);
	if (!code)
		return 0;
	return win_error(e, ERROR_UPSTREAM, (unsigned long)code, "cannot find the address of \"%s\"", host);
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

static int make_ready(SOCKET s)
{
	BOOL on = TRUE;
	u_long non_blocking = 1;

	SetHandleInformation((HANDLE)s, HANDLE_FLAG_INHERIT, 0);
	setsockopt(s, IPPROTO_TCP, TCP_NODELAY, (const char *)&on, sizeof(on));
	return ioctlsocket(s, FIONBIO, &non_blocking);
}

port_sock port_connect(const struct port_addr *a, struct error *e)
{
	struct sockaddr_storage to;
	SOCKET s;

	to_system(a, &to);
	s = socket(to.ss_family, SOCK_STREAM, 0);
	if (s == INVALID_SOCKET) {
		win_error(e, ERROR_UPSTREAM, (unsigned long)WSAGetLastError(), "cannot make a socket");
		return PORT_NO_SOCK;
	}
	if (make_ready(s) ||
	    (connect(s, (struct sockaddr *)&to, (int)a->len) && WSAGetLastError() != WSAEWOULDBLOCK)) {
		win_error(e, ERROR_UPSTREAM, (unsigned long)WSAGetLastError(), "cannot connect");
		closesocket(s);
		return PORT_NO_SOCK;
	}
	return (port_sock)s;
}

int port_connect_result(port_sock s, struct error *e)
{
	int code = 0, len = sizeof(code);

	if (getsockopt((SOCKET)s, SOL_SOCKET, SO_ERROR, (char *)&code, &len))
		code = WSAGetLastError();
	return code ? win_error(e, ERROR_UPSTREAM, (unsigned long)code, "cannot connect") : 0;
}

static unsigned bound_port_of(SOCKET s)
{
	struct sockaddr_storage at;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	int len = sizeof(at);

	if (getsockname(s, (struct sockaddr *)&at, &len))
		return 0;
	if (at.ss_family == AF_INET6) {
		memcpy(&v6, &at, sizeof(v6));
		return ntohs(v6.sin6_port);
	}
	memcpy(&v4, &at, sizeof(v4));
	return ntohs(v4.sin_port);
}

port_sock port_listen(const char *address, unsigned port, unsigned *bound_port, struct error *e)
{
	struct addrinfo *list;
	BOOL on = TRUE;
	SOCKET s;

	if (look_up(address, port, AI_PASSIVE, &list, e))
		return PORT_NO_SOCK;
	s = socket(list->ai_family, SOCK_STREAM, 0);
	if (s == INVALID_SOCKET)
		goto failed;
	/* Here SO_REUSEADDR would let others take the same port; this keeps them away. */
	setsockopt(s, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, (const char *)&on, sizeof(on));
	if (make_ready(s) || bind(s, list->ai_addr, (int)list->ai_addrlen) || listen(s, LISTEN_BACKLOG))
		goto failed;
	if (bound_port)
		*bound_port = bound_port_of(s);
	freeaddrinfo(list);
	return (port_sock)s;
failed:
	win_error(e, ERROR_FAILED, (unsigned long)WSAGetLastError(), "cannot listen on %s port %u", address,
		  port);
	if (s != INVALID_SOCKET)
		closesocket(s);
	freeaddrinfo(list);
	return PORT_NO_SOCK;
}

port_sock port_accept(port_sock listener)
{
	SOCKET s = accept((SOCKET)listener, NULL, NULL);

	if (s == INVALID_SOCKET)
		return PORT_NO_SOCK;
	if (make_ready(s)) {
		closesocket(s);
		return PORT_NO_SOCK;
	}
	return (port_sock)s;
}

static int clamp(size_t len)
{
	return len < 0x40000000 ? (int)len : 0x40000000;
}

static long transfer_result(int n, const char *what, struct error *e)
{
	int code;

	if (n >= 0)
		return n;
	code = WSAGetLastError();
	if (code == WSAEWOULDBLOCK || code == WSAEINTR)
		return PORT_IO_AGAIN;
	win_error(e, ERROR_UPSTREAM, (unsigned long)code, "%s", what);
	return PORT_IO_ERROR;
}

long port_recv(port_sock s, void *data, size_t cap, struct error *e)
{
	return transfer_result(recv((SOCKET)s, data, clamp(cap), 0), "cannot receive", e);
}

long port_send(port_sock s, const void *data, size_t len, struct error *e)
{
	return transfer_result(send((SOCKET)s, data, clamp(len), 0), "cannot send", e);
}

void port_sock_close(port_sock s)
{
	if (s != PORT_NO_SOCK)
		closesocket((SOCKET)s);
}

void port_sock_abort(port_sock s)
{
	struct linger at_once = { 1, 0 };

	setsockopt((SOCKET)s, SOL_SOCKET, SO_LINGER, (const char *)&at_once, sizeof(at_once));
	port_sock_close(s);
}

/* ---- waiting --------------------------------------------------------------------------------- */

/* WSAPoll() misses failed connects on older systems, so it is select(): a failed connect is an exception
 * there. */
struct wait_sets {
	fd_set read, write, fail;
};

static size_t fill(struct wait_sets *w, const struct port_poll *set, size_t n)
{
	size_t i, count = 0;

	FD_ZERO(&w->read);
	FD_ZERO(&w->write);
	FD_ZERO(&w->fail);
	for (i = 0; i < n; i++) {
		SOCKET s = (SOCKET)set[i].sock;

		if (!set[i].want)
			continue;
		if (set[i].want & PORT_WANT_READ)
			FD_SET(s, &w->read);
		if (set[i].want & PORT_WANT_WRITE)
			FD_SET(s, &w->write);
		FD_SET(s, &w->fail);
		count++;
	}
	return count;
}

static int collect(struct wait_sets *w, struct port_poll *set, size_t n)
{
	int count = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		SOCKET s = (SOCKET)set[i].sock;

		if (!set[i].want)
			continue;
		if (FD_ISSET(s, &w->fail))
			set[i].got = PORT_WANT_READ | PORT_WANT_WRITE;
		else
			set[i].got = (FD_ISSET(s, &w->read) ? PORT_WANT_READ : 0) |
				     (FD_ISSET(s, &w->write) ? PORT_WANT_WRITE : 0);
		count += set[i].got != 0;
	}
	return count;
}

/* One wait of at most ms. Number ready or -1. select() refuses empty sets. */
static int wait_once(struct wait_sets *w, struct port_poll *set, size_t n, int ms, struct error *e)
{
	struct timeval t;
	int rc;

	if (!fill(w, set, n)) {
		port_sleep_ms(ms);
		return 0;
	}
	t.tv_sec = ms / 1000;
	t.tv_usec = ms % 1000 * 1000;
	rc = select(0, &w->read, &w->write, &w->fail, &t);
	if (rc < 0)
		return win_error(e, ERROR_FAILED, (unsigned long)WSAGetLastError(),
				 "cannot wait for the network");
	return rc ? collect(w, set, n) : 0;
}

int port_poll(struct port_poll *set, size_t n, int ms, struct error *e)
{
	struct wait_sets *w;
	int64_t until = port_mono_ms() + ms;
	int64_t left;
	size_t i;
	int rc;

	if (n > FD_SETSIZE)
		return error_set(e, ERROR_FAILED, "more than %d connections at once", FD_SETSIZE);
	w = malloc(sizeof(*w));
	if (!w)
		return error_memory(e);
	for (i = 0; i < n; i++)
		set[i].got = 0;
	do {
		left = ms < 0 ? WAIT_SLICE_MS : until - port_mono_ms();
		if (left < 0)
			left = 0;
		rc = wait_once(w, set, n, left < WAIT_SLICE_MS ? (int)left : WAIT_SLICE_MS, e);
	} while (!rc && !port_interrupted() && (ms < 0 || port_mono_ms() < until));
	free(w);
	return rc;
}
