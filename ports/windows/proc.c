#include "winport.h"
#include <psapi.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "port.h"

#define COMMAND_LINE_MAX 32767	/* UTF-16 units, the system's limit */
#define EXIT_KILLED (256 + 9)	/* what an ended child reports, as after kill -9 elsewhere */
#define EXIT_CRASHED (256 + 11)
#define FIRST_CRASH_CODE 0xC0000000u	/* exit codes from here on are exceptions */

struct port_child {
	HANDLE process, job;
	DWORD pid;
	int ended, code;
	int64_t peak_kib;
};

/* ---- command line ---------------------------------------------------------------------------- */

/* A growing UTF-16 text that remembers when it did not fit. */
struct wide_text {
	wchar_t *data;	/* owned */
	size_t len, cap;
	int failed;
};

static void put(struct wide_text *t, wchar_t c)
{
	if (t->len == t->cap && !t->failed) {
		size_t cap = t->cap ? t->cap * 2 : 256;
		wchar_t *data = cap <= ((size_t)1 << 24) ? realloc(t->data, cap * sizeof(*data)) : NULL;

		if (!data) {
			t->failed = 1;
			return;
		}
		t->data = data;
		t->cap = cap;
	}
	if (!t->failed)
		t->data[t->len++] = c;
}

/*
 * One argument, quoted as the usual C start-up code and CommandLineToArgvW() read it: backslashes mean
 * themselves unless they stand before a quote; there, and before the closing quote, they are doubled.
 */
static void put_argument(struct wide_text *t, const wchar_t *arg)
{
	size_t slashes = 0, i;

	if (*arg && !wcspbrk(arg, L" \t\n\v\"")) {
		for (; *arg; arg++)
			put(t, *arg);
		return;
	}
	put(t, L'"');
	for (; *arg; arg++) {
		if (*arg == L'\\') {
			slashes++;
			continue;
		}
		for (i = 0; i < (*arg == L'"' ? slashes * 2 + 1 : slashes); i++)
			put(t, L'\\');
		slashes = 0;
		put(t, *arg);
	}
	for (i = 0; i < slashes * 2; i++)
		put(t, L'\\');
	put(t, L'"');
}

/* The command line of an argument list; freed by the caller. */
static wchar_t *command_line(const char *const *argv, struct error *e)
{
	struct wide_text t = { NULL, 0, 0, 0 };

	for (; *argv; argv++) {
		wchar_t *arg = win_wide(*argv, e);

		if (!arg) {
			free(t.data);
			return NULL;
		}
		if (t.len)
			put(&t, L' ');
		put_argument(&t, arg);
		free(arg);
	}
	put(&t, 0);
	if (!t.failed && t.len <= COMMAND_LINE_MAX)
		return t.data;
	free(t.data);
	error_set(e, ERROR_FAILED, "the command line of a child is too long");
	return NULL;
}

/* ---- environment ----------------------------------------------------------------------------- */

static void put_entry(struct wide_text *t, const wchar_t *entry)
{
	for (; *entry; entry++)
		put(t, *entry);
	put(t, 0);
}

static int names_variable(const char *entry, const char *name)
{
	size_t len = strlen(name);

	return !_strnicmp(entry, name, len) && entry[len] == '=';
}

/* Sockets and temporary files need these; an environment without them is made whole. */
static void put_needed(struct wide_text *t, const char *const *env)
{
	static const struct { const char *name; const wchar_t *wide; } needed[] = {
		{ "SYSTEMROOT", L"SYSTEMROOT" }, { "SYSTEMDRIVE", L"SYSTEMDRIVE" }, { "TEMP", L"TEMP" }
	};
	wchar_t value[MAX_PATH + 1];
	size_t i;

	for (i = 0; i < sizeof(needed) / sizeof(*needed); i++) {
		const char *const *entry = env;
		const wchar_t *c;
		DWORD n;

		while (*entry && !names_variable(*entry, needed[i].name))
			entry++;
		n = *entry ? 0 : GetEnvironmentVariableW(needed[i].wide, value, MAX_PATH + 1);
		if (n == 0 || n > MAX_PATH)
			continue;
		for (c = needed[i].wide; *c; c++)
			put(t, *c);
		put(t, L'=');
		put_entry(t, value);
	}
}

