/*
 * A sync case: an account, an input and settings; then the calls made, the account after, a dry run that must change
 * nothing and a second run that must find nothing left. See tests/golden/README.md for the files and the rules.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "golden/golden_sync_int.h"
#include "sandbox/tcsim.h"
#include "sandbox/tlsrelay.h"

#define TOKENS_MAX ((size_t)1 << 21)
#define TEXTS_MAX ((size_t)1 << 28)

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
static const char *const queue_keys[] = { "user_settings", "new_users" };

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
		struct json doc = json_get(c->before, queue_keys[i]), raw;
		struct str text = json_raw(doc);

		snprintf(raw_key, sizeof(raw_key), "%s_raw", queue_keys[i]);
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

static int lay_out(struct sync_case *c, const char *base)
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
	put_with_base(&env, buf_str(&text), base);
	rc = harness_save(to, str_of(buf_text(&env), env.len), c->e);
	buf_release(&env);
	buf_release(&text);
	return rc;
}

/* The case's own environment, "NAME=value" with {BASE} filled in. */
static void case_env(struct sync_case *c, const char *base, const char **env, size_t max)
{
	struct json all = json_get(c->meta, "env"), v;
	size_t n = 0;
	struct buf entry;

	env[n++] = "SYNC_MAX_DEACTIVATIONS=100%";
	for (v = json_first(all); json_type(v) != JSON_NONE && n + 1 < max; v = json_next(all, v)) {
		buf_init(&entry, HARNESS_FILE_MAX);
		buf_put_str(&entry, json_key(v, &c->arena));
		buf_putc(&entry, '=');
		put_with_base(&entry, json_text(v, &c->arena), base);
		env[n++] = arena_text(&c->arena, buf_str(&entry));
		buf_release(&entry);
	}
	env[n] = NULL;
}

static void case_args(struct sync_case *c, struct harness_run *r, int dry)
{
	struct json words = json_get(c->meta, "command"), v;

	if (json_type(words) == JSON_NONE)
		harness_run_args(r, "sync", "--input", "timecamp_users.json", NULL);
	for (v = json_first(words); json_type(v) != JSON_NONE; v = json_next(words, v))
		harness_run_args(r, arena_text(&c->arena, json_text(v, &c->arena)), NULL);
	if (sync_is_true(json_get(c->meta, "allow_empty")))
		harness_run_args(r, "--allow-empty", NULL);
	if (dry)
		harness_run_args(r, "--dry-run", NULL);
}

/* One run of the program. -1: it could not be started, or it crashed, which is a problem told. */
static int run_program(struct sync_case *c, struct tcsim *sim, const char *base, int dry, int *code)
{
	const char *env[16];
	struct harness_run r;
	const char *crashed;
	int rc = -1;

	harness_run_init(&r, c->g->program, c->work);
	case_args(c, &r, dry);
	case_env(c, base, env, sizeof(env) / sizeof(*env));
	r.env = env;
	r.sim = sim;
	r.relay = c->relay;
	if (harness_run(&r, c->e)) {
		buf_printf(c->problems, "cannot run: %s\n", c->e->text);
		goto out;
	}
	crashed = harness_run_crashed(&r);
	if (crashed)
		buf_printf(c->problems, "%s: %.1500s\n", crashed, buf_text(&r.err));
	*code = r.code;
	rc = crashed ? -1 : 0;
out:
	harness_run_release(&r);
	return rc;
}

static void stop_service(struct sync_case *c, struct tcsim *sim)
{
	tlsrelay_free(c->relay);
	c->relay = NULL;
	tcsim_free(sim);
}

/* The account of the case, and its address. NULL with the case's error set. */
static struct tcsim *start_service(struct sync_case *c, char base[64])
{
	int tls = sync_is_true(json_get(c->meta, "tls"));
	char path[HARNESS_PATH];
	struct tcsim *sim = tcsim_new(c->e);

	harness_path(path, c->dir, "state.json");
	if (!sim || tcsim_load_file(sim, path, c->e) || tcsim_listen(sim, 0, c->e))
		goto failed;
	if (tls && !(c->relay = tlsrelay_new("unknown.pem", tcsim_port(sim), c->e)))
		goto failed;
	snprintf(base, 64, "%s://127.0.0.1:%u", tls ? "https" : "http", tls ? tlsrelay_port(c->relay) : tcsim_port(sim));
	return sim;
failed:
	stop_service(c, sim);
	return NULL;
}

static void read_queues(struct sync_case *c, struct canon *canon, struct texts *out)
{
	char var[HARNESS_PATH];
	struct json settings, users;

	texts_init(out, &c->arena);
	harness_path(var, c->work, "var");
	settings = sync_load_json(c, var, queue_files[0]);
	users = sync_load_json(c, var, queue_files[1]);
	canon_pending(canon, settings, users, out);
}

static struct json service_json(struct sync_case *c, struct tcsim *sim, void (*put)(struct tcsim *, struct buf *))
{
	struct json v;
	struct buf text;

	buf_init(&text, HARNESS_FILE_MAX);
	put(sim, &text);
	v = parse(c, buf_str(&text));
	buf_release(&text);
	return v;
}

static struct json service_calls(struct sync_case *c, struct tcsim *sim)
{
	return json_get(service_json(c, sim, tcsim_put_calls), "calls");
}

/* ---- the three runs ----------------------------------------------------------------------------- */

