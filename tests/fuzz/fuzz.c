#include "fuzz/fuzz.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"
#include "port.h"

#define SEEDS_MAX 200
#define INPUT_MAX 65536

static const struct harness {
	const char *name;
	void (*run)(struct str input);
} harnesses[] = {
#define HARNESS(name) { #name, fuzz_##name },
#include "harnesses.h"
	{ NULL, NULL }
};

/* What is being run, for the message when it breaks. */
static struct {
	const char *name;
	unsigned long round;
} now;

void fuzz_broken(const char *file, int line, const char *what)
{
	fprintf(stderr, "%s:%d: %s round %lu: does not hold: %s\n", file, line, now.name, now.round, what);
	abort();
}

unsigned fuzz_choice(struct str *input)
{
	unsigned choice;

	if (input->len == 0)
		return 0;
	choice = (unsigned char)input->ptr[0];
	*input = str_sub(*input, 1, input->len);
	return choice;
}

#ifdef FUZZ_ENGINE

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	const char *name = port_getenv("FUZZ");
	const struct harness *h;

	for (h = harnesses; h->name != NULL; h++) {
		if (name != NULL && strcmp(name, h->name) == 0)
			h->run(str_of((const char *)data, len));
	}
	return 0;
}

#else

/* The inputs to start from, in the order of their names. */
struct seeds {
	char *names[SEEDS_MAX];
	struct buf texts[SEEDS_MAX];
	int n;
};

static uint64_t state;

/* xorshift64*: the same everywhere. Below n. */
static size_t rnd(size_t n)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return n > 0 ? (size_t)((state * UINT64_C(2685821657736338717) >> 33) % n) : 0;
}

static int add_name(void *cookie, const char *name)
{
	struct seeds *s = cookie;
	size_t len = strlen(name) + 1;

	if (s->n == SEEDS_MAX || (s->names[s->n] = malloc(len)) == NULL)
		return -1;
	memcpy(s->names[s->n++], name, len);
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int read_file(const char *path, struct buf *out, struct error *e)
{
	struct port_file *f = port_open(path, PORT_READ, e);
	char *room;
	long n = 0;

	if (f == NULL)
		return -1;
	while ((room = buf_room(out, 4096)) != NULL && (n = port_read(f, room, 4096, e)) > 0)
		buf_grew(out, (size_t)n);
	return port_close(f, e) < 0 || n < 0 ? -1 : buf_check(out, path, e);
}

static int seeds_read(struct seeds *s, const char *name, struct error *e)
{
	char path[512];
	int i;

	memset(s, 0, sizeof(*s));
	snprintf(path, sizeof(path), "tests/fuzz/%s", name);
	if (port_list(path, add_name, s, e) < 0)
		return -1;
	qsort(s->names, (size_t)s->n, sizeof(s->names[0]), by_name);
	for (i = 0; i < s->n; i++) {
		buf_init(&s->texts[i], INPUT_MAX);
		snprintf(path, sizeof(path), "tests/fuzz/%s/%s", name, s->names[i]);
		if (read_file(path, &s->texts[i], e) < 0)
			return -1;
	}
	return s->n > 0 ? 0 : error_set(e, ERROR_FAILED, "\"%s\" is empty", path);
}

static void seeds_release(struct seeds *s)
{
	int i;

	for (i = 0; i < s->n; i++) {
		free(s->names[i]);
		buf_release(&s->texts[i]);
	}
}

/* A part of any input, at most 64 bytes. */
static struct str piece(const struct seeds *s)
{
	struct str all = buf_str(&s->texts[rnd((size_t)s->n)]);

	return str_sub(all, rnd(all.len + 1), rnd(65));
}

static void change(struct buf *b, const struct seeds *s)
{
	static const char odd[] = "\0\x01\x7f\x80\xff\"\\{}[](),:;=<>+-*#%&/ \n\r\t.09aZ\xc3\xe2\xf0";
	size_t at = rnd(b->len + 1), n = rnd(8) + 1;
	struct buf tail;

	if (n > b->len - at)
		n = b->len - at;
	buf_init(&tail, INPUT_MAX);
	buf_put_str(&tail, str_sub(buf_str(b), at, b->len));
	buf_truncate(b, at);
	switch (rnd(7)) {
	case 0:		/* cut off */
		buf_reset(&tail);
		break;
	case 1:		/* left out */
		buf_consume(&tail, n);
		break;
	case 2:		/* said twice */
		buf_put_str(b, str_sub(buf_str(&tail), 0, n));
		break;
	case 3:		/* said very often */
		for (n = rnd(3000); n > 0 && tail.len > 0; n--)
			buf_put(b, tail.data, 1);
		break;
	case 4:		/* part of another */
		buf_put_str(b, piece(s));
		break;
	case 5:		/* one bit */
		if (tail.len > 0)
			tail.data[0] = (char)(tail.data[0] ^ (1 << rnd(8)));
		break;
	default:	/* one byte */
		if (tail.len > 0 && rnd(2) == 0)
			buf_consume(&tail, 1);
		buf_putc(b, odd[rnd(sizeof(odd) - 1)]);
	}
	buf_put_str(b, buf_str(&tail));
	buf_release(&tail);
}

static void run(const struct harness *h, struct str input)
{
	char *copy = malloc(input.len > 0 ? input.len : 1);

	if (copy == NULL)
		return;
	if (input.len > 0)
		memcpy(copy, input.ptr, input.len);
	h->run(str_of(copy, input.len));
	free(copy);
}

static int run_harness(const struct harness *h, unsigned long rounds, uint64_t seed, struct error *e)
{
	struct seeds s;
	struct buf b;
	size_t n;
	int i, result = seeds_read(&s, h->name, e);

	now.name = h->name;
	now.round = 0;
	state = seed;
	buf_init(&b, INPUT_MAX);
	for (i = 0; i < s.n && result == 0; i++)
		run(h, buf_str(&s.texts[i]));
	for (now.round = 1; now.round <= rounds && result == 0; now.round++) {
		buf_reset(&b);
		buf_put_str(&b, buf_str(&s.texts[rnd((size_t)s.n)]));
		for (n = rnd(6) + 1; n > 0; n--)
			change(&b, &s);
		run(h, buf_str(&b));
	}
	buf_release(&b);
	seeds_release(&s);
	return result;
}

int main(int argc, char **argv)
{
	const struct harness *h;
	struct error e;
	unsigned long passed = 0, failed = 0;
	uint64_t rounds = 2000, seed = 1;
	int i, first;

	error_init(&e);
	if (port_init(&argc, &argv, &e) < 0)
		return 1;
	for (first = 1; first + 1 < argc && argv[first][0] == '-'; first += 2) {
		if (str_to_u64(str_from(argv[first + 1]), argv[first][1] == 'r' ? &rounds : &seed) < 0)
			return 2;
	}
	for (h = harnesses; h->name != NULL; h++) {
		for (i = first; i < argc && strcmp(argv[i], h->name) != 0; i++)
			continue;
		if (first < argc && i == argc)
			continue;
		if (run_harness(h, (unsigned long)rounds, seed + 1, &e) == 0) {
			passed++;
		} else {
			fprintf(stderr, "%s: %s\n", h->name, e.text);
			failed++;
		}
	}
	printf("%lu passed, %lu failed\n", passed, failed);
	return failed > 0;
}

#endif
