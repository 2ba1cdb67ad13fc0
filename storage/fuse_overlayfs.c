/* SPDX-License-Identifier: Apache-2.0 */
/* THEORY. For kernels that do not allow overlay in a user namespace, and for file systems without
 * user.* attributes. The daemon must not live in the container's namespaces, yet the mount must: so
 * the two are taken apart. The engine opens /dev/fuse before it clones the helper, so both share
 * the descriptor; the helper makes the mount from it (the kernel wants opener and mounter in one
 * user namespace), which works at once, but every lookup waits; then the engine starts
 * fuse-overlayfs with the mount point "/dev/fd/N", which libfuse takes as "is mounted already,
 * serve this descriptor". When the mount goes the daemon reads end of file and exits. */
#include "base/fd.h"
#include "base/file.h"
#include "base/proc.h"
#include "base/str.h"
#include "base/sys.h"
#include "storage/mountpoints.h"
#include "storage/rootfs_priv.h"
#include "storage/store_conf.h"

#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>

static int find_program(struct store *s, char **path, struct err *e)
{
	const char *named = store_conf_option(&s->driver_opts, "mount_program");

	if (!str_empty(named)) {
		*path = xstrdup(named);
		return 0;
	}
	if (proc_find("fuse-overlayfs", path) < 0)
		return err_set(e, ENOTSUP, "fuse-overlayfs is not installed");
	return 0;
}

/* It marks every directory it makes. Where the attribute is not known (ENOTSUP) it writes a file
 * instead, but a file system that forbids it makes every mkdir fail. */
static int check_attribute(struct store *s, struct err *e)
{
	autofree char *name = NULL;
	autoclose int fd = -1;
	int r = store_tmp_dir(s, &name, &fd, e);

	if (r < 0)
		return r;
	if (fsetxattr(fd, "user.fuseoverlayfs.opaque", "y", 1, 0) < 0 && errno == EPERM)
		r = err_sys(e, EPERM, "mark a directory in %s", s->root);
	(void)file_remove_tree(s->root_dirfd, name);
	return r;
}

/* It splits its lists there whatever is written before. */
static int check_path(struct store *s, struct err *e)
{
	if (!strchr(s->root, ':'))
		return 0;
	return err_set(e, ENOTSUP, "fuse-overlayfs takes no path with ':' (%s): choose another --root", s->root);
}

static int probe(struct store *s, struct err *e)
{
	autofree char *path = NULL;
	autoclose int fd = fd_open("/dev/fuse", O_RDWR);

	if (fd < 0)
		return err_sys(e, -fd, "open /dev/fuse");
	if (check_path(s, e) < 0 || find_program(s, &path, e) < 0)
		return -e->code;
	return check_attribute(s, e);
}

static int create(struct store *s, const struct rootfs_args *args, int container_dirfd,
		  struct err *e)
{
	return rootfs_make_upper(s, args, container_dirfd, e);
}

static int prepare(struct rootfs *r, const struct rootfs_args *args, struct err *e)
{
	autofree char *mountpoints = NULL;

	if (check_path(r->store, e) < 0)
		return -e->code;
	if (r->store->is_single_id && !args->uid_map && !(args->flags & ROOTFS_IMAGE)) {
		mountpoints = mountpoints_ensure(r->store, args->flags, e);
		if (!mountpoints)
			return -e->code;
		strv_add(&r->lowers, mountpoints);
	}
	r->fuse_fd = fd_open("/dev/fuse", O_RDWR);
	if (r->fuse_fd < 0)
		return err_sys(e, -r->fuse_fd, "open /dev/fuse");
	return 0;
}

static int mount_rootfs(struct rootfs *r, const char *target, int *mount_fd, struct err *e)
{
	char fd_text[16];
	const char *const opts[][2] = { { "fd", fd_text },
					{ "rootmode", "40000" },
					{ "user_id", "0" },
					{ "group_id", "0" },
					{ "source", "fuse-overlayfs" },
					{ "subtype", "fuse-overlayfs" },
					{ "allow_other", NULL },
					{ "default_permissions", NULL },
					{ NULL, NULL } };
	int fd;

	(void)target;
	snprintf(fd_text, sizeof(fd_text), "%d", r->fuse_fd);
	fd = sys_fsmount_new("fuse", opts, r->flags & ROOTFS_READONLY ? MOUNT_ATTR_RDONLY : 0);
	if (fd < 0)
		return err_sys(e, -fd, "mount fuse");
	*mount_fd = fd;
	return 0;
}

/* The daemon's option syntax: '\' escapes ',' in paths. */
static void add_path(struct str *out, const struct store *s, const char *path)
{
	autofree char *full = xasprintf("%s/%s", s->root, path);

	for (const char *p = full; *p; p++) {
		if (*p == ',' || *p == '\\')
			str_addc(out, '\\');
		str_addc(out, *p);
	}
}

/* Told to look after access control lists, the kernel asks for them, and lets nobody but the owner
 * through where the answer is that the file system (NFS) has none. */
static bool has_no_acl(const struct store *s)
{
	return getxattr(fd_path(s->root_dirfd).s, "system.posix_acl_access", NULL, 0) < 0 &&
	       errno == EOPNOTSUPP;
}

static int serve(struct rootfs *r, struct proc *server, struct err *e)
{
	auto_of(str_clear) struct str opts = { 0 };
	autofree char *program = NULL, *upper = xasprintf("%s/upper", r->container);
	autofree char *work = xasprintf("%s/work", r->container);
	char mount_point[32];
	int keep[] = { r->fuse_fd };
	int ret = find_program(r->store, &program, e);

	if (ret < 0)
		return ret;
	str_add(&opts, "lowerdir=");
	for (size_t i = 0; i < r->lowers.n; i++) {
		if (i)
			str_addc(&opts, ':');
		add_path(&opts, r->store, r->lowers.v[i]);
	}
	if (!(r->flags & ROOTFS_READONLY)) {
		str_add(&opts, ",upperdir=");
		add_path(&opts, r->store, upper);
		str_add(&opts, ",workdir=");
		add_path(&opts, r->store, work);
	}
	if (r->flags & ROOTFS_VOLATILE)
		str_add(&opts, ",volatile");
	if (has_no_acl(r->store))
		str_add(&opts, ",noacl");
	snprintf(mount_point, sizeof(mount_point), "/dev/fd/%d", r->fuse_fd);
	ret = proc_spawn(server,
			 &(struct proc_args){
				 .argv = (const char *const[]){ program, "-f", "-o", opts.p,
								mount_point, NULL },
				 .stdin_fd = -1,
				 .stdout_fd = -1,
				 .stderr_fd = -1,
				 .is_env_bare = true,
				 .keep = keep,
				 .keep_n = ARRAY_SIZE(keep),
			 },
			 e);
	/* The kernel ends the mount with the last descriptor: that has to be the server's. */
	fd_close(&r->fuse_fd);
	return ret < 0 ? err_wrap(e, "start fuse-overlayfs") : 0;
}

const struct store_driver driver_fuse_overlayfs = {
	.name = "fuse-overlayfs",
	.probe = probe,
	.create = create,
	.prepare = prepare,
	.mount = mount_rootfs,
	.serve = serve,
};
