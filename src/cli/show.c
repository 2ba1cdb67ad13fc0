/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/show.h"

#include "base/table.h"

#include <stdio.h>
#include <unistd.h>

void show_text(const char *text)
{
	auto_of(str_clear) struct str clean = { 0 };

	if (isatty(STDOUT_FILENO)) {
		table_sanitize(&clean, text);
		text = str_peek(&clean);
	}
	fputs(text, stdout);
}
