#include "net/net_int.h"

#include <stdlib.h>

#define ROOM_FIRST 16		/* entries of the first poll set */

void loop_init(struct loop *l)
{
	static const struct loop empty;

	*l = empty;
}

void loop_release(struct loop *l)
{
	free(l->set);
	free(l->who);
	loop_init(l);
}

void loop_watch(struct loop *l, struct watch *w)
{
	w->prev = NULL;
	w->next = l->watches;
	w->slot = (size_t)-1;
	if (l->watches)
		l->watches->prev = w;
	l->watches = w;
}

void loop_unwatch(struct loop *l, struct watch *w)
{
	if (!w->prev && l->watches != w)
		return;
	if (w->prev)
		w->prev->next = w->next;
	else
		l->watches = w->next;
	if (w->next)
		w->next->prev = w->prev;
	w->prev = w->next = NULL;
	if (w->slot < l->n && l->who[w->slot] == w)
		l->who[w->slot] = NULL;
}

void loop_stop_timer(struct loop *l, struct timer *t)
{
	if (t->at == 0)
		return;
	if (t->prev)
		t->prev->next = t->next;
	else
		l->first = t->next;
	if (t->next)
		t->next->prev = t->prev;
	else
		l->last = t->prev;
	t->prev = t->next = NULL;
	t->at = 0;
}

/* Most timers are set to about the same time ahead, so the place is near the end. */
void loop_set_timer(struct loop *l, struct timer *t, int64_t ms)
{
	struct timer *after;

	loop_stop_timer(l, t);
	t->at = port_mono_ms() + (ms > 0 ? ms : 0);
	if (t->at == 0)
		t->at = 1;
	for (after = l->last; after && after->at > t->at; after = after->prev)
		;
	t->prev = after;
	t->next = after ? after->next : l->first;
	if (t->prev)
		t->prev->next = t;
	else
		l->first = t;
	if (t->next)
		t->next->prev = t;
	else
		l->last = t;
}

static int grow(struct loop *l, size_t n, struct error *e)
{
	size_t room = l->room ? l->room : ROOM_FIRST;
	struct port_poll *set;
	struct watch **who;

	if (n <= l->room)
		return 0;
	while (room < n)
		room *= 2;
	set = realloc(l->set, room * sizeof *set);
	if (set)
		l->set = set;
	who = realloc(l->who, room * sizeof *who);
	if (who)
		l->who = who;
	if (!set || !who)
		return error_memory(e);
	l->room = room;
	return 0;
}

static int fill_set(struct loop *l, struct error *e)
{
	struct watch *w;
	size_t n = 0;

	for (w = l->watches; w; w = w->next)
		n += w->want != 0;
	if (grow(l, n, e) < 0)
		return -1;
	n = 0;
	for (w = l->watches; w; w = w->next) {
		w->slot = (size_t)-1;
		if (w->want == 0)
			continue;
		l->set[n].sock = w->sock;
		l->set[n].want = w->want;
		l->set[n].got = 0;
		l->who[n] = w;
		w->slot = n++;
	}
	l->n = n;
	return 0;
}

static int wait_ms(const struct loop *l, int ms)
{
	int64_t left;

	if (!l->first)
		return ms;
	left = l->first->at - port_mono_ms();
	if (left <= 0)
		return 0;
	return ms < 0 || left < ms ? (left > 60000 ? 60000 : (int)left) : ms;
}

static void fire_timers(struct loop *l)
{
	int64_t now = port_mono_ms();
	struct timer *t;

	while ((t = l->first) != NULL && t->at <= now) {
		loop_stop_timer(l, t);
		t->fire(t->cookie);
	}
}

int loop_round(struct loop *l, int ms, struct error *e)
{
	size_t i;
	int ready;

	if (fill_set(l, e) < 0)
		return -1;
	ready = port_poll(l->set, l->n, wait_ms(l, ms), e);
	if (ready < 0)
		return -1;
	for (i = 0; ready > 0 && i < l->n; i++) {
		struct watch *w = l->who[i];

		if (l->set[i].got == 0)
			continue;
		ready--;
		if (w)
			w->ready(w->cookie, l->set[i].got);
	}
	l->n = 0;
	fire_timers(l);
	return 0;
}
