#include "check.h"

#include <string.h>

#include "base/codec.h"
#include "ldap/ldap_int.h"

/* A message or a piece of one, written as a list: used to build what a server would send. */
struct sample {
	struct buf out;
	struct ber_write w;
};

static void begin(struct sample *s, int32_t id, unsigned op)
{
	buf_init(&s->out, 100000);
	ber_write_init(&s->w, &s->out);
	ber_begin(&s->w, BER_SEQUENCE);
	ber_put_int(&s->w, BER_INTEGER, id);
	ber_begin(&s->w, op);
}

static void put_result(struct sample *s, int32_t code, const char *matched, const char *text)
{
	ber_put_int(&s->w, BER_ENUM, code);
	ber_put(&s->w, BER_OCTETS, str_from(matched));
	ber_put(&s->w, BER_OCTETS, str_from(text));
}

static void put_attr(struct sample *s, const char *name, const char *a, const char *b)
{
	ber_begin(&s->w, BER_SEQUENCE);
	ber_put(&s->w, BER_OCTETS, str_from(name));
	ber_begin(&s->w, BER_SET);
	if (a)
		ber_put(&s->w, BER_OCTETS, str_from(a));
	if (b)
		ber_put(&s->w, BER_OCTETS, str_from(b));
	ber_end(&s->w);
	ber_end(&s->w);
}

static void test_requests(void)
{
	static const char *const attrs[] = { "cn", "mail", NULL };
	struct ldap_search_request r;
	struct sample s;
	struct buf filter, hex;
	struct error e;

	buf_init(&hex, 10000);
	buf_init(&s.out, 10000);
	ber_write_init(&s.w, &s.out);
	ldap_put_bind(&s.w, 1, STR("cn=x"), STR("pw"));
	ldap_put_start_tls(&s.w, 2);
	ldap_put_unbind(&s.w, 3);
	CHECK_INT(ber_write_check(&s.w, "requests", &e), 0);
	hex_encode(&hex, s.out.data, s.out.len);
	CHECK_STR(buf_text(&hex),
		  "3012020101600d0201030404636e3d7880027077"
		  "301d02010277188016312e332e362e312e342e312e313436362e3230303337"
		  "30050201034200");
	buf_reset(&s.out);
	buf_reset(&hex);
	buf_init(&filter, 1000);
	ber_write_init(&s.w, &filter);
	CHECK_INT(ldap_filter_encode(&s.w, STR("(a=b)"), &e), 0);
	memset(&r, 0, sizeof(r));
	r.base = STR("dc=x");
	r.scope = LDAP_SUBTREE;
	r.filter = buf_str(&filter);
	r.attrs = attrs;
	ber_write_init(&s.w, &s.out);
	ldap_put_search(&s.w, 4, &r);
	hex_encode(&hex, s.out.data, s.out.len);
	CHECK_STR(buf_text(&hex), "302e0201046329040464633d780a01020a0100020100020100010100a30604016104016230"
				  "0a0402636e04046d61696c");
	buf_reset(&s.out);
	buf_reset(&hex);
	r.page_size = 1000;
	r.cookie = STR("ck");
	ldap_put_search(&s.w, 5, &r);
	CHECK_INT(ber_write_check(&s.w, "requests", &e), 0);
	hex_encode(&hex, s.out.data, s.out.len);
	CHECK_STR(buf_text(&hex),
		  "30590201056329040464633d780a01020a0100020100020100010100a306040161040162300a0402636e04046d"
		  "61696c"
		  "a02930270416312e322e3834302e3131333535362e312e342e3331390101ff040a3008020203e80402636b");
	buf_release(&filter);
	buf_release(&s.out);
	buf_release(&hex);
}

static void end(struct sample *s)
{
	ber_end(&s->w);
	ber_end(&s->w);
}

static void test_entry(void)
{
	struct sample s;
	struct ldap_message m;
	struct ldap_entry entry;
	struct ldap_attr attr;
	struct str value;
	struct error e;

	begin(&s, 7, LDAP_SEARCH_ENTRY);
	ber_put(&s.w, BER_OCTETS, STR("cn=a"));
	ber_begin(&s.w, BER_SEQUENCE);
	put_attr(&s, "mail", "x", "y");
	put_attr(&s, "sn", NULL, NULL);
	ber_end(&s.w);
	end(&s);
	CHECK_INT(ber_write_check(&s.w, "sample", &e), 0);
	CHECK_INT(ldap_message_read(buf_str(&s.out), &m, &e), 0);
	CHECK_INT(m.id, 7);
	CHECK_INT(m.op, LDAP_SEARCH_ENTRY);
	CHECK_INT(m.paged, 0);
	CHECK_INT(ldap_entry_read(&m, &entry, &e), 0);
	CHECK_MEM(entry.dn.ptr, entry.dn.len, "cn=a", 4);
	CHECK_INT(ldap_attr_next(&entry, &attr), 1);
	CHECK_MEM(attr.name.ptr, attr.name.len, "mail", 4);
	CHECK_INT(attr.range_next, -1);
	CHECK_INT(ldap_value_next(&attr, &value), 1);
	CHECK_MEM(value.ptr, value.len, "x", 1);
	CHECK_INT(ldap_value_next(&attr, &value), 1);
	CHECK_MEM(value.ptr, value.len, "y", 1);
	CHECK_INT(ldap_value_next(&attr, &value), 0);
	CHECK_INT(ldap_attr_next(&entry, &attr), 1);
	CHECK_INT(ldap_value_next(&attr, &value), 0);
	CHECK_INT(ldap_attr_next(&entry, &attr), 0);
	buf_release(&s.out);
}

