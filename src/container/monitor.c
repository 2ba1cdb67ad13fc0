/* SPDX-License-Identifier: Apache-2.0 */
/* THEORY
 * The monitor is the parent of a container's init and the only writer of its state while it lives. It
 * is forked from the command and never execs: what the command has loaded and opened is what it needs,
 * and its pages stay shared with nobody but cost little, because the heap is given back as soon as the
 * container has run for a moment.
 *
 * Who dies when, and what the next command finds:
 *
 *   the command      the container goes on, detached; a piece of output it had not read is lost to
 *                    it, not to the log.
 *   init             the normal end: drain, record, clean up, tell.
 *   the monitor      (kill -9, OOM) slirp4netns ends because its exit descriptor closes; output has
 *                    no reader, the payload gets EPIPE. A process without reaper, log and network is
 *                    no container: the next command that meets it kills init and records 137
 *                    (lifecycle_state). PR_SET_PDEATHSIG is no substitute, because the payload can
 *                    reset it, and setuid payloads lose it.
 *   everything       the boot id or the start times in state.json no longer match: exited.
 *
 * Order of the end: the command returns when EXIT arrives, so everything the next command may look at
 * is done before: state written or container hidden, ports free, runtime directory gone. Deleting the
 * files of a --rm container comes after: they are below tmp/ by then, where a sweeper finds them if we
 * die first.
 *
 * poll(2) and not epoll(7): there are a handful of descriptors, and which of them we want changes
 * with every piece of output. Each change would be a system call of its own.
 */
#include "container/monitor.h"

#include "base/fd.h"
#include "base/proc.h"
#include "base/timefmt.h"
#include "container/events.h"
#include "container/monitor_priv.h"

#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define FINISH_MS 10000		/* for the slowest client to take its EXIT */
#define STOP_MS 1000		/* who asks for the end does not wait longer for slow readers */
#define SLIM_MS 50		/* what is over before is not worth tidying up for */

/* What we poll ourselves; the relay's descriptors come behind. */
enum { ON_INIT, ON_SIGNALS, ON_HEALTH, ON_NOTIFY, OWN_POLLS };

static void init(struct monitor *m, const struct monitor_args *a)
{
	memset(m, 0, sizeof(*m));
	m->a = *a;
	m->config = &a->record->config;
	spec_init(&m->spec);
	m->runtime_dirfd = m->mounts_fd = -1;
	m->ctr = RUNTIME_CTR_NONE;
	m->rootfs_server = (struct proc){ .pid = 0, .pidfd = -1 };
	m->net = NETNS_NONE_STARTED;
	m->signal_fd = -1;
	m->console_sock[0] = m->console_sock[1] = m->rootfs_mount_fd = -1;
	for (int i = 0; i < 3; i++)
		m->stdio[i] = m->io_fds[i] = -1;
	relay_init(&m->relay);
}

/* Own session, no terminal, no stdio of the command, signals by descriptor only. */
static int leave_command(struct monitor *m, struct err *e)
{
	bool keeps_stdio = logs_is_passthrough(m->config);
	autoclose int null = -1;

	setsid();
	prctl(PR_SET_NAME, "rootlet-monitor");
	m->is_subreaper = m->spec.ns[SPEC_NS_PID] == SPEC_NS_HOST &&
			  prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0;
	for (int i = 0; i < 3 && keeps_stdio; i++)
		m->stdio[i] = fd_dup(i);
	null = fd_open("/dev/null", O_RDWR | O_NOCTTY);
	if (null < 0)
		return err_sys(e, -null, "/dev/null");
	for (int i = 0; i < 3; i++)
		if (null != i)
			fd_dup_to(null, i);
	if (null <= 2)
		steal_fd(&null);
	return monitor_signals_open(m, e);
}

/* Milliseconds until something is due; -1 never. */
static int next_timeout(const struct monitor *m)
{
	int64_t left, due = monitor_health_due(m);

	if (m->relay.is_draining && m->relay.is_tty)
		return !m->relay.frame_n ? RELAY_TTY_DRAIN_MS : m->relay.is_stop_asked ? STOP_MS : -1;
	if (m->relay.is_draining && !m->relay.frame_n)
		return 0;
	if (m->relay.is_draining && m->relay.is_stop_asked)
		return STOP_MS;
	if (m->kill_at && (!due || m->kill_at < due))
		due = m->kill_at;
	if (!due || m->relay.is_draining)
		return -1;
	left = (due - time_monotonic()) / TIME_MILLISECOND + 1;
	return left < 0 ? 0 : left > 60000 ? 60000 : (int)left;
}

static int poll_timeout(const struct monitor *m)
{
	int ms = next_timeout(m);

	return m->is_slim || m->a.is_init || (ms >= 0 && ms < SLIM_MS) ? ms : SLIM_MS;
}

static void fill_own(const struct monitor *m, struct pollfd *p)
{
	/* Once init is gone its pidfd would wake us for ever. */
	bool is_gone = m->relay.is_draining;

	p[ON_INIT].fd = is_gone ? -1 : m->ctr.pidfd;
	p[ON_SIGNALS].fd = m->signal_fd;
	p[ON_HEALTH].fd = is_gone ? -1 : monitor_health_fd(m);
	p[ON_NOTIFY].fd = is_gone ? -1 : monitor_notify_fd(m);
	for (int i = 0; i < OWN_POLLS; i++)
		p[i].events = POLLIN;
}

/* Init is gone, and whoever has its output open says nothing, or who reads it takes nothing. */
static void handle_silence(struct monitor *m)
{
	if (m->relay.is_draining && m->relay.is_tty && !m->relay.frame_n)
		relay_end_output(&m->relay);
	if (m->relay.is_draining && m->relay.is_stop_asked && m->is_slim)
		relay_drop_slow(&m->relay);
}

