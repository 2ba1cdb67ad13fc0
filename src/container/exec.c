/* SPDX-License-Identifier: Apache-2.0 */
/* THEORY
 * exec needs no monitor: the command is the parent of the new process, gives it its stdio or relays it,
 * waits and returns its code. It is as much a process of the container as any: the end of the
 * container's init ends it, kernel-made, because they share the pid namespace.
 *
 * A detached process has nobody to wait for it: the host's init inherits and reaps it. Only its terminal,
 * if it has one, needs a holder: a fork of ours that reads and forgets what it says; typing the detach
 * keys leads to the same.
 */
#include "container/exec.h"

#include "base/fd.h"
#include "base/ident.h"
#include "container/ctr_cgroup.h"
#include "container/ctr_spec.h"
#include "container/events.h"
#include "container/exec_priv.h"
#include "container/exec_relay.h"
#include "container/exec_sessions.h"
#include "container/lifecycle.h"
#include "container/state.h"
#include "container/tty.h"
#include "runtime/runtime.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

/* Which namespaces the container has of its own: not the definition says that but the kernel. */
int exec_find_namespaces(struct spec *s, pid_t pid, struct err *e)
{
	static const char *const files[N_SPEC_NS] = {
		[SPEC_NS_USER] = "user", [SPEC_NS_MNT] = "mnt", [SPEC_NS_PID] = "pid",
		[SPEC_NS_NET] = "net", [SPEC_NS_IPC] = "ipc", [SPEC_NS_UTS] = "uts",
		[SPEC_NS_CGROUP] = "cgroup",
	};
	char path[48];

	for (size_t i = 0; i < N_SPEC_NS; i++) {
		struct stat ours, theirs;

		snprintf(path, sizeof(path), "/proc/self/ns/%s", files[i]);
		if (stat(path, &ours) < 0)
			return err_sys(e, errno, "%s", path);
		snprintf(path, sizeof(path), "/proc/%d/ns/%s", pid, files[i]);
		if (stat(path, &theirs) < 0)
			return errno == ENOENT ? err_set(e, ESRCH, "the container has just ended")
					       : err_sys(e, errno, "%s", path);
		s->ns[i] = ours.st_ino == theirs.st_ino ? SPEC_NS_HOST : SPEC_NS_NEW;
	}
	return 0;
}

int exec_open_target(struct engine *g, struct record *r, struct state *s, int *init_fd, struct err *e)
{
	autoclose int lock = -1;

	/* Not while it is being started: until the payload runs, init may still be in the host's root. */
	if (record_lock_shared(r, &lock, e) < 0)
		return -e->code;
	fd_close(&lock);
	if (lifecycle_state(s, g, r, e) < 0)
		return -e->code;
	*init_fd = s->status == STATE_RUNNING ? state_open_init(s) : -ESRCH;
	if (*init_fd < 0)
		return err_set(e, ERR_WRONG_STATE, "can only create exec sessions on running containers: container "
			       "state improper (%s is %s)", r->config.name, state_name(s->status));
	return 0;
}

static int reap(int pidfd)
{
	int code = proc_pidfd_reap(pidfd);

	return code < 0 ? 255 : code;
}

/* A fork that holds the terminal of a process that goes on alone. */
static int leave_keeper(struct exec_relay *relay, int pidfd, struct err *e)
{
	sigset_t all;
	pid_t pid;

	/* Before the fork: our own exit may send SIGHUP to the process group of the terminal. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	pid = fork();
	if (pid < 0)
		return err_sys(e, errno, "start the keeper of the terminal");
	if (pid == 0) {
		autoclose int null = fd_open("/dev/null", O_RDWR | O_NOCTTY);

		setsid();
		for (int i = 0; i < 3 && null >= 0; i++)
			fd_dup_to(null, i);
		exec_relay_keep(relay, pidfd);
		_exit(0);
	}
	return 0;
}

static int start(struct runtime_ctr *out, struct exec_relay *relay, const struct runtime_exec *x,
		 const struct exec_args *a, struct err *e)
{
	struct runtime_io io = {
		.stdin_fd = relay->theirs[0], .stdout_fd = relay->theirs[1],
		.stderr_fd = relay->theirs[2], .console_sock = relay->console_sock[1],
		.preserve_fds = a->preserve_fds, .preserve_n = a->preserve_n,
	};

	if (runtime_exec(out, x, &io, e) < 0 || exec_relay_started(relay, e) < 0)
		return -e->code;
	return runtime_start(out, e);
}

/* 1: it has ended, with *exit_code. */
static int run(struct runtime_ctr *ctr, struct exec_relay *relay, const struct exec_args *a,
	       int *exit_code, struct err *e)
{
	bool is_detached = a->is_detached;

	*exit_code = 0;
	if (!is_detached && exec_relay_run(relay, ctr->pidfd, a->is_interactive, &is_detached, e) < 0)
		return -e->code;
	if (!is_detached) {
		*exit_code = reap(ctr->pidfd);
		return 1;
	}
	return relay->has_tty ? leave_keeper(relay, ctr->pidfd, e) : 0;
}

int exec_run(struct engine *g, struct record *r, const struct exec_args *a, int *exit_code,
	     char **session_id, struct err *e)
{
	auto_of(state_clear) struct state s = { 0 };
	auto_of(spec_clear) struct spec spec;
	auto_of(spec_clear) struct spec own;	/* for its process */
	auto_of(runtime_ctr_clear) struct runtime_ctr ctr = RUNTIME_CTR_NONE;
	auto_of(exec_relay_clear) struct exec_relay relay = { 0 };
	autoclose int init_fd = -1, cgroup_fd = -1;
	struct ctr_spec_exec want = { .args = &a->command, .env = &a->env, .user = a->user,
				      .workdir = a->workdir, .has_tty = a->has_tty,
				      .privileged = a->privileged };
	struct runtime_exec x = { .spec = &spec, .process = &own.process, .is_privileged = a->privileged };
	int tty = a->has_tty && !a->is_detached ? tty_find() : -1, ret;
	struct ident id;

	spec_init(&spec);
	spec_init(&own);
	if (exec_relay_open(&relay, a->has_tty, a->is_interactive, a->is_detached, a->detach_keys, e) < 0 ||
	    exec_open_target(g, r, &s, &init_fd, e) < 0 || ctr_spec_build_joined(&spec, g, r, e) < 0 ||
	    exec_find_namespaces(&spec, s.pid, e) < 0 || ctr_spec_exec(&own.process, &spec, r, &want, e) < 0)
		return -e->code;
	if (tty >= 0)
		(void)tty_size(tty, &own.process.rows, &own.process.cols);
	if (ctr_cgroup_open(g, &r->config, &s, &cgroup_fd, e) < 0)
		return -e->code;
	x.init_pidfd = init_fd;
	x.cgroup_fd = cgroup_fd;
	if (start(&ctr, &relay, &x, a, e) < 0)
		return -e->code;
	id = ident_random();
	if (!a->no_session) {
		exec_sessions_add(r, id.s, ctr.pid);
		events_exec(g, &r->config, id.s);
	}
	if (session_id)
		*session_id = xstrdup(id.s);
	ret = run(&ctr, &relay, a, exit_code, e);
	if (ret > 0 && !a->no_session) {
		exec_sessions_remove(r, id.s);
		events_exit(g, &r->config, "exec_died", *exit_code, id.s);
	}
	return ret < 0 ? ret : 0;
}