static void test_ranges(void)
{
	static const struct { const char *name, *plain; long next; } rows[] = {
		{ "member", "member", -1 },
		{ "member;range=0-1499", "member", 1500 },
		{ "member;Range=1500-2999", "member", 3000 },
		{ "member;range=3000-*", "member", -1 },
		{ "cn;lang-de", "cn;lang-de", -1 },
		{ "cn;lang-de;range=0-9", "cn;lang-de", 10 },
		{ "member;range=", "member;range=", -1 },
		{ "member;range=5", "member", -1 },
		{ "member;range=0-99999999999999999999", "member", -1 },
		{ "member;range=0-2147483646", "member", 2147483647 },
		{ "member;range=0-2147483647", "member", -1 }
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sample s;
		struct ldap_message m;
		struct ldap_entry entry;
		struct ldap_attr attr;
		struct error e;

		check_row(rows[i].name);
		begin(&s, 1, LDAP_SEARCH_ENTRY);
		ber_put(&s.w, BER_OCTETS, STR("cn=a"));
		ber_begin(&s.w, BER_SEQUENCE);
		put_attr(&s, rows[i].name, "x", NULL);
		ber_end(&s.w);
		end(&s);
		CHECK_INT(ldap_message_read(buf_str(&s.out), &m, &e), 0);
		CHECK_INT(ldap_entry_read(&m, &entry, &e), 0);
		CHECK_INT(ldap_attr_next(&entry, &attr), 1);
		CHECK_MEM(attr.name.ptr, attr.name.len, rows[i].plain, strlen(rows[i].plain));
		CHECK_INT(attr.range_next, rows[i].next);
		buf_release(&s.out);
	}
	check_row(NULL);
}

static void test_result(void)
{
	struct sample s;
	struct ldap_message m;
	struct ldap_result r;
	struct error e;

	begin(&s, 3, LDAP_EXTENDED_RESPONSE);
	put_result(&s, 2, "dc=x", "no");
	ber_begin(&s.w, 0xa3);		/* referral */
	ber_put(&s.w, BER_OCTETS, STR("ldap://b"));
	ber_end(&s.w);
	ber_put(&s.w, 0x8a, STR(LDAP_OID_DISCONNECTION));
	end(&s);
	CHECK_INT(ldap_message_read(buf_str(&s.out), &m, &e), 0);
	CHECK_INT(ldap_result_read(&m, &r, &e), 0);
	CHECK_INT(r.code, 2);
	CHECK_MEM(r.matched.ptr, r.matched.len, "dc=x", 4);
	CHECK_MEM(r.text.ptr, r.text.len, "no", 2);
	CHECK(str_eqz(r.name, LDAP_OID_DISCONNECTION));
	buf_release(&s.out);
}

/* A result with controls: another one with and without criticality and value, then the paged one. */
static void test_cookie(void)
{
	struct sample s;
	struct ldap_message m;
	struct error e;
	int paged;

	for (paged = 0; paged < 2; paged++) {
		begin(&s, 3, LDAP_SEARCH_DONE);
		put_result(&s, 0, "", "");
		ber_end(&s.w);
		ber_begin(&s.w, 0xa0);
		ber_begin(&s.w, BER_SEQUENCE);
		ber_put(&s.w, BER_OCTETS, STR("1.2.3"));
		ber_end(&s.w);
		ber_begin(&s.w, BER_SEQUENCE);
		ber_put(&s.w, BER_OCTETS, STR("1.2.4"));
		ber_put_bool(&s.w, BER_BOOLEAN, 1);
		ber_put(&s.w, BER_OCTETS, STR("anything"));
		ber_end(&s.w);
		if (paged) {
			ber_begin(&s.w, BER_SEQUENCE);
			ber_put(&s.w, BER_OCTETS, STR(LDAP_OID_PAGED));
			ber_put(&s.w, BER_OCTETS, STR("\x30\x07\x02\x01\x00\x04\x02" "a\0"));
			ber_end(&s.w);
		}
		end(&s);
		CHECK_INT(ber_write_check(&s.w, "sample", &e), 0);
		CHECK_INT(ldap_message_read(buf_str(&s.out), &m, &e), 0);
		CHECK_INT(m.paged, paged);
		CHECK_MEM(m.cookie.ptr, m.cookie.len, paged ? "a\0" : NULL, paged ? 2 : 0);
		buf_release(&s.out);
	}
}

