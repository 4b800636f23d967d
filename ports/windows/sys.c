#include "winport.h"
#include <ntsecapi.h>
#include <shellapi.h>
#include <wincrypt.h>
#include <fcntl.h>
#include <io.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "port.h"

#define DEFAULT_COLUMNS 80
#define PRINT_MAX 16384			/* bytes of one write */
#define CONSOLE_MAX 4096		/* bytes of one write to a console, which refuses large ones */
#define EPOCH_1601 116444736000000000LL	/* 1970-01-01 in units of 100 ns since 1601-01-01 */
#define ENTROPY_MAX 65536		/* bytes asked for at once */

#ifndef ENABLE_VIRTUAL_TERMINAL_PROCESSING
#define ENABLE_VIRTUAL_TERMINAL_PROCESSING 4
#endif

/* The value of an environment variable as it was handed out; kept because callers keep the pointer. */
struct env_value {
	struct env_value *next;
	char *text;
};

/* The console's events and the environment are the process's own, so is what is remembered of them. */
static volatile LONG interrupted;
static HANDLE interrupt_event;
static int print_failed;
static struct env_value *env_values;

/* ---- texts ----------------------------------------------------------------------------------- */

wchar_t *win_wide(const char *text, struct error *e)
{
	int n = MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, text, -1, NULL, 0);
	wchar_t *wide;

	if (n <= 0) {
		error_set(e, ERROR_FAILED, "a name that is no valid UTF-8");
		return NULL;
	}
	wide = calloc((size_t)n, sizeof(*wide));
	if (!wide) {
		error_memory(e);
		return NULL;
	}
	MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, text, -1, wide, n);
	return wide;
}

char *win_narrow(const wchar_t *text)
{
	int n = WideCharToMultiByte(CP_UTF8, 0, text, -1, NULL, 0, NULL, NULL);
	char *narrow = n > 0 ? calloc((size_t)n, 1) : NULL;

	if (narrow)
		WideCharToMultiByte(CP_UTF8, 0, text, -1, narrow, n, NULL, NULL);
	return narrow;
}

int win_error(struct error *e, enum error_kind kind, unsigned long code, const char *fmt, ...)
{
	char what[ERROR_TEXT_MAX], *words = NULL;
	wchar_t wide[512];
	DWORD n;
	va_list args;

	va_start(args, fmt);
	vsnprintf(what, sizeof(what), fmt, args);
	va_end(args);
	n = FormatMessageW(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS, NULL, code, 0, wide,
			   512, NULL);
	while (n > 0 && (wide[n - 1] <= L' ' || wide[n - 1] == L'.'))
		wide[--n] = 0;
	if (n > 0)
		words = win_narrow(wide);
	if (words)
		error_set(e, kind, "%s: %s", what, words);
	else
		error_set(e, kind, "%s: system error %lu", what, code);
	free(words);
	return -1;
}

/* ---- start and end --------------------------------------------------------------------------- */

/* Colours where the console knows them. What is written is the same bytes everywhere. */
static void set_console(void)
{
	static const DWORD streams[] = { STD_OUTPUT_HANDLE, STD_ERROR_HANDLE };
	size_t i;

	for (i = 0; i < 2; i++) {
		HANDLE h = GetStdHandle(streams[i]);
		DWORD mode;

		if (GetConsoleMode(h, &mode))
			SetConsoleMode(h, mode | ENABLE_VIRTUAL_TERMINAL_PROCESSING);
	}
	_setmode(0, _O_BINARY);
	_setmode(1, _O_BINARY);
	_setmode(2, _O_BINARY);
}

static int utf8_arguments(int *argc, char ***argv, struct error *e)
{
	int n = 0, i;
	LPWSTR *wide = CommandLineToArgvW(GetCommandLineW(), &n);
	char **narrow = wide ? calloc((size_t)n + 1, sizeof(*narrow)) : NULL;
	int rc = -1;

	for (i = 0; narrow && i < n; i++) {
		narrow[i] = win_narrow(wide[i]);
		if (!narrow[i])
			goto out;
	}
	if (!narrow)
		goto out;
	*argc = n;
	*argv = narrow;
	rc = 0;
out:
	if (wide)
		LocalFree(wide);
	return rc ? error_memory(e) : 0;
}

