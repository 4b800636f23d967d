/* The program's main() under another name: fault.c has something to prepare before. */
#include "fault/fault.h"

#define main rollcall_main

#include "../../src/main.c"
