#include "source/source.h"

#include <string.h>

#include "base/limits.h"
#include "base/log.h"
#include "net/net.h"
#include "source/source_ldap_int.h"

#define DEFAULT_FILTER "(&(objectClass=person)(!(userAccountControl:1.2.840.113556.1.4.803:=2)))"
#define PROGRESS_STEP 1000	/* people between two reports of progress */
#define LEVELS_MAX 50		/* of LDAP_SUPERVISOR_LEVELS */

const struct setting ldap_settings[] = {
	{ "LDAP_HOST", SETTING_TEXT, NULL, 0,
	  "server: name, address, ldap:// or ldaps:// URL; several are tried in turn" },
	{ "LDAP_PORT", SETTING_INT, "389", 0, "port; 636 means LDAPS" },
	{ "LDAP_DOMAIN", SETTING_TEXT, NULL, 0,
	  "domain, for the bind name and for e-mail addresses made from logins" },
	{ "LDAP_DN", SETTING_TEXT, NULL, 0, "search base, such as ou=People,dc=example,dc=com" },
	{ "LDAP_USERNAME", SETTING_TEXT, NULL, 0, "account: user, user@domain, DOMAIN\\user or a DN" },
	{ "LDAP_PASSWORD", SETTING_TEXT, NULL, SETTING_SECRET | SETTING_RAW, "its password" },
	{ "LDAP_USE_SSL", SETTING_SWITCH, "false", 0, "LDAPS; with port 389 means port 636" },
	{ "LDAP_USE_START_TLS", SETTING_SWITCH, "false", 0, "encrypt the plain port with StartTLS" },
	{ "LDAP_SSL_VERIFY", SETTING_GUARD, "true", SETTING_RARE, "check the server's certificate" },
	{ "LDAP_CA_FILE", SETTING_TEXT, NULL, SETTING_FILE,
	  "PEM file with the CA of the server's certificate" },
	{ "LDAPTLS_CACERT", SETTING_TEXT, NULL, SETTING_FILE | SETTING_RARE,
	  "the same under OpenLDAP's name" },
	{ "LDAP_TIMEOUT", SETTING_SECONDS, "60", SETTING_RARE,
	  "seconds without any answer after which to give up" },
	{ "LDAP_FILTER", SETTING_TEXT, DEFAULT_FILTER, 0, "who counts as a person (RFC 4515)" },
	{ "LDAP_PAGE_SIZE", SETTING_INT, "1000", SETTING_RARE,
	  "entries asked for at a time; 0: all at once" },
	{ "LDAP_USER_OUS", SETTING_LIST, NULL, SETTING_RARE,
	  "only these OUs directly below LDAP_DN, separated by commas" },
	{ "LDAP_ATTR_ID", SETTING_TEXT, "objectGUID", SETTING_RARE,
	  "attribute that never changes; entryUUID in other directories" },
	{ "LDAP_ATTR_LOGIN", SETTING_TEXT, "sAMAccountName", SETTING_RARE,
	  "attribute with the login; uid in other directories" },
	{ "LDAP_USE_SAMACCOUNTNAME", SETTING_SWITCH, "false", 0, "e-mail is login@LDAP_DOMAIN" },
	{ "LDAP_USE_SAMACCOUNTNAME_ONLY", SETTING_SWITCH, "false", 0, "e-mail is the login alone" },
	{ "LDAP_USE_WINDOWS_LOGIN_EMAIL", SETTING_SWITCH, "false", 0, "e-mail is login@LDAP_EMAIL_DOMAIN" },
	{ "LDAP_EMAIL_DOMAIN", SETTING_TEXT, NULL, 0,
	  "domain for LDAP_USE_WINDOWS_LOGIN_EMAIL; empty: LDAP_DOMAIN" },
	{ "LDAP_USE_REAL_EMAIL_AS_EMAIL", SETTING_SWITCH, "false", 0,
	  "mail wins over the address made from the login" },
	{ "LDAP_USE_OU_STRUCTURE", SETTING_SWITCH, "false", 0,
	  "department is the path of OUs instead of the attribute" },
	{ "LDAP_USE_OU_DESCRIPTION", SETTING_SWITCH, "false", 0,
	  "OUs appear by their description where they have one" },
	{ "LDAP_SUPERVISOR_GROUP_NAME", SETTING_TEXT, NULL, 0,
	  "members of the group with this name become supervisors" },
	{ "LDAP_GLOBAL_ADMIN_GROUP_NAME", SETTING_TEXT, NULL, 0,
	  "members of the group with this name become administrators" },
	{ "LDAP_SUPERVISOR_LEVELS", SETTING_INT, "1", SETTING_RARE,
	  "levels of managers outside the result to add" },
	{ NULL, SETTING_TEXT, NULL, 0, NULL }
};

