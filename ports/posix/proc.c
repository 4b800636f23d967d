#ifdef __APPLE__
#define _DARWIN_C_SOURCE	/* else struct rusage has just what POSIX says: the times */
#define RSS_PER_KIB 1024
#else
#define RSS_PER_KIB 1
#endif
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "port.h"
#include "posix.h"

#define WAIT_STEP_MAX_MS 20	/* longest pause between two looks at a running child */
#define EXIT_NOT_STARTED 127	/* what a shell says for a program that could not be started */

extern char **environ;

struct port_child {
	pid_t pid;
	int ended;
	int code;
	int64_t peak_kib;
};

/* All that the new process needs, made before fork(): after it only system calls are safe. */
struct launch {
	char *program;			/* owned; absolute when a folder is given */
	const char *const *argv, *const *env;
	const char *dir;
	int in, out, err;		/* owned; -1: inherited */
	int report[2];			/* owned; the child writes errno here when it cannot start */
};

/* ---- start ----------------------------------------------------------------------------------- */

/* The path as it is seen from another folder. NULL without memory or folder. */
static char *absolute_path(const char *path)
{
	size_t len = strlen(path) + 1, cap;
	char *full = NULL, *grown;

	if (*path == '/') {
		full = malloc(len);
		return full ? memcpy(full, path, len) : NULL;
	}
	for (cap = 256; cap < 65536; cap *= 2) {
		grown = realloc(full, cap + 1 + len);
		if (!grown)
			break;
		full = grown;
		if (getcwd(full, cap)) {
			size_t at = strlen(full);

			full[at++] = '/';
			memcpy(full + at, path, len);
			return full;
		}
		if (errno != ERANGE)
			break;
	}
	free(full);
	return NULL;
}

static int open_output(const char *path, int *fd, struct error *e)
{
	if (!path)
		return 0;
	*fd = posix_close_on_exec(open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOCTTY, 0600));
	return *fd < 0 ? posix_error(e, ERROR_FAILED, errno, "cannot write \"%s\"", path) : 0;
}

static void close_fd(int fd)
{
	if (fd >= 0)
		close(fd);
}

static void launch_release(struct launch *l)
{
	close_fd(l->in);
	close_fd(l->out);
	close_fd(l->err);
	close_fd(l->report[0]);
	close_fd(l->report[1]);
	free(l->program);
}

static int launch_prepare(struct launch *l, const char *out_path, const char *err_path, struct error *e)
{
	l->program = absolute_path(l->argv[0]);
	if (!l->program)
		return error_memory(e);
	l->in = posix_close_on_exec(open("/dev/null", O_RDONLY));
	if (l->in < 0)
		return posix_error(e, ERROR_FAILED, errno, "cannot open \"/dev/null\"");
	if (open_output(out_path, &l->out, e) || open_output(err_path, &l->err, e))
		return -1;
	if (pipe(l->report)) {
		l->report[0] = l->report[1] = -1;
		return posix_error(e, ERROR_FAILED, errno, "cannot make a pipe");
	}
	posix_close_on_exec(l->report[0]);
	posix_close_on_exec(l->report[1]);
	return 0;
}

/* In the new process. What port_init() changed goes back to what programs expect. */
static void launch_exec(const struct launch *l)
{
	int failed;

	signal(SIGPIPE, SIG_DFL);
	if (dup2(l->in, STDIN_FILENO) >= 0 && (l->out < 0 || dup2(l->out, STDOUT_FILENO) >= 0) &&
	    (l->err < 0 || dup2(l->err, STDERR_FILENO) >= 0) && (!l->dir || !chdir(l->dir)))
		execve(l->program, (char *const *)l->argv, l->env ? (char *const *)l->env : environ);
	failed = errno;
	while (write(l->report[1], &failed, sizeof(failed)) < 0 && errno == EINTR)
		;
	_exit(EXIT_NOT_STARTED);
}

/* 0 when the child runs its program, else the errno that kept it from that. */
static int launch_result(int fd)
{
	int failed = 0;
	ssize_t n;

	do
		n = read(fd, &failed, sizeof(failed));
	while (n < 0 && errno == EINTR);
	return n == (ssize_t)sizeof(failed) ? failed : 0;
}

/* Forks and waits until the program runs. The process id, or -1. */
static pid_t launch_start(struct launch *l, struct error *e)
{
	pid_t pid;
	int failed;

	pid = fork();
	if (pid < 0)
		return posix_error(e, ERROR_FAILED, errno, "cannot start \"%s\"", l->argv[0]);
	if (pid == 0)
		launch_exec(l);
	close_fd(l->report[1]);
	l->report[1] = -1;
	failed = launch_result(l->report[0]);
	if (!failed)
		return pid;
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return posix_error(e, ERROR_FAILED, failed, "cannot start \"%s\"", l->argv[0]);
}

struct port_child *port_spawn(const char *const *argv, const char *const *env, const char *dir,
			      const char *out_path, const char *err_path, struct error *e)
{
	struct launch l = { NULL, argv, env, dir, -1, -1, -1, { -1, -1 } };
	struct port_child *c = calloc(1, sizeof(*c));

	if (!c) {
		error_memory(e);
		return NULL;
	}
	if (launch_prepare(&l, out_path, err_path, e) || (c->pid = launch_start(&l, e)) < 0) {
		free(c);
		c = NULL;
	}
	launch_release(&l);
	return c;
}

/* ---- end ------------------------------------------------------------------------------------- */

/* The largest peak of all children that ended so far; POSIX has no figure for a single one. */
static int64_t children_peak_kib(void)
{
	struct rusage use;

	return getrusage(RUSAGE_CHILDREN, &use) ? 0 : (int64_t)use.ru_maxrss / RSS_PER_KIB;
}

static void note_end(struct port_child *c, int status)
{
	c->ended = 1;
	c->code = WIFSIGNALED(status) ? 256 + WTERMSIG(status) : WEXITSTATUS(status);
	c->peak_kib = children_peak_kib();
}

/* 1 when it has ended, 0 when it runs, -1. */
static int look(struct port_child *c, int options, struct error *e)
{
	int status;
	pid_t got;

	do
		got = waitpid(c->pid, &status, options);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return posix_error(e, ERROR_FAILED, errno, "cannot wait for process %ld", (long)c->pid);
	if (got > 0)
		note_end(c, status);
	return got > 0;
}

int port_wait(struct port_child *c, int ms, int *code, struct error *e)
{
	int64_t until = port_mono_ms() + ms;
	int step = 1, rc = c->ended;

	if (!rc && ms < 0)
		rc = look(c, 0, e);
	while (!rc && ms >= 0) {
		int64_t left = until - port_mono_ms();

		rc = look(c, WNOHANG, e);
		if (rc || left <= 0)
			break;
		port_sleep_ms(left < step ? (int)left : step);
		if (step < WAIT_STEP_MAX_MS)
			step *= 2;
	}
	if (rc > 0 && code)
		*code = c->code;
	return rc;
}

void port_kill(struct port_child *c, int hard)
{
	if (!c->ended)
		kill(c->pid, hard ? SIGKILL : SIGTERM);
}

void port_child_free(struct port_child *c)
{
	free(c);
}

int64_t port_pid(void)
{
	return (int64_t)getpid();
}

int64_t port_child_peak_kib(const struct port_child *c)
{
	return c->peak_kib;
}
