#include "check.h"

#include <string.h>

#include "ldap/ldap_int.h"
#include "source/source_ldap_int.h"

/* The parts of a DN as "rdn type=value" lines, values unescaped; "malformed" when it is. */
static void describe(struct str dn, struct buf *out)
{
	struct ldap_dn d;
	struct ldap_dn_part part;
	int rc;

	buf_reset(out);
	ldap_dn_init(&d, dn);
	while ((rc = ldap_dn_next(&d, &part)) == 1) {
		buf_printf(out, "%d %.*s=", part.rdn, STR_ARG(part.type));
		if (ldap_dn_value(part.value, out) != 0)
			rc = -1;
		buf_puts(out, part.last ? ";" : "+");
		if (rc == -1)
			break;
	}
	if (rc == -1) {
		buf_reset(out);
		buf_puts(out, "malformed");
	}
}

static void test_parts(void)
{
	static const struct { const char *dn, *parts; } rows[] = {
		{ "", "" },
		{ "cn=A", "0 cn=A;" },
		{ "cn=A,ou=B,dc=c", "0 cn=A;1 ou=B;2 dc=c;" },
		{ "cn = A , ou = B", "0 cn=A;1 ou=B;" },
		{ "cn=A+uid=b,ou=C", "0 cn=A+0 uid=b;1 ou=C;" },
		{ "cn=,ou=B", "0 cn=;1 ou=B;" },
		{ "cn=a\\,b,ou=c", "0 cn=a,b;1 ou=c;" },
		{ "cn=a\\2Cb,ou=c", "0 cn=a,b;1 ou=c;" },
		{ "cn=a\\2cb,ou=c", "0 cn=a,b;1 ou=c;" },
		{ "cn=a\\+b\\\"c\\\\d\\;e\\<f\\>g\\=h\\#i", "0 cn=a+b\"c\\d;e<f>g=h#i;" },
		{ "cn=a=b", "0 cn=a=b;" },
		{ "cn=\\#a", "0 cn=#a;" },
		{ "cn=\\ a\\ ", "0 cn= a ;" },
		{ "cn=a\\\\ ", "0 cn=a\\;" },
		{ "cn=a\\\\\\ ", "0 cn=a\\ ;" },
		{ "cn=  a b  ,ou=c", "0 cn=a b;1 ou=c;" },
		{ "ou=Z\xc3\xbcrich", "0 ou=Z\xc3\xbcrich;" },
		{ "ou=Z\\C3\\BCrich", "0 ou=Z\xc3\xbcrich;" },
		{ "ou=Sales\\2C Export,ou=Edge", "0 ou=Sales, Export;1 ou=Edge;" },
		{ "1.2.3=#040261 62", "malformed" },
		{ "1.2.3=#04026162,cn=x", "0 1.2.3=ab;1 cn=x;" },
		{ "1.2.3=#0400", "0 1.2.3=;" },
		{ "1.2.3=#", "malformed" },
		{ "1.2.3=#0", "malformed" },
		{ "1.2.3=#0403 6162", "malformed" },
		{ "1.2.3=#04036162", "malformed" },
		{ "1.2.3=#0402616263", "malformed" },
		{ "1.2.3=#zz", "malformed" },
		{ "cn", "malformed" },
		{ "cn=a,", "malformed" },
		{ "cn=a,ou", "malformed" },
		{ ",cn=a", "malformed" },
		{ "=a", "malformed" },
		{ "cn=a+,ou=b", "malformed" },
		{ "cn=a\\", "malformed" },
		{ "cn=a\\x", "malformed" },
		{ "cn=a\\4", "malformed" },
		{ "cn=a\"b\"", "malformed" },
		{ "cn=a;ou=b", "malformed" },
		{ "cn=<a>", "malformed" },
		{ "c_n=a", "malformed" }
	};
	struct buf out;
	size_t i;

	buf_init(&out, 1000);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		check_row(rows[i].dn);
		describe(str_from(rows[i].dn), &out);
		CHECK_STR(buf_text(&out), rows[i].parts);
	}
	check_row("NUL");
	describe(str_of("cn=a\0b", 6), &out);
	CHECK_STR(buf_text(&out), "malformed");
	describe(str_of("cn=a\\00b", 8), &out);
	CHECK_MEM(out.data, out.len, "0 cn=a\0b;", 9);
	check_row(NULL);
	buf_release(&out);
}

