/* SPDX-License-Identifier: Apache-2.0 */
/* THEORY
 *
 * A container of its own user namespace (--userns=keep-id, auto, --uidmap) cannot mount its root
 * file system: overlay and fuse want privilege over the session's user namespace, where the layers'
 * files are. And the monitor cannot either: its mount namespace is the caller's, over which it has
 * no power. So:
 *
 *   monitor                     helper                            init
 *   clone(NEWNS) -------------> mounts the root at target
 *                               joins namespaces given by path
 *                               unshare(NEWUSER|NEWNET), waits
 *   <-- SYNC_NAMESPACES -------
 *   opens them, writes the maps
 *   START_IDMAP --------------> uid 0 inside
 *                               clone(PARENT|NEWNS|...) --------> goes on
 *   <-- pid ------------------- exit
 *
 * CLONE_PARENT makes init the monitor's child, so the monitor can wait for it.
 *
 * What the monitor needs of /proc it looks up of the helper, never of init: in a pid namespace that is
 * joined, those who run there see init from its first moment, and one with CAP_SYS_PTRACE would go
 * through its /proc/PID/root to the host. So init is born undumpable there. The helper is in nobody's
 * pid namespace but the monitor's.
 *
 * The ids of the container need not include the user's own (auto, nomap), and then init cannot pass a
 * directory of mode 0700 on the way to the store, to a volume or to $HOME. So everything of the host
 * that is mounted is opened here, where the session's root passes everywhere: the root file system
 * and the bind mounts are handed on as detached mounts, which init only attaches. The same goes for
 * what is done once the root is there and nothing on it (in_rootfs).
 *
 * A container that joins the pid namespace of another one takes the same way, without the root: a
 * pid namespace counts for children only, and the monitor could not return to its own, which belongs
 * to the host.
 *
 * Namespaces to be joined are joined by the helper: they belong to the session's user namespace or
 * to one below it, and init will have no power over the former.
 */
#include "runtime/helper.h"

#include "base/fd.h"
#include "base/sys.h"
#include "runtime/init.h"
#include "runtime/mount_fs.h"
#include "runtime/mounts.h"
#include "runtime/namespaces.h"
#include "runtime/pivot.h"
#include "runtime/process.h"
#include "runtime/sync.h"

#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* What mount(2) has put at target is cloned: only a detached mount can be handed on. */
static int detach_root(const char *target, int *mount_fd, struct err *e)
{
	autoclose int fd = fd_open(target, O_PATH | O_DIRECTORY);
	int r = fd < 0 ? fd : mount_fs_clone(fd, true);

	if (r < 0)
		return err_sys(e, -r, "clone the root file system at %s", target);
	*mount_fd = r;
	return 0;
}

static int make_root(struct init *in, struct err *e)
{
	autoclose int mount_fd = -1, root_fd = -1;
	int r;

	r = pivot_isolate(e);
	if (r >= 0)
		r = in->cb->mount_rootfs(in->cb->arg, in->target, &mount_fd, e);
	if (r >= 0 && mount_fd < 0)
		r = detach_root(in->target, &mount_fd, e);
	if (r >= 0 && in->cb->on_rootfs) {
		r = sync_send(in->sync_fd, SYNC_ROOTFS, 0, e);
		if (r >= 0)
			r = sync_wait(in->sync_fd, START_ROOTFS, e);
	}
	if (r < 0)
		return r;
	root_fd = sys_openat2(mount_fd, ".", O_PATH | O_DIRECTORY, 0, RESOLVE_NO_SYMLINKS);
	if (root_fd < 0)
		return err_sys(e, -root_fd, "open the root file system");
	if (in->cb->in_rootfs)
		r = in->cb->in_rootfs(in->cb->arg, root_fd, e);
	if (r >= 0)
		r = mounts_prepare(in, e);
	if (r < 0)
		return r;
	in->mount_fd = steal_fd(&mount_fd);
	in->has_rootfs = true;
	return 0;
}

/* The user and network namespaces, and what the monitor does from outside. */
static int make_namespaces(struct init *in, struct err *e)
{
	uint64_t flags = namespaces_flags(in->spec, SPEC_NS_NEW) & (CLONE_NEWUSER | CLONE_NEWNET);
	int r;

	if (in->is_net_made)
		flags &= ~(uint64_t)CLONE_NEWNET;
	r = sys_unshare((int)flags);
	if (r < 0)
		return err_sys(e, -r, "make the namespaces of the container");
	r = sync_send(in->sync_fd, SYNC_NAMESPACES, 0, e);
	return r < 0 ? r : sync_wait(in->sync_fd, START_IDMAP, e);
}

static int set_oom(const struct init *in, struct err *e)
{
	autoclose int proc_fd = fd_open("/proc", O_PATH | O_DIRECTORY);

	if (proc_fd < 0)
		return err_sys(e, -proc_fd, "open /proc");
	return process_set_oom(&in->spec->process, proc_fd, e);
}

