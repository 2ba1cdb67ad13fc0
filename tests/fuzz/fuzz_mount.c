/* SPDX-License-Identifier: Apache-2.0 */
/* -v, --mount and --tmpfs. */
#include "tests/fuzz/fuzz.h"

#include "container/mount_args.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_of(mount_args_clear) struct mount_args a = { 0 };
	struct err e = { 0 };
	char *text;
	int r;

	if (!size)
		return 0;
	text = fuzz_text(data + 1, size - 1);
	switch (data[0] % 3) {
	case 0:
		r = fuzz_check(mount_args_volume(&a, text, &e), &e);
		break;
	case 1:
		r = fuzz_check(mount_args_mount(&a, text, &e), &e);
		break;
	default:
		r = fuzz_check(mount_args_tmpfs(&a, text, &e), &e);
		break;
	}
	for (size_t i = 0; r >= 0 && i < a.n; i++)
		if (!a.v[i].target || a.v[i].target[0] != '/')
			abort();
	free(text);
	return 0;
}
