/*
 * The only door to the operating system. C99 types only; implemented by ports/posix and ports/windows. Paths
 * and arguments are UTF-8 everywhere. Functions that fail return -1 (or NULL) and say why in *e with the
 * system's own words.
 */
#ifndef PORT_H
#define PORT_H

#include <stddef.h>
#include <stdint.h>
#include "base/error.h"

/* ---- start and end ----------------------------------------------------------------------------------- */

/* First thing in main: UTF-8 arguments, binary standard streams, sockets, ignored SIGPIPE, no
 * core dumps, new files for our user alone (umask). *argv may be replaced. */
int port_init(int *argc, char ***argv, struct error *e);
/* Ctrl-C, SIGTERM: the first sets a flag, the second ends the program at once. */
void port_catch_interrupts(void);
int port_interrupted(void);
/* What port_restrict() leaves us: this file, or this folder with all below, to be read; or also written, made
 * and removed. Nothing may be opened between the first of these and port_restrict(). */
void port_allow(const char *path, int write);
/* From now on the files allowed are all that can be reached, the network only if so, and no child is started;
 * where the system can hold us to that without being root (OpenBSD). Elsewhere nothing changes. */
int port_restrict(int network, struct error *e);

/* ---- clock, entropy, environment --------------------------------------------------------------------- */

int64_t port_mono_ms(void);		/* milliseconds of a clock that never goes back */
int64_t port_wall_ms(void);		/* milliseconds since 1970-01-01 UTC */
struct port_tm { int year, month, day, hour, minute, second; };
void port_local_time(int64_t epoch, struct port_tm *out);
void port_sleep_ms(int ms);
/* Fills with random bytes good enough for keys. */
int port_entropy(void *out, size_t len, struct error *e);
/* SHA-256 (FIPS 180-4) of so many blocks of 64 bytes by instructions of the processor: changes state and
 * returns 1. 0, and nothing is done, where there are none. */
int port_sha256(uint32_t state[8], const void *data, size_t blocks);
/* Value of an environment variable or NULL. UTF-8, lives until the program ends. */
const char *port_getenv(const char *name);
int port_setenv(const char *name, const char *value);
/* Calls fn for each "NAME=value". */
void port_each_env(void (*fn)(void *cookie, const char *entry), void *cookie);

/* ---- files ------------------------------------------------------------------------------------------- */

struct port_file;	/* opaque, owned; freed by port_close */

enum port_open_mode {
	PORT_READ,
	PORT_CREATE,		/* new file, must not exist, mode 0600 */
	PORT_TRUNCATE,		/* new or emptied, 0600 */
	PORT_APPEND		/* new or at its end, 0600 */
};

/* Opens a file. NULL on failure. */
struct port_file *port_open(const char *path, enum port_open_mode mode, struct error *e);
/* Bytes read, 0 at the end, -1. Never more than cap. */
long port_read(struct port_file *f, void *data, size_t cap, struct error *e);
/* The next read is from this many bytes after the start. */
int port_seek(struct port_file *f, uint64_t offset, struct error *e);
/* Writes all or fails. */
int port_write(struct port_file *f, const void *data, size_t len, struct error *e);
/* To the disk itself. */
int port_sync(struct port_file *f, struct error *e);
/* Everybody may read a new file from now on, where its mode decides that. */
int port_share(struct port_file *f, struct error *e);
int port_close(struct port_file *f, struct error *e);
/* Atomically puts from in to's place (same folder) and syncs the folder where the system has that. */
int port_replace(const char *from, const char *to, struct error *e);
int port_remove(const char *path, struct error *e);
/* Makes the folder and missing parents, mode 0700. */
int port_make_dirs(const char *path, struct error *e);
int port_chdir(const char *path, struct error *e);

struct port_stat {
	uint64_t size;
	int is_dir, is_file;		/* neither: a device, a pipe ... */
	int others_can_read;
	int64_t modified;		/* epoch seconds */
};
/* 0; -1 when there is none or it cannot be read (e set). */
int port_stat(const char *path, struct port_stat *out, struct error *e);
/* Names in a folder, without "." and "..", in no order. fn returns -1 to stop. */
int port_list(const char *dir, int (*fn)(void *cookie, const char *name), void *cookie, struct error *e);
const char *port_temp_dir(void);

