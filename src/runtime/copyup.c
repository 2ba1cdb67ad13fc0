/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/copyup.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/strv.h"

#include <errno.h>
#include <unistd.h>

#define MAX_DEPTH 512

static int copy_dir(int src_fd, int dst_fd, unsigned int depth);

/* Owner before mode: chown takes setuid bits away. */
static int copy_meta(int dst_fd, const struct stat *st)
{
	struct timespec times[2] = { st->st_atim, st->st_mtim };

	if (fchown(dst_fd, st->st_uid, st->st_gid) < 0 || fchmod(dst_fd, st->st_mode & 07777) < 0 ||
	    futimens(dst_fd, times) < 0)
		return -errno;
	return 0;
}

static int copy_file(int src_dirfd, int dst_dirfd, const char *name)
{
	autoclose int src_fd = fd_openat(src_dirfd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
	autoclose int dst_fd = -1;
	struct stat st;
	int r;

	if (src_fd < 0)
		return src_fd;
	if (fstat(src_fd, &st) < 0)
		return -errno;
	dst_fd = fd_createat(dst_dirfd, name, O_WRONLY | O_EXCL | O_NOFOLLOW, 0600);
	r = dst_fd < 0 ? dst_fd : file_copy_data(src_fd, dst_fd);
	return r < 0 ? r : copy_meta(dst_fd, &st);
}

static int copy_subdir(int src_dirfd, int dst_dirfd, const char *name, unsigned int depth)
{
	autoclose int src_fd = fd_openat(src_dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	autoclose int dst_fd = -1;
	struct stat st;
	int r;

	if (src_fd < 0)
		return src_fd;
	if (mkdirat(dst_dirfd, name, 0700) < 0)
		return -errno;
	dst_fd = fd_openat(dst_dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	r = dst_fd < 0 ? dst_fd : copy_dir(src_fd, dst_fd, depth + 1);
	if (r < 0)
		return r;
	return fstat(src_fd, &st) < 0 ? -errno : copy_meta(dst_fd, &st);
}

static int copy_link(int src_dirfd, int dst_dirfd, const char *name, const struct stat *st)
{
	autofree char *to = NULL;
	int r = file_readlink_at(src_dirfd, name, &to);

	if (r < 0)
		return r;
	if (symlinkat(to, dst_dirfd, name) < 0 ||
	    fchownat(dst_dirfd, name, st->st_uid, st->st_gid, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	return 0;
}

static int copy_entry(int src_fd, int dst_fd, const char *name, unsigned int depth)
{
	struct stat st;

	if (fstatat(src_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	if (S_ISDIR(st.st_mode))
		return copy_subdir(src_fd, dst_fd, name, depth);
	if (S_ISREG(st.st_mode))
		return copy_file(src_fd, dst_fd, name);
	if (S_ISLNK(st.st_mode))
		return copy_link(src_fd, dst_fd, name, &st);
	return 0;
}

static int copy_dir(int src_fd, int dst_fd, unsigned int depth)
{
	auto_of(strv_clear) struct strv names = { 0 };
	int r = file_list_dir(src_fd, ".", &names, false);

	if (depth > MAX_DEPTH)
		return -ELOOP;
	for (size_t i = 0; i < names.n && r >= 0; i++)
		r = copy_entry(src_fd, dst_fd, names.v[i], depth);
	return r;
}

int copyup_tree(int src_fd, int dst_fd, bool keeps_top)
{
	autoclose int src = fd_openat(src_fd, ".", O_RDONLY | O_DIRECTORY);
	autoclose int dst = fd_openat(dst_fd, ".", O_RDONLY | O_DIRECTORY);
	struct stat st;
	int r;

	if (src < 0 || dst < 0)
		return src < 0 ? src : dst;
	r = copy_dir(src, dst, 0);
	if (r < 0 || keeps_top)
		return r;
	return fstat(src, &st) < 0 ? -errno : copy_meta(dst, &st);
}
