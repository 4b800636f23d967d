#include "ldap/ldap_int.h"

#include <string.h>

#define LDAP_VERSION 3
#define CONTROLS_TAG 0xa0u
#define SIMPLE_AUTH_TAG 0x80u		/* authentication choice of a bind request */
#define REQUEST_NAME_TAG 0x80u		/* of an extended request */
#define RESPONSE_NAME_TAG 0x8au		/* of an extended response */
#define SERVER_WORDS_MAX 300		/* bytes of the server's own words that go into an error */

/* ---- reading ------------------------------------------------------------------------------------------- */

static int malformed(const char *what, struct error *e)
{
	return error_set(e, ERROR_UPSTREAM,
			 "the server sent a malformed LDAP message (%s)", what);
}

/* The value of a paged results control. */
static int paged_value(struct str value, struct ldap_message *m)
{
	struct ber r, inner;

	ber_init(&r, value);
	if (ber_enter(&r, BER_SEQUENCE, &inner) != 0 || ber_take_int(&inner, BER_INTEGER, &m->page_size) != 0)
		return -1;
	return ber_take(&inner, BER_OCTETS, &m->cookie);
}

static int controls_read(struct ber *controls, struct ldap_message *m)
{
	struct ber control;
	struct str oid, ignored, value;

	while (ber_tag(controls) != -1) {
		if (ber_enter(controls, BER_SEQUENCE, &control) != 0 ||
		    ber_take(&control, BER_OCTETS, &oid) != 0)
			return -1;
		if (ber_tag(&control) == BER_BOOLEAN && ber_take(&control, BER_BOOLEAN, &ignored) != 0)
			return -1;
		if (!str_eqz(oid, LDAP_OID_PAGED))
			continue;
		if (ber_take(&control, BER_OCTETS, &value) != 0 || paged_value(value, m) != 0)
			return -1;
		m->paged = 1;
	}
	return 0;
}

int ldap_message_read(struct str bytes, struct ldap_message *m, struct error *e)
{
	struct ber r, envelope, controls;
	int tag;

	memset(m, 0, sizeof(*m));
	ber_init(&r, bytes);
	if (ber_enter(&r, BER_SEQUENCE, &envelope) != 0)
		return malformed("no sequence", e);
	if (ber_take_int(&envelope, BER_INTEGER, &m->id) != 0 || m->id < 0)
		return malformed("message number", e);
	tag = ber_tag(&envelope);
	if (tag == -1 || ber_enter(&envelope, (unsigned)tag, &m->body) != 0)
		return malformed("operation", e);
	m->op = (unsigned)tag;
	if (ber_tag(&envelope) != (int)CONTROLS_TAG)
		return 0;
	if (ber_enter(&envelope, CONTROLS_TAG, &controls) != 0 || controls_read(&controls, m) != 0)
		return malformed("controls", e);
	return 0;
}

int ldap_result_read(const struct ldap_message *m, struct ldap_result *r, struct error *e)
{
	struct ber body = m->body;
	struct ber_item item;
	int rc;

	memset(r, 0, sizeof(*r));
	if (ber_take_int(&body, BER_ENUM, &r->code) != 0 || ber_take(&body, BER_OCTETS, &r->matched) != 0 ||
	    ber_take(&body, BER_OCTETS, &r->text) != 0)
		return malformed("result", e);
	while ((rc = ber_next(&body, &item)) == 1)
		if (item.tag == RESPONSE_NAME_TAG && m->op == LDAP_EXTENDED_RESPONSE)
			r->name = item.value;
	return rc == 0 ? 0 : malformed("result", e);
}

/* All elements must be strings. */
static int check_strings(struct ber *r)
{
	struct ber_item item;
	int rc;

	while ((rc = ber_next(r, &item)) == 1)
		if (item.tag != BER_OCTETS)
			return -1;
	return rc;
}