/* The queue files after a dry run are as before, or as recorded. */
static void judge_dry_queues(struct sync_case *c)
{
	struct json allowed = sync_load_json(c, c->dir, "expected_dry_run_pending.json");
	struct texts before, after, other;
	struct canon canon;

	canon_init(&canon, &c->arena, c->state);
	texts_init(&before, &c->arena);
	texts_init(&other, &c->arena);
	canon_pending(&canon, json_get(c->before, queue_keys[0]), json_get(c->before, queue_keys[1]), &before);
	canon_pending(&canon, json_get(allowed, queue_keys[0]), json_get(allowed, queue_keys[1]), &other);
	read_queues(c, &canon, &after);
	if (!texts_same(&before, &after) && !(json_type(allowed) != JSON_NONE && texts_same(&other, &after)))
		buf_puts(c->problems, "dry run: queue files changed\n");
	texts_release(&before);
	texts_release(&after);
	texts_release(&other);
	canon_release(&canon);
}

static int dry_run(struct sync_case *c)
{
	int strict = sync_want_of(json_get(c->meta, "exit"), WANT_0) == WANT_0 && !sync_is_true(json_get(c->meta, "ambiguous")) &&
		     !sync_is_true(json_get(c->meta, "may_refuse"));
	struct buf start, end;
	struct json calls;
	struct tcsim *sim;
	char base[64];
	int code = -1;

	sim = start_service(c, base);
	if (!sim || lay_out(c, base)) {
		stop_service(c, sim);
		return -1;
	}
	buf_init(&start, HARNESS_FILE_MAX);
	buf_init(&end, HARNESS_FILE_MAX);
	tcsim_put_state(sim, &start);
	if (run_program(c, sim, base, 1, &code))
		goto out;
	tcsim_put_state(sim, &end);
	if (strict && code != 0 && !sync_exit_also(c, code))
		buf_printf(c->problems, "dry run: exit code %d\n", code);
	calls = service_calls(c, sim);
	if (json_count(calls))
		buf_printf(c->problems, "dry run: %lu changing requests, the first %.*s\n",
			   (unsigned long)json_count(calls), STR_ARG(json_raw(json_first(calls))));
	if (!str_eq(buf_str(&start), buf_str(&end)))
		buf_puts(c->problems, "dry run: the account changed\n");
	judge_dry_queues(c);
out:
	buf_release(&start);
	buf_release(&end);
	stop_service(c, sim);
	return 0;
}

/* May do what the recorded second runs do, or less. */
static void second_run(struct sync_case *c, struct tcsim *sim, const char *base, struct sync_result *r)
{
	struct texts ops, allowed;
	int code = -1;
	size_t i;

	tcsim_clear(sim);
	if (run_program(c, sim, base, 0, &code))
		return;
	if (!sync_exit_is(sync_want_of(json_get(c->meta, "second_exit"), WANT_0), code) && !sync_exit_also(c, code))
		buf_printf(c->problems, "second run: exit code %d\n", code);
	texts_init(&ops, &c->arena);
	sync_second_ops(c, &allowed);
	canon_ops(&r->canon, service_calls(c, sim), &ops);
	texts_unique(&ops);
	for (i = 0; i < ops.count; i++)
		if (!texts_has(&allowed, ops.items[i]))
			buf_printf(c->problems, "second run: unexpected call %.*s\n",
				   STR_ARG(op_print(ops.items[i], &c->arena)));
	texts_release(&ops);
	texts_release(&allowed);
}

static int real_runs(struct sync_case *c)
{
	struct json again = json_get(c->meta, "second_run");
	struct sync_result r;
	struct tcsim *sim;
	char base[64];
	int exit_0 = 0;

	sim = start_service(c, base);
	if (!sim || lay_out(c, base)) {
		stop_service(c, sim);
		return -1;
	}
	memset(&r, 0, sizeof(r));
	if (run_program(c, sim, base, 0, &r.code)) {
		stop_service(c, sim);
		return 0;
	}
	canon_init(&r.canon, &c->arena, c->state);
	texts_init(&r.ops, &c->arena);
	canon_ops(&r.canon, service_calls(c, sim), &r.ops);
	texts_unique(&r.ops);
	canon_state(&r.canon, service_json(c, sim, tcsim_put_state), &r.state);
	read_queues(c, &r.canon, &r.pending);
	if (sync_judge(c, &r, &exit_0) && exit_0 && json_type(again) != JSON_FALSE)
		second_run(c, sim, base, &r);
	texts_release(&r.ops);
	texts_release(&r.pending);
	canon_state_release(&r.state);
	canon_release(&r.canon);
	stop_service(c, sim);
	return 0;
}

int golden_sync(const struct golden *g, const char *dir, struct buf *problems, struct error *e)
{
	struct sync_case *c = calloc(1, sizeof(*c));
	int rc = -1;
	size_t i;

	if (!c)
		return error_memory(e);
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
	if (json_type(c->meta) != JSON_OBJECT || json_type(c->state) != JSON_OBJECT)
		error_set(e, ERROR_FAILED, "%s: case.json or state.json cannot be read", dir);
	else
		rc = json_type(json_get(c->meta, "dry_run")) == JSON_FALSE || !dry_run(c) ? real_runs(c) : -1;
	texts_release(&c->names);
	arena_release(&c->arena);
	for (i = 0; i < c->doc_count; i++)
		json_doc_free(c->docs[i]);
	free(c);
	return rc;
}
