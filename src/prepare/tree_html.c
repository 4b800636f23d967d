#include <string.h>
#include "base/codec.h"
#include "base/digest.h"
#include "base/unicode.h"
#include "prepare/tree_int.h"
#include "prepare/tree_page.h"

#define OPEN_ALL 100	/* people up to which all groups stand open at first; else the top ones */

static const char sql_members[] =
	"SELECT a.name, a.mail, a.real_mail, a.role FROM node n CROSS JOIN account a ON a.path = n.path "
	"WHERE n.id = ?1 AND a.status = 'active' ORDER BY a.name, a.seq";
static const char sql_people[] =
	"SELECT name, mail, real_mail, role FROM account "
	"WHERE (status = 'active') = ?1 AND (NOT ?1 OR path = '') ORDER BY name, seq";

struct page {
	struct tree_out out;
	struct tree *t;
	struct db_stmt *members;	/* owned: people of a node */
	struct db_stmt *people;		/* owned: active people in the root group, or all inactive ones */
	int64_t active;
	size_t depth;			/* groups that are open in the text */
};

/* Text as the content of an element or attribute. What cannot stand in a page becomes U+FFFD. */
static void put_text(struct buf *out, struct str text)
{
	static const struct { char c; const char *entity; } entities[] = {
		{ '&', "&amp;" }, { '<', "&lt;" }, { '>', "&gt;" }, { '"', "&quot;" }, { '\'', "&#39;" }
	};
	size_t pos = 0, start, i;
	int32_t code;

	while (pos < text.len) {
		start = pos;
		code = utf8_next(text, &pos);
		for (i = 0; i < 5 && entities[i].c != code; i++)
			;
		if (i < 5)
			buf_puts(out, entities[i].entity);
		else if (code < 0x20 && code != '\t' && code != '\n')
			buf_puts(out, "\xef\xbf\xbd");
		else
			buf_put(out, text.ptr + start, pos - start);
	}
}

static void put_person(struct page *p, struct db_stmt *s)
{
	struct buf *out = &p->out.text;
	struct str role = db_text(s, 3);

	buf_puts(out, "<li class=\"person\"><bdi>");
	put_text(out, db_text(s, 0));
	buf_puts(out, "</bdi> ");
	if (!str_eqz(role, "user")) {
		buf_puts(out, "<span class=\"role ");
		put_text(out, role);
		buf_puts(out, "\">");
		put_text(out, role);
		buf_puts(out, "</span> ");
	}
	buf_puts(out, "<span class=\"mail\">");
	put_text(out, db_text(s, 1));
	if (db_text(s, 2).len > 0 && !str_eq(db_text(s, 1), db_text(s, 2))) {
		buf_puts(out, ", ");
		put_text(out, db_text(s, 2));
	}
	buf_puts(out, "</span></li>\n");
}

static int put_people(struct page *p, struct db_stmt *s, struct error *e)
{
	int got;

	while ((got = db_step(s, e)) == 1) {
		put_person(p, s);
		if (tree_out_flush(&p->out, 0) != 0)
			return -1;
	}
	return got;
}

static void open_group(struct page *p, struct str name, int64_t n, int open)
{
	struct buf *out = &p->out.text;

	buf_puts(out, open ? "<li><details open><summary><bdi>" : "<li><details><summary><bdi>");
	put_text(out, name);
	buf_printf(out, "</bdi> <span class=\"count\">%lld %s</span></summary>\n<ul>\n", (long long)n,
		   n == 1 ? "person" : "people");
	p->depth++;
}

static void close_groups(struct page *p, size_t depth)
{
	for (; p->depth > depth; p->depth--)
		buf_puts(&p->out.text, "</ul></details></li>\n");
}

/* People who are in no group of the tree: the root group, those who are not active. */
static int put_others(struct page *p, const char *name, int active, struct error *e)
{
	struct db_stmt *count = db_prepare(p->t->work, "SELECT count(*) FROM account "
					   "WHERE (status = 'active') = ?1 AND (NOT ?1 OR path = '')", e);
	int got = -1;

	if (count != NULL) {
		db_bind_int(count, 1, active);
		got = db_step(count, e);
	}
	if (got == 1 && db_int(count, 0) > 0) {
		open_group(p, str_from(name), db_int(count, 0), active && p->active <= OPEN_ALL);
		db_bind_int(p->people, 1, active);
		got = put_people(p, p->people, e);
		close_groups(p, 0);
	}
	db_finish(count);
	return got < 0 ? -1 : 0;
}

