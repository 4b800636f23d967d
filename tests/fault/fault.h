/*
 * What may fail in build/rollcall_fault (fault.c says how it is told), the calls that stand for those of the same name,
 * and the program's own start.
 */
#ifndef FAULT_FAULT_H
#define FAULT_FAULT_H

enum { FAULT_DISK, FAULT_OPEN, FAULT_NETWORK, FAULT_MEMORY, FAULT_KINDS };

/* Counts a call of this kind: 1 when it is to fail. */
int fault_now(int what);
/* The same of a call that is not counted. */
int fault_goes_on(int what);
/* 1 when there is nothing of that name. */
int fault_is_new(const char *path);

/* Ends the program when it has given up (port_restrict()) to reach the file so, r, w, c, or the network. */
void fault_reach(const char *path, const char *may);
void fault_reach_network(void);

/* Before SQLite is used for the first time, and after the last: how many blocks of memory it has left. */
void fault_before_sqlite(void);
long fault_after_sqlite(void);

int rollcall_main(int argc, char **argv);

#endif
