#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "net/tls_int.h"
#include "net/x509.h"

#define DAYS_TO_1970 719528	/* BearSSL counts days from the year 0 */

/* The chain in its order, leaf first. */
struct path {
	struct x509 certs[MAX_CHAIN];
	struct str ders[MAX_CHAIN];
	size_t n;
};

static struct str sent(const struct verify *v, size_t i)
{
	size_t from = i ? v->ends[i - 1] : 0;

	return str_sub(buf_str(&v->der), from, v->ends[i] - from);
}

/* ---- collecting ------------------------------------------------------------------------------ */

static struct verify *self(const br_x509_class **ctx)
{
	return (struct verify *)(void *)ctx;
}

static void start_chain(const br_x509_class **ctx, const char *server_name)
{
	struct verify *v = self(ctx);

	(void)server_name;
	buf_reset(&v->der);
	v->n = 0;
	v->too_many = 0;
}

static void start_cert(const br_x509_class **ctx, uint32_t length)
{
	struct verify *v = self(ctx);

	if (v->n == MAX_CHAIN || length > MAX_CERTIFICATE)
		v->too_many = 1;
}

static void append(const br_x509_class **ctx, const unsigned char *data, size_t len)
{
	if (!self(ctx)->too_many)
		buf_put(&self(ctx)->der, data, len);
}

static void end_cert(const br_x509_class **ctx)
{
	struct verify *v = self(ctx);

	if (!v->too_many)
		v->ends[v->n++] = v->der.len;
}

/* ---- messages -------------------------------------------------------------------------------- */

static const struct {
	unsigned code;
	const char *text;
} x509_texts[] = {
	{ BR_ERR_X509_BAD_SIGNATURE, "has a wrong signature" },
	{ BR_ERR_X509_DN_MISMATCH, "has a broken chain: a certificate was not issued by the next one" },
	{ BR_ERR_X509_CRITICAL_EXTENSION, "has a critical extension that is not supported" },
	{ BR_ERR_X509_NOT_CA, "was issued by a certificate that is no CA, or too far below one" },
	{ BR_ERR_X509_FORBIDDEN_KEY_USAGE, "has a key that must not be used for this" },
	{ BR_ERR_X509_WEAK_PUBLIC_KEY, "has a weak key in its chain; RSA keys need 2048 bits" },
	{ BR_ERR_X509_WRONG_KEY_TYPE, "has a key of the wrong type" },
	{ BR_ERR_X509_UNSUPPORTED,
	  "has a key or signature that is not supported (RSA and ECDSA with SHA-2 are)" },
	{ BR_ERR_X509_LIMIT_EXCEEDED, "is too large" },
};

static unsigned refuse(struct verify *v, unsigned code, const char *what)
{
	error_set(&v->error, ERROR_UPSTREAM, "the certificate of \"%s\" %s", v->host, what);
	return code;
}

/* "2026-01-31T08:15:00Z" */
static unsigned refuse_date(struct verify *v, unsigned code, size_t depth, const char *what, int64_t epoch)
{
	char date[21];

	date_format_utc(date, epoch);
	error_set(&v->error, ERROR_UPSTREAM,
		  "%s of \"%s\" %s %s; the server needs a new one (or the clock of this "
		  "machine is wrong)",
		  depth ? "a CA certificate in the chain" : "the certificate", v->host, what, date);
	return code;
}

static unsigned explain_dates(struct verify *v, const struct path *p, unsigned code)
{
	int64_t now = port_wall_ms() / 1000;
	size_t i;

	for (i = 0; i < p->n; i++) {
		if (now > p->certs[i].not_after)
			return refuse_date(v, code, i, "expired on", p->certs[i].not_after);
		if (now < p->certs[i].not_before)
			return refuse_date(v, code, i, "is valid only from", p->certs[i].not_before);
	}
	return refuse(v, code, "is not valid now; is the clock of this machine right?");
}

