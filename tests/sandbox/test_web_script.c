#include "sandbox/test_web.h"

void web_scripts(struct web_tests *t)
{
	(void)t;
}
