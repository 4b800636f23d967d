#include "net/pem.h"

#include <stdlib.h>
#include <string.h>

#include "base/codec.h"
#include "base/limits.h"
#include "port.h"

#define READ_SIZE 4096

struct pem {
	struct buf line;		/* the present line, as far as it was read */
	struct buf base64, der;		/* the present object */
	char name[64];			/* "CERTIFICATE" */
	int inside;
	pem_object_fn *object;
	void *cookie;
};

static int pem_end(struct pem *p, struct error *e)
{
	p->inside = 0;
	buf_reset(&p->der);
	if (buf_check(&p->base64, p->name, e) < 0)
		return -1;
	if (base64_decode(&p->der, buf_str(&p->base64)) < 0)
		return error_set(e, ERROR_USAGE, "not valid PEM: the %s is damaged", p->name);
	if (buf_check(&p->der, p->name, e) < 0)
		return -1;
	return p->object(p->cookie, p->name, buf_str(&p->der), e);
}

/* RFC 7468; what stands outside of the objects is passed over. */
static int pem_line(struct pem *p, struct str line, struct error *e)
{
	line = str_trim(line);
	if (str_starts(line, STR("-----BEGIN ")) && str_ends(line, STR("-----")) && line.len > 16) {
		if (p->inside || line.len - 16 >= sizeof p->name)
			return error_set(e, ERROR_USAGE, "not valid PEM: an object within another");
		memcpy(p->name, line.ptr + 11, line.len - 16);
		p->name[line.len - 16] = '\0';
		buf_reset(&p->base64);
		p->inside = 1;
		return 0;
	}
	if (!p->inside)
		return 0;
	if (str_starts(line, STR("-----END ")))
		return pem_end(p, e);
	if (str_find_char(line, 0, ':') < line.len)
		return error_set(e, ERROR_USAGE, "the key is encrypted; write it without a password "
				 "(openssl pkey -in KEY -out NEWKEY)");
	buf_put_str(&p->base64, line);
	return 0;
}

static int pem_push(struct pem *p, const char *data, size_t len, struct error *e)
{
	const char *end;
	size_t n;

	while (len > 0) {
		end = memchr(data, '\n', len);
		n = end ? (size_t)(end - data) + 1 : len;
		buf_put(&p->line, data, n);
		if (buf_check(&p->line, "a line", e) < 0)
			return -1;
		if (end) {
			if (pem_line(p, buf_str(&p->line), e) < 0)
				return -1;
			buf_reset(&p->line);
		}
		data += n;
		len -= n;
	}
	return 0;
}

/* A file that begins with a DER sequence is one certificate as Windows exports it. */
static int read_der(struct pem *p, struct port_file *f, const char *first, size_t len, struct error *e)
{
	char block[READ_SIZE];
	long n = (long)len;

	for (buf_put(&p->der, first, len); n > 0; buf_put(&p->der, block, n > 0 ? (size_t)n : 0)) {
		n = port_read(f, block, sizeof block, e);
		if (n < 0)
			return -1;
	}
	if (buf_check(&p->der, "the certificate", e) < 0)
		return -1;
	return p->object(p->cookie, "CERTIFICATE", buf_str(&p->der), e);
}

/* The last line may have no end. */
static int pem_last(struct pem *p, struct error *e)
{
	int rc = pem_push(p, "\n", 1, e);

	return p->inside ? error_set(e, ERROR_USAGE, "the file is cut off") : rc;
}

static int read_file(struct pem *p, struct port_file *f, struct error *e)
{
	char block[READ_SIZE];
	long n;
	int first = 1;

	while ((n = port_read(f, block, sizeof block, e)) > 0) {
		if (first && block[0] == 0x30)
			return read_der(p, f, block, (size_t)n, e);
		if (pem_push(p, block, (size_t)n, e) < 0)
			return -1;
		first = 0;
	}
	return n < 0 ? -1 : pem_last(p, e);
}

static int read_text(struct pem *p, struct str text, struct error *e)
{
	return pem_push(p, text.ptr, text.len, e) < 0 ? -1 : pem_last(p, e);
}

/* file NULL: from the text. */
static int read_objects(struct port_file *file, struct str text, pem_object_fn *object, void *cookie,
			struct error *e)
{
	struct pem *p = calloc(1, sizeof *p);
	int rc;

	if (!p)
		return error_memory(e);
	buf_init(&p->line, 2 * MAX_CERTIFICATE);
	buf_init(&p->base64, 2 * MAX_CERTIFICATE);
	buf_init(&p->der, MAX_CERTIFICATE);
	p->object = object;
	p->cookie = cookie;
	rc = file ? read_file(p, file, e) : read_text(p, text, e);
	buf_wipe(&p->line);
	buf_wipe(&p->base64);
	buf_wipe(&p->der);
	free(p);
	return rc;
}

int pem_file(const char *path, pem_object_fn *object, void *cookie, struct error *e)
{
	struct port_file *f = port_open(path, PORT_READ, e);
	int rc;

	if (!f)
		return -1;
	rc = read_objects(f, STR(""), object, cookie, e);
	port_close(f, NULL);
	return rc;
}

int pem_text(struct str text, pem_object_fn *object, void *cookie, struct error *e)
{
	return read_objects(NULL, text, object, cookie, e);
}
