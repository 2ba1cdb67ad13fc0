/* SPDX-License-Identifier: Apache-2.0 */
/* THEORY. host:/ cannot be one overlay over "/": the mounts below it are locked in a user
 * namespace, and the kernel takes no directory as a lower one that has a locked mount on top of
 * something in it (what the mount hides would show). So the root is put together:
 *
 *	upper/		the root itself: the container's own directory, with the host's symbolic
 *			links of "/" (bin -> usr/bin) and a directory for each of its directories
 *	upper.d/NAME	the writable layer over /NAME, mounted as overlay on upper/NAME
 *	work/NAME	overlay's work directory for it
 *
 * A directory with mounts somewhere below is bound with all of them, read-only. proc, sys, dev, run
 * and tmp stay empty: the runtime fills the first three, and the host's sockets and temporary files
 * are not the container's business.
 */
#include "storage/rootfs_host.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "base/sys.h"
#include "storage/rootfs_overlay.h"

#include <string.h>
#include <unistd.h>

static bool is_kept_empty(const char *name)
{
	static const char *const names[] = { "proc", "sys", "dev", "run", "tmp", "lost+found" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

static bool is_composed(const char *host_path)
{
	return strcmp(host_path, "/") == 0;
}

static int create_entry(int root, int upper, int upper_d, int work, const char *name)
{
	autofree char *target = NULL;
	struct stat st;
	int r;

	if (fstatat(root, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (S_ISLNK(st.st_mode)) {
		r = file_readlink_at(root, name, &target);
		if (r < 0)
			return r;
		return symlinkat(target, upper, name) < 0 ? -errno : 0;
	}
	if (!S_ISDIR(st.st_mode) || strcmp(name, "lost+found") == 0)
		return 0;
	if (mkdirat(upper, name, 0755) < 0 || fchmodat(upper, name, st.st_mode & 07777, 0) < 0)
		return -errno;
	if (is_kept_empty(name))
		return 0;
	if (mkdirat(upper_d, name, 0755) < 0 ||
	    fchmodat(upper_d, name, st.st_mode & 07777, 0) < 0 ||
	    mkdirat(work, name, 0700) < 0)
		return -errno;
	return 0;
}

static int create_composed(int container_dirfd, struct err *e)
{
	auto_of(strv_clear) struct strv names = { 0 };
	autoclose int root = fd_opendir("/"), upper = fd_opendirat(container_dirfd, "upper");
	autoclose int upper_d = -1, work = fd_opendirat(container_dirfd, "work");
	int r;

	if (mkdirat(container_dirfd, "upper.d", 0700) < 0)
		return err_sys(e, errno, "make the writable layer");
	upper_d = fd_opendirat(container_dirfd, "upper.d");
	r = file_list_dir(root, ".", &names, false);
	for (size_t i = 0; r == 0 && i < names.n; i++)
		r = create_entry(root, upper, upper_d, work, names.v[i]);
	return r < 0 ? err_sys(e, -r, "make the writable layer over /") : 0;
}

int rootfs_host_create(struct store *s, const struct rootfs_args *args, int container_dirfd,
		       struct err *e)
{
	struct rootfs_args plain = { .container_id = args->container_id,
				     .uid_map = args->uid_map,
				     .gid_map = args->gid_map };
	int r;

	if (!is_composed(args->host_path) && !(args->flags & ROOTFS_OVERLAY))
		return 0;
	r = rootfs_make_upper(s, &plain, container_dirfd, e);
	if (r == 0 && is_composed(args->host_path))
		r = create_composed(container_dirfd, e);
	return r;
}

int rootfs_host_open(struct rootfs *r, const struct rootfs_args *args, struct err *e)
{
	struct stat st;

	if (str_empty(args->host_path) || args->host_path[0] != '/')
		return err_set(e, EINVAL, "the root directory '%s' is not an absolute path",
			       args->host_path ? args->host_path : "");
	if (stat(args->host_path, &st) < 0)
		return err_sys(e, errno, "open the root directory %s", args->host_path);
	if (!S_ISDIR(st.st_mode))
		return err_set(e, ENOTDIR, "the root directory %s is not a directory",
			       args->host_path);
	r->host_path = path_clean(args->host_path);
	return 0;
}

static int overlay_at(int lower, int upper, int work, struct rootfs *r, const char *target,
		      int *mount_fd, struct err *e)
{
	struct overlay_dirs d = { .lower_fds = &lower, .lower_n = 1, .upper_fd = upper,
				  .work_fd = work, .is_volatile = r->flags & ROOTFS_VOLATILE };

	return rootfs_overlay(&d, target, mount_fd, e);
}

static int set_readonly(int mount_fd, bool recursive, struct err *e)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY };
	int r = sys_mount_setattr(mount_fd, recursive ? AT_RECURSIVE : 0, &attr);

	return r < 0 ? err_sys(e, -r, "make a mount read-only") : 0;
}

/* Moves a detached mount to dirfd/name; nothing to do when mount(2) has put it there already. */
static int attach(int mount_fd, int dirfd, const char *name, struct err *e)
{
	int r;

	if (mount_fd < 0)
		return 0;
	r = sys_move_mount(mount_fd, "", dirfd, name, MOVE_MOUNT_F_EMPTY_PATH);
	return r < 0 ? err_sys(e, -r, "mount %s", name) : 0;
}

/* Mount points of this mount namespace, as the fifth field of mountinfo; escapes stay, which
 * matters only to names with blanks in their first component. */
static int list_mounts(struct strv *points, struct err *e)
{
	autofree char *text = NULL;
	size_t len;
	int r = file_read_at(AT_FDCWD, "/proc/self/mountinfo", &text, &len, FILE_MAX_CONFIG);

	if (r < 0)
		return err_sys(e, -r, "read /proc/self/mountinfo");
	for (char *line = text, *save; (line = strtok_r(line, "\n", &save)); line = NULL) {
		auto_of(strv_clear) struct strv fields = { 0 };

		strv_split(&fields, line, ' ');
		if (fields.n > 4)
			strv_add(points, fields.v[4]);
	}
	return 0;
}

static bool has_mounts_below(const struct strv *points, const char *dir)
{
	for (size_t i = 0; i < points->n; i++)
		if (strcmp(points->v[i], dir) != 0 && path_is_below(points->v[i], dir))
			return true;
	return false;
}

/* What mount_composed opened before it covered the paths that lead there. */
struct composed {
	int upper_d, work, root;	/* borrowed */
};

static int open_writable(int dirfd, const char *what, const char *name, struct err *e)
{
	int fd = fd_openat(dirfd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW);

	return fd < 0 ? err_sys(e, -fd, "open the container's %s/%s", what, name) : fd;
}

static int mount_composed_dir(struct rootfs *r, const struct strv *points, const char *name,
			      const struct composed *c, struct err *e)
{
	autofree char *host = xasprintf("/%s", name);
	autofree char *at = xasprintf("%s/%s", fd_path(c->root).s, name);
	autoclose int lower = -1, upper = -1, work = -1, mount_fd = -1;
	int ret = -1;

	lower = fd_opendir(host);
	if (lower < 0)
		return err_sys(e, -lower, "open %s", host);
	if (!has_mounts_below(points, host)) {
		upper = open_writable(c->upper_d, "upper.d", name, e);
		if (upper < 0)
			return -e->code;
		work = open_writable(c->work, "work", name, e);
		if (work < 0)
			return -e->code;
		ret = overlay_at(lower, upper, work, r, at, &mount_fd, e);
		/* Some file systems cannot be a lower layer (FUSE, case folding): show them. */
		if (ret < 0)
			mount_fd = -1;
	}
	if (ret < 0) {
		mount_fd = rootfs_clone_dir(AT_FDCWD, host, true, true, e);
		if (mount_fd < 0)
			return -e->code;
	} else if (r->flags & ROOTFS_READONLY && mount_fd >= 0) {
		ret = set_readonly(mount_fd, false, e);
		if (ret < 0)
			return ret;
	}
	return attach(mount_fd, c->root, name, e);
}

static int mount_composed(struct rootfs *r, const char *target, struct err *e)
{
	autofree char *upper_path = xasprintf("%s/upper", r->container);
	autofree char *d_path = xasprintf("%s/upper.d", r->container);
	autofree char *work_path = xasprintf("%s/work", r->container);
	auto_of(strv_clear) struct strv names = { 0 }, points = { 0 };
	autoclose int upper = rootfs_reopen(r, upper_path, e), upper_d = -1, work = -1, root = -1;
	struct composed c;
	int ret;

	if (upper < 0)
		return -e->code;
	upper_d = rootfs_reopen(r, d_path, e);
	if (upper_d < 0)
		return -e->code;
	work = rootfs_reopen(r, work_path, e);
	if (work < 0)
		return -e->code;
	ret = list_mounts(&points, e);
	if (ret < 0)
		return ret;
	root = rootfs_clone_dir(upper, ".", false, r->flags & ROOTFS_READONLY, e);
	if (root < 0)
		return -e->code;
	ret = attach(root, AT_FDCWD, target, e);
	if (ret < 0)
		return ret;
	ret = file_list_dir(upper_d, ".", &names, true);
	if (ret < 0)
		return err_sys(e, -ret, "list %s", d_path);
	c = (struct composed){ .upper_d = upper_d, .work = work, .root = root };
	for (size_t i = 0; i < names.n; i++) {
		ret = mount_composed_dir(r, &points, names.v[i], &c, e);
		if (ret < 0)
			return err_wrap(e, "host directory /%s", names.v[i]);
	}
	return 0;
}

int rootfs_host_mount(struct rootfs *r, const char *target, int *mount_fd, struct err *e)
{
	autofree char *upper_path = xasprintf("%s/upper", r->container);
	autofree char *work_path = xasprintf("%s/work", r->container);
	autoclose int lower = -1, upper = -1, work = -1;
	int fd;

	if (is_composed(r->host_path)) {
		*mount_fd = -1;
		return mount_composed(r, target, e);
	}
	if (!(r->flags & ROOTFS_OVERLAY)) {
		fd = rootfs_clone_dir(AT_FDCWD, r->host_path, true, r->flags & ROOTFS_READONLY, e);
		if (fd < 0)
			return fd;
		*mount_fd = fd;
		return 0;
	}
	lower = fd_opendir(r->host_path);
	if (lower < 0)
		return err_sys(e, -lower, "open %s", r->host_path);
	upper = rootfs_reopen(r, upper_path, e);
	if (upper < 0)
		return -e->code;
	work = rootfs_reopen(r, work_path, e);
	if (work < 0)
		return -e->code;
	fd = overlay_at(lower, upper, work, r, target, mount_fd, e);
	if (fd < 0)
		return err_wrap(e, "%s", r->host_path);
	return r->flags & ROOTFS_READONLY && *mount_fd >= 0 ? set_readonly(*mount_fd, false, e) : 0;
}
