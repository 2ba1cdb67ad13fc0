/* SPDX-License-Identifier: Apache-2.0 */
/* What a command says to the monitor of a container, and waiting for its last word. */
#include "container/lifecycle_priv.h"

#include "base/fd.h"
#include "base/proc.h"
#include "base/sys.h"
#include "container/attach.h"

#include <limits.h>
#include <signal.h>

int lifecycle_wait_end(const struct state *s, int sock, int64_t ms, int *exit_code)
{
	autoclose int monitor_fd = -1;
	int limit = ms < 0 ? -1 : ms > INT_MAX ? INT_MAX : (int)ms, r = -EPIPE;

	if (sock >= 0) {
		r = attach_wait_exit(sock, limit, exit_code);
		if (r >= 0)
			return r;
	}
	/* No socket, or it was closed under us: the monitor is ending, or dead. */
	monitor_fd = proc_open_checked(s->monitor_pid, s->monitor_start);
	if (monitor_fd < 0)
		return -ESRCH;
	r = proc_pidfd_wait(monitor_fd, limit);
	return r == 1 ? -ESRCH : r;
}

void lifecycle_end_monitor(const struct state *s)
{
	autoclose int fd = proc_open_checked(s->monitor_pid, s->monitor_start);

	if (fd >= 0) {
		sys_pidfd_send_signal(fd, SIGKILL);
		proc_pidfd_wait(fd, LIFECYCLE_KILL_MS);
	}
}

void lifecycle_tell_monitor(const struct state *s, int sig)
{
	autoclose int fd = proc_open_checked(s->monitor_pid, s->monitor_start);

	if (fd >= 0)
		sys_pidfd_send_signal(fd, sig);
}

void lifecycle_reload(const struct record *r)
{
	auto_of(state_clear) struct state s = { 0 };
	struct err ignored = { 0 };

	if (state_load(&s, r, &ignored) >= 0 && s.monitor_pid > 0)
		lifecycle_tell_monitor(&s, SIGHUP);
}

int lifecycle_rename(struct engine *g, struct record *r, const char *name, struct err *e)
{
	if (record_rename(g, r, name, e) < 0)
		return -e->code;
	/* With --rm it is the monitor that takes the name away. */
	lifecycle_reload(r);
	return 0;
}

int lifecycle_end_pause(const struct record *r, const struct state *s, struct err *e)
{
	autoclose int fd = proc_open_checked(s->monitor_pid, s->monitor_start);

	if (fd < 0)
		return 0;
	sys_pidfd_send_signal(fd, SIGUSR1);
	sys_pidfd_send_signal(fd, SIGTERM);
	if (proc_pidfd_wait(fd, r->config.stop_timeout * 1000 + LIFECYCLE_KILL_MS) == 1)
		return 0;
	return err_set(e, ETIMEDOUT, "the monitor of container %s (pid %d) does not end",
		       r->config.name, s->monitor_pid);
}
