/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/stdio.h"

#include "base/fd.h"
#include "base/sys.h"
#include "runtime/mount_fs.h"
#include "runtime/runtime.h"

#include <limits.h>
#include <unistd.h>

#ifndef PIPEFS_MAGIC
#define PIPEFS_MAGIC 0x50495045
#endif

int stdio_install(const int fds[3], const struct runtime_io *io, int *const moved[],
		  size_t moved_n, struct err *e)
{
	size_t n = 3 + io->preserve_n;
	autofree int *high = xcalloc(n, sizeof(int));
	int r = 0;

	/* Any source may stand on any target's number, so all of them leave the range first. */
	for (size_t i = 0; i < n && r >= 0; i++) {
		int src = i < 3 ? fds[i] : io->preserve_fds[i - 3];

		r = high[i] = fd_dup_above(src, n);
	}
	for (size_t i = 0; i < moved_n && r >= 0; i++) {
		if (*moved[i] < 0 || (size_t)*moved[i] >= n)
			continue;
		r = fd_dup_above(*moved[i], n);
		if (r >= 0)
			*moved[i] = r;	/* the old number is overwritten below */
	}
	for (size_t i = 0; i < n && r >= 0; i++)
		r = fd_move(&high[i], i);
	if (r >= 0)
		r = sys_close_range(n, UINT_MAX, 1);
	return r < 0 ? err_sys(e, -r, "set up the standard streams") : 0;
}

void stdio_chown(uid_t uid)
{
	for (int fd = 0; fd <= 2; fd++)
		if (mount_fs_is(fd, PIPEFS_MAGIC) && fchown(fd, uid, -1) < 0)
			continue;	/* somebody else's pipe: it works, but cannot be reopened */
}
