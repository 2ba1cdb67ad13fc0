/* SPDX-License-Identifier: Apache-2.0 */
/* THEORY. Three generations of kernels take the directories in three ways:
 *
 *	6.13	fsconfig(FSCONFIG_SET_FD, "lowerdir+", fd): no path, no limit
 *	6.5	fsconfig(FSCONFIG_SET_STRING, "lowerdir+", "/proc/self/fd/N"), at most 256 bytes each
 *	5.11	mount(2), "lowerdir=/proc/self/fd/N:...", one page for all: enough for 200 layers
 *
 * The newest that works is used; a refused try costs two or three microseconds. Before 6.5 fsconfig
 * knows nothing of overlay's options: it takes any text, which fails only as a whole and with a line in
 * the kernel's log, but a descriptor it refuses with EOPNOTSUPP, and later kernels with EINVAL.
 * userxattr always:
 * trusted.* attributes are not for user namespaces, and it forces metacopy and redirect_dir off,
 * which must not be followed in layers that others have made.
 */
#include "storage/rootfs_overlay.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/str.h"
#include "base/sys.h"

#include "storage/store.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int set_dir(int fs_fd, const char *key, int fd, bool by_fd)
{
	if (by_fd)
		return sys_fsconfig_fd(fs_fd, key, fd);
	return sys_fsconfig_string(fs_fd, key, fd_path(fd).s);
}

static int set_dirs(int fs_fd, const struct overlay_dirs *d, bool by_fd)
{
	int r = 0;

	for (size_t i = 0; i < d->lower_n && r >= 0; i++)
		r = set_dir(fs_fd, "lowerdir+", d->lower_fds[i], by_fd);
	for (size_t i = 0; i < d->data_n && r >= 0; i++)
		r = set_dir(fs_fd, "datadir+", d->data_fds[i], by_fd);
	if (r >= 0 && d->upper_fd >= 0)
		r = set_dir(fs_fd, "upperdir", d->upper_fd, by_fd);
	if (r >= 0 && d->upper_fd >= 0)
		r = set_dir(fs_fd, "workdir", d->work_fd, by_fd);
	return r;
}

/* The last message of the kernel about this mount, "" when there is none. */
static void read_reason(int fs_fd, char *buf, size_t size)
{
	ssize_t n = read(fs_fd, buf, size - 1);

	buf[n > 0 ? n : 0] = 0;
	buf[strcspn(buf, "\n")] = 0;
}

/* A detached mount; -EOPNOTSUPP when this way of naming directories is unknown, -ENOSYS when every
 * way but the oldest is. */
static int mount_new(const struct overlay_dirs *d, bool by_fd, char *reason, size_t reason_size)
{
	autoclose int fs_fd = sys_fsopen("overlay");
	int r;

	reason[0] = 0;
	if (fs_fd < 0)
		return steal_fd(&fs_fd);
	r = set_dirs(fs_fd, d, by_fd);
	if (r < 0)
		return r == -EOPNOTSUPP ? -ENOSYS : -EOPNOTSUPP;
	r = sys_fsconfig_flag(fs_fd, "userxattr");
	if (r >= 0 && d->is_volatile && d->upper_fd >= 0)
		r = sys_fsconfig_flag(fs_fd, "volatile");
	if (r >= 0)
		r = sys_fsconfig_create(fs_fd);
	if (r >= 0)
		r = sys_fsmount(fs_fd, 0);
	if (r < 0)
		read_reason(fs_fd, reason, reason_size);
	return r;
}

static int mount_old(const struct overlay_dirs *d, const char *target)
{
	auto_of(str_clear) struct str opts = { 0 };

	str_add(&opts, "userxattr,lowerdir=");
	for (size_t i = 0; i < d->lower_n; i++)
		str_addf(&opts, "%s%s", i ? ":" : "", fd_path(d->lower_fds[i]).s);
	if (d->upper_fd >= 0)
		str_addf(&opts, ",upperdir=%s,workdir=%s%s", fd_path(d->upper_fd).s,
			 fd_path(d->work_fd).s, d->is_volatile ? ",volatile" : "");
	if (opts.len >= 4096)
		return -E2BIG;
	return sys_mount("overlay", target, "overlay", 0, opts.p);
}

/* A volatile mount leaves this mark, and the kernel refuses the directory while it is there. Ours
 * is the only mount of it, and what is lost with the power is not to be kept anyway. */
static bool clear_volatile_mark(int work_fd)
{
	return file_exists_at(work_fd, "work/incompat") &&
	       file_remove_tree(work_fd, "work/incompat") == 0;
}

static int mount_any(const struct overlay_dirs *d, const char *target, int *mount_fd, char *reason,
		     size_t reason_size)
{
	int r = mount_new(d, true, reason, reason_size);

	if (r == -EOPNOTSUPP)
		r = mount_new(d, false, reason, reason_size);
	if (r >= 0) {
		*mount_fd = r;
		return 0;
	}
	if ((r != -EOPNOTSUPP && r != -ENOSYS) || d->data_n)
		return r;
	*mount_fd = -1;
	return mount_old(d, target);
}

/* In the child. */
static int run_probe(const char *path, int dirfd,
		     int (*fn)(const struct rootfs_overlay_probe *p, struct err *e), struct err *e)
{
	autofree char *merged = xasprintf("%s/merged", path), *l = xasprintf("%s/lower", path);
	autofree char *u = xasprintf("%s/upper", path), *w = xasprintf("%s/work", path);
	autoclose int lower = fd_opendir(l), upper = fd_opendir(u), work = fd_opendir(w);
	struct rootfs_overlay_probe p = { .path = path, .merged = merged, .dirfd = dirfd };

	p.dirs = (struct overlay_dirs){ .lower_fds = &lower, .lower_n = 1, .upper_fd = upper,
					.work_fd = work };
	return fn(&p, e);
}

static int try_in(struct store *s, const char *tmp, int dirfd,
		  int (*fn)(const struct rootfs_overlay_probe *p, struct err *e), struct err *e)
{
	static const char *const dirs[] = { "lower", "upper", "work", "merged" };
	autofree char *path = xasprintf("%s/%s", s->root, tmp);
	autoclose int read_fd = -1, write_fd = -1;
	int p[2], r, status;
	pid_t pid;

	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++)
		if (mkdirat(dirfd, dirs[i], 0700) < 0)
			return err_sys(e, errno, "make directories in %s", path);
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

		if (run_probe(path, dirfd, fn, &child) < 0)
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

int rootfs_overlay_try(struct store *s,
		       int (*fn)(const struct rootfs_overlay_probe *p, struct err *e),
		       struct err *e)
{
	autofree char *tmp = NULL;
	autoclose int dirfd = -1;
	int r = store_tmp_dir(s, &tmp, &dirfd, e);

	if (r < 0)
		return r;
	r = try_in(s, tmp, dirfd, fn, e);
	(void)file_remove_tree(s->root_dirfd, tmp);
	return r;
}

int rootfs_overlay(const struct overlay_dirs *d, const char *target, int *mount_fd, struct err *e)
{
	char reason[256] = "";
	int r = mount_any(d, target, mount_fd, reason, sizeof(reason));

	if (r < 0 && d->work_fd >= 0 && clear_volatile_mark(d->work_fd))
		r = mount_any(d, target, mount_fd, reason, sizeof(reason));
	if (r >= 0)
		return 0;
	if (reason[0])
		return err_sys(e, -r, "mount overlay (%s)", reason);
	return err_sys(e, -r, "mount overlay");
}
