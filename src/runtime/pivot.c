/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/pivot.h"

#include "base/fd.h"
#include "base/sys.h"
#include "runtime/mount_fs.h"

#include <unistd.h>

int pivot_isolate(struct err *e)
{
	int r = sys_mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL);

	return r < 0 ? err_sys(e, -r, "make the mounts of the host private") : 0;
}

static int set_propagation(int root_fd, const char *propagation, struct err *e)
{
	struct mount_attr attr = { .propagation = MS_PRIVATE };
	unsigned long flag = MS_PRIVATE;
	bool is_recursive = false;
	int r;

	if (propagation && mount_options_propagation(propagation, &flag, &is_recursive) < 0)
		return err_set(e, EINVAL, "root propagation '%s' is not private, slave, shared or "
			       "unbindable, or one of these with r in front", propagation);
	attr.propagation = flag;
	r = sys_mount_setattr(root_fd, is_recursive ? AT_RECURSIVE : 0, &attr);
	return r < 0 ? err_sys(e, -r, "make the root file system %s", propagation) : 0;
}

int pivot_attach_root(int mount_fd, const char *target, const char *propagation, struct err *e)
{
	autoclose int clone_fd = -1, root_fd = -1;
	int r = 0;

	if (mount_fd < 0) {
		root_fd = fd_open(target, O_PATH | O_DIRECTORY);
		if (root_fd < 0)
			return err_sys(e, -root_fd, "open the root file system at %s", target);
		/* pivot_root(2) takes only a mount of our own making: a clone is one. */
		clone_fd = mount_fs_clone(root_fd, true);
		if (clone_fd < 0)
			return err_sys(e, -clone_fd, "clone the root file system at %s", target);
		mount_fd = clone_fd;
		fd_close(&root_fd);
	}
	root_fd = fd_open(target, O_PATH | O_DIRECTORY);
	if (root_fd < 0)
		return err_sys(e, -root_fd, "open %s", target);
	r = mount_fs_attach(mount_fd, root_fd);
	if (r < 0)
		return err_sys(e, -r, "mount the root file system on %s", target);
	r = set_propagation(mount_fd, propagation, e);
	if (r < 0)
		return r;
	fd_close(&root_fd);
	root_fd = sys_openat2(mount_fd, ".", O_PATH | O_DIRECTORY, 0, RESOLVE_NO_SYMLINKS);
	return root_fd < 0 ? err_sys(e, -root_fd, "open the root file system") : steal_fd(&root_fd);
}

int pivot_enter(int root_fd, struct err *e)
{
	int r;

	/* pivot_root(2), "pivot_root(".", ".")": the old root ends up on top of the new one, at the
	 * place that is our working directory, and is taken off there. No directory is needed. */
	if (fchdir(root_fd) < 0)
		return err_sys(e, errno, "enter the root file system");
	r = sys_pivot_root(".", ".");
	if (r >= 0)
		r = sys_umount(".", MNT_DETACH);
	if (r < 0)
		return err_sys(e, -r, "change the root file system");
	if (chdir("/") < 0)
		return err_sys(e, errno, "enter the root file system");
	return 0;
}
