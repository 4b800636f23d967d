#include "source/source_file_int.h"

#include <string.h>

#include "base/limits.h"
#include "base/settings.h"
#include "base/unicode.h"

#define SHOWN 80		/* bytes of a value in a message */

struct word {
	const char *text;	/* in lower case */
	const char *meaning;
};

#define YES "1"
#define NO "0"

/* Also as spreadsheets of other languages write their truth values. */
static const struct word yes_no[] = {
	{ "true", YES }, { "yes", YES }, { "y", YES }, { "1", YES }, { "x", YES }, { "on", YES },
	{ "wahr", YES }, { "ja", YES }, { "vrai", YES }, { "oui", YES }, { "prawda", YES }, { "tak", YES },
	{ "verdadero", YES }, { "s\xc3\xad", YES }, { "vero", YES },
	{ "false", NO }, { "no", NO }, { "n", NO }, { "0", NO }, { "-", NO }, { "off", NO },
	{ "falsch", NO }, { "nein", NO }, { "faux", NO }, { "non", NO }, { "fa\xc5\x82sz", NO },
	{ "nie", NO }, { "falso", NO },
	{ NULL, NULL }
};

static const struct word statuses[] = {
	{ "active", YES }, { "aktiv", YES }, { "actif", YES }, { "activo", YES }, { "attivo", YES },
	{ "aktywny", YES }, { "enabled", YES }, { "employed", YES }, { "current", YES },
	{ "inactive", NO }, { "inaktiv", NO }, { "inactif", NO }, { "inactivo", NO }, { "inattivo", NO },
	{ "nieaktywny", NO }, { "disabled", NO }, { "deactivated", NO }, { "suspended", NO },
	{ "blocked", NO }, { "deleted", NO }, { "terminated", NO }, { "left", NO }, { "former", NO },
	{ NULL, NULL }
};

static const struct word roles[] = {
	{ "1", "1" }, { "administrator", "1" }, { "admin", "1" }, { "2", "2" }, { "supervisor", "2" },
	{ "3", "3" }, { "user", "3" }, { "5", "5" }, { "guest", "5" },
	{ NULL, NULL }
};

static struct str lower(struct file_reader *r, struct str text)
{
	struct buf out;
	struct str result;

	buf_init(&out, 4 * MAX_RECORD);
	unicode_lower(&out, text);
	result = arena_str(&r->arena, buf_str(&out));
	buf_release(&out);
	return result;
}

/* What a word means, or NULL. */
static const char *meaning(const struct word *words, struct str text)
{
	for (; words->text != NULL; words++)
		if (str_eqz(text, words->text))
			return words->meaning;
	return NULL;
}

/* 1, 0, or -1 for an empty text; -2 is the error. */
static int yes_or_no(struct file_reader *r, const struct file_row *row, enum file_field field,
		     struct error *e)
{
	struct str text = row->value[field];
	const char *is;

	if (text.len == 0)
		return -1;
	is = meaning(yes_no, lower(r, text));
	if (is != NULL)
		return is[0] == '1';
	file_refuse(r, field, e, "\"%.*s\" is neither yes nor no (true, 1, x; false, 0)",
		    STR_ARG(str_sub(text, 0, SHOWN)));
	return -2;
}

/* A mark that is only there when it is set. */
static int read_mark(struct file_reader *r, const struct file_row *row, enum file_field field, int *mark,
		     struct error *e)
{
	int is = yes_or_no(r, row, field, e);

	*mark = is == 1;
	return is == -2 ? -1 : 0;
}

/* FILE_ACTIVE_STATUSES, which then are the only ones that mean active. */
static int is_listed(struct file_reader *r, struct str list, struct str text)
{
	struct str one, wanted = lower(r, text);

	while (str_next(&list, ',', &one))
		if (unicode_trim(one).len > 0 && str_eq(lower(r, unicode_trim(one)), wanted))
			return 1;
	return 0;
}

