#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/buf.h"
#include "base/date.h"
#include "base/json_write.h"
#include "base/limits.h"
#include "base/log.h"
#include "port.h"

#define ROTATE_AT (10 * 1024 * 1024)	/* bytes of the log file */
#define OLD_FILES 5			/* sync.log.1 ... sync.log.5 */
#define SECRET_MIN 4			/* shorter texts would mask half of every line */

static const char *const level_names[] = { "DEBUG", "INFO", "WARNING", "ERROR" };

static struct {
	struct log_options options;
	char *path;			/* owned */
	struct port_file *file;		/* owned */
	uint64_t size;			/* of the file */
	char *secrets[MAX_SECRETS];	/* owned, the longest first */
	size_t secret_count;
	void (*clear)(void *);
	void (*redraw)(void *);
	void *progress;
} log_state = { { LOG_INFO, NULL, 0, 0 }, NULL, NULL, 0, { NULL }, 0, NULL, NULL, NULL };

static void close_file(void)
{
	if (log_state.file)
		port_close(log_state.file, NULL);
	log_state.file = NULL;
}

static int open_file(struct error *e)
{
	struct port_stat st;

	log_state.file = port_open(log_state.path, PORT_APPEND, e);
	if (!log_state.file)
		return -1;
	log_state.size = port_stat(log_state.path, &st, NULL) == 0 ? st.size : 0;
	return 0;
}

/* "sync.log" + ".3"; n 0: the name itself. */
static void old_name(struct buf *out, int n)
{
	buf_reset(out);
	buf_puts(out, log_state.path);
	if (n > 0)
		buf_printf(out, ".%d", n);
}

/* Losing an old log is no reason to stop a run: failures are passed over. */
static void rotate(void)
{
	struct buf from, to;
	int n;

	close_file();
	buf_init(&from, MAX_PATH_TEXT);
	buf_init(&to, MAX_PATH_TEXT);
	for (n = OLD_FILES; n > 0; n--) {
		old_name(&from, n - 1);
		old_name(&to, n);
		if (!from.failed && !to.failed)
			port_replace(buf_text(&from), buf_text(&to), NULL);
	}
	buf_release(&from);
	buf_release(&to);
	open_file(NULL);
}

/* Makes the folder of the log file. */
static int make_folder(const char *path, struct error *e)
{
	const char *slash = strrchr(path, '/');
	struct buf dir;
	int result = 0;

	if (!slash || slash == path)
		return 0;
	buf_init(&dir, MAX_PATH_TEXT);
	buf_put(&dir, path, (size_t)(slash - path));
	if (buf_check(&dir, "the path of the log file", e) != 0 || port_make_dirs(buf_text(&dir), e) != 0)
		result = -1;
	buf_release(&dir);
	return result;
}

int log_open(const struct log_options *o, struct error *e)
{
	struct str path = str_from(o->path);

	close_file();
	free(log_state.path);
	log_state.path = NULL;
	log_state.options = *o;
	log_state.options.path = NULL;
	if (!o->path)
		return 0;
	log_state.path = malloc(path.len + 1);
	if (!log_state.path)
		return error_memory(e);
	memcpy(log_state.path, path.ptr, path.len + 1);
	if (make_folder(log_state.path, e) != 0 || open_file(e) != 0)
		return error_add(e, "cannot write the log file");
	return 0;
}

void log_close(void)
{
	size_t i;

	close_file();
	free(log_state.path);
	log_state.path = NULL;
	for (i = 0; i < log_state.secret_count; i++) {
		wipe(log_state.secrets[i], strlen(log_state.secrets[i]));
		free(log_state.secrets[i]);
	}
	log_state.secret_count = 0;
}

void log_secret(struct str s)
{
	char *copy;
	size_t i;

	if (s.len < SECRET_MIN || log_state.secret_count == MAX_SECRETS)
		return;
	for (i = 0; i < log_state.secret_count; i++)
		if (str_eqz(s, log_state.secrets[i]))
			return;
	copy = malloc(s.len + 1);
	if (!copy)
		return;
	memcpy(copy, s.ptr, s.len);
	copy[s.len] = '\0';
	for (i = log_state.secret_count++; i > 0 && strlen(log_state.secrets[i - 1]) < s.len; i--)
		log_state.secrets[i] = log_state.secrets[i - 1];
	log_state.secrets[i] = copy;
}

/* Length of the secret at the start of s, 0 when there is none. */
static size_t secret_at(struct str s)
{
	size_t i;

	for (i = 0; i < log_state.secret_count; i++)
		if (str_starts(s, str_from(log_state.secrets[i])))
			return strlen(log_state.secrets[i]);
	return 0;
}

