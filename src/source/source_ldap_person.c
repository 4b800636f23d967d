#include "source/source_ldap_int.h"

#include <string.h>

#include "base/limits.h"
#include "base/log.h"
#include "base/unicode.h"

#define GUID_BYTES 16

static const struct str empty = { "", 0 };

/* ---- rules --------------------------------------------------------------------------------------------- */

/* Which attributes are needed; those that are not are not asked for. */
static void choose_attributes(struct ldap_rules *r)
{
	r->attrs[USE_ID] = settings_text("LDAP_ATTR_ID");
	r->attrs[USE_LOGIN] = settings_text("LDAP_ATTR_LOGIN");
	r->attrs[USE_MAIL] = "mail";
	r->attrs[USE_DISPLAY_NAME] = "displayName";
	r->attrs[USE_DEPARTMENT] = r->ou_structure ? NULL : "department";
	r->attrs[USE_TITLE] = "title";
	r->attrs[USE_GIVEN_NAME] = "givenName";
	r->attrs[USE_SURNAME] = "sn";
	r->attrs[USE_MANAGER] = "manager";
	r->attrs[USE_MEMBER_OF] = r->supervisor_group.len > 0 || r->admin_group.len > 0 ? "memberOf" : NULL;
	r->binary_id = str_case_eqz(str_from(r->attrs[USE_ID]), "objectGUID");
}

void ldap_rules_load(struct ldap_rules *r)
{
	r->domain = str_from(settings_text("LDAP_DOMAIN"));
	r->login_domain = str_from(settings_text("LDAP_EMAIL_DOMAIN"));
	if (r->login_domain.len == 0)
		r->login_domain = r->domain;
	r->preferred_domain = str_from(settings_text("TIMECAMP_REPLACE_EMAIL_DOMAIN"));
	if (str_starts(r->preferred_domain, STR("@")))
		r->preferred_domain = str_sub(r->preferred_domain, 1, r->preferred_domain.len);
	r->supervisor_group = str_from(settings_text("LDAP_SUPERVISOR_GROUP_NAME"));
	r->admin_group = str_from(settings_text("LDAP_GLOBAL_ADMIN_GROUP_NAME"));
	r->login_only = settings_on("LDAP_USE_SAMACCOUNTNAME_ONLY");
	r->windows_login = settings_on("LDAP_USE_WINDOWS_LOGIN_EMAIL");
	r->login_first = settings_on("LDAP_USE_SAMACCOUNTNAME");
	r->real_email_first = settings_on("LDAP_USE_REAL_EMAIL_AS_EMAIL");
	r->ou_structure = settings_on("LDAP_USE_OU_STRUCTURE");
	r->ou_description = r->ou_structure && settings_on("LDAP_USE_OU_DESCRIPTION");
	choose_attributes(r);
}

/* Before something else is put there: what had no room is not forgotten. */
static void clear(struct ldap_reader *r, struct buf *b)
{
	r->lost |= b->failed;
	buf_reset(b);
}

int ldap_reader_check(const struct ldap_reader *r, struct str dn, struct error *e)
{
	if (r->lost || r->scratch.failed || r->folded.failed)
		return error_set(e, ERROR_MEMORY, "no memory for the entry \"%.*s\"", STR_ARG(dn));
	return 0;
}

/* The name of a group in the form that names are compared in. It may be given escaped, as it stands in DNs.
 * */
static void fold_group(struct ldap_reader *r, struct str name, struct buf *out)
{
	clear(r, &r->scratch);
	if (ldap_dn_value(name, &r->scratch) == 0)
		name = buf_str(&r->scratch);
	unicode_casefold(out, name);
}

int ldap_reader_init(struct ldap_reader *r, const struct ldap_rules *rules, struct error *e)
{
	memset(r, 0, sizeof(*r));
	r->rules = rules;
	arena_init(&r->arena, MAX_LDAP_MESSAGE);
	buf_init(&r->scratch, MAX_LDAP_MESSAGE);
	buf_init(&r->folded, MAX_LDAP_MESSAGE);
	buf_init(&r->supervisor_group, MAX_RECORD);
	buf_init(&r->admin_group, MAX_RECORD);
	fold_group(r, rules->supervisor_group, &r->supervisor_group);
	fold_group(r, rules->admin_group, &r->admin_group);
	if (buf_check(&r->supervisor_group, "LDAP_SUPERVISOR_GROUP_NAME", e) != 0)
		return -1;
	if (buf_check(&r->admin_group, "LDAP_GLOBAL_ADMIN_GROUP_NAME", e) != 0)
		return -1;
	return ldap_reader_check(r, str_from("names of groups"), e);
}

void ldap_reader_release(struct ldap_reader *r)
{
	arena_release(&r->arena);
	buf_release(&r->scratch);
	buf_release(&r->folded);
	buf_release(&r->supervisor_group);
	buf_release(&r->admin_group);
}

/* ---- values -------------------------------------------------------------------------------------------- */

struct str ldap_clean_text(struct ldap_reader *r, struct str dn, struct str value)
{
	size_t pos = 0, from;
	int32_t c;

