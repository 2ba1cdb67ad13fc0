/* SPDX-License-Identifier: Apache-2.0 */
/* state: what a container is doing, from the kernel's mouth.
 *
 * Runs in:  any command; written by the monitor.
 * Owns:     struct state (state_clear).
 * Needs:    pidfd_open(2).
 * Fails:    EBADMSG a record that cannot be read; a missing one is state "created".
 * Not here: transitions: the monitor's (monitor*.c), and those of a repair (lifecycle_state.c).
 *
 * containers/<id>/state.json, written by rename, no fsync: {"version":1,"status","pid","pid-start",
 * "monitor-pid","monitor-start","boot-id","started","finished","exit-code","oom-killed","error",
 * "restart-count","health":{...},"stopped-by-user","cgroup","paused","host"}. pids count only when boot-id
 * and start times are right: a record that says running while its processes are gone reads as exited
 * (exit code 137), is_stale; who may change the container repairs it (lifecycle_state).
 * On a file system that other machines use too, "host" tells a reboot from another machine: what that
 * one runs is_elsewhere, has no pids here, and only it may change it.
 * An exited container with a monitor that lives is waiting to be started again (monitor_again.c).
 */
#pragma once

#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/proc.h"

#include <stdint.h>
#include <sys/types.h>

struct record;

enum state_status {
	STATE_CREATED,		/* defined, never started */
	STATE_INITIALIZED,	/* init waits before exec (container init) */
	STATE_RUNNING,
	STATE_PAUSED,
	STATE_STOPPING,		/* init has ended, its monitor is at its last work */
	STATE_EXITED,
	N_STATES
};

struct state {
	enum state_status status;
	pid_t pid, monitor_pid;
	uint64_t pid_start, monitor_start;	/* clock ticks, see proc_start_time */
	int64_t started, finished;		/* ns; 0 never */
	int exit_code;
	bool is_oom_killed, is_stopped_by_user;
	char *error;				/* owned; why it did not start */
	uint64_t restart_count;
	char *cgroup;				/* owned; path or NULL */
	struct json *health;			/* owned; {"Status","FailingStreak","Log":[...]} or NULL */
	bool is_restarting;			/* exited, and its monitor waits to start it again */
	bool has_monitor;			/* alive, and so is its monitor */
	struct proc_stat init;			/* as it was found alive */
	bool is_elsewhere;			/* alive or restarting, says the record of another machine */
	char *host;				/* owned; that machine, else NULL */
	bool is_stale;				/* the file says otherwise: lifecycle_state repairs it */
};

/* Verified. For who acts on the container: EREMOTE where it is elsewhere, with what to do. */
int state_load(struct state *out, const struct record *r, struct err *e);
int state_refuse_elsewhere(const struct state *s, const struct record *r, struct err *e);
/* For who only looks. */
int state_load_at(struct state *out, int ctr_dirfd, struct err *e);
int state_load_id(struct state *out, int containers_dirfd, const char *id, struct err *e);
int state_save_at(const struct state *s, int ctr_dirfd, struct err *e);
/* What is to be known of a start that failed: the message, and the exit code that it means. */
void state_set_failure(struct state *s, const struct err *cause);
void state_clear(struct state *s);
DEFINE_AUTO_VALUE(struct state, state_clear)
const char *state_name(enum state_status s);		/* "created", "running", "exited", ... */
bool state_is_alive(const struct state *s);		/* running, paused, stopping, initialized */
int state_open_init(const struct state *s);		/* pidfd of init, -ESRCH */
