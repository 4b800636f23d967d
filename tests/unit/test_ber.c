#include "check.h"

#include <string.h>

#include "ldap/ldap_int.h"

#define BYTES(literal) str_of(literal, sizeof(literal) - 1)

static void test_size(void)
{
	static const struct {
		const char *name;
		struct str bytes;
		size_t max;
		int rc;
		size_t size;
	} rows[] = {
		{ "nothing", { "", 0 }, 100, 0, 0 },
		{ "tag only", { "\x30", 1 }, 100, 0, 0 },
		{ "empty", { "\x30\x00", 2 }, 100, 1, 2 },
		{ "short", { "\x30\x05", 2 }, 100, 1, 7 },
		{ "one byte long form", { "\x30\x81\x80", 3 }, 200, 1, 131 },
		{ "cut long form", { "\x30\x82\x01", 3 }, 1000, 0, 0 },
		{ "padded long form", { "\x30\x84\x00\x00\x00\x05", 6 }, 100, 1, 11 },
		{ "eight bytes", { "\x30\x88\x00\x00\x00\x00\x00\x00\x00\x05", 10 }, 100, 1, 15 },
		{ "nine bytes", { "\x30\x89\x00\x00\x00\x00\x00\x00\x00\x00\x05", 11 }, 100, -1, 0 },
		{ "indefinite", { "\x30\x80", 2 }, 100, -1, 0 },
		{ "long tag", { "\x3f\x05", 2 }, 100, -1, 0 },
		{ "long tag alone", { "\x3f", 1 }, 100, -1, 0 },
		{ "at the limit", { "\x30\x62", 2 }, 100, 1, 100 },
		{ "past the limit", { "\x30\x63", 2 }, 100, -1, 0 },
		{ "huge", { "\x30\x88\xff\xff\xff\xff\xff\xff\xff\xff", 10 }, 100, -1, 0 },
		{ "huge, cut", { "\x30\x88\xff\xff\xff\xff\xff\xff\xff", 9 }, 100, 0, 0 },
		{ "largest message", { "\x30\x83\x3f\xff\xfb", 5 }, MAX_LDAP_MESSAGE, 1, MAX_LDAP_MESSAGE },
		{ "one more", { "\x30\x83\x3f\xff\xfc", 5 }, MAX_LDAP_MESSAGE, -1, 0 }
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t size = 0;
		int rc;

		check_row(rows[i].name);
		rc = ber_size(rows[i].bytes.ptr, rows[i].bytes.len, rows[i].max, &size);
		/* the overflow of a length may be seen before all of it is there */
		if (rows[i].rc == 0 && rc == -1 && strcmp(rows[i].name, "huge, cut") == 0)
			continue;
		CHECK_INT(rc, rows[i].rc);
		if (rc == 1)
			CHECK_INT(size, rows[i].size);
	}
	check_row(NULL);
}

static void test_read(void)
{
	struct ber r, inner;
	struct ber_item item;
	struct str s;
	int32_t n;

	ber_init(&r, BYTES("\x30\x07\x02\x01\x05\x04\x02hi\x01\x01\xff"));
	CHECK_INT(ber_tag(&r), BER_SEQUENCE);
	if (!CHECK_INT(ber_enter(&r, BER_SEQUENCE, &inner), 0))
		return;
	CHECK_INT(ber_take_int(&inner, BER_INTEGER, &n), 0);
	CHECK_INT(n, 5);
	CHECK_INT(ber_take(&inner, BER_SEQUENCE, &s), -1);	/* another tag: stays */
	CHECK_INT(ber_take(&inner, BER_OCTETS, &s), 0);
	CHECK_MEM(s.ptr, s.len, "hi", 2);
	CHECK_INT(ber_tag(&inner), -1);
	CHECK_INT(ber_next(&inner, &item), 0);
	CHECK_INT(ber_next(&r, &item), 1);
	CHECK_INT(item.tag, BER_BOOLEAN);
	CHECK_INT(ber_next(&r, &item), 0);
}