int port_init(int *argc, char ***argv, struct error *e)
{
	WSADATA data;
	int code;

	SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX);
	set_console();
	if (!interrupt_event)
		interrupt_event = CreateEventW(NULL, TRUE, FALSE, NULL);
	code = WSAStartup(MAKEWORD(2, 2), &data);
	if (code)
		return win_error(e, ERROR_FAILED, (unsigned long)code, "cannot start the network");
	return utf8_arguments(argc, argv, e);
}

static BOOL WINAPI on_interrupt(DWORD event)
{
	(void)event;
	if (InterlockedExchange(&interrupted, 1))
		return FALSE;
	SetEvent(interrupt_event);
	return TRUE;
}

void port_catch_interrupts(void)
{
	SetConsoleCtrlHandler(on_interrupt, TRUE);
}

int port_interrupted(void)
{
	return interrupted != 0;
}

/* ---- clock, entropy, environment ------------------------------------------------------------- */

int64_t port_mono_ms(void)
{
	LARGE_INTEGER count, per_second;

	QueryPerformanceCounter(&count);
	QueryPerformanceFrequency(&per_second);
	return count.QuadPart / per_second.QuadPart * 1000 +
	       count.QuadPart % per_second.QuadPart * 1000 / per_second.QuadPart;
}

int64_t port_wall_ms(void)
{
	ULARGE_INTEGER units;
	FILETIME now;

	GetSystemTimeAsFileTime(&now);
	units.LowPart = now.dwLowDateTime;
	units.HighPart = now.dwHighDateTime;
	return ((int64_t)units.QuadPart - EPOCH_1601) / 10000;
}

void port_local_time(int64_t epoch, struct port_tm *out)
{
	ULARGE_INTEGER units;
	FILETIME when;
	SYSTEMTIME utc, local;

	units.QuadPart = (ULONGLONG)(epoch * 10000000 + EPOCH_1601);
	when.dwLowDateTime = units.LowPart;
	when.dwHighDateTime = units.HighPart;
	memset(&local, 0, sizeof(local));
	if (FileTimeToSystemTime(&when, &utc))
		SystemTimeToTzSpecificLocalTime(NULL, &utc, &local);
	out->year = local.wYear;
	out->month = local.wMonth;
	out->day = local.wDay;
	out->hour = local.wHour;
	out->minute = local.wMinute;
	out->second = local.wSecond;
}

void port_sleep_ms(int ms)
{
	if (ms > 0)
		WaitForSingleObject(interrupt_event, (DWORD)ms);
}

/* Restricting a process that runs already takes more than asking for it here. */
void port_allow(const char *path, int write)
{
	(void)path;
	(void)write;
}

int port_restrict(int network, struct error *e)
{
	(void)network;
	(void)e;
	return 0;
}

int port_sha256(uint32_t state[8], const void *data, size_t blocks)
{
	(void)state;
	(void)data;
	(void)blocks;
	return 0;
}

int port_entropy(void *out, size_t len, struct error *e)
{
	unsigned char *to = out;

	while (len > 0) {
		ULONG n = len < ENTROPY_MAX ? (ULONG)len : ENTROPY_MAX;

		if (!RtlGenRandom(to, n))
			return error_set(e, ERROR_FAILED, "the system gives no random bytes");
		to += n;
		len -= n;
	}
	return 0;
}

/* The text itself, or the same text handed out before. Takes text. */
static const char *keep_value(char *text)
{
	struct env_value *v;

	for (v = env_values; v; v = v->next) {
		if (!strcmp(v->text, text)) {
			free(text);
			return v->text;
		}
	}
	v = malloc(sizeof(*v));
	if (!v) {
		free(text);
		return NULL;
	}
	v->text = text;
	v->next = env_values;
	env_values = v;
	return text;
}

const char *port_getenv(const char *name)
{
	wchar_t *key = win_wide(name, NULL), *value = NULL;
	DWORD n = 0;
	char *text = NULL;

	if (!key)
		return NULL;
	SetLastError(0);
	n = GetEnvironmentVariableW(key, NULL, 0);
	if (n > 0 || GetLastError() != ERROR_ENVVAR_NOT_FOUND)
		value = calloc((size_t)n + 1, sizeof(*value));
	if (value) {
		GetEnvironmentVariableW(key, value, n + 1);
		text = win_narrow(value);
	}
	free(value);
	free(key);
	return text ? keep_value(text) : NULL;
}

