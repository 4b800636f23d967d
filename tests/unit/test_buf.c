#include <stdlib.h>
#include <string.h>
#include "base/buf.h"
#include "check.h"

static void test_write(void)
{
	struct buf b;

	buf_init(&b, 1000);
	CHECK_STR(buf_text(&b), "");
	CHECK_INT(buf_str(&b).len, 0);
	buf_puts(&b, "ab");
	buf_putc(&b, 'c');
	buf_put_str(&b, STR("d\0e"));
	buf_printf(&b, "%d-%s", 42, "x");
	CHECK_MEM(b.data, b.len, "abcd\0e42-x", 10);
	CHECK_INT(b.data[b.len], 0);
	buf_consume(&b, 6);
	CHECK_STR(buf_text(&b), "42-x");
	buf_truncate(&b, 2);
	CHECK_STR(buf_text(&b), "42");
	buf_put(&b, NULL, 0);
	CHECK_INT(buf_check(&b, "test", NULL), 0);
	buf_reset(&b);
	CHECK_STR(buf_text(&b), "");
	CHECK(b.cap > 0);
	buf_release(&b);
	CHECK(b.data == NULL && b.max == 1000);
}

static void test_cap(void)
{
	struct error e;
	struct buf b;

	buf_init(&b, 5);
	buf_puts(&b, "12345");
	CHECK_INT(buf_check(&b, "a word", &e), 0);
	buf_putc(&b, '6');
	buf_reset(&b);
	buf_puts(&b, "123456");
	CHECK_STR(buf_text(&b), "");
	buf_puts(&b, "1");
	CHECK_STR(buf_text(&b), "");
	CHECK_INT(buf_check(&b, "a word", &e), -1);
	CHECK_INT(e.kind, ERROR_MEMORY);
	CHECK(strstr(e.text, "a word") != NULL && strstr(e.text, "5") != NULL);
	CHECK(buf_room(&b, 1) == NULL);
	buf_reset(&b);
	buf_printf(&b, "%s", "123456");
	CHECK(b.failed);
	buf_release(&b);
	buf_init(&b, (size_t)-1);
	CHECK(buf_room(&b, (size_t)-1) == NULL);
	buf_release(&b);
}

/* Memory is not empty by itself; room that is not used leaves a text all the same. */
static void test_unused_room(void)
{
	struct buf b;
	char *dirt = malloc(100);

	if (dirt)
		memset(dirt, 'x', 100);
	free(dirt);
	buf_init(&b, 1000);
	CHECK(buf_room(&b, 99) != NULL);
	CHECK_STR(buf_text(&b), "");
	buf_release(&b);
}

static void test_growth(void)
{
	struct buf b;
	size_t i;

	buf_init(&b, 100000);
	for (i = 0; i < 100000; i++)
		buf_putc(&b, (int)('a' + i % 26));
	CHECK_INT(b.len, 100000);
	CHECK_INT(b.failed, 0);
	CHECK(b.cap <= 100001);
	CHECK_INT(b.data[99999], 'a' + 99999 % 26);
	buf_putc(&b, 'x');
	CHECK_INT(b.failed, 1);
	buf_release(&b);
}

CHECK_SUITE(buf, CHECK_TEST(write), CHECK_TEST(cap), CHECK_TEST(unused_room), CHECK_TEST(growth));
