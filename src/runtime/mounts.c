/* SPDX-License-Identifier: Apache-2.0 */
/* THEORY
 *
 * The image decides what every path inside the root means, and another container that shares a
 * volume may change it while we work. So a mount is made in three steps that hold no path: make
 * a detached mount, open the target inside the root (openat2, RESOLVE_IN_ROOT), attach the one
 * descriptor on the other. What was opened is what is mounted on, wherever its name points by then.
 *
 * /proc, /sys and /dev are more: we and the payload trust what we find there. Their targets may
 * not be symbolic links at all (an image whose /proc leads into a volume gets a clear error), and
 * nothing may be mounted over parts of a procfs but the few files that lxcfs and others replace.
 *
 * A bind source was opened by the engine in the caller's view. That descriptor belongs to the
 * caller's mount namespace and cannot be cloned from here, so its path is opened again in our
 * copy of that namespace and compared: same device and inode, or the start fails.
 */
#include "runtime/mounts.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "base/sys.h"
#include "runtime/chown_tree.h"
#include "runtime/copyup.h"
#include "runtime/init.h"
#include "runtime/mount_fs.h"

#include <linux/magic.h>
#include <unistd.h>

#define SYSTEM_RESOLVE (RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS)

/* Files of procfs that may be replaced by a mount: they only inform. */
static const char *const proc_replaceable[] = {
	"/proc/cpuinfo", "/proc/diskstats", "/proc/loadavg", "/proc/meminfo", "/proc/slabinfo",
	"/proc/stat", "/proc/swaps", "/proc/uptime", "/proc/net/dev",
	"/proc/sys/crypto/fips_enabled", "/proc/sys/kernel/ns_last_pid",
};

/* Creates the file a dangling symbolic link points to, inside the root. */
static int make_file(int root_fd, const char *path)
{
	autofree char *at = xstrdup(path);

	for (int links = 0; links < 16; links++) {
		autofree char *name = NULL, *link = NULL, *dir = NULL;
		autoclose int parent_fd = root_parent(root_fd, at, true, 0755, &name);
		int fd;

		if (parent_fd < 0)
			return parent_fd;
		fd = fd_createat(parent_fd, name, O_WRONLY | O_EXCL | O_NOFOLLOW, 0644);
		if (fd != -EEXIST)
			return fd;
		if (file_readlink_at(parent_fd, name, &link) < 0)
			return root_open(root_fd, at, O_PATH);
		dir = path_dir(at);
		free(at);
		at = path_join(dir, link);
	}
	return -ELOOP;
}

int mounts_open_target(int root_fd, const char *path, bool is_dir, bool is_nocreate)
{
	int fd = root_open(root_fd, path, is_dir ? O_PATH | O_DIRECTORY : O_PATH);

	if (fd != -ENOENT || is_nocreate)
		return fd;
	if (is_dir)
		return root_mkdirs(root_fd, path, 0755);
	return make_file(root_fd, path);
}

/* /proc, /sys, /dev and what belongs below them: no link on the way. */
static int open_system_target(int root_fd, const char *path)
{
	int fd = sys_openat2(root_fd, path, O_PATH | O_DIRECTORY | O_NOFOLLOW, 0, SYSTEM_RESOLVE);

	if (fd != -ENOENT)
		return fd;
	fd = root_mkdirs(root_fd, path, 0755);
	if (fd < 0)
		return fd;
	fd_close(&fd);
	return sys_openat2(root_fd, path, O_PATH | O_DIRECTORY | O_NOFOLLOW, 0, SYSTEM_RESOLVE);
}

static int open_source(const struct spec_mount *m, struct err *e)
{
	autofree char *path = NULL;
	struct stat want, got;
	autoclose int fd = -1;

	if (m->source_fd < 0) {
		fd = fd_open(m->source, O_PATH);
		return fd < 0 ? err_sys(e, -fd, "open %s", m->source) : steal_fd(&fd);
	}
	file_readlink_at(AT_FDCWD, fd_path(m->source_fd).s, &path);
	fd = path ? fd_open(path, O_PATH) : -ENOENT;
	if (fd < 0)
		return err_sys(e, -fd, "open %s again", path ? path : m->source);
	if (fstat(m->source_fd, &want) < 0 || fstat(fd, &got) < 0)
		return err_sys(e, errno, "look at %s", path);
	if (want.st_dev != got.st_dev || want.st_ino != got.st_ino)
		return err_set(e, ESTALE, "%s was replaced while the container started", path);
	return steal_fd(&fd);
}

/* A mount that is ready to be attached. */
struct made {
	int fd;		/* owned; -1: there is nothing to mount */
	bool is_dir;
	bool is_proc;	/* of procfs: may cover procfs */
};

