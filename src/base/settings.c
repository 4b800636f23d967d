#include <stdlib.h>
#include <string.h>
#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/settings.h"
#include "base/unicode.h"
#include "port.h"

#define ENV_DEFAULT ".env"
#define PREFIX_MIN 3		/* letters of a name before its first underscore that make a family */

/* A line of the .env file. */
struct entry {
	struct entry *next;	/* the line before it: the last one counts */
	const char *name;
	const char *value;	/* NULL: a name without a value */
	int line;
};

/* The value of one row. */
struct value {
	const struct setting *row;
	const char *text;	/* in the arena, the environment or the row */
	enum setting_origin origin;
	int given;
	int line;		/* in the .env file */
};

static struct {
	const struct setting_group *groups;
	struct value *values;	/* owned, one per row */
	size_t count;
	struct arena arena;
	struct entry *entries;	/* in the arena, the last line first */
	const char *file;	/* name of the .env file */
} state;

static struct value *find_value(struct str name)
{
	size_t i;

	for (i = 0; i < state.count; i++)
		if (str_eqz(name, state.values[i].row->name))
			return &state.values[i];
	return NULL;
}

static const struct entry *find_entry(struct str name)
{
	const struct entry *entry;

	for (entry = state.entries; entry; entry = entry->next)
		if (str_eqz(name, entry->name))
			break;
	return entry;
}

/* ---- the .env file ---- */

static int set_entry(void *cookie, struct str name, struct str value, int line, struct error *e)
{
	struct entry *entry = arena_alloc(&state.arena, sizeof *entry);

	(void)cookie;
	if (!entry)
		return error_memory(e);
	entry->name = arena_text(&state.arena, name);
	entry->value = value.ptr ? arena_text(&state.arena, value) : NULL;
	entry->line = line;
	if (!entry->name || (value.ptr && !entry->value))
		return error_memory(e);
	entry->next = state.entries;
	state.entries = entry;
	return 0;
}

static const char *look_up(void *cookie, struct str name)
{
	const struct entry *entry = find_entry(name);
	struct buf text;
	const char *value;

	(void)cookie;
	buf_init(&text, MAX_ENV_FILE);
	buf_put_str(&text, name);
	value = text.failed ? NULL : port_getenv(buf_text(&text));
	buf_release(&text);
	if (value)
		return value;
	if (!entry)
		return NULL;
	return entry->value ? entry->value : "";
}

static void warn_unknown(void *cookie, struct str name, int line)
{
	(void)cookie;
	log_warning("%s:%d: \"${%.*s}\" has no value and is replaced by nothing", state.file, line,
		    STR_ARG(str_sub(name, 0, 80)));
}

/* Reads a whole file. What goes wrong with it is a wrong setting. */
static int read_file(const char *path, struct buf *out, struct error *e)
{
	struct port_file *file = port_open(path, PORT_READ, e);
	char chunk[4096];
	long n = -1;

	while (file && (n = port_read(file, chunk, sizeof chunk, e)) > 0)
		buf_put(out, chunk, (size_t)n);
	if (file)
		port_close(file, NULL);
	wipe(chunk, sizeof chunk);
	if (n == 0 && buf_check(out, path, e) == 0)
		return 0;
	if (e)
		e->kind = ERROR_USAGE;
	return -1;
}

static int read_env_file(const char *path, struct error *e)
{
	struct dotenv_sink sink = { NULL, set_entry, look_up, warn_unknown, NULL };
	struct port_stat st;
	struct buf text;
	int result = -1;

	state.file = path ? path : ENV_DEFAULT;
	sink.file = state.file;
	if (!path && port_stat(state.file, &st, NULL) != 0)
		return 0;
	buf_init(&text, MAX_ENV_FILE);
	if (read_file(state.file, &text, e) == 0)
		result = dotenv_parse(buf_text(&text), text.len, &sink, e);
	buf_wipe(&text);
	if (result == 0 && port_stat(state.file, &st, NULL) == 0 && st.others_can_read)
		log_warning("%s holds secrets, and other users of this machine can read it: chmod 600 %s",
			    state.file, state.file);
	return result;
}

/* ---- where a value comes from ---- */

static void describe_origin(struct buf *out, const struct value *v)
{
	switch (v->origin) {
	case ORIGIN_FILE:
		buf_printf(out, "%s:%d", state.file, v->line);
		break;
	case ORIGIN_ENVIRONMENT:
		buf_puts(out, "environment");
		break;
	case ORIGIN_SECRET_FILE:
		buf_printf(out, "file of %s_FILE", v->row->name);
		break;
	case ORIGIN_DEFAULT:
		buf_puts(out, "default");
		break;
	}
}

