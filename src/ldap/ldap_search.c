#include "ldap/ldap_int.h"

#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/log.h"

static const char any_entry[] = "(objectClass=*)";

static int out_of_turn(const struct ldap *l, struct error *e)
{
	return error_set(e, ERROR_UPSTREAM, "%s gave an answer that does not belong to any request", l->name);
}

static void note_reference(const struct ldap *l, const struct ldap_message *m)
{
	struct str url = ldap_reference_url(m);

	log_debug("%s refers to %.*s, which is not followed", l->name, url.ptr ? (int)url.len : 0,
		  url.ptr ? url.ptr : "");
}

/* ---- paged search -------------------------------------------------------------------------------------- */

struct paged {
	struct ldap *l;
	const struct ldap_search *s;
	ldap_entry_fn *fn;
	void *cookie;
	struct buf filter;	/* BER */
	struct buf page;	/* the server's cookie */
	unsigned long entries, pages;
	unsigned long filled;	/* pages with entries */
	struct hash names;	/* of the DNs of the present page, each with those before it */
	struct hash kept;	/* the same of the filled page whose number is the last power of two */
};

static int ask_page(struct paged *p, struct error *e)
{
	struct ldap_search_request r;
	struct ber_write w;

	memset(&r, 0, sizeof(r));
	r.base = p->s->base;
	r.scope = p->s->scope;
	r.size_limit = p->s->at_most;
	r.filter = buf_str(&p->filter);
	r.attrs = p->s->attrs;
	r.page_size = p->s->page_size;
	r.cookie = buf_str(&p->page);
	ldap_begin_request(p->l, &w);
	ldap_put_search(&w, ldap_next_id(p->l), &r);
	return ldap_send(p->l, &w, e);
}

/* Keeps the cookie of a page that ended. */
static int end_page(struct paged *p, const struct ldap_message *m, struct error *e)
{
	struct ldap_result r;
	char what[300];

	if (ldap_result_read(m, &r, e) != 0)
		return -1;
	if (r.code != LDAP_SUCCESS && !(r.code == LDAP_SIZE_LIMIT && p->s->at_most > 0)) {
		snprintf(what, sizeof(what), "search below \"%.*s\" after %lu entries",
			 p->s->base.len < 200 ? (int)p->s->base.len : 200, p->s->base.ptr, p->entries);
		return ldap_result_error(&r, what, e);
	}
	buf_reset(&p->page);
	buf_put_str(&p->page, m->cookie);
	p->pages++;
	log_debug("page %lu: %lu entries so far", p->pages, p->entries);
	return buf_check(&p->page, "the page cookie of the server", e);
}

/* Reads one page to its end. */
static int read_page(struct paged *p, struct error *e)
{
	struct ldap_message m;
	struct ldap_entry entry;

	for (;;) {
		if (ldap_receive(p->l, &m, e) != 0)
			return -1;
		if (m.id != p->l->last_id)
			return out_of_turn(p->l, e);
		switch (m.op) {
		case LDAP_SEARCH_ENTRY:
			if (ldap_entry_read(&m, &entry, e) != 0)
				return error_add(e, "%s", p->l->name);
			p->entries++;
			p->names = hash_bytes(&(struct hash_seed){ p->names.a, p->names.b }, entry.dn);
			if (p->fn(p->cookie, &entry, e) != 0)
				return -1;
			break;
		case LDAP_SEARCH_REFERENCE:
			note_reference(p->l, &m);
			break;
		case LDAP_SEARCH_DONE:
			return end_page(p, &m, e);
		default:
			return out_of_turn(p->l, e);
		}
	}
}

/*
 * Pages that follow each other in a circle would never end. Their names meet those that are kept, however
 * long the circle is and wherever it begins (Brent's method).
 */
static int is_again(struct paged *p)
{
	if (p->names.a == p->kept.a && p->names.b == p->kept.b)
		return 1;
	p->filled++;
	if ((p->filled & (p->filled - 1)) == 0)
		p->kept = p->names;
	return 0;
}

/* Whether the page that was read may be followed by another. *empty: pages without entries up to here. */
static int check_page(struct paged *p, unsigned long before, int *empty, struct error *e)
{
	*empty = p->entries > before ? 0 : *empty + 1;
	if (*empty > MAX_LDAP_EMPTY_PAGES)
		return error_set(e, ERROR_UPSTREAM, "%s gives %d empty pages one after the other",
				 p->l->name, *empty);
	if (*empty == 0 && is_again(p))
		return error_set(e, ERROR_UPSTREAM,
				 "%s sends the same page of entries again, after %lu entries; "
				 "LDAP_PAGE_SIZE=0 asks for no pages", p->l->name, p->entries);
	return 0;
}

int ldap_search(struct ldap *l, const struct ldap_search *s, ldap_entry_fn *fn, void *cookie, struct error *e)
{
	struct paged p;
	struct ber_write w;
	int empty = 0, rc = -1;

	memset(&p, 0, sizeof(p));
	p.l = l;
	p.s = s;
	p.fn = fn;
	p.cookie = cookie;
	buf_init(&p.filter, MAX_RECORD);
	buf_init(&p.page, MAX_RECORD);
	ber_write_init(&w, &p.filter);
	if (ldap_filter_encode(&w, s->filter, e) != 0 || ber_write_check(&w, "the filter", e) != 0)
		goto out;
	do {
		unsigned long before = p.entries;

		memset(&p.names, 0, sizeof(p.names));
		if (ask_page(&p, e) != 0 || read_page(&p, e) != 0 || check_page(&p, before, &empty, e) != 0)
			goto out;
	} while (p.page.len > 0);
	rc = 0;
out:
	buf_release(&p.filter);
	buf_release(&p.page);
	return rc;
}

