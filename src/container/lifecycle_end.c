/* SPDX-License-Identifier: Apache-2.0 */
/* Stop, kill, restart and remove. */
#include "container/lifecycle.h"

#include "base/fd.h"
#include "base/log.h"
#include "base/proc.h"
#include "base/sys.h"
#include "container/attach.h"
#include "container/events.h"
#include "container/lifecycle_priv.h"
#include "container/pause.h"
#include "container/requires.h"
#include "userns/session.h"

#include <signal.h>

static int stop_signal(const struct record *r)
{
	int sig = r->config.stop_signal ? proc_signal_parse(r->config.stop_signal) : SIGTERM;

	return sig > 0 ? sig : SIGTERM;
}

/* Podman's words; who reads them gives the program more time, or a handler. */
static void tell_killed(const struct engine *g, const struct record *r, int64_t timeout)
{
	autofree char *name = proc_signal_name(stop_signal(r));

	if (!g->is_docker)
		log_warn("StopSignal %s failed to stop container %s in %lld seconds, resorting to SIGKILL",
			 name, r->config.name, (long long)timeout);
}

static int stop(struct engine *g, struct record *r, const struct state *s, int64_t timeout, struct err *e)
{
	autoclose int sock = attach_connect(g->session->runtime_dirfd, r->id, 0);
	autoclose int init_fd = state_open_init(s);
	int code, done = 0;

	if (timeout < 0)
		timeout = r->config.stop_timeout;
	if (s->status == STATE_INITIALIZED)	/* nothing runs in it that could listen */
		timeout = 0;
	lifecycle_tell_monitor(s, SIGUSR1);
	if (sock >= 0)
		(void)attach_send(sock, ATTACH_STOP, NULL, 0);
	if (init_fd >= 0 && timeout > 0) {
		sys_pidfd_send_signal(init_fd, stop_signal(r));
		if (s->status == STATE_PAUSED)
			pause_thaw(s);
		done = lifecycle_wait_end(s, sock, timeout * 1000, &code);
	}
	if (done == 0) {
		if (init_fd >= 0 && timeout > 0)
			tell_killed(g, r, timeout);
		if (init_fd >= 0)
			sys_pidfd_send_signal(init_fd, SIGKILL);
		done = lifecycle_wait_end(s, sock, LIFECYCLE_KILL_MS, &code);
	}
	if (done == 0 && init_fd >= 0 && proc_pidfd_is_alive(init_fd))
		return err_set(e, ETIMEDOUT, "container %s does not end after SIGKILL: a process of it "
			       "(pid %d) hangs in the kernel", r->config.name, s->pid);
	if (done == 0)
		lifecycle_end_monitor(s);
	events_container(g, &r->config, "stop");
	return 0;
}

int lifecycle_stop(struct engine *g, struct record *r, int64_t timeout, struct err *e)
{
	auto_of(state_clear) struct state s = { 0 };
	autofree char *id = NULL;
	struct err gone = { 0 };

	/* What a crash had left of it was removed just now: that is stopped enough. */
	if (lifecycle_state(&s, g, r, e) < 0)
		return e->code == ERR_NO_SUCH ? 0 : -e->code;
	if (s.is_restarting)
		return lifecycle_end_pause(r, &s, e);
	if (!state_is_alive(&s))
		return 0;
	if (stop(g, r, &s, timeout, e) < 0)
		return -e->code;
	/* Puts in order what a monitor that died with it has left; with --rm it is gone by now. */
	state_clear(&s);
	if (record_find(&id, g, r->id, &gone) >= 0)
		(void)lifecycle_state(&s, g, r, &gone);
	return 0;
}