int ldap_entry_read(const struct ldap_message *m, struct ldap_entry *entry, struct error *e)
{
	struct ber body = m->body, list, attr, values;
	struct str name;

	if (ber_take(&body, BER_OCTETS, &entry->dn) != 0)
		return malformed("entry without DN", e);
	if (ber_enter(&body, BER_SEQUENCE, &list) != 0)
		return malformed("attributes of an entry", e);
	entry->attrs = str_of(list.p, (size_t)(list.end - list.p));
	while (ber_tag(&list) != -1) {
		if (ber_enter(&list, BER_SEQUENCE, &attr) != 0 || ber_take(&attr, BER_OCTETS, &name) != 0 ||
		    ber_enter(&attr, BER_SET, &values) != 0 || check_strings(&values) != 0)
			return malformed("attributes of an entry", e);
	}
	return 0;
}

struct str ldap_reference_url(const struct ldap_message *m)
{
	struct ber body = m->body;
	struct str url = { NULL, 0 };

	if (ber_take(&body, BER_OCTETS, &url) != 0)
		url.ptr = NULL;
	return url;
}

/* Cuts ";range=0-1499" off a name. The index to go on from, or -1 when there is no range or it is the last.
 * */
static long cut_range(struct str *name)
{
	size_t i = str_find_char(*name, 0, ';');
	struct str option, first;
	uint64_t last;

	while (i < name->len) {
		size_t end = str_find_char(*name, i + 1, ';');

		option = str_sub(*name, i + 1, end - i - 1);
		if (option.len > 6 && str_case_eq(str_sub(option, 0, 6), STR("range="))) {
			name->len = i;
			option = str_sub(option, 6, option.len);
			if (!str_next(&option, '-', &first) || str_to_u64(option, &last) != 0 ||
			    last >= INT32_MAX)
				return -1;
			return (long)last + 1;
		}
		i = end;
	}
	return -1;
}

int ldap_attr_next(struct ldap_entry *entry, struct ldap_attr *attr)
{
	struct ber list, inner;

	ber_init(&list, entry->attrs);
	if (ber_enter(&list, BER_SEQUENCE, &inner) != 0)
		return 0;
	entry->attrs = str_of(list.p, (size_t)(list.end - list.p));
	if (ber_take(&inner, BER_OCTETS, &attr->name) != 0 || ber_take(&inner, BER_SET, &attr->values) != 0)
		return 0;
	attr->range_next = cut_range(&attr->name);
	return 1;
}

int ldap_value_next(struct ldap_attr *attr, struct str *value)
{
	struct ber r;

	ber_init(&r, attr->values);
	if (ber_take(&r, BER_OCTETS, value) != 0)
		return 0;
	attr->values = str_of(r.p, (size_t)(r.end - r.p));
	return 1;
}

/* ---- result codes -------------------------------------------------------------------------------------- */

struct advice {
	int32_t code;
	enum error_kind kind;
	const char *name;	/* as the RFC calls it */
	const char *text;	/* what it means and what to do */
};

