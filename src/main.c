#include <stdio.h>

int main(void)
{
	puts("rollcall");
	return 0;
}