/* Looks a name up in the environment and in the .env file. */
static void find_given(struct value *v, const char *name)
{
	const struct entry *entry = find_entry(str_from(name));
	const char *text = port_getenv(name);

	v->given = 1;
	if (text) {
		v->text = text;
		v->origin = ORIGIN_ENVIRONMENT;
		return;
	}
	if (entry && entry->value) {
		v->text = entry->value;
		v->line = entry->line;
		v->origin = ORIGIN_FILE;
		return;
	}
	v->text = v->row->def ? v->row->def : "";
	v->origin = ORIGIN_DEFAULT;
	v->given = 0;
}

/* Reads the secret in the file that `from` (the value of NAME_FILE) names. Line ends after it do not belong
 * to it. */
static int read_secret_file(struct value *v, const struct value *from, struct error *e)
{
	struct buf text;
	struct str secret;
	int result = -1;

	buf_init(&text, MAX_SECRET_FILE);
	if (read_file(from->text, &text, e) != 0) {
		error_add(e, "%s_FILE", v->row->name);
		goto out;
	}
	secret = buf_str(&text);
	while (secret.len > 0 && (secret.ptr[secret.len - 1] == '\n' || secret.ptr[secret.len - 1] == '\r'))
		secret.len--;
	if (str_find_char(secret, 0, '\0') < secret.len) {
		error_set(e, ERROR_USAGE, "%s_FILE: \"%s\" is no text file", v->row->name, from->text);
		goto out;
	}
	v->text = arena_text(&state.arena, secret);
	v->origin = ORIGIN_SECRET_FILE;
	v->given = 1;
	result = v->text ? 0 : error_memory(e);
out:
	buf_wipe(&text);
	return result;
}

/* NAME_FILE counts when it comes from a better place than NAME, or NAME is empty. */
static int look_for_secret_file(struct value *v, struct error *e)
{
	struct value from = *v;
	struct str name = arena_printf(&state.arena, "%s_FILE", v->row->name);

	if (!name.ptr)
		return error_memory(e);
	find_given(&from, name.ptr);
	if (!from.given || from.text[0] == '\0')
		return 0;
	if (v->given && v->text[0] != '\0') {
		if (from.origin == v->origin)
			return error_set(e, ERROR_USAGE, "%s and %s are both set: keep one of them",
					 v->row->name, name.ptr);
		if (from.origin < v->origin)
			return 0;
	}
	return read_secret_file(v, &from, e);
}

/* ---- checking values ---- */

static int bad_value(const struct value *v, const char *wanted, struct error *e)
{
	struct buf origin;

	buf_init(&origin, MAX_PATH_TEXT);
	describe_origin(&origin, v);
	if (v->row->flags & SETTING_SECRET)
		error_set(e, ERROR_USAGE, "%s (%s): %s", v->row->name, buf_text(&origin), wanted);
	else
		error_set(e, ERROR_USAGE, "%s is \"%.200s\" (%s): %s", v->row->name, v->text,
			  buf_text(&origin), wanted);
	buf_release(&origin);
	return -1;
}

/* Checks a value that somebody gave. An empty one is unset, where nothing sensible is empty. */
static int check_value(struct value *v, struct error *e)
{
	enum setting_type type = v->row->type;
	struct str text = str_from(v->text);
	const char *fault = setting_fault(v->row, text);

	if (fault)
		return bad_value(v, fault, e);
	if (text.len == 0 && (type == SETTING_INT || type == SETTING_SECONDS || type == SETTING_GUARD ||
			      type == SETTING_FACTOR))
		v->text = v->row->def ? v->row->def : "";
	if (type == SETTING_SWITCH && text.len > 0 && !str_case_eqz(text, "true") &&
	    !str_case_eqz(text, "false"))
		log_warning("%s is \"%.40s\", which means off: only true switches it on", v->row->name,
			    v->text);
	return 0;
}

/* Trims a text; only what has blanks at its ends is copied. */
static int trim_value(struct value *v, struct error *e)
{
	struct str text = str_from(v->text), trimmed = unicode_trim(text);
	enum setting_type type = v->row->type;

	if (type != SETTING_TEXT && type != SETTING_LIST && type != SETTING_GUARD && type != SETTING_AMOUNT)
		return 0;
	if ((v->row->flags & SETTING_RAW) || trimmed.len == text.len)
		return 0;
	v->text = arena_text(&state.arena, trimmed);
	return v->text ? 0 : error_memory(e);
}

static int load_value(struct value *v, struct error *e)
{
	find_given(v, v->row->name);
	if ((v->row->flags & SETTING_SECRET) && look_for_secret_file(v, e) != 0)
		return -1;
	if (!utf8_valid(str_from(v->text)))
		return error_set(e, ERROR_USAGE, "%s is not UTF-8 text", v->row->name);
	if (trim_value(v, e) != 0 || (v->given && check_value(v, e) != 0))
		return -1;
	if (v->row->flags & SETTING_SECRET)
		log_secret(str_from(v->text));
	return 0;
}

