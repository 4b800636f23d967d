#include <stdlib.h>
#include <string.h>
#include "base/limits.h"
#include "base/log.h"
#include "base/unicode.h"
#include "prepare/prepare_int.h"

#define CIRCLE_IN_ERROR 500	/* bytes of a circle of managers that stands in the message */
#define CIRCLES_SHOWN 20	/* in the log; the rest is counted */
#define ID_SHOWN 200		/* bytes of an external_id there */
#define CHAIN_MEMORY (8 * 1024 * 1024)	/* bytes of ids and names of one chain of managers */

/* ---- managers ----------------------------------------------------------------------------------------- */

/* Who is somebody's supervisor: of people with external_id, which makes a group, and of all, which makes a
 * role. */
static const char *const find_bosses[] = {
	"CREATE TABLE boss(id TEXT PRIMARY KEY) WITHOUT ROWID",
	"INSERT INTO boss SELECT DISTINCT supervisor FROM person WHERE supervisor <> '' ORDER BY 1",
	NULL
};
static const char *const index_ids[] = { "CREATE INDEX person_id ON person(id)", NULL };
static const char *const mark_groups[] = {
	"UPDATE person SET bits = bits | ?1 WHERE id IN (SELECT id FROM boss)", NULL
};
static const char *const mark_roles[] = {
	"UPDATE person SET bits = bits | ?1 WHERE id IN (SELECT supervisor FROM link)",
	/* path: from the top manager down to this one; NULL for one who is hidden. depth: its managers */
	"CREATE TABLE path(id TEXT PRIMARY KEY, name TEXT, path TEXT, depth INTEGER) WITHOUT ROWID",
	NULL
};

/* One manager on the way up. */
struct level {
	struct level *above, *below;
	struct str id, name;
};

struct climber {
	struct prepare *p;
	struct arena arena;		/* owned: one chain */
	struct db_stmt *person;		/* owned */
	struct db_stmt *known;		/* owned */
	struct db_stmt *add;		/* owned */
	struct buf path;		/* owned */
	int depth;			/* managers in it */
	struct buf circle;		/* owned: the first circle of managers; failed: it is too long */
	int people;			/* in that one */
	int circles;
};

static int climber_init(struct climber *c, struct prepare *p, struct error *e)
{
	memset(c, 0, sizeof *c);
	c->p = p;
	arena_init(&c->arena, CHAIN_MEMORY);
	buf_init(&c->path, MAX_GROUP_PATH);
	buf_init(&c->circle, CIRCLE_IN_ERROR);
	c->person = db_prepare(p->work, "SELECT name, title, supervisor, bits FROM person WHERE id = ?1", e);
	c->known = db_prepare(p->work, "SELECT path, depth FROM path WHERE id = ?1", e);
	c->add = db_prepare(p->work, "INSERT INTO path VALUES(?1, ?2, ?3, ?4)", e);
	return c->person == NULL || c->known == NULL || c->add == NULL ? -1 : 0;
}

static void climber_release(struct climber *c)
{
	db_finish(c->person);
	db_finish(c->known);
	db_finish(c->add);
	buf_release(&c->path);
	buf_release(&c->circle);
	arena_release(&c->arena);
}

static int add_path(struct climber *c, struct str id, struct str name, struct str path, struct error *e)
{
	db_bind_text(c->add, 1, id);
	db_bind_text(c->add, 2, name);
	db_bind_text(c->add, 3, path);
	db_bind_int(c->add, 4, c->depth);
	return db_run(c->add, e);
}

/* 1 when id has a path that is known already; then it is in c->path. */
static int known_path(struct climber *c, struct str id, struct error *e)
{
	int got;

	buf_reset(&c->path);
	c->depth = 0;
	db_bind_text(c->known, 1, id);
	got = db_step(c->known, e);
	if (got == 1) {
		got = !db_is_null(c->known, 0);
		buf_put_str(&c->path, db_text(c->known, 0));
		c->depth = (int)db_int(c->known, 1);
		db_reset(c->known);
	}
	return got;
}

