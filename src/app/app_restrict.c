/* What a command may reach: no more than its settings and its command line name. */
#include <string.h>
#include "app/app.h"
#include "base/buf.h"
#include "port.h"

/* A file that is written has a temporary one beside it until it is whole. */
static void allow_written(const char *path)
{
	const char *slash = strrchr(path, '/');
	struct buf folder;

	if (*path == '\0')
		return;
	port_allow(path, 1);
	if (slash == NULL)	/* in the folder of work */
		return;
	buf_init(&folder, MAX_PATH_TEXT);
	buf_put(&folder, path, slash > path ? (size_t)(slash - path) : 1);
	port_allow(buf_text(&folder), 1);
	buf_release(&folder);
}

static void allow_settings(void)
{
	const struct setting_group *group;
	const struct setting *row;

	for (group = settings_groups(); group->title; group++)
		for (row = group->rows; row->name; row++)
			if ((row->flags & SETTING_FILE) && settings_text(row->name)[0])
				port_allow(settings_text(row->name), 0);
	allow_written(settings_text("METRICS_FILE"));
}

int app_restrict(const struct cli *c, struct error *e)
{
	int i;

	port_allow(".", 1);
	port_allow("var", 1);	/* which may be a link to elsewhere */
	port_allow(port_temp_dir(), 1);
	allow_settings();
	for (i = 0; i < c->given_count; i++) {
		const struct cli_option *option = c->given[i].option;

		if (option->value && strcmp(option->value, "FILE") == 0)
			allow_written(c->given[i].value);
	}
	return port_restrict(!(c->command->flags & COMMAND_OFFLINE), e);
}
