#include "fuzz/fuzz.h"

#include <string.h>
#include "base/buf.h"
#include "ldap/ldap_int.h"
#include "net/net_int.h"

/* The request for a tunnel is one, whatever the setting says. */
static void try_proxy(const char *value)
{
	struct proxy p;
	struct buf wire;
	struct error e;
	size_t i, lines = 0;

	error_init(&e);
	buf_init(&wire, 1 << 16);
	if (proxy_parse(&p, "HTTPS_PROXY", value, &e) == 0) {
		proxy_write_connect(&wire, &p, "example.org", 443);
		for (i = 0; i < wire.len; i++)
			lines += wire.data[i] == '\n';
		FUZZ_CHECK(lines == (p.auth.len > 0 ? 4u : 3u) && p.port >= 1 && p.port <= 65535);
	} else {
		FUZZ_CHECK(e.kind == ERROR_USAGE && strncmp(e.text, "HTTPS_PROXY", 11) == 0);
	}
	proxy_release(&p);
	buf_release(&wire);
}

static void try_hosts(struct str list, unsigned choice)
{
	struct ldap_options o;
	struct ldap_host h;
	struct error e;
	int rc;

	memset(&o, 0, sizeof(o));
	o.port = choice & 1 ? 636 : 389;
	o.tls = choice >> 1 & 1;
	o.start_tls = choice >> 2 & !o.tls;
	error_init(&e);
	while ((rc = ldap_host_next(&list, &o, &h, &e)) == 1)
		FUZZ_CHECK(h.name[0] != '\0' && h.port >= 1 && h.port <= 65535 && (h.tls || !o.tls));
	FUZZ_CHECK((rc < 0) == (e.kind != ERROR_NONE));
}

/* HTTPS_PROXY, NO_PROXY and LDAP_HOST, with zero bytes between. */
void fuzz_hosts(struct str input)
{
	static const char *const hosts[] = {
		"10.0.0.1", "::1", "example.org", "a.example.org.", "EXAMPLE.ORG", "fe80::1", "x", "192.168.255.1"
	};
	unsigned choice = fuzz_choice(&input);
	struct str part = STR("");
	struct buf text;

	buf_init(&text, 1 << 20);
	if (input.len > 0)
		str_next(&input, '\0', &part);
	buf_put_str(&text, part);
	try_proxy(buf_text(&text));
	buf_reset(&text);
	part = STR("");
	if (input.len > 0)
		str_next(&input, '\0', &part);
	buf_put_str(&text, part);
	proxy_excluded(buf_text(&text), str_from(hosts[choice % 8]), choice & 8 ? 443 : 8080);
	buf_release(&text);
	try_hosts(input, choice);
}