/* RFC 4511, appendix A, and what the servers mean by it. */
static const struct advice advices[] = {
	{ 1, ERROR_UPSTREAM, "operationsError",
	  "Active Directory answers so when the bind did not succeed; check LDAP_USERNAME" },
	{ 2, ERROR_UPSTREAM, "protocolError", "the server did not understand the request" },
	{ 3, ERROR_UPSTREAM, "timeLimitExceeded",
	  "the search takes longer than the server allows; narrow LDAP_DN or LDAP_FILTER, "
	  "or lower LDAP_PAGE_SIZE" },
	{ 4, ERROR_UPSTREAM, "sizeLimitExceeded",
	  "the server gives fewer entries than were found; lower LDAP_PAGE_SIZE, or have the "
	  "limit of this account raised" },
	{ 7, ERROR_DENIED, "authMethodNotSupported",
	  "the server takes no simple bind with name and password" },
	{ 8, ERROR_DENIED, "strongerAuthRequired",
	  "the server wants an encrypted connection; set LDAP_USE_START_TLS=true or "
	  "LDAP_USE_SSL=true" },
	{ 10, ERROR_UPSTREAM, "referral",
	  "the server is not responsible for this base; check LDAP_DN or name another server in "
	  "LDAP_HOST" },
	{ 11, ERROR_UPSTREAM, "adminLimitExceeded",
	  "the request is beyond a limit of the server; lower LDAP_PAGE_SIZE" },
	{ 12, ERROR_UPSTREAM, "unavailableCriticalExtension",
	  "the server gives no results in pages (RFC 2696); try LDAP_PAGE_SIZE=0" },
	{ 13, ERROR_DENIED, "confidentialityRequired",
	  "the server wants an encrypted connection; set LDAP_USE_START_TLS=true or "
	  "LDAP_USE_SSL=true" },
	{ 14, ERROR_DENIED, "saslBindInProgress", "the server takes no simple bind with name and password" },
	{ 18, ERROR_USAGE, "inappropriateMatching",
	  "an attribute in LDAP_FILTER cannot be compared that way" },
	{ 21, ERROR_USAGE, "invalidAttributeSyntax", "a value in LDAP_FILTER has the wrong form" },
	{ 32, ERROR_FAILED, "noSuchObject",
	  "there is no such entry, or this account may not see it; check LDAP_DN" },
	{ 34, ERROR_USAGE, "invalidDNSyntax",
	  "this is no DN of the form \"ou=People,dc=example,dc=com\"; check LDAP_DN and "
	  "LDAP_USERNAME" },
	{ 48, ERROR_DENIED, "inappropriateAuthentication",
	  "the server refuses this kind of bind; check LDAP_USERNAME and "
	  "LDAP_PASSWORD" },
	{ 49, ERROR_DENIED, "invalidCredentials",
	  "wrong name or password; check LDAP_USERNAME, LDAP_PASSWORD and LDAP_DOMAIN" },
	{ 50, ERROR_DENIED, "insufficientAccessRights",
	  "this account may not read there; give it the right to read, or use another "
	  "in LDAP_USERNAME" },
	{ 51, ERROR_UPSTREAM, "busy", "the server has too much to do; try again later" },
	{ 52, ERROR_UPSTREAM, "unavailable", "the server is starting or shutting down; try again later" },
	{ 53, ERROR_UPSTREAM, "unwillingToPerform",
	  "the server refuses the request; it may want an encrypted connection "
	  "(LDAP_USE_START_TLS=true or LDAP_USE_SSL=true)" },
	{ 80, ERROR_UPSTREAM, "other", "the server had a failure of its own" }
};

/* What Active Directory says in hexadecimal behind "data" when a bind fails: Windows' own error numbers. */
static const struct ad_reason { const char *data, *text; } ad_reasons[] = {
	{ "525", "there is no such account; check LDAP_USERNAME and LDAP_DOMAIN" },
	{ "52e", "wrong password (or name); check LDAP_PASSWORD and LDAP_USERNAME" },
	{ "52f", "a restriction of the account forbids it, such as an empty password" },
	{ "530", "the account may not log on at this hour" },
	{ "531", "the account may not log on from this machine" },
	{ "532", "the password has expired; set a new one and put it into LDAP_PASSWORD" },
	{ "533", "the account is disabled; have it enabled or use another in LDAP_USERNAME" },
	{ "534", "the account lacks the right to log on this way" },
	{ "568", "the account is in too many groups" },
	{ "701", "the account has expired; have it extended or use another in LDAP_USERNAME" },
	{ "773", "the password must be changed at the first logon; put the new one into LDAP_PASSWORD" },
	{ "775", "the account is locked after too many wrong passwords; have it unlocked" }
};

static const char *ad_reason(struct str text)
{
	size_t at = str_find(text, 0, STR(", data ")), i;
	struct str rest, word;

	if (at == text.len)
		return NULL;
	rest = str_sub(text, at + 7, text.len);
	str_next(&rest, ',', &word);
	word = str_trim(word);
	for (i = 0; i < sizeof(ad_reasons) / sizeof(ad_reasons[0]); i++)
		if (str_case_eqz(word, ad_reasons[i].data))
			return ad_reasons[i].text;
	return NULL;
}

/* The server's words on one line, without control characters and a NUL at the end (which Windows sends). */
static void put_words(struct buf *out, struct str text)
{
	size_t i;

	for (i = 0; i < text.len && i < SERVER_WORDS_MAX; i++)
		buf_putc(out, (unsigned char)text.ptr[i] < ' ' ? ' ' : (unsigned char)text.ptr[i]);
}

