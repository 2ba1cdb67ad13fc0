/* SPDX-License-Identifier: Apache-2.0 */
/* Start and attach. */
#include "container/lifecycle.h"

#include "base/fd.h"
#include "base/sys.h"
#include "base/timefmt.h"
#include "container/attach.h"
#include "container/events.h"
#include "container/lifecycle_priv.h"
#include "container/logs.h"
#include "container/monitor.h"
#include "container/tty.h"
#include "userns/session.h"

#include <signal.h>
#include <sys/socket.h>

#define ENDING_NS (10 * TIME_SECOND)	/* for the last work of a monitor */

struct proxy {
	struct record *record;
	int init_fd;		/* owned; -1 until the first signal */
};

static int proxy_kill(void *arg, int sig)
{
	struct proxy *p = arg;
	auto_of(state_clear) struct state s = { 0 };
	struct err ignored = { 0 };

	if (p->init_fd < 0 && state_load(&s, p->record, &ignored) >= 0)
		p->init_fd = state_open_init(&s);
	return p->init_fd < 0 ? -ESRCH : sys_pidfd_send_signal(p->init_fd, sig);
}

/* The monitor has left us behind, or was killed: what became of the container is on disk. */
static int find_exit_code(struct engine *g, struct record *r, int *exit_code, struct err *e)
{
	auto_of(state_clear) struct state s = { 0 };
	struct err ignored = { 0 };

	if (lifecycle_state(&s, g, r, &ignored) < 0 || s.status != STATE_EXITED)
		return -e->code;
	*exit_code = s.exit_code;
	return 0;
}

/* Under passthrough the container reads our stdin itself. */
static bool relays_stdin(const struct record *r, const struct lifecycle_start *a)
{
	return a->has_stdin && r->config.is_interactive && !logs_is_passthrough(&r->config);
}

static int relay(struct engine *g, struct record *r, const struct lifecycle_start *a, int sock,
		 bool is_starter, int *exit_code, bool *is_detached, struct err *e)
{
	struct proxy proxy = { .record = r, .init_fd = -1 };
	struct attach_client c = {
		.sock = sock, .has_tty = r->config.has_tty,
		.has_stdin = relays_stdin(r, a),
		.has_stdout = a->has_stdout, .has_stderr = a->has_stderr,
		.sig_proxy = a->sig_proxy, .is_starter = is_starter,
		.detach_keys = a->detach_keys ? a->detach_keys : r->config.detach_keys,
		.container = r->config.name, .kill = proxy_kill, .kill_arg = &proxy,
	};
	int ret;

	events_container(g, &r->config, "attach");
	ret = attach_run(&c, exit_code, is_detached, e);
	fd_close(&proxy.init_fd);
	return ret == -EPIPE ? find_exit_code(g, r, exit_code, e) : ret;
}

static unsigned int wanted(const struct record *r, const struct lifecycle_start *a)
{
	return (relays_stdin(r, a) ? ATTACH_WANTS_STDIN : 0) |
	       (a->has_stdout ? ATTACH_WANTS_STDOUT : 0) | (a->has_stderr ? ATTACH_WANTS_STDERR : 0);
}

static void give_size(struct monitor_args *a)
{
	int tty = a->record->config.has_tty ? tty_find() : -1;

	if (tty >= 0)
		(void)tty_size(tty, &a->rows, &a->cols);
}

/* Takes *lock over. Returns our end of the wire. */
static int start_monitor(struct engine *g, struct record *r, const struct lifecycle_start *a,
			 bool is_init, int *lock, const struct state *before, struct err *e)
{
	autoclose int ours = -1, theirs = -1;
	struct monitor_args args;
	int pair[2], ret;

	ret = fd_socketpair(SOCK_STREAM, pair);
	if (ret < 0)
		return err_sys(e, -ret, "socketpair");
	ours = pair[0];
	theirs = pair[1];
	args = (struct monitor_args){
		.engine = g, .record = r, .client_sock = theirs, .other_sock = ours,
		.is_client_attached = a->is_attached, .client_flags = wanted(r, a),
		.preserve_fds = a->preserve_fds, .preserve_n = a->preserve_n, .lock_fd = *lock,
		.listen_n = a->listen_n, .listen_names = a->listen_names,
		.notify_socket = a->notify_socket,
		.has_run_before = before->status == STATE_EXITED, .is_init = is_init,
	};
	if (a->is_attached)
		give_size(&args);
	ret = monitor_fork(&args, e);
	if (ret < 0)
		return ret;
	steal_fd(&theirs);
	steal_fd(lock);
	return steal_fd(&ours);
}

/* Init is gone and its monitor at its last work: a start comes after that, it is not done already. */
static int await_end(struct engine *g, struct record *r, struct state *s, struct err *e)
{
	int64_t end = time_monotonic() + ENDING_NS;

	while (s->status == STATE_STOPPING && time_monotonic() < end) {
		autoclose int sock = attach_connect(g->session->runtime_dirfd, r->id, 0);
		int code;

		(void)lifecycle_wait_end(s, sock, sock < 0 ? 5 : 1000, &code);
		state_clear(s);
		if (lifecycle_state_locked(s, g, r, e) < 0)
			return -e->code;
	}
	if (s->status != STATE_STOPPING)
		return 0;
	return err_set(e, ETIMEDOUT, "its monitor (pid %d) does not end", s->monitor_pid);
}