static void test_reference(void)
{
	struct sample s;
	struct ldap_message m;
	struct error e;
	struct str url;

	begin(&s, 3, LDAP_SEARCH_REFERENCE);
	ber_put(&s.w, BER_OCTETS, STR("ldap://b/dc=x"));
	end(&s);
	CHECK_INT(ldap_message_read(buf_str(&s.out), &m, &e), 0);
	url = ldap_reference_url(&m);
	CHECK(str_eqz(url, "ldap://b/dc=x"));
	buf_release(&s.out);
}

/* Every message that is cut or has a byte changed is refused or read; never more than its bytes are looked
 * at. */
static void test_damaged(void)
{
	struct sample s;
	struct buf copy;
	struct error e;
	size_t i;
	int refused = 0;

	begin(&s, 7, LDAP_SEARCH_ENTRY);
	ber_put(&s.w, BER_OCTETS, STR("cn=a"));
	ber_begin(&s.w, BER_SEQUENCE);
	put_attr(&s, "mail", "x", "y");
	ber_end(&s.w);
	end(&s);
	for (i = 0; i < 2 * s.out.len; i++) {
		struct ldap_message m;
		struct ldap_entry entry;
		struct ldap_attr attr;
		struct str value;

		buf_init(&copy,
			 s.out.len); /* memory of just that size, so that a sanitizer sees any step beyond */
		buf_put(&copy, s.out.data, i < s.out.len ? i : s.out.len);
		if (i >= s.out.len)
			copy.data[i - s.out.len] ^= 0x55;
		error_init(&e);
		if (ldap_message_read(buf_str(&copy), &m, &e) != 0 || ldap_entry_read(&m, &entry, &e) != 0) {
			refused++;
			CHECK_INT(e.kind, ERROR_UPSTREAM);
			CHECK(strstr(e.text, "malformed LDAP message") != NULL);
		} else {
			while (ldap_attr_next(&entry, &attr))
				while (ldap_value_next(&attr, &value))
					CHECK(value.ptr + value.len <= copy.data + copy.len);
		}
		if (i < s.out.len)
			CHECK_INT(e.kind, ERROR_UPSTREAM);
		buf_release(&copy);
	}
	CHECK(refused > (int)s.out.len);
	buf_release(&s.out);
}

static void test_errors(void)
{
	static const struct {
		int32_t code;
		const char *text;
		enum error_kind kind;
		const char *says;
	} rows[] = {
		{ 49, "", ERROR_DENIED,
		  "bind: invalidCredentials (49): wrong name or password; check LDAP_USERNAME, "
		  "LDAP_PASSWORD and LDAP_DOMAIN" },
		{ 49,
		  "80090308: LdapErr: DSID-0C090447, comment: AcceptSecurityContext error, data 52e, v3839",
		  ERROR_DENIED, "wrong password (or name)" },
		{ 49, "x, data 525, v1", ERROR_DENIED, "there is no such account" },
		{ 49, "x, data 530, v1", ERROR_DENIED, "at this hour" },
		{ 49, "x, data 531, v1", ERROR_DENIED, "from this machine" },
		{ 49, "x, data 532, v1", ERROR_DENIED, "the password has expired" },
		{ 49, "x, data 533, v1", ERROR_DENIED, "the account is disabled" },
		{ 49, "x, data 701, v1", ERROR_DENIED, "the account has expired" },
		{ 49, "x, data 773, v1", ERROR_DENIED, "must be changed" },
		{ 49, "x, data 775, v1", ERROR_DENIED, "the account is locked" },
		{ 49, "x, data 775", ERROR_DENIED, "the account is locked" },
		{ 49, "x, data 999, v1", ERROR_DENIED, "wrong name or password" },
		{ 8, "", ERROR_DENIED, "LDAP_USE_START_TLS=true" },
		{ 13, "TLS confidentiality required", ERROR_DENIED,
		  "; the server says \"TLS confidentiality required\"" },
		{ 4, "", ERROR_UPSTREAM, "lower LDAP_PAGE_SIZE" },
		{ 11, "", ERROR_UPSTREAM, "lower LDAP_PAGE_SIZE" },
		{ 32, "", ERROR_FAILED, "check LDAP_DN" },
		{ 34, "", ERROR_USAGE, "invalidDNSyntax" },
		{ 51, "", ERROR_UPSTREAM, "try again later" },
		{ 52, "", ERROR_UPSTREAM, "try again later" },
		{ 4711, "odd\r\n", ERROR_UPSTREAM, "bind: result code (4711); the server says \"odd\"" }
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ldap_result r;
		struct error e;

		memset(&r, 0, sizeof(r));
		r.code = rows[i].code;
		r.text = str_from(rows[i].text);
		error_init(&e);
		CHECK_INT(ldap_result_error(&r, "bind", &e), -1);
		CHECK_INT(e.kind, rows[i].kind);
		if (!strstr(e.text, rows[i].says))
			CHECK_STR(e.text, rows[i].says);
	}
}

CHECK_SUITE(ldap_msg, CHECK_TEST(requests), CHECK_TEST(entry), CHECK_TEST(ranges), CHECK_TEST(result),
	    CHECK_TEST(cookie), CHECK_TEST(reference), CHECK_TEST(damaged), CHECK_TEST(errors));
