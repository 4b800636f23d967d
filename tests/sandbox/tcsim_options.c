#include "sandbox/tcsim_int.h"

#include <stdlib.h>
#include <string.h>

/* One row an option, in the order of enum tcsim_option. */
static const struct {
	const char *name;
	const char *def;
} rows[TCSIM_OPTIONS] = {
	{ "latency_ms", "0" },			/* wait before each answer */
	{ "rate_limit", "0" },			/* at most N requests a second, else 429 */
	{ "limit_every", "0" },			/* every Nth request gets 429 */
	{ "limit_first", "0" },			/* the first N requests get 429 */
	{ "retry_after", "1" },			/* Retry-After of a 429 */
	{ "max_concurrent", "0" },		/* more than N requests in flight: 429 */
	{ "fail_every", "0" },			/* every Nth request gets 503, not applied */
	{ "fail_on", "" },			/* "PUT user/1001/setting", ...: always 500 */
	{ "fail_from", "0" },			/* every request from number N on gets 503 */
	{ "drop_every", "0" },			/* every Nth request: connection cut, no answer */
	{ "drop_after", "false" },		/* with drop_every: the call is applied, then cut */
	{ "fault_at", "0" },			/* the Nth changing request meets this fault, no other one does: */
	{ "fault", "" },			/* 500, 429; drop, drop_after; stop, stop_after: from then on no answer at all */
	{ "slow_body", "false" },		/* the body comes in small pieces */
	{ "chunked", "false" },			/* chunks instead of a length */
	{ "gzip", "false" },			/* taken, without effect: nobody has to compress */
	{ "close", "false" },			/* Connection: close each time */
	{ "not_json_on", "" },			/* "GET users", ...: answers a page of HTML */
	{ "cut_json_on", "" },			/* ...: half of the answer, as if it were whole */
	{ "cut_body_on", "" },			/* ...: half of the answer, then the connection is cut */
	{ "user_visible_delay", "0" },		/* a new user is absent from the first N user listings */
	{ "require_key", "" },			/* else 401 (no header) or 403 (wrong key) */
	{ "forbid_group_creates", "0" },	/* the first N group creations get 403 */
	{ "settings_shape", "dict" },		/* dict: {uid: [..]}; list: [{userId, ..}] */
	{ "user_id_type", "string" },		/* int: numbers in the listings of users */
	{ "group_id_type", "string" },
	{ "role_id_type", "string" },		/* in people_picker */
	{ "setting_value_type", "string" },	/* int: values of digits come back as numbers */
	{ "created_id_type", "string" },	/* in the answer to a group creation */
	{ "add_user_shape", "statuses" },	/* user: {"user_id", "email"} */
	{ "new_user_name", "local" },		/* of a new user: local, email, null or empty */
	{ "duplicate_email", "refuse" },	/* ok: 200, nothing changed */
	{ "empty_users", "list" },		/* people_picker, users of an empty group: list, dict, omit */
	{ "picker_omits_disabled", "false" },
	{ "picker_empty_groups", "dict" },	/* groups when there is none: dict or list */
	{ "omit_unset", "true" },		/* settings never made are left out, else null */
	{ "max_depth", "0" },			/* the root is level 1; deeper creation: 404 */
	{ "refuse_delete", "" },		/* groups whose deletion gets 403 */
	{ "ignored_creates", "" },		/* e-mails accepted by the invitation, never created */
	{ "me", "" },				/* user id of the key's owner; else nobody of the account */
	{ "day_types_shape", "dict" },
	{ "day_type_id_type", "int" },
};

static int set(struct tcsim *s, size_t i, struct str value, struct error *e)
{
	char *copy = malloc(value.len + 1);

	if (!copy)
		return error_memory(e);
	if (value.len)
		memcpy(copy, value.ptr, value.len);
	copy[value.len] = 0;
	free(s->option[i]);
	s->option[i] = copy;
	return 0;
}

void tcsim_options_default(struct tcsim *s)
{
	size_t i;

	for (i = 0; i < TCSIM_OPTIONS; i++)
		set(s, i, str_from(rows[i].def), NULL);
}

static int set_named(struct tcsim *s, struct str name, struct str value, struct error *e)
{
	size_t i;

	for (i = 0; i < TCSIM_OPTIONS; i++)
		if (str_eqz(name, rows[i].name))
			return set(s, i, value, e);
	return error_set(e, ERROR_USAGE, "the simulator has no option \"%.*s\"", STR_ARG(name));
}

int tcsim_set_option(struct tcsim *s, const char *name, const char *value, struct error *e)
{
	return set_named(s, str_from(name), str_from(value), e);
}

/* A list becomes lines. */
static int load_one(struct tcsim *s, struct str name, struct json v, struct error *e)
{
	struct json item;
	struct buf lines;
	int rc;

	if (json_type(v) != JSON_ARRAY)
		return set_named(s, name, json_scalar(v, &s->scratch), e);
	buf_init(&lines, 1 << 20);
	for (item = json_first(v); json_type(item) != JSON_NONE; item = json_next(v, item)) {
		if (lines.len)
			buf_putc(&lines, '\n');
		buf_put_str(&lines, json_scalar(item, &s->scratch));
	}
	rc = set_named(s, name, buf_str(&lines), e);
	buf_release(&lines);
	return rc;
}

int tcsim_options_load(struct tcsim *s, struct json options, struct error *e)
{
	struct json v;

	for (v = json_first(options); json_type(v) != JSON_NONE; v = json_next(options, v))
		if (load_one(s, json_key(v, &s->scratch), v, e))
			return -1;
	return 0;
}

int64_t tcsim_number(const struct tcsim *s, enum tcsim_option o)
{
	int64_t n = 0;

	return s->option[o] && !str_to_i64(str_from(s->option[o]), &n) ? n : 0;
}

int tcsim_on(const struct tcsim *s, enum tcsim_option o)
{
	return tcsim_is(s, o, "true");
}

int tcsim_is(const struct tcsim *s, enum tcsim_option o, const char *value)
{
	return s->option[o] && !strcmp(s->option[o], value);
}

int tcsim_lists(const struct tcsim *s, enum tcsim_option o, struct str entry, int any_case)
{
	struct str rest = str_from(s->option[o]), line;

	while (rest.len && str_next(&rest, '\n', &line))
		if (any_case ? str_case_eq(line, entry) : str_eq(line, entry))
			return 1;
	return 0;
}
