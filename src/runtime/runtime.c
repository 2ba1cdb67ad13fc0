/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/runtime.h"

#include "base/fd.h"
#include "base/sys.h"
#include "runtime/cgroup.h"
#include "runtime/exec.h"
#include "runtime/helper.h"
#include "runtime/hooks.h"
#include "runtime/init.h"
#include "runtime/namespaces.h"
#include "runtime/sync.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>

static int clone_failed(int error, struct err *e)
{
	if (error == ENOSPC || error == EUSERS)
		return err_set(e, ENOSPC, "clone the container: the limit of namespaces of this user is "
			       "reached (/proc/sys/user/max_*_namespaces)");
	if (error == EAGAIN)
		return err_set(e, EAGAIN, "clone the container: the limit of processes is reached "
			       "(ulimit -u, pids.max)");
	if (error == ECHILD)
		return err_set(e, ECHILD, "the process that makes the network namespace was killed");
	return err_sys(e, error, "clone the container");
}

static bool needs_helper(const struct spec *s)
{
	return s->ns[SPEC_NS_USER] != SPEC_NS_HOST || s->ns[SPEC_NS_PID] == SPEC_NS_PATH;
}

static pid_t clone_init(struct init *in, int monitor_fd, int *pidfd, struct err *e)
{
	uint64_t flags = namespaces_flags(in->spec, SPEC_NS_NEW);
	pid_t pid;

	if (in->is_net_made)
		flags &= ~(uint64_t)CLONE_NEWNET;
	pid = sys_clone(flags, pidfd, in->spec->cgroup_fd);
	if (pid == 0) {
		fd_close(&monitor_fd);
		init_main(in);
	}
	return pid < 0 ? clone_failed(-pid, e) : pid;
}

int runtime_begin(struct runtime_ctr *c, const struct spec *s, struct err *e)
{
	int r;

	/* A namespace below a user namespace of the container's own is for init to make. */
	if (s->ns[SPEC_NS_NET] != SPEC_NS_NEW || needs_helper(s))
		return 0;
	r = net_maker_start(&c->net);
	return r < 0 ? clone_failed(-r, e) : 0;
}

/* The two messages of START_NET, once init is there and the namespace too. */
static int give_net(struct runtime_ctr *c, struct err *e)
{
	int r = sync_send(c->sync_fd, START_NET, 0, e);

	if (r < 0)
		return r;
	r = fd_send_fds(c->sync_fd, &c->net_fd, 1);
	if (r < 0 && !sync_is_gone(r))
		return err_sys(e, -r, "hand the network namespace over");
	c->is_net_awaited = false;
	return 0;
}

int runtime_create(struct runtime_ctr *out, const struct spec *s, const struct runtime_io *io,
		   const struct runtime_callbacks *cb, const char *rootfs_target, struct err *e)
{
	auto_of(filter_clear) struct filter seccomp = { 0 };
	struct init in = {
		.spec = s, .io = io, .cb = cb, .target = rootfs_target, .seccomp = &seccomp,
		.sync_fd = -1, .mount_fd = -1,
		.has_own_userns = s->ns[SPEC_NS_USER] != SPEC_NS_HOST,
		.is_net_made = net_maker_is_started(&out->net) || out->net_fd >= 0,
	};
	struct runtime_ctr c = *out;
	int p[2], r = namespaces_check(s, e);

	if (r >= 0)
		r = filter_prepare(&seccomp, s, s->process.caps.bounding, e);
	if (r >= 0 && s->cgroup_fd >= 0)
		r = cgroup_apply(s->cgroup_fd, &s->resources, e);
	if (r < 0)
		return r;
	r = fd_socketpair(SOCK_SEQPACKET, p);
	if (r < 0)
		return err_sys(e, -r, "make a socket pair");
	c.sync_fd = p[0];
	in.sync_fd = p[1];
	c.pid = needs_helper(s) ? helper_clone_init(&in, p[0], &c, e)
				: clone_init(&in, p[0], &c.pidfd, e);
	fd_close(&in.sync_fd);
	if (c.pid < 0) {
		fd_close(&c.sync_fd);
		return c.pid;
	}
	c.is_net_awaited = in.is_net_made;
	*out = c;
	return c.is_net_awaited && c.net_fd >= 0 ? give_net(out, e) : 0;
}