static int clone_source(const struct spec_mount *m, const struct mount_options *o, struct err *e)
{
	autoclose int src_fd = -1;
	int fd;

	if (m->mount_fd >= 0)
		return fd_dup(m->mount_fd);
	src_fd = open_source(m, e);
	if (src_fd < 0)
		return src_fd;
	fd = mount_fs_clone(src_fd, o->is_recursive);
	if (fd == -EINVAL && !o->is_recursive)
		return err_set(e, EINVAL, "bind %s alone: there are mounts below it that may not be "
			       "left out: use rbind", m->source);
	return fd < 0 ? err_sys(e, -fd, "bind %s", m->source) : fd;
}

/* In init.made_fds, for an optional mount. */
#define MADE_MISSING (-2)

/* A mount that the helper has made, -1, or MADE_MISSING. */
static int take_made(struct init *in, const struct spec_mount *m)
{
	const struct spec *s = in->spec;

	/* What is no mount of the spec (--init) lies elsewhere. */
	if (!in->made_fds || m < s->mounts || m >= s->mounts + s->mounts_n)
		return -1;
	return steal_fd(&in->made_fds[m - s->mounts]);
}

static int make_bind(struct init *in, const struct spec_mount *m, const struct mount_options *o,
		     struct made *out, struct err *e)
{
	struct stat st;
	int r;

	out->fd = take_made(in, m);
	if (out->fd == MADE_MISSING)
		return -ENOENT;
	if (out->fd < 0)
		out->fd = clone_source(m, o, e);
	if (out->fd < 0)
		return out->fd;
	if (fstat(out->fd, &st) < 0)
		return err_sys(e, errno, "look at %s", m->source);
	out->is_dir = S_ISDIR(st.st_mode);
	out->is_proc = mount_fs_is(out->fd, PROC_SUPER_MAGIC);
	r = mount_fs_set(out->fd, o, e);
	return r < 0 ? err_wrap(e, "bind %s", m->source) : 0;
}

static int make_fs(struct init *in, const struct spec_mount *m, const struct mount_options *o,
		   struct made *out, struct err *e)
{
	out->fd = take_made(in, m);
	if (out->fd < 0)
		out->fd = mount_fs_new(m->type, m->source, &o->data, o->attr_set);
	if (out->fd < 0)
		return err_sys(e, -out->fd, "mount a new %s", m->type);
	return 0;
}

/* A fresh procfs is refused (EPERM) when the pid namespace is not ours, and when the one we have
 * is covered in parts (we run in a container): then it is the one we have, with its covers. */
static int make_proc(struct init *in, const struct spec_mount *m, const struct mount_options *o,
		     struct made *out, struct err *e)
{
	out->fd = mount_fs_new("proc", m->source, &o->data, o->attr_set);
	if (out->fd >= 0) {
		fd_close(&in->new_proc_fd);
		in->new_proc_fd = fd_dup(out->fd);
	}
	if (out->fd == -EPERM)
		out->fd = mount_fs_clone_host("/proc", true, o->attr_set & MOUNT_ATTR_RDONLY);
	if (out->fd < 0)
		return err_sys(e, -out->fd, "mount proc");
	if (!mount_fs_is(out->fd, PROC_SUPER_MAGIC))
		return err_set(e, EINVAL, "what the host has at /proc is no procfs");
	out->is_proc = true;
	return 0;
}

/* sysfs shows the network namespace of who mounts it, so it needs one that is ours. Else the
 * host's, and then read-only to the last mount below: cgroup trees of the user's own session are
 * in there (CVE-2023-25809). */
static int make_sysfs(struct init *in, const struct spec_mount *m, const struct mount_options *o,
		      struct made *out, struct err *e)
{
	out->fd = -EPERM;
	if (in->spec->ns[SPEC_NS_NET] != SPEC_NS_HOST)
		out->fd = mount_fs_new("sysfs", m->source, &o->data, o->attr_set);
	if (out->fd == -EPERM)
		out->fd = mount_fs_clone_host("/sys", true, true);
	return out->fd < 0 ? err_sys(e, -out->fd, "mount sysfs") : 0;
}

/* The gid of "tty" need not be mapped (one id only): then the terminal has the user's group. */
static int make_devpts(struct init *in, const struct spec_mount *m, const struct mount_options *o,
		       struct made *out, struct err *e)
{
	auto_of(strv_clear) struct strv data = { 0 };

