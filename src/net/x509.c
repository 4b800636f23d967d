#include "net/x509.h"

#include <string.h>
#include "base/date.h"

/* Identifiers and tags, X.690 and RFC 5280. */
#define TAG_INTEGER 0x02
#define TAG_BIT_STRING 0x03
#define TAG_OCTET_STRING 0x04
#define TAG_OID 0x06
#define TAG_UTC_TIME 0x17
#define TAG_GENERALIZED_TIME 0x18
#define TAG_BOOLEAN 0x01
#define TAG_SEQUENCE 0x30
#define TAG_SET 0x31
#define TAG_VERSION 0xa0
#define TAG_EXTENSIONS 0xa3
#define TAG_DNS_NAME 0x82
#define TAG_IP_ADDRESS 0x87

#define NAMES_SHOWN 5

#define OID_SUBJECT_ALT_NAME STR("\x55\x1d\x11")
#define OID_EXT_KEY_USAGE STR("\x55\x1d\x25")
#define OID_ANY_USAGE STR("\x55\x1d\x25\x00")
#define OID_SERVER_AUTH STR("\x2b\x06\x01\x05\x05\x07\x03\x01")
#define OID_COMMON_NAME STR("\x55\x04\x03")
#define OID_ORGANIZATION STR("\x55\x04\x0a")
#define OID_RSA STR("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01")

static const struct {
	struct str oid;
	enum x509_hash hash;
} signature_hashes[] = {
	{ { "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x04", 9 }, X509_HASH_MD5 },  /* md5WithRSAEncryption */
	{ { "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x05", 9 }, X509_HASH_SHA1 }, /* sha1WithRSAEncryption */
	{ { "\x2b\x0e\x03\x02\x1d", 5 }, X509_HASH_SHA1 },		   /* sha1WithRSA, the older one */
	{ { "\x2a\x86\x48\xce\x3d\x04\x01", 7 }, X509_HASH_SHA1 },	   /* ecdsa-with-SHA1 */
	{ { "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0e", 9 }, X509_HASH_SHA2 }, /* sha224WithRSAEncryption */
	{ { "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b", 9 }, X509_HASH_SHA2 }, /* sha256WithRSAEncryption */
	{ { "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0c", 9 }, X509_HASH_SHA2 }, /* sha384WithRSAEncryption */
	{ { "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0d", 9 }, X509_HASH_SHA2 }, /* sha512WithRSAEncryption */
	{ { "\x2a\x86\x48\xce\x3d\x04\x03\x01", 8 }, X509_HASH_SHA2 },	   /* ecdsa-with-SHA224 */
	{ { "\x2a\x86\x48\xce\x3d\x04\x03\x02", 8 }, X509_HASH_SHA2 },	   /* ecdsa-with-SHA256 */
	{ { "\x2a\x86\x48\xce\x3d\x04\x03\x03", 8 }, X509_HASH_SHA2 },	   /* ecdsa-with-SHA384 */
	{ { "\x2a\x86\x48\xce\x3d\x04\x03\x04", 8 }, X509_HASH_SHA2 },	   /* ecdsa-with-SHA512 */
};

static struct str rest_from(struct str s, size_t from)
{
	s.ptr += from;
	s.len -= from;
	return s;
}

/* The element at the start of *s: *tag, *body, and *whole with its header; *s becomes what follows. -1:
 * malformed. */
static int take_any(struct str *s, int *tag, struct str *body, struct str *whole)
{
	const unsigned char *p = (const unsigned char *)s->ptr;
	size_t len, head = 2, n;

	if (s->len < 2 || (p[0] & 0x1f) == 0x1f)
		return -1;
	len = p[1];
	if (len >= 0x80) {
		n = len & 0x7f;
		if (n == 0 || n > 3 || s->len < 2 + n)
			return -1;
		for (len = 0; n > 0; n--)
			len = len << 8 | p[head++];
	}
	if (len > s->len - head)
		return -1;
	*tag = p[0];
	*body = str_of(s->ptr + head, len);
	*whole = str_of(s->ptr, head + len);
	*s = rest_from(*s, head + len);
	return 0;
}

/* The same with an expected tag. */
static int take(struct str *s, int tag, struct str *body)
{
	struct str whole;
	int got;

	return take_any(s, &got, body, &whole) < 0 || got != tag ? -1 : 0;
}

static int next_is(struct str s, int tag)
{
	return s.len > 0 && (unsigned char)s.ptr[0] == tag;
}