static void test_malformed(void)
{
	static const struct { const char *name; struct str bytes; } rows[] = {
		{ "tag alone", { "\x04", 1 } },
		{ "value cut", { "\x04\x05hi", 4 } },
		{ "length cut", { "\x04\x82\x01", 3 } },
		{ "indefinite", { "\x30\x80\x00\x00", 4 } },
		{ "longer than memory", { "\x04\x88\x7f\xff\xff\xff\xff\xff\xff\xff", 10 } },
		{ "long tag", { "\x1f\x01\x00", 3 } }
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ber r;
		struct ber_item item;

		check_row(rows[i].name);
		ber_init(&r, rows[i].bytes);
		CHECK_INT(ber_next(&r, &item), -1);
	}
	check_row(NULL);
}

static void test_int(void)
{
	static const struct { struct str value; int rc; int32_t n; } rows[] = {
		{ { "\x02\x01\x00", 3 }, 0, 0 },
		{ { "\x02\x01\x7f", 3 }, 0, 127 },
		{ { "\x02\x01\x80", 3 }, 0, -128 },
		{ { "\x02\x02\x00\x80", 4 }, 0, 128 },
		{ { "\x02\x04\x7f\xff\xff\xff", 6 }, 0, INT32_MAX },
		{ { "\x02\x04\x80\x00\x00\x00", 6 }, 0, INT32_MIN },
		{ { "\x02\x05\x00\x7f\xff\xff\xff", 7 }, 0, INT32_MAX },
		{ { "\x02\x05\x00\x80\x00\x00\x00", 7 }, -1, 0 },
		{ { "\x02\x06\x00\x00\x00\x00\x00\x01", 8 }, -1, 0 },
		{ { "\x02\x00", 2 }, -1, 0 },
		{ { "\x04\x01\x01", 3 }, -1, 0 }
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ber r;
		int32_t n = 0;

		ber_init(&r, rows[i].value);
		CHECK_INT(ber_take_int(&r, BER_INTEGER, &n), rows[i].rc);
		CHECK_INT(n, rows[i].n);
	}
}

static void test_depth(void)
{
	char bytes[2 * (MAX_BER_DEPTH + 1)];
	struct ber r;
	size_t i;
	int depth = 0;

	for (i = 0; i < sizeof(bytes); i += 2) {
		bytes[i] = BER_SEQUENCE;
		bytes[i + 1] = (char)(sizeof(bytes) - i - 2);
	}
	ber_init(&r, str_of(bytes, sizeof(bytes)));
	while (ber_enter(&r, BER_SEQUENCE, &r) == 0)
		depth++;
	CHECK_INT(depth, MAX_BER_DEPTH);
}

static void test_write(void)
{
	struct buf out;
	struct ber_write w;
	struct error e;

	buf_init(&out, 1000);
	ber_write_init(&w, &out);
	ber_begin(&w, BER_SEQUENCE);
	ber_put_int(&w, BER_INTEGER, 5);
	ber_begin(&w, BER_SET);
	ber_put(&w, BER_OCTETS, STR("hi"));
	ber_end(&w);
	ber_put_bool(&w, BER_BOOLEAN, 1);
	ber_put_bool(&w, BER_BOOLEAN, 0);
	ber_end(&w);
	CHECK_INT(ber_write_check(&w, "test", &e), 0);
	CHECK_MEM(out.data, out.len, "\x30\x0f\x02\x01\x05\x31\x04\x04\x02hi\x01\x01\xff\x01\x01\x00", 17);
	buf_release(&out);
}