/* Appends "a -> b -> a"; when it gets longer than a line it goes to the log in pieces. */
static void put_circle(struct buf *out, const struct level *l, struct str again, int in_log)
{
	for (; l != NULL; l = l->above) {
		buf_printf(out, "%.*s -> ", (int)(l->id.len < ID_SHOWN ? l->id.len : ID_SHOWN), l->id.ptr);
		if (in_log && out->len > MAX_LOG_LINE / 2) {
			log_error("%s...", buf_text(out));
			buf_reset(out);
		}
	}
	buf_put_str(out, str_sub(again, 0, ID_SHOWN));
}

/* The levels from `again` upwards are each other's managers. An error has room for one short circle; the log
 * takes all others. */
static void report_circle(struct climber *c, const struct level *from, struct str again)
{
	const struct level *l;
	struct buf line;
	int n = 0;

	while (!str_eq(from->id, again))
		from = from->below;
	for (l = from; l != NULL; l = l->above)
		n++;
	if (c->circles++ == 0) {
		c->people = n;
		put_circle(&c->circle, from, again, 0);
		if (!c->circle.failed)
			return;
	} else if (c->circles == 2 && !c->circle.failed) {
		log_error("a circle of managers: %s", buf_text(&c->circle));
	}
	if (c->circles > CIRCLES_SHOWN)
		return;
	buf_init(&line, MAX_LOG_LINE);
	buf_puts(&line, "a circle of managers: ");
	put_circle(&line, from, again, 1);
	log_error("%s", buf_text(&line));
	buf_release(&line);
}

static int circles_found(const struct climber *c, struct error *e)
{
	static const char mend[] = "mend supervisor_id of one of them in the source";

	if (c->circles > 1)
		return error_set(e, ERROR_FAILED, "in %d circles people are each other's supervisors; "
				 "the log names %s; mend supervisor_id of one person in each of them "
				 "in the source", c->circles,
				 c->circles > CIRCLES_SHOWN ? "the first ones" : "all of them");
	if (c->circle.failed)
		return error_set(e, ERROR_FAILED, "%d people are each other's supervisors in a circle, the "
				 "log names all of them; %s", c->people, mend);
	return error_set(e, ERROR_FAILED, "%d people are each other's supervisors in a circle: %s; %s",
			 c->people, buf_text(&c->circle), mend);
}

/* The level of manager id above `below`: 1; 0 when there is no such person or a hidden one, which ends the
 * chain. */
static int climb_to(struct climber *c, struct str id, struct level *below, struct level **out,
		    struct str *next, struct error *e)
{
	struct arena *a = &c->arena;
	struct level *l;
	int got;

	db_bind_text(c->person, 1, id);
	got = db_step(c->person, e);
	if (got != 1)
		return got;
	if (db_int(c->person, 3) & BIT_HIDDEN) {
		db_reset(c->person);
		return 0;
	}
	l = arena_alloc(a, sizeof *l);
	if (l == NULL)
		return error_memory(e);
	l->id = arena_str(a, id);
	l->name = arena_str(a, group_name(&c->p->rules, db_text(c->person, 0), db_text(c->person, 1), id, a));
	*next = arena_str(a, unicode_trim(db_text(c->person, 2)));
	db_reset(c->person);
	if (l->id.ptr == NULL || l->name.ptr == NULL || next->ptr == NULL)
		return error_memory(e);
	l->below = below;
	if (below != NULL)
		below->above = l;
	*out = l;
	return 1;
}

static int too_deep(struct str id, struct error *e)
{
	return error_set(e, ERROR_FAILED, "more than %d managers stand above each other, from external_id "
			 "\"%.*s\" upwards", MAX_MANAGER_CHAIN, STR_ARG(id));
}

static int is_above(const struct level *l, struct str id)
{
	for (; l != NULL; l = l->below) {
		if (str_eq(l->id, id))
			return 1;
	}
	return 0;
}

/* From manager id upwards until somebody whose path is known (1, c->path has it) or the top (0, c->path is
 * empty). */
