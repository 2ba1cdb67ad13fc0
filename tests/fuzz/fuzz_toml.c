/* SPDX-License-Identifier: Apache-2.0 */
/* What toml_parse accepts is a tree that JSON can hold. */
#include "base/toml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_of(json_free) struct json *j = NULL, *back = NULL;
	auto_of(str_clear) struct str text = { 0 };
	struct err e;

	if (toml_parse(&j, "fuzz", (const char *)data, size, &e) < 0)
		return 0;
	if (!json_is(j, JSON_OBJECT))
		abort();
	json_write(&text, j, 0);
	/* 128 levels are json_parse's limit; headers and values may add up to more here. */
	if (json_parse(&back, text.p, text.len, &e) < 0 && !str_has_prefix(e.msg, "line 1: nested"))
		abort();
	return 0;
}
