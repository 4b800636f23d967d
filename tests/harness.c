#include "harness.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "port.h"
#include "sandbox/ldapsim.h"
#include "sandbox/tcsim.h"
#include "sandbox/tlsrelay.h"
#include "sandbox/websim.h"

#define OUTPUT_MAX ((size_t)1 << 24)	/* bytes kept of what a run prints */
#define SLICE_MS 2			/* pause between two looks at a running program */
#define START_TRIES 3			/* wine fails to start one program of thousands, which it starts the next time */
#define ENV_MAX 48			/* most entries of an environment */
#define ENV_USUAL 16			/* of them such as every run has */
#define METER_ARGS 4			/* arguments before the command that is measured */
#define NAME_MAX_BYTES 256		/* longest name in a folder, with its NUL */

/* ---- files -------------------------------------------------------------------------------------- */

void harness_path(char *out, const char *dir, const char *name)
{
	snprintf(out, HARNESS_PATH, "%s/%s", dir, name);
}

int harness_exists(const char *path)
{
	struct port_stat st;

	return !port_stat(path, &st, NULL);
}

int harness_has_shell(void)
{
	static const char *const argv[] = { HARNESS_SHELL, "-c", "exit 3", NULL };
	struct port_child *c = harness_exists(HARNESS_SHELL) ? port_spawn(argv, NULL, NULL, NULL, NULL, NULL) : NULL;
	int code = 0, ended = c ? port_wait(c, -1, &code, NULL) : 0;

	port_child_free(c);
	return ended == 1 && code == 3;
}

int harness_load(const char *path, struct buf *out)
{
	struct port_file *f = port_open(path, PORT_READ, NULL);
	long n = -1;

	buf_reset(out);
	if (!f)
		return -1;
	do {
		char *to = buf_room(out, 65536);

		n = to ? port_read(f, to, 65536, NULL) : -1;
		if (n > 0)
			buf_grew(out, (size_t)n);
	} while (n > 0);
	port_close(f, NULL);
	return n < 0 ? -1 : 0;
}

int harness_save(const char *path, struct str text, struct error *e)
{
	struct port_file *f = port_open(path, PORT_TRUNCATE, e);

	if (!f)
		return -1;
	if (port_write(f, text.ptr, text.len, e)) {
		port_close(f, NULL);
		return -1;
	}
	return port_close(f, e);
}

static int copy_folder(const char *from, const char *to, struct error *e)
{
	char source[HARNESS_PATH], target[HARNESS_PATH];
	size_t n, i;
	char **names = harness_names(from, &n, e);
	int rc = names ? port_make_dirs(to, e) : -1;

	for (i = 0; i < n && !rc; i++) {
		harness_path(source, from, names[i]);
		harness_path(target, to, names[i]);
		rc = harness_copy(source, target, e);
	}
	free(names);
	return rc;
}

int harness_copy(const char *from, const char *to, struct error *e)
{
	struct port_stat st;
	struct buf data;
	int rc;

	if (!port_stat(from, &st, NULL) && st.is_dir)
		return copy_folder(from, to, e);
	buf_init(&data, HARNESS_FILE_MAX);
	if (harness_load(from, &data))
		rc = error_set(e, ERROR_FAILED, "cannot read \"%s\"", from);
	else
		rc = harness_save(to, str_of(buf_text(&data), data.len), e);
	buf_release(&data);
	return rc;
}

static int empty_one(void *cookie, const char *name)
{
	char path[HARNESS_PATH];
	struct port_stat st;

	harness_path(path, cookie, name);
	if (!port_stat(path, &st, NULL) && st.is_dir)
		harness_empty(path);
	else
		port_remove(path, NULL);
	return 0;
}

void harness_empty(const char *dir)
{
	char copy[HARNESS_PATH];

	snprintf(copy, sizeof(copy), "%s", dir);
	port_list(dir, empty_one, copy, NULL);
}

int harness_fresh(const char *dir, struct error *e)
{
	if (harness_exists(dir))
		harness_empty(dir);
	return port_make_dirs(dir, e);
}

struct names {
	char (*names)[NAME_MAX_BYTES];	/* owned */
	size_t count, cap;
};

static int add_name(void *cookie, const char *name)
{
	struct names *n = cookie;

	if (name[0] == '.' || strlen(name) >= NAME_MAX_BYTES)
		return 0;
	if (n->count == n->cap) {
		size_t cap = n->cap ? n->cap * 2 : 64;
		void *more = realloc(n->names, cap * sizeof(*n->names));

		if (!more)
			return -1;
		n->names = more;
		n->cap = cap;
	}
	snprintf(n->names[n->count++], NAME_MAX_BYTES, "%s", name);
	return 0;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(a, b);
}

char **harness_names(const char *dir, size_t *count, struct error *e)
{
	struct names n = { NULL, 0, 0 };
	char **list = NULL;
	size_t i;

	*count = 0;
	if (!port_list(dir, add_name, &n, e))
		list = malloc((n.count + 1) * sizeof(*list) + n.count * NAME_MAX_BYTES);
	if (list && n.count) {
		qsort(n.names, n.count, sizeof(*n.names), compare_names);
		memcpy(list + n.count + 1, n.names, n.count * NAME_MAX_BYTES);
		for (i = 0; i < n.count; i++)
			list[i] = (char *)(list + n.count + 1) + i * NAME_MAX_BYTES;
	}
	if (list) {
		list[n.count] = NULL;
		*count = n.count;
	}
	free(n.names);
	return list;
}

/* ---- one run of the program --------------------------------------------------------------------- */

void harness_run_init(struct harness_run *r, const char *program, const char *dir)
{
	memset(r, 0, sizeof(*r));
	r->program = program;
	r->dir = dir;
	r->timeout_ms = 60000;
	r->code = -1;
	buf_init(&r->out, OUTPUT_MAX);
	buf_init(&r->err, OUTPUT_MAX);
}

