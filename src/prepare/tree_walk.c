#include <string.h>
#include "base/limits.h"
#include "prepare/tree_int.h"

int tree_walk_init(struct tree_walk *w, struct tree *t, struct error *e)
{
	memset(w, 0, sizeof *w);
	buf_init(&w->name, MAX_RECORD);
	buf_init(&w->last, MAX_RECORD);
	/* the other index has the children in the order of their names: all of them would be read for each */
	w->next = db_prepare(t->work, "SELECT id FROM node INDEXED BY node_child "
			     "WHERE parent = ?1 AND id > ?2 ORDER BY id LIMIT 1", e);
	w->node = db_prepare(t->work, "SELECT parent, name, people, total FROM node WHERE id = ?1", e);
	return w->next == NULL || w->node == NULL ? -1 : 0;
}

void tree_walk_release(struct tree_walk *w)
{
	db_finish(w->next);
	db_finish(w->node);
	buf_release(&w->name);
	buf_release(&w->last);
}

/* The first child of parent behind node `after`: 1; 0 when there is none. */
static int child_after(struct tree_walk *w, int64_t parent, int64_t after, int64_t *id, struct error *e)
{
	int got;

	db_bind_int(w->next, 1, parent);
	db_bind_int(w->next, 2, after);
	got = db_step(w->next, e);
	if (got == 1) {
		*id = db_int(w->next, 0);
		db_reset(w->next);
	}
	return got;
}

static int load(struct tree_walk *w, int64_t id, struct error *e)
{
	int got;

	db_bind_int(w->node, 1, id);
	got = db_step(w->node, e);
	if (got != 1)
		return -1;
	w->id = id;
	w->parent = db_int(w->node, 0);
	w->people = db_int(w->node, 2);
	w->total = db_int(w->node, 3);
	buf_reset(&w->name);
	buf_put_str(&w->name, db_text(w->node, 1));
	db_reset(w->node);
	return buf_check(&w->name, "the name of a group", e);
}

int tree_walk_next(struct tree_walk *w, struct error *e)
{
	int64_t to = 0, sibling;
	int got = child_after(w, w->id, 0, &to, e);

	while (got == 0 && w->last.len > 0) {
		buf_truncate(&w->last, w->last.len - 1);
		got = child_after(w, w->parent, w->id, &to, e);
		if (got == 0 && w->last.len > 0 && load(w, w->parent, e) != 0)
			return -1;
	}
	if (got != 1)
		return got;
	if (load(w, to, e) != 0 || (got = child_after(w, w->parent, to, &sibling, e)) < 0)
		return -1;
	buf_putc(&w->last, !got);
	return buf_check(&w->last, "the depth of the tree", e) != 0 ? -1 : 1;
}
