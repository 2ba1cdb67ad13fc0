/* SPDX-License-Identifier: Apache-2.0 */
/* Unpacking: whatever the archive says, nothing appears beside the directory of the layer. */
#include "tests/fuzz/fuzz_dir.h"

#include "storage/tar_extract.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tar_extract_args args = { .is_layer = true, .is_single_id = true,
					 .ignore_chown_errors = true, .max_bytes = 4 << 20,
					 .max_entries = 1000 };
	auto_of(tar_extract_free) struct tar_extract *x = NULL;
	autoclose int dirfd = fuzz_dir_fresh("layer");
	struct err e = { 0 };

	args.dirfd = dirfd;
	if (tar_extract_new(&x, &args, &e) < 0)
		abort();
	if (fuzz_check(tar_extract_write(x, data, size, &e), &e) >= 0)
		fuzz_check(tar_extract_finish(x, &e), &e);
	fuzz_dir_check();
	return 0;
}
