/* The port's files, whose writes may fail. The system's headers come first, so that they keep their names. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fault/fault.h"

/* Some systems have them as macros for large files. */
#undef write
#undef fsync
#undef rename
#undef mkdir
#undef open

#define write fault_write
#define fsync fault_fsync
#define rename fault_rename
#define mkdir fault_mkdir
#define open fault_open

#include "../../ports/posix/fs.c"
