#include "fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>
#include "base/limits.h"
#include "base/settings.h"
#include "fuzz/world.h"
#include "net/net.h"
#include "source/source.h"

/* A connection on which the input arrives. */
struct conn {
	struct str in;
	size_t step, shown;
};

static struct conn wire;

static struct conn *wire_open(void)
{
	return &wire;
}

static int wire_wait(struct conn *c)
{
	if (c->shown == 0)
		c->shown = c->step < c->in.len ? c->step : c->in.len;
	return 0;
}

static struct str wire_peek(struct conn *c)
{
	return str_sub(c->in, 0, c->shown);
}

static void wire_consume(struct conn *c, size_t n)
{
	FUZZ_CHECK(n <= c->shown);
	c->in = str_sub(c->in, n, c->in.len);
	c->shown -= n;
}

#define conn_open(net, host, port, flags, changed, cookie, e) ((void)(net), wire_open())
#define conn_close(c) ((void)(c))
#define conn_state(c) CONN_OPEN
#define conn_set_timeout(c, ms) ((void)(ms))
#define conn_expect(c, on) ((void)(c))
#define conn_start_tls(c, flags) ((void)(flags))
#define conn_wait(c, what, e) wire_wait(c)
#define conn_peek(c) wire_peek(c)
#define conn_consume(c, n) wire_consume(c, n)
#define conn_write(c, data, len) ((void)(c))
#include "ldap/ldap_client.c"

static void set_up(unsigned choice, unsigned more)
{
	static const char *const switches[] = {
		"LDAP_USE_OU_STRUCTURE", "LDAP_USE_OU_DESCRIPTION", "LDAP_USE_SAMACCOUNTNAME",
		"LDAP_USE_WINDOWS_LOGIN_EMAIL", "LDAP_USE_REAL_EMAIL_AS_EMAIL", "TIMECAMP_USE_SUPERVISOR_GROUPS",
		"LDAP_USE_START_TLS"
	};
	size_t i;

	world_set("LDAP_HOST", "h");
	world_set("LDAP_DOMAIN", "x.org");
	world_set("LDAP_DN", "dc=x");
	world_set("LDAP_USERNAME", "u");
	world_set("LDAP_PASSWORD", "p");
	world_set("FETCH_MAX_SHRINK", "");
	for (i = 0; i < sizeof(switches) / sizeof(switches[0]); i++)
		world_set(switches[i], choice >> i & 1 ? "true" : "false");
	if (more & 1)
		world_set("LDAP_ATTR_ID", "uid");
	if (more & 2)
		world_set("LDAP_SUPERVISOR_GROUP_NAME", "Leads");
	if (more & 4)
		world_set("TIMECAMP_REPLACE_EMAIL_DOMAIN", "x.org");
	if (more & 8)
		world_set("LDAP_PAGE_SIZE", "0");
}

/* All that an LDAP server sends in the course of a read: the answers to login, pages, look-ups, ranges. */
void fuzz_directory(struct str input)
{
	unsigned choice = fuzz_choice(&input), more = fuzz_choice(&input);
	struct source_read read;
	struct error e;
	int rc;

	world_reset();
	set_up(choice, more);
	wire.in = input;
	wire.step = more & 16 ? 1 + (more >> 5) : input.len;
	wire.shown = 0;
	memset(&read, 0, sizeof(read));
	read.path = "users.json";
	error_init(&e);
	rc = source_fetch(source_find("ldap"), &read, NULL, &e);
	FUZZ_CHECK((rc == 0) == (e.kind == ERROR_NONE));
	FUZZ_CHECK(rc != 0 || world_is_json(world_text(read.path)));
}
