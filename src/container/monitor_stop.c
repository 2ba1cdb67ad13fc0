/* SPDX-License-Identifier: Apache-2.0 */
/* How init is brought to its end: the stop signal, and SIGKILL when the time is up. */
#include "container/monitor_priv.h"

#include "base/proc.h"
#include "base/sys.h"
#include "base/timefmt.h"

#include <signal.h>

void monitor_stop_after(struct monitor *m, int64_t seconds)
{
	if (seconds > 0)
		m->kill_at = time_monotonic() + seconds * TIME_SECOND;
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
		m->kill_at = time_monotonic() + m->config->stop_timeout * TIME_SECOND;
}

void monitor_stop_handle(struct monitor *m)
{
	if (!m->kill_at || time_monotonic() < m->kill_at)
		return;
	sys_pidfd_send_signal(m->ctr.pidfd, SIGKILL);
	m->kill_at = 0;
	m->is_timed_out = !m->is_ending && m->config->timeout > 0;
}
