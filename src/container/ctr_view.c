/* SPDX-License-Identifier: Apache-2.0 */
/* THEORY
 *
 * A running container has its root: /proc/PID/root. Without what is mounted in it, a short-lived child
 * enters the container's mount namespace and sends back a clone of the one mount.
 *
 * The root of a stopped container is mounted by a child (the holder) in a mount namespace of its own,
 * because the caller's belongs to the host. It sends the descriptor of the root and waits for the end
 * of the socket; the mounts go with it, whatever happens to us. The container's lock is held all the
 * while, so that nobody starts it, for overlay wants its upper directory for itself.
 */
#include "container/ctr_view.h"

#include "base/fd.h"
#include "base/path.h"
#include "base/str.h"
#include "base/sys.h"
#include "container/ctr_root.h"
#include "container/mount_args.h"
#include "container/state.h"
#include "container/volumes.h"
#include "runtime/mount_fs.h"
#include "runtime/pivot.h"
#include "storage/rootfs.h"
#include "storage/store.h"

#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct mounting {
	struct engine *engine;
	struct record *record;
	struct rootfs *rootfs;		/* owned by the parent */
	struct mount_args mounts;	/* owned */
	enum ctr_view_kind kind;
	const char *path;		/* of what a running container sends; NULL: its root */
	int sock_fd;			/* the holder's end */
};

/* The holder says "mounted" (one byte, no descriptor) or sends its error; then it wants a byte that
 * lets it go on, when the server of the file system runs. */
static int step(int sock_fd, struct err *e)
{
	char byte = 0;

	if (write(sock_fd, &byte, 1) != 1 || read(sock_fd, &byte, 1) != 1)
		return err_set(e, ECANCELED, "nobody waits for the mounts any more");
	return 0;
}

static size_t depth(const char *path)
{
	size_t n = 0;

	for (; *path; path++)
		n += *path == '/';
	return n;
}

static void sort_by_depth(struct mount_args *a)
{
	for (size_t i = 1; i < a->n; i++) {
		struct mount_arg m = a->v[i];
		size_t k = i;

		for (; k > 0 && depth(a->v[k - 1].target) > depth(m.target); k--)
			a->v[k] = a->v[k - 1];
		a->v[k] = m;
	}
}

/* By path, because only a mount of this namespace can be cloned, and the store's descriptors are of the
 * caller's. */
static int open_source(const struct mounting *m, const struct mount_arg *a, struct err *e)
{
	auto_of(volume_free) struct volume *v = NULL;
	autoclose int data_fd = -1;
	autofree char *path = NULL;
	int fd;

	if (a->type == MOUNT_ARG_VOLUME) {
		if (volume_load(&v, m->engine, a->source, e) < 0)
			return -e->code;
		path = volume_path(v, e);
	} else {
		path = xstrdup(a->source);
	}
	if (!path)
		return -e->code;
	data_fd = fd_open(path, O_PATH);
	if (data_fd < 0)
		return err_sys(e, -data_fd, "open %s, which is mounted at %s", path, a->target);
	if (!a->subpath)
		return steal_fd(&data_fd);
	fd = root_open(data_fd, a->subpath, O_PATH);
	return fd < 0 ? err_sys(e, -fd, "subpath %s of volume %s", a->subpath, a->source) : fd;
}

/* The place of a mount, made when it is missing as a start would make it. */
static int open_target(int root_fd, const struct mount_arg *a, int source_fd)
{
	autofree char *name = NULL;
	autoclose int parent = -1, made = -1;
	struct stat st;
	int fd = root_open(root_fd, a->target, O_PATH);

	if (fd != -ENOENT)
		return fd;
	if (fstat(source_fd, &st) < 0)
		return -errno;
	if (S_ISDIR(st.st_mode))
		return root_mkdirs(root_fd, a->target, 0755);
	parent = root_parent(root_fd, a->target, true, 0755, &name);
	if (parent < 0)
		return parent;
	made = fd_createat(parent, name, O_WRONLY | O_EXCL | O_NOFOLLOW, 0644);
	return made < 0 ? made : root_open(root_fd, a->target, O_PATH);
}

static int mount_one(const struct mounting *m, int root_fd, const struct mount_arg *a, struct err *e)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY };
	autoclose int source_fd = open_source(m, a, e), target_fd = -1, mount_fd = -1;
	int r;

	if (source_fd < 0)
		return source_fd;
	target_fd = open_target(root_fd, a, source_fd);
	if (target_fd < 0)
		return err_sys(e, -target_fd, "%s in the container", a->target);
	mount_fd = mount_fs_clone(source_fd, true);
	r = mount_fd;
	if (r >= 0 && a->is_readonly)
		r = sys_mount_setattr(mount_fd, AT_EMPTY_PATH | AT_RECURSIVE, &attr);
	if (r >= 0)
		r = mount_fs_attach(mount_fd, target_fd);
	return r < 0 ? err_sys(e, -r, "mount %s at %s", a->source, a->target) : 0;
}

