/* SPDX-License-Identifier: Apache-2.0 */
/* runtime: the common container core, an OCI runtime as a library.
 *
 * Runs in:  the monitor (parent side), in the session's user namespace, single-threaded; the child
 *           side in the new container's namespaces until it execs the payload.
 * Owns:     struct runtime_ctr: the init's pidfd, the sync socket, the network namespace until it is
 *           handed over (runtime_ctr_clear; that kills an init that was not started).
 * Needs:    clone3, openat2, mount API, pidfd: Linux 5.13; one thread.
 * Fails:    with what init said: mount target, path, errno text; ERR_EXEC_PERM, ERR_EXEC_NOENT.
 * Not here: images, storage, networks: they come in as callbacks and descriptors.
 * Source:   runtime-spec runtime.md, config.md, config-linux.md.
 *
 * Order, and who waits for whom:
 *
 *   monitor                              init
 *   runtime_begin: a child makes the
 *     network namespace (net_maker.h)
 *   runtime_create: clone3 ------------> mounts root fs through mount_rootfs
 *     (own user ns or joined pid ns:
 *     through a helper, see helper.c)
 *   runtime_net: START_NET ------------> joins the network namespace
 *   [meanwhile slirp4netns starts        on_rootfs (served file systems only)
 *    in the network namespace]           mounts, devices, pivot, sysctl, terminal, mask
 *   runtime_wait_ready <---------------- READY (or its struct err)
 *   createRuntime hooks, network ready
 *   runtime_start ---------------------> START_EXEC: caps, seccomp, exec
 *     returns when exec succeeded (sync socket closes by O_CLOEXEC) or with the error
 */
#pragma once

#include "base/err.h"
#include "base/mem.h"
#include "runtime/net_maker.h"
#include "runtime/spec.h"

struct runtime_io {
	int stdin_fd, stdout_fd, stderr_fd;	/* borrowed; for no terminal; -1: /dev/null */
	int console_sock;			/* borrowed; -1; the pty master is sent here (SCM_RIGHTS) when has_terminal */
	const int *preserve_fds;		/* borrowed; ascending, from 3 up; keep their numbers */
	size_t preserve_n;
};

struct runtime_callbacks {
	void *arg;
	/* In the helper process whose mount namespace is to become the container's; see rootfs_mount. */
	int (*mount_rootfs)(void *arg, const char *target, int *mount_fd, struct err *e);
	/* In the monitor after mount_rootfs succeeded, before init goes on; NULL: nobody waits. */
	int (*on_rootfs)(void *arg, struct err *e);
	/* In init (with ids of its own: in the helper, in the session's user namespace), when the root
	 * file system is there and before anything is mounted on it, with an fd of the root: copy-up of
	 * image content into new volumes; NULL: none. */
	int (*in_rootfs)(void *arg, int root_dirfd, struct err *e);
};

struct runtime_ctr {
	pid_t pid;		/* of init, as seen by the monitor */
	int pidfd;		/* owned */
	int sync_fd;		/* owned */
	bool is_started;
	struct net_maker net;
	int net_fd;		/* owned; the new network namespace, when runtime_net has been called; -1 */
	bool is_net_awaited;	/* init waits for it */
	int user_fd;		/* owned; the user namespace of an init with ids of its own; -1 */
};

#define RUNTIME_CTR_NONE \
	((struct runtime_ctr){ .pid = 0, .pidfd = -1, .sync_fd = -1, .net_fd = -1, .user_fd = -1 })

/* Optional, and the sooner before runtime_create the better: what can be made before init exists. */
int runtime_begin(struct runtime_ctr *c, const struct spec *s, struct err *e);
/* Clones init; out: RUNTIME_CTR_NONE or what runtime_begin has begun. */
int runtime_create(struct runtime_ctr *out, const struct spec *s, const struct runtime_io *io,
		   const struct runtime_callbacks *cb, const char *rootfs_target, struct err *e);
/* Waits for what runtime_begin has begun: net_fd is there then. Before runtime_create, when somebody
 * needs it early, and after, so that init gets it; without runtime_begin only after. */
int runtime_net(struct runtime_ctr *c, const struct spec *s, struct err *e);
/* Waits for READY; serves on_rootfs meanwhile. */
int runtime_wait_ready(struct runtime_ctr *c, const struct runtime_callbacks *cb, struct err *e);
/* Lets init exec the payload. */
int runtime_start(struct runtime_ctr *c, struct err *e);
/* Closes; an init that never started is killed and reaped. */
void runtime_ctr_clear(struct runtime_ctr *c);
DEFINE_AUTO_VALUE(struct runtime_ctr, runtime_ctr_clear)

/* Another process in a running container (exec). The child joins all namespaces of init_pidfd, its
 * cgroup (cgroup_fd, -1) and root, with the process and seccomp settings given. Returns when it is
 * inside and ready (no runtime_wait_ready): go on with runtime_start. ESRCH: init is gone. */
struct runtime_exec {
	const struct spec *spec;		/* of the container: namespaces, seccomp */
	const struct spec_process *process;	/* what to run */
	int init_pidfd;
	int cgroup_fd;
	bool is_privileged;			/* no seccomp filter */
};
int runtime_exec(struct runtime_ctr *out, const struct runtime_exec *x, const struct runtime_io *io,
		 struct err *e);

/* Runs the hooks of one stage with the state JSON on stdin (runtime.md "state"). */
int runtime_run_hooks(const struct spec *s, enum spec_hook_stage stage, const char *state_json,
		      struct err *e);