static int clone_joined(struct init *in, struct err *e)
{
	uint64_t flags = namespaces_flags(in->spec, SPEC_NS_NEW) &
			 ~(uint64_t)(CLONE_NEWUSER | CLONE_NEWNET);
	pid_t pid;

	in->is_joined = true;
	/* Init inherits it; see THEORY. */
	if (in->spec->ns[SPEC_NS_PID] == SPEC_NS_PATH)
		prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	pid = sys_clone(flags | CLONE_PARENT, NULL, -1);
	if (pid < 0)
		return err_sys(e, -pid, "clone the container");
	if (pid == 0)
		init_main(in);
	return sync_send(in->sync_fd, SYNC_INIT, pid, e);
}

static int helper_run(struct init *in, struct err *e)
{
	int r = 0;

	/* The join of the session has made us undumpable; then the maps could not be written. */
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	if (in->has_own_userns)
		r = make_root(in, e);
	if (r >= 0)
		r = namespaces_join(in->spec, ~(uint64_t)CLONE_NEWUSER, e);
	if (r >= 0)
		r = namespaces_join(in->spec, CLONE_NEWUSER, e);
	if (r >= 0)	/* the join of a user namespace too */
		prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	if (r >= 0)
		r = make_namespaces(in, e);
	if (r >= 0 && in->has_own_userns)
		r = init_become_root(e);
	if (r >= 0)	/* an undumpable init may not */
		r = set_oom(in, e);
	return r < 0 ? r : clone_joined(in, e);
}

static int write_map(const struct idmap *m, pid_t pid, const char *file, struct err *e)
{
	int r = idmap_write(m, pid, file);

	return r < 0 ? err_sys(e, -r, "write the %s of the container", file) : 0;
}

static int write_maps(const struct spec *s, pid_t pid, struct err *e)
{
	int r;

	if (s->ns[SPEC_NS_USER] != SPEC_NS_NEW)
		return 0;
	r = write_map(&s->uid_map, pid, "uid_map", e);
	return r < 0 ? r : write_map(&s->gid_map, pid, "gid_map", e);
}

static int attend_rootfs(struct init *in, int fd, struct err *e)
{
	int r;

	if (!in->has_own_userns || !in->cb->on_rootfs)
		return 0;
	r = sync_recv(fd, SYNC_ROOTFS, NULL, e);
	if (r > 0)
		r = in->cb->on_rootfs(in->cb->arg, e);
	else if (r == 0)
		r = err_set(e, ECHILD, "the start of the container was killed");
	return r < 0 ? r : sync_send(fd, START_ROOTFS, 0, e);
}

static int open_namespace(int *fd, pid_t pid, const char *name, struct err *e)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/ns/%s", pid, name);
	*fd = fd_open(path, O_RDONLY);
	return *fd < 0 ? err_sys(e, -*fd, "open %s", path) : 0;
}

/* While the helper waits for its maps: the change of ids that comes next makes it undumpable for a
 * moment, and then its /proc files are closed to us. */
static int attend_namespaces(struct init *in, int fd, struct runtime_ctr *c, pid_t helper,
			     struct err *e)
{
	int r = sync_recv(fd, SYNC_NAMESPACES, NULL, e);

	if (r == 0)
		return err_set(e, ECHILD, "the start of the container was killed");
	if (r >= 0 && in->spec->ns[SPEC_NS_NET] == SPEC_NS_NEW && c->net_fd < 0)
		r = open_namespace(&c->net_fd, helper, "net", e);
	if (r >= 0 && in->has_own_userns)
		r = open_namespace(&c->user_fd, helper, "user", e);
	if (r >= 0)
		r = write_maps(in->spec, helper, e);
	return r < 0 ? r : sync_send(fd, START_IDMAP, 0, e);
}

/* The monitor's side until there is an init. */
static pid_t attend(struct init *in, int fd, struct runtime_ctr *c, pid_t helper, struct err *e)
{
	int pid = 0, r = attend_rootfs(in, fd, e);

	if (r >= 0)
		r = attend_namespaces(in, fd, c, helper, e);
	if (r >= 0)
		r = sync_recv(fd, SYNC_INIT, &pid, e);
	if (r == 0)
		return err_set(e, ECHILD, "the start of the container was killed");
	return r < 0 ? r : pid;
}

pid_t helper_clone_init(struct init *in, int monitor_fd, struct runtime_ctr *c, struct err *e)
{
	pid_t helper = sys_clone(in->has_own_userns ? CLONE_NEWNS : 0, NULL, in->spec->cgroup_fd), pid;

	if (helper < 0)
		return err_sys(e, -helper, "clone the container");
	if (helper == 0) {
		struct err he;

		fd_close(&monitor_fd);
		if (helper_run(in, &he) < 0) {
			sync_send_err(in->sync_fd, &he);
			_exit(1);
		}
		_exit(0);
	}
	fd_close(&in->sync_fd);
	pid = attend(in, monitor_fd, c, helper, e);
	if (pid < 0)
		kill(helper, SIGKILL);
	waitpid(helper, NULL, 0);
	if (pid >= 0) {
		c->pidfd = sys_pidfd_open(pid);
		if (c->pidfd >= 0)
			return pid;
		err_sys(e, -c->pidfd, "open the pidfd of the container");
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	fd_close(&c->user_fd);
	return -e->code;
}