static int climb(struct climber *c, struct str id, struct level **top, struct error *e)
{
	struct str next = id;
	int got, n;

	*top = NULL;
	for (n = 0; next.len > 0; n++) {
		if (*top != NULL && str_eq((*top)->id, next)) {
			prepare_note(c->p, NOTE_SELF_MANAGED, "external_id \"%.*s\"", STR_ARG(next));
			break;
		}
		if (is_above(*top, next)) {	/* goes on as if this were the top: there may be more */
			report_circle(c, *top, next);
			break;
		}
		if (n == MAX_MANAGER_CHAIN)
			return too_deep(id, e);
		got = known_path(c, next, e);
		if (got != 0)
			return got;
		got = climb_to(c, next, *top, top, &next, e);
		if (got < 0)
			return -1;
		if (got == 0)
			break;
	}
	buf_reset(&c->path);
	c->depth = 0;
	return 0;
}

/* Stores the paths of all levels below a known path, or from the top. */
static int descend(struct climber *c, const struct level *top, int below_known, struct error *e)
{
	const struct rules *r = &c->p->rules;
	const struct level *l;

	for (l = top; l != NULL; l = l->below) {
		if (r->mode == MODE_HYBRID && l->name.len == 0)
			return error_set(e, ERROR_FAILED, "nothing is left of the name of the manager with "
					 "external_id \"%.*s\" for a group; mend the name in the source",
					 STR_ARG(l->id));
		if (str_find_char(l->name, 0, '/') < l->name.len)
			prepare_note(c->p, NOTE_SLASH, "\"%.*s\"", STR_ARG(l->name));
		if (c->depth++ == MAX_MANAGER_CHAIN)
			return too_deep(l->id, e);
		if (l != top || below_known)
			buf_putc(&c->path, '/');
		buf_put_str(&c->path, l->name);
		if (buf_check(&c->path, "the path of a group made of managers", e) != 0 ||
		    add_path(c, l->id, l->name, buf_str(&c->path), e) != 0)
			return -1;
	}
	return 0;
}

/* The paths of all managers, in the order of their ids, which decides how a circle is reported. */
static int find_paths(struct prepare *p, struct error *e)
{
	struct db_stmt *bosses = db_prepare(p->work, "SELECT b.id, p.bits FROM boss b CROSS JOIN person p "
					    "ON p.id = b.id ORDER BY b.id", e);
	struct climber c;
	struct level *top;
	struct str id;
	int got = -1, known;

	if (climber_init(&c, p, e) != 0 || bosses == NULL)
		goto out;
	while ((got = db_step(bosses, e)) == 1) {
		arena_reset(&c.arena);
		id = db_text(bosses, 0);
		if (db_int(bosses, 1) & BIT_HIDDEN) {
			got = add_path(&c, id, str_of(NULL, 0), str_of(NULL, 0), e);
		} else {
			known = climb(&c, id, &top, e);
			got = known < 0 ? -1 : descend(&c, top, known, e);
		}
		if (got < 0)
			break;
	}
	/* a path of people in a circle may be too long, which is not what is to be mended */
	if (c.circles > 0 && (got == 0 || (e != NULL && e->kind == ERROR_FAILED)))
		got = circles_found(&c, e);
out:
	climber_release(&c);
	db_finish(bosses);
	return got;
}

int prepare_link(struct prepare *p, struct error *e)
{
	struct db *db = p->work;
	int managers = p->rules.mode != MODE_DEPARTMENT;

	if (managers && (prepare_sql(db, find_bosses, 0, e) != 0 || prepare_sql(db, index_ids, 0, e) != 0))
		return -1;
	if (merge_check(p, e) != 0 || merge_same_ids(p, e) != 0)
		return -1;
	if (managers && (prepare_sql(db, mark_groups, BIT_OWN_GROUP | BIT_MANAGER, e) != 0 ||
			 prepare_sql(db, mark_roles, BIT_MANAGER, e) != 0 || find_paths(p, e) != 0))
		return -1;
	/* last: who is replaced may still be somebody's manager */
	if (merge_same_mails(p, e) != 0)
		return -1;
	trace_linked(p);
	return 0;
}

/* ---- the group of a person ---------------------------------------------------------------------------- */

struct str path_shorten(struct prepare *p, struct str path, struct arena *a)
{
	struct str clean = path_clean(path, a), rest;

	if (clean.ptr == NULL)
		return clean;
	rest = path_skip(clean, p->rules.skip);
	trace_changed(p->trace, TRACE_PATH_CLEAN, path, clean);
	trace_changed(p->trace, TRACE_PATH_SKIP, clean, rest);
	return rest;
}

