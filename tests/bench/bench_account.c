#include "bench/bench.h"

#include <string.h>
#include "base/json_write.h"
#include "port.h"

#define ROOT 100		/* id of the group below which the others are */
#define FIRST_USER 1000		/* id of the first user */
#define PEOPLE_PER_GROUP 50
#define BRANCH 6		/* departments of a division, and teams of a department */
#define DEPARTMENT (1 + BRANCH)			/* groups of a department */
#define DIVISION (1 + BRANCH * DEPARTMENT)	/* groups of a division */

/* In what somebody differs from the file. */
enum kind { RENAMED, MOVED, ROLE, EXTERNAL_ID, ADDRESS, ABSENT, NEW, DISABLED, KINDS, SAME };

static const char *const first_names[] = { "Ada", "Ben", "Cleo", "Dan", "Eve", "Finn", "Gus", "Hana" };
static const char *const last_names[] = { "Ash", "Birch", "Cedar", "Elm", "Fir", "Hazel", "Ivy" };

/* One of the two files. */
struct file {
	struct port_file *f;	/* owned */
	struct json_write w;
};

struct generator {
	long people, groups;
	struct file account, wanted;
	struct buf text;	/* owned; texts of one person */
};

static int write_out(void *cookie, const char *data, size_t len, struct error *e)
{
	return port_write(cookie, data, len, e);
}

static int open_file(struct file *o, const char *path, struct error *e)
{
	o->f = port_open(path, PORT_TRUNCATE, e);
	json_write_init(&o->w, 0, write_out, o->f, 0);
	return o->f == NULL ? -1 : 0;
}

static int close_file(struct file *o, struct error *e)
{
	int r = o->f == NULL ? -1 : json_write_finish(&o->w, e);

	json_write_release(&o->w);
	if (o->f != NULL && port_close(o->f, r == 0 ? e : NULL) != 0)
		r = -1;
	return r;
}

