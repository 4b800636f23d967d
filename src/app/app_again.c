/* How the program was called, as text that a shell takes: advice that can be copied. */
#include <string.h>
#include "app/app.h"
#include "base/buf.h"

/* 1 when shells of all systems take the text in double quotes as it is; paths of Windows have backslashes. */
static int may_be_quoted(const char *text)
{
	for (; *text != '\0'; text++)
		if (strchr("\"$`!", *text) != NULL || (*text == '\\' && (text[1] == '\\' || text[1] == '\0')))
			return 0;
	return 1;
}

void app_put_argument(struct buf *out, const char *text)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"0123456789_./:@%+=,-";

	if (text[0] != '\0' && text[strspn(text, plain)] == '\0') {
		buf_puts(out, text);
	} else if (may_be_quoted(text)) {
		buf_printf(out, "\"%s\"", text);
	} else {
		buf_putc(out, '\'');
		for (; *text != '\0'; text++) {
			if (*text == '\'')
				buf_puts(out, "'\\'");
			buf_putc(out, *text);
		}
		buf_putc(out, '\'');
	}
}

static void put_option(struct buf *out, const char *name, const char *value)
{
	buf_printf(out, " --%s", name);
	if (value != NULL) {
		buf_putc(out, ' ');
		app_put_argument(out, value);
	}
}

void app_again(struct buf *out, const struct cli *c)
{
	const struct cli_global *g = cli_global(c);

	app_put_argument(out, g->program != NULL ? g->program : "rollcall");
	if (g->dir != NULL)
		put_option(out, "dir", g->dir);
	if (g->env_path != NULL)
		put_option(out, "env", g->env_path);
}

void app_again_with(struct buf *out, const struct cli *c, const char *option)
{
	int i;

	app_again(out, c);
	buf_printf(out, " %s", c->command->name);
	for (i = 0; i < c->word_count; i++) {
		buf_putc(out, ' ');
		app_put_argument(out, c->words[i]);
	}
	for (i = 0; i < c->given_count; i++) {
		const struct cli_option *given = c->given[i].option;

		if (strcmp(given->name, option) != 0)
			put_option(out, given->name, given->value != NULL ? c->given[i].value : NULL);
	}
	put_option(out, option, NULL);
}
