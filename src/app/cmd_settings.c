#include <string.h>
#include "app/app.h"
#include "base/buf.h"
#include "base/json_write.h"
#include "base/log.h"

#define MAX_LISTING (1024 * 1024)	/* bytes of the whole list */

static int is_shown(const struct setting *row, int all)
{
	return all || !(row->flags & SETTING_RARE) || settings_given(row->name);
}

/* The present value, fit for a screen: secrets masked, on one line. */
static void put_value(struct buf *out, const struct setting *row)
{
	const char *text = settings_text(row->name);

	if (row->flags & SETTING_SECRET)
		buf_puts(out, text[0] ? "***" : "");
	else
		log_clean(out, str_from(text));
}

static void list_text(struct buf *out, int all)
{
	const struct setting_group *g;
	const struct setting *row;

	for (g = settings_groups(); g->title; g++) {
		buf_printf(out, "%s%s\n", g == settings_groups() ? "" : "\n", g->title);
		for (row = g->rows; row->name; row++) {
			if (!is_shown(row, all))
				continue;
			buf_printf(out, "  %s=", row->name);
			put_value(out, row);
			buf_puts(out, "  (");
			settings_where(row->name, out);
			if (settings_origin(row->name) != ORIGIN_DEFAULT && row->def)
				buf_printf(out, "; default %s", row->def[0] ? row->def : "empty");
			buf_printf(out, ")\n      %s\n", row->help);
		}
	}
}

static void list_json(struct buf *out, int all)
{
	const struct setting_group *g;
	const struct setting *row;
	struct json_write w;
	struct buf text;

	json_write_init(&w, 1, NULL, NULL, MAX_LISTING);
	buf_init(&text, MAX_LISTING);
	json_begin_array(&w);
	for (g = settings_groups(); g->title; g++)
		for (row = g->rows; row->name; row++) {
			if (!is_shown(row, all))
				continue;
			json_begin_object(&w);
			json_put_member(&w, "name", str_from(row->name));
			buf_reset(&text);
			put_value(&text, row);
			json_put_member(&w, "value", buf_str(&text));
			buf_reset(&text);
			settings_where(row->name, &text);
			json_put_member(&w, "from", buf_str(&text));
			json_put_member(&w, "default", str_from(row->def));
			json_put_keyz(&w, "secret");
			json_put_bool(&w, (row->flags & SETTING_SECRET) != 0);
			json_put_member(&w, "group", str_from(g->title));
			json_put_member(&w, "help", str_from(row->help));
			json_end_object(&w);
		}
	json_end_array(&w);
	if (json_write_finish(&w, NULL) != 0)
		out->failed = 1;
	buf_put_str(out, buf_str(&w.out));
	buf_putc(out, '\n');
	json_write_release(&w);
	buf_release(&text);
}

static const char *type_name(const struct setting *row)
{
	switch (row->type) {
	case SETTING_SWITCH:
	case SETTING_GUARD:
		return "true or false";
	case SETTING_INT:
		return "number";
	case SETTING_SECONDS:
		return "seconds";
	case SETTING_FACTOR:
		return "factor";
	case SETTING_AMOUNT:
		return "number or %";
	case SETTING_LIST:
		return "list";
	case SETTING_NUMBERS:
		return "list of numbers";
	case SETTING_TEXT:
		break;
	}
	return row->flags & SETTING_SECRET ? "secret" : "text";
}

/* Text in a cell of a table: a bar would end it. */
static void put_cell(struct buf *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '|')
			buf_putc(out, '\\');
		buf_putc(out, *text);
	}
}

static void list_markdown(struct buf *out)
{
	const struct setting_group *g;
	const struct setting *row;

	buf_puts(out, "# Settings\n\n"
		 "Made by `rollcall settings --markdown`; do not edit. A value comes from the environment,\n"
		 "else from the `.env` file, else it is the default. For each secret `NAME_FILE` may name a\n"
		 "file that holds it.\n");
	for (g = app_setting_groups; g->title; g++) {
		buf_printf(out, "\n## %s\n\n", g->title);
		buf_puts(out, "| name | kind | default | meaning |\n| --- | --- | --- | --- |\n");
		for (row = g->rows; row->name; row++) {
			buf_printf(out, "| `%s` | %s | ", row->name, type_name(row));
			if (row->def && row->def[0]) {
				buf_putc(out, '`');
				put_cell(out, row->def);
				buf_putc(out, '`');
			}
			buf_puts(out, " | ");
			put_cell(out, row->help);
			buf_puts(out, " |\n");
		}
	}
}

static void list_env(struct buf *out)
{
	const struct setting_group *g;
	const struct setting *row;

	buf_puts(out, "# Settings of rollcall, with their defaults. Take away the hash of those you set.\n");
	for (g = app_setting_groups; g->title; g++) {
		buf_printf(out, "\n# ---- %s ----\n", g->title);
		for (row = g->rows; row->name; row++)
			buf_printf(out, "\n# %s\n#%s=%s\n", row->help, row->name, row->def ? row->def : "");
	}
}

static int run_settings(const struct cli *c, struct error *e)
{
	struct buf out;
	int result;

	buf_init(&out, MAX_LISTING);
	if (cli_given(c, "markdown"))
		list_markdown(&out);
	else if (cli_given(c, "env"))
		list_env(&out);
	else if (cli_global(c)->json)
		list_json(&out, cli_given(c, "all"));
	else
		list_text(&out, cli_given(c, "all"));
	result = buf_check(&out, "the list of settings", e);
	if (result == 0)
		out_text(buf_text(&out));
	buf_release(&out);
	return result;
}

static const struct cli_option options[] = {
	{ "all", NULL, "the rarely needed ones too" },
	{ "markdown", NULL, "a page that explains every setting" },
	{ "env", NULL, "a commented .env file (--env=FILE still names the settings file)" },
	{ NULL, NULL, NULL }
};

const struct command cmd_settings = {
	"settings", "", 0, 0, options, "every setting: value, where from, default, meaning",
	"Secrets are masked. With --json: a list of objects.", COMMAND_OFFLINE, run_settings
};