int ldap_result_error(const struct ldap_result *r, const char *what, struct error *e)
{
	static const struct advice unknown = { 0, ERROR_UPSTREAM, "result code", NULL };
	const struct advice *a = &unknown;
	const char *text;
	struct buf words;
	struct str said;
	size_t i;

	for (i = 0; i < sizeof(advices) / sizeof(advices[0]); i++)
		if (advices[i].code == r->code)
			a = &advices[i];
	text = a->text;
	if (a->code == 49 && ad_reason(r->text))
		text = ad_reason(r->text);
	buf_init(&words, 2 * SERVER_WORDS_MAX);
	put_words(&words, r->text);
	said = str_trim(buf_str(&words));
	error_set(e, a->kind, "%s: %s (%ld)%s%s%s%.*s%s", what, a->name, (long)r->code, text ? ": " : "",
		  text ? text : "", said.len > 0 ? "; the server says \"" : "", STR_ARG(said),
		  said.len > 0 ? "\"" : "");
	buf_release(&words);
	return -1;
}

/* ---- writing ------------------------------------------------------------------------------------------- */

static void begin_message(struct ber_write *w, int32_t id)
{
	ber_begin(w, BER_SEQUENCE);
	ber_put_int(w, BER_INTEGER, id);
}

void ldap_put_bind(struct ber_write *w, int32_t id, struct str name, struct str password)
{
	begin_message(w, id);
	ber_begin(w, LDAP_BIND_REQUEST);
	ber_put_int(w, BER_INTEGER, LDAP_VERSION);
	ber_put(w, BER_OCTETS, name);
	ber_put(w, SIMPLE_AUTH_TAG, password);
	ber_end(w);
	ber_end(w);
}

void ldap_put_start_tls(struct ber_write *w, int32_t id)
{
	begin_message(w, id);
	ber_begin(w, LDAP_EXTENDED_REQUEST);
	ber_put(w, REQUEST_NAME_TAG, STR(LDAP_OID_START_TLS));
	ber_end(w);
	ber_end(w);
}

void ldap_put_unbind(struct ber_write *w, int32_t id)
{
	begin_message(w, id);
	ber_put(w, LDAP_UNBIND_REQUEST, STR(""));
	ber_end(w);
}

static void put_paged_control(struct ber_write *w, int32_t page_size, struct str cookie)
{
	ber_begin(w, CONTROLS_TAG);
	ber_begin(w, BER_SEQUENCE);
	ber_put(w, BER_OCTETS, STR(LDAP_OID_PAGED));
	ber_put_bool(w, BER_BOOLEAN, 1);	/* refuse rather than ignore it */
	ber_begin(w, BER_OCTETS);
	ber_begin(w, BER_SEQUENCE);
	ber_put_int(w, BER_INTEGER, page_size);
	ber_put(w, BER_OCTETS, cookie);
	ber_end(w);
	ber_end(w);
	ber_end(w);
	ber_end(w);
}

void ldap_put_search(struct ber_write *w, int32_t id, const struct ldap_search_request *r)
{
	size_t i;

	begin_message(w, id);
	ber_begin(w, LDAP_SEARCH_REQUEST);
	ber_put(w, BER_OCTETS, r->base);
	ber_put_int(w, BER_ENUM, (int32_t)r->scope);
	ber_put_int(w, BER_ENUM, 0);	/* aliases are not followed */
	ber_put_int(w, BER_INTEGER, r->size_limit);
	ber_put_int(w, BER_INTEGER, 0);	/* no time limit */
	ber_put_bool(w, BER_BOOLEAN, 0);	/* values, not only types */
	buf_put_str(w->out, r->filter);
	ber_begin(w, BER_SEQUENCE);
	for (i = 0; r->attrs[i]; i++)
		ber_put(w, BER_OCTETS, str_from(r->attrs[i]));
	ber_end(w);
	ber_end(w);
	if (r->page_size > 0)
		put_paged_control(w, r->page_size, r->cookie);
	ber_end(w);
}
