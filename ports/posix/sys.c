#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "port.h"
#include "posix.h"

#define DEFAULT_COLUMNS 80

extern char **environ;

/* Signals and the standard streams are the process's own, so is what is remembered of them. */
static volatile sig_atomic_t interrupted;
static int print_failed;

int posix_error(struct error *e, enum error_kind kind, int code, const char *fmt, ...)
{
	char what[ERROR_TEXT_MAX];
	va_list args;

	va_start(args, fmt);
	vsnprintf(what, sizeof(what), fmt, args);
	va_end(args);
	return error_set(e, kind, "%s: %s", what, strerror(code));
}

int posix_close_on_exec(int fd)
{
	int flags = fd >= 0 ? fcntl(fd, F_GETFD) : -1;

	if (flags >= 0)
		fcntl(fd, F_SETFD, flags | FD_CLOEXEC);
	return fd;
}

/* ---- start and end --------------------------------------------------------------------------- */

/* A closed standard stream would give its number to the next file opened, and messages would go into that. */
static int open_standard_streams(struct error *e)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
		if (fd < 0)
			return posix_error(e, ERROR_FAILED, errno, "cannot open \"/dev/null\"");
	} while (fd <= STDERR_FILENO);
	close(fd);
	return 0;
}

int port_init(int *argc, char ***argv, struct error *e)
{
	struct rlimit no_core = { 0, 0 };
	struct sigaction ignore;

	(void)argc;
	(void)argv;
	if (open_standard_streams(e))
		return -1;
	memset(&ignore, 0, sizeof(ignore));
	ignore.sa_handler = SIG_IGN;
	sigemptyset(&ignore.sa_mask);
	if (sigaction(SIGPIPE, &ignore, NULL))
		return posix_error(e, ERROR_FAILED, errno, "cannot ignore SIGPIPE");
	/* A core file would hold passwords and people's data. */
	if (setrlimit(RLIMIT_CORE, &no_core))
		return posix_error(e, ERROR_FAILED, errno, "cannot turn core dumps off");
	umask(077);
	return 0;
}

static void on_interrupt(int sig)
{
	if (interrupted) {
		signal(sig, SIG_DFL);
		raise(sig);
	}
	interrupted = 1;
}

void port_catch_interrupts(void)
{
	struct sigaction catch;

	memset(&catch, 0, sizeof(catch));
	catch.sa_handler = on_interrupt;	/* no SA_RESTART: waiting calls must notice */
	sigemptyset(&catch.sa_mask);
	sigaction(SIGINT, &catch, NULL);
	sigaction(SIGTERM, &catch, NULL);
}

int port_interrupted(void)
{
	return interrupted;
}

/* ---- clock, entropy, environment ------------------------------------------------------------- */

static int64_t clock_ms(clockid_t id)
{
	struct timespec t;

	if (clock_gettime(id, &t))
		return 0;
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t port_mono_ms(void)
{
	return clock_ms(CLOCK_MONOTONIC);
}

int64_t port_wall_ms(void)
{
	return clock_ms(CLOCK_REALTIME);
}

void port_local_time(int64_t epoch, struct port_tm *out)
{
	time_t when = (time_t)epoch;
	struct tm t;

	memset(&t, 0, sizeof(t));
	localtime_r(&when, &t);
	out->year = t.tm_year + 1900;
	out->month = t.tm_mon + 1;
	out->day = t.tm_mday;
	out->hour = t.tm_hour;
	out->minute = t.tm_min;
	out->second = t.tm_sec;
}

void port_sleep_ms(int ms)
{
	struct timespec t;

	if (ms <= 0)
		return;
	t.tv_sec = ms / 1000;
	t.tv_nsec = (long)(ms % 1000) * 1000000;
	nanosleep(&t, NULL);
}

int port_entropy(void *out, size_t len, struct error *e)
{
	unsigned char *to = out;
	int fd = open("/dev/urandom", O_RDONLY);
	int rc = -1;

	if (posix_close_on_exec(fd) < 0)
		return posix_error(e, ERROR_FAILED, errno, "cannot open \"/dev/urandom\"");
	while (len > 0) {
		ssize_t n = read(fd, to, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			posix_error(e, ERROR_FAILED, n < 0 ? errno : EIO, "cannot read \"/dev/urandom\"");
			goto out;
		}
		to += n;
		len -= (size_t)n;
	}
	rc = 0;
out:
	close(fd);
	return rc;
}

const char *port_getenv(const char *name)
{
	return getenv(name);
}

int port_setenv(const char *name, const char *value)
{
	return value ? setenv(name, value, 1) : unsetenv(name);
}

void port_each_env(void (*fn)(void *cookie, const char *entry), void *cookie)
{
	char **entry;

	for (entry = environ; entry && *entry; entry++)
		fn(cookie, *entry);
}

/* ---- standard streams ------------------------------------------------------------------------ */

/* Writes all, waiting where the stream was left non-blocking by somebody who shares it. */
static int write_stream(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
			struct pollfd wait;

			wait.fd = fd;
			wait.events = POLLOUT;
			wait.revents = 0;
			poll(&wait, 1, -1);
		} else if (n < 0 && errno != EINTR) {
			return -1;
		} else if (n > 0) {
			data += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

int port_print(int stream, const char *data, size_t len)
{
	if (stream != STDOUT_FILENO) {
		write_stream(STDERR_FILENO, data, len);
		return 0;
	}
	if (!print_failed && (!data || write_stream(STDOUT_FILENO, data, len)))
		print_failed = 1;
	return print_failed ? -1 : 0;
}

int port_is_terminal(int stream)
{
	return isatty(stream) == 1;
}

int port_terminal_width(int stream)
{
#ifdef TIOCGWINSZ
	struct winsize size;

	if (!ioctl(stream, TIOCGWINSZ, &size) && size.ws_col > 0)
		return size.ws_col;
#else
	(void)stream;
#endif
	return DEFAULT_COLUMNS;
}

/* ---- trust ----------------------------------------------------------------------------------- */

int port_system_ca(int (*file)(void *cookie, const char *path),
		   int (*cert)(void *cookie, const unsigned char *der, size_t len), void *cookie)
{
	static const char *const bundles[] = {
		"/etc/ssl/certs/ca-certificates.crt",			/* Debian, Alpine, Arch, Gentoo */
		"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",	/* RHEL, Fedora */
		"/etc/pki/tls/certs/ca-bundle.crt",			/* older RHEL */
		"/etc/ssl/ca-bundle.pem",				/* SUSE */
		"/etc/ssl/cert.pem",					/* OpenBSD, FreeBSD, macOS */
		"/usr/local/etc/ssl/cert.pem",				/* FreeBSD, package */
		"/usr/local/share/certs/ca-root-nss.crt",		/* FreeBSD, DragonFly, package */
		"/etc/openssl/certs/ca-certificates.crt",		/* NetBSD */
		"/usr/pkg/etc/openssl/certs/ca-certificates.crt",	/* NetBSD, package */
		NULL
	};
	const char *chosen = getenv("SSL_CERT_FILE");
	const char *const *path;

	(void)cert;
	/* Who names a file wants that one: falling back to others would trust more than was asked for. */
	if (chosen && *chosen)
		return file(cookie, chosen) ? -1 : 0;
	for (path = bundles; *path; path++)
		if (!file(cookie, *path))
			return 0;
	return -1;
}
