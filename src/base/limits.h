/*
 * Every limit on what a peer or a file can make large has its name here.
 */
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

#define MAX_RECORD (1024 * 1024)	/* bytes of one record (a person, a group) cut from a stream */
#define MAX_JSON_DEPTH 256		/* nesting of arrays and objects */
#define MAX_JSON_TOKENS 131072		/* jsmn tokens of one record */
#define MAX_JSON_DIGITS 4300		/* digits of a whole number; what other readers of the files take */
#define MAX_JSON_KEY 256		/* bytes of a matched key; longer keys match nothing */
#define MAX_CSV_FIELDS 4096		/* fields of one record of a CSV file */
#define MAX_ENV_FILE (1024 * 1024)	/* bytes of a .env file */
#define MAX_SECRET_FILE 65536		/* bytes of a NAME_FILE */
#define MAX_SECRETS 64			/* texts that the log masks */
#define MAX_LOG_LINE 65536		/* bytes of one log line before masking */
#define MAX_PATH_TEXT 4096		/* bytes of a path that we put together */
#define MAX_GROUP_PATH 65536		/* bytes of the path of a group */
#define MAX_EXPLAINED 5			/* people of one address who are explained */
#define MAX_MANAGER_CHAIN 1000		/* managers above one another */
#define MAX_GROUP_RULES 1000		/* rules that change groups */
#define MAX_REGEX 65536			/* bytes of a regular expression */
#define MAX_REGEX_GROUPS 500		/* capture groups of a regular expression */
#define MAX_REGEX_DEPTH 100		/* groups of a regular expression inside each other */
#define MAX_REGEX_REPEAT 65535		/* times that a regular expression may ask for in {m,n} */
#define MAX_REGEX_STEPS 5000000		/* steps of one search, a fraction of a second */
#define MAX_REGEX_HEAP 4096		/* KiB of memory of one search */
#define MAX_HTTP_HEADER 65536		/* bytes of status line and header fields together */
#define MAX_HTTP_FIELDS 256		/* header fields of a message */
#define MAX_HTTP_INTERIM 32		/* 1xx answers before the real one */
#define MAX_HTTP_BODY 1073741824	/* bytes of a streamed body */
#define MAX_HTTP_ERROR_BODY 4096	/* bytes kept of the body of an answer that is no success */
#define MAX_HTTP_CHUNK_LINE 4096	/* bytes of a chunk-size line with extensions */
#define MAX_CERTIFICATE 65536		/* bytes of one certificate, or of all that a server sends */
#define MAX_CHAIN 16			/* certificates that a server sends, or that our own chain has */
#define MAX_ANCHORS (1024 * 1024)	/* bytes of all trusted CA certificates, decoded */
#define MAX_URL 16384			/* bytes of a request URL */
#define MAX_LDAP_MESSAGE (4 * 1024 * 1024)	/* bytes of one LDAP message: one entry or range */
#define MAX_LDAP_FILTER_DEPTH 64	/* nesting of a search filter */
#define MAX_LDAP_WINDOW 32		/* look-ups under way at once on an LDAP connection */
#define MAX_LDAP_EMPTY_PAGES 1000	/* pages without entries in a row before a search is given up */
#define MAX_BER_DEPTH 16		/* nesting of BER elements read */
#define MAX_GROUP_DEPTH 64		/* parts of a group path */
#define MAX_SYNC_JOBS 64		/* requests that may be in flight (SYNC_JOBS) */
#define WINDOW_GROW_AFTER 20		/* requests that go well before one more may be in flight ... */
#define WINDOW_GROW_AFTER_MOST 2560	/* ... where that was in vain before */
#define MAX_INVITE_BATCH 50		/* new users in one request */
#define LIMIT_NAMES 20			/* people who are named when a limit is exceeded */
#define PLAN_LINES 50			/* lines of a part of the plan that are shown */

#endif
