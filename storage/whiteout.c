/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/whiteout.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/str.h"

#include <errno.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#define OPAQUE_XATTR "user.overlay.opaque"

bool whiteout_is_node(const struct stat *st)
{
	return S_ISCHR(st->st_mode) && st->st_rdev == makedev(0, 0);
}

const char *whiteout_hides(const char *name)
{
	const char *rest = str_after(name, WHITEOUT_PREFIX);

	if (!rest)
		return NULL;
	return str_has_prefix(rest, WHITEOUT_PREFIX) || strcmp(rest, ".opq") == 0 ? "" : rest;
}

static bool has_mark(int dirfd, const char *xattr)
{
	char value[4];

	return fgetxattr(dirfd, xattr, value, sizeof(value)) == 1 && value[0] == 'y';
}

bool whiteout_is_opaque(int dirfd)
{
	return has_mark(dirfd, OPAQUE_XATTR) || has_mark(dirfd, "user.fuseoverlayfs.opaque") ||
	       faccessat(dirfd, WHITEOUT_OPAQUE_FILE, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

int whiteout_set_opaque(int dirfd)
{
	if (fsetxattr(dirfd, OPAQUE_XATTR, "y", 1, 0) == 0)
		return 0;
	if (errno != ENOTSUP)
		return -errno;
	return file_write_at(dirfd, WHITEOUT_OPAQUE_FILE, "", 0, 0600, 0);
}

int whiteout_make(int dirfd, const char *name)
{
	autofree char *file = NULL;
	struct stat st;

	if (mknodat(dirfd, name, S_IFCHR, makedev(0, 0)) == 0)
		return 0;
	if (errno != EPERM && errno != ENOTSUP)
		return -errno;
	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return -EEXIST;
	file = xasprintf(WHITEOUT_PREFIX "%s", name);
	return file_write_at(dirfd, file, "", 0, 0600, 0);
}