	if (utf8_valid(value))
		return value;
	log_warning("a value of \"%.*s\" is not UTF-8; what cannot be read is replaced", STR_ARG(dn));
	clear(r, &r->scratch);
	while (pos < value.len) {
		from = pos;
		c = utf8_next(value, &pos);
		if (c < 0)
			buf_puts(&r->scratch, "\xef\xbf\xbd");
		else
			buf_put_str(&r->scratch, str_sub(value, from, pos - from));
	}
	return arena_str(&r->arena, buf_str(&r->scratch));
}

static struct str lower(struct ldap_reader *r, struct str s)
{
	clear(r, &r->scratch);
	unicode_lower(&r->scratch, s);
	return arena_str(&r->arena, buf_str(&r->scratch));
}

/* A GUID as Windows prints it: the first three fields are little-endian. */
static struct str guid_text(struct ldap_reader *r, struct str bytes)
{
	static const unsigned char order[GUID_BYTES] = {
		3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15
	};
	static const char digits[] = "0123456789abcdef";
	char out[2 * GUID_BYTES + 4];
	size_t i, n = 0;

	for (i = 0; i < GUID_BYTES; i++) {
		unsigned char byte = (unsigned char)bytes.ptr[order[i]];

		if (i == 4 || i == 6 || i == 8 || i == 10)
			out[n++] = '-';
		out[n++] = digits[byte >> 4];
		out[n++] = digits[byte & 15];
	}
	return arena_str(&r->arena, str_of(out, n));
}

static struct str id_text(struct ldap_reader *r, struct str dn, struct str value)
{
	if (!r->rules->binary_id || value.len == 0)
		return ldap_clean_text(r, dn, value);
	if (value.len == GUID_BYTES)
		return guid_text(r, value);
	log_warning("the objectGUID of \"%.*s\" has %lu bytes instead of 16 and is not used", STR_ARG(dn),
		    (unsigned long)value.len);
	return empty;
}

/* The first value of each attribute that has a use; groups gets the attribute memberOf. */
static void gather(const struct ldap_rules *rules, struct ldap_entry entry, struct str value[USE_COUNT],
		   struct ldap_attr *groups)
{
	struct ldap_attr attr;
	int i;

	for (i = 0; i < USE_COUNT; i++)
		value[i] = empty;
	memset(groups, 0, sizeof(*groups));
	groups->range_next = -1;
	while (ldap_attr_next(&entry, &attr)) {
		for (i = 0; i < USE_COUNT; i++) {
			struct ldap_attr values = attr;

			if (!rules->attrs[i] || !str_case_eqz(attr.name, rules->attrs[i]))
				continue;
			if (i == USE_MEMBER_OF)
				*groups = attr;
			else if (!ldap_value_next(&values, &value[i]))
				value[i] = empty;
		}
	}
}

struct str ldap_entry_id(struct ldap_reader *r, struct ldap_entry entry)
{
	struct str value[USE_COUNT];
	struct ldap_attr groups;

	arena_reset(&r->arena);
	gather(r->rules, entry, value, &groups);
	value[USE_ID] = id_text(r, entry.dn, value[USE_ID]);
	r->lost |= !value[USE_ID].ptr;
	return value[USE_ID];
}

/* ---- e-mail and name ----------------------------------------------------------------------------------- */

/* One address of what may be several: the one in the preferred domain, else the first. Lower case. */
static struct str choose_address(struct ldap_reader *r, struct str mail)
{
	struct str first = empty, rest = lower(r, mail), address, wanted = r->rules->preferred_domain;

	if (!rest.ptr)
		return rest;
	if (str_find_char(rest, 0, ',') == rest.len)
		return unicode_trim(rest);
	if (wanted.len > 0)
		wanted = lower(r, wanted);
	while (str_next(&rest, ',', &address)) {
		address = unicode_trim(address);
		if (address.len == 0)
			continue;
		if (first.len == 0)
			first = address;
		if (wanted.len > 0 && address.len > wanted.len && str_ends(address, wanted) &&
		    address.ptr[address.len - wanted.len - 1] == '@')
			return address;
	}
	return first;
}

/* Which address is the e-mail, and whether there is a real one besides. */
static void choose_email(struct ldap_reader *r, const struct str value[USE_COUNT], struct person *p)
{
	const struct ldap_rules *rules = r->rules;
	struct str login = value[USE_LOGIN], mail = value[USE_MAIL];

	p->email = choose_address(r, mail);
	if (login.len == 0)
		return;
	if (rules->login_only)
		p->email = login;
	else if (rules->windows_login)
		p->email = arena_printf(&r->arena, "%.*s@%.*s", STR_ARG(login), STR_ARG(rules->login_domain));
	else if (rules->login_first || p->email.len == 0)
		p->email = arena_printf(&r->arena, "%.*s@%.*s", STR_ARG(login), STR_ARG(rules->domain));
	else
		return;
	p->email = lower(r, p->email);
	if (mail.len == 0)
		return;
	p->real_email = lower(r, mail);
	if (rules->real_email_first) {
		p->email = p->real_email;
		p->real_email = empty;
	}
}

