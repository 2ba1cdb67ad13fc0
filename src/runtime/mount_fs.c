/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/mount_fs.h"

#include "base/fd.h"
#include "base/sys.h"
#include "runtime/idmap_mount.h"

#include <string.h>
#include <sys/vfs.h>

static int add_data(int fs_fd, const char *word)
{
	const char *eq = strchr(word, '=');
	autofree char *key = NULL;

	if (!eq)
		return sys_fsconfig_flag(fs_fd, word);
	key = xstrndup(word, eq - word);
	return sys_fsconfig_string(fs_fd, key, eq + 1);
}

int mount_fs_new(const char *type, const char *source, const struct strv *data, uint64_t attr)
{
	autoclose int fs_fd = sys_fsopen(type);
	int r;

	if (fs_fd < 0)
		return fs_fd;
	r = sys_fsconfig_string(fs_fd, "source", source ? source : type);
	for (size_t i = 0; data && i < data->n && r >= 0; i++)
		r = add_data(fs_fd, data->v[i]);
	if (r >= 0)
		r = sys_fsconfig_create(fs_fd);
	if (r >= 0)
		r = sys_fsmount(fs_fd, attr);
	return r;
}

int mount_fs_clone(int fd, bool is_recursive)
{
	return sys_open_tree(fd, "", AT_EMPTY_PATH | OPEN_TREE_CLONE |
					     (is_recursive ? AT_RECURSIVE : 0));
}

int mount_fs_clone_host(const char *path, bool is_recursive, bool is_readonly)
{
	autoclose int fd = sys_open_tree(AT_FDCWD, path,
					 OPEN_TREE_CLONE | (is_recursive ? AT_RECURSIVE : 0));
	struct mount_attr attr = {
		.attr_set = is_readonly ? MOUNT_ATTR_RDONLY : 0,
		.propagation = MS_PRIVATE,
	};
	int r;

	if (fd < 0)
		return fd;
	r = sys_mount_setattr(fd, is_recursive ? AT_RECURSIVE : 0, &attr);
	return r < 0 ? r : steal_fd(&fd);
}

int mount_fs_attach(int mount_fd, int target_fd)
{
	return sys_move_mount(mount_fd, "", target_fd, "",
			      MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
}

int mount_fs_set_readonly(int mount_fd, bool is_recursive)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY };

	return sys_mount_setattr(mount_fd, is_recursive ? AT_RECURSIVE : 0, &attr);
}

/* rw, suid, dev and exec are what a mount is anyway; where the mount came from a more privileged
 * namespace with the flag on, the kernel keeps it locked (EPERM), and so do we. */
static int clear_attr(int mount_fd, uint64_t clr, unsigned int flags)
{
	struct mount_attr attr = { .attr_clr = clr };
	int r = sys_mount_setattr(mount_fd, flags, &attr);

	return r == -EPERM ? 0 : r;
}

/* Setting one of the atime values means to clear the field in the same call. */
static int set_attr(int mount_fd, uint64_t set, uint64_t clr, unsigned long propagation,
		    unsigned int flags)
{
	struct mount_attr attr = {
		.attr_set = set,
		.attr_clr = clr & MOUNT_ATTR__ATIME,
		.propagation = propagation,
	};

	if (!set && !attr.attr_clr && !propagation)
		return 0;
	return sys_mount_setattr(mount_fd, flags, &attr);
}

int mount_fs_set(int mount_fd, const struct mount_options *o, struct err *e)
{
	unsigned long propagation = o->propagation ? o->propagation : MS_PRIVATE;
	unsigned int tree = o->is_recursive ? AT_RECURSIVE : 0;
	uint64_t ro = o->attr_set & MOUNT_ATTR_RDONLY;
	int r;

	/* "ro" of an rbind holds for what is mounted below too: half of a tree left writable is
	 * nothing anybody asked for. The other flags are of the one mount, as everywhere. */
	if (!o->is_ro_top && (o->is_propagation_recursive == (tree != 0) || !o->propagation)) {
		r = set_attr(mount_fd, ro, 0, propagation, tree);
	} else {
		r = set_attr(mount_fd, ro, 0, 0, o->is_ro_top ? 0 : tree);
		if (r >= 0)
			r = set_attr(mount_fd, 0, 0, propagation,
				     o->is_propagation_recursive ? AT_RECURSIVE : 0);
	}
	if (r >= 0)
		r = set_attr(mount_fd, o->attr_set & ~(uint64_t)MOUNT_ATTR_RDONLY, o->attr_clr, 0, 0);
	if (r >= 0)
		r = set_attr(mount_fd, o->tree_set, o->tree_clr, 0, AT_RECURSIVE);
	if (r >= 0 && (o->attr_clr & ~(uint64_t)MOUNT_ATTR__ATIME))
		r = clear_attr(mount_fd, o->attr_clr & ~(uint64_t)MOUNT_ATTR__ATIME, 0);
	if (r >= 0 && (o->tree_clr & ~(uint64_t)MOUNT_ATTR__ATIME))
		r = clear_attr(mount_fd, o->tree_clr & ~(uint64_t)MOUNT_ATTR__ATIME, AT_RECURSIVE);
	if (r == -EPERM && (o->attr_clr & MOUNT_ATTR__ATIME))
		return err_set(e, EPERM, "when access times are written is decided by the host's mount: leave "
			       "out noatime, strictatime and the like");
	if (r < 0)
		return err_sys(e, -r, "set the mount options");
	return o->has_idmap ? idmap_mount_apply(mount_fd, o, e) : 0;
}

bool mount_fs_is(int fd, long magic)
{
	struct statfs st;

	return fstatfs(fd, &st) == 0 && st.f_type == magic;
}
