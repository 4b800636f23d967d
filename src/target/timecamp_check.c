/* Whether the key works and the root group is there: one listing, nothing is kept. */
#include <string.h>
#include "base/json_read.h"
#include "base/limits.h"
#include "base/settings.h"
#include "target/timecamp_int.h"

struct search {
	struct json_doc *doc;		/* owned */
	struct arena arena;		/* owned; emptied after each record */
	int64_t root;			/* the id that is looked for */
	struct buf *name;		/* borrowed; gets its name */
	uint64_t count;
	int found;
};

static int on_group(void *cookie, const struct json_match *m, struct str raw, struct error *e)
{
	struct search *s = cookie;
	struct json root;
	int64_t id;

	(void)m;
	arena_reset(&s->arena);
	if (json_parse(s->doc, raw, 1, &root, e) < 0)
		return -1;
	s->count++;
	if (json_int(json_get(root, "group_id"), &id) == 0 && id == s->root) {
		s->found = 1;
		buf_reset(s->name);
		buf_put_str(s->name, json_scalar(json_get(root, "name"), &s->arena));
	}
	return 0;
}

int timecamp_check(struct target_run *run, struct buf *note, struct error *e)
{
	static const char *const paths[] = { "[*]", NULL };
	struct search s;
	struct buf name;
	int failed = -1;

	memset(&s, 0, sizeof(s));
	buf_init(&name, MAX_RECORD);
	s.name = &name;
	s.root = settings_int("TIMECAMP_ROOT_GROUP_ID");
	arena_init(&s.arena, 2 * MAX_RECORD);
	s.doc = json_doc_new(MAX_JSON_TOKENS, e);
	if (s.doc == NULL || target_read(run, "group", paths, on_group, &s, e) < 0)
		goto out;
	if (!s.found) {
		error_set(e, ERROR_USAGE, "TIMECAMP_ROOT_GROUP_ID is %ld, but none of the account's %lu"
					  " groups has "
			  "that id", (long)s.root, (unsigned long)s.count);
		goto out;
	}
	buf_printf(note, "key accepted, %lu groups, root group %ld is \"%s\"", (unsigned long)s.count,
		   (long)s.root,
		   buf_text(&name));
	failed = 0;
out:
	json_doc_free(s.doc);
	arena_release(&s.arena);
	buf_release(&name);
	return failed;
}
