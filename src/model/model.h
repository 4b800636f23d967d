/*
 * The record that sources make: a person of users.json.
 */
#ifndef MODEL_MODEL_H
#define MODEL_MODEL_H

#include "base/json_write.h"
#include "base/str.h"

/* A user of users.json as a source makes it. Texts are borrowed. ptr NULL: the key is left out; an empty text
 * is written as "". */
struct person {
	struct str external_id, name, email, real_email;
	struct str department, job_title, status, supervisor_id, role_id;
	int is_supervisor;			/* -1: key left out; 0, 1 */
	int force_supervisor_role;		/* written only when 1 */
	int force_global_admin_role;
	int hierarchy_only;
	struct str raw_data;			/* JSON text; ptr NULL: left out */
};

/* In place of a text: the key is written, with null. Known by its address, not by its letters. */
extern const struct str person_null;

/* Writes it as one JSON object (users.json's field order). */
void person_write(struct json_write *w, const struct person *p);

#endif