struct group_finder {
	struct prepare *p;
	struct db_stmt *manager;	/* owned */
	struct arena arena;		/* owned */
};

struct group_finder *group_finder_new(struct prepare *p, struct error *e)
{
	struct group_finder *f = calloc(1, sizeof *f);

	if (f == NULL) {
		error_memory(e);
		return NULL;
	}
	f->p = p;
	arena_init(&f->arena, 4 * MAX_GROUP_PATH);
	if (p->rules.mode == MODE_DEPARTMENT)
		return f;
	f->manager = db_prepare(p->work, "SELECT name, path FROM path WHERE id = ?1", e);
	if (f->manager == NULL) {
		group_finder_free(f);
		return NULL;
	}
	return f;
}

void group_finder_free(struct group_finder *f)
{
	if (f == NULL)
		return;
	db_finish(f->manager);
	arena_release(&f->arena);
	free(f);
}

/* Supervisor mode: where a manager's path leads once it is cleaned and shortened. */
static int put_path(struct group_finder *f, struct str path, struct buf *out, struct error *e)
{
	struct str rest = path_shorten(f->p, path, &f->arena);

	if (rest.ptr == NULL)
		return error_memory(e);
	buf_put_str(out, rest);
	return 0;
}

static int below_manager(struct group_finder *f, const struct member *m, int own, struct buf *out,
			 struct error *e)
{
	struct str name = db_text(f->manager, 0), path = db_text(f->manager, 1);
	int hybrid = f->p->rules.mode == MODE_HYBRID;

	if (path.ptr == NULL) {			/* hidden */
		buf_put_str(out, hybrid ? m->department : STR(""));
		trace_group(f->p, TRACE_GROUP_HIDDEN, m, buf_str(out));
		return 0;
	}
	if (!hybrid) {
		trace_group(f->p, own ? TRACE_CHAIN_OWN : TRACE_CHAIN, m, path);
		return put_path(f, path, out, e);
	}
	buf_put_str(out, m->department);
	buf_puts(out, m->department.len > 0 ? "/" : "");
	buf_put_str(out, m->department.len == 0 ? path : own ? path_last(path) : name);
	trace_group(f->p, m->department.len == 0 ? TRACE_CHAIN_ONLY : own ? TRACE_HYBRID_OWN : TRACE_HYBRID,
		    m, buf_str(out));
	return 0;
}

/* Who neither has a supervisor nor is one. */
static void put_alone(struct group_finder *f, const struct member *m, struct buf *out)
{
	static const enum trace_point points[] = {
		[MODE_DEPARTMENT] = TRACE_DEPARTMENT, [MODE_SUPERVISOR] = TRACE_CHAIN_NONE,
		[MODE_HYBRID] = TRACE_HYBRID_NONE
	};
	enum prepare_mode mode = f->p->rules.mode;

	buf_put_str(out, mode == MODE_SUPERVISOR ? STR("") : m->department);
	trace_group(f->p, points[mode], m, buf_str(out));
}

int group_find(struct group_finder *f, const struct member *m, struct buf *out, struct error *e)
{
	int own = (m->bits & BIT_OWN_GROUP) != 0, hybrid = f->p->rules.mode == MODE_HYBRID, got, result;

	arena_reset(&f->arena);
	if (f->p->rules.mode == MODE_DEPARTMENT || (!own && m->supervisor.len == 0)) {
		put_alone(f, m, out);
		return 0;
	}
	db_bind_text(f->manager, 1, own ? m->id : m->supervisor);
	got = db_step(f->manager, e);
	if (got < 0)
		return -1;
	if (got == 1) {
		result = below_manager(f, m, own, out, e);
		db_reset(f->manager);
		return result;
	}
	prepare_note(f->p, NOTE_UNKNOWN_SUPERVISOR, "external_id \"%.*s\" names \"%.*s\"%s",
		     STR_ARG(m->id), STR_ARG(m->supervisor),
		     hybrid ? "" : ", the group stays the department as it is");
	buf_put_str(out, m->department);
	trace_group(f->p, TRACE_GROUP_UNKNOWN, m, buf_str(out));
	return 0;
}
