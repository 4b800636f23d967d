#include "sandbox/websim_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"

#define SPAN 8			/* people that report to one */
#define OUTSIDE_EVERY 7	/* every so manieth has a manager outside the listings */
#define FIRST_DAY 14610		/* 2010-01-01: nobody was hired before */
#define DAYS 5000		/* nor so many days later */

/* ---- people ------------------------------------------------------------------------------------- */

static const char *const firsts[] = {
	"Ada", "Bo", "Cai", "D\xc3\xb3ra", "Eve", "Finn", "Gita", "Hal", "Ines", "Jos\xc3\xa9", "Kim", "\xc5\x81ucja", "Mia",
	"Noor", "\xc3\x93lafur", "Pia", "\xf0\x9f\x8c\xb8 Quinn", "Ravi", "Sam", "Tea"
};
static const char *const lasts[] = {
	"Ash", "Berg", "Chen", "Dvo\xc5\x99\xc3\xa1k", "Evans", "Fox", "Mart\xc3\xadn", "Hill", "Ito", "Jensen", "Kowalski",
	"Lopez", "M\xc3\xbcller", "Novak", "O'Neil", "Patel", "Quist", "Rossi", "Smith", "Tan"
};
static const char *const departments[] = {
	"Engineering", "Sales", "Support", "Finance", "Ksi\xc4\x99gowo\xc5\x9b\xc4\x87", "IT / Operations", "Legal", "HR", "R&D",
	"Marketing"
};
static const char *const titles[] = { "Engineer", "Clerk", "Lead", "Analyst \"II\"", "Assistant" };

#define PICK(list, n) (list)[(n) % (sizeof(list) / sizeof(*(list)))]

/* A well mixed number for each (splitmix64, Steele and others 2014). */
static uint64_t mix(uint64_t n)
{
	n += UINT64_C(0x9e3779b97f4a7c15);
	n = (n ^ (n >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	n = (n ^ (n >> 27)) * UINT64_C(0x94d049bb133111eb);
	return n ^ (n >> 31);
}

long websim_everybody(const struct websim_company *c)
{
	return c->people + c->outside;
}

/* A tree below the first person; some report to people outside, who report to those of the next level. */
static long manager_of(const struct websim_company *c, long number)
{
	long level = c->outside / (c->levels > 0 ? c->levels : 1);

	if (level < 1)
		level = 1;
	if (number >= c->people)
		return number + level < websim_everybody(c) ? number + level : -1;
	if (c->outside && number % OUTSIDE_EVERY == OUTSIDE_EVERY - 1)
		return c->people + number / OUTSIDE_EVERY % level;
	return number ? (number - 1) / SPAN : -1;
}

void websim_person_make(const struct websim_company *c, long number, struct websim_person *out)
{
	uint64_t r = mix(c->seed ^ mix((uint64_t)number));
	int year, month, day;

	memset(out, 0, sizeof(*out));
	out->number = number;
	snprintf(out->first, sizeof(out->first), "%s", PICK(firsts, r));
	snprintf(out->last, sizeof(out->last), "%s", PICK(lasts, r >> 8));
	snprintf(out->email, sizeof(out->email), "p%ld@example.com", number);
	date_from_days(FIRST_DAY + (long)((r >> 16) % DAYS), &year, &month, &day);
	snprintf(out->hired, sizeof(out->hired), "%04d-%02d-%02d", year % 10000, month % 100, day % 100);
	out->department = PICK(departments, r >> 32);
	out->division = (r >> 40) % 3 ? NULL : "Europe";
	out->title = PICK(titles, r >> 48);
	out->manager = manager_of(c, number);
	out->is_manager = number >= c->people || number * SPAN + 1 < c->people;
	out->filler = number == 1 ? c->large : 0;
}

void websim_put_filler(const struct websim_person *p, struct buf *out)
{
	size_t i;

	if (!p->filler)
		return;
	buf_puts(out, ",\"note\":\"");
	for (i = 0; i < p->filler; i++)
		buf_putc(out, 'a' + (int)(i % 26));
	buf_putc(out, '"');
}

/* ---- lists of them ------------------------------------------------------------------------------ */

struct list_state {
	struct websim_company company;
	struct websim_list list;	/* its texts and numbers stand behind it */
	long at;
	int opened, nulls, broken;
};

/* Each member of an object becomes null. */
static void put_nulls(struct buf *out, struct str object)
{
	int depth = 0, quoted = 0, skipping = 0;
	size_t i;

	for (i = 0; i < object.len; i++) {
		char c = object.ptr[i];

		if (!quoted && (c == '}' || c == ']'))
			depth--;
		if (!quoted && ((depth == 1 && c == ',') || depth == 0))
			skipping = 0;
		if (!skipping)
			buf_putc(out, c);
		if (quoted && c == '\\' && ++i < object.len && !skipping)
			buf_putc(out, object.ptr[i]);
		if (c == '"')
			quoted = !quoted;
		if (!quoted && (c == '{' || c == '['))
			depth++;
		if (!quoted && depth == 1 && c == ':' && !skipping) {
			buf_puts(out, "null");
			skipping = 1;
		}
	}
}

static void put_person(struct list_state *l, long number, struct buf *out)
{
	struct websim_person p;
	struct buf record;

	websim_person_make(&l->company, number, &p);
	if (l->broken && l->at == l->list.from)
		snprintf(p.first, sizeof(p.first), "A\xc3");
	if (!l->nulls) {
		l->list.record(&p, out);
		return;
	}
	buf_init(&record, WEBSIM_BODY_MAX);
	l->list.record(&p, &record);
	put_nulls(out, buf_str(&record));
	buf_release(&record);
}

static int more_people(struct websim_answer *a)
{
	struct list_state *l = a->state;

	if (!l->opened)
		buf_puts(&a->body, l->list.open);
	l->opened = 1;
	while (l->at < l->list.to && a->body.len < WEBSIM_PIECE) {
		if (l->at > l->list.from)
			buf_putc(&a->body, ',');
		put_person(l, l->list.chosen ? l->list.chosen[l->at] : l->at, &a->body);
		l->at++;
	}
	if (l->at < l->list.to)
		return 1;
	buf_puts(&a->body, l->list.close);
	return 0;
}

void websim_put_list(struct websim *s, struct websim_answer *a, const struct websim_list *list)
{
	size_t open = strlen(list->open) + 1, close = strlen(list->close) + 1;
	size_t numbers = list->chosen ? (size_t)list->to * sizeof(long) : 0;
	struct list_state *l = calloc(1, sizeof(*l) + numbers + open + close);
	char *at = (char *)(l + 1);

	if (!l) {
		websim_refuse(a, 500, "{}");
		return;
	}
	websim_header(a, "Content-Type", "application/json");
	l->company = s->company;
	l->list = *list;
	if (numbers)
		memcpy(at, list->chosen, numbers);
	l->list.chosen = numbers ? (long *)(void *)at : NULL;
	memcpy(at + numbers, list->open, open);
	memcpy(at + numbers + open, list->close, close);
	l->list.open = at + numbers;
	l->list.close = at + numbers + open;
	l->at = l->list.from;
	l->nulls = websim_has_fault(s, WEBSIM_NULLS, a->page);
	l->broken = websim_has_fault(s, WEBSIM_BROKEN_UTF8, a->page);
	a->framing = WEBSIM_CHUNKED;
	a->state = l;
	a->more = more_people;
}

long websim_shown(const struct websim *s, const struct websim_answer *a, long page)
{
	return page > 1 && websim_has_fault(s, WEBSIM_REPEAT, a->page - 1) ? page - 1 : page;
}
