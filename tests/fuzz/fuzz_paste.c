/* SPDX-License-Identifier: Apache-2.0 */
/* An archive for cp or volume import: nothing appears beside the directory that it is for. */
#include "tests/fuzz/fuzz_dir.h"

#include "container/paste_tar.h"

#include <signal.h>
#include <sys/resource.h>

/* A header may announce a file of exabytes, which ends in a hole: no more than this is allowed. */
#define FILE_MAX (4 << 20)

static void limit_files(void)
{
	struct rlimit r = { FILE_MAX, FILE_MAX };

	signal(SIGXFSZ, SIG_IGN);
	if (setrlimit(RLIMIT_FSIZE, &r) < 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct paste_policy policy = { .is_host = size && data[0] & 1, .is_overwriting = size & 1,
				       .keeps_owner = false };
	autoclose int dirfd = fuzz_dir_fresh("paste"), in_fd = fd_memfd("archive");
	size_t start = size < 512 ? size : 512;
	struct paste_tar t = { .start = data, .start_len = start, .in_fd = in_fd, .dirfd = dirfd,
			       .policy = &policy };
	struct err e = { 0 };

	if (in_fd < 0 || fd_write_all(in_fd, data + start, size - start) < 0 ||
	    lseek(in_fd, 0, SEEK_SET) < 0)
		abort();
	limit_files();
	(void)fuzz_check(paste_tar(&t, &e), &e);
	fuzz_dir_check();
	return 0;
}
