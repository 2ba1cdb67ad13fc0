/* SPDX-License-Identifier: Apache-2.0 */
/* registries.conf, containers.conf, storage.conf: files of the user, but also of an image. */
#include "tests/fuzz/fuzz.h"

#include "base/json.h"
#include "base/toml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_of(json_free) struct json *j = NULL;
	struct err e = { 0 };

	fuzz_check(toml_parse(&j, "fuzz", (const char *)data, size, &e), &e);
	return 0;
}
