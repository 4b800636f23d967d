/* A sync case on its feet: its documents, the folder of a run, the service, a run, what the run left. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "golden/golden_sync_int.h"
#include "sandbox/tcsim.h"
#include "sandbox/tlsrelay.h"

#define TOKENS_MAX ((size_t)1 << 21)
#define TEXTS_MAX ((size_t)1 << 28)
#define ENV_MAX 24	/* entries of a run's environment, of the case and of the test */

/* ---- documents ---------------------------------------------------------------------------------- */

/* Parses text that is copied first. None when it is no JSON. */
static struct json parse(struct sync_case *c, struct str text)
{
	struct json root = { NULL, 0 };
	struct json_doc *doc;

	if (c->doc_count == SYNC_DOCS)
		return root;
	doc = c->docs[c->doc_count++] = json_doc_new(TOKENS_MAX, c->e);
	text = arena_str(&c->arena, text);
	if (!doc || !text.ptr || json_parse(doc, text, 0, &root, NULL))
		root.doc = NULL;
	return root;
}

struct json sync_load_json(struct sync_case *c, const char *dir, const char *name)
{
	struct json root = { NULL, 0 };
	char path[HARNESS_PATH];
	struct buf text;

	harness_path(path, dir, name);
	buf_init(&text, HARNESS_FILE_MAX);
	if (!harness_load(path, &text))
		root = parse(c, buf_str(&text));
	buf_release(&text);
	return root;
}

/* A file of one JSON value a line, as a list. None when there is no such file. */
struct json sync_load_lines(struct sync_case *c, const char *name)
{
	struct json root = { NULL, 0 };
	char path[HARNESS_PATH];
	struct buf text, list;
	struct str rest, line;

	harness_path(path, c->dir, name);
	buf_init(&text, HARNESS_FILE_MAX);
	buf_init(&list, HARNESS_FILE_MAX);
	if (!harness_load(path, &text)) {
		rest = buf_str(&text);
		buf_putc(&list, '[');
		while (rest.len && str_next(&rest, '\n', &line)) {
			if (!str_trim(line).len)
				continue;
			if (list.len > 1)
				buf_putc(&list, ',');
			buf_put_str(&list, line);
		}
		buf_putc(&list, ']');
		root = parse(c, buf_str(&list));
	}
	buf_release(&list);
	buf_release(&text);
	return root;
}

/* ---- running ------------------------------------------------------------------------------------ */

static const char *const queue_files[] = { "pending_user_settings.json", "pending_new_users.json" };
const char *const sync_queue_keys[] = { "user_settings", "new_users" };

/* Text with {BASE} replaced by the simulator's address. */
static void put_with_base(struct buf *out, struct str text, const char *base)
{
	size_t at = 0, found;

	while ((found = str_find(text, at, STR("{BASE}"))) < text.len) {
		buf_put(out, text.ptr + at, found - at);
		buf_puts(out, base);
		at = found + 6;
	}
	buf_put_str(out, str_sub(text, at, text.len));
}

static int lay_out_queues(struct sync_case *c, const char *var)
{
	char path[HARNESS_PATH], raw_key[64];
	size_t i;

	for (i = 0; i < 2; i++) {
		struct json doc = json_get(c->before, sync_queue_keys[i]), raw;
		struct str text = json_raw(doc);

		snprintf(raw_key, sizeof(raw_key), "%s_raw", sync_queue_keys[i]);
		raw = json_get(c->before, raw_key);
		if (json_type(raw) == JSON_STRING)
			text = json_text(raw, &c->arena);
		else if (json_type(doc) == JSON_NONE || json_type(doc) == JSON_NULL)
			continue;
		harness_path(path, var, queue_files[i]);
		if (harness_save(path, text, c->e))
			return -1;
	}
	return 0;
}

int sync_lay_out(struct sync_case *c)
{
	static const char *const inputs[] = { "timecamp_users.json", "vacation.json" };
	char from[HARNESS_PATH], to[HARNESS_PATH];
	struct buf text, env;
	size_t i;
	int rc;

	harness_path(to, c->work, "var");
	if (harness_fresh(c->work, c->e) || harness_fresh(to, c->e) || lay_out_queues(c, to))
		return -1;
	for (i = 0; i < 2; i++) {
		harness_path(from, c->dir, inputs[i]);
		harness_path(to, c->work, inputs[i]);
		if (harness_exists(from) && harness_copy(from, to, c->e))
			return -1;
	}
	buf_init(&text, HARNESS_FILE_MAX);
	buf_init(&env, HARNESS_FILE_MAX);
	harness_path(from, c->dir, "case.env");
	harness_path(to, c->work, ".env");
	harness_load(from, &text);
	put_with_base(&env, buf_str(&text), c->base);
	rc = harness_save(to, str_of(buf_text(&env), env.len), c->e);
	buf_release(&env);
	buf_release(&text);
	return rc;
}

/* The case's own environment, "NAME=value" with {BASE} filled in, and what the test adds. */
static void case_env(struct sync_case *c, const char *const *more, const char **env)
{
	struct json all = json_get(c->meta, "env"), v;
	size_t n = 0;
	struct buf entry;

	env[n++] = "SYNC_MAX_DEACTIVATIONS=100%";
	for (v = json_first(all); json_type(v) != JSON_NONE && n < ENV_MAX; v = json_next(all, v)) {
		buf_init(&entry, HARNESS_FILE_MAX);
		buf_put_str(&entry, json_key(v, &c->arena));
		buf_putc(&entry, '=');
		put_with_base(&entry, json_text(v, &c->arena), c->base);
		env[n++] = arena_text(&c->arena, buf_str(&entry));
		buf_release(&entry);
	}
	for (; more && *more && n < ENV_MAX; more++)
		env[n++] = *more;
	env[n] = NULL;
}

