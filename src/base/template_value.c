/* SPDX-License-Identifier: Apache-2.0 */
/* JSON values as Go's templates see them: truth, the order of members, %v; and the computed ones, which
 * the evaluation owns. */
#include "base/template_priv.h"

#include "base/persona.h"

#include <stdio.h>
#include <string.h>

bool template_is_true(const struct json *j)
{
	switch (json_type(j)) {
	case JSON_NULL:
		return false;
	case JSON_BOOL:
		return json_bool(j, false);
	case JSON_NUMBER:
		return json_double(j, 0) != 0;
	case JSON_STRING:
		return *json_str(j);
	default:
		return json_len(j) > 0;
	}
}

static int compare_members(const void *a, const void *b, void *obj)
{
	return strcmp(json_key_at(obj, *(const size_t *)a), json_key_at(obj, *(const size_t *)b));
}

size_t *template_sorted_members(const struct json *obj)
{
	size_t n = json_len(obj);
	size_t *order = xcalloc(n, sizeof(*order));

	for (size_t i = 0; i < n; i++)
		order[i] = i;
	qsort_r(order, n, sizeof(*order), compare_members, (void *)obj);
	return order;
}

static void print_double(struct str *out, double d)
{
	char text[40];
	int digits = 0, exponent = 0;

	/* The fewest digits that read back as the same number. */
	do
		snprintf(text, sizeof(text), "%.*e", digits++, d);
	while (digits < 17 && strtod(text, NULL) != d);
	exponent = atoi(strchr(text, 'e') + 1);
	if (exponent >= -4 && exponent < 21)
		snprintf(text, sizeof(text), "%.*f",
			 digits - 1 > exponent ? digits - 1 - exponent : 0, d);
	str_add(out, text);
}

void template_print_inner(struct str *out, const struct json *j)
{
	autofree size_t *order = NULL;
	bool is_object = json_type(j) == JSON_OBJECT;

	switch (json_type(j)) {
	case JSON_NULL:
		str_add(out, "<nil>");
		return;
	case JSON_STRING:
		if (template_is_time(j))
			template_time_print(out, json_str(j));
		else
			str_add(out, json_str(j));
		return;
	case JSON_BOOL:
		json_write(out, j, 0);
		return;
	case JSON_NUMBER:
		if (json_is_integer(j))
			json_write(out, j, 0);
		else
			print_double(out, json_double(j, 0));
		return;
	default:
		break;
	}
	if (is_object)
		order = template_sorted_members(j);
	str_add(out, is_object ? "map[" : "[");
	for (size_t i = 0; i < json_len(j); i++) {
		if (i)
			str_addc(out, ' ');
		if (is_object)
			str_addf(out, "%s:", json_key_at(j, order[i]));
		template_print_inner(out, json_at(j, is_object ? order[i] : i));
	}
	str_addc(out, ']');
}

void template_print(struct str *out, const struct json *j)
{
	/* Docker's members that are null are Go's empty lists; what is not there at all has no type. */
	if (j && json_is(j, JSON_NULL) && persona_get() == PERSONA_DOCKER)
		str_add(out, "[]");
	else if (json_type(j) == JSON_NULL)
		str_add(out, "<no value>");
	else
		template_print_inner(out, j);
}
