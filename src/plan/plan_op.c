#include "plan/plan_int.h"

const struct op_info op_table[OP_KINDS] = {
	{ "group.create", "" },
	{ "user.create", "" },
	{ "user.enable", "" },
	{ "user.disable", "" },
	{ "user.rename", "name" },
	{ "user.email", "e-mail" },
	{ "user.role", "role" },
	{ "user.move", "group" },
	{ "user.external_id", "external id" },
	{ "user.address", "additional e-mail" },
	{ "user.mark", NULL },
	{ "group.delete", "" },
};

const struct part_info part_table[PLAN_PARTS] = {
	{ "group.create", "New groups", "creating groups" },
	{ "user.create", "New users", "creating users" },
	{ "user.enable", "Users enabled again", "enabling users" },
	{ "user.change", "Changed users", "changing users" },
	{ "user.disable", "Users disabled", "disabling users" },
	{ "user.retire", "Users moved to the group for disabled users", "changing users" },
	{ "group.delete", "Empty groups removed", "removing groups" },
	{ "user.finish", "New users of an earlier run", "finishing new users" },
	{ "user.left", "Left by an earlier run", "working off what an earlier run left" },
	{ "user.later", NULL, "marking users" },
};

int64_t plan_base(enum plan_part part)
{
	return ((int64_t)part + 1) << 40;
}

enum plan_part plan_part_of(int64_t n)
{
	return (enum plan_part)((n >> 40) - 1);
}

int plan_add_kinds(struct plan *p, struct error *e)
{
	struct db_stmt *kind = db_prepare(p->db, "INSERT INTO kind VALUES (?1, ?2)", e);
	struct db_stmt *part = db_prepare(p->db, "INSERT INTO part VALUES (?1, ?2)", e);
	int i, failed = kind == NULL || part == NULL;

	for (i = 0; !failed && i < OP_KINDS; i++) {
		db_bind_text(kind, 1, str_from(op_table[i].name));
		db_bind_int(kind, 2, i);
		failed = db_run(kind, e) < 0;
	}
	for (i = 0; !failed && i < PLAN_PARTS; i++) {
		db_bind_text(part, 1, str_from(part_table[i].name));
		db_bind_int(part, 2, plan_base((enum plan_part)i));
		failed = db_run(part, e) < 0;
	}
	db_finish(kind);
	db_finish(part);
	return failed ? -1 : 0;
}