/* Two digits at *s, which moves on. -1 when they are none. */
static int two_digits(struct str *s)
{
	uint64_t v;

	if (s->len < 2 || str_to_u64(str_sub(*s, 0, 2), &v) < 0)
		return -1;
	*s = rest_from(*s, 2);
	return (int)v;
}

/* UTCTime "YYMMDDhhmmssZ" or GeneralizedTime "YYYYMMDDhhmmssZ" (RFC 5280, 4.1.2.5). */
static int read_time(struct str *s, int64_t *epoch)
{
	struct str t, whole;
	int tag, year, part[5], i;

	if (take_any(s, &tag, &t, &whole) < 0 || (tag != TAG_UTC_TIME && tag != TAG_GENERALIZED_TIME))
		return -1;
	year = two_digits(&t);
	if (tag == TAG_GENERALIZED_TIME) {
		i = two_digits(&t);
		year = year < 0 || i < 0 ? -1 : year * 100 + i;
	} else if (year >= 0) {
		year += year < 50 ? 2000 : 1900;
	}
	for (i = 0; i < 5; i++) {
		part[i] = two_digits(&t);
		if (part[i] < 0)
			return -1;
	}
	if (year < 0 || !str_eqz(t, "Z") || part[0] < 1 || part[0] > 12 || part[1] < 1 || part[1] > 31)
		return -1;
	*epoch = ((date_to_days(year, part[0], part[1]) * 24 + part[2]) * 60 + part[3]) * 60 + part[4];
	return 0;
}

static int read_signature_hash(struct str algorithm, enum x509_hash *hash)
{
	struct str oid;
	size_t i;

	if (take(&algorithm, TAG_OID, &oid) < 0)
		return -1;
	*hash = X509_HASH_OTHER;
	for (i = 0; i < sizeof signature_hashes / sizeof signature_hashes[0]; i++)
		if (str_eq(oid, signature_hashes[i].oid))
			*hash = signature_hashes[i].hash;
	return 0;
}

/* SubjectPublicKeyInfo: the length of an RSA modulus. */
static int read_key(struct str key, int *rsa_bits)
{
	struct str algorithm, oid, bits, numbers, modulus;
	unsigned char top;

	*rsa_bits = 0;
	if (take(&key, TAG_SEQUENCE, &algorithm) < 0 || take(&algorithm, TAG_OID, &oid) < 0)
		return -1;
	if (!str_eq(oid, OID_RSA))
		return 0;
	if (take(&key, TAG_BIT_STRING, &bits) < 0 || bits.len < 1)
		return -1;
	bits = rest_from(bits, 1);
	if (take(&bits, TAG_SEQUENCE, &numbers) < 0 || take(&numbers, TAG_INTEGER, &modulus) < 0)
		return -1;
	while (modulus.len > 0 && modulus.ptr[0] == 0)
		modulus = rest_from(modulus, 1);
	if (modulus.len == 0)
		return -1;
	*rsa_bits = (int)modulus.len * 8;
	for (top = (unsigned char)modulus.ptr[0]; !(top & 0x80); top = (unsigned char)(top << 1))
		(*rsa_bits)--;
	return 0;
}

static int read_usage(struct x509 *x, struct str value)
{
	struct str list, oid;

	if (take(&value, TAG_SEQUENCE, &list) < 0)
		return -1;
	x->restricted = 1;
	while (list.len > 0) {
		if (take(&list, TAG_OID, &oid) < 0)
			return -1;
		if (str_eq(oid, OID_SERVER_AUTH) || str_eq(oid, OID_ANY_USAGE))
			x->for_server = 1;
	}
	return 0;
}

static int read_extensions(struct x509 *x, struct str all)
{
	struct str list, ext, oid, flag, value;

	if (take(&all, TAG_SEQUENCE, &list) < 0)
		return -1;
	while (list.len > 0) {
		if (take(&list, TAG_SEQUENCE, &ext) < 0 || take(&ext, TAG_OID, &oid) < 0)
			return -1;
		if (next_is(ext, TAG_BOOLEAN) && take(&ext, TAG_BOOLEAN, &flag) < 0)
			return -1;
		if (take(&ext, TAG_OCTET_STRING, &value) < 0)
			return -1;
		if (str_eq(oid, OID_SUBJECT_ALT_NAME) && take(&value, TAG_SEQUENCE, &x->alt_names) < 0)
			return -1;
		if (str_eq(oid, OID_EXT_KEY_USAGE) && read_usage(x, value) < 0)
			return -1;
	}
	return 0;
}

