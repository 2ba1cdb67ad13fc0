/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/mask.h"

#include "base/fd.h"
#include "base/path.h"
#include "base/sys.h"
#include "runtime/devices.h"
#include "runtime/init.h"
#include "runtime/mount_fs.h"

/* One empty read-only directory covers all masked directories: the first use mounts it, the next
 * ones clone what is mounted (a detached mount cannot be cloned before Linux 6.15). */
static int empty_dir(struct init *in)
{
	if (in->empty_fd >= 0)
		return mount_fs_clone(in->empty_fd, false);
	in->empty_fd = mount_fs_new("tmpfs", NULL, NULL,
				    MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
					    MOUNT_ATTR_NOEXEC);
	return in->empty_fd < 0 ? in->empty_fd : fd_dup(in->empty_fd);
}

static int mask_one(struct init *in, const char *path, struct err *e)
{
	autoclose int target_fd = root_open(in->root_fd, path, O_PATH);
	autoclose int cover_fd = -1;
	struct stat st;
	int r;

	if (target_fd == -ENOENT || target_fd == -ENOTDIR || target_fd == -EACCES)
		return 0;
	if (target_fd < 0 || fstat(target_fd, &st) < 0)
		return err_sys(e, target_fd < 0 ? -target_fd : errno, "mask %s", path);
	if (S_ISDIR(st.st_mode)) {
		cover_fd = empty_dir(in);
	} else {
		r = devices_open_null(&in->null_fd, e);
		if (r < 0)
			return r;
		cover_fd = mount_fs_clone(in->null_fd, false);
	}
	r = cover_fd < 0 ? cover_fd : mount_fs_attach(cover_fd, target_fd);
	return r < 0 ? err_sys(e, -r, "mask %s", path) : 0;
}

static int readonly_one(struct init *in, const char *path, struct err *e)
{
	autoclose int target_fd = root_open(in->root_fd, path, O_PATH);
	autoclose int mount_fd = -1;
	int r;

	if (target_fd == -ENOENT || target_fd == -ENOTDIR || target_fd == -EACCES)
		return 0;
	if (target_fd < 0)
		return err_sys(e, -target_fd, "make %s read-only", path);
	mount_fd = mount_fs_clone(target_fd, true);
	r = mount_fd < 0 ? mount_fd : mount_fs_set_readonly(mount_fd, true);
	if (r >= 0)
		r = mount_fs_attach(mount_fd, target_fd);
	return r < 0 ? err_sys(e, -r, "make %s read-only", path) : 0;
}

int mask_apply(struct init *in, struct err *e)
{
	const struct spec *s = in->spec;
	int r = 0;

	for (size_t i = 0; i < s->readonly_paths.n && r >= 0; i++)
		r = readonly_one(in, s->readonly_paths.v[i], e);
	for (size_t i = 0; i < s->masked_paths.n && r >= 0; i++)
		r = mask_one(in, s->masked_paths.v[i], e);
	return r;
}
