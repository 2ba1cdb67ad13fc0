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
#include "base/sys.h"
#include "base/timefmt.h"
#include "container/events.h"
#include "container/monitor_priv.h"

#include <dirent.h>
#include <link.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define FINISH_MS 10000		/* for the slowest client to take its EXIT */
#define SECOND INT64_C(1000000000)
#define STOP_MS 1000		/* who asks for the end does not wait longer for slow readers */
#define OWN_POLLS 4		/* init, signals, health check, notify socket */
#define SLIM_MS 50		/* what is over before is not worth tidying up for */

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
	sigset_t set;

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
	signal(SIGPIPE, SIG_IGN);
	/* What a terminal or a careless killer sends to the group of the command has not us in mind;
	 * SIGTERM is for us and means: stop the container. */
	sigfillset(&set);
	sigdelset(&set, SIGCHLD);
	sigprocmask(SIG_SETMASK, &set, NULL);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGHUP);
	m->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return m->signal_fd < 0 ? err_sys(e, errno, "signalfd") : 0;
}

/* Descriptors that the command was started with (a CI's pipe, make's jobserver): they are the only ones
 * without O_CLOEXEC, and somebody may wait for their end. */
static void close_inherited(void)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		int fd = atoi(entry->d_name);

		if (fd > 2 && fd != dirfd(dir) && !(fcntl(fd, F_GETFD) & FD_CLOEXEC))
			close(fd);
	}
	if (dir)
		closedir(dir);
}

static int drop_segments(struct dl_phdr_info *info, size_t size, void *arg)
{
	size_t page = getpagesize();

	(void)size;
	(void)arg;
	for (int i = 0; i < info->dlpi_phnum && !strstr(info->dlpi_name, "vdso"); i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];
		uintptr_t from = (info->dlpi_addr + p->p_vaddr) & ~(page - 1);
		uintptr_t to = (info->dlpi_addr + p->p_vaddr + p->p_memsz + page - 1) & ~(page - 1);

		if (p->p_type == PT_LOAD && !(p->p_flags & PF_W))
			(void)madvise((void *)from, to - from, MADV_DONTNEED);
	}
	return 0;
}

void monitor_drop_pages(void)
{
	dl_iterate_phdr(drop_segments, NULL);
}

/* What only the start needed. */
static void slim_down(struct monitor *m)
{
	struct spec *s = &m->spec;
	char title[40];

	/* Not for as long as the container runs: -e PASSWORD=... */
	snprintf(title, sizeof(title), "rootlet-monitor %.12s", m->a.record->id);
	proc_set_title(title, false);
	m->is_slim = true;
	for (int i = 0; i < 3; i++)
		fd_close(&m->stdio[i]);
	close_inherited();
	rootfs_free(m->rootfs);
	m->rootfs = NULL;
	ctr_root_clear(&m->root);
	volume_fill_clear(&m->fill);
	image_mounts_clear(&m->images);
	json_free(m->a.engine->conf);
	m->a.engine->conf = NULL;
	fd_close(&m->ctr.sync_fd);
	if (!s->hooks_n[SPEC_HOOK_POSTSTOP])
		spec_clear(s);
	malloc_trim(0);
	monitor_drop_pages();
}

void monitor_stop(struct monitor *m)
{
	int sig = m->config->stop_signal ? proc_signal_parse(m->config->stop_signal) : SIGTERM;

	if (m->a.is_init)	/* nothing runs in it that could listen */
		sig = SIGKILL;

	if (m->ctr.pidfd < 0 || m->state.status == STATE_EXITED)
		return;
	sys_pidfd_send_signal(m->ctr.pidfd, sig > 0 ? sig : SIGTERM);
	if (!m->kill_at)
		m->kill_at = time_monotonic() + m->config->stop_timeout * SECOND;
}

