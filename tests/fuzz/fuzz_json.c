/* SPDX-License-Identifier: Apache-2.0 */
/* JSON from registries: what was read is written and read again as the same. */
#include "tests/fuzz/fuzz.h"

#include "base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_of(json_free) struct json *j = NULL, *again = NULL;
	auto_of(str_clear) struct str out = { 0 };
	struct err e = { 0 };

	if (fuzz_check(json_parse(&j, (const char *)data, size, &e), &e) < 0)
		return 0;
	json_write(&out, j, 0);
	if (json_parse(&again, out.p, out.len, &e) < 0)
		abort();
	return 0;
}
