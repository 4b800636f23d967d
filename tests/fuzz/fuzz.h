/*
 * Fuzzing: the parsers get bytes that nobody would send on purpose.
 *
 * tests/fuzz/fuzz_NAME.c holds one function, fuzz_NAME(), and is found without being listed. It must not crash on any
 * bytes, and calls FUZZ_CHECK() on what must hold for all. tests/fuzz/NAME/ holds inputs to start from: good ones,
 * bad ones, and every one that once broke something.
 *
 * build/fuzz -r ROUNDS NAME... runs each of these, then ROUNDS changed ones, always the same ones in the same order
 * (another seed, -s N, gives others), and ends with 'N passed, N failed'. Input ends at the end of an allocated
 * block, so that checking tools notice a read past it. Linked with -fsanitize=fuzzer and compiled with
 * -DFUZZ_ENGINE, the compiler's own engine runs what the environment variable FUZZ names.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include "base/str.h"

#define HARNESS(name) void fuzz_##name(struct str input);
#include "harnesses.h"
#undef HARNESS

/* Ends the program when cond does not hold, naming the place. */
#define FUZZ_CHECK(cond) ((cond) ? (void)0 : fuzz_broken(__FILE__, __LINE__, #cond))

void fuzz_broken(const char *file, int line, const char *what);

/* Takes the first byte off the input, for choices that the input makes itself: where to cut, which way to go. */
unsigned fuzz_choice(struct str *input);

#endif