static int put_tree(struct page *p, struct error *e)
{
	struct tree_walk w;
	int got = -1;

	if (tree_walk_init(&w, p->t, e) == 0) {
		while ((got = tree_walk_next(&w, e)) == 1) {
			close_groups(p, w.last.len - 1);
			open_group(p, w.name.len > 0 ? buf_str(&w.name) : STR("(no name)"), w.total,
				   p->active <= OPEN_ALL || w.last.len == 1);
			db_bind_int(p->members, 1, w.id);
			if (w.people > 0 && put_people(p, p->members, e) != 0) {
				got = -1;
				break;
			}
		}
		close_groups(p, 0);
	}
	tree_walk_release(&w);
	return got;
}

static void put_pieces(struct buf *out, const char *const *pieces)
{
	for (; *pieces != NULL; pieces++)
		buf_puts(out, *pieces);
}

/* Only the script whose digest stands in the page may run: nothing that a name might bring along. */
static void put_head(struct page *p)
{
	struct buf *out = &p->out.text;
	unsigned char digest[SHA256_SIZE];
	const char *const *piece;
	struct sha256 hash;

	sha256_init(&hash);
	for (piece = page_script; *piece != NULL; piece++)
		sha256_add(&hash, *piece, strlen(*piece));
	sha256_get(&hash, digest);
	buf_puts(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		 "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		 "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
		 "style-src 'unsafe-inline'; script-src 'sha256-");
	base64_encode(out, digest, sizeof digest);
	buf_puts(out, "'\">\n<title>Groups and people</title>\n<style>\n");
	put_pieces(out, page_style);
	buf_puts(out, "</style>\n</head>\n");
}

static void put_number(struct buf *out, const char *before, int64_t n, const char *one, const char *many)
{
	buf_printf(out, "%s%lld %s", before, (long long)n, n == 1 ? one : many);
}

/* Only of a role that somebody has. */
static void put_role(struct buf *out, int64_t n, const char *one, const char *many)
{
	if (n > 0)
		put_number(out, ", ", n, one, many);
}

static int put_header(struct page *p, struct error *e)
{
	static const char sql[] = "SELECT count(*), coalesce(sum(role = 'supervisor'), 0), "
		"coalesce(sum(role = 'administrator'), 0), coalesce(sum(role = 'guest'), 0), "
		"count(DISTINCT nullif(path, '')) FROM account WHERE status = 'active'";
	struct db_stmt *s = db_prepare(p->t->work, sql, e);
	struct buf *out = &p->out.text;
	int got = s != NULL ? db_step(s, e) : -1;

	if (got == 1) {
		p->active = db_int(s, 0);
		buf_puts(out, "<body>\n<header>\n<h1>Groups and people</h1>\n<p class=\"numbers\">");
		put_number(out, "", p->active, "active person", "active people");
		put_number(out, " in ", db_int(s, 4), "group", "groups");
		put_role(out, db_int(s, 1), "supervisor", "supervisors");
		put_role(out, db_int(s, 2), "administrator", "administrators");
		put_role(out, db_int(s, 3), "guest", "guests");
		buf_puts(out, "</p>\n<div class=\"tools\" role=\"search\" hidden>\n"
			 "<label for=\"search\">Search</label>\n"
			 "<input id=\"search\" type=\"search\" autocomplete=\"off\" spellcheck=\"false\" "
			 "placeholder=\"name, address or group\">\n"
			 "<button id=\"expand\" type=\"button\">Expand all</button>\n"
			 "<button id=\"collapse\" type=\"button\">Collapse all</button>\n"
			 "<p id=\"found\" role=\"status\"></p>\n</div>\n</header>\n<main>\n<ul>\n");
	}
	db_finish(s);
	return got == 1 ? 0 : -1;
}

static int put_page(struct page *p, struct error *e)
{
	put_head(p);
	if (put_header(p, e) != 0 || put_others(p, "Root group", 1, e) != 0 || put_tree(p, e) != 0 ||
	    put_others(p, "Inactive accounts", 0, e) != 0)
		return -1;
	buf_puts(&p->out.text, "</ul>\n</main>\n<script>");
	put_pieces(&p->out.text, page_script);
	buf_puts(&p->out.text, "</script>\n</body>\n</html>\n");
	return tree_out_flush(&p->out, 1);
}

int tree_html(struct tree *t, json_out_fn *fn, void *cookie, struct error *e)
{
	struct page p;
	int result = -1;

	memset(&p, 0, sizeof p);
	p.t = t;
	tree_out_init(&p.out, fn, cookie, e);
	if (db_exec(t->work, "CREATE INDEX IF NOT EXISTS account_path ON account(path)", e) != 0)
		goto out;
	p.members = db_prepare(t->work, sql_members, e);
	p.people = db_prepare(t->work, sql_people, e);
	if (p.members != NULL && p.people != NULL)
		result = put_page(&p, e);
out:
	db_finish(p.members);
	db_finish(p.people);
	tree_out_release(&p.out);
	return result;
}