/* What a read needs, from the settings. */
struct ldap_task {
	struct ldap_options connection;
	const char *ca_file;
	struct buf user;		/* bind name */
	struct str password, base, filter;
	int page_size;
	int levels;			/* of missing managers to add */
	struct ldap_rules rules;
	const char *attrs[USE_COUNT + 1];	/* of a person; ends with NULL */
	struct net *net;
	struct ldap *ldap;
};

/* ---- settings ------------------------------------------------------------------------------------------ */

static int whole_number(const char *name, int64_t least, int64_t most, int *out, struct error *e)
{
	int64_t n = settings_int(name);

	*out = (int)n;
	if (n < least || n > most)
		return error_set(e, ERROR_USAGE, "%s must be from %ld to %ld", name, (long)least, (long)most);
	return 0;
}

static int check_required(struct error *e)
{
	static const char *const names[] = { "LDAP_HOST", "LDAP_DOMAIN", "LDAP_DN", "LDAP_USERNAME",
					     "LDAP_PASSWORD" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!settings_required(names[i], e))
			return -1;
	return 0;
}

static int load_connection(struct ldap_task *t, struct error *e)
{
	struct ldap_options *o = &t->connection;
	int port, seconds;

	if (whole_number("LDAP_PORT", 1, 65535, &port, e) != 0 ||
	    whole_number("LDAP_TIMEOUT", 1, 86400, &seconds, e) != 0)
		return -1;
	o->hosts = settings_text("LDAP_HOST");
	o->port = (unsigned)port;
	o->tls = settings_on("LDAP_USE_SSL");
	o->start_tls = settings_on("LDAP_USE_START_TLS");
	o->no_verify = !settings_on("LDAP_SSL_VERIFY");
	o->timeout_ms = seconds * 1000;
	t->ca_file = settings_text("LDAP_CA_FILE");
	if (!t->ca_file[0])
		t->ca_file = settings_text("LDAPTLS_CACERT");
	if (o->tls && o->start_tls)
		return error_set(e, ERROR_USAGE,
				 "LDAP_USE_SSL and LDAP_USE_START_TLS exclude each other; keep one of them");
	return 0;
}

/* A name that is neither an address, nor a DN, nor DOMAIN\user gets the domain. */
static int make_user(struct buf *user, struct error *e)
{
	const char *name = settings_text("LDAP_USERNAME");

	buf_init(user, MAX_RECORD);
	buf_puts(user, name);
	if (!strpbrk(name, "@=\\"))
		buf_printf(user, "@%s", settings_text("LDAP_DOMAIN"));
	return buf_check(user, "LDAP_USERNAME", e);
}

/* The names to ask for, each once. */
static void list_attributes(struct ldap_task *t)
{
	int i, j, n = 0;

	for (i = 0; i < USE_COUNT; i++) {
		for (j = 0; j < n; j++)
			if (t->rules.attrs[i] && str_case_eqz(str_from(t->rules.attrs[i]), t->attrs[j]))
				break;
		if (t->rules.attrs[i] && j == n)
			t->attrs[n++] = t->rules.attrs[i];
	}
	t->attrs[n] = NULL;
}

