/* SPDX-License-Identifier: Apache-2.0 */
/* vfs: no union at all: each container gets a full copy of its layers. Slow and large, but it works
 * on any file system; where that shares extents (btrfs, xfs) the copy costs no space. */
#include "base/fd.h"
#include "storage/layer.h"
#include "storage/mountpoints.h"
#include "storage/rootfs_priv.h"
#include "storage/tree_copy.h"

static int probe(struct store *s, struct err *e)
{
	(void)s;
	(void)e;
	return 0;
}

static int create(struct store *s, const struct rootfs_args *args, int container_dirfd,
		  struct err *e)
{
	autoclose int dst = -1;
	int r;

	if (mkdirat(container_dirfd, "rootfs", 0755) < 0 ||
	    fchmodat(container_dirfd, "rootfs", 0755, 0) < 0)
		return err_sys(e, errno, "make the root of container %.12s", args->container_id);
	dst = fd_openat(container_dirfd, "rootfs", O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	if (dst < 0)
		return err_sys(e, -dst, "open the root of container %.12s", args->container_id);
	for (size_t i = 0; i < args->chain_ids->n; i++) {
		autoclose int src = layer_open_diff(s, args->chain_ids->v[i], e);
		struct tree_copy_args copy = { .src_dirfd = src, .dst_dirfd = dst,
					       .uid_map = args->uid_map, .gid_map = args->gid_map,
					       .is_layer_over = true };

		if (src < 0)
			return -e->code;
		r = tree_copy(&copy, e);
		if (r < 0)
			return err_wrap(e, "copy layer %.12s", args->chain_ids->v[i]);
	}
	r = s->is_single_id ? mountpoints_add_apt(dst) : 0;
	return r < 0 ? err_sys(e, -r, "tell apt of the one id") : 0;
}

static int prepare(struct rootfs *r, const struct rootfs_args *args, struct err *e)
{
	(void)r;
	(void)args;
	(void)e;
	return 0;
}

static int mount_rootfs(struct rootfs *r, const char *target, int *mount_fd, struct err *e)
{
	autofree char *path = xasprintf("%s/rootfs", r->container);
	autoclose int dirfd = rootfs_reopen(r, path, e);
	int fd;

	(void)target;
	if (dirfd < 0)
		return -e->code;
	fd = rootfs_clone_dir(dirfd, ".", false, r->flags & ROOTFS_READONLY, e);
	if (fd < 0)
		return fd;
	*mount_fd = fd;
	return 0;
}

const struct store_driver driver_vfs = {
	.name = "vfs",
	.probe = probe,
	.create = create,
	.prepare = prepare,
	.mount = mount_rootfs,
};
