/*
 * A keyed hash (SipHash-2-4, Aumasson and Bernstein 2012): short keys for long texts that nobody who does not
 * know the seed can make collide.
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stdint.h>
#include "base/str.h"

/* The secret of a table of hashes: 16 random bytes as two numbers. */
struct hash_seed { uint64_t a, b; };

/* 128 bits of hash; a alone will do for a table, b tells apart what collides. */
struct hash { uint64_t a, b; };

/* The hash of the bytes, which may be any number. */
struct hash hash_bytes(const struct hash_seed *seed, struct str bytes);

#endif