static int task_load(struct ldap_task *t, struct error *e)
{
	memset(t, 0, sizeof(*t));
	if (check_required(e) != 0 || load_connection(t, e) != 0 || make_user(&t->user, e) != 0 ||
	    whole_number("LDAP_PAGE_SIZE", 0, 1000000, &t->page_size, e) != 0 ||
	    whole_number("LDAP_SUPERVISOR_LEVELS", 0, LEVELS_MAX, &t->levels, e) != 0)
		return -1;
	t->password = str_from(settings_text("LDAP_PASSWORD"));
	t->base = str_from(settings_text("LDAP_DN"));
	t->filter = str_from(settings_text("LDAP_FILTER"));
	if (t->filter.len == 0)
		t->filter = STR(DEFAULT_FILTER);
	if (!settings_on("TIMECAMP_USE_SUPERVISOR_GROUPS"))
		t->levels = 0;
	ldap_rules_load(&t->rules);
	list_attributes(t);
	return 0;
}

static void task_release(struct ldap_task *t)
{
	ldap_close(t->ldap);
	net_free(t->net);
	buf_release(&t->user);
}

/* ---- connection ---------------------------------------------------------------------------------------- */

static int task_connect(struct ldap_task *t, struct error *e)
{
	struct net_options o;

	net_options_from_settings(&o);
	o.ca_file_more = t->ca_file;
	t->net = net_new(&o, e);
	if (!t->net)
		return -1;
	if (t->connection.no_verify)
		log_warning("LDAP_SSL_VERIFY=false: anybody can pose as the server and learn the password");
	t->ldap = ldap_open(t->net, &t->connection, e);
	if (!t->ldap)
		return -1;
	if (!ldap_is_encrypted(t->ldap))
		log_warning("%s: the password is sent unencrypted; LDAP_USE_START_TLS=true or "
			    "LDAP_USE_SSL=true protects it",
			    ldap_name(t->ldap));
	return 0;
}

static int task_bind(struct ldap_task *t, struct error *e)
{
	return ldap_bind(t->ldap, buf_str(&t->user), t->password, e);
}

/* ---- the people ---------------------------------------------------------------------------------------- */

struct reading {
	struct source_run *run;
	struct ldap_task *task;
	struct ldap_reader reader;
	struct ldap_work *work;
	uint64_t entries;
};

static int on_entry(void *cookie, struct ldap_entry *entry, struct error *e)
{
	struct reading *r = cookie;
	struct ldap_person person;

	if (ldap_person_read(&r->reader, entry, &person, e) != 0 || ldap_work_add(r->work, &person, e) != 0)
		return -1;
	if (++r->entries % PROGRESS_STEP == 0)
		source_progress(r->run, r->entries);
	return 0;
}

static int search_base(struct ldap_task *t, struct str base, int at_most, ldap_entry_fn *fn, void *cookie,
		       struct error *e)
{
	struct ldap_search s;

	memset(&s, 0, sizeof(s));
	s.base = base;
	s.scope = LDAP_SUBTREE;
	s.filter = t->filter;
	s.attrs = t->attrs;
	s.page_size = at_most ? 0 : t->page_size;
	s.at_most = at_most;
	return ldap_search(t->ldap, &s, fn, cookie, e);
}

/* Searches LDAP_DN, or each of LDAP_USER_OUS directly below it. */
static int search_people(struct ldap_task *t, int at_most, ldap_entry_fn *fn, void *cookie, struct error *e)
{
	struct str list = str_from(settings_text("LDAP_USER_OUS")), name;
	struct buf base;
	int rc = 0, n = 0;

	buf_init(&base, MAX_RECORD);
	while (rc == 0 && str_next(&list, ',', &name)) {
		name = str_trim(name);
		if (name.len == 0)
			continue;
		n++;
		buf_reset(&base);
		buf_puts(&base, "ou=");
		ldap_dn_escape(name, &base);
		buf_putc(&base, ',');
		buf_put_str(&base, t->base);
		rc = buf_check(&base, "LDAP_USER_OUS", e);
		if (rc == 0 && (rc = search_base(t, buf_str(&base), at_most, fn, cookie, e)) != 0)
			error_add(e, "LDAP_USER_OUS");
	}
	if (n == 0)
		rc = search_base(t, t->base, at_most, fn, cookie, e);
	buf_release(&base);
	return rc;
}

