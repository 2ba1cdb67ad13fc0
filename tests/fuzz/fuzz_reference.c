/* SPDX-License-Identifier: Apache-2.0 */
/* The name of an image: what was understood is written and understood again as the same. */
#include "tests/fuzz/fuzz.h"

#include "image/reference.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_of(reference_clear) struct reference r = { 0 }, again = { 0 };
	struct err e = { 0 };
	char *text = fuzz_text(data, size), *full = NULL, *one = NULL, *two = NULL;

	fuzz_check(reference_full_name(text, NULL, &full, &e), &e);
	e.code = 0;
	if (fuzz_check(reference_parse(&r, text, &e), &e) >= 0) {
		/* Names become paths and URLs. */
		if (strstr(r.repo, "..") || r.repo[0] == '/' || strpbrk(r.repo, " \n\t?#%\\"))
			abort();
		one = reference_to_string(&r);
		if (reference_parse(&again, one, &e) < 0)
			abort();
		two = reference_to_string(&again);
		if (strcmp(one, two) != 0)
			abort();
	}
	free(one);
	free(two);
	free(full);
	free(text);
	return 0;
}
