/* SPDX-License-Identifier: Apache-2.0 */
/* THEORY
 * All containers at once, in the time of the slowest: each monitor is told to end its container (the
 * stop signal, no restart), and only then are they waited for. A time that is shorter than what a
 * container would be given is kept by us, with SIGKILL to what is still there; a monitor that does not
 * come to its end then is killed too, and what it leaves is put in order.
 */
#include "container/lifecycle.h"

#include "base/fd.h"
#include "base/proc.h"
#include "base/sys.h"
#include "base/timefmt.h"
#include "container/pause.h"

#include <limits.h>
#include <signal.h>

#define KILL_MS 10000

struct ending {
	struct record *record;		/* owned */
	int init_fd, monitor_fd;	/* owned; below 0: gone already */
};

static bool begin(struct ending *out, struct engine *g, const char *id)
{
	auto_of(record_free) struct record *r = NULL;
	auto_of(state_clear) struct state s = { 0 };
	struct err gone = { 0 };

	if (record_open(&r, g, id, &gone) < 0 || lifecycle_state(&s, g, r, &gone) < 0 ||
	    (!state_is_alive(&s) && !s.is_restarting))
		return false;
	out->init_fd = state_open_init(&s);
	out->monitor_fd = proc_open_checked(s.monitor_pid, s.monitor_start);
	if (out->monitor_fd >= 0) {
		sys_pidfd_send_signal(out->monitor_fd, SIGUSR1);
		sys_pidfd_send_signal(out->monitor_fd, SIGTERM);
	}
	if (s.status == STATE_PAUSED)
		pause_thaw(&s);
	out->record = steal_ptr(&r);
	return true;
}

static void wait_until(const struct ending *x, int64_t deadline)
{
	int64_t left = (deadline - time_monotonic()) / TIME_MILLISECOND;

	if (x->monitor_fd >= 0)
		proc_pidfd_wait(x->monitor_fd, left < 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left);
}

static void finish(struct engine *g, struct ending *x)
{
	auto_of(state_clear) struct state s = { 0 };
	struct err ignored = { 0 };

	if (x->monitor_fd >= 0 && proc_pidfd_wait(x->monitor_fd, KILL_MS) != 1) {
		sys_pidfd_send_signal(x->monitor_fd, SIGKILL);
		proc_pidfd_wait(x->monitor_fd, KILL_MS);
	}
	(void)lifecycle_state(&s, g, x->record, &ignored);
	fd_close(&x->init_fd);
	fd_close(&x->monitor_fd);
	record_free(x->record);
}

int lifecycle_stop_all(struct engine *g, int64_t seconds, struct err *e)
{
	auto_of(strv_clear) struct strv ids = { 0 };
	int64_t limit = seconds > INT_MAX ? INT_MAX : seconds, deadline;
	autofree struct ending *all = NULL;
	size_t n = 0;

	if (record_list(g, &ids, e) < 0)
		return -e->code;
	all = xcalloc(ids.n, sizeof(*all));
	deadline = time_monotonic() + limit * TIME_SECOND;
	for (size_t i = 0; i < ids.n; i++)
		n += begin(&all[n], g, ids.v[i]);
	for (size_t i = 0; i < n; i++)
		wait_until(&all[i], deadline);
	for (size_t i = 0; i < n; i++)
		if (all[i].init_fd >= 0)
			sys_pidfd_send_signal(all[i].init_fd, SIGKILL);
	for (size_t i = 0; i < n; i++)
		finish(g, &all[i]);
	return n;
}