static unsigned explain_name(struct verify *v, const struct path *p, unsigned code)
{
	struct buf names;

	buf_init(&names, ERROR_TEXT_MAX);
	x509_put_names(&names, &p->certs[0]);
	error_set(&v->error, ERROR_UPSTREAM,
		  "the certificate of \"%s\" is for %s; use the name that it is for", v->host,
		  buf_text(&names));
	buf_release(&names);
	return code;
}

static unsigned explain_issuer(struct verify *v, const struct path *p, unsigned code)
{
	const struct x509 *last = &p->certs[p->n - 1];
	struct buf name;

	if (p->n == 1 && str_eq(last->issuer, last->subject))
		return refuse(
			v, code,
			"is self-signed; if it is the right one, put it (PEM) into the CA_FILE");
	buf_init(&name, ERROR_TEXT_MAX);
	x509_put_name(&name, last->issuer);
	error_set(&v->error, ERROR_UPSTREAM,
		  "the certificate of \"%s\" comes from an unknown CA, \"%s\"; if that is your own "
		  "CA, put its certificate (PEM) into the CA_FILE",
		  v->host, buf_text(&name));
	buf_release(&name);
	return code;
}

/* Signatures that nobody trusts any more; BearSSL only says that it does not know them. */
static int has_old_hash(const struct path *p)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		if ((p->certs[i].signature_hash == X509_HASH_MD5 ||
		     p->certs[i].signature_hash == X509_HASH_SHA1) &&
		    !str_eq(p->certs[i].issuer, p->certs[i].subject))
			return 1;
	return 0;
}

static unsigned explain(struct verify *v, const struct path *p, unsigned code)
{
	char text[80];
	size_t i;

	if (code == BR_ERR_X509_EXPIRED)
		return explain_dates(v, p, code);
	if (code == BR_ERR_X509_BAD_SERVER_NAME)
		return explain_name(v, p, code);
	if (has_old_hash(p))
		return refuse(v, code, "has a signature with MD5 or SHA-1, which can be forged");
	if (code == BR_ERR_X509_NOT_TRUSTED)
		return explain_issuer(v, p, code);
	for (i = 0; i < sizeof x509_texts / sizeof x509_texts[0]; i++)
		if (x509_texts[i].code == code)
			return refuse(v, code, x509_texts[i].text);
	snprintf(text, sizeof text, "is malformed (code %u)", code);
	return refuse(v, code, text);
}

/* ---- checking -------------------------------------------------------------------------------- */

/* Leaf first, then each one's issuer; what belongs to nobody is left out. The leaf is the first one sent. */
static int put_in_order(struct verify *v, struct path *p)
{
	struct x509 all[MAX_CHAIN];
	int used[MAX_CHAIN] = { 0 };
	size_t i, at = 0;

	for (i = 0; i < v->n; i++)
		if (x509_parse(&all[i], sent(v, i)) < 0)
			return -1;
	for (p->n = 0; at < v->n;) {
		used[at] = 1;
		p->certs[p->n] = all[at];
		p->ders[p->n++] = sent(v, at);
		if (str_eq(all[at].issuer, all[at].subject))
			return 0;
		for (i = 0; i < v->n; i++)
			if (!used[i] && str_eq(all[i].subject, all[at].issuer))
				break;
		at = i;
	}
	return 0;
}

static unsigned run_minimal(struct verify *v, const struct path *p, int by_name)
{
	static const struct {
		int id;
		const br_hash_class *hash;
	} hashes[] = {
		{ br_sha224_ID, &br_sha224_vtable }, { br_sha256_ID, &br_sha256_vtable },
		{ br_sha384_ID, &br_sha384_vtable }, { br_sha512_ID, &br_sha512_vtable },
	};
	br_x509_minimal_context *m = &v->u.minimal;
	int64_t now = port_wall_ms() / 1000;
	size_t i;

	br_x509_minimal_init(m, &br_sha256_vtable, v->trust->anchors, v->trust->n);
	br_x509_minimal_set_rsa(m, br_rsa_pkcs1_vrfy_get_default());
	br_x509_minimal_set_ecdsa(m, br_ec_get_default(), br_ecdsa_vrfy_asn1_get_default());
	for (i = 0; i < sizeof hashes / sizeof hashes[0]; i++)
		br_x509_minimal_set_hash(m, hashes[i].id, hashes[i].hash);
	br_x509_minimal_set_minrsa(m, MIN_RSA_BITS / 8);
	br_x509_minimal_set_time(m, (uint32_t)(now / 86400 + DAYS_TO_1970), (uint32_t)(now % 86400));
	m->vtable->start_chain(&m->vtable, by_name ? v->host : NULL);
	for (i = 0; i < p->n; i++) {
		m->vtable->start_cert(&m->vtable, (uint32_t)p->ders[i].len);
		m->vtable->append(&m->vtable, (const unsigned char *)p->ders[i].ptr, p->ders[i].len);
		m->vtable->end_cert(&m->vtable);
	}
	return m->vtable->end_chain(&m->vtable);
}

