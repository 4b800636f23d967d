/*
 * The pieces of `make bench`: build/bench users N MODE, build/bench json FILE, build/bench measure OUT
 * COMMAND... The script bench.sh puts them together.
 */
#ifndef BENCH_H
#define BENCH_H

#include "base/error.h"

/* Writes a users.json of that many people to standard output, the same every time; mode is "department",
 * "supervisor" or "hybrid". */
int bench_users(long people, const char *mode, struct error *e);
/* Prints how fast a JSON file is checked, cut into records, read and written again. */
int bench_json(const char *path, struct error *e);

#endif
