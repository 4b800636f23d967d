#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ldap/ldap_int.h"

/* The hosts of a list as "name port tls;", or the error's kind as a number. */
static void describe(const char *hosts, unsigned port, int tls, int start_tls, char *out, size_t cap)
{
	struct ldap_options o;
	struct ldap_host h;
	struct str list = str_from(hosts);
	struct error e;
	size_t n = 0;
	int rc;

	memset(&o, 0, sizeof(o));
	o.port = port;
	o.tls = tls;
	o.start_tls = start_tls;
	error_init(&e);
	out[0] = '\0';
	while ((rc = ldap_host_next(&list, &o, &h, &e)) == 1)
		n += (size_t)snprintf(out + n, cap - n, "%s %u%s;", h.name, h.port, h.tls ? " tls" : "");
	if (rc == -1)
		snprintf(out, cap, "error %d", (int)e.kind);
}

/* However many separators stand between two hosts. */
static void test_separators(void)
{
	char out[64];
	size_t size = 1 << 20;
	char *hosts = malloc(size);

	if (!CHECK(hosts != NULL))
		return;
	memset(hosts, ',', size);
	memcpy(hosts, "dc1", 3);
	memcpy(hosts + size - 4, "dc2", 4);
	describe(hosts, 389, 0, 0, out, sizeof(out));
	CHECK_STR(out, "dc1 389;dc2 389;");
	free(hosts);
}

static void test_list(void)
{
	static const struct { const char *hosts; unsigned port; int tls, start_tls; const char *is; } rows[] = {
		{ "dc1", 389, 0, 0, "dc1 389;" },
		{ "dc1", 389, 1, 0, "dc1 636 tls;" },
		{ "dc1", 3269, 1, 0, "dc1 3269 tls;" },
		{ "dc1", 636, 0, 0, "dc1 636 tls;" },
		{ "dc1", 636, 0, 1, "dc1 636;" },
		{ " dc1  dc2\tdc3\n", 389, 0, 0, "dc1 389;dc2 389;dc3 389;" },
		{ "dc1,dc2", 389, 0, 0, "dc1 389;dc2 389;" },
		{ "dc1, dc2", 389, 0, 0, "dc1 389;dc2 389;" },
		{ " ,, ,dc1,,\fdc2 ,", 389, 0, 0, "dc1 389;dc2 389;" },
		{ "dc1:1389", 389, 0, 0, "dc1 1389;" },
		{ "dc1:389", 389, 1, 0, "dc1 389 tls;" },
		{ "ldap://dc1", 389, 0, 0, "dc1 389;" },
		{ "ldaps://dc1", 389, 0, 0, "dc1 636 tls;" },
		{ "LDAPS://dc1/", 389, 0, 0, "dc1 636 tls;" },
		{ "ldaps://dc1:1636 ldap://dc2:1389", 389, 0, 0, "dc1 1636 tls;dc2 1389;" },
		{ "ldap://dc1", 389, 1, 0, "dc1 636 tls;" },
		{ "127.0.0.1", 389, 0, 0, "127.0.0.1 389;" },
		{ "::1", 389, 0, 0, "::1 389;" },
		{ "[::1]", 389, 0, 0, "::1 389;" },
		{ "[::1]:1389", 389, 0, 0, "::1 1389;" },
		{ "ldaps://[fe80::1]:1636", 389, 0, 0, "fe80::1 1636 tls;" },
		{ "", 389, 0, 0, "" },
		{ "ldaps://dc1", 389, 0, 1, "error 2" },
		{ "http://dc1", 389, 0, 0, "error 2" },
		{ "ldap://dc1/dc=x", 389, 0, 0, "error 2" },
		{ "dc1:", 389, 0, 0, "error 2" },
		{ "dc1:0", 389, 0, 0, "error 2" },
		{ "dc1:65536", 389, 0, 0, "error 2" },
		{ "dc1:abc", 389, 0, 0, "error 2" },
		{ "[::1", 389, 0, 0, "error 2" },
		{ "[::1]x", 389, 0, 0, "error 2" },
		{ "[]", 389, 0, 0, "error 2" },
		{ "ldap://", 389, 0, 0, "error 2" }
	};
	char is[500];
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		check_row(rows[i].hosts);
		describe(rows[i].hosts, rows[i].port, rows[i].tls, rows[i].start_tls, is, sizeof(is));
		CHECK_STR(is, rows[i].is);
	}
	check_row(NULL);
}

/* A name that just fits, and one that is a byte longer. */
static void test_long_name(void)
{
	char name[300], is[500];

	memset(name, 'a', sizeof(name));
	name[255] = '\0';
	describe(name, 389, 0, 0, is, sizeof(is));
	CHECK(strncmp(is, "aaaa", 4) == 0);
	name[255] = 'a';
	name[256] = '\0';
	describe(name, 389, 0, 0, is, sizeof(is));
	CHECK_STR(is, "error 2");
}

CHECK_SUITE(ldap_host, CHECK_TEST(list), CHECK_TEST(separators), CHECK_TEST(long_name));
