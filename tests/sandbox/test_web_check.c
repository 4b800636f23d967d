#include "sandbox/test_web.h"

#include <stdio.h>
#include <string.h>

#include "port.h"
#include "sandbox/tlsrelay.h"

#define TEXT 128		/* bytes of a setting with its NUL */

/* What the settings of a source are called, and what it must say when it is not let in. */
static const struct names {
	const char *source;
	const char *bases[3];		/* settings of the service's addresses, each with what follows the host */
	const char *paths[3];
	const char *wrong;		/* credentials that are not right */
	const char *denied, *forbidden, *nobody;
} all_names[] = {
	{ "bamboohr", { "BAMBOOHR_API_URL", NULL, NULL }, { "", NULL, NULL }, "BAMBOOHR_API_KEY=wrong-one", "BAMBOOHR_API_KEY",
	  "BAMBOOHR_API_KEY", "nobody is in the list" },
	{ "hibob", { "HIBOB_API_URL", NULL, NULL }, { "", NULL, NULL }, "HIBOB_SERVICE_USER_TOKEN=wrong-one",
	  "HIBOB_SERVICE_USER_TOKEN", "permission", "nobody" },
	{ "okta", { "OKTA_ORG_URL", NULL, NULL }, { "", NULL, NULL }, "OKTA_API_TOKEN=wrong-one", "OKTA_API_TOKEN",
	  "okta.users.read", "no user" },
	{ "entra", { "AZURE_LOGIN_URL", "AZURE_GRAPH_URL", "AZURE_SCIM_ENDPOINT" }, { "", "", "/v1.0/users" },
	  "AZURE_CLIENT_SECRET=wrong-one", "AZURE_CLIENT_SECRET", "User.Read.All", "there are none" },
	{ "factorial", { "FACTORIAL_API_URL", NULL, NULL }, { "/api/2026-04-01", NULL, NULL }, "FACTORIAL_API_KEY=wrong-one",
	  "FACTORIAL_API_KEY", "permission", "nobody" }
};

/* One thing that is wrong, or nothing. */
struct check_row {
	const char *name;
	enum { AS_IS, WRONG_KEY, NO_PERMISSION, NOBODY, OTHER_ADDRESS, NO_PROXY_THERE, BAD_CERTIFICATE } what;
	const char *address;		/* of the service, instead of its own */
	int code;
	const char *says;		/* NULL: what the source says of credentials or permissions */
};

static const struct check_row rows[] = {
	{ "all is well", AS_IS, NULL, 0, "" },
	{ "unknown host", OTHER_ADDRESS, "http://no-such-host.invalid", 6, "no-such-host.invalid" },
	{ "connection refused", OTHER_ADDRESS, "http://127.0.0.1:1", 6, "127.0.0.1:1: " },
	{ "unreachable proxy", NO_PROXY_THERE, "https://service.example", 6, "the proxy" },
	{ "unknown certificate", BAD_CERTIFICATE, NULL, 6, "CA_FILE" },
	{ "wrong credentials", WRONG_KEY, NULL, 7, NULL },
	{ "missing permission", NO_PERMISSION, NULL, 7, NULL },
	{ "nobody", NOBODY, NULL, -1, NULL }
};

/* Points the settings of all addresses to the address. The number of settings. */
static size_t point_to(const struct names *n, const char *address, char (*texts)[TEXT], const char **env)
{
	size_t i;

	for (i = 0; i < 3 && n->bases[i]; i++) {
		snprintf(texts[i], TEXT, "%s=%s%s", n->bases[i], address, n->paths[i]);
		env[i] = texts[i];
	}
	return i;
}

/* An address with a certificate that nobody vouches for. NULL on failure. */
static struct tlsrelay *start_relay(const struct websim *sim, char address[TEXT], struct error *e)
{
	struct tlsrelay *relay;
	uint64_t port = 0;

	str_to_u64(str_sub(str_from(websim_base(sim)), sizeof("http://127.0.0.1:") - 1, 8), &port);
	relay = tlsrelay_new("unknown.pem", (unsigned)port, e);
	if (relay)
		snprintf(address, TEXT, "https://127.0.0.1:%u", tlsrelay_port(relay));
	return relay;
}

static const char *judge(const struct web_run *r, const struct check_row *row, const struct names *n)
{
	const char *says = row->says ? row->says : row->what == WRONG_KEY ? n->denied : row->what == NOBODY ? n->nobody : n->forbidden;

	if (row->code >= 0 && r->code != row->code)
		return "another exit code";
	if (!strstr(buf_text(&r->out), says) && !strstr(buf_text(&r->err), says))
		return says;
	return str_eqz(buf_str(&r->users), WEB_OLD_USERS) ? NULL : "users.json was touched";
}

static void run_row(struct web_tests *t, const struct check_row *row, const struct names *n)
{
	char texts[3][TEXT], address[TEXT] = "";
	struct web_run r;
	struct error e;
	size_t count = 0;

	error_init(&e);
	web_run_init(&r, n->source);
	r.company.people = row->what == NOBODY ? 0 : 10;
	r.args[0] = "check";
	r.args[1] = n->source;
	r.sim = websim_new_company(n->source, &r.company, &e);
	if (row->what == BAD_CERTIFICATE && r.sim)
		r.relay = start_relay(r.sim, address, &e);
	if (row->address)
		snprintf(address, sizeof(address), "%s", row->address);
	if (*address)
		count = point_to(n, address, texts, r.env);
	if (row->what == NO_PROXY_THERE)
		r.env[count] = "HTTPS_PROXY=http://127.0.0.1:1";
	if (row->what == WRONG_KEY)
		r.env[count] = n->wrong;
	r.faults.fault = row->what == NO_PERMISSION ? WEBSIM_DENY : WEBSIM_GOOD;
	if (r.sim && !web_run(t, &r, &e)) {
		if (row->what == WRONG_KEY)
			buf_reset(&r.problems);	/* that the service does not take it is the point */
		web_judge(t, &r, row->name, judge(&r, row, n));
	} else {
		web_judge(t, &r, row->name, e.text);
	}
	tlsrelay_free(r.relay);
	websim_free(r.sim);
	web_run_release(&r);
}

void web_check(struct web_tests *t, const char *source)
{
	size_t i = 0, j;

	while (i < sizeof(all_names) / sizeof(*all_names) && strcmp(all_names[i].source, source) != 0)
		i++;
	for (j = 0; j < sizeof(rows) / sizeof(*rows); j++)
		run_row(t, &rows[j], &all_names[i]);
}
