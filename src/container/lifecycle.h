/* SPDX-License-Identifier: Apache-2.0 */
/* lifecycle: start, attach, stop, kill, wait, remove: what one does to a container.
 *
 * Runs in:  the command line process, in the session's user namespace.
 * Owns:     nothing.
 * Needs:    record_open by the caller where a record is passed.
 * Fails:    ERR_NO_SUCH, ERR_IN_USE; start: what the runtime said (ERR_EXEC_PERM, ERR_EXEC_NOENT).
 * Not here: the loop that looks after a running container (monitor.h), the wire between the two
 *           (attach.h).
 */
#pragma once

#include "base/err.h"
#include "container/engine.h"
#include "container/record.h"

struct state;

/* The state, after whatever a crash left over was put in order: an init without monitor is killed, what
 * was running is recorded as exited, with --rm the container is removed (ERR_NO_SUCH then). */
int lifecycle_state(struct state *out, struct engine *g, struct record *r, struct err *e);
/* The same for who only looks: what runs on another machine (state.h) is no error. */
int lifecycle_look(struct state *out, struct engine *g, struct record *r, struct err *e);
/* What is said to run on a machine that is gone has ended. */
int lifecycle_disown(struct engine *g, struct record *r, struct err *e);
/* The same for a state already loaded; r may be one of record_glance. */
int lifecycle_repair(struct state *st, struct engine *g, struct record *r, struct err *e);

struct lifecycle_start {
	bool is_attached;		/* foreground: relay stdio until exit */
	bool has_stdin, has_stdout, has_stderr;
	const char *detach_keys;	/* NULL: ctrl-p,ctrl-q */
	bool sig_proxy;
	const int *preserve_fds;	/* borrowed; ascending, from 3 up */
	size_t preserve_n;
	size_t listen_n;		/* of them 3 up are sockets of a socket unit */
	const char *listen_names;	/* borrowed; NULL */
	const char *notify_socket;	/* borrowed; NOTIFY_SOCKET of the caller; NULL */
};
/* Starts a created or exited container. Detached: returns when the payload has been exec'ed.
 * Attached: returns at the end; *exit_code is the payload's; *is_detached when the keys were typed. */
int lifecycle_start(struct engine *g, struct record *r, const struct lifecycle_start *a,
		    int *exit_code, bool *is_detached, struct err *e);
/* Makes everything and waits: a later start has only to execute the command. EALREADY: it runs, or was
 * set up before. */
int lifecycle_init(struct engine *g, struct record *r, const struct lifecycle_start *a, struct err *e);
int lifecycle_attach(struct engine *g, struct record *r, const struct lifecycle_start *a,
		     int *exit_code, bool *is_detached, struct err *e);
/* Stop signal, wait timeout seconds (-1: the container's own), SIGKILL. Not running: success. */
int lifecycle_stop(struct engine *g, struct record *r, int64_t timeout, struct err *e);
int lifecycle_kill(struct engine *g, struct record *r, int sig, struct err *e);
/* Tells a running container's monitor that the definition has changed. */
void lifecycle_reload(const struct record *r);
int lifecycle_rename(struct engine *g, struct record *r, const char *name, struct err *e);
int lifecycle_restart(struct engine *g, struct record *r, int64_t timeout, struct err *e);

enum lifecycle_condition {
	LIFECYCLE_STOPPED, LIFECYCLE_RUNNING, LIFECYCLE_EXITED, LIFECYCLE_REMOVED, LIFECYCLE_HEALTHY,
	LIFECYCLE_UNHEALTHY, LIFECYCLE_CREATED, LIFECYCLE_PAUSED, LIFECYCLE_INITIALIZED,
	LIFECYCLE_STOPPING,
};
/* Until any of several conditions (bits: 1 << condition) holds; without polling where the kernel can
 * tell (pidfd, inotify). */
int lifecycle_wait(struct engine *g, const char *id, unsigned int until, int *exit_code, struct err *e);

/* Ends every container within that time, with SIGKILL at its end, and returns how many there were. */
int lifecycle_stop_all(struct engine *g, int64_t seconds, struct err *e);

struct lifecycle_remove {
	bool force, volumes;
	bool depend;		/* those that need it first */
	struct strv *dependents;	/* may be NULL; gets the ids of them that were removed */
	int64_t timeout;	/* -1 default */
};
int lifecycle_remove(struct engine *g, const char *name_or_id, const struct lifecycle_remove *a,
		     struct err *e);
