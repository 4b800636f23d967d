/*
 * Two runs number new groups and users differently and may order their calls differently. Here calls, accounts and
 * queue files get a form in which that does not show: groups are named by the chain of names below a known one, users
 * by their number, or by e-mail when they are new.
 */
#ifndef GOLDEN_CANON_H
#define GOLDEN_CANON_H

#include <stddef.h>

#include "base/arena.h"
#include "base/json_read.h"
#include "base/str.h"

/* Texts, all in one arena. */
struct texts {
	struct arena *arena;
	struct str *items;	/* owned */
	size_t count, cap;
};

void texts_init(struct texts *t, struct arena *a);
void texts_release(struct texts *t);
/* The text is copied. */
void texts_add(struct texts *t, struct str s);
int texts_has(const struct texts *t, struct str s);
size_t texts_count(const struct texts *t, struct str s);
void texts_sort(struct texts *t);
/* Sorted, each once. */
void texts_unique(struct texts *t);
int texts_same(const struct texts *a, const struct texts *b);

/*
 * One operation: fields joined by U+001F, of which the first is its kind and the second whose it is. For people:
 * op_print().
 */
struct str op_field(struct str op, size_t n);
/* The user or group that it is about; a new user is "new:" and the lower-case address. */
struct str op_subject(struct str op, struct arena *a);
struct str op_print(struct str op, struct arena *a);

struct canon_pair { struct str key, value; };

struct canon_map {
	struct canon_pair *pairs;	/* owned */
	size_t count, cap;
};

struct canon {
	struct arena *arena;
	struct canon_map group_key, user_key;	/* number to name */
	struct canon_map parent;		/* number of a group to that of its parent */
	struct texts been;			/* "user US group": where each user is or was */
	struct texts violations;		/* orders of calls that must not be */
};

/* state: the account before the first call. */
void canon_init(struct canon *c, struct arena *a, struct json state);
void canon_release(struct canon *c);
/* Adds the operations of a list of calls, those that the service carried out, in order. May be fed again. */
void canon_ops(struct canon *c, struct json calls, struct texts *ops);

/* An account: each line complete, sorted. */
struct canon_state {
	struct texts groups;		/* key, name, key of the parent */
	struct texts users;		/* keys, sorted */
	struct texts fields;		/* user, field, value */
	struct texts attendance;
};

#define CANON_USER_FIELDS 5
extern const char *const canon_user_fields[CANON_USER_FIELDS];

void canon_state(struct canon *c, struct json state, struct canon_state *out);
void canon_state_release(struct canon_state *s);
/* One field of a user; empty when there is no such user. */
struct str canon_user_field(const struct canon_state *s, struct str user, const char *field);

/* The queue files as lines. */
void canon_pending(struct canon *c, struct json user_settings, struct json new_users, struct texts *out);

/* A value as text: null, true and numbers too. */
struct str canon_text(struct json v, struct arena *a);
struct str canon_lower(struct str s, struct arena *a);

#endif