static void handle_own(struct monitor *m, const struct pollfd *p)
{
	if (!m->relay.is_draining)
		monitor_stop_handle(m);
	if (p[ON_SIGNALS].revents)
		monitor_signals_read(m);
	if (m->health && !m->relay.is_draining)
		monitor_health_handle(m);
	if (p[ON_NOTIFY].revents)
		monitor_notify_handle(m);
}

/* False: what was set up could not begin to run; *e. */
static bool loop(struct monitor *m, struct err *e)
{
	int64_t slim_at = time_monotonic() + SLIM_MS * TIME_MILLISECOND;

	while (!m->relay.is_draining || !relay_is_drained(&m->relay)) {
		struct pollfd p[OWN_POLLS + RELAY_POLLS] = { 0 };
		size_t n = relay_fill(&m->relay, p + OWN_POLLS);
		int got;

		fill_own(m, p);
		got = poll(p, OWN_POLLS + n, poll_timeout(m));
		if (got < 0 && errno != EINTR)
			break;
		if (got == 0)
			handle_silence(m);
		if (!m->is_slim && !m->a.is_init && time_monotonic() >= slim_at)
			monitor_slim_down(m);
		handle_own(m, p);
		relay_handle(&m->relay, p + OWN_POLLS, n);
		if (m->a.is_init && !m->relay.is_draining && !monitor_begin(m, e))
			return false;
		m->state.is_stopped_by_user |= m->relay.is_stop_asked;
		/* After the relay has looked: from now on an empty pipe is the end of it. */
		if (p[ON_INIT].revents)
			relay_drain(&m->relay);
	}
	return true;
}

static int reap(struct monitor *m)
{
	int code = proc_pidfd_reap(m->ctr.pidfd);

	return code < 0 ? 255 : code;
}

/* What is to be known of a container that did not start; one that is --rm is not known at all. */
static void record_failure(struct monitor *m, const struct err *cause)
{
	struct err ignored = { 0 };

	if (m->config->rm)
		return;
	m->state.status = m->a.has_run_before ? STATE_EXITED : STATE_CREATED;
	m->state.pid = m->state.monitor_pid = 0;
	state_set_failure(&m->state, cause);
	(void)state_save_at(&m->state, m->a.record->dirfd, &ignored);
}

static void fail(struct monitor *m, const struct err *cause)
{
	runtime_ctr_clear(&m->ctr);
	record_failure(m, cause);
	monitor_end(m);
	fd_close(&m->a.lock_fd);
	(void)attach_send(m->a.client_sock, ATTACH_ERROR, cause, sizeof(*cause));
	monitor_sweep(m);
}

/* True: it is to be started again. */
static bool run(struct monitor *m)
{
	struct err ignored = { 0 }, late = { 0 };
	bool is_again;
	int32_t code;

	/* An init that waits to begin has a copy of it. */
	if (m->a.is_init)
		record_unlock(&m->a.lock_fd);
	fd_close(&m->a.lock_fd);
	if (!m->a.is_init)
		monitor_stop_after(m, m->config->timeout);
	if (!loop(m, &late)) {
		monitor_health_stop(m);
		fail(m, &late);
		return false;
	}
	monitor_health_stop(m);
	code = reap(m);
	/* As podman's monitor, which did it by itself. */
	if (m->is_timed_out)
		code = 255;
	m->state.exit_code = code;
	m->state.status = STATE_EXITED;
	m->state.finished = time_now();
	is_again = monitor_wants_again(m);
	m->state.pid = 0;
	if (!is_again)
		m->state.monitor_pid = 0;
	logs_writer_close(m->log);
	m->log = NULL;
	events_exit(m->a.engine, m->config, "died", code, NULL);
	monitor_end(m);
	/* From here on another command may start it anew: nothing of ours may lie in its way. */
	if (!m->config->rm)
		(void)state_save_at(&m->state, m->a.record->dirfd, &ignored);
	relay_finish(&m->relay, ATTACH_EXIT, &code, sizeof(code), FINISH_MS);
	monitor_sweep(m);
	return is_again;
}

static void monitor_main(const struct monitor_args *a)
{
	struct monitor *m = xmalloc(sizeof(*m));
	struct err e = { 0 };
	int r;

	init(m, a);
	close(a->other_sock);	/* else the end of the command would never show */
	r = monitor_prepare(m, &e);
	if (r >= 0)
		r = leave_command(m, &e);
	if (m->a.is_init)	/* else what waits to begin would have copies of them */
		monitor_slim_fds();
	if (r >= 0)
		r = monitor_start(m, &e);
	if (r < 0) {
		fail(m, &e);
		return;
	}
	if (m->a.is_init)
		events_container(a->engine, m->config, "init");
	else
		events_start(a->engine, m->config);
	(void)attach_send(m->a.client_sock, ATTACH_STARTED, m->a.record->id, 64);
	if (m->a.is_client_attached)
		(void)relay_add(&m->relay, m->a.client_sock, m->a.client_flags, true);
	else
		close(m->a.client_sock);
	m->a.client_sock = -1;
	for (;;) {
		int64_t start = time_monotonic();

		if (!run(m) || !monitor_again(m, time_monotonic() - start))
			return;
		events_start(a->engine, m->config);
	}
}

int monitor_fork(const struct monitor_args *a, struct err *e)
{
	pid_t pid = fork();

	if (pid < 0)
		return err_sys(e, errno, "start the monitor");
	if (pid == 0) {
		monitor_main(a);
		_exit(0);
	}
	close(a->client_sock);
	close(a->lock_fd);
	return 0;
}
