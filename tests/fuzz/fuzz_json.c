/* SPDX-License-Identifier: Apache-2.0 */
/* What json_parse accepts must come back the same from what json_write made of it. */
#include "base/json.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_of(json_free) struct json *j = NULL, *back = NULL, *copy = NULL;
	auto_of(str_clear) struct str text = { 0 };
	struct err e;

	if (json_parse(&j, (const char *)data, size, &e) < 0)
		return 0;
	copy = json_copy(j);
	if (!json_equal(j, copy))
		abort();
	json_write(&text, j, size % 3);
	if (json_parse(&back, text.p, text.len, &e) < 0 || !json_equal(j, back))
		abort();
	for (size_t i = 0; i < json_len(j); i++) {
		const char *key = json_key_at(j, i);

		json_int(json_at(j, i), 0);
		json_uint(json_at(j, i), 0);
		json_double(json_at(j, i), 0);
		if (key && json_get(j, key) != json_at(j, i))
			abort();
	}
	return 0;
}
