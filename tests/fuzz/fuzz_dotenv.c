#include "fuzz/fuzz.h"

#include <string.h>
#include "base/settings.h"

static int set(void *cookie, struct str name, struct str value, int line, struct error *e)
{
	int *last = cookie;

	(void)e;
	FUZZ_CHECK(name.len > 0 || value.len > 0 || line > 0);
	FUZZ_CHECK(line >= *last);
	*last = line;
	return 0;
}

static const char *look(void *cookie, struct str name)
{
	(void)cookie;
	return name.len % 2 == 0 ? "value ${NAME}" : NULL;
}

void fuzz_dotenv(struct str input)
{
	struct error e;
	int line = 0;
	struct dotenv_sink sink;

	memset(&sink, 0, sizeof(sink));
	sink.file = ".env";
	sink.set = set;
	sink.look = look;
	sink.cookie = &line;
	error_init(&e);
	if (dotenv_parse(input.ptr, input.len, &sink, &e) < 0)
		FUZZ_CHECK(e.kind != ERROR_NONE);
}
