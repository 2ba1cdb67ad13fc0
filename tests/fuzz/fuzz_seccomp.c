/* SPDX-License-Identifier: Apache-2.0 */
/* Seccomp profiles: files of the user, or named by an API client. What compiles has to be a program
 * that answers every question without leaving its end. */
#include "tests/fuzz/fuzz.h"

#include "runtime/filter.h"
#include "runtime/spec.h"
#include "tests/unit/bpf_run.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_of(filter_clear) struct filter f = { 0 };
	auto_of(spec_clear) struct spec s;
	struct seccomp_data d = { .arch = 0xc000003e };
	struct err e = { 0 };
	int r;

	spec_init(&s);
	if (size < sizeof(d.args))
		return 0;
	s.seccomp = SPEC_SECCOMP_PROFILE;
	memcpy(d.args, data, sizeof(d.args));
	s.seccomp_profile = xstrndup((const char *)data + sizeof(d.args), size - sizeof(d.args));
	r = filter_prepare(&f, &s, d.args[5], &e);
	fuzz_check(r, &e);
	for (d.nr = 0; r >= 0 && d.nr < 512; d.nr++)
		if (bpf_run(f.filter, f.n, &d) == UINT32_MAX)
			abort();
	return 0;
}
