#include "check.h"

#include <string.h>

#include "base/codec.h"
#include "ldap/ldap_int.h"

/* Encodes, and gives the BER in hexadecimal or the error. */
static int encode(struct str text, struct buf *hex, struct error *e)
{
	struct buf out;
	struct ber_write w;
	int rc;

	error_init(e);
	buf_init(&out, 100000);
	buf_init(hex, 200000);
	ber_write_init(&w, &out);
	rc = ldap_filter_encode(&w, text, e);
	if (rc == 0)
		rc = ber_write_check(&w, "filter", e);
	if (rc == 0)
		hex_encode(hex, out.data, out.len);
	buf_release(&out);
	return rc;
}

static void test_encode(void)
{
	static const struct { const char *filter, *hex;
	} rows[] = { { "(cn=a)", "a3070402636e040161" },
		     { "cn=a", "a3070402636e040161" },
		     { " ( cn=a) ", "a3070402636e040161" },
		     { "(cn=)", "a3060402636e0400" },
		     { "(cn=*)", "8702636e" },
		     { "(cn=a*)", "a4090402636e3003800161" },
		     { "(cn=*a)", "a4090402636e3003820161" },
		     { "(cn=*a*)", "a4090402636e3003810161" },
		     { "(cn=a*b*c)", "a40f0402636e3009800161810162820163" },
		     { "(cn=a**c)", "a40c0402636e3006800161820163" },
		     { "(n>=1)", "a50604016e040131" },
		     { "(n<=1)", "a60604016e040131" },
		     { "(n~=1)", "a80604016e040131" },
		     { "(&(a=1)(b=2))", "a010a306040161040131a306040162040132" },
		     { "(|(a=1)(b=2))", "a110a306040161040131a306040162040132" },
		     { "(& (a=1)\n  (b=2) )", "a010a306040161040131a306040162040132" },
		     { "(!(a=1))", "a208a306040161040131" },
		     { "(&)", "a000" },
		     { "(|)", "a100" },
		     { "(a=\\28\\2a\\29\\5c\\00)", "a30a040161040528"
						   "2a295c00" },
		     { "(a=\\(\\*\\)\\\\)", "a30904016104042"
					    "82a295c" },
		     { "(a=\xc3\x96)", "a3070401610402c396" },
		     { "(a=\\C3\\96)", "a3070401610402c396" },
		     { "(a= x )", "a308040161040320"
				  "7820" },
		     { "(a=b=c)", "a3080401610403623d63" },
		     { "(userAccountControl:1.2.840.113556.1.4.803:=2)",
		       "a92f8116312e322e3834302e3131333535362e312e342e3830338212757365724163636f756e74436f6e7"
		       "4726f6c830132" },
		     { "(cn:dn:=a)", "a90a8202636e8301618401ff" },
		     { "(cn:caseExactMatch:=a)", "a917810e63617365457861637"
						 "44d617463688202636e830161" },
		     { "(cn:dn:2.4.6:=a)", "a9118105322e342e36"
					   "8202636e8301618401ff" },
		     { "(:1.2:=a)", "a9088103312e32830161" },
		     { "(:dn:1.2:=a)", "a90b8103312e328301618401ff" },
		     { "(cn:=a)", "a9078202636e830161" },
		     { "(cn;lang-de=a)", "a30f040a636e3b6c616e672d6465040161" } };
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf hex;
		struct error e;

		check_row(rows[i].filter);
		CHECK_INT(encode(str_from(rows[i].filter), &hex, &e), 0);
		CHECK_STR(buf_text(&hex), rows[i].hex);
		buf_release(&hex);
	}
	check_row(NULL);
}