	strv_add_all(&data, &o->data);
	out->fd = mount_fs_new("devpts", m->source, &data, o->attr_set);
	if (out->fd == -EINVAL) {
		for (size_t i = data.n; i-- > 0;)
			if (str_has_prefix(data.v[i], "gid="))
				strv_remove_at(&data, i);
		out->fd = mount_fs_new("devpts", m->source, &data, o->attr_set);
	}
	if (out->fd < 0)
		return err_sys(e, -out->fd, "mount devpts");
	fd_close(&in->devpts_fd);
	in->devpts_fd = fd_dup(out->fd);
	return 0;
}

static int make_mqueue(struct init *in, const struct spec_mount *m, const struct mount_options *o,
		       struct made *out, struct err *e)
{
	(void)in;
	out->fd = mount_fs_new("mqueue", m->source, &o->data, o->attr_set);
	if (out->fd == -EPERM)	/* the host's IPC namespace */
		out->fd = mount_fs_clone_host("/dev/mqueue", true, false);
	if (out->fd == -ENOENT || out->fd == -ENODEV) {
		out->fd = -1;
		return 0;
	}
	return out->fd < 0 ? err_sys(e, -out->fd, "mount mqueue") : 0;
}

/* Only cgroup v2, and only where the host has it at the usual place; version 1 is never shown
 * (its release_agent is a way out). */
static int make_cgroup(struct init *in, const struct spec_mount *m, const struct mount_options *o,
		       struct made *out, struct err *e)
{
	autoclose int host_fd = fd_open("/sys/fs/cgroup", O_PATH | O_DIRECTORY);
	bool is_readonly = o->attr_set & MOUNT_ATTR_RDONLY;

	out->fd = -1;
	if (host_fd < 0 || !mount_fs_is(host_fd, CGROUP2_SUPER_MAGIC))
		return 0;
	out->fd = -EPERM;
	if (in->spec->ns[SPEC_NS_CGROUP] != SPEC_NS_HOST)
		out->fd = mount_fs_new("cgroup2", m->source, &o->data, o->attr_set);
	if (out->fd == -EPERM || out->fd == -EBUSY)
		out->fd = mount_fs_clone_host("/sys/fs/cgroup", true,
					      is_readonly || in->spec->ns[SPEC_NS_CGROUP] ==
								     SPEC_NS_HOST);
	return out->fd < 0 ? err_sys(e, -out->fd, "mount cgroup2") : 0;
}

static const struct kind {
	const char *type;
	bool is_system;		/* the target may not be reached through a link */
	int (*make)(struct init *in, const struct spec_mount *m, const struct mount_options *o,
		    struct made *out, struct err *e);
} kinds[] = {
	{ "bind", false, make_bind },	  { "tmpfs", false, make_fs },
	{ "ramfs", false, make_fs },
	{ "overlay", false, make_fs },	  { "proc", true, make_proc },
	{ "sysfs", true, make_sysfs },	  { "devpts", true, make_devpts },
	{ "mqueue", true, make_mqueue },  { "cgroup", true, make_cgroup },
	{ "cgroup2", true, make_cgroup },
};

static const struct kind *find_kind(const struct spec_mount *m, const struct mount_options *o)
{
	const char *type = o->is_bind ? "bind" : m->type;

	for (size_t i = 0; type && i < ARRAY_SIZE(kinds); i++)
		if (str_eq(type, kinds[i].type))
			return &kinds[i];
	return NULL;
}

static int check_over_proc(const struct made *made, int target_fd, const char *target,
			   struct err *e)
{
	autofree char *clean = NULL;

	if (made->is_proc)
		return 0;
	/* By what it is, for a link in the image may lead there; and by name, for a volume of that name
	 * may have taken the place of procfs itself (CVE-2019-16884). */
	clean = path_clean(target);
	if (!mount_fs_is(target_fd, PROC_SUPER_MAGIC) && !path_is_below(clean, "/proc"))
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(proc_replaceable); i++)
		if (str_eq(clean, proc_replaceable[i]))
			return 0;
	return err_set(e, EPERM, "mount on %s: nothing may be mounted over /proc, or the container "
		       "could be shown a false one", target);
}

/* A tmpfs has the mode of what it covers, but not of what was made for it a moment ago. */
static bool is_missing(int root_fd, const char *path)
{
	autoclose int fd = root_open(root_fd, path, O_PATH);

	return fd == -ENOENT;
}

static bool has_mode(const struct mount_options *o)
{
	for (size_t i = 0; i < o->data.n; i++)
		if (str_has_prefix(o->data.v[i], "mode="))
			return true;
	return false;
}

