/*
 * What the files of the simulator share: the account, the request being answered, the options.
 */
#ifndef SANDBOX_TCSIM_INT_H
#define SANDBOX_TCSIM_INT_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/json_read.h"
#include "base/json_write.h"
#include "net/http_server.h"
#include "sandbox/tcsim.h"

#define TCSIM_NONE ((size_t)-1)		/* no place */
#define TCSIM_ANSWER_MAX ((size_t)1 << 30)	/* bytes of one answer */

/* ---- options --------------------------------------------------------------------------------- */

enum tcsim_option {
	OPT_LATENCY_MS, OPT_RATE_LIMIT, OPT_LIMIT_EVERY, OPT_LIMIT_FIRST, OPT_RETRY_AFTER, OPT_MAX_CONCURRENT,
	OPT_FAIL_EVERY, OPT_FAIL_ON, OPT_FAIL_FROM, OPT_DROP_EVERY, OPT_DROP_AFTER, OPT_FAULT_AT, OPT_FAULT, OPT_SLOW_BODY,
	OPT_CHUNKED, OPT_GZIP, OPT_CLOSE, OPT_NOT_JSON_ON, OPT_CUT_JSON_ON, OPT_CUT_BODY_ON, OPT_USER_VISIBLE_DELAY, OPT_REQUIRE_KEY,
	OPT_FORBID_GROUP_CREATES, OPT_SETTINGS_SHAPE, OPT_USER_ID_TYPE, OPT_GROUP_ID_TYPE, OPT_ROLE_ID_TYPE,
	OPT_SETTING_VALUE_TYPE, OPT_CREATED_ID_TYPE, OPT_ADD_USER_SHAPE, OPT_NEW_USER_NAME, OPT_DUPLICATE_EMAIL,
	OPT_EMPTY_USERS, OPT_PICKER_OMITS_DISABLED, OPT_PICKER_EMPTY_GROUPS, OPT_OMIT_UNSET, OPT_MAX_DEPTH,
	OPT_REFUSE_DELETE, OPT_IGNORED_CREATES, OPT_ME, OPT_DAY_TYPES_SHAPE, OPT_DAY_TYPE_ID_TYPE,
	TCSIM_OPTIONS
};

/* Values as text; a list has one entry a line. */
void tcsim_options_default(struct tcsim *s);
/* From the object "options" of a document. */
int tcsim_options_load(struct tcsim *s, struct json options, struct error *e);
int64_t tcsim_number(const struct tcsim *s, enum tcsim_option o);
int tcsim_on(const struct tcsim *s, enum tcsim_option o);
int tcsim_is(const struct tcsim *s, enum tcsim_option o, const char *value);
/* 1 when the option's list has this entry (without regard to letter case when `any_case`). */
int tcsim_lists(const struct tcsim *s, enum tcsim_option o, struct str entry, int any_case);

/* ---- the account ----------------------------------------------------------------------------- */

/* Texts to places in an array. */
struct tcsim_map {
	struct tcsim_map_entry { struct str key; size_t value; } *entries;	/* owned; keys borrowed */
	size_t cap, used;
};

size_t tcsim_map_get(const struct tcsim_map *m, struct str key);
/* The key must live as long as the map. value TCSIM_NONE forgets it. -1 when out of memory. */
int tcsim_map_put(struct tcsim_map *m, struct str key, size_t value);
void tcsim_map_release(struct tcsim_map *m);

/* Texts of these structs live in the account's arena. */
struct tcsim_group {
	struct str id, name;
	struct str parent;		/* ptr NULL: null */
	int gone;
	size_t first, last;		/* its users, in the order they came */
};

struct tcsim_setting {
	struct str name, value;
	struct tcsim_setting *next;	/* in the order they were made */
};

struct tcsim_user {
	struct str id, email, role;
	struct str name;		/* ptr NULL: null */
	struct str group;		/* ptr NULL: in none */
	struct tcsim_setting *settings;
	int64_t hidden;			/* listings in which the user does not appear yet */
	size_t next, previous;		/* in the same group */
};

/* One day of somebody's attendance. */
struct tcsim_day {
	struct str user, day, type, should_be, vacation;	/* the last two: JSON */
};

/* A changing request as it was received. */
struct tcsim_call {
	struct str method, path, body;	/* body: JSON */
	struct str created;		/* JSON list of the numbers it gave, or ptr NULL */
	int status;
};