static int open_net(pid_t pid, struct err *e)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/ns/net", pid);
	fd = fd_open(path, O_RDONLY);
	return fd < 0 ? err_sys(e, -fd, "open %s", path) : fd;
}

int runtime_net(struct runtime_ctr *c, const struct spec *s, struct err *e)
{
	int fd;

	if (s->ns[SPEC_NS_NET] != SPEC_NS_NEW || (c->net_fd >= 0 && !c->is_net_awaited))
		return 0;
	if (net_maker_is_started(&c->net)) {
		fd = net_maker_finish(&c->net);
		if (fd < 0)
			return clone_failed(-fd, e);
		c->net_fd = fd;
	} else if (c->net_fd < 0 && c->pid > 0) {
		c->net_fd = open_net(c->pid, e);
		if (c->net_fd < 0)
			return c->net_fd;
	}
	return c->is_net_awaited ? give_net(c, e) : 0;
}

static int died(struct err *e)
{
	return err_set(e, ECHILD, "the container's first process was killed while it started");
}

int runtime_wait_ready(struct runtime_ctr *c, const struct runtime_callbacks *cb, struct err *e)
{
	for (;;) {
		int r = sync_recv_either(c->sync_fd, SYNC_READY, SYNC_ROOTFS, e);

		if (r == SYNC_READY)
			return 0;
		if (r == 0)
			return died(e);
		if (r < 0)
			return r;
		r = cb->on_rootfs ? cb->on_rootfs(cb->arg, e) : 0;
		if (r >= 0)
			r = sync_send(c->sync_fd, START_ROOTFS, 0, e);
		if (r < 0)
			return r;
	}
}

int runtime_start(struct runtime_ctr *c, struct err *e)
{
	int r = sync_send(c->sync_fd, START_EXEC, 0, e);

	if (r >= 0)
		r = sync_recv(c->sync_fd, SYNC_ERROR, NULL, e);
	if (r < 0)
		return r;
	/* End of file: the exec closed the other side. If it was a SIGKILL instead, the container has
	 * run for no time at all: whoever waits for it learns that. */
	c->is_started = true;
	fd_close(&c->sync_fd);
	return 0;
}

void runtime_ctr_clear(struct runtime_ctr *c)
{
	fd_close(&c->sync_fd);
	if (c->pid > 0 && !c->is_started) {
		sys_pidfd_send_signal(c->pidfd, SIGKILL);
		while (waitpid(c->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	fd_close(&c->pidfd);
	fd_close(&c->user_fd);
	net_maker_clear(&c->net);
	fd_close(&c->net_fd);
	*c = RUNTIME_CTR_NONE;
}

int runtime_exec(struct runtime_ctr *out, const struct runtime_exec *x, const struct runtime_io *io,
		 struct err *e)
{
	auto_of(filter_clear) struct filter seccomp = { 0 };
	auto_of(runtime_ctr_clear) struct runtime_ctr c = RUNTIME_CTR_NONE;
	struct exec_args a = { .x = x, .io = io, .seccomp = &seccomp };
	int p[2], r = 0;

	if (!x->is_privileged)
		r = filter_prepare(&seccomp, x->spec, x->process->caps.bounding, e);
	if (r < 0)
		return r;
	r = fd_socketpair(SOCK_SEQPACKET, p);
	if (r < 0)
		return err_sys(e, -r, "make a socket pair");
	c.sync_fd = p[0];
	a.sync_fd = p[1];
	c.pid = exec_clone(&a, p[0], &c.pidfd, e);
	if (c.pid < 0)
		return c.pid;
	r = sync_recv(c.sync_fd, SYNC_READY, NULL, e);
	if (r == 0)
		return err_set(e, ESRCH, "the container has ended");
	if (r < 0)
		return r;
	*out = c;
	c = RUNTIME_CTR_NONE;
	return 0;
}

int runtime_run_hooks(const struct spec *s, enum spec_hook_stage stage, const char *state_json,
		      struct err *e)
{
	return hooks_run(s, stage, state_json, e);
}
