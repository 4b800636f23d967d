#include <stdlib.h>
#include <string.h>

#include "base/settings.h"
#include "net/http.h"
#include "net/net_int.h"

#define NAME_MS 60000		/* how long a looked-up name is good */
#define NAMES_KEPT 32

struct net *net_new(const struct net_options *o, struct error *e)
{
	struct net *n = calloc(1, sizeof *n);

	if (!n) {
		error_memory(e);
		return NULL;
	}
	n->o = *o;
	loop_init(&n->loop);
	return n;
}

static void free_name(struct resolved *r)
{
	free(r->host);
	free(r);
}

void net_free(struct net *n)
{
	struct resolved *r, *next;

	if (!n)
		return;
	for (r = n->names; r; r = next) {
		next = r->next;
		free_name(r);
	}
	proxy_release(&n->proxies[0]);
	proxy_release(&n->proxies[1]);
	trust_free(n->trust);
	loop_release(&n->loop);
	free(n);
}

int net_run(struct net *n, int ms, struct error *e)
{
	return loop_round(&n->loop, ms, e);
}

/* ---- names ----------------------------------------------------------------------------------- */

/* Where the entry hangs, or the NULL at the list's end. */
static struct resolved **find_name(struct net *n, const char *host, unsigned port)
{
	struct resolved **at = &n->names;

	while (*at && ((*at)->port != port || strcmp((*at)->host, host) != 0))
		at = &(*at)->next;
	return at;
}

static void drop_name(struct resolved **at)
{
	struct resolved *r = *at;

	*at = r->next;
	free_name(r);
}

void net_forget(struct net *n, const char *host, unsigned port)
{
	struct resolved **at = find_name(n, host, port);

	if (*at)
		drop_name(at);
}

/* Keeping it is a convenience: without memory it is looked up again. */
static void keep_name(struct net *n, const char *host, unsigned port, const struct port_addr *addrs,
		      int count)
{
	struct resolved *r = calloc(1, sizeof *r), **at;
	size_t len = strlen(host) + 1;
	int kept = 0;

	if (!r || !(r->host = malloc(len))) {
		free(r);
		return;
	}
	memcpy(r->host, host, len);
	memcpy(r->addrs, addrs, (size_t)count * sizeof *addrs);
	r->port = port;
	r->n = count;
	r->at = port_mono_ms();
	r->next = n->names;
	n->names = r;
	for (at = &n->names; *at; at = &(*at)->next) {
		if (++kept > NAMES_KEPT) {
			drop_name(at);
			return;
		}
	}
}

int net_resolve(struct net *n, const char *host, unsigned port, struct port_addr out[NET_ADDRESSES],
		struct error *e)
{
	struct resolved **at = find_name(n, host, port);
	int count;

	if (*at && port_mono_ms() - (*at)->at < NAME_MS) {
		memcpy(out, (*at)->addrs, (size_t)(*at)->n * sizeof *out);
		return (*at)->n;
	}
	count = port_resolve(host, port, out, NET_ADDRESSES, e);
	if (count < 0 && *at) {
		/* what answered before is better than nothing while the name service is away */
		error_init(e);
		(*at)->at = port_mono_ms();
		return net_resolve(n, host, port, out, e);
	}
	net_forget(n, host, port);
	if (count > 0)
		keep_name(n, host, port, out, count);
	return count;
}

/* ---- settings -------------------------------------------------------------------------------- */

const struct setting net_settings[] = {
	{ "HTTPS_PROXY", SETTING_TEXT, NULL, SETTING_SECRET,
	  "proxy for https, http://user:password@host:port (percent-encoded); https_proxy is read too" },
	{ "HTTP_PROXY", SETTING_TEXT, NULL, SETTING_SECRET | SETTING_RARE, "the same for plain http" },
	{ "NO_PROXY", SETTING_LIST, NULL, 0,
	  "list of what is reached directly: names (and all below), addresses, networks, *, name:port" },
	{ "CA_FILE", SETTING_TEXT, NULL, SETTING_FILE,
	  "file (PEM) with CA certificates to trust besides the system's" },
	{ "CLIENT_CERT", SETTING_TEXT, NULL, SETTING_FILE,
	  "file (PEM) with our certificate, for servers that want one" },
	{ "CLIENT_KEY", SETTING_TEXT, NULL, SETTING_FILE,
	  "file (PEM) with its key, RSA or EC, not encrypted" },
	{ "NET_TIMEOUT", SETTING_SECONDS, "30", 0, "seconds that a connection may make no progress" },
	{ "NET_RETRIES", SETTING_INT, "5", 0, "how often a failed request is tried again" },
	{ "NET_WAIT_SCALE", SETTING_FACTOR, "1", SETTING_RARE,
	  "every wait between tries is multiplied by it; 0: no waits" },
	{ NULL, SETTING_TEXT, NULL, 0, NULL }
};

/* The usual lower-case name in the environment counts when ours is not set. */
static const char *text_or_env(const char *name, const char *env)
{
	const char *value = settings_text(name);

	if (!*value && port_getenv(env))
		value = port_getenv(env);
	return value;
}

void net_options_from_settings(struct net_options *o)
{
	int64_t seconds = settings_int("NET_TIMEOUT");

	memset(o, 0, sizeof *o);
	o->timeout_ms = seconds > 0 && seconds < 86400 ? (int)seconds * 1000 : 86400 * 1000;
	o->https_proxy = text_or_env("HTTPS_PROXY", "https_proxy");
	o->http_proxy = text_or_env("HTTP_PROXY", "http_proxy");
	o->no_proxy = text_or_env("NO_PROXY", "no_proxy");
	o->ca_file = settings_text("CA_FILE");
	o->client_cert = settings_text("CLIENT_CERT");
	o->client_key = settings_text("CLIENT_KEY");
}
