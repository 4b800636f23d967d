#include "bench/bench.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include "base/json_write.h"
#include "model/model.h"
#include "port.h"

#define RAW_SIZE 1000		/* bytes of raw_data, about */
#define REPORTS 8		/* people of one manager */
#define PICK(gen, list) (list)[roll(gen, sizeof(list) / sizeof(*(list)))]

static const char *const first_names[] = { "Ada", "Ben", "Cora", "Emil", "Fay", "Hana", "Ines", "Jon", "Lea",
					   "Max", "Nia", "Pia",
	"\xc5\x81ucja", "J\xc3\xbcrgen", "\xc3\x85sa", "\xe8\x8a\xb1\xe5\xad\x90" };
static const char *const last_names[] = { "Ashdown", "Birchall", "Copeland", "Dunmore", "Fairley", "Hartwick",
					  "Jessop", "Marlow",
	"Norwood", "Oakley", "Penrose", "\xc5\xbbyta", "Gro\xc3\x9f", "S\xc3\xb8rby",
	"\xe5\xb1\xb1\xe7\x94\xb0" };
static const char *const divisions[] = { "Engineering", "Sales", "Support", "Finance", "Operations",
					 "Produkcja", "Vertrieb", "R&D" };
static const char *const teams[] = { "Core", "Backend", "EMEA", "APAC", "Tier 1", "Tier 2", "Night Shift",
				     "Team A", "Gr\xc3\xb6\xc3\x9fter" };
static const char *const titles[] = { "Developer", "Team Lead", "Sales Rep", "Accountant", "Support Agent",
				      "Tester",
	"Kierownik Dzia\xc5\x82u", "Engineer [L2]" };
static const char *const words[] = { "lorem", "ipsum", "dolor", "sit", "amet", "consectetur", "adipiscing",
				     "elit", "sed", "tempor" };

struct generator {
	uint32_t state;
	struct buf raw, text;	/* owned */
};

static unsigned roll(struct generator *g, size_t n)
{
	g->state = g->state * 1664525u + 1013904223u;
	return (unsigned)((g->state >> 8) % n);
}

static struct str print_text(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Appends and returns what was appended, which dies when the buffer grows: so it is large from the start. */
static struct str print_text(struct buf *b, const char *fmt, ...)
{
	size_t start = b->len;
	va_list args;

	va_start(args, fmt);
	buf_vprintf(b, fmt, args);
	va_end(args);
	return str_sub(buf_str(b), start, b->len - start);
}

static void make_raw(struct generator *g, long i)
{
	struct buf *b = &g->raw;
	unsigned dice[6];
	int k;

	/* one after the other: the order in which arguments are worked out is the compiler's */
	for (k = 0; k < 6; k++)
		dice[k] = roll(g, 9);
	buf_reset(b);
	buf_printf(b, "{\"id\": %ld, \"active\": true, \"manager\": null, \"hireDate\": \"201%u-0%u-1%u\", ", i, dice[0],
		   1 + dice[1], dice[2]);
	buf_printf(b, "\"fte\": 0.%u, \"location\": {\"site\": \"%s\", \"floor\": %u}, ", 1 + dice[3], PICK(g, divisions),
		   dice[4]);
	buf_printf(b, "\"tags\": [\"%s\", \"x\"], \"notes\": [\"", words[dice[5]]);
	while (b->len < RAW_SIZE - 3) {
		buf_puts(b, PICK(g, words));
		buf_puts(b, roll(g, 20) == 0 ? "\", \"" : " ");
	}
	buf_puts(b, "\"]}");
}

/* Nobody is above himself: a manager comes before his reports. A few are unknown. */
static struct str supervisor(struct generator *g, long i)
{
	if (i == 0)
		return STR("");
	if (roll(g, 200) == 0)
		return print_text(&g->text, "gone-%ld", i);
	return print_text(&g->text, "E%07ld", (i - 1) / REPORTS);
}

static void write_one(struct generator *g, struct json_write *w, long i, const char *mode)
{
	struct person p;
	const char *first = PICK(g, first_names), *last = PICK(g, last_names);
	const char *division = PICK(g, divisions), *team = PICK(g, teams);

	memset(&p, 0, sizeof(p));
	p.is_supervisor = -1;
	buf_reset(&g->text);
	make_raw(g, i);
	p.external_id = print_text(&g->text, "E%07ld", i);
	p.name = print_text(&g->text, "%s %s %ld", first, last, i);
	p.email = print_text(&g->text, "Person.%ld@Example.com", i);
	if (roll(g, 5) == 0)
		p.real_email = print_text(&g->text, "p%ld@private.example.net", i);
	if (strcmp(mode, "supervisor") != 0)
		p.department = roll(g, 33) == 0 ? STR("") : print_text(&g->text, "Acme/%s/%s", division,
								       team);
	p.job_title = str_from(PICK(g, titles));
	p.status = roll(g, 20) == 0 ? STR("inactive") : STR("active");
	p.supervisor_id = strcmp(mode, "department") != 0 ? supervisor(g, i) : STR("");
	p.role_id = STR("3");
	p.raw_data = buf_str(&g->raw);
	person_write(w, &p);
}

static int to_stdout(void *cookie, const char *data, size_t len, struct error *e)
{
	(void)cookie;
	return port_print(1, data, len) != 0 ? error_set(e, ERROR_FAILED, "cannot write the people") : 0;
}

int bench_users(long people, const char *mode, struct error *e)
{
	struct generator g;
	struct json_write w;
	long i;
	int r;

	g.state = 1;
	buf_init(&g.raw, 4096);
	buf_init(&g.text, 4096);
	buf_room(&g.text, 4000);
	json_write_init(&w, 0, to_stdout, NULL, 0);
	json_begin_object(&w);
	json_put_keyz(&w, "users");
	json_begin_array(&w);
	for (i = 0; i < people; i++)
		write_one(&g, &w, i, mode);
	json_end_array(&w);
	json_end_object(&w);
	r = json_write_finish(&w, e);
	json_write_release(&w);
	buf_release(&g.raw);
	buf_release(&g.text);
	return r;
}
