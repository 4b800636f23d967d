#include "fuzz/fuzz.h"

#include <string.h>

#include "net/tls_int.h"

/*
 * What a server sends to prove who it is. The first byte chooses how it is asked; then come certificates, each after
 * its length in two bytes. The first of them is the CA that is trusted, and is not sent.
 */
enum choice { ANY_CERTIFICATE = 1, BY_ADDRESS = 2, NO_CA = 4, IN_PIECES = 8 };

static struct str take_certificate(struct str *input)
{
	size_t len = input->len > 1 ? (unsigned char)input->ptr[0] * 256u + (unsigned char)input->ptr[1] : 0;
	struct str der = str_sub(*input, 2, len);

	*input = str_sub(*input, 2 + len, input->len);
	return der;
}

static void append_name(void *cookie, const void *data, size_t len)
{
	buf_put(cookie, data, len);
}

/* As trust.c does it, for one. */
static void trust_one(struct trust *t, br_x509_trust_anchor *a, br_x509_decoder_context *d, struct buf *name, struct str der)
{
	br_x509_pkey *key;

	br_x509_decoder_init(d, append_name, name);
	br_x509_decoder_push(d, der.ptr, der.len);
	key = br_x509_decoder_get_pkey(d);
	if (!key || name->failed)
		return;
	a->flags = br_x509_decoder_isCA(d) ? BR_X509_TA_CA : 0;
	a->dn.data = (unsigned char *)name->data;
	a->dn.len = name->len;
	a->pkey = *key;
	t->anchors = a;
	t->n = 1;
}

static void send_certificate(struct verify *v, struct str der, size_t piece)
{
	size_t at;

	v->vtable->start_cert(&v->vtable, (uint32_t)der.len);
	for (at = 0; at < der.len; at += piece) {
		struct str part = str_sub(der, at, piece);

		v->vtable->append(&v->vtable, (const unsigned char *)part.ptr, part.len);
	}
	v->vtable->end_cert(&v->vtable);
}

/* Whoever is refused is told why; who is not has a key, and a CA that is trusted. */
void fuzz_chain(struct str input)
{
	unsigned choice = fuzz_choice(&input);
	const char *host = choice & BY_ADDRESS ? "127.0.0.1" : "localhost";
	struct trust trust;
	struct verify v;
	br_x509_trust_anchor anchor;
	br_x509_decoder_context decoder;
	struct buf name;
	unsigned code;

	memset(&trust, 0, sizeof trust);
	memset(&anchor, 0, sizeof anchor);
	buf_init(&name, MAX_CERTIFICATE);
	if (!(choice & NO_CA))
		trust_one(&trust, &anchor, &decoder, &name, take_certificate(&input));
	verify_init(&v, &trust, host, (choice & ANY_CERTIFICATE) != 0);
	v.vtable->start_chain(&v.vtable, host);
	while (input.len)
		send_certificate(&v, take_certificate(&input), choice & IN_PIECES ? 7 : MAX_CERTIFICATE);
	code = v.vtable->end_chain(&v.vtable);
	FUZZ_CHECK(code == 0 || strstr(v.error.text, host));
	FUZZ_CHECK(code != 0 || v.vtable->get_pkey(&v.vtable, NULL));
	FUZZ_CHECK(code != 0 || trust.n || (choice & ANY_CERTIFICATE));
	verify_release(&v);
	buf_release(&name);
}
