#include <stdio.h>
#include <string.h>

#include "golden/golden.h"

#define SHOWN_MAX 160	/* bytes of a value in a message */

/* ---- numbers ------------------------------------------------------------------------------------ */

static int is_whole(struct str n)
{
	size_t i;

	for (i = 0; i < n.len; i++)
		if (n.ptr[i] == '.' || n.ptr[i] == 'e' || n.ptr[i] == 'E')
			return 0;
	return 1;
}

/* Without the sign of a zero. */
static struct str normal_whole(struct str n)
{
	return str_eqz(n, "-0") ? str_sub(n, 1, 1) : n;
}

static double value_of(struct str n)
{
	char text[64];
	double d = 0;

	snprintf(text, sizeof(text), "%.*s", STR_ARG(n));
	return sscanf(text, "%lf", &d) == 1 ? d : 0;
}

static int same_number(struct str a, struct str b)
{
	if (is_whole(a) && is_whole(b))
		return str_eq(normal_whole(a), normal_whole(b));
	return value_of(a) == value_of(b);
}

/* ---- values ------------------------------------------------------------------------------------- */

/* Where we are: "$[3].raw_data". */
struct place {
	struct buf path;
	struct buf *problem;
	struct arena *arena;
};

static struct str shown(struct json v)
{
	return json_type(v) == JSON_NONE ? STR("nothing") : str_sub(json_raw(v), 0, SHOWN_MAX);
}

static int tell(struct place *p, struct json want, struct json got)
{
	buf_printf(p->problem, "$%s: wanted %.*s, found %.*s\n", buf_text(&p->path), STR_ARG(shown(want)),
		   STR_ARG(shown(got)));
	return 1;
}

static int differs(struct place *p, struct json want, struct json got);

static int arrays_differ(struct place *p, struct json want, struct json got)
{
	struct json x = json_first(want), y = json_first(got);
	size_t i, at = p->path.len;

	for (i = 0; json_type(x) != JSON_NONE && json_type(y) != JSON_NONE; i++) {
		buf_printf(&p->path, "[%lu]", (unsigned long)i);
		if (differs(p, x, y))
			return 1;
		buf_truncate(&p->path, at);
		x = json_next(want, x);
		y = json_next(got, y);
	}
	if (json_type(x) == JSON_NONE && json_type(y) == JSON_NONE)
		return 0;
	buf_printf(p->problem, "$%s: %lu elements wanted, %lu found\n", buf_text(&p->path),
		   (unsigned long)json_count(want), (unsigned long)json_count(got));
	return 1;
}

/* Each member of one that the other has not got at all. */
static int has_more(struct place *p, struct json more, struct json less, const char *what)
{
	struct json v;

	for (v = json_first(more); json_type(v) != JSON_NONE; v = json_next(more, v)) {
		struct str key = json_key(v, p->arena);

		if (json_type(json_get_str(less, key)) != JSON_NONE)
			continue;
		buf_printf(p->problem, "$%s: %s \"%.*s\"\n", buf_text(&p->path), what, STR_ARG(key));
		return 1;
	}
	return 0;
}

static int objects_differ(struct place *p, struct json want, struct json got)
{
	size_t at = p->path.len;
	struct json v;

	if (has_more(p, want, got, "missing key") || has_more(p, got, want, "unexpected key"))
		return 1;
	for (v = json_first(want); json_type(v) != JSON_NONE; v = json_next(want, v)) {
		struct str key = json_key(v, p->arena);

		buf_printf(&p->path, ".%.*s", STR_ARG(key));
		if (differs(p, json_get_str(want, key), json_get_str(got, key)))
			return 1;
		buf_truncate(&p->path, at);
	}
	return 0;
}

static int differs(struct place *p, struct json want, struct json got)
{
	int same = json_type(want) == json_type(got);

	if (same && json_type(want) == JSON_ARRAY)
		return arrays_differ(p, want, got);
	if (same && json_type(want) == JSON_OBJECT)
		return objects_differ(p, want, got);
	if (same && json_type(want) == JSON_NUMBER)
		same = same_number(json_raw(want), json_raw(got));
	else if (same && json_type(want) == JSON_STRING)
		same = str_eq(json_text(want, p->arena), json_text(got, p->arena));
	return same ? 0 : tell(p, want, got);
}

int golden_differs(struct json want, struct json got, struct buf *problem, struct arena *a)
{
	struct place p;
	int rc;

	buf_init(&p.path, 1 << 16);
	p.problem = problem;
	p.arena = a;
	rc = differs(&p, want, got);
	buf_release(&p.path);
	return rc;
}
