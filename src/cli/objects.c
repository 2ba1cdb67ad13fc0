/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/objects.h"

#include "base/persona.h"
#include "base/str.h"
#include "base/strv.h"
#include "base/template.h"
#include "cli/show.h"


#define INDENT 5	/* podman's */
#define DOCKER_INDENT 4

int objects_print(const struct json *rows, const char *format, struct err *e)
{
	auto_of(str_clear) struct str out = { 0 };

	bool is_docker = persona_get() == PERSONA_DOCKER;

	if (is_docker && str_eq(format, "json")) {
		json_write(&out, rows, 0);
		str_addc(&out, '\n');
	} else if (!format || str_eq(format, "json")) {
		json_write(&out, rows, is_docker ? DOCKER_INDENT : INDENT);
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

int objects_print_named(const struct strv *names, objects_load_fn *load, void *ctx, const char *format,
			struct err *e)
{
	auto_of(json_free) struct json *rows = json_new_array();
	struct err first = { 0 };

	for (size_t i = 0; i < names->n; i++) {
		struct json *one = NULL;
		struct err missing = { 0 };

		if (load(&one, ctx, names->v[i], &missing) >= 0)
			json_add(rows, one);
		else if (!first.code)
			first = missing;
	}
	if (first.code && first.code != ERR_NO_SUCH) {
		*e = first;
		return -e->code;
	}
	if ((json_len(rows) || !format) && objects_print(rows, format, e) < 0)
		return -e->code;
	if (!first.code)
		return 0;
	*e = first;
	return -e->code;
}
