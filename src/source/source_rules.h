/*
 * Rules that several sources share: lists of names to leave out, and the supervisor rule "field:value".
 */
#ifndef SOURCE_SOURCE_RULES_H
#define SOURCE_SOURCE_RULES_H

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"

/* The next name of a comma list, without Unicode blanks at its ends; empty ones are passed over. 0 at the
 * end. Begin with *rest = the whole list, ptr not NULL. */
int rules_next_name(struct str *rest, struct str *name);
/* 1 when the list has the name, letter by letter. */
int rules_list_has(struct str list, struct str name);

/* The value at a path of keys with dots between them ("work.isManager"), from the top of a record; ptr NULL
 * when a key is missing or what should hold it is no object. */
struct str rules_at_path(struct str record, struct str path);

/* The local date as "YYYY-MM-DD". */
void rules_today(char today[11]);
/* 1 when the first ten characters of a date, as text, come after today. */
int rules_is_future(struct str date, const char *today);
/* The value of a setting that is one JSON object, as it stands there; ptr NULL: it is empty, or something
 * else, which a warning says. */
struct str rules_json_object(const char *name);

/* A supervisor rule; both parts are slices of the setting. Field empty: there is none. */
struct supervisor_rule {
	struct str field, value;
};

/* Splits the value of the setting with this name at its first colon; a value without one is no rule, which a
 * warning says. */
void supervisor_rule_load(struct supervisor_rule *rule, const char *name);
/*
 * 1 when a record's value (JSON; ptr NULL: the field is missing) is what the rule wants, 0, or -1 when out of
 * memory. Text is compared without blanks around it; true is "true" or "True", false likewise, null is
 * "None", what is missing is empty; numbers are compared by value; objects and lists are nothing that a rule
 * can name.
 */
int supervisor_rule_fits(const struct supervisor_rule *rule, struct str value, struct arena *a,
			 struct error *e);

#endif
