/*
 * The organisation in a prepared file: its groups as a tree, who is in them, how many. Shown as text, as CSV,
 * as a page.
 */
#ifndef PREPARE_TREE_H
#define PREPARE_TREE_H

#include "base/error.h"
#include "base/json_write.h"

struct tree;		/* a prepared file in a work set */

/* Reads a file that prepare wrote. NULL on failure. */
struct tree *tree_load(const char *path, struct error *e);
void tree_free(struct tree *t);

/* Statistics, groups and their sizes; detailed: also everybody by group, and all accounts as CSV. Text goes
 * to fn in pieces. */
int tree_text(struct tree *t, int detailed, json_out_fn *fn, void *cookie, struct error *e);
/* All accounts as CSV (RFC 4180) with a header row. What a spreadsheet would take for a formula (a cell that
 * begins with = + - @ tab or CR) gets an apostrophe in front. */
int tree_csv(struct tree *t, json_out_fn *fn, void *cookie, struct error *e);
/* One HTML page that needs nothing but itself: search, groups to open and close, roles, light and dark,
 * printable. */
int tree_html(struct tree *t, json_out_fn *fn, void *cookie, struct error *e);

#endif