static int take_name(struct str *s, struct str *name)
{
	struct str body;
	int tag;

	return take_any(s, &tag, &body, name) < 0 || tag != TAG_SEQUENCE ? -1 : 0;
}

static int read_contents(struct x509 *x, struct str tbs)
{
	struct str part;

	if ((next_is(tbs, TAG_VERSION) && take(&tbs, TAG_VERSION, &part) < 0) ||
	    take(&tbs, TAG_INTEGER, &part) < 0 || take(&tbs, TAG_SEQUENCE, &part) < 0 ||
	    take_name(&tbs, &x->issuer) < 0 || take(&tbs, TAG_SEQUENCE, &part) < 0 ||
	    read_time(&part, &x->not_before) < 0 || read_time(&part, &x->not_after) < 0 ||
	    take_name(&tbs, &x->subject) < 0 || take(&tbs, TAG_SEQUENCE, &part) < 0 ||
	    read_key(part, &x->rsa_bits) < 0)
		return -1;
	while (tbs.len > 0) {
		int tag;
		struct str whole;

		if (take_any(&tbs, &tag, &part, &whole) < 0)
			return -1;
		if (tag == TAG_EXTENSIONS && read_extensions(x, part) < 0)
			return -1;
	}
	return 0;
}

int x509_parse(struct x509 *x, struct str der)
{
	static const struct x509 empty;
	struct str certificate, tbs, algorithm;

	*x = empty;
	if (take(&der, TAG_SEQUENCE, &certificate) < 0 || der.len > 0 ||
	    take(&certificate, TAG_SEQUENCE, &tbs) < 0 || take(&certificate, TAG_SEQUENCE, &algorithm) < 0)
		return -1;
	return read_signature_hash(algorithm, &x->signature_hash) < 0 ? -1 : read_contents(x, tbs);
}

int x509_has_address(const struct x509 *x, const unsigned char *address, size_t len)
{
	struct str names = x->alt_names, body, whole;
	int tag;

	while (take_any(&names, &tag, &body, &whole) == 0)
		if (tag == TAG_IP_ADDRESS && body.len == len && memcmp(body.ptr, address, len) == 0)
			return 1;
	return 0;
}

static void put_printable(struct buf *out, struct str s)
{
	size_t i;

	for (i = 0; i < s.len && i < 100; i++)
		buf_putc(out, s.ptr[i] >= ' ' && s.ptr[i] < 127 && s.ptr[i] != '"' ? s.ptr[i] : '?');
}

/* The last value of an attribute in a DER name. */
static struct str name_part(struct str name, struct str wanted)
{
	struct str list, set, pair, oid, value, whole, found = { NULL, 0 };
	int tag;

	if (take(&name, TAG_SEQUENCE, &list) < 0)
		return found;
	while (take(&list, TAG_SET, &set) == 0)
		while (take(&set, TAG_SEQUENCE, &pair) == 0)
			if (take(&pair, TAG_OID, &oid) == 0 && str_eq(oid, wanted) &&
			    take_any(&pair, &tag, &value, &whole) == 0)
				found = value;
	return found;
}

void x509_put_name(struct buf *out, struct str name)
{
	struct str text = name_part(name, OID_COMMON_NAME);

	if (text.len == 0)
		text = name_part(name, OID_ORGANIZATION);
	put_printable(out, text.len ? text : STR("?"));
}

static void put_address(struct buf *out, struct str a)
{
	const unsigned char *p = (const unsigned char *)a.ptr;
	size_t i;

	if (a.len == 4)
		buf_printf(out, "%u.%u.%u.%u", p[0], p[1], p[2], p[3]);
	else if (a.len == 16)
		for (i = 0; i < 16; i += 2)
			buf_printf(out, "%s%x", i ? ":" : "", (unsigned)(p[i] << 8 | p[i + 1]));
}

void x509_put_names(struct buf *out, const struct x509 *x)
{
	struct str names = x->alt_names, body, whole;
	int tag, n = 0;

	while (take_any(&names, &tag, &body, &whole) == 0) {
		if (tag != TAG_DNS_NAME && tag != TAG_IP_ADDRESS)
			continue;
		if (n++ == NAMES_SHOWN) {
			buf_puts(out, ", ...");
			return;
		}
		buf_puts(out, n > 1 ? ", \"" : "\"");
		if (tag == TAG_DNS_NAME)
			put_printable(out, body);
		else
			put_address(out, body);
		buf_putc(out, '"');
	}
	if (n == 0) {
		buf_putc(out, '"');
		x509_put_name(out, x->subject);
		buf_putc(out, '"');
	}
}