/* What BearSSL does not look at. */
static unsigned check_more(struct verify *v, const struct path *p, const struct addr *address)
{
	size_t i;

	if (address && !x509_has_address(&p->certs[0], address->bytes, address->len))
		return explain_name(v, p, BR_ERR_X509_BAD_SERVER_NAME);
	if (p->certs[0].restricted && !p->certs[0].for_server)
		return refuse(v, BR_ERR_X509_FORBIDDEN_KEY_USAGE,
			      "is not meant for servers (extended key usage)");
	for (i = 0; i < p->n; i++)
		if (p->certs[i].rsa_bits > 0 && p->certs[i].rsa_bits < MIN_RSA_BITS)
			return explain(v, p, BR_ERR_X509_WEAK_PUBLIC_KEY);
	return 0;
}

static unsigned check(struct verify *v)
{
	struct path p;
	struct addr address;
	int by_address = addr_parse(&address, str_from(v->host));
	unsigned code;

	if (put_in_order(v, &p) < 0)
		return refuse(v, BR_ERR_X509_UNEXPECTED, "is malformed");
	code = run_minimal(v, &p, !by_address);
	if (code != 0)
		return explain(v, &p, code);
	return check_more(v, &p, by_address ? &address : NULL);
}

static unsigned decode_leaf(struct verify *v)
{
	struct str leaf = sent(v, 0);

	br_x509_decoder_init(&v->u.decoder, NULL, NULL);
	br_x509_decoder_push(&v->u.decoder, leaf.ptr, leaf.len);
	if (br_x509_decoder_get_pkey(&v->u.decoder))
		return 0;
	return refuse(v, BR_ERR_X509_UNSUPPORTED,
		      "is malformed, or its key is of a kind that is not supported");
}

static unsigned end_chain(const br_x509_class **ctx)
{
	struct verify *v = self(ctx);

	if (v->n == 0 && !v->too_many)
		return refuse(v, BR_ERR_X509_EMPTY_CHAIN, "is missing: the server sent none");
	if (v->too_many || v->der.failed)
		return refuse(v, BR_ERR_X509_LIMIT_EXCEEDED, "comes with too many or too large certificates");
	return v->accept_any ? decode_leaf(v) : check(v);
}

static const br_x509_pkey *get_pkey(const br_x509_class *const *ctx, unsigned *usages)
{
	struct verify *v = (struct verify *)(void *)ctx;

	if (!v->accept_any)
		return v->u.minimal.vtable->get_pkey(&v->u.minimal.vtable, usages);
	if (usages)
		*usages = BR_KEYTYPE_KEYX | BR_KEYTYPE_SIGN;
	return br_x509_decoder_get_pkey(&v->u.decoder);
}

void verify_init(struct verify *v, struct trust *trust, const char *host, int accept_any)
{
	static const br_x509_class vtable = {
		sizeof(struct verify), start_chain, start_cert, append, end_cert, end_chain, get_pkey
	};

	memset(v, 0, sizeof *v);
	v->vtable = &vtable;
	v->trust = trust;
	v->host = host;
	v->accept_any = accept_any;
	buf_init(&v->der, MAX_CERTIFICATE);
}

void verify_release(struct verify *v)
{
	buf_release(&v->der);
}
