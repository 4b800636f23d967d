/*
 * A small plan for the tests of plan/: an account and a prepared file, both from a few words.
 */
#ifndef PLAN_DATA_H
#define PLAN_DATA_H

#include <stdio.h>
#include <string.h>
#include "base/buf.h"
#include "base/log.h"
#include "check.h"
#include "plan/plan.h"
#include "port.h"

/* Everything is allowed; root 100. */
static void plan_data_policy(struct plan_policy *y)
{
	memset(y, 0, sizeof(*y));
	snprintf(y->root, sizeof(y->root), "100");
	y->ignored = y->protect = "";
	y->create_groups = y->create_users = y->move_users = y->change_roles = y->disable_users = 1;
	y->sync_address = y->sync_external_id = 1;
	y->max_levels = 4;
}

/* Users u0 to u(n-1), named as their e-mails, in the group 101 "A". */
static int plan_data_account(struct plan *p, int n, struct error *e)
{
	char id[32], email[64];
	int i;

	if (plan_add_group(p, STR("100"), STR(""), STR("Co"), e) < 0 ||
	    plan_add_group(p, STR("101"), STR("100"), STR("A"), e) < 0)
		return -1;
	for (i = 0; i < n; i++) {
		struct actual_user u = { { NULL, 0 }, { NULL, 0 }, { NULL, 0 }, STR("101") };
		struct actual_details d = { { NULL, 0 }, { NULL, 0 }, 0, 0 };
		int64_t number;

		snprintf(id, sizeof(id), "%d", 1000 + i);
		snprintf(email, sizeof(email), "u%d@x.org", i);
		u.id = str_from(id);
		u.email = u.name = str_from(email);
		if (plan_add_user(p, &u, &number, e) < 0 || plan_set_details(p, number, &d, e) < 0 ||
		    plan_set_role(p, u.id, u.group, STR("user"), e) < 0)
			return -1;
	}
	return 0;
}

/* A prepared file with users u(from) to u(to-1), in group `group`, their names followed by `more`. */
static int plan_data_wanted(struct plan *p, int from, int to, const char *group, const char *more, struct error *e)
{
	const char *path = check_file("wanted.json");
	struct port_file *f = port_open(path, PORT_TRUNCATE, e);
	struct buf text;
	uint64_t count;
	int i, failed;

	if (f == NULL)
		return -1;
	buf_init(&text, 1 << 20);
	buf_putc(&text, '[');
	for (i = from; i < to; i++)
		buf_printf(&text, "%s{\"timecamp_email\":\"u%d@x.org\",\"timecamp_user_name\":\"u%d@x.org%s\","
			   "\"timecamp_groups_breadcrumb\":\"%s\",\"timecamp_status\":\"active\"}", i > from ? "," : "",
			   i, i, more, group);
	buf_putc(&text, ']');
	failed = port_write(f, buf_text(&text), text.len, e);
	buf_release(&text);
	if (port_close(f, e) < 0 || failed)
		return -1;
	return plan_read_wanted(p, path, &count, e);
}

/* A plan that is compared already. NULL after a failed check. */
static struct plan *plan_data(int users, int from, int to, const char *group, const char *more, struct error *e)
{
	struct log_options quiet = { LOG_ERROR, NULL, 0, 1 };
	struct plan *p = plan_new(e);
	struct plan_policy y;

	log_open(&quiet, NULL);
	plan_data_policy(&y);
	if (CHECK(p != NULL) && CHECK_INT(plan_data_account(p, users, e), 0) &&
	    CHECK_INT(plan_data_wanted(p, from, to, group, more, e), 0) && CHECK_INT(plan_diff(p, &y, e), 0))
		return p;
	plan_free(p);
	return NULL;
}

/* A plan_line_fn that appends to a struct buf. */
static void plan_data_line(void *cookie, const char *line)
{
	buf_printf(cookie, "%s\n", line);
}

#endif