/* A request that waits for its time. */
struct tcsim_delayed;

struct tcsim {
	struct http_server *server;
	int stopped;
	int stuck;				/* a fault took all answers away */

	/* the account */
	struct arena texts;
	char *option[TCSIM_OPTIONS];		/* owned */
	struct tcsim_group *groups;
	struct tcsim_user *users;
	struct tcsim_day *days;
	size_t group_count, user_count, day_count;
	struct tcsim_map group_by_id, user_by_id, user_by_email, day_by_key;
	struct str root;
	int64_t next_group, next_user;
	struct str day_types;			/* JSON */
	int64_t forbidden_left;

	/* what was asked */
	struct buf notes;			/* owned; texts posted to the simulator itself */
	struct tcsim_call *calls;
	size_t call_count;
	uint64_t requests, reads, in_flight, max_in_flight;
	struct tcsim_map connections;		/* by number */
	int64_t *window;			/* times of the last requests, for the rate limit; a ring */
	size_t window_at;
	struct tcsim_delayed *delayed, *delayed_last;

	/* the request being answered */
	struct arena scratch;
	struct json_doc *body_doc;
};

/* A copy in the account's arena. */
struct str tcsim_keep(struct tcsim *s, struct str text);
struct str tcsim_keep_number(struct tcsim *s, int64_t n);
void tcsim_reset(struct tcsim *s);

size_t tcsim_find_group(const struct tcsim *s, struct str id);
size_t tcsim_find_user(const struct tcsim *s, struct str id);
size_t tcsim_find_email(struct tcsim *s, struct str email);
/* The new one's place, or TCSIM_NONE when out of memory. Texts are copied. */
size_t tcsim_add_group(struct tcsim *s, struct str id, struct str name, struct str parent);
size_t tcsim_add_user(struct tcsim *s, struct str id, struct str email, struct str name, struct str role);
/* Puts a user last into a group that exists; he leaves the one he was in. */
void tcsim_move(struct tcsim *s, size_t user, struct str group);
void tcsim_rename_email(struct tcsim *s, size_t user, struct str email);
/* ptr NULL when it was never made. */
struct str tcsim_setting(const struct tcsim_user *u, struct str name);
void tcsim_set(struct tcsim *s, size_t user, struct str name, struct str value);
int tcsim_put_day(struct tcsim *s, const struct tcsim_day *day);

/* ---- one request ----------------------------------------------------------------------------- */

#define TCSIM_PARTS 3

struct tcsim_request {
	struct str parts[TCSIM_PARTS];	/* of the path below the API's base, decoded */
	int part_count;
	struct str query;		/* as sent */
	struct json body;		/* none when there was none, or no JSON */
	struct str created;		/* set by creations: JSON list */
	int status;			/* of the answer; 200 unless refused */
	int empty;			/* the answer has no body */
	struct json_write out;		/* the answer's body */
};

/* Answers with status and {"message": ...}; message NULL: with []. */
void tcsim_refuse(struct tcsim_request *r, int status, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* An endpoint; fills in the answer. */
typedef void tcsim_endpoint(struct tcsim *s, struct tcsim_request *r);

/* tcsim_read.c */
tcsim_endpoint tcsim_get_users, tcsim_get_groups, tcsim_get_group_users, tcsim_get_settings, tcsim_get_people_picker,
	tcsim_get_me, tcsim_get_day_types;
/* tcsim_write.c */
tcsim_endpoint tcsim_create_group, tcsim_delete_group, tcsim_add_users, tcsim_update_user, tcsim_put_group_user,
	tcsim_put_setting, tcsim_post_attendance;

/* The endpoint of a request, NULL when there is none. */
tcsim_endpoint *tcsim_route(struct str method, const struct tcsim_request *r);

/* tcsim_serve.c: the handler of the HTTP server, and what became due. */
void tcsim_handle(void *cookie, struct http_exchange *x, const struct http_request_view *view);
void tcsim_serve_due(struct tcsim *s);
/* Milliseconds until a delayed request is due, -1: none. */
int tcsim_next_due(const struct tcsim *s);

/* A name's value in a query, decoded: the n-th, or ptr NULL. Names "name" and "name[]", "name[0]" are the same. */
struct str tcsim_query(struct tcsim *s, struct str query, const char *name, size_t n);

#endif
