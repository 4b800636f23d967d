#include "app/app.h"
#include "base/json_write.h"
#include "base/version.h"

static const struct {
	const char *name, *version;
} parts[] = {
	{ "rollcall", ROLLCALL_VERSION },
	{ "BearSSL", BEARSSL_RELEASE },
	{ "jsmn", JSMN_RELEASE },
	{ "PCRE2", PCRE2_RELEASE },
	{ "SQLite", SQLITE_RELEASE },
};

static int run_version(const struct cli *c, struct error *e)
{
	struct json_write w;
	int result;
	size_t i;

	if (!cli_global(c)->json) {
		for (i = 0; i < sizeof parts / sizeof parts[0]; i++)
			out_printf("%s %s\n", parts[i].name, parts[i].version);
		return 0;
	}
	json_write_init(&w, 1, NULL, NULL, 1000);
	json_begin_object(&w);
	for (i = 0; i < sizeof parts / sizeof parts[0]; i++)
		json_put_member(&w, parts[i].name, str_from(parts[i].version));
	json_end_object(&w);
	result = json_write_finish(&w, e);
	if (result == 0)
		out_printf("%s\n", buf_text(&w.out));
	json_write_release(&w);
	return result;
}

const struct command cmd_version = {
	"version", "", 0, 0, NULL, "the version, and those of the packages inside", NULL, COMMAND_NO_SETTINGS,
	run_version
};
