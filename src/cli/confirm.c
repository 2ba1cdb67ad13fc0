/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/confirm.h"

#include <stdarg.h>
#include <stdio.h>

bool confirm(const char *fmt, ...)
{
	char answer[8] = "";
	va_list ap;

	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\nAre you sure you want to continue? [y/N] ");
	fflush(stdout);
	return fgets(answer, sizeof(answer), stdin) && (answer[0] == 'y' || answer[0] == 'Y');
}
