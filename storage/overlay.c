/* SPDX-License-Identifier: Apache-2.0 */
/* overlay: the kernel's own overlay file system, mounted in a user namespace (Linux 5.11). */
#include "base/fd.h"
#include "base/file.h"
#include "storage/mountpoints.h"
#include "storage/rootfs_overlay.h"
#include "storage/rootfs_priv.h"

#include <unistd.h>

static const char empty_dir[] = "cache/empty";

static int create(struct store *s, const struct rootfs_args *args, int container_dirfd,
		  struct err *e)
{
	return rootfs_make_upper(s, args, container_dirfd, e);
}

static int prepare(struct rootfs *r, const struct rootfs_args *args, struct err *e)
{
	autofree char *mountpoints = NULL;

	/* Its owner is root of the session; another map would show it as somebody else's. */
	if (!rootfs_is_shifted(args) && !(args->flags & ROOTFS_IMAGE)) {
		mountpoints = mountpoints_ensure(r->store, args->flags, e);
		if (!mountpoints)
			return -e->code;
		strv_add(&r->lowers, mountpoints);
	}
	/* Without an upper directory overlay wants two lower ones. Binding a single layer instead
	 * would let a privileged container make it writable again. */
	if ((r->flags & ROOTFS_READONLY ? r->lowers.n + r->datas.n < 2 : r->lowers.n < 1)) {
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

static int open_dirs(struct rootfs *r, const struct strv *paths, int *fds, size_t *n, struct err *e)
{
	for (; *n < paths->n; (*n)++) {
		fds[*n] = rootfs_reopen(r, paths->v[*n], e);
		if (fds[*n] < 0)
			return -e->code;
	}
	return 0;
}

static int mount_dirs(struct rootfs *r, struct overlay_dirs *d, const char *target, int *mount_fd,
		      struct err *e)
{
	autoclose int upper_fd = -1, work_fd = -1;

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
	int *lower = xcalloc(r->lowers.n + 1, sizeof(int)), *data = xcalloc(r->datas.n + 1, sizeof(int));
	struct overlay_dirs d = { .lower_fds = lower, .data_fds = data,
				  .is_volatile = r->flags & ROOTFS_VOLATILE };
	int ret = open_dirs(r, &r->lowers, lower, &d.lower_n, e);

	if (ret >= 0)
		ret = open_dirs(r, &r->datas, data, &d.data_n, e);
	if (ret >= 0)
		ret = mount_dirs(r, &d, target, mount_fd, e);
	for (size_t i = 0; i < d.lower_n; i++)
		fd_close(&lower[i]);
	for (size_t i = 0; i < d.data_n; i++)
		fd_close(&data[i]);
	free(lower);
	free(data);
	return ret;
}

/* A removed and made again directory must be empty, which shows that whiteouts and attributes work on
 * this file system. */
static int probe_mounted(const struct rootfs_overlay_probe *p, struct err *e)
{
	autoclose int mount_fd = -1, root = -1;
	auto_of(strv_clear) struct strv names = { 0 };
	int r = mkdirat(p->dirfd, "lower/d", 0700) < 0 ? -errno : 0;

	if (r >= 0)
		r = file_write_at(p->dirfd, "lower/d/f", "", 0, 0600, 0);
	if (r < 0)
		return err_sys(e, -r, "make a file in %s", p->path);
	r = rootfs_overlay(&p->dirs, p->merged, &mount_fd, e);
	if (r < 0)
		return r;
	root = mount_fd >= 0 ? fd_opendirat(mount_fd, ".") : fd_opendir(p->merged);
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

static int probe(struct store *s, struct err *e)
{
	return rootfs_overlay_try(s, probe_mounted, e);
}

const struct store_driver driver_overlay = {
	.name = "overlay",
	.probe = probe,
	.create = create,
	.prepare = prepare,
	.mount = mount_rootfs,
};
