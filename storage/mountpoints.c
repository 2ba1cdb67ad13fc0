/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/mountpoints.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/ident.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* The version is part of the name: a list that changes makes a new directory. */
#define NAME "mountpoints.2"

static const char *const dirs[] = { "dev", "etc", "proc", "run", "sys" };
static const char *const files[] = { "etc/hosts", "etc/hostname", "etc/resolv.conf",
				     "run/.containerenv" };

static int fill(int dirfd)
{
	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++)
		if (mkdirat(dirfd, dirs[i], 0755) < 0 || fchmodat(dirfd, dirs[i], 0755, 0) < 0)
			return -errno;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		autoclose int fd = fd_createat(dirfd, files[i], O_WRONLY | O_EXCL, 0644);

		if (fd < 0)
			return fd;
		if (fchmod(fd, 0644) < 0)
			return -errno;
	}
	/* Programs of old, as mount(8), look for it. */
	if (symlinkat("/proc/mounts", dirfd, "etc/mtab") < 0)
		return -errno;
	return 0;
}

/* Filled under another name first: whoever finds the name finds all of it. */
static int make(struct store *s)
{
	char suffix[17];
	autofree char *tmp = NULL;
	autoclose int dirfd = -1;
	int r;

	ident_random_hex(suffix, sizeof(suffix) - 1);
	tmp = xasprintf(NAME ".%s", suffix);
	if (mkdirat(s->cache_dirfd, tmp, 0755) < 0 || fchmodat(s->cache_dirfd, tmp, 0755, 0) < 0)
		return -errno;
	dirfd = fd_opendirat(s->cache_dirfd, tmp);
	r = dirfd < 0 ? dirfd : fill(dirfd);
	if (r >= 0 && renameat(s->cache_dirfd, tmp, s->cache_dirfd, NAME) < 0)
		r = -errno;
	if (r < 0)
		(void)file_remove_tree(s->cache_dirfd, tmp);
	/* A directory that is not empty is not replaced: somebody was faster. */
	return r == -ENOTEMPTY || r == -EEXIST ? 0 : r;
}

int mountpoints_ensure(struct store *s, const char **path, struct err *e)
{
	int r = file_exists_at(s->cache_dirfd, NAME) ? 0 : make(s);

	if (r < 0)
		return err_sys(e, -r, "make %s/cache/" NAME, s->root);
	*path = "cache/" NAME;
	return 0;
}
