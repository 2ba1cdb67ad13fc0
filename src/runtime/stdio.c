/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/stdio.h"

#include "base/fd.h"
#include "base/sys.h"
#include "runtime/mount_fs.h"
#include "runtime/runtime.h"

#include <limits.h>
#include <sys/resource.h>
#include <unistd.h>

#ifndef PIPEFS_MAGIC
#define PIPEFS_MAGIC 0x50495045
#endif

/* The number that source i gets: preserved descriptors keep theirs. */
static int target_of(const struct runtime_io *io, size_t i)
{
	return i < 3 ? (int)i : io->preserve_fds[i - 3];
}

/* What lies between the numbers that stay, and above them, is closed by the exec. */
static int close_others(const struct runtime_io *io)
{
	unsigned int from = 3;
	int r = 0;

	for (size_t i = 0; i < io->preserve_n && r >= 0; i++) {
		unsigned int fd = io->preserve_fds[i];

		if (fd > from)
			r = sys_close_range(from, fd - 1, 1);
		from = fd + 1;
	}
	return r < 0 ? r : sys_close_range(from, UINT_MAX, 1);
}

int stdio_install(const int fds[3], const struct runtime_io *io, int *const moved[],
		  size_t moved_n, struct err *e)
{
	size_t n = 3 + io->preserve_n;
	int above = target_of(io, n - 1) + 1, r = 0;
	autofree int *high = xcalloc(n, sizeof(int));
	struct rlimit limit;

	/* Any source may stand on any target's number, so all of them leave the range first. */
	for (size_t i = 0; i < n && r >= 0; i++)
		r = high[i] = fd_dup_above(i < 3 ? fds[i] : io->preserve_fds[i - 3], above);
	for (size_t i = 0; i < moved_n && r >= 0; i++) {
		if (*moved[i] < 0 || *moved[i] >= above)
			continue;
		r = fd_dup_above(*moved[i], above);
		if (r >= 0)
			*moved[i] = r;	/* the old number is overwritten below */
	}
	for (size_t i = 0; i < n && r >= 0; i++)
		r = fd_move(&high[i], target_of(io, i));
	if (r >= 0)
		r = close_others(io);
	/* The kernel's words for a number behind the limit. */
	if ((r == -EINVAL || r == -EMFILE) && getrlimit(RLIMIT_NOFILE, &limit) == 0)
		return err_set(e, EMFILE, "a limit of %llu open files is too low to start with: give a larger "
			       "--ulimit nofile", (unsigned long long)limit.rlim_cur);
	return r < 0 ? err_sys(e, -r, "set up the standard streams") : 0;
}

void stdio_chown(uid_t uid)
{
	for (int fd = 0; fd <= 2; fd++)
		if (mount_fs_is(fd, PIPEFS_MAGIC) && fchown(fd, uid, -1) < 0)
			continue;	/* somebody else's pipe: it works, but cannot be reopened */
}
