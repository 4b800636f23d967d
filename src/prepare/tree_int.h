/*
 * What the files of the tree share: the work set and a sticky output.
 *
 * Tables: account(seq, id, name, mail, real_mail, path, role, status); node(id, parent, name, people, total,
 * path): the groups
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

/* A walk through the nodes in the order in which they are shown, each before its children. */
struct tree_walk {
	struct db_stmt *next, *node;	/* owned */
	int64_t id, parent;		/* of the present node; 0: before the first, at the root */
	int64_t people, total;		/* active people in the group, and with those in groups below */
	struct buf name;		/* owned */
	struct buf last;		/* owned: a byte for each level, 1: no sibling follows the node */
};

/* To be released on failure too. */
int tree_walk_init(struct tree_walk *w, struct tree *t, struct error *e);
void tree_walk_release(struct tree_walk *w);
/* 1 and the next node; 0 at the end. */
int tree_walk_next(struct tree_walk *w, struct error *e);

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
