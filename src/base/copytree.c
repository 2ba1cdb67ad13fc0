/* SPDX-License-Identifier: Apache-2.0 */
#include "base/copytree.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/str.h"
#include "base/strv.h"

#include <errno.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#define DEPTH_MAX 256

static int copy_xattrs(int from_fd, int to_fd)
{
	char names[4096], value[4096];
	ssize_t n = flistxattr(from_fd, names, sizeof(names));

	if (n < 0)
		return errno == ENOTSUP ? 0 : -errno;
	for (char *name = names; name < names + n; name += strlen(name) + 1) {
		ssize_t len;

		/* Overlay's own marks and labels of the source are not content. */
		if (str_has_prefix(name, "user.overlay.") || str_has_prefix(name, "trusted.") ||
		    str_has_prefix(name, "security.selinux"))
			continue;
		len = fgetxattr(from_fd, name, value, sizeof(value));
		if (len >= 0 && fsetxattr(to_fd, name, value, len, 0) < 0 && errno != ENOTSUP &&
		    errno != EPERM)
			return -errno;
	}
	return 0;
}

/* Owner first: chown clears the set-id bits that chmod then puts back. */
static int copy_meta(const struct stat *st, int to_fd)
{
	struct timespec times[2] = { st->st_atim, st->st_mtim };

	if (fchown(to_fd, st->st_uid, st->st_gid) < 0 && errno != EPERM && errno != EINVAL)
		return -errno;
	if (fchmod(to_fd, st->st_mode & 07777) < 0 || futimens(to_fd, times) < 0)
		return -errno;
	return 0;
}

static int copy_file(int from_dirfd, int to_dirfd, const char *name, const struct stat *st)
{
	autoclose int from = fd_openat(from_dirfd, name, O_RDONLY | O_NOFOLLOW);
	autoclose int to = -1;
	int r;

	if (from < 0)
		return from;
	to = fd_createat(to_dirfd, name, O_WRONLY | O_EXCL | O_NOFOLLOW, 0600);
	if (to < 0)
		return to;
	r = file_copy_data(from, to);
	if (r >= 0)
		r = copy_xattrs(from, to);
	return r < 0 ? r : copy_meta(st, to);
}

static int copy_other(int from_dirfd, int to_dirfd, const char *name, const struct stat *st)
{
	autofree char *link = NULL;
	int r = 0;

	if (S_ISLNK(st->st_mode)) {
		r = file_readlink_at(from_dirfd, name, &link);
		if (r >= 0 && symlinkat(link, to_dirfd, name) < 0)
			r = -errno;
	} else if (S_ISFIFO(st->st_mode) || S_ISSOCK(st->st_mode)) {
		if (mknodat(to_dirfd, name, st->st_mode & (S_IFMT | 07777), 0) < 0)
			r = -errno;
	} else {
		return 0;	/* devices: nobody without privilege can make them */
	}
	if (r >= 0 && fchownat(to_dirfd, name, st->st_uid, st->st_gid, AT_SYMLINK_NOFOLLOW) < 0 &&
	    errno != EPERM && errno != EINVAL)
		r = -errno;
	return r;
}

static int copy_dir(int from_fd, int to_fd, unsigned int depth);

static int copy_entry(int from_dirfd, int to_dirfd, const char *name, unsigned int depth)
{
	struct stat st;
	autoclose int from = -1, to = -1;

	if (fstatat(from_dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	if (S_ISREG(st.st_mode))
		return copy_file(from_dirfd, to_dirfd, name, &st);
	if (!S_ISDIR(st.st_mode))
		return copy_other(from_dirfd, to_dirfd, name, &st);
	if (mkdirat(to_dirfd, name, 0700) < 0)
		return -errno;
	from = fd_openat(from_dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	to = fd_openat(to_dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	if (from < 0 || to < 0)
		return from < 0 ? from : to;
	return copy_dir(from, to, depth + 1);
}

/* Both open for reading; from_fd may be any tree of the image's author: nothing is followed. */
static int copy_dir(int from_fd, int to_fd, unsigned int depth)
{
	auto_of(strv_clear) struct strv names = { 0 };
	struct stat st;
	int r = depth > DEPTH_MAX ? -ELOOP : file_list_dir(from_fd, ".", &names, false);

	for (size_t i = 0; r >= 0 && i < names.n; i++)
		r = copy_entry(from_fd, to_fd, names.v[i], depth);
	if (r >= 0 && fstat(from_fd, &st) < 0)
		r = -errno;
	if (r >= 0)
		r = copy_xattrs(from_fd, to_fd);
	return r < 0 ? r : copy_meta(&st, to_fd);
}

int copytree(int src_dirfd, int dst_dirfd)
{
	autoclose int from = fd_openat(src_dirfd, ".", O_RDONLY | O_DIRECTORY);
	autoclose int to = fd_openat(dst_dirfd, ".", O_RDONLY | O_DIRECTORY);

	if (from < 0 || to < 0)
		return from < 0 ? from : to;
	return copy_dir(from, to, 0);
}