static int attach(struct init *in, const struct spec_mount *m, const struct kind *k,
		  const struct mount_options *o, struct made *made, struct err *e)
{
	bool is_system = k->is_system || str_eq(m->target, "/dev");
	bool is_new = o->has_copy_up && is_missing(in->root_fd, m->target);
	autoclose int target_fd = -1;
	int r;

	target_fd = is_system ? open_system_target(in->root_fd, m->target)
			      : mounts_open_target(in->root_fd, m->target, made->is_dir,
						   m->is_nocreate);
	if (target_fd == -ENOENT && m->is_optional)
		return 0;
	if (is_system && (target_fd == -ELOOP || target_fd == -ENOTDIR))
		return err_set(e, ELOOP, "%s must be a directory of the image: it is a link or a file, "
			       "or behind a link", m->target);
	if (target_fd < 0)
		return err_sys(e, -target_fd, "mount point %s", m->target);
	r = check_over_proc(made, target_fd, m->target, e);
	if (r < 0)
		return r;
	if (o->has_copy_up) {
		r = copyup_tree(target_fd, made->fd, is_new || has_mode(o));
		if (r < 0)
			return err_sys(e, -r, "copy the content of %s", m->target);
	}
	if (m->has_owner) {
		r = chown_tree(made->fd, ".", m->uid, m->gid);
		if (r < 0)
			return err_sys(e, -r, "give %s to %u:%u", m->target, m->uid, m->gid);
	}
	r = mount_fs_attach(made->fd, target_fd);
	if (r < 0)
		return err_sys(e, -r, "mount on %s", m->target);
	return 0;
}

/* What depends on paths of the host; all other file systems belong to the container's own ids. */
static int prepare_one(const struct spec_mount *m, int *out_fd, struct err *e)
{
	auto_of(mount_options_clear) struct mount_options o = { 0 };
	const struct kind *k;
	int fd, r = mount_options_parse(&o, &m->options, str_eq(m->type, "bind"), e);

	if (r < 0)
		return r;
	k = find_kind(m, &o);
	if (k && k->make == make_bind) {
		fd = clone_source(m, &o, e);
		if (fd == -ENOENT && m->is_optional) {
			*out_fd = MADE_MISSING;
			return 0;
		}
	} else if (k && str_eq(k->type, "overlay")) {
		uint64_t attr = o.has_copy_up || m->has_owner ? o.attr_set & ~(uint64_t)MOUNT_ATTR_RDONLY : o.attr_set;

		fd = mount_fs_new(m->type, m->source, &o.data, attr);
		if (fd < 0)
			err_sys(e, -fd, "mount a new %s", m->type);
	} else {
		return 0;
	}
	if (fd < 0)
		return fd;
	*out_fd = fd;
	return 0;
}

int mounts_prepare(struct init *in, struct err *e)
{
	size_t n = in->spec->mounts_n;
	int r = 0;

	in->made_fds = xcalloc(n + 1, sizeof(*in->made_fds));
	for (size_t i = 0; i < n; i++)
		in->made_fds[i] = -1;
	for (size_t i = 0; i < n && r >= 0; i++)
		r = prepare_one(&in->spec->mounts[i], &in->made_fds[i], e);
	return r;
}

int mounts_apply_one(struct init *in, const struct spec_mount *m, struct err *e)
{
	auto_of(mount_options_clear) struct mount_options o = { 0 };
	struct made made = { .fd = -1, .is_dir = true };
	const struct kind *k;
	int r = mount_options_parse(&o, &m->options, str_eq(m->type, "bind"), e);

	if (r < 0)
		return r;
	k = find_kind(m, &o);
	if (!k)
		return err_set(e, EINVAL, "file system type '%s' cannot be mounted in a container",
			       m->type);
	/* A tmpfs or overlay is made read-only after its content was copied up or got its owner. */
	if ((o.has_copy_up || m->has_owner) && !o.is_bind) {
		o.tree_set |= o.attr_set & MOUNT_ATTR_RDONLY;
		o.attr_set &= ~(uint64_t)MOUNT_ATTR_RDONLY;
	}
	r = k->make(in, m, &o, &made, e);
	if (r == -ENOENT && m->is_optional)
		return 0;
	if (r >= 0 && made.fd >= 0)
		r = attach(in, m, k, &o, &made, e);
	if (r >= 0 && made.fd >= 0 && k->make != make_bind &&
	    (o.propagation || o.tree_set || o.has_idmap))
		r = mount_fs_set(made.fd, &o, e);
	if (r >= 0 && k->make == make_fs && str_eq(m->target, "/dev")) {
		fd_close(&in->dev_fd);
		in->dev_fd = steal_fd(&made.fd);
	}
	fd_close(&made.fd);
	return r;
}

int mounts_apply(struct init *in, struct err *e)
{
	for (size_t i = 0; i < in->spec->mounts_n; i++) {
		int r = mounts_apply_one(in, &in->spec->mounts[i], e);

		if (r < 0)
			return r;
	}
	return 0;
}