static int no_people(const struct ldap_task *t, struct error *e)
{
	return error_set(
		e, ERROR_FAILED,
		"nobody was found below \"%.*s\" with the filter %.*s; check LDAP_DN and LDAP_FILTER, "
		"and that the account may read there",
		STR_ARG(t->base), STR_ARG(t->filter));
}

/* Managers outside the result: the first levels become people, of the level after them only the ids are
 * needed. */
static int find_managers(struct reading *r, struct error *e)
{
	const char *const id[] = { r->task->attrs[0], NULL };
	int64_t missing;
	int level = 0;

	for (;;) {
		int add = level++ < r->task->levels;

		if (ldap_work_missing(r->work, &missing, e) != 0)
			return -1;
		if (missing == 0)
			return 0;
		log_debug("%ld managers outside the result are looked up", (long)missing);
		if (ldap_work_lookup(r->work, r->task->ldap, add ? r->task->attrs : id, add, e) != 0)
			return -1;
	}
}

static int read_people(struct reading *r, struct error *e)
{
	if (task_connect(r->task, e) != 0 || task_bind(r->task, e) != 0 ||
	    search_people(r->task, 0, on_entry, r, e) != 0)
		return -1;
	if (r->entries == 0)
		return no_people(r->task, e);
	if (find_managers(r, e) != 0 || ldap_work_finish(r->work, r->task->ldap, e) != 0)
		return -1;
	if (ldap_work_added(r->work) > 0)
		log_info("%lu managers outside the result were added as inactive",
			 (unsigned long)ldap_work_added(r->work));
	return 0;
}

static int ldap_fetch(struct source_run *run, struct error *e)
{
	struct ldap_task task;
	struct reading r;
	int rc = -1;

	memset(&r, 0, sizeof(r));
	r.run = run;
	r.task = &task;
	if (task_load(&task, e) == 0 && ldap_reader_init(&r.reader, &task.rules, e) == 0) {
		r.work = ldap_work_open(run, &r.reader, e);
		if (r.work)
			rc = read_people(&r, e);
	}
	ldap_work_close(r.work);
	ldap_reader_release(&r.reader);
	task_release(&task);
	return rc;
}

/* ---- check --------------------------------------------------------------------------------------------- */

static int count_entry(void *cookie, struct ldap_entry *entry, struct error *e)
{
	(void)entry;
	(void)e;
	++*(int *)cookie;
	return 0;
}

static int check_steps(struct source_run *run, struct ldap_task *t, struct error *e)
{
	int found = 0;

	if (task_load(t, e) != 0)
		return -1;
	source_note(run, "settings: ok");
	if (task_connect(t, e) != 0)
		return -1;
	source_note(run, "connection to %s: ok", ldap_name(t->ldap));
	if (task_bind(t, e) != 0)
		return -1;
	source_note(run, "login as %s: ok", buf_text(&t->user));
	if (search_people(t, 1, count_entry, &found, e) != 0)
		return -1;
	if (found == 0)
		return no_people(t, e);
	source_note(run, "people below %.*s: ok", STR_ARG(t->base));
	return 0;
}

static int ldap_check(struct source_run *run, struct error *e)
{
	struct ldap_task task;
	int rc = check_steps(run, &task, e);

	task_release(&task);
	return rc;
}

const struct source source_ldap = {
	.name = "ldap",
	.title = "LDAP / Active Directory",
	.settings = ldap_settings,
	.fetch = ldap_fetch,
	.check = ldap_check,
};