/* The block that CreateProcess takes; freed by the caller. */
static wchar_t *environment_block(const char *const *env, struct error *e)
{
	struct wide_text t = { NULL, 0, 0, 0 };
	const char *const *entry;

	for (entry = env; *entry; entry++) {
		wchar_t *wide = win_wide(*entry, e);

		if (!wide) {
			free(t.data);
			return NULL;
		}
		put_entry(&t, wide);
		free(wide);
	}
	put_needed(&t, env);
	put(&t, 0);
	put(&t, 0);
	if (!t.failed)
		return t.data;
	free(t.data);
	error_memory(e);
	return NULL;
}

/* ---- start ----------------------------------------------------------------------------------- */

/* The full path of a program, with ".exe" when only that exists; freed by the caller. */
static wchar_t *program_path(const char *path, struct error *e)
{
	static const wchar_t suffix[] = L".exe";
	wchar_t *wide = win_wide(path, e), *full = NULL;
	DWORD cap, n;

	if (!wide)
		return NULL;
	cap = GetFullPathNameW(wide, 0, NULL, NULL);
	full = calloc((size_t)cap + 8, sizeof(*full));
	n = full ? GetFullPathNameW(wide, cap, full, NULL) : 0;
	free(wide);
	if (n == 0 || n >= cap) {
		free(full);
		error_set(e, ERROR_FAILED, "cannot start \"%s\"", path);
		return NULL;
	}
	if (GetFileAttributesW(full) == INVALID_FILE_ATTRIBUTES) {
		memcpy(full + n, suffix, sizeof(suffix));
		if (GetFileAttributesW(full) == INVALID_FILE_ATTRIBUTES)
			full[n] = 0;
	}
	return full;
}

/* A handle that a child inherits: a new file, or a copy of one of our standard streams. NULL with e set. */
static HANDLE output_handle(const char *path, DWORD stream, struct error *e)
{
	SECURITY_ATTRIBUTES inherit = { sizeof(inherit), NULL, TRUE };
	HANDLE self = GetCurrentProcess(), h = NULL;
	wchar_t *wide;

	if (!path) {
		if (!DuplicateHandle(self, GetStdHandle(stream), self, &h, 0, TRUE, DUPLICATE_SAME_ACCESS))
			h = CreateFileW(L"NUL", GENERIC_WRITE, 0, &inherit, OPEN_EXISTING, 0, NULL);
		return h;
	}
	wide = win_wide(path, e);
	if (!wide)
		return NULL;
	h = CreateFileW(wide, GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, &inherit,
			CREATE_ALWAYS, FILE_ATTRIBUTE_NORMAL, NULL);
	free(wide);
	if (h != INVALID_HANDLE_VALUE)
		return h;
	win_error(e, ERROR_FAILED, GetLastError(), "cannot write \"%s\"", path);
	return NULL;
}

/* A job that ends the child, and what it started, together with us. Without one the child runs as well. */
static HANDLE make_job(HANDLE process)
{
	JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits;
	HANDLE job = CreateJobObjectW(NULL, NULL);

	if (!job)
		return NULL;
	memset(&limits, 0, sizeof(limits));
	limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
	SetInformationJobObject(job, JobObjectExtendedLimitInformation, &limits, sizeof(limits));
	if (!AssignProcessToJobObject(job, process)) {
		CloseHandle(job);
		return NULL;
	}
	return job;
}

/* All texts and handles of a start; owned, some may be NULL. */
struct launch {
	wchar_t *program, *line, *block, *dir;
	HANDLE in, out, err;
};

static void close_handle(HANDLE h)
{
	if (h && h != INVALID_HANDLE_VALUE)
		CloseHandle(h);
}

static void launch_release(struct launch *l)
{
	close_handle(l->in);
	close_handle(l->out);
	close_handle(l->err);
	free(l->program);
	free(l->line);
	free(l->block);
	free(l->dir);
}