static struct str choose_name(struct ldap_reader *r, const struct str value[USE_COUNT])
{
	if (value[USE_DISPLAY_NAME].len > 0)
		return value[USE_DISPLAY_NAME];
	return unicode_trim(arena_printf(&r->arena, "%.*s %.*s", STR_ARG(value[USE_GIVEN_NAME]),
					 STR_ARG(value[USE_SURNAME])));
}

/* ---- units and groups ---------------------------------------------------------------------------------- */

static int is_unit(struct str type)
{
	return str_case_eqz(type, "ou") || str_eqz(type, "2.5.4.11") ||
	       str_case_eqz(type, "organizationalUnitName");
}

int ldap_unit_list(struct ldap_reader *r, struct str dn, struct ldap_unit **units)
{
	struct ldap_dn d;
	struct ldap_dn_part part;
	struct ldap_unit *list;
	int n = 0, i, rc;

	ldap_dn_init(&d, dn);
	while ((rc = ldap_dn_next(&d, &part)) == 1)
		n += is_unit(part.type);
	list = arena_array(&r->arena, (size_t)n + 1, sizeof(*list));
	r->lost |= !list;
	if (rc != 0 || !list)
		return -1;
	ldap_dn_init(&d, dn);
	for (i = n; i > 0 && ldap_dn_next(&d, &part) == 1;) {
		if (!is_unit(part.type))
			continue;
		clear(r, &r->folded);
		if (ldap_dn_value(part.value, &r->folded) != 0)
			return -1;
		i--;
		list[i].name = ldap_clean_text(r, dn, buf_str(&r->folded));
		list[i].name = arena_str(&r->arena, list[i].name);
		r->lost |= !list[i].name.ptr;
		list[i].from = part.from;
	}
	*units = list;
	return n;
}

/* The names of the units from the top down, joined by "/". */
static struct str unit_path(struct ldap_reader *r, struct str dn)
{
	struct ldap_unit *units;
	int n = ldap_unit_list(r, dn, &units), i;

	if (n < 0)
		log_warning("the DN \"%.*s\" is malformed: no department for it", STR_ARG(dn));
	clear(r, &r->scratch);
	for (i = 0; i < n; i++) {
		if (i > 0)
			buf_putc(&r->scratch, '/');
		buf_put_str(&r->scratch, units[i].name);
	}
	return arena_str(&r->arena, buf_str(&r->scratch));
}

void ldap_group_roles(struct ldap_reader *r, struct str group_dn, int *supervisor, int *admin)
{
	struct ldap_dn d;
	struct ldap_dn_part part;

	ldap_dn_init(&d, group_dn);
	while (ldap_dn_next(&d, &part) == 1 && part.rdn == 0) {
		if (!str_case_eqz(part.type, "cn"))
			continue;
		clear(r, &r->scratch);
		if (ldap_dn_value(part.value, &r->scratch) != 0)
			continue;
		clear(r, &r->folded);
		unicode_casefold(&r->folded, buf_str(&r->scratch));
		if (r->supervisor_group.len > 0 && str_eq(buf_str(&r->folded), buf_str(&r->supervisor_group)))
			*supervisor = 1;
		if (r->admin_group.len > 0 && str_eq(buf_str(&r->folded), buf_str(&r->admin_group)))
			*admin = 1;
	}
}

/* ---- the whole ----------------------------------------------------------------------------------------- */

/* 1 when no text of the person was lost for want of memory. */
static int is_complete(const struct person *p)
{
	return p->external_id.ptr && p->name.ptr && p->email.ptr && p->department.ptr && p->job_title.ptr;
}

int ldap_person_read(struct ldap_reader *r, struct ldap_entry *entry, struct ldap_person *out,
		     struct error *e)
{
	struct str value[USE_COUNT], group;
	struct ldap_attr groups;
	struct person *p = &out->person;
	int i;

	arena_reset(&r->arena);
	gather(r->rules, *entry, value, &groups);
	memset(out, 0, sizeof(*out));
	p->external_id = id_text(r, entry->dn, value[USE_ID]);
	for (i = USE_ID + 1; i < USE_COUNT; i++)
		value[i] = ldap_clean_text(r, entry->dn, value[i]);
	p->name = choose_name(r, value);
	choose_email(r, value, p);
	p->department = r->rules->ou_structure ? unit_path(r, entry->dn) : value[USE_DEPARTMENT];
	p->job_title = value[USE_TITLE];
	p->status = STR("active");
	p->is_supervisor = -1;
	while (ldap_value_next(&groups, &group))
		ldap_group_roles(r, group, &p->force_supervisor_role, &p->force_global_admin_role);
	out->dn = entry->dn;
	out->manager = value[USE_MANAGER];
	out->groups_next = groups.range_next;
	r->lost |= !is_complete(p) || !out->manager.ptr;
	return ldap_reader_check(r, entry->dn, e);
}