/* From where on the text is the DN of each level. */
static void test_levels(void)
{
	struct str dn = STR("cn=a\\,b+uid=c, ou=d ,dc=e");
	static const char *const levels[] = { "cn=a\\,b+uid=c, ou=d ,dc=e", "cn=a\\,b+uid=c, ou=d ,dc=e",
					      " ou=d ,dc=e", "dc=e" };
	struct ldap_dn d;
	struct ldap_dn_part part;
	int i = 0;

	ldap_dn_init(&d, dn);
	while (ldap_dn_next(&d, &part) == 1 && CHECK(i < 4)) {
		struct str level = str_sub(dn, part.from, dn.len);

		CHECK_MEM(level.ptr, level.len, levels[i], strlen(levels[i]));
		i++;
	}
	CHECK_INT(i, 4);
}

static void test_same(void)
{
	static const struct { const char *a, *b; int same; } rows[] = {
		{ "cn=A,ou=B", "CN=a,OU=b", 1 },
		{ "cn=A,ou=B", "cn=A, ou=B", 1 },
		{ "cn=a  b", "cn= a b ", 1 },
		{ "cn=Comma\\2C Cora", "cn=comma\\, cora", 1 },
		{ "cn=a+uid=b,ou=c", "uid=B+cn=A,ou=c", 1 },
		{ "cn=a+uid=b+sn=c", "sn=c+uid=b+cn=a", 1 },
		{ "cn=Z\xc3\x9cRICH", "cn=z\xc3\xbcrich", 1 },
		{ "cn=Stra\xc3\x9f" "e", "cn=STRASSE", 1 },
		{ "cn=Z\\C3\\9Crich", "cn=z\xc3\xbcrich", 1 },
		{ "cn=#040161", "cn=a", 1 },
		{ "cn=a", "cn=b", 0 },
		{ "cn=a", "ou=a", 0 },
		{ "cn=ab", "cn=a b", 0 },
		{ "cn=a,ou=b", "cn=a+ou=b", 0 },
		{ "cn=a\\,ou=b", "cn=a,ou=b", 0 },
		{ "cn=a\\00ou=b", "cn=a,ou=b", 0 },
		{ "cn=a\\01\\00ou=b", "cn=a,ou=b", 0 },
		{ "cn=a,ou=b", "cn=a,ou=b,dc=c", 0 },
		{ "cn=a\\\\", "cn=a", 0 }
	};
	struct buf a, b;
	size_t i;

	buf_init(&a, 1000);
	buf_init(&b, 1000);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		check_row(rows[i].a);
		buf_reset(&a);
		buf_reset(&b);
		CHECK_INT(ldap_dn_normal(str_from(rows[i].a), &a), 0);
		CHECK_INT(ldap_dn_normal(str_from(rows[i].b), &b), 0);
		CHECK_INT(str_eq(buf_str(&a), buf_str(&b)), rows[i].same);
	}
	check_row(NULL);
	CHECK_INT(ldap_dn_normal(STR("cn=a,oops"), &a), -1);
	CHECK_INT(ldap_dn_normal(STR("cn=\\zz"), &a), -1);
	buf_release(&a);
	buf_release(&b);
}

/* A DN for which there is no room is not taken for a malformed one, which would be another. */
static void test_no_room(void)
{
	static const char *const rows[] = { "cn=abcdefgh", "cn=abc\\20defgh", "cn=a+ou=b+dc=c", "cn=a\xc3\x84\xc3\x84\xc3\x84" };
	struct ldap_hasher h;
	struct hash hash;
	struct error e;
	size_t i;

	memset(&h, 0, sizeof(h));
	buf_init(&h.normal, 8);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		check_row(rows[i]);
		buf_reset(&h.normal);
		CHECK_INT(ldap_dn_normal(str_from(rows[i]), &h.normal), -1);
		CHECK_INT(h.normal.failed, 1);
		error_init(&e);
		CHECK_INT(ldap_dn_hash(&h, str_from(rows[i]), &hash, &e), -1);
		CHECK_INT(e.kind, ERROR_MEMORY);
	}
	check_row(NULL);
	CHECK_INT(ldap_dn_hash(&h, STR("oops"), &hash, &e), 0);
	CHECK_INT(ldap_dn_hash(&h, STR("cn=a"), &hash, &e), 0);
	buf_release(&h.normal);
}

static void test_many_parts(void)
{
	struct buf dn, out;
	int n;

	buf_init(&dn, 10000);
	buf_init(&out, 10000);
	for (n = 1; n <= 17; n++) {
		buf_printf(&dn, "%sa%d=x", n > 1 ? "+" : "", n);
		buf_reset(&out);
		CHECK_INT(ldap_dn_normal(buf_str(&dn), &out), n <= 16 ? 0 : -1);
	}
	buf_release(&dn);
	buf_release(&out);
}

CHECK_SUITE(ldap_dn, CHECK_TEST(parts), CHECK_TEST(levels), CHECK_TEST(same), CHECK_TEST(no_room), CHECK_TEST(many_parts));
