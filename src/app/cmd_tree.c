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

static int write_csv(struct tree *t, const char *path, struct error *e)
{
	struct store_out *out = store_create(path, e);

	if (out == NULL)
		return -1;
	if (tree_csv(t, store_write_fn, out, e) != 0) {
		store_abort(out);
		return -1;
	}
	return store_commit(out, e);
}

int app_tree(const struct tree_request *r, struct error *e)
{
	struct tree *t = tree_load(r->file != NULL ? r->file : PATH_PREPARED, e);
	int result = -1;

	if (t != NULL)
		result = r->csv != NULL ? write_csv(t, r->csv, e) : tree_text(t, r->detailed, print, NULL, e);
	tree_free(t);
	return result;
}

static int run(const struct cli *c, struct error *e)
{
	struct tree_request r;

	r.file = cli_value(c, "file");
	r.detailed = cli_given(c, "detailed");
	r.csv = cli_value(c, "csv");
	return app_tree(&r, e);
}

static const struct cli_option options[] = {
	{ "file", "FILE", "accounts to show (" PATH_PREPARED ")" },
	{ "detailed", NULL, "everybody by group, and all accounts as CSV" },
	{ "csv", "FILE", "write all accounts to FILE, safe to open in a spreadsheet" },
	{ NULL, NULL, NULL }
};

const struct command cmd_tree = {
	"tree", "", 0, 0, options, "show the groups that prepare made, and how many people are in them", NULL,
	0, run
};
