/*
 * The pieces of `make bench`, which the script bench.sh puts together; run without arguments it names them.
 */
#ifndef BENCH_H
#define BENCH_H

#include "base/error.h"

/* Writes a users.json of that many people to standard output, the same every time; mode is "department",
 * "supervisor" or "hybrid". */
int bench_users(long people, const char *mode, struct error *e);
/*
 * Writes an account for timecamp_sim and the prepared file for it. percent of the people differ in one way or
 * another; 100: all are new. The owner has id 1 and is not in the file.
 */
int bench_account(long people, long percent, const char *account, const char *wanted, struct error *e);
/* Prints how many requests and connections the simulator on that port has seen since it was asked last. */
int bench_counters(const char *port, struct error *e);
/* TLS (certificate of "localhost") in front of that port until it is interrupted; its own goes to the file. */
int bench_relay(const char *port, const char *port_file, struct error *e);
/* Prints how fast a JSON file is checked, cut into records, read and written again. */
int bench_json(const char *path, struct error *e);

#endif
