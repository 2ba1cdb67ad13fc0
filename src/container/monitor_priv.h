/* SPDX-License-Identifier: Apache-2.0 */
/* monitor_priv: what the parts of the monitor share.
 *
 * Runs in:  the monitor.
 * Owns:     struct monitor, which lives as long as the process.
 * Needs:    see monitor.h.
 * Fails:    monitor_start: with the cause; monitor_end never.
 * Not here: anything for callers outside monitor*.c.
 */
#pragma once

#include "base/proc.h"
#include "container/ctr_root.h"
#include "container/image_mount.h"
#include "container/monitor.h"
#include "container/relay.h"
#include "container/state.h"
#include "container/volume_fill.h"
#include "netns/netns.h"
#include "runtime/runtime.h"
#include "storage/rootfs.h"

struct monitor {
	struct monitor_args a;
	const struct container_config *config;	/* borrowed: a.record */
	struct spec spec;		/* of this start */
	int runtime_dirfd;		/* owned; <session runtime dir>/<id>; -1 */
	char *runtime_path;		/* owned */
	struct runtime_ctr ctr;
	struct ctr_root root;
	struct rootfs *rootfs;		/* owned */
	struct image_mounts images;	/* --mount type=image */
	struct volume_fill fill;	/* new volumes, to be filled from the image */
	struct proc rootfs_server;	/* fuse-overlayfs; pid 0: none */
	int mounts_fd;			/* owned; init's mount namespace, see keep_mounts; -1 */
	struct netns net;
	struct logs_writer *log;	/* owned */
	struct relay relay;
	struct state state;
	int signal_fd;			/* owned; SIGTERM */
	int stdio[3];			/* owned; the client's, for the log driver passthrough; -1 */
	int console_sock[2];		/* owned; -1 */
	int rootfs_mount_fd;		/* owned; of a container that `rootlet mount` has mounted; -1 */
	struct runtime_io io;
	int io_fds[3];			/* owned; the payload's ends, until init has them */
	bool is_slim;			/* what only the start needed is given back */
	bool is_subreaper;		/* the container has the host's pid namespace */
	char *gone_tree;		/* owned; in the store; NULL */
	bool is_timed_out;		/* --timeout has ended it: the exit code is 255 */
	int64_t kill_at;		/* monotonic ns: SIGKILL to init; 0 never */
	struct monitor_notify *notify;	/* owned; NULL: nobody wants to be told */
	struct monitor_health *health;	/* owned; NULL: no health check */
	uint64_t restarts;		/* starts after the first */
	int64_t restart_pause;		/* ns; the last one */
	bool is_ending;			/* no more restarts: a user's will, or the system's (SIGTERM) */
	bool is_restart_asked;		/* by the health check: whatever the policy says */
};

/* From the ground up: a file calls those above it here, never one below.
 *
 * monitor_hooks.c: the OCI hooks of one stage; those that are not there cost nothing. With hooks: the
 * bundle, in which *target (owned) takes the root file system; and its config.json, in init. */
int monitor_hooks_bundle(struct monitor *m, char **target, struct err *e);
int monitor_hooks_config(struct monitor *m, int root_dirfd, struct err *e);
int monitor_hooks_run(struct monitor *m, enum spec_hook_stage stage, const char *status, struct err *e);

/* monitor_slim.c: what only the start needed is given back. */
void monitor_slim_down(struct monitor *m);
/* Program and libraries: what was used once and is not now need not count as ours. It comes back from
 * the page cache when it is. */
void monitor_slim_pages(void);
/* Descriptors that the command was started with (a CI's pipe, make's jobserver): they are the only ones
 * without O_CLOEXEC, and somebody may wait for their end. */
void monitor_slim_fds(void);

/* monitor_stop.c: sends the stop signal now and SIGKILL after the stop timeout. */
void monitor_stop(struct monitor *m);
void monitor_stop_after(struct monitor *m, int64_t seconds);	/* SIGKILL; not a positive number: never */
void monitor_stop_handle(struct monitor *m);			/* when the time may have come */

/* monitor_notify.c: sd_notify: nothing is done when the caller had no NOTIFY_SOCKET. */
int monitor_notify_open(struct monitor *m, struct err *e);	/* before init is cloned */
void monitor_notify_close(struct monitor *m);
void monitor_notify_started(struct monitor *m);
void monitor_notify_healthy(struct monitor *m);
int monitor_notify_fd(const struct monitor *m);		/* to be polled for input; -1 */
void monitor_notify_handle(struct monitor *m);

/* monitor_health.c: nothing is done and no memory taken when the definition has no check. */
void monitor_health_start(struct monitor *m);	/* before the state is first saved */
void monitor_health_stop(struct monitor *m);
int monitor_health_fd(const struct monitor *m);	/* to be polled for input; -1 */
int64_t monitor_health_due(const struct monitor *m);	/* monotonic ns; 0 never */
void monitor_health_handle(struct monitor *m);	/* when the fd is readable or the time has come */

/* monitor_signals.c: the end (SIGTERM), by the user's will and for good (SIGUSR1), a new definition
 * (SIGHUP). */
int monitor_signals_open(struct monitor *m, struct err *e);
void monitor_signals_read(struct monitor *m);

/* monitor_end.c: undoes monitor_start: network, root file system's server, cgroup, hooks, runtime
 * directory, and with --rm the container: nobody finds them any more. */
void monitor_end(struct monitor *m);
/* Deletes their files, when nobody waits for us any more: on ext4 each directory may take 4 ms. */
void monitor_sweep(struct monitor *m);

/* monitor_begin.c: the parts of the start that `container init` does and leaves for later. */
int monitor_prepared(struct monitor *m, struct err *e);
int monitor_exec(struct monitor *m, struct err *e);
/* A client said BEGIN. False: the container is at its end, *e says why, client_sock waits to hear it. */
bool monitor_begin(struct monitor *m, struct err *e);

/* monitor_start.c: what the kernel shall be told, and the container's small files; what takes long is
 * begun. While the command's stdio is still ours, for what is to be said. */
int monitor_prepare(struct monitor *m, struct err *e);
/* From there to a running payload. On error everything that was begun is left for monitor_end. */
int monitor_start(struct monitor *m, struct err *e);

/* monitor_again.c: after the end of init: is it to be started again; then, after a pause, that: true,
 * it runs. ran: ns. */
bool monitor_wants_again(struct monitor *m);
bool monitor_again(struct monitor *m, int64_t ran);
