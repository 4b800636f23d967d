/*
 * The version of this program, as users see it; the archive of the source is named after it.
 */
#ifndef BASE_VERSION_H
#define BASE_VERSION_H

#define ROLLCALL_VERSION "0.1.0"

#endif