static int mount_volumes(struct mounting *m, int root_fd, struct err *e)
{
	int r = 0;

	sort_by_depth(&m->mounts);
	for (size_t i = 0; r >= 0 && i < m->mounts.n; i++) {
		const struct mount_arg *a = &m->mounts.v[i];

		/* A tmpfs of a container that does not run has nothing in it. */
		if (!a->source || a->is_overlay ||
		    (a->type != MOUNT_ARG_BIND && a->type != MOUNT_ARG_VOLUME))
			continue;
		r = mount_one(m, root_fd, a, e);
		if (r == -ENOTSUP && a->type == MOUNT_ARG_VOLUME)
			r = 0;
	}
	return r;
}

static int hold(struct mounting *m, struct err *e)
{
	autofree char *target = xasprintf("%s/containers/%s", m->engine->store->root, m->record->id);
	autoclose int mount_fd = -1, root_fd = -1;
	char byte;
	int r = pivot_isolate(e);

	if (r >= 0)
		r = rootfs_mount(m->rootfs, target, &mount_fd, e);
	rootfs_leave_server(m->rootfs);
	if (r >= 0)
		r = step(m->sock_fd, e);
	if (r < 0)
		return r;
	root_fd = pivot_attach_root(mount_fd, target, NULL, e);
	if (root_fd < 0)
		return root_fd;
	if (m->kind == CTR_VIEW_ALL) {
		r = mount_volumes(m, root_fd, e);
		if (r < 0)
			return r;
	}
	r = fd_send_fds(m->sock_fd, &root_fd, 1);
	if (r < 0)
		return err_sys(e, -r, "hand the root file system over");
	while (read(m->sock_fd, &byte, 1) < 0 && errno == EINTR)
		;
	return 0;
}

/* Children end without a word on the terminal: the error comes as bytes, after a pipe of its own. */
static int receive_err(int err_fd, struct err *e)
{
	int r = err_recv(err_fd, e);

	if (r == 1)
		return -e->code;
	return err_set(e, ECHILD, "the process that mounts the container's files was killed");
}

static int attend(struct ctr_view *v, struct rootfs *rootfs, int err_fd, struct err *e)
{
	char byte;

	if (read(v->sock_fd, &byte, 1) != 1)
		return receive_err(err_fd, e);
	if (rootfs_serve(rootfs, &v->server, e) < 0)
		return -e->code;
	if (write(v->sock_fd, &byte, 1) != 1 || fd_recv_fds(v->sock_fd, &v->root_fd, 1) != 1)
		return receive_err(err_fd, e);
	return 0;
}

/* Runs fn in a child with flags; our end of its socket and its pidfd are in v, its errors in err_fd. */
static int start_child(struct ctr_view *v, struct mounting *m, uint64_t flags,
		       int (*fn)(struct mounting *m, struct err *e), int *err_fd, struct err *e)
{
	autoclose int theirs = -1, err_read = -1, err_write = -1;
	int sock[2], p[2], r;
	pid_t pid;

	r = fd_socketpair(SOCK_STREAM, sock);
	if (r < 0)
		return err_sys(e, -r, "make a socket");
	v->sock_fd = sock[0];
	theirs = sock[1];
	r = fd_pipe(p);
	if (r < 0)
		return err_sys(e, -r, "make a pipe");
	err_read = p[0];
	err_write = p[1];
	pid = sys_clone(flags, &v->holder.pidfd, -1);
	if (pid < 0)
		return err_sys(e, -pid, "make a mount namespace");
	if (pid == 0) {
		struct err child = { 0 };

		fd_close(&v->sock_fd);
		fd_close(&err_read);
		m->sock_fd = theirs;
		if (fn(m, &child) < 0)
			(void)err_send(err_write, &child);
		_exit(0);
	}
	v->holder.pid = pid;
	*err_fd = steal_fd(&err_read);
	return 0;
}

static int open_stopped(struct ctr_view *v, struct mounting *m, struct err *e)
{
	auto_of(ctr_root_clear) struct ctr_root plan = { 0 };
	auto_of(rootfs_free) struct rootfs *rootfs = NULL;
	autoclose int err_fd = -1;

	if (ctr_root_plan(&plan, m->engine, &m->record->config, e) < 0 ||
	    rootfs_open(&rootfs, m->engine->store, &plan.args, e) < 0)
		return -e->code;
	if (m->kind == CTR_VIEW_ALL && mount_args_all(&m->mounts, &m->record->config, e) < 0)
		return -e->code;
	m->rootfs = rootfs;
	if (start_child(v, m, CLONE_NEWNS, hold, &err_fd, e) < 0)
		return -e->code;
	return attend(v, rootfs, err_fd, e);
}

/* --- running -------------------------------------------------------------------------------- */