static int read_status(struct file_reader *r, struct str text, struct str *status, struct error *e)
{
	struct str list = str_from(settings_text("FILE_ACTIVE_STATUSES")), word;
	const char *is = YES;

	if (list.len > 0 && text.len == 0)
		return file_refuse(r, FILE_STATUS, e, "there is none, and FILE_ACTIVE_STATUSES asks for one");
	if (list.len > 0) {
		is = is_listed(r, list, text) ? YES : NO;
	} else if (text.len > 0) {
		word = lower(r, text);
		is = meaning(statuses, word);
		if (is == NULL)
			is = meaning(yes_no, word);
	}
	if (is == NULL)
		return file_refuse(r, FILE_STATUS, e, "whether \"%.*s\" means active is not known; list"
				   " what does in FILE_ACTIVE_STATUSES", STR_ARG(str_sub(text, 0, SHOWN)));
	*status = is[0] == '1' ? STR("active") : STR("inactive");
	return 0;
}

static int read_role(struct file_reader *r, struct str text, struct str *role, struct error *e)
{
	const char *number;

	if (text.len == 0)
		return 0;
	number = meaning(roles, lower(r, text));
	if (number == NULL)
		return file_refuse(r, FILE_ROLE_ID, e, "\"%.*s\" is no role; there are administrator (1),"
				   " supervisor (2), user (3) and guest (5)",
				   STR_ARG(str_sub(text, 0, SHOWN)));
	*role = str_from(number);
	return 0;
}

static int check_mail(struct file_reader *r, const struct file_row *row, enum file_field field,
		      struct error *e)
{
	struct str mail = row->value[field];
	size_t i;

	for (i = 0; i < mail.len; i++)
		if ((unsigned char)mail.ptr[i] <= ' ')
			return file_refuse(r, field, e, "there is a blank in \"%.*s\", so it is no address",
					   STR_ARG(str_sub(mail, 0, SHOWN)));
	return 0;
}

/* Who has no external_id goes by the e-mail, whose letter case may change. */
static int read_id(struct file_reader *r, const struct file_row *row, struct person *p, struct error *e)
{
	p->external_id = row->value[FILE_EXTERNAL_ID];
	if (p->external_id.len == 0 && p->email.len == 0)
		return file_refuse_row(r, e, "this person has neither an external_id nor an e-mail");
	if (p->external_id.len == 0)
		p->external_id = lower(r, p->email);
	if (p->name.len == 0)
		p->name = p->email.len > 0 ? p->email : p->external_id;
	return p->external_id.ptr == NULL ? error_memory(e) : 0;
}

int file_person(struct file_reader *r, const struct file_row *row, struct person *p, struct error *e)
{
	memset(p, 0, sizeof(*p));
	p->name = row->value[FILE_NAME];
	p->email = row->value[FILE_EMAIL];
	p->department = row->value[FILE_DEPARTMENT];
	p->job_title = row->value[FILE_JOB_TITLE];
	p->supervisor_id = row->value[FILE_SUPERVISOR_ID];
	p->raw_data = row->raw;
	if (row->value[FILE_REAL_EMAIL].len > 0)
		p->real_email = row->value[FILE_REAL_EMAIL];
	if (read_id(r, row, p, e) != 0 || check_mail(r, row, FILE_EMAIL, e) != 0 ||
	    check_mail(r, row, FILE_REAL_EMAIL, e) != 0 ||
	    read_status(r, row->value[FILE_STATUS], &p->status, e) != 0 ||
	    read_role(r, row->value[FILE_ROLE_ID], &p->role_id, e) != 0 ||
	    read_mark(r, row, FILE_FORCE_SUPERVISOR, &p->force_supervisor_role, e) != 0 ||
	    read_mark(r, row, FILE_FORCE_ADMIN, &p->force_global_admin_role, e) != 0 ||
	    read_mark(r, row, FILE_HIERARCHY_ONLY, &p->hierarchy_only, e) != 0)
		return -1;
	p->is_supervisor = yes_or_no(r, row, FILE_IS_SUPERVISOR, e);
	return p->is_supervisor == -2 ? -1 : 0;
}
