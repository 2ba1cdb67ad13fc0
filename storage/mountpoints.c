/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/mountpoints.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/ident.h"
#include "base/path.h"
#include "storage/rootfs.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* The version is part of the name: a list that changes makes a new directory. */
#define NAME "mountpoints.2"
#define NAME_ONE_ID "mountpoints.2-one-id"

/* With one id apt's change to its user _apt does nothing; apt sees that and gives up. */
#define APT_DIR "etc/apt/apt.conf.d"
static const char apt_conf[] = "00rootlet-one-id";
static const char apt_text[] = "APT::Sandbox::User \"root\";\n";

static const char *const dirs[] = { "dev", "etc", "proc", "run", "sys" };
static const struct {
	const char *path;
	unsigned int unless;	/* a flag of rootfs.h */
} files[] = {
	{ "etc/hosts", ROOTFS_NO_HOSTS },
	{ "etc/hostname", ROOTFS_NO_HOSTNAME },
	{ "etc/resolv.conf", ROOTFS_NO_RESOLV },
	{ "run/.containerenv", 0 },
};

static int make_dir(int dirfd, const char *name)
{
	return mkdirat(dirfd, name, 0755) < 0 || fchmodat(dirfd, name, 0755, 0) < 0 ? -errno : 0;
}

int mountpoints_add_apt(int root_dirfd)
{
	autoclose int dirfd = root_open(root_dirfd, APT_DIR, O_RDONLY | O_DIRECTORY), fd = -1;
	int r;

	if (dirfd < 0)
		return dirfd == -ENOENT || dirfd == -ENOTDIR ? 0 : dirfd;
	fd = fd_createat(dirfd, apt_conf, O_WRONLY | O_EXCL | O_NOFOLLOW, 0644);
	if (fd == -EEXIST)
		return 0;
	r = fd < 0 ? fd : fd_write_all(fd, apt_text, sizeof(apt_text) - 1);
	return r >= 0 && fchmod(fd, 0644) < 0 ? -errno : r;
}

static int fill_apt(int dirfd)
{
	int r = make_dir(dirfd, "etc/apt");

	if (r >= 0)
		r = make_dir(dirfd, APT_DIR);
	return r < 0 ? r : mountpoints_add_apt(dirfd);
}

static int fill(int dirfd, unsigned int flags, bool is_one_id)
{
	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++)
		if (make_dir(dirfd, dirs[i]) < 0)
			return -errno;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		autoclose int fd = -1;

		if (files[i].unless & flags)
			continue;
		fd = fd_createat(dirfd, files[i].path, O_WRONLY | O_EXCL, 0644);
		if (fd < 0)
			return fd;
		if (fchmod(fd, 0644) < 0)
			return -errno;
	}
	/* Programs of old, as mount(8), look for it. */
	if (symlinkat("/proc/mounts", dirfd, "etc/mtab") < 0)
		return -errno;
	return is_one_id ? fill_apt(dirfd) : 0;
}

/* Filled under another name first: whoever finds the name finds all of it. */
static int make(struct store *s, const char *name, unsigned int flags)
{
	char suffix[17];
	autofree char *tmp = NULL;
	autoclose int dirfd = -1;
	int r;

	ident_random_hex(suffix, sizeof(suffix) - 1);
	tmp = xasprintf("%s.%s", name, suffix);
	if (mkdirat(s->cache_dirfd, tmp, 0755) < 0 || fchmodat(s->cache_dirfd, tmp, 0755, 0) < 0)
		return -errno;
	dirfd = fd_opendirat(s->cache_dirfd, tmp);
	r = dirfd < 0 ? dirfd : fill(dirfd, flags, s->is_single_id);
	if (r >= 0 && renameat(s->cache_dirfd, tmp, s->cache_dirfd, name) < 0)
		r = -errno;
	if (r < 0)
		(void)file_remove_tree(s->cache_dirfd, tmp);
	/* A directory that is not empty is not replaced: somebody was faster. */
	return r == -ENOTEMPTY || r == -EEXIST ? 0 : r;
}

char *mountpoints_ensure(struct store *s, unsigned int flags, struct err *e)
{
	unsigned int without = flags & (ROOTFS_NO_HOSTS | ROOTFS_NO_HOSTNAME | ROOTFS_NO_RESOLV);
	const char *base = s->is_single_id ? NAME_ONE_ID : NAME;
	autofree char *name = without ? xasprintf("%s-%u", base, without) : xstrdup(base);
	int r = file_exists_at(s->cache_dirfd, name) ? 0 : make(s, name, without);

	if (r < 0) {
		err_sys(e, -r, "make %s/cache/%s", s->root, name);
		return NULL;
	}
	return xasprintf("cache/%s", name);
}