/* ---- look-ups ------------------------------------------------------------------------------------------ */

struct pending {
	int32_t id;
	int64_t tag;
	int seen;	/* the entry has come */
};

struct window {
	struct ldap *l;
	const struct ldap_lookup *k;
	struct buf filter;
	struct pending slot[MAX_LDAP_WINDOW];	/* the first n are under way */
	int n;
	int more;	/* there may be further DNs */
};

static int encode_any(struct buf *filter, struct error *e)
{
	struct ber_write w;

	buf_init(filter, sizeof(any_entry) + 16);
	ber_write_init(&w, filter);
	if (ldap_filter_encode(&w, str_from(any_entry), e) != 0)
		return -1;
	return ber_write_check(&w, "the filter", e);
}

/* Sends one more request. */
static int ask_entry(struct window *win, struct error *e)
{
	struct ldap_search_request r;
	struct ber_write w;
	struct pending *slot = &win->slot[win->n];
	int rc;

	memset(&r, 0, sizeof(r));
	rc = win->k->next(win->k->cookie, &r.base, &slot->tag, e);
	if (rc != 1) {
		win->more = 0;
		return rc;
	}
	r.scope = LDAP_BASE;
	r.filter = buf_str(&win->filter);
	r.attrs = win->k->attrs;
	slot->id = ldap_next_id(win->l);
	slot->seen = 0;
	win->n++;
	ldap_begin_request(win->l, &w);
	ldap_put_search(&w, slot->id, &r);
	return ldap_send(win->l, &w, e);
}

/* The answer of a look-up is complete. */
static int end_entry(struct window *win, struct pending *slot, const struct ldap_message *m, struct error *e)
{
	struct ldap_result r;
	struct pending done = *slot;

	if (ldap_result_read(m, &r, e) != 0)
		return -1;
	*slot = win->slot[--win->n];
	switch (r.code) {
	case LDAP_SUCCESS:
	case LDAP_NO_SUCH_OBJECT:
	case LDAP_REFERRAL:
	case LDAP_BAD_DN:
	case LDAP_NO_ACCESS:
		return done.seen ? 0 : win->k->found(win->k->cookie, done.tag, NULL, e);
	default:
		return ldap_result_error(&r, "look-up of a single entry", e);
	}
}

static int read_answer(struct window *win, struct error *e)
{
	struct ldap_message m;
	struct ldap_entry entry;
	struct pending *slot = win->slot;

	if (ldap_receive(win->l, &m, e) != 0)
		return -1;
	while (slot < win->slot + win->n && slot->id != m.id)
		slot++;
	if (slot == win->slot + win->n)
		return out_of_turn(win->l, e);
	switch (m.op) {
	case LDAP_SEARCH_ENTRY:
		if (slot->seen || ldap_entry_read(&m, &entry, e) != 0)
			return out_of_turn(win->l, e);
		slot->seen = 1;
		return win->k->found(win->k->cookie, slot->tag, &entry, e);
	case LDAP_SEARCH_REFERENCE:
		note_reference(win->l, &m);
		return 0;
	case LDAP_SEARCH_DONE:
		return end_entry(win, slot, &m, e);
	default:
		return out_of_turn(win->l, e);
	}
}

int ldap_lookup(struct ldap *l, const struct ldap_lookup *k, struct error *e)
{
	struct window win;
	int rc;

	memset(&win, 0, sizeof(win));
	win.l = l;
	win.k = k;
	win.more = 1;
	rc = encode_any(&win.filter, e);
	while (rc == 0 && (win.more || win.n > 0)) {
		while (rc == 0 && win.more && win.n < MAX_LDAP_WINDOW)
			rc = ask_entry(&win, e);
		if (rc == 0 && win.n > 0)
			rc = read_answer(&win, e);
	}
	buf_release(&win.filter);
	return rc;
}

/* ---- ranges -------------------------------------------------------------------------------------------- */

struct range {
	const char *attr;
	long next;		/* where to go on, -1 when all is read */
	int (*fn)(void *cookie, struct str value, struct error *e);
	void *cookie;
};

static int take_range(void *cookie, struct ldap_entry *entry, struct error *e)
{
	struct range *range = cookie;
	struct ldap_attr attr;
	struct str value;

	while (ldap_attr_next(entry, &attr)) {
		if (!str_case_eqz(attr.name, range->attr))
			continue;
		while (ldap_value_next(&attr, &value))
			if (range->fn(range->cookie, value, e) != 0)
				return -1;
		range->next = attr.range_next;
	}
	return 0;
}

int ldap_values(struct ldap *l, struct str dn, const char *attr, long from,
		int (*fn)(void *cookie, struct str value, struct error *e), void *cookie, struct error *e)
{
	struct range range;
	struct ldap_search s;
	const char *attrs[2];
	char name[128];

	range.attr = attr;
	range.next = from;
	range.fn = fn;
	range.cookie = cookie;
	memset(&s, 0, sizeof(s));
	s.base = dn;
	s.scope = LDAP_BASE;
	s.filter = str_from(any_entry);
	s.attrs = attrs;
	attrs[0] = name;
	attrs[1] = NULL;
	while (range.next >= 0) {
		from = range.next;
		range.next = -1;
		snprintf(name, sizeof(name), "%s;range=%ld-*", attr, from);
		if (ldap_search(l, &s, take_range, &range, e) != 0)
			return -1;
		if (range.next >= 0 && range.next <= from)
			return error_set(e, ERROR_UPSTREAM,
					 "%s gives the same values of \"%s\" again and again", l->name, attr);
	}
	return 0;
}
