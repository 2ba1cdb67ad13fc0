/* SPDX-License-Identifier: Apache-2.0 */
/* overlay: the kernel's own overlay file system, mounted in a user namespace (Linux 5.11). */
#include "base/fd.h"
#include "base/file.h"
#include "base/str.h"
#include "base/sys.h"
#include "storage/mountpoints.h"
#include "storage/rootfs_overlay.h"
#include "storage/rootfs_priv.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char empty_dir[] = "cache/empty";

static int create(struct store *s, const struct rootfs_args *args, int container_dirfd,
		  struct err *e)
{
	return rootfs_make_upper(s, args, container_dirfd, e);
}

static int prepare(struct rootfs *r, const struct rootfs_args *args, struct err *e)
{
	const char *mountpoints;

	/* Its owner is root of the session; another map would show it as somebody else's. */
	if (!args->uid_map && !(args->flags & ROOTFS_IMAGE)) {
		if (mountpoints_ensure(r->store, &mountpoints, e) < 0)
			return -e->code;
		strv_add(&r->lowers, mountpoints);
	}
	/* Without an upper directory overlay wants two lower ones. Binding a single layer instead
	 * would let a privileged container make it writable again. */
	if ((r->flags & ROOTFS_READONLY ? r->lowers.n < 2 : r->lowers.n < 1)) {
		if (mkdirat(r->store->cache_dirfd, "empty", 0755) < 0 && errno != EEXIST)
			return err_sys(e, errno, "make %s/%s", r->store->root, empty_dir);
		strv_add(&r->lowers, empty_dir);
		if (r->flags & ROOTFS_READONLY && r->lowers.n < 2) {
			if (mkdirat(r->store->cache_dirfd, "empty2", 0755) < 0 && errno != EEXIST)
				return err_sys(e, errno, "make %s/cache/empty2", r->store->root);
			strv_add(&r->lowers, "cache/empty2");
		}
	}
	return 0;
}

static int mount_dirs(struct rootfs *r, struct overlay_dirs *d, int *fds, const char *target,
		      int *mount_fd, struct err *e)
{
	autoclose int upper_fd = -1, work_fd = -1;

	for (; d->lower_n < r->lowers.n; d->lower_n++) {
		fds[d->lower_n] = rootfs_reopen(r, r->lowers.v[d->lower_n], e);
		if (fds[d->lower_n] < 0)
			return -e->code;
	}
	if (!(r->flags & ROOTFS_READONLY)) {
		autofree char *upper = xasprintf("%s/upper", r->container);
		autofree char *work = xasprintf("%s/work", r->container);

		upper_fd = rootfs_reopen(r, upper, e);
		if (upper_fd < 0)
			return -e->code;
		work_fd = rootfs_reopen(r, work, e);
		if (work_fd < 0)
			return -e->code;
	}
	d->upper_fd = upper_fd;
	d->work_fd = work_fd;
	return rootfs_overlay(d, target, mount_fd, e);
}

static int mount_rootfs(struct rootfs *r, const char *target, int *mount_fd, struct err *e)
{
	int *fds = xcalloc(r->lowers.n, sizeof(*fds));
	struct overlay_dirs d = { .lower_fds = fds, .is_volatile = r->flags & ROOTFS_VOLATILE };
	int ret = mount_dirs(r, &d, fds, target, mount_fd, e);

	for (size_t i = 0; i < d.lower_n; i++)
		fd_close(&fds[i]);
	free(fds);
	return ret;
}

/* In a child with a mount namespace of its own: a removed and made again directory must be empty,
 * which shows that whiteouts and attributes work on this file system. */
static int probe_mounted(const char *path, struct err *e)
{
	autofree char *merged = xasprintf("%s/merged", path);
	autoclose int lower = -1, upper = -1, work = -1, mount_fd = -1, root = -1;
	struct overlay_dirs d = { .lower_fds = &lower, .lower_n = 1 };
	auto_of(strv_clear) struct strv names = { 0 };
	int r;

	autofree char *l = xasprintf("%s/lower", path), *u = xasprintf("%s/upper", path);
	autofree char *w = xasprintf("%s/work", path);
	lower = fd_opendir(l);
	d.upper_fd = upper = fd_opendir(u);
	d.work_fd = work = fd_opendir(w);
	r = rootfs_overlay(&d, merged, &mount_fd, e);
	if (r < 0)
		return r;
	root = mount_fd >= 0 ? fd_opendirat(mount_fd, ".") : fd_opendir(merged);
	if (root < 0)
		return err_sys(e, -root, "open the overlay");
	if (unlinkat(root, "d/f", 0) < 0 || unlinkat(root, "d", AT_REMOVEDIR) < 0 ||
	    mkdirat(root, "d", 0700) < 0)
		return err_sys(e, errno, "overlay cannot record removed files here");
	r = file_list_dir(root, "d", &names, false);
	if (r < 0)
		return err_sys(e, -r, "read the overlay");
	if (names.n)
		return err_set(e, ENOTSUP, "the file system has no user.* extended attributes");
	return 0;
}

static int probe_in_child(struct store *s, const char *tmp, int dirfd, struct err *e)
{
	autofree char *path = xasprintf("%s/%s", s->root, tmp);
	autoclose int read_fd = -1, write_fd = -1;
	int p[2], r, status;
	pid_t pid;

	if (mkdirat(dirfd, "lower", 0700) < 0 || mkdirat(dirfd, "lower/d", 0700) < 0 ||
	    mkdirat(dirfd, "upper", 0700) < 0 || mkdirat(dirfd, "work", 0700) < 0 ||
	    mkdirat(dirfd, "merged", 0700) < 0)
		return err_sys(e, errno, "make directories in %s", path);
	r = file_write_at(dirfd, "lower/d/f", "", 0, 0600, 0);
	if (r < 0)
		return err_sys(e, -r, "make a file in %s", path);
	r = fd_pipe(p);
	if (r < 0)
		return err_sys(e, -r, "make a pipe");
	read_fd = p[0];
	write_fd = p[1];
	pid = sys_clone(CLONE_NEWNS, NULL, -1);
	if (pid < 0)
		return err_sys(e, -pid, "make a mount namespace");
	if (pid == 0) {
		struct err child;

		if (probe_mounted(path, &child) < 0)
			(void)err_send(write_fd, &child);
		_exit(0);
	}
	fd_close(&write_fd);
	r = err_recv(read_fd, e);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (r < 0)
		return err_sys(e, -r, "probe overlay");
	return r ? -e->code : 0;
}

static int probe(struct store *s, struct err *e)
{
	autofree char *tmp = NULL;
	autoclose int dirfd = -1;
	int r = store_tmp_dir(s, &tmp, &dirfd, e);

	if (r < 0)
		return r;
	r = probe_in_child(s, tmp, dirfd, e);
	(void)file_remove_tree(s->root_dirfd, tmp);
	return r;
}

const struct store_driver driver_overlay = {
	.name = "overlay",
	.probe = probe,
	.create = create,
	.prepare = prepare,
	.mount = mount_rootfs,
};
