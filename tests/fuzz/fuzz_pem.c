#include "fuzz/fuzz.h"

#include "net/pem.c"
#include "net/trust.c"

struct seen {
	struct trust *trust;
	int objects;
};

/* What the program does with each object of CA_FILE, CLIENT_CERT and CLIENT_KEY. */
static int take_object(void *cookie, const char *name, struct str der, struct error *e)
{
	struct seen *s = cookie;
	const char *why;

	FUZZ_CHECK(strlen(name) < sizeof(((struct pem *)0)->name));
	FUZZ_CHECK(der.len <= MAX_CERTIFICATE);
	s->objects++;
	add_anchor(s->trust, der, &why, e);
	chain_object(s->trust, name, der, e);
	br_skey_decoder_init(&s->trust->key);
	key_object(s->trust, name, der, e);
	return 0;
}

static int read_cut(struct str input, size_t step, struct error *e)
{
	static const struct net_options nothing;
	struct seen s = { NULL, 0 };
	struct pem p;
	size_t at;
	int rc = 0;

	memset(&p, 0, sizeof p);
	buf_init(&p.line, 2 * MAX_CERTIFICATE);
	buf_init(&p.base64, 2 * MAX_CERTIFICATE);
	buf_init(&p.der, MAX_CERTIFICATE);
	error_init(e);
	s.trust = trust_new(&nothing, e);
	p.object = take_object;
	p.cookie = &s;
	for (at = 0; rc == 0 && at < input.len; at += step)
		rc = pem_push(&p, input.ptr + at, step < input.len - at ? step : input.len - at, e);
	buf_wipe(&p.line);
	buf_wipe(&p.base64);
	buf_wipe(&p.der);
	trust_free(s.trust);
	return rc < 0 ? -1 : s.objects;
}

/* However the file is cut into blocks, it holds the same. */
void fuzz_pem(struct str input)
{
	unsigned choice = fuzz_choice(&input);
	struct error a, b;

	FUZZ_CHECK(read_cut(input, input.len + 1, &a) == read_cut(input, choice % 64 + 1, &b));
	FUZZ_CHECK(str_eq(str_from(a.text), str_from(b.text)));
}