/* ---- names nobody knows ---- */

/* "NAME_FILE" of a secret. */
static int is_secret_file_name(struct str name)
{
	const struct value *v;

	if (!str_ends(name, STR("_FILE")))
		return 0;
	v = find_value(str_sub(name, 0, name.len - 5));
	return v && (v->row->flags & SETTING_SECRET);
}

/* 1 when a setting begins with the same family: "LDAP_", "TIMECAMP_". */
static int has_known_prefix(struct str name)
{
	size_t len = str_find_char(name, 0, '_'), i;

	if (len < PREFIX_MIN || len == name.len)
		return 0;
	for (i = 0; i < state.count; i++)
		if (str_starts(str_from(state.values[i].row->name), str_sub(name, 0, len + 1)))
			return 1;
	return 0;
}

/* Into the order of the file; nothing is looked up any more. */
static void reverse_entries(void)
{
	struct entry *list = state.entries;

	for (state.entries = NULL; list;) {
		struct entry *next = list->next;

		list->next = state.entries;
		state.entries = list;
		list = next;
	}
}

/* Only a warning: the file may hold settings of other programs. */
static void warn_about_names(const char *const *known)
{
	const struct entry *entry;

	reverse_entries();
	for (entry = state.entries; entry; entry = entry->next) {
		struct str name = str_from(entry->name);
		const char *near;

		if (find_value(name) || is_secret_file_name(name))
			continue;
		near = str_nearest(name, known, state.count);
		if (near)
			log_warning("%s:%d: \"%.80s\" is no setting; did you mean %s?", state.file,
				    entry->line, entry->name, near);
		else if (has_known_prefix(name))
			log_warning("%s:%d: \"%.80s\" is no setting of this version", state.file, entry->line,
				    entry->name);
	}
}

static int check_names(struct error *e)
{
	const char **known = malloc((state.count + 1) * sizeof *known);
	size_t i;

	if (!known)
		return error_memory(e);
	for (i = 0; i < state.count; i++)
		known[i] = state.values[i].row->name;
	warn_about_names(known);
	free(known);
	return 0;
}

/* ---- the table ---- */

static int make_values(const struct setting_group *groups, struct error *e)
{
	const struct setting_group *g;
	const struct setting *row;
	size_t n = 0;

	for (g = groups; g->title; g++)
		for (row = g->rows; row->name; row++)
			n++;
	state.values = calloc(n + 1, sizeof *state.values);
	if (!state.values)
		return error_memory(e);
	for (g = groups; g->title; g++)
		for (row = g->rows; row->name; row++)
			state.values[state.count++].row = row;
	return 0;
}

int settings_load(const struct setting_group *groups, const char *env_path, struct error *e)
{
	size_t i;

	settings_release();
	state.groups = groups;
	arena_init(&state.arena, 8 * (size_t)MAX_ENV_FILE);
	if (make_values(groups, e) != 0 || read_env_file(env_path, e) != 0)
		return -1;
	for (i = 0; i < state.count; i++)
		if (load_value(&state.values[i], e) != 0)
			return -1;
	return check_names(e);
}

void settings_release(void)
{
	free(state.values);
	state.values = NULL;
	state.count = 0;
	state.entries = NULL;
	arena_wipe(&state.arena);
}

/* Asking for a name that no table has is a mistake in the program. */
static const struct value *value_of(const char *name)
{
	const struct value *v = find_value(str_from(name));

	if (!v)
		abort();
	return v;
}

const char *settings_text(const char *name)
{
	return value_of(name)->text;
}

int settings_on(const char *name)
{
	return str_case_eqz(str_from(settings_text(name)), "true");
}

double settings_factor(const char *name)
{
	double factor = 0;

	setting_factor(str_from(settings_text(name)), &factor);
	return factor;
}

uint64_t settings_amount(const char *name, uint64_t whole)
{
	uint64_t amount = 0;

	setting_amount(str_from(settings_text(name)), whole, &amount);
	return amount;
}

int64_t settings_int(const char *name)
{
	int64_t n = 0;

	setting_number(str_from(settings_text(name)), &n);
	return n;
}

int settings_given(const char *name)
{
	return value_of(name)->given;
}

enum setting_origin settings_origin(const char *name)
{
	return value_of(name)->origin;
}

void settings_where(const char *name, struct buf *out)
{
	describe_origin(out, value_of(name));
}

const char *settings_required(const char *name, struct error *e)
{
	const struct value *v = value_of(name);

	if (v->text[0] != '\0')
		return v->text;
	error_set(e, ERROR_USAGE, "%s is not set (%s): put it into %s or the environment", name, v->row->help,
		  state.file);
	return NULL;
}

const struct setting_group *settings_groups(void)
{
	return state.groups;
}
