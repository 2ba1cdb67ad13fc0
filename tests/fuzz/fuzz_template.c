/* SPDX-License-Identifier: Apache-2.0 */
/* Any template over fixed data: rendered, as rows, and as headings. */
#include "base/template.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char sample[] =
	"[{\"Id\":\"abc\",\"Names\":[\"a\",\"b\"],\"Labels\":{\"x\":\"1\",\"y\":\"2\"},\"N\":5,"
	"\"F\":1.5,\"B\":true,\"Z\":null,\"S\":{\"T\":[{\"U\":\"\\u00e9\"}]}}]";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_of(json_free) struct json *rows = NULL;
	auto_of(str_clear) struct str one = { 0 }, all = { 0 }, head = { 0 };
	autofree char *text = xstrndup((const char *)data, size);
	struct err checked, e;
	int c, r;

	if (json_parse(&rows, sample, strlen(sample), &e) < 0)
		abort();
	c = template_check(text, &checked);
	r = template_render(&one, text, json_at(rows, 0), &e);
	if (c < 0 && (r != c || strcmp(checked.msg, e.msg) != 0))
		abort();
	template_headings(&head, text, NULL, &e);
	template_rows(&all, text, rows, NULL, size % 2, &e);
	return 0;
}