/* The mount at a path that the container may have made hostile: no links. */
static int send_mount(struct mounting *m, struct err *e)
{
	const char *what = m->path ? m->path : "/";
	autoclose int ns_fd = -1, dir_fd = -1, mount_fd = -1;
	autofree char *path = NULL;
	auto_of(state_clear) struct state st = { 0 };
	int r = state_load(&st, m->record, e);

	if (r < 0)
		return r;
	path = xasprintf("/proc/%d/ns/mnt", st.pid);
	ns_fd = fd_open(path, O_RDONLY);
	r = ns_fd < 0 ? ns_fd : sys_setns(ns_fd, CLONE_NEWNS);
	if (r < 0)
		return err_sys(e, -r, "enter the mount namespace of the container");
	dir_fd = sys_openat2(AT_FDCWD, what, O_PATH | O_DIRECTORY, 0,
			     RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
	mount_fd = dir_fd < 0 ? dir_fd : mount_fs_clone(dir_fd, false);
	if (mount_fd < 0)
		return err_sys(e, -mount_fd, "clone %s of the container", what);
	r = fd_send_fds(m->sock_fd, &mount_fd, 1);
	return r < 0 ? err_sys(e, -r, "hand %s of the container over", what) : 0;
}

static int open_live(struct ctr_view *v, struct mounting *m, const struct state *st, struct err *e)
{
	autofree char *path = xasprintf("/proc/%d/root", st->pid);
	autoclose int pidfd = state_open_init(st), err_fd = -1;

	if (pidfd < 0)
		return err_sys(e, -pidfd, "container %.12s has just ended", m->record->id);
	v->is_live = true;
	if (m->kind == CTR_VIEW_BARE) {
		if (start_child(v, m, 0, send_mount, &err_fd, e) < 0)
			return -e->code;
		if (fd_recv_fds(v->sock_fd, &v->root_fd, 1) != 1)
			return receive_err(err_fd, e);
	} else {
		v->root_fd = fd_opendir(path);
		/* A dying process has no root any more before its pidfd says so. */
		if (v->root_fd == -ENOENT)
			return err_set(e, ESRCH, "container %.12s has just ended", m->record->id);
		if (v->root_fd < 0)
			return err_sys(e, -v->root_fd, "open the root of container %.12s",
				       m->record->id);
	}
	/* Still the same process: then the number meant it a moment ago too. */
	if (!proc_pidfd_is_alive(pidfd))
		return err_set(e, ESRCH, "container %.12s has just ended", m->record->id);
	return 0;
}

static int open_either(struct ctr_view *v, struct mounting *m, struct err *e)
{
	auto_of(state_clear) struct state st = { 0 };
	auto_of(ctr_root_clear) struct ctr_root plan = { 0 };

	if (record_lock(m->record, &v->lock_fd, e) < 0 || state_load(&st, m->record, e) < 0)
		return -e->code;
	if (ctr_root_plan(&plan, m->engine, &m->record->config, e) < 0)
		return -e->code;
	idmap_copy(&v->uid_map, &plan.uid_map);
	idmap_copy(&v->gid_map, &plan.gid_map);
	if (!state_is_alive(&st))
		return open_stopped(v, m, e);
	fd_close(&v->lock_fd);
	return open_live(v, m, &st, e);
}

int ctr_view_open(struct ctr_view *out, struct engine *g, struct record *r, enum ctr_view_kind kind,
		  struct err *e)
{
	auto_of(ctr_view_clear) struct ctr_view v = CTR_VIEW_NONE;
	struct mounting m = { .engine = g, .record = r, .kind = kind };
	int ret = open_either(&v, &m, e);

	mount_args_clear(&m.mounts);
	if (ret < 0)
		return err_wrap(e, "container %.12s", r->id);
	*out = v;
	v = (struct ctr_view)CTR_VIEW_NONE;
	return 0;
}

int ctr_view_clone(struct engine *g, struct record *r, const char *path, struct err *e)
{
	auto_of(ctr_view_clear) struct ctr_view v = CTR_VIEW_NONE;
	auto_of(state_clear) struct state st = { 0 };
	struct mounting m = { .engine = g, .record = r, .kind = CTR_VIEW_BARE, .path = path };

	if (state_load(&st, r, e) < 0)
		return -e->code;
	if (!state_is_alive(&st))
		return err_set(e, EINVAL, "container %.12s is not running: start it first", r->id);
	if (open_live(&v, &m, &st, e) < 0)
		return err_wrap(e, "container %.12s", r->id);
	return steal_fd(&v.root_fd);
}

void ctr_view_clear(struct ctr_view *v)
{
	fd_close(&v->root_fd);
	fd_close(&v->sock_fd);
	if (v->holder.pid > 0)
		while (waitpid(v->holder.pid, NULL, 0) < 0 && errno == EINTR)
			;
	/* The last mount has gone with the holder: the server ends by itself. */
	if (v->server.pid > 0)
		while (waitpid(v->server.pid, NULL, 0) < 0 && errno == EINTR)
			;
	proc_clear(&v->holder);
	proc_clear(&v->server);
	fd_close(&v->lock_fd);
	idmap_clear(&v->uid_map);
	idmap_clear(&v->gid_map);
	*v = (struct ctr_view)CTR_VIEW_NONE;
}