static int launch_run(const struct launch *l, struct port_child *c, const char *name, struct error *e)
{
	STARTUPINFOW start;
	PROCESS_INFORMATION made;

	memset(&start, 0, sizeof(start));
	start.cb = sizeof(start);
	start.dwFlags = STARTF_USESTDHANDLES;
	start.hStdInput = l->in;
	start.hStdOutput = l->out;
	start.hStdError = l->err;
	if (!CreateProcessW(l->program, l->line, NULL, NULL, TRUE,
			    CREATE_SUSPENDED | CREATE_NEW_PROCESS_GROUP | CREATE_UNICODE_ENVIRONMENT,
			    l->block, l->dir, &start, &made))
		return win_error(e, ERROR_FAILED, GetLastError(), "cannot start \"%s\"", name);
	c->process = made.hProcess;
	c->pid = made.dwProcessId;
	c->job = make_job(made.hProcess);
	ResumeThread(made.hThread);
	CloseHandle(made.hThread);
	return 0;
}

struct port_child *port_spawn(const char *const *argv, const char *const *env, const char *dir,
			      const char *out_path, const char *err_path, struct error *e)
{
	SECURITY_ATTRIBUTES inherit = { sizeof(inherit), NULL, TRUE };
	struct port_child *c = calloc(1, sizeof(*c));
	struct launch l;
	int ok;

	memset(&l, 0, sizeof(l));
	if (!c) {
		error_memory(e);
		return NULL;
	}
	ok = (l.program = program_path(argv[0], e)) != NULL && (l.line = command_line(argv, e)) != NULL &&
	     (!env || (l.block = environment_block(env, e)) != NULL) &&
	     (!dir || (l.dir = win_wide(dir, e)) != NULL) &&
	     (l.out = output_handle(out_path, STD_OUTPUT_HANDLE, e)) != NULL &&
	     (l.err = output_handle(err_path, STD_ERROR_HANDLE, e)) != NULL;
	if (ok) {
		l.in = CreateFileW(L"NUL", GENERIC_READ, 0, &inherit, OPEN_EXISTING, 0, NULL);
		ok = !launch_run(&l, c, argv[0], e);
	}
	launch_release(&l);
	if (ok)
		return c;
	free(c);
	return NULL;
}

/* ---- end ------------------------------------------------------------------------------------- */

static void note_end(struct port_child *c)
{
	PROCESS_MEMORY_COUNTERS memory;
	DWORD code = 0;

	GetExitCodeProcess(c->process, &code);
	c->code = code >= FIRST_CRASH_CODE ? EXIT_CRASHED : (int)(code & 0xffff);
	if (GetProcessMemoryInfo(c->process, &memory, sizeof(memory)))
		c->peak_kib = (int64_t)(memory.PeakWorkingSetSize / 1024);
	c->ended = 1;
}

int port_wait(struct port_child *c, int ms, int *code, struct error *e)
{
	DWORD rc;

	if (!c->ended) {
		rc = WaitForSingleObject(c->process, ms < 0 ? INFINITE : (DWORD)ms);
		if (rc == WAIT_TIMEOUT)
			return 0;
		if (rc != WAIT_OBJECT_0)
			return win_error(e, ERROR_FAILED, GetLastError(), "cannot wait for process %lu",
					 c->pid);
		note_end(c);
	}
	if (code)
		*code = c->code;
	return 1;
}

void port_kill(struct port_child *c, int hard)
{
	if (c->ended)
		return;
	if (hard || !GenerateConsoleCtrlEvent(CTRL_BREAK_EVENT, c->pid))
		TerminateProcess(c->process, EXIT_KILLED);
}

void port_child_free(struct port_child *c)
{
	if (!c)
		return;
	close_handle(c->process);
	close_handle(c->job);
	free(c);
}

int64_t port_pid(void)
{
	return (int64_t)GetCurrentProcessId();
}

int64_t port_child_peak_kib(const struct port_child *c)
{
	return c->peak_kib;
}
