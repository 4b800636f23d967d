/*
 * The version of this program, as users see it; the archive of the source is named after it.
 */
#ifndef BASE_VERSION_H
#define BASE_VERSION_H

#define ROLLCALL_VERSION "0.1.0"

/* The releases below vendor/. A test compares those that their headers tell. */
#define BEARSSL_RELEASE "0.6"
#define JSMN_RELEASE "1.1.0"
#define PCRE2_RELEASE "10.42"
#define SQLITE_RELEASE "3.53.2"

#endif