static void test_write_ints(void)
{
	static const struct { int32_t n; struct str bytes; } rows[] = {
		{ 0, { "\x02\x01\x00", 3 } },
		{ 127, { "\x02\x01\x7f", 3 } },
		{ 128, { "\x02\x02\x00\x80", 4 } },
		{ 256, { "\x02\x02\x01\x00", 4 } },
		{ -1, { "\x02\x01\xff", 3 } },
		{ -128, { "\x02\x01\x80", 3 } },
		{ -129, { "\x02\x02\xff\x7f", 4 } },
		{ INT32_MAX, { "\x02\x04\x7f\xff\xff\xff", 6 } },
		{ INT32_MIN, { "\x02\x04\x80\x00\x00\x00", 6 } }
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf out;
		struct ber_write w;

		buf_init(&out, 100);
		ber_write_init(&w, &out);
		ber_put_int(&w, BER_INTEGER, rows[i].n);
		CHECK_MEM(out.data, out.len, rows[i].bytes.ptr, rows[i].bytes.len);
		buf_release(&out);
	}
}

/* Lengths around the places where their form changes, open elements and plain ones. */
static void test_write_lengths(void)
{
	static const size_t lengths[] = { 0, 1, 127, 128, 255, 256, 65535, 65536 };
	char *filler = NULL;
	struct buf text;
	size_t i;

	buf_init(&text, 70000);
	filler = buf_room(&text, 65536);
	if (!CHECK(filler != NULL))
		return;
	memset(filler, 'x', 65536);
	buf_grew(&text, 65536);
	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		struct buf out;
		struct ber_write w;
		struct ber r, inner;
		struct str value;
		size_t size;

		buf_init(&out, 70000);
		ber_write_init(&w, &out);
		ber_begin(&w, BER_SEQUENCE);
		ber_put(&w, BER_OCTETS, str_of(text.data, lengths[i]));
		ber_end(&w);
		CHECK_INT(ber_size(out.data, out.len, 70000, &size), 1);
		CHECK_INT(size, out.len);
		ber_init(&r, buf_str(&out));
		CHECK_INT(ber_enter(&r, BER_SEQUENCE, &inner), 0);
		CHECK_INT(ber_take(&inner, BER_OCTETS, &value), 0);
		CHECK_INT(value.len, lengths[i]);
		CHECK_INT(ber_tag(&inner), -1);
		buf_release(&out);
	}
	buf_release(&text);
}

static void test_write_fails(void)
{
	struct buf out;
	struct ber_write w;
	struct error e;
	int i;

	error_init(&e);
	buf_init(&out, 1000);
	ber_write_init(&w, &out);
	for (i = 0; i < BER_OPEN_MAX; i++)
		ber_begin(&w, BER_SEQUENCE);
	for (i = 0; i < BER_OPEN_MAX; i++)
		ber_end(&w);
	CHECK_INT(ber_write_check(&w, "test", &e), 0);
	for (i = 0; i <= BER_OPEN_MAX; i++)
		ber_begin(&w, BER_SEQUENCE);
	for (i = 0; i <= BER_OPEN_MAX; i++)
		ber_end(&w);
	CHECK_INT(ber_write_check(&w, "test", &e), -1);
	ber_write_init(&w, &out);
	ber_begin(&w, BER_SEQUENCE);
	CHECK_INT(ber_write_check(&w, "test", &e), -1);		/* still open */
	ber_write_init(&w, &out);
	ber_end(&w);
	CHECK_INT(ber_write_check(&w, "test", &e), -1);		/* never opened */
	buf_release(&out);
	buf_init(&out, 10);
	ber_write_init(&w, &out);
	ber_begin(&w, BER_SEQUENCE);
	ber_put(&w, BER_OCTETS, STR("eight by"));
	ber_end(&w);
	CHECK_INT(ber_write_check(&w, "test", &e), -1);
	CHECK_INT(e.kind, ERROR_MEMORY);
	buf_release(&out);
}

CHECK_SUITE(ber, CHECK_TEST(size), CHECK_TEST(read), CHECK_TEST(malformed), CHECK_TEST(int),
	    CHECK_TEST(depth), CHECK_TEST(write), CHECK_TEST(write_ints), CHECK_TEST(write_lengths),
	    CHECK_TEST(write_fails));
