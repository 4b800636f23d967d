/*
 * What the end-to-end tests share: a simulated directory, a simulated account, a scratch folder, and what a run may do.
 */
#ifndef SANDBOX_E2E_H
#define SANDBOX_E2E_H

#include "base/buf.h"
#include "harness.h"
#include "sandbox/ldapsim.h"
#include "sandbox/tcsim.h"
#include "sandbox/tlsrelay.h"

#define E2E_DATA "tests/sandbox/demo/"	/* an invented company */
#define E2E_CA "tests/unit/data/tls/ca.pem"	/* ca.pem in the scratch folder */
#define E2E_OPTIONS 3			/* of the simulated account, of one story */
#define E2E_SETTINGS 6			/* of one story */
#define E2E_ARGS 6

/* What a run may change. */
enum effect {
	NOTHING,	/* no changing request; without fetching, the older prepared file stays too */
	SOMETHING,	/* some of what was planned */
	EVERYTHING	/* the account is as it should be */
};

/* One run of "PROGRAM ARGS", with that company. */
struct story {
	const char *name;
	const char *args[E2E_ARGS];
	struct { const char *name, *value; } options[E2E_OPTIONS];	/* of the account */
	const char *settings[E2E_SETTINGS];	/* "NAME=value", besides the usual ones */
	int code;				/* exit code */
	const char *says;			/* what the messages must hold; NULL: nothing in particular */
	enum effect effect;
};

struct scene {
	const char *program, *dir;
	struct tcsim *account;
	struct ldapsim *directory;
	struct tlsrelay *relay;		/* of the present story, or NULL */
	struct buf people;		/* the directory's entries */
	struct buf goal;		/* the account as it should be, see tcsim_put_people() */
	unsigned passed, failed;
};

/* Servers, and the goal, from an undisturbed run. */
int scene_start(struct scene *s, const char *program, const char *dir, struct error *e);
void scene_stop(struct scene *s);
/* A fresh folder with settings, an older prepared file and some inputs; the account as it was at first. */
int scene_lay_out(struct scene *s, struct error *e);
int scene_write(const struct scene *s, const char *name, const char *text, struct error *e);
/* The program's path from any folder, which only a shell tells. -1 where there is none. */
int scene_program(const struct scene *s, char path[2 * HARNESS_PATH], struct error *e);
/* A run with both servers; the caller adds arguments. */
void scene_run_init(struct scene *s, struct harness_run *r);
/* "{account}" or "{relay}" in a text becomes the port of it. */
void scene_fill_in(const struct scene *s, const char *text, char *out, size_t cap);
/* 1 when there were changing requests. */
int scene_changed(struct scene *s);
/* 1 when the account is as it should be. */
int scene_is_goal(struct scene *s);
/* 1 when the file holds exactly this text. */
int scene_holds(const struct scene *s, const char *name, const char *text);
/* 1 when the older prepared file is still there. */
int scene_is_old(const struct scene *s);
/* 1 when var/ holds a temporary file. */
int scene_has_temporary(const struct scene *s);
/* Counts, and prints when there is a problem. */
void scene_report(struct scene *s, const char *name, const char *problem, const char *detail);
/* NULL, or what is wrong with the outcome of a story. */
const char *scene_judge(struct scene *s, const struct story *t, const struct harness_run *r);

/* test_e2e_faults.c */
void e2e_locked(struct scene *s);
void e2e_without_var(struct scene *s);
void e2e_disk_full(struct scene *s);
void e2e_killed(struct scene *s);
/* test_e2e_file.c */
void e2e_files(struct scene *s);
/* test_e2e_record.c */
void e2e_recorded(struct scene *s);
/* test_e2e_explain.c */
void e2e_explained(struct scene *s);
/* test_e2e_many.c */
void e2e_many(struct scene *s);
/* test_e2e_events.c */
void e2e_told(struct scene *s);
/* test_e2e_notify.c */
void e2e_notified(struct scene *s);
/* test_e2e_private.c */
void e2e_private(struct scene *s);

#endif
