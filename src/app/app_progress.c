#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "app/app.h"
#include "base/buf.h"
#include "base/log.h"
#include "port.h"

#define TERMINAL_MS 100		/* between two drawings of the bar */
#define LINES_MS 10000		/* between two lines elsewhere */
#define EVENTS_MS 1000		/* between two events for programs */
#define BAR_MAX 30		/* characters of the bar between its brackets ... */
#define BAR_MIN 10		/* ... or none at all */
#define LINE_MAX_BYTES 500

struct progress {
	const char *what;	/* borrowed */
	uint64_t total, done;
	int64_t started, drawn;	/* milliseconds */
	int64_t told;		/* the same: the last event */
	int quiet, terminal;
	struct events *events;	/* borrowed; NULL: nobody listens */
	size_t on_screen;	/* characters of the bar on the terminal */
};

void put_duration(struct buf *out, uint64_t seconds)
{
	if (seconds < 60)
		buf_printf(out, "%d s", (int)seconds);
	else if (seconds < 3600)
		buf_printf(out, "%d min %02d s", (int)(seconds / 60), (int)(seconds % 60));
	else if (seconds < 86400)
		buf_printf(out, "%d h %02d min", (int)(seconds / 3600), (int)(seconds / 60 % 60));
	else
		buf_printf(out, "%" PRIu64 " d %02d h", seconds / 86400, (int)(seconds / 3600 % 24));
}

/* How much, how fast, how long still. */
static void put_figures(struct buf *out, const struct progress *p, uint64_t elapsed_ms)
{
	uint64_t rate = elapsed_ms > 0 ? p->done * 1000 / elapsed_ms : 0;

	buf_printf(out, "%" PRIu64, p->done);
	if (p->total > 0)
		buf_printf(out, " of %" PRIu64 " (%d%%)", p->total,
			   (int)((double)p->done * 100 / (double)p->total));
	if (rate > 0)
		buf_printf(out, ", %" PRIu64 "/s", rate);
	if (rate > 0 && p->total > p->done) {
		buf_puts(out, ", ");
		put_duration(out, (p->total - p->done) / rate);
		buf_puts(out, " left");
	}
}

/* "what [#####-----] figures", without the bar where the terminal is too narrow or the total unknown. */
static void put_bar(struct buf *out, const struct progress *p, uint64_t elapsed_ms, int columns)
{
	struct buf figures;
	int room, width, filled, i;

	buf_init(&figures, LINE_MAX_BYTES);
	put_figures(&figures, p, elapsed_ms);
	room = columns - (int)(strlen(p->what) + figures.len) - 5;
	width = room < BAR_MIN || p->total == 0 ? 0 : room < BAR_MAX ? room : BAR_MAX;
	filled = p->total > 0 ? (int)((double)p->done * width / (double)p->total) : 0;
	buf_printf(out, "%s ", p->what);
	if (width > 0) {
		buf_putc(out, '[');
		for (i = 0; i < width; i++)
			buf_putc(out, i < filled ? '#' : '-');
		buf_puts(out, "] ");
	}
	buf_put_str(out, buf_str(&figures));
	if (columns > 0 && out->len >= (size_t)columns)
		buf_truncate(out, (size_t)columns - 1);
	buf_release(&figures);
}

static void clear_bar(void *cookie)
{
	struct progress *p = cookie;
	struct buf out;

	if (p->on_screen == 0)
		return;
	buf_init(&out, LINE_MAX_BYTES);
	buf_printf(&out, "\r%*s\r", (int)p->on_screen, "");
	port_print(2, buf_text(&out), out.len);
	buf_release(&out);
	p->on_screen = 0;
}

static void draw_bar(void *cookie)
{
	struct progress *p = cookie;
	struct buf out;

	buf_init(&out, LINE_MAX_BYTES);
	put_bar(&out, p, (uint64_t)(p->drawn - p->started), port_terminal_width(2));
	clear_bar(p);
	if (out.len < LINE_MAX_BYTES / 2) {
		p->on_screen = out.len;
		port_print(2, buf_text(&out), out.len);
	}
	buf_release(&out);
}

static void say_line(const struct progress *p)
{
	struct buf out;

	buf_init(&out, LINE_MAX_BYTES);
	put_figures(&out, p, (uint64_t)(p->drawn - p->started));
	say("%s: %s", p->what, buf_text(&out));
	buf_release(&out);
}

struct progress *progress_begin(struct events *events, const char *what, uint64_t total)
{
	struct progress *p = log_quiet() && !events ? NULL : calloc(1, sizeof *p);

	events_step(events, STEP_BEGIN, what, 0, total);
	if (!p)
		return NULL;
	p->events = events;
	p->quiet = log_quiet();
	p->what = what;
	p->total = total;
	p->started = p->drawn = p->told = port_mono_ms();
	p->terminal = !p->quiet && port_is_terminal(2);
	if (p->terminal) {
		log_set_progress(clear_bar, draw_bar, p);
		draw_bar(p);
	}
	return p;
}

void progress_step(struct progress *p, uint64_t done)
{
	int64_t now;

	if (!p)
		return;
	p->done = done;
	now = port_mono_ms();
	if (p->events && now - p->told >= EVENTS_MS) {
		p->told = now;
		events_step(p->events, STEP_PROGRESS, p->what, done, p->total);
	}
	if (p->quiet || now - p->drawn < (p->terminal ? TERMINAL_MS : LINES_MS))
		return;
	p->drawn = now;
	if (p->terminal)
		draw_bar(p);
	else
		say_line(p);
}

void progress_end(struct progress *p)
{
	if (!p)
		return;
	if (p->terminal) {
		clear_bar(p);
		log_set_progress(NULL, NULL, NULL);
	}
	events_step(p->events, STEP_END, p->what, p->done, p->total);
	free(p);
}
