/* SPDX-License-Identifier: Apache-2.0 */
/* The directories that a driver mounts: made, opened in the mount namespace of now, cloned. */
#include "storage/rootfs_priv.h"

#include "base/fd.h"
#include "base/path.h"
#include "base/str.h"
#include "base/sys.h"
#include "storage/tree_copy.h"

#include <sys/stat.h>

int rootfs_make_upper(struct store *s, const struct rootfs_args *args, int container_dirfd,
		      struct err *e)
{
	const struct strv *ids = args->chain_ids;
	uid_t uid = tree_copy_map_id(args->uid_map, 0);
	gid_t gid = tree_copy_map_id(args->gid_map, 0);
	mode_t mode = 0755;

	/* The root directory of an overlay is its upper directory. */
	if (ids && ids->n) {
		autofree char *path = xasprintf("%s/diff", ids->v[ids->n - 1]);
		struct stat st;

		if (fstatat(s->layers_dirfd, path, &st, AT_SYMLINK_NOFOLLOW) == 0) {
			mode = st.st_mode & 07777;
			uid = tree_copy_map_id(args->uid_map, st.st_uid);
			gid = tree_copy_map_id(args->gid_map, st.st_gid);
		}
	}
	if (mkdirat(container_dirfd, "upper", 0755) < 0 ||
	    mkdirat(container_dirfd, "work", 0700) < 0 ||
	    ((uid || gid) && fchownat(container_dirfd, "upper", uid, gid, 0) < 0) ||
	    fchmodat(container_dirfd, "upper", mode, 0) < 0)
		return err_sys(e, errno, "make the writable layer of container %.12s",
			       args->container_id);
	return 0;
}

int rootfs_reopen(struct rootfs *r, const char *path, struct err *e)
{
	autofree char *full = path_join(r->store->root, path);
	int fd = fd_opendir(full);

	if (fd == -ENOENT && str_has_prefix(path, "layers/"))
		return err_set(e, ERR_NO_SUCH, "layer %.12s is missing: run: rootlet system check",
			       path + 7);
	return fd < 0 ? err_sys(e, -fd, "open %s", full) : fd;
}

int rootfs_clone_dir(int dirfd, const char *path, bool recursive, bool readonly, struct err *e)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY };
	unsigned int rec = recursive ? AT_RECURSIVE : 0;
	autoclose int fd = sys_open_tree(dirfd, path, OPEN_TREE_CLONE | rec);
	int r;

	if (fd < 0)
		return err_sys(e, -fd, "clone the mount of %s", path);
	if (readonly) {
		r = sys_mount_setattr(fd, rec, &attr);
		if (r < 0)
			return err_sys(e, -r, "make %s read-only", path);
	}
	return steal_fd(&fd);
}
