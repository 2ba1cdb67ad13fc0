/* SPDX-License-Identifier: Apache-2.0 */
/* registries.conf, and what a name means by it. */
#include "tests/fuzz/fuzz.h"

#include "image/registries.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_of(registries_free) struct registries *r = NULL;
	auto_of(strv_clear) struct strv names = { 0 };
	struct err e = { 0 };

	if (fuzz_check(registries_parse(&r, "fuzz", (const char *)data, size, &e), &e) < 0)
		return 0;
	if (fuzz_check(registries_candidates(r, "busybox", &names, &e), &e) < 0)
		return 0;
	for (size_t i = 0; i < names.n; i++) {
		auto_of(registries_sources_clear) struct registries_sources s = { 0 };

		e.code = 0;
		fuzz_check(registries_sources(r, names.v[i], &s, &e), &e);
	}
	return 0;
}