void log_clean(struct buf *out, struct str s)
{
	size_t i = 0;

	while (i < s.len) {
		unsigned char c = (unsigned char)s.ptr[i];
		size_t secret = secret_at(str_sub(s, i, s.len));

		if (secret > 0)
			buf_puts(out, "***");
		else if (c == '\n')
			buf_puts(out, "\\n");
		else if (c < 0x20 || c == 0x7f)
			buf_printf(out, "\\x%02x", c);
		else
			buf_putc(out, c);
		i += secret > 0 ? secret : 1;
	}
}

static void format_line(struct buf *line, enum log_level level, struct str text)
{
	int64_t now = port_wall_ms();
	struct port_tm t;
	char stamp[21];

	if (log_state.options.json) {
		date_format_utc(stamp, now / 1000);
		buf_printf(line, "{\"time\":\"%.19s.%03dZ\",\"level\":\"%s\",\"message\":", stamp,
			   (int)(now % 1000), level_names[level]);
		json_quote(line, text);
		buf_puts(line, "}\n");
		return;
	}
	port_local_time(now / 1000, &t);
	buf_printf(line, "%04d-%02d-%02d %02d:%02d:%02d,%03d - %s - ", t.year, t.month, t.day, t.hour,
		   t.minute, t.second, (int)(now % 1000), level_names[level]);
	buf_put_str(line, text);
	buf_putc(line, '\n');
}

static void write_file(const struct buf *line)
{
	if (log_state.file && log_state.size + line->len > ROTATE_AT)
		rotate();
	if (!log_state.file)
		return;
	if (port_write(log_state.file, line->data, line->len, NULL) != 0)
		close_file();
	log_state.size += line->len;
}

static void write_terminal(const struct buf *line)
{
	if (log_state.clear)
		log_state.clear(log_state.progress);
	port_print(2, line->data, line->len);
	if (log_state.redraw)
		log_state.redraw(log_state.progress);
}

void log_say(struct str text)
{
	struct buf line;

	if (log_state.options.quiet)
		return;
	buf_init(&line, 4 * MAX_LOG_LINE);
	log_clean(&line, text);
	buf_putc(&line, '\n');
	write_terminal(&line);
	buf_release(&line);
}

static int shown(enum log_level level)
{
	if (log_state.options.quiet && level < LOG_WARNING)
		return 0;
	return level >= log_state.options.level;
}

/* The file keeps INFO and above whatever standard error shows. */
static int kept(enum log_level level)
{
	return log_state.path && (level >= LOG_INFO || level >= log_state.options.level);
}

/* Formats a line and writes it where it is wanted. */
static void write_line(enum log_level level, struct str text, int to_file, int to_terminal)
{
	struct buf clean, line;

	buf_init(&clean, 4 * MAX_LOG_LINE);
	buf_init(&line, 32 * MAX_LOG_LINE);
	log_clean(&clean, text);
	format_line(&line, level, buf_str(&clean));
	if (!line.failed && to_file)
		write_file(&line);
	if (!line.failed && to_terminal)
		write_terminal(&line);
	buf_release(&clean);
	buf_release(&line);
}

static void log_to(enum log_level level, int to_file, int to_terminal, const char *fmt, va_list args)
{
	struct buf text;

	if (!to_file && !to_terminal)
		return;
	buf_init(&text, MAX_LOG_LINE);
	buf_vprintf(&text, fmt, args);
	write_line(level, text.failed ? STR("(a log line that is too long was left out)") : buf_str(&text),
		   to_file, to_terminal);
	buf_release(&text);
}

static void log_line(enum log_level level, const char *fmt, va_list args)
{
	log_to(level, kept(level), shown(level), fmt, args);
}

void log_note(enum log_level level, struct str line)
{
	write_line(level, line, kept(level), 0);
}

void log_debug(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	log_line(LOG_DEBUG, fmt, args);
	va_end(args);
}

void log_info(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	log_line(LOG_INFO, fmt, args);
	va_end(args);
}

void log_detail(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	log_to(LOG_INFO, kept(LOG_INFO), shown(LOG_DEBUG), fmt, args);
	va_end(args);
}

void log_warning(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	log_line(LOG_WARNING, fmt, args);
	va_end(args);
}

void log_error(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	log_line(LOG_ERROR, fmt, args);
	va_end(args);
}

int log_debugging(void)
{
	return log_state.options.level == LOG_DEBUG;
}

int log_quiet(void)
{
	return log_state.options.quiet;
}

void log_set_progress(void (*clear)(void *), void (*redraw)(void *), void *cookie)
{
	log_state.clear = clear;
	log_state.redraw = redraw;
	log_state.progress = cookie;
}