static void test_malformed(void)
{
	static const struct { const char *filter, *text; } rows[] = {
		{ "", "an attribute name is missing at character 1 of the filter" },
		{ "()", "an attribute name is missing at character 2 of the filter" },
		{ "(a=b", "\")\" is missing at character 5 of the filter" },
		{ "(a=*", "\")\" is missing at character 5 of the filter" },
		{ "(a=b))", "one \")\" too many at character 6 of the filter" },
		{ "(a=b)(c=d)", "something after the end at character 6 of the filter" },
		{ "a=b)", "one \")\" too many at character 4 of the filter" },
		{ "(&(a=b)", "\")\" is missing at character 8 of the filter" },
		{ "(&a=b)", "\")\" is missing at character 3 of the filter" },
		{ "(!(a=b)(c=d))", "\"!\" takes just one filter at character 13 of the filter" },
		{ "(!)", "\"!\" takes just one filter at character 3 of the filter" },
		{ "(a=**)", "nothing between the asterisks at character 6 of the filter" },
		{ "(a=(b)", "\"(\" within a value (write \"\\28\") at character 4 of the filter" },
		{ "(a=\\zz)", "a backslash without two hex digits at character 5 of the filter" },
		{ "(a=\\4", "a backslash without two hex digits at character 5 of the filter" },
		{ "(a=\\", "a backslash without two hex digits at character 5 of the filter" },
		{ "(a>b)", "expected =, >=, <=, ~= or := at character 3 of the filter" },
		{ "(a", "expected =, >=, <=, ~= or := at character 3 of the filter" },
		{ "(a b=c)", "expected =, >=, <=, ~= or := at character 3 of the filter" },
		{ "(a>=*)", "an asterisk that must be written \"\\2a\" at character 5 of the filter" },
		{ "(a:=x*)", "an asterisk that must be written \"\\2a\" at character 6 of the filter" },
		{ "(:=x)", "neither attribute nor matching rule at character 4 of the filter" },
		{ "(:dn:=x)", "neither attribute nor matching rule at character 7 of the filter" },
		{ "(a:b)", "expected \":=\" or a matching rule at character 5 of the filter" },
		{ "(a::=x)", "expected \":=\" or a matching rule at character 4 of the filter" },
		{ "(a:b:c:=x)", "two matching rules at character 7 of the filter" },
		{ "(a:", "expected \":=\" or a matching rule at character 4 of the filter" }
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf hex;
		struct error e;

		check_row(rows[i].filter);
		CHECK_INT(encode(str_from(rows[i].filter), &hex, &e), -1);
		CHECK_INT(e.kind, ERROR_USAGE);
		CHECK_STR(e.text, rows[i].text);
		buf_release(&hex);
	}
	check_row("NUL in the value");
	{
		struct buf hex;
		struct error e;

		CHECK_INT(encode(str_of("(a=b\0c)", 7), &hex, &e), -1);
		buf_release(&hex);
		CHECK_INT(encode(str_of("(a\0=c)", 6), &hex, &e), -1);
		buf_release(&hex);
	}
	check_row(NULL);
}

/* levels times "(!", a filter, as many ")". */
static int nested(int levels)
{
	struct buf text, hex;
	struct error e;
	int i, rc;

	buf_init(&text, 10000);
	for (i = 0; i < levels - 1; i++)
		buf_puts(&text, "(!");
	buf_puts(&text, "(a=b)");
	for (i = 0; i < levels - 1; i++)
		buf_putc(&text, ')');
	rc = encode(buf_str(&text), &hex, &e);
	buf_release(&text);
	buf_release(&hex);
	return rc;
}

static void test_depth(void)
{
	CHECK_INT(nested(1), 0);
	CHECK_INT(nested(MAX_LDAP_FILTER_DEPTH), 0);
	CHECK_INT(nested(MAX_LDAP_FILTER_DEPTH + 1), -1);
	CHECK_INT(nested(2000), -1);
}

/* Wherever the text is cut, there is an answer and no read beyond the end. */
static void test_cut(void)
{
	static const char text[] = "(&(objectClass=person)(|(a=x*y\\2a*)(b>=1))(!(c:dn:1.2.3:=\\c3\\96)))";
	size_t len;

	for (len = 0; len < sizeof(text) - 1; len++) {
		struct buf copy, hex;
		struct error e;

		buf_init(&copy, 1000);
		buf_put(&copy, text, len);
		CHECK_INT(encode(buf_str(&copy), &hex, &e), -1);
		buf_release(&copy);
		buf_release(&hex);
	}
}

CHECK_SUITE(ldap_filter, CHECK_TEST(encode), CHECK_TEST(malformed), CHECK_TEST(depth), CHECK_TEST(cut));
