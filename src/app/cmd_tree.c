#include "app/app.h"
#include "base/log.h"
#include "prepare/tree.h"
#include "store/store.h"

static int print(void *cookie, const char *data, size_t len, struct error *e)
{
	(void)cookie;
	(void)len;
	(void)e;
	out_text(data);
	return 0;
}

typedef int tree_writer(struct tree *t, json_out_fn *fn, void *cookie, struct error *e);

static int save(struct tree *t, const char *path, tree_writer *write, struct error *e)
{
	struct store_out *out = store_create(path, e);

	if (out == NULL)
		return -1;
	if (write(t, store_write_fn, out, e) != 0) {
		store_abort(out);
		return -1;
	}
	return store_commit(out, e);
}

int app_tree(const struct tree_request *r, struct error *e)
{
	struct tree *t = tree_load(r->file != NULL ? r->file : PATH_PREPARED, e);
	int result = t == NULL ? -1 : 0;

	if (result == 0 && r->csv != NULL)
		result = save(t, r->csv, tree_csv, e);
	if (result == 0 && r->html != NULL)
		result = save(t, r->html, tree_html, e);
	if (result == 0 && r->csv == NULL && r->html == NULL)
		result = tree_text(t, r->detailed, print, NULL, e);
	tree_free(t);
	return result;
}

static int run(const struct cli *c, struct error *e)
{
	struct tree_request r;

	r.file = cli_value(c, "file");
	r.detailed = cli_given(c, "detailed");
	r.csv = cli_value(c, "csv");
	r.html = cli_value(c, "html");
	return app_tree(&r, e);
}

static const struct cli_option options[] = {
	{ "file", "FILE", "accounts to show (" PATH_PREPARED ")" },
	{ "detailed", NULL, "everybody by group, and all accounts as CSV" },
	{ "csv", "FILE", "write all accounts to FILE, safe to open in a spreadsheet" },
	{ "html", "FILE", "write a page to FILE that shows the groups and finds people" },
	{ NULL, NULL, NULL }
};

const struct command cmd_tree = {
	"tree", "", 0, 0, options, "show the groups that prepare made, and how many people are in them", NULL,
	COMMAND_OFFLINE, run
};