/* An exclusive lock on a file (made if missing) that ends with the process. NULL with kind ERROR_LOCKED when
 * taken, by us too; text may be written to the file for people. While it is held, do not open the file in
 * this process: POSIX forgets the lock when that is closed. */
struct port_lock;
struct port_lock *port_lock(const char *path, const char *text, struct error *e);
void port_unlock(struct port_lock *l);

/* Standard streams: 1 and 2. Writes all it can; failures are remembered and returned by the call for 1. data
 * NULL: what was to be written could not be made, which is a failure too. */
int port_print(int stream, const char *data, size_t len);
int port_is_terminal(int stream);
int port_terminal_width(int stream);	/* columns, or 80 */

/* ---- sockets: all non-blocking ------------------------------------------------------------------------- */

typedef intptr_t port_sock;		/* a system handle */
#define PORT_NO_SOCK ((port_sock)-1)

struct port_addr { unsigned char bytes[128]; unsigned len; };	/* a system socket address with port */

enum port_io { PORT_IO_OK = 0, PORT_IO_AGAIN = -2, PORT_IO_ERROR = -1 };

/* Addresses of a name or address, in the order to try, at most max. May block (system resolver). Count, or -1
 * (ERROR_UPSTREAM: names the host). */
int port_resolve(const char *host, unsigned port, struct port_addr *out, int max, struct error *e);
/* "127.0.0.1:389" or "[::1]:389". */
void port_addr_text(const struct port_addr *a, char *out, size_t cap);
/* Begins a connection (TCP_NODELAY). The socket becomes writable when done; then port_connect_result(). */
port_sock port_connect(const struct port_addr *a, struct error *e);
/* 0, or -1 with the reason (refused, unreachable, timed out). */
int port_connect_result(port_sock s, struct error *e);
/* Listens on loopback or any address; *bound gets the address with the port chosen (port 0: a free one). */
port_sock port_listen(const char *address, unsigned port, unsigned *bound_port, struct error *e);
/* A waiting connection, or PORT_NO_SOCK when there is none. */
port_sock port_accept(port_sock listener);
/* Bytes (>= 0; reading 0 means the peer closed), PORT_IO_AGAIN, or PORT_IO_ERROR with e set. */
long port_recv(port_sock s, void *data, size_t cap, struct error *e);
long port_send(port_sock s, const void *data, size_t len, struct error *e);
void port_sock_close(port_sock s);
/* Ends with a reset (RST) instead of an orderly close; for simulators. */
void port_sock_abort(port_sock s);

enum { PORT_WANT_READ = 1, PORT_WANT_WRITE = 2 };
struct port_poll { port_sock sock; int want; int got; /* what is ready; errors count as both */ };
/* Waits until something is ready or ms passed (-1: for ever). Number ready, 0 on time-out or interruption,
 * -1. n may be 0. */
int port_poll(struct port_poll *set, size_t n, int ms, struct error *e);

/* ---- children ---------------------------------------------------------------------------------------- */

struct port_child;
/* Starts argv[0] (a path) with standard output and error going to files (NULL: inherited), no standard input,
 * env entries "NAME=value" (NULL: inherited), in folder dir (NULL: here). Paths are seen from here, not from
 * dir. On Windows ".exe" may be left out, and the child ends with us. */
struct port_child *port_spawn(const char *const *argv, const char *const *env, const char *dir,
			      const char *out_path, const char *err_path, struct error *e);
/* Waits up to ms (-1: for ever). 1: ended, *code = exit code, or 256 + signal; 0: still running; -1. After 1
 * the child must be freed. */
int port_wait(struct port_child *c, int ms, int *code, struct error *e);
/* Ends it: hard = kill -9, else as Ctrl-C / SIGTERM would. */
void port_kill(struct port_child *c, int hard);
void port_child_free(struct port_child *c);
int64_t port_pid(void);
/* Peak resident memory of a child that ended, KiB; 0 where unknown. POSIX has the largest of all children so
 * far (and of us, when we started it): start one from a small process to measure it. */
int64_t port_child_peak_kib(const struct port_child *c);

/* ---- trust ------------------------------------------------------------------------------------------- */

/* The system's CA certificates. The port calls file() for each PEM bundle it would use until one returns 0
 * (POSIX), or cert() with the DER of each certificate (Windows). -1 when there is none. */
int port_system_ca(int (*file)(void *cookie, const char *path),
		   int (*cert)(void *cookie, const unsigned char *der, size_t len), void *cookie);

#endif