/* `update` has changed what may be changed of a container that runs. */
static void reload(struct monitor *m)
{
	auto_of(record_free) struct record *fresh = NULL;
	struct err ignored = { 0 };

	if (record_open(&fresh, m->a.engine, m->a.record->id, &ignored) < 0)
		return;
	config_update(&m->a.record->config, &fresh->config);
	if (m->state.status != STATE_EXITED) {
		monitor_health_stop(m);
		monitor_health_start(m);
	}
}

void monitor_read_signals(struct monitor *m)
{
	struct signalfd_siginfo si;

	while (read(m->signal_fd, &si, sizeof(si)) == (ssize_t)sizeof(si)) {
		if (si.ssi_signo == SIGHUP) {
			reload(m);
			continue;
		}
		m->is_ending = true;
		if (si.ssi_signo == SIGTERM)
			monitor_stop(m);
		else
			m->state.is_stopped_by_user = true;
	}
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
	left = (due - time_monotonic()) / 1000000 + 1;
	return left < 0 ? 0 : left > 60000 ? 60000 : (int)left;
}

static int poll_timeout(const struct monitor *m)
{
	int ms = next_timeout(m);

	return m->is_slim || m->a.is_init || (ms >= 0 && ms < SLIM_MS) ? ms : SLIM_MS;
}

/* False: what was set up could not begin to run; *e. */
static bool loop(struct monitor *m, struct err *e)
{
	struct pollfd p[RELAY_POLLS + OWN_POLLS];
	int64_t slim_at = time_monotonic() + SLIM_MS * INT64_C(1000000);

	while (!m->relay.is_draining || !relay_is_drained(&m->relay)) {
		size_t n = relay_fill(&m->relay, p + OWN_POLLS);
		int got;

		/* Once init is gone its pidfd would wake us for ever. */
		p[0] = (struct pollfd){ .fd = m->relay.is_draining ? -1 : m->ctr.pidfd,
					.events = POLLIN };
		p[1] = (struct pollfd){ .fd = m->signal_fd, .events = POLLIN };
		p[2] = (struct pollfd){ .fd = m->relay.is_draining ? -1 : monitor_health_fd(m),
					.events = POLLIN };
		p[3] = (struct pollfd){ .fd = m->relay.is_draining ? -1 : monitor_notify_fd(m),
					.events = POLLIN };
		got = poll(p, n + OWN_POLLS, poll_timeout(m));
		if (got < 0 && errno != EINTR)
			break;
		if (got == 0 && m->relay.is_draining && m->relay.is_tty && !m->relay.frame_n)
			relay_end_output(&m->relay);
		if (got == 0 && m->relay.is_draining && m->relay.is_stop_asked && m->is_slim)
			relay_drop_slow(&m->relay);
		if (!m->is_slim && !m->a.is_init && time_monotonic() >= slim_at)
			slim_down(m);
		if (!m->relay.is_draining && m->kill_at && time_monotonic() >= m->kill_at) {
			sys_pidfd_send_signal(m->ctr.pidfd, SIGKILL);
			m->kill_at = 0;
			m->is_timed_out = !m->is_ending && m->config->timeout > 0;
		}
		if (p[1].revents)
			monitor_read_signals(m);
		if (m->health && !m->relay.is_draining)
			monitor_health_handle(m);
		if (p[3].revents)
			monitor_notify_handle(m);
		relay_handle(&m->relay, p + OWN_POLLS, n);
		if (m->a.is_init && !m->relay.is_draining && !monitor_begin(m, e))
			return false;
		m->state.is_stopped_by_user |= m->relay.is_stop_asked;
		/* After the relay has looked: from now on an empty pipe is the end of it. */
		if (p[0].revents)
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
	m->state.exit_code = cause->code == ERR_EXEC_NOENT ? 127 : cause->code == ERR_EXEC_PERM ? 126
										      : 125;
	m->state.pid = m->state.monitor_pid = 0;
	xreplace(&m->state.error, cause->msg);
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
	if (m->config->timeout > 0 && !m->a.is_init)
		m->kill_at = time_monotonic() + m->config->timeout * SECOND;
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
		close_inherited();
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
