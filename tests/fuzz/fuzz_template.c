/* SPDX-License-Identifier: Apache-2.0 */
/* --format: any text either is a template or an error, and ends. */
#include "tests/fuzz/fuzz.h"

#include "base/json.h"
#include "base/template.h"

static const char data_text[] =
	"{\"Name\":\"x\",\"N\":42,\"List\":[1,\"two\",null,{\"a\":1}],\"Map\":{\"a\":\"b\",\"c\":{\"d\":[]}},\"T\":true}";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_of(str_clear) struct str out = { 0 };
	auto_of(json_free) struct json *j = NULL;
	struct err e = { 0 };
	char *text = fuzz_text(data, size);

	if (json_parse(&j, data_text, sizeof(data_text) - 1, &e) < 0)
		abort();
	fuzz_check(template_check(text, &e), &e);
	e.code = 0;
	fuzz_check(template_render(&out, text, j, &e), &e);
	free(text);
	return 0;
}