int port_setenv(const char *name, const char *value)
{
	wchar_t *key = win_wide(name, NULL), *to = value ? win_wide(value, NULL) : NULL;
	int rc = -1;

	if (key && (to || !value) && SetEnvironmentVariableW(key, to))
		rc = 0;
	free(to);
	free(key);
	return rc;
}

void port_each_env(void (*fn)(void *cookie, const char *entry), void *cookie)
{
	wchar_t *block = GetEnvironmentStringsW(), *entry;

	for (entry = block; entry && *entry; entry += wcslen(entry) + 1) {
		char *text =
			*entry != L'=' ? win_narrow(entry) : NULL; /* "=C:=..." are the drives' folders */

		if (text)
			fn(cookie, text);
		free(text);
	}
	if (block)
		FreeEnvironmentStringsW(block);
}

/* ---- standard streams ------------------------------------------------------------------------ */

static HANDLE stream_handle(int stream)
{
	return GetStdHandle(stream == 1 ? STD_OUTPUT_HANDLE : STD_ERROR_HANDLE);
}

/* A console takes UTF-16 whatever its code page; of UTF-8, older ones count characters as if they were
 * bytes. */
static int write_console(HANDLE h, const char *data, size_t len)
{
	wchar_t wide[CONSOLE_MAX];

	while (len > 0) {
		size_t n = len < CONSOLE_MAX ? len : CONSOLE_MAX;
		DWORD units, done, at;

		while (n < len && n > CONSOLE_MAX - 4 && ((unsigned char)data[n] & 0xc0) == 0x80)
			n--;	/* not in the middle of a character */
		units = (DWORD)MultiByteToWideChar(CP_UTF8, 0, data, (int)n, wide, CONSOLE_MAX);
		for (at = 0; at < units; at += done)
			if (!WriteConsoleW(h, wide + at, units - at, &done, NULL) || done == 0)
				return -1;
		data += n;
		len -= n;
	}
	return 0;
}

static int write_stream(HANDLE h, const char *data, size_t len)
{
	DWORD mode;

	if (GetConsoleMode(h, &mode))
		return write_console(h, data, len);
	while (len > 0) {
		DWORD n = 0;

		if (!WriteFile(h, data, len < PRINT_MAX ? (DWORD)len : PRINT_MAX, &n, NULL))
			return -1;
		data += n;
		len -= n;
	}
	return 0;
}

int port_print(int stream, const char *data, size_t len)
{
	if (stream != 1) {
		write_stream(stream_handle(stream), data, len);
		return 0;
	}
	if (!print_failed && (!data || write_stream(stream_handle(1), data, len)))
		print_failed = 1;
	return print_failed ? -1 : 0;
}

int port_is_terminal(int stream)
{
	DWORD mode;

	return GetConsoleMode(stream_handle(stream), &mode) != 0;
}

int port_terminal_width(int stream)
{
	CONSOLE_SCREEN_BUFFER_INFO info;

	if (!GetConsoleScreenBufferInfo(stream_handle(stream), &info) ||
	    info.srWindow.Right < info.srWindow.Left)
		return DEFAULT_COLUMNS;
	return info.srWindow.Right - info.srWindow.Left + 1;
}

/* ---- trust ----------------------------------------------------------------------------------- */

int port_system_ca(int (*file)(void *cookie, const char *path),
		   int (*cert)(void *cookie, const unsigned char *der, size_t len), void *cookie)
{
	const char *chosen = port_getenv("SSL_CERT_FILE");
	const CERT_CONTEXT *c = NULL;
	HCERTSTORE store;
	int count = 0;

	/* Who names a file wants that one: falling back to others would trust more than was asked for. */
	if (chosen && *chosen)
		return file(cookie, chosen) ? -1 : 0;
	store = CertOpenSystemStoreW(0, L"ROOT");
	if (!store)
		return -1;
	while ((c = CertEnumCertificatesInStore(store, c)) != NULL)
		count += !cert(cookie, c->pbCertEncoded, c->cbCertEncoded);
	CertCloseStore(store, 0);
	return count > 0 ? 0 : -1;
}
