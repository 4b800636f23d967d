#include "source/source_file_int.h"

#include <string.h>

#include "base/settings.h"

#define PROGRESS_STEP 1000	/* people between two reports of progress */

const struct setting file_settings[] = {
	{ "FILE_PATH", SETTING_TEXT, NULL, SETTING_FILE,
	  "file with the people: CSV with a first line of names, a JSON list, or JSON Lines" },
	{ "FILE_MAP", SETTING_TEXT, NULL, 0,
	  "which columns are our fields where the names differ: {\"email\":\"Work e-mail\"}" },
	{ "FILE_ACTIVE_STATUSES", SETTING_LIST, NULL, SETTING_RARE,
	  "the statuses that mean active, all others meaning inactive; empty: the usual words" },
	{ NULL, SETTING_TEXT, NULL, 0, NULL }
};

struct file_task {
	struct source_run *run;		/* borrowed */
	struct file_reader reader;
	struct file_work *work;		/* owned */
	const char *format;
};

static int take_row(void *cookie, const struct file_row *row, struct error *e)
{
	struct file_task *t = cookie;
	struct person p;

	if (file_person(&t->reader, row, &p, e) != 0 || file_work_add(t->work, &p, row->place, e) != 0)
		return -1;
	if (t->reader.rows % PROGRESS_STEP == 0)
		source_progress(t->run, t->reader.rows);
	return 0;
}

/* Reads the whole file; nobody is handed on yet. Release it also after a failure. */
static int task_read(struct file_task *t, struct source_run *run, struct error *e)
{
	const char *path = settings_required("FILE_PATH", e);

	memset(t, 0, sizeof(*t));
	if (path == NULL)
		return -1;
	t->run = run;
	if (file_reader_init(&t->reader, path, e) != 0)
		return -1;
	t->reader.take = take_row;
	t->reader.cookie = t;
	t->work = file_work_open(run, &t->reader, e);
	return t->work == NULL ? -1 : file_read(&t->reader, &t->format, e);
}

static void task_release(struct file_task *t)
{
	file_work_close(t->work);
	file_reader_release(&t->reader);
}

static int file_fetch(struct source_run *run, struct error *e)
{
	struct file_task t;
	int rc = task_read(&t, run, e);

	if (rc == 0)
		rc = file_work_emit(t.work, e);
	task_release(&t);
	return rc;
}

/* "email: column "Work e-mail"" */
static void note_fields(struct file_task *t)
{
	const struct file_map_field *f;
	size_t i, j;

	for (i = 0; i < FILE_FIELDS; i++) {
		f = &t->reader.map.field[i];
		for (j = 0; j < f->count; j++)
			if (f->columns[j].index != SIZE_MAX || f->columns[j].seen)
				source_note(t->run, "%s: from \"%.*s\"", file_field_names[i],
					    STR_ARG(str_sub(f->columns[j].name, 0, 200)));
	}
}

static int file_check(struct source_run *run, struct error *e)
{
	struct file_task t;
	int rc = task_read(&t, run, e);

	if (rc == 0) {
		note_fields(&t);
		source_note(run, "%s, %s, %llu people: ok", t.reader.path, t.format,
			    (unsigned long long)t.reader.rows);
	}
	task_release(&t);
	return rc;
}

const struct source source_file = {
	.name = "file",
	.title = "File (CSV, JSON)",
	.settings = file_settings,
	.fetch = file_fetch,
	.check = file_check,
};
