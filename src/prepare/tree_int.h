/*
 * What the files of the tree share: the work set and a sticky output.
 *
 * Tables: account(seq, id, name, mail, real_mail, path, role, status); node(id, parent, name): the groups
 * that active people are in and all groups above these, ids in the order in which the sorted paths name them,
 * 0 at the root.
 */
#ifndef PREPARE_TREE_INT_H
#define PREPARE_TREE_INT_H

#include "base/buf.h"
#include "base/str.h"
#include "prepare/tree.h"
#include "store/db.h"

#define TREE_ROOT "<root>"	/* what sorting takes for the name of the root group */

struct tree {
	struct db *work;		/* owned */
};

/* Text on its way out. */
struct tree_out {
	struct buf text;		/* owned: not handed on yet */
	json_out_fn *fn;
	void *cookie;
	struct error *e;
	int failed;
};

/* Failures go to e, which must live as long as o. */
void tree_out_init(struct tree_out *o, json_out_fn *fn, void *cookie, struct error *e);
/* Hands on what is there when it is large; all of it at the end. -1 when that or an earlier write failed. */
int tree_out_flush(struct tree_out *o, int at_end);
void tree_out_release(struct tree_out *o);

/* The rows of tree_csv(); safe: with apostrophes. */
int tree_csv_rows(struct tree *t, struct tree_out *o, int safe, struct error *e);

#endif