void harness_run_args(struct harness_run *r, ...)
{
	const char *arg;
	va_list args;
	size_t n = 0;

	while (n < HARNESS_ARGS && r->args[n])
		n++;
	va_start(args, r);
	while ((arg = va_arg(args, const char *)) != NULL && n < HARNESS_ARGS)
		r->args[n++] = arg;
	va_end(args);
	r->args[n] = NULL;
}

void harness_run_release(struct harness_run *r)
{
	buf_release(&r->out);
	buf_release(&r->err);
}

/* Values of our own environment that tools of testing need in a child. */
static const char *const passed_on[] = {
	"PATH", "LD_LIBRARY_PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS", NULL
};

/* What the program runs with, and nothing else. Texts that are made stand in `texts`. */
static void make_env(const struct harness_run *r, const char **env, char (*texts)[HARNESS_PATH])
{
	static const char *const always[] = {
		"LC_ALL=C.UTF-8", "TZ=UTC", "DISABLE_FILE_LOGGING=true", "NET_WAIT_SCALE=0", NULL
	};
	size_t n = 0, used = 0, i;

	for (i = 0; r->env && r->env[i] && n < ENV_MAX - ENV_USUAL; i++)
		env[n++] = r->env[i];
	snprintf(texts[used], HARNESS_PATH, "HOME=%s", r->dir);
	env[n++] = texts[used++];
	for (i = 0; passed_on[i]; i++) {
		const char *value = port_getenv(passed_on[i]);

		if (!value)
			continue;
		snprintf(texts[used], HARNESS_PATH, "%s=%s", passed_on[i], value);
		env[n++] = texts[used++];
	}
	for (i = 0; always[i]; i++)
		env[n++] = always[i];
	env[n] = NULL;
}

/* Serves and waits until it has ended or time is up. */
static int attend(struct harness_run *r, struct port_child *c, struct error *e)
{
	int slice = r->kill_ms || r->kill_stuck || r->relay || (r->sim && r->ldap) ? 1 : SLICE_MS;
	int64_t start = port_mono_ms();
	int ended;

	while ((ended = port_wait(c, r->sim || r->ldap || r->web ? 0 : slice, &r->code, e)) == 0) {
		int64_t passed = port_mono_ms() - start;

		if (passed > r->timeout_ms || (r->kill_ms && passed >= r->kill_ms) ||
		    (r->kill_stuck && tcsim_stuck(r->sim)))
			port_kill(c, !r->meter);	/* the meter ends what it measures */
		if (passed > r->timeout_ms) {
			ended = port_wait(c, -1, NULL, e);
			r->code = -1;
			break;
		}
		if (r->relay)
			tlsrelay_run(r->relay);
		if (r->sim && tcsim_run(r->sim, slice, e))
			return -1;
		if (r->ldap && ldapsim_run(r->ldap, slice, e))
			return -1;
		if (r->web && websim_run(r->web, slice, e))
			return -1;
	}
	return ended < 0 ? -1 : 0;
}

/* The command: the program with its arguments, perhaps as the meter's. */
static void make_argv(const struct harness_run *r, const char *peak, const char **argv)
{
	size_t n = 0, i;

	if (r->meter) {
		argv[n++] = r->meter;
		argv[n++] = "measure";
		argv[n++] = peak;
		argv[n++] = r->dir;
	}
	argv[n++] = r->program;
	for (i = 0; r->args[i]; i++)
		argv[n++] = r->args[i];
	argv[n] = NULL;
}

static struct port_child *start(const struct harness_run *r, const char *const *argv, const char *const *env,
				const char *out, const char *err, struct error *e)
{
	struct port_child *c = NULL;
	int tries;

	for (tries = 0; !c && tries < START_TRIES; tries++)
		c = port_spawn(argv, env, r->meter ? NULL : r->dir, r->show ? NULL : out, r->show ? NULL : err, e);
	return c;
}

static void load_peak(struct harness_run *r, const char *peak)
{
	struct buf text;
	int64_t kib = 0;

	buf_init(&text, HARNESS_FILE_MAX);
	if (!harness_load(peak, &text) && !str_to_i64(buf_str(&text), &kib))
		r->peak_kib = (long)kib;
	buf_release(&text);
}

int harness_run(struct harness_run *r, struct error *e)
{
	const char *argv[HARNESS_ARGS + METER_ARGS + 2], *env[ENV_MAX + 1];
	char texts[8][HARNESS_PATH], out[HARNESS_PATH], err[HARNESS_PATH], peak[HARNESS_PATH];
	struct port_child *c;
	int rc;

	make_env(r, env, texts);
	snprintf(out, sizeof(out), "%s.out", r->dir);
	snprintf(err, sizeof(err), "%s.err", r->dir);
	snprintf(peak, sizeof(peak), "%s.peak", r->dir);
	make_argv(r, peak, argv);
	c = start(r, argv, env, out, err, e);
	if (!c)
		return -1;
	rc = attend(r, c, e);
	if (rc)
		port_kill(c, !r->meter);
	port_child_free(c);
	if (!r->show) {
		harness_load(out, &r->out);
		harness_load(err, &r->err);
	}
	if (r->meter)
		load_peak(r, peak);
	return rc;
}

const char *harness_run_crashed(const struct harness_run *r)
{
	static const char *const reports[] = { "Sanitizer:", "runtime error:" };
	size_t i;

	if (r->code < 0)
		return "ran out of time";
	if (r->code >= 128)
		return "crashed";
	for (i = 0; i < 2; i++)
		if (strstr(buf_text(&r->err), reports[i]))
			return "a sanitizer reports";
	return NULL;
}
