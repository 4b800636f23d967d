#include <stdlib.h>
#include "store/store.h"

#define CHUNK 65536	/* bytes read at a time */

int store_scan(const char *path, const char *hint, struct json_scan *scan, struct error *e)
{
	struct store_in *in = store_open(path, hint, e);
	char *data = malloc(CHUNK);
	long got = 1;
	int failed = in == NULL ? -1 : data == NULL ? error_memory(e) : 0;

	while (!failed && (got = store_read(in, data, CHUNK, e)) > 0)
		failed = json_scan_feed(scan, data, (size_t)got, e);
	if (!failed)
		failed = got < 0 ? -1 : json_scan_end(scan, e);
	if (failed && in != NULL)
		error_add(e, "%s", path);
	free(data);
	store_close(in);
	return failed;
}
