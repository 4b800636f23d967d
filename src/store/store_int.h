/*
 * What the files of this folder share: local files that appear whole or not at all.
 */
#ifndef STORE_STORE_INT_H
#define STORE_STORE_INT_H

#include <stddef.h>
#include "base/error.h"

/* A new version of a file, in a temporary beside it named .NAME.PID.tmp. */
struct file_out;

/* Makes missing folders above path. */
int file_make_folder(const char *path, struct error *e);
/* Opens the temporary (0600), making missing folders. NULL on failure. */
struct file_out *file_create(const char *path, struct error *e);
/* Gathers; large pieces reach the file 64 KiB or more at a time. */
int file_write(struct file_out *out, const char *data, size_t len, struct error *e);
/* Everybody may read the new version. */
int file_share(struct file_out *out, struct error *e);
/* The new version will be that file of the same folder instead. */
int file_rename(struct file_out *out, const char *path, struct error *e);
/* Flushes to the disk and renames. out is freed either way; on failure the temporary is gone and the old file
 * is as it was. */
int file_commit(struct file_out *out, struct error *e);
/* Removes the temporary and frees out. */
void file_abort(struct file_out *out);
/* Removes the temporaries that killed runs have left in the folder of path. Only for who alone may write
 * there. */
void file_clean_folder(const char *path);

#endif
