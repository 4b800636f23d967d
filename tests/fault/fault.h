/*
 * The system's calls that fault_fs.c uses in the place of those of the same name, and the program's own start.
 */
#ifndef FAULT_FAULT_H
#define FAULT_FAULT_H

#include <stddef.h>
#include <sys/types.h>

ssize_t fault_write(int fd, const void *data, size_t len);
int fault_fsync(int fd);
int fault_rename(const char *from, const char *to);
int fault_mkdir(const char *path, mode_t mode);
/* New files are for our user alone, whatever mode is asked for. */
int fault_open(const char *path, int flags, ...);

int rollcall_main(int argc, char **argv);

#endif