/* What was set up by lifecycle_init. Returns the wire. */
static int begin(struct engine *g, struct record *r, const struct lifecycle_start *a, struct err *e)
{
	autoclose int sock = attach_connect(g->session->runtime_dirfd, r->id, wanted(r, a));
	int ret = sock < 0 ? sock : attach_send(sock, ATTACH_BEGIN, NULL, 0);

	return ret < 0 ? err_sys(e, -ret, "reach its monitor") : steal_fd(&sock);
}

static int start_locked(struct engine *g, struct record *r, const struct lifecycle_start *a, int *lock,
			int *exit_code, bool *is_detached, struct err *e)
{
	auto_of(state_clear) struct state s = { 0 };
	autoclose int sock = -1;
	int ret;

	if (lifecycle_state_locked(&s, g, r, e) < 0 || await_end(g, r, &s, e) < 0)
		return -e->code;
	if (s.is_restarting && lifecycle_end_pause(r, &s, e) < 0)
		return -e->code;
	if (s.status == STATE_INITIALIZED) {
		sock = begin(g, r, a, e);
	} else if (s.status == STATE_PAUSED) {
		return err_set(e, EBUSY, "cannot start a paused container, try unpause instead");
	} else if (state_is_alive(&s)) {
		fd_close(lock);
		return a->is_attached ? lifecycle_attach(g, r, a, exit_code, is_detached, e) : 0;
	} else {
		sock = start_monitor(g, r, a, false, lock, &s, e);
	}
	if (sock < 0)
		return sock;
	ret = attach_wait_started(sock, e);
	fd_close(lock);
	if (ret < 0 || !a->is_attached)
		return ret;
	return relay(g, r, a, sock, true, exit_code, is_detached, e);
}

/* What it needs and does not run. */
static int start_required(struct engine *g, const struct record *r, struct err *e)
{
	const struct lifecycle_start how = { .is_attached = false };

	for (size_t i = 0; i < r->config.requires.n; i++) {
		auto_of(record_free) struct record *other = NULL;
		auto_of(state_clear) struct state s = { 0 };
		bool is_detached;
		int code;

		if (record_open(&other, g, r->config.requires.v[i], e) < 0 ||
		    lifecycle_state(&s, g, other, e) < 0)
			return err_wrap(e, "needs container %.12s", r->config.requires.v[i]);
		if (state_is_alive(&s) && s.status != STATE_INITIALIZED && s.status != STATE_STOPPING)
			continue;
		if (lifecycle_start(g, other, &how, &code, &is_detached, e) < 0)
			return err_wrap(e, "start what it needs");
	}
	return 0;
}

int lifecycle_start(struct engine *g, struct record *r, const struct lifecycle_start *a,
		    int *exit_code, bool *is_detached, struct err *e)
{
	autoclose int lock = -1;
	sigset_t set, before;
	int ret;

	*exit_code = 0;
	*is_detached = false;
	if (start_required(g, r, e) < 0)
		return err_wrap(e, "container %s", r->config.name);
	if (record_lock(r, &lock, e) < 0)
		return -e->code;
	/* What arrives while it starts is for the container, and is passed on when it runs. */
	if (a->is_attached) {
		attach_signals(&set, a->sig_proxy, false);
		sigprocmask(SIG_BLOCK, &set, &before);
	}
	ret = start_locked(g, r, a, &lock, exit_code, is_detached, e);
	if (a->is_attached)
		sigprocmask(SIG_SETMASK, &before, NULL);
	if (ret < 0)
		return err_wrap(e, "container %s", r->config.name);
	return ret;
}

static int init_locked(struct engine *g, struct record *r, const struct lifecycle_start *a, int *lock,
		       struct err *e)
{
	auto_of(state_clear) struct state s = { 0 };
	autoclose int sock = -1;

	if (lifecycle_state_locked(&s, g, r, e) < 0)
		return -e->code;
	if (s.is_restarting && lifecycle_end_pause(r, &s, e) < 0)
		return -e->code;
	if (state_is_alive(&s))
		return err_set(e, EALREADY, "it is %s already", state_name(s.status));
	sock = start_monitor(g, r, a, true, lock, &s, e);
	return sock < 0 ? sock : attach_wait_started(sock, e);
}

int lifecycle_init(struct engine *g, struct record *r, const struct lifecycle_start *a, struct err *e)
{
	autoclose int lock = -1;
	int ret;

	if (start_required(g, r, e) < 0 || record_lock(r, &lock, e) < 0)
		return -e->code;
	ret = init_locked(g, r, a, &lock, e);
	return ret < 0 ? err_wrap(e, "container %s", r->config.name) : 0;
}

int lifecycle_attach(struct engine *g, struct record *r, const struct lifecycle_start *a,
		     int *exit_code, bool *is_detached, struct err *e)
{
	auto_of(state_clear) struct state s = { 0 };
	autoclose int sock = -1;

	if (lifecycle_state(&s, g, r, e) < 0)
		return -e->code;
	if (!state_is_alive(&s))
		return err_set(e, EINVAL, "you can only attach to running containers (%s is %s)",
			       r->config.name, state_name(s.status));
	if (s.status == STATE_PAUSED)
		return err_set(e, EINVAL, "you cannot attach to %s while it is paused: unpause it first",
			       r->config.name);
	sock = attach_connect(g->session->runtime_dirfd, r->id, wanted(r, a));
	if (sock < 0)
		return err_sys(e, -sock, "attach to container %s", r->config.name);
	return relay(g, r, a, sock, false, exit_code, is_detached, e);
}