static void case_args(struct sync_case *c, struct harness_run *r, const struct sync_run *run)
{
	struct json words = json_get(c->meta, "command"), v;

	if (run->apply && !run->dry) {
		harness_run_args(r, "sync", "--apply", SYNC_PLAN, "--approve", NULL);
		return;
	}
	if (json_type(words) == JSON_NONE)
		harness_run_args(r, "sync", "--input", "timecamp_users.json", NULL);
	for (v = json_first(words); json_type(v) != JSON_NONE; v = json_next(words, v))
		harness_run_args(r, arena_text(&c->arena, json_text(v, &c->arena)), NULL);
	if (sync_is_true(json_get(c->meta, "allow_empty")))
		harness_run_args(r, "--allow-empty", NULL);
	if (run->dry)
		harness_run_args(r, "--dry-run", NULL);
	if (run->dry && run->apply)
		harness_run_args(r, "--plan", SYNC_PLAN, NULL);
}

/* The end of what was said, so much of it. */
static const char *last_words(struct buf *text, size_t most)
{
	return buf_text(text) + (text->len > most ? text->len - most : 0);
}

int sync_run(struct sync_case *c, struct sync_run *run)
{
	const char *env[ENV_MAX + 1];
	struct harness_run r;
	const char *crashed;
	int rc = -1;

	harness_run_init(&r, run->program ? run->program : c->g->program, c->work);
	case_args(c, &r, run);
	case_env(c, run->env, env);
	r.env = env;
	r.sim = c->sim;
	r.relay = c->relay;
	r.kill_stuck = run->kill_stuck;
	if (harness_run(&r, c->e)) {
		buf_printf(c->problems, "cannot run: %s\n", c->e->text);
		goto out;
	}
	run->killed = run->kill_stuck && tcsim_stuck(c->sim);
	crashed = run->killed ? NULL : harness_run_crashed(&r);
	if (crashed)
		buf_printf(c->problems, "%s: %.1500s\n", crashed, buf_text(&r.err));
	run->code = r.code;
	snprintf(run->said, sizeof(run->said), "%s", last_words(&r.err, sizeof(run->said) - 1));
	rc = crashed ? -1 : 0;
out:
	harness_run_release(&r);
	return rc;
}

void sync_stop(struct sync_case *c)
{
	tlsrelay_free(c->relay);
	c->relay = NULL;
	tcsim_free(c->sim);
	c->sim = NULL;
}

int sync_reset_account(struct sync_case *c)
{
	char path[HARNESS_PATH];

	harness_path(path, c->dir, "state.json");
	return tcsim_load_file(c->sim, path, c->e);
}

int sync_start(struct sync_case *c)
{
	int tls = sync_is_true(json_get(c->meta, "tls"));

	c->sim = tcsim_new(c->e);
	if (!c->sim || sync_reset_account(c) || tcsim_listen(c->sim, 0, c->e))
		goto failed;
	if (tls && !(c->relay = tlsrelay_new("unknown.pem", tcsim_port(c->sim), c->e)))
		goto failed;
	snprintf(c->base, sizeof(c->base), "%s://127.0.0.1:%u", tls ? "https" : "http",
		 tls ? tlsrelay_port(c->relay) : tcsim_port(c->sim));
	return 0;
failed:
	sync_stop(c);
	return -1;
}

void sync_read_queues(struct sync_case *c, struct canon *canon, struct texts *out)
{
	char var[HARNESS_PATH];
	struct json settings, users;

	texts_init(out, &c->arena);
	harness_path(var, c->work, "var");
	settings = sync_load_json(c, var, queue_files[0]);
	users = sync_load_json(c, var, queue_files[1]);
	canon_pending(canon, settings, users, out);
}

struct json sync_service(struct sync_case *c, void (*put)(struct tcsim *, struct buf *))
{
	struct json v;
	struct buf text;

	buf_init(&text, HARNESS_FILE_MAX);
	put(c->sim, &text);
	v = parse(c, buf_str(&text));
	buf_release(&text);
	return v;
}

struct json sync_calls(struct sync_case *c)
{
	return json_get(sync_service(c, tcsim_put_calls), "calls");
}

/* ---- begin and end ------------------------------------------------------------------------------ */

struct sync_case *sync_open(const struct golden *g, const char *dir, struct buf *problems, struct error *e)
{
	struct sync_case *c = calloc(1, sizeof(*c));

	if (!c) {
		error_memory(e);
		return NULL;
	}
	c->g = g;
	c->dir = dir;
	c->problems = problems;
	c->e = e;
	harness_path(c->work, g->scratch, "sync");
	arena_init(&c->arena, TEXTS_MAX);
	c->meta = sync_load_json(c, dir, "case.json");
	c->state = sync_load_json(c, dir, "state.json");
	c->source = sync_load_json(c, dir, "timecamp_users.json");
	c->before = sync_load_json(c, dir, "pending_before.json");
	sync_load_expectations(c);
	if (json_type(c->meta) == JSON_OBJECT && json_type(c->state) == JSON_OBJECT)
		return c;
	error_set(e, ERROR_FAILED, "%s: case.json or state.json cannot be read", dir);
	sync_close(c);
	return NULL;
}

void sync_forget(struct sync_case *c, size_t docs)
{
	while (c->doc_count > docs)
		json_doc_free(c->docs[--c->doc_count]);
}

void sync_close(struct sync_case *c)
{
	sync_stop(c);
	texts_release(&c->names);
	arena_release(&c->arena);
	sync_forget(c, 0);
	free(c);
}
