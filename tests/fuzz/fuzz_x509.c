#include "fuzz/fuzz.h"

#include "base/buf.h"
#include "net/x509.h"

void fuzz_x509(struct str input)
{
	static const unsigned char address[16] = { 127, 0, 0, 1 };
	struct x509 x;
	struct buf out;

	if (x509_parse(&x, input) < 0)
		return;
	buf_init(&out, 1 << 16);
	x509_put_names(&out, &x);
	x509_put_name(&out, x.issuer);
	x509_has_address(&x, address, 4);
	x509_has_address(&x, address, 16);
	buf_release(&out);
}