static struct str print_text(struct generator *g, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* A text that lives until the next person; the buffer is large enough not to move. */
static struct str print_text(struct generator *g, const char *fmt, ...)
{
	size_t start = g->text.len;
	va_list args;

	va_start(args, fmt);
	buf_vprintf(&g->text, fmt, args);
	va_end(args);
	return str_sub(buf_str(&g->text), start, g->text.len - start);
}

/* ---- groups ---- */

/* Three levels: a division, a department or a team. parent: its number, -1 for the root group. */
static struct str group_name(struct generator *g, long i, long *parent)
{
	long division = i / DIVISION * DIVISION, in = i % DIVISION - 1;

	if (in < 0) {
		*parent = -1;
		return print_text(g, "Division %ld", i / DIVISION);
	}
	*parent = in % DEPARTMENT == 0 ? division : division + 1 + in / DEPARTMENT * DEPARTMENT;
	if (in % DEPARTMENT == 0)
		return print_text(g, "Department %ld", in / DEPARTMENT);
	return print_text(g, "Team %ld", in % DEPARTMENT - 1);
}

static struct str group_path(struct generator *g, long i)
{
	long parent;
	struct str name = group_name(g, i, &parent), above;

	if (parent < 0)
		return name;
	above = group_path(g, parent);
	return print_text(g, "%.*s/%.*s", STR_ARG(above), STR_ARG(name));
}

static struct str group_id(struct generator *g, long i)
{
	return print_text(g, "%ld", i < 0 ? ROOT : ROOT + 1 + i);
}

static void put_groups(struct generator *g)
{
	struct json_write *w = &g->account.w;
	long i, parent;

	json_put_keyz(w, "groups");
	json_begin_array(w);
	json_put_raw(w, STR("{\"group_id\": \"100\", \"name\": \"Company\", \"parent_id\": \"0\"}"));
	for (i = 0; i < g->groups; i++) {
		struct str name;

		buf_reset(&g->text);
		name = group_name(g, i, &parent);
		json_begin_object(w);
		json_put_member(w, "group_id", group_id(g, i));
		json_put_member(w, "name", name);
		json_put_member(w, "parent_id", group_id(g, parent));
		json_end_object(w);
	}
	json_end_array(w);
}

/* ---- people ---- */

static struct str name_of(struct generator *g, long i)
{
	return print_text(g, "%s %s %ld", first_names[i % 8], last_names[i / 8 % 7], i);
}

static struct str email_of(struct generator *g, long i)
{
	return print_text(g, "user%07ld@example.com", i);
}

static void put_user(struct generator *g, long i, enum kind kind)
{
	struct json_write *w = &g->account.w;
	long group = (kind == MOVED ? i + 7 : i) % g->groups;

	json_begin_object(w);
	json_put_member(w, "user_id", print_text(g, "%ld", FIRST_USER + i));
	json_put_member(w, "email", email_of(g, i));
	json_put_member(w, "display_name", kind == RENAMED ? STR("Somebody Else") : name_of(g, i));
	json_put_member(w, "group_id", group_id(g, group));
	json_put_member(w, "role_id", kind == ROLE ? STR("5") : i % 20 == 0 ? STR("2") : STR("3"));
	json_put_keyz(w, "settings");
	json_begin_object(w);
	json_put_member(w, "external_id", print_text(g, "%s%07ld", kind == EXTERNAL_ID ? "OLD" : "EMP", i));
	json_put_member(w, "added_manually", STR("0"));
	if (i % 3 == 0 || kind == ADDRESS)
		json_put_member(w, "additional_email",
				print_text(g, "%s%07ld@example.org", kind == ADDRESS ? "old" : "user", i));
	if (kind == DISABLED)
		json_put_member(w, "disabled_user", STR("1"));
	json_end_object(w);
	json_end_object(w);
}

static void put_wanted(struct generator *g, long i, enum kind kind)
{
	struct json_write *w = &g->wanted.w;
	struct str external_id = print_text(g, "EMP%07ld", i), name = name_of(g, i), email = email_of(g, i);
	struct str path = group_path(g, i % g->groups);

	json_begin_object(w);
	json_put_member(w, "timecamp_external_id", external_id);
	json_put_member(w, "timecamp_user_name", name);
	json_put_member(w, "timecamp_email", email);
	json_put_member(w, "timecamp_groups_breadcrumb", path);
	json_put_member(w, "timecamp_status", STR("active"));
	json_put_member(w, "timecamp_role", i % 20 == 0 ? STR("supervisor") : STR("user"));
	if (i % 3 == 0 || kind == ADDRESS)
		json_put_member(w, "timecamp_real_email", print_text(g, "user%07ld@example.org", i));
	json_put_keyz(w, "raw_data");
	json_begin_object(w);
	json_put_member(w, "external_id", external_id);
	json_put_member(w, "name", name);
	json_put_member(w, "email", email);
	json_put_member(w, "department", path);
	json_put_member(w, "job_title", STR("Specialist"));
	json_put_member(w, "status", STR("active"));
	json_end_object(w);
	json_end_object(w);
}

static void put_people(struct generator *g, long percent)
{
	struct json_write *w = &g->account.w;
	long i, every = percent > 0 && percent < 100 ? 100 / percent : 0;

	json_put_keyz(w, "users");
	json_begin_array(w);
	json_put_raw(w, STR("{\"user_id\": \"1\", \"email\": \"owner@example.com\", \"group_id\": \"100\","
			    " \"display_name\": \"Owner\", \"role_id\": \"1\", \"settings\": {}}"));
	json_begin_array(&g->wanted.w);
	for (i = 0; i < g->people; i++) {
		enum kind kind = percent >= 100 ? NEW : SAME;

		if (every > 0 && i % every == every / 2)
			kind = (enum kind)(i / every % KINDS);
		buf_reset(&g->text);
		if (kind != NEW)
			put_user(g, i, kind);
		if (kind != ABSENT)
			put_wanted(g, i, kind);
	}
	json_end_array(&g->wanted.w);
	json_end_array(w);
}

int bench_account(long people, long percent, const char *account, const char *wanted, struct error *e)
{
	struct generator g;
	int failed;

	memset(&g, 0, sizeof(g));
	g.people = people;
	g.groups = people / PEOPLE_PER_GROUP > 5 ? people / PEOPLE_PER_GROUP : 5;
	buf_init(&g.text, 65536);
	buf_room(&g.text, 65000);
	failed = open_file(&g.account, account, e) < 0 || open_file(&g.wanted, wanted, e) < 0;
	if (!failed) {
		json_begin_object(&g.account.w);
		json_put_member_raw(&g.account.w, "root_group_id", STR("100"));
		put_groups(&g);
		put_people(&g, percent);
		json_end_object(&g.account.w);
	}
	if (close_file(&g.account, e) < 0 || close_file(&g.wanted, e) < 0)
		failed = 1;
	buf_release(&g.text);
	return failed ? -1 : 0;
}
