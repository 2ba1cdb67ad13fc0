/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/objects.h"

#include "base/str.h"
#include "base/template.h"
#include "cli/show.h"

#include <stdio.h>

#define INDENT 5	/* podman's and docker's */

int objects_print(const struct json *rows, const char *format, struct err *e)
{
	auto_of(str_clear) struct str out = { 0 };

	if (!format || str_eq(format, "json")) {
		json_write(&out, rows, INDENT);
		str_addc(&out, '\n');
	} else {
		for (size_t i = 0; i < json_len(rows); i++) {
			if (template_render(&out, format, json_at(rows, i), e) < 0)
				return -e->code;
			str_addc(&out, '\n');
		}
	}
	show_text(str_peek(&out));
	return 0;
}