int lifecycle_kill(struct engine *g, struct record *r, int sig, struct err *e)
{
	auto_of(state_clear) struct state s = { 0 };
	autoclose int fd = -1;
	int ret;

	if (lifecycle_state(&s, g, r, e) < 0)
		return -e->code;
	if (s.is_restarting)
		return lifecycle_end_pause(r, &s, e);
	fd = state_is_alive(&s) ? state_open_init(&s) : -ESRCH;
	if (fd < 0)
		return err_set(e, EINVAL, "can only kill running containers. %s is in state %s: "
			       "container state improper", r->id, state_name(s.status));
	if (sig == SIGKILL || sig == SIGTERM || sig == stop_signal(r))
		lifecycle_tell_monitor(&s, SIGUSR1);
	ret = sys_pidfd_send_signal(fd, sig);
	if (ret == -ESRCH)
		return err_set(e, EINVAL, "can only kill running containers. %s is in state exited: "
			       "container state improper", r->id);
	if (ret < 0)
		return err_sys(e, -ret, "send signal %d to container %s", sig, r->config.name);
	events_container(g, &r->config, "kill");
	return 0;
}

int lifecycle_restart(struct engine *g, struct record *r, int64_t timeout, struct err *e)
{
	const struct lifecycle_start start = { .is_attached = false };
	bool is_detached;
	int code;

	if (lifecycle_stop(g, r, timeout, e) < 0)
		return -e->code;
	if (lifecycle_start(g, r, &start, &code, &is_detached, e) < 0)
		return -e->code;
	events_container(g, &r->config, "restart");
	return 0;
}

static int remove_locked(struct engine *g, struct record *r, const struct lifecycle_remove *a,
			 struct err *e)
{
	auto_of(state_clear) struct state s = { 0 };
	struct err gone = { 0 };

	if (lifecycle_state_locked(&s, g, r, e) < 0) {
		if (e->code == ERR_NO_SUCH)	/* the repair has removed it */
			return 0;
		/* A record that cannot be read must not make its container immortal. */
		return a->force && e->code == EBADMSG ? lifecycle_forget(g, r, a->volumes, e) : -e->code;
	}
	if (requires_check_unused(g, r, e) < 0)
		return -e->code;
	if (s.is_restarting) {
		if (!a->force)
			return err_set(e, ERR_IN_USE, "cannot remove container %s as it is restarting: "
				       "stop it first, or use force", r->config.name);
		if (lifecycle_end_pause(r, &s, e) < 0)
			return -e->code;
	}
	if (state_is_alive(&s)) {
		if (!a->force && s.status != STATE_INITIALIZED)
			return err_set(e, ERR_IN_USE, "cannot remove container %s as it is %s - running or "
				       "paused containers cannot be removed without force: container "
				       "state improper", r->id, state_name(s.status));
		if (stop(g, r, &s, a->timeout, e) < 0)
			return -e->code;
	}
	if (lifecycle_forget(g, r, a->volumes || r->config.rm, &gone) < 0 && gone.code != ERR_NO_SUCH) {
		*e = gone;
		return -e->code;
	}
	return 0;
}

static int remove_dependents(struct engine *g, struct record *r, const struct lifecycle_remove *a,
			     struct err *e)
{
	auto_of(strv_clear) struct strv ids = { 0 };

	if (requires_list(g, r, &ids, e) < 0)
		return -e->code;
	for (size_t i = 0; i < ids.n; i++) {
		if (lifecycle_remove(g, ids.v[i], a, e) >= 0) {
			if (a->dependents)
				strv_add(a->dependents, ids.v[i]);
		} else if (e->code != ERR_NO_SUCH) {
			return -e->code;
		}
	}
	return 0;
}

int lifecycle_remove(struct engine *g, const char *name_or_id, const struct lifecycle_remove *a,
		     struct err *e)
{
	auto_of(record_free) struct record *r = NULL;
	autofree char *id = NULL;
	autoclose int lock = -1;
	struct err why = { 0 };

	if (record_open(&r, g, name_or_id, e) < 0) {
		if (!a->force || e->code != EBADMSG || record_find(&id, g, name_or_id, &why) < 0)
			return -e->code;
		return record_remove(g, id, NULL, e);
	}
	if (a->depend && remove_dependents(g, r, a, e) < 0)
		return -e->code;
	if (record_lock(r, &lock, e) < 0)
		return -e->code;
	return remove_locked(g, r, a, e);
}
