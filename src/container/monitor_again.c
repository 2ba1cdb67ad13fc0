/* SPDX-License-Identifier: Apache-2.0 */
/* THEORY
 * A container with a restart policy keeps its monitor: the same small process waits and starts it anew.
 * Meanwhile state.json says "exited" and names the monitor: that is what "restarting" means, and it is
 * true only as long as the monitor lives.
 *
 * Who ends that, and the races:
 *
 *   stop, kill, rm -f   send SIGUSR1 (no more restarts, the user's will) before they signal init. A signal waits in its
 *                       descriptor, so it is seen before the decision, however soon init dies.
 *   during the pause    SIGUSR1 and SIGTERM: they end the pause, or the container when the pause was
 *                       just over.
 *   shutdown            SIGTERM alone, from the system: the container ends, but nobody wanted it to:
 *                       it is to run again after the boot (--filter should-start-on-boot).
 *   start               holds the container's lock while it ends the pause as above. The monitor must
 *                       hold that lock to start, and only ever tries for it: whoever has it may be
 *                       waiting for us.
 */
#include "container/monitor_priv.h"

#include "base/fd.h"
#include "base/timefmt.h"
#include "container/events.h"
#include "container/restart.h"

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#define RETRY_MS 50	/* somebody else has the container's lock */

bool monitor_wants_again(struct monitor *m)
{
	struct restart policy;

	monitor_signals_read(m);
	if (m->is_ending || m->state.is_stopped_by_user || m->config->rm)
		return false;
	if (m->is_restart_asked)
		return true;
	return restart_parse(&policy, m->config->restart) >= 0 &&
	       restart_is_due(&policy, m->state.exit_code, m->restarts, false);
}

/* False: the end was asked for. */
static bool wait_for_signal(struct monitor *m, int ms)
{
	struct pollfd p = { .fd = m->signal_fd, .events = POLLIN };

	if (poll(&p, 1, ms) > 0)
		monitor_signals_read(m);
	return !m->is_ending && !m->state.is_stopped_by_user;
}

/* Until it is time and the container is ours. */
static bool pause_for(struct monitor *m, int64_t ns, int *lock)
{
	int64_t end = time_monotonic() + ns, left;

	while ((left = end - time_monotonic()) > 0)
		if (!wait_for_signal(m, left / TIME_MILLISECOND + 1))
			return false;
	while (record_try_lock(m->a.record, lock) < 0)
		if (!wait_for_signal(m, RETRY_MS))
			return false;
	return wait_for_signal(m, 0);
}

/* Network and file system helpers of the run before end by themselves, and nobody waits for them. */
static void reap_helpers(void)
{
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
}

/* Back to where monitor_start begins. */
static int renew(struct monitor *m, struct err *e)
{
	runtime_ctr_clear(&m->ctr);
	relay_clear(&m->relay);
	relay_init(&m->relay);
	rootfs_free(m->rootfs);
	m->rootfs = NULL;
	ctr_root_clear(&m->root);
	volume_fill_clear(&m->fill);
	image_mounts_clear(&m->images);
	netns_clear(&m->net);
	reap_helpers();
	m->net = NETNS_NONE_STARTED;
	for (int i = 0; i < 3; i++)
		fd_close(&m->io_fds[i]);
	fd_close(&m->console_sock[0]);
	fd_close(&m->console_sock[1]);
	state_clear(&m->state);
	m->is_slim = m->is_restart_asked = false;
	m->kill_at = 0;
	m->is_timed_out = false;
	m->a.preserve_n = 0;
	m->a.has_run_before = true;
	m->a.record->is_fresh = false;
	fd_close(&m->rootfs_mount_fd);
	m->a.restart_count = m->restarts;
	fd_close(&m->runtime_dirfd);
	free(m->runtime_path);
	m->runtime_path = NULL;
	spec_clear(&m->spec);
	return monitor_prepare(m, e);
}

static void save_end(struct monitor *m, bool is_again)
{
	struct err ignored = { 0 };

	m->state.status = STATE_EXITED;
	m->state.pid = 0;
	m->state.monitor_pid = is_again ? getpid() : 0;
	if (is_again)
		(void)proc_start_time(getpid(), &m->state.monitor_start);
	m->state.restart_count = m->restarts;
	(void)state_save_at(&m->state, m->a.record->dirfd, &ignored);
}

/* True: try again. */
static bool on_failure(struct monitor *m, const struct err *cause)
{
	bool is_again;

	runtime_ctr_clear(&m->ctr);
	logs_writer_close(m->log);
	m->log = NULL;
	m->state.finished = time_now();
	state_set_failure(&m->state, cause);
	is_again = monitor_wants_again(m);
	monitor_end(m);
	save_end(m, is_again);
	fd_close(&m->a.lock_fd);
	monitor_sweep(m);
	return is_again;
}

bool monitor_again(struct monitor *m, int64_t ran)
{
	for (;;) {
		struct err e = { 0 };

		m->restart_pause = restart_delay(m->restart_pause, ran);
		/* `update` may have taken the policy away meanwhile. */
		if (!pause_for(m, m->restart_pause, &m->a.lock_fd) || !monitor_wants_again(m)) {
			save_end(m, false);
			fd_close(&m->a.lock_fd);
			return false;
		}
		m->restarts++;
		if (renew(m, &e) >= 0 && monitor_start(m, &e) >= 0) {
			events_container(m->a.engine, m->config, "restart");
			return true;
		}
		if (!on_failure(m, &e))
			return false;
		ran = 0;
	}
}
