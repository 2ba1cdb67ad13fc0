/* SPDX-License-Identifier: Apache-2.0 */
/* THEORY
 * A check is run by a fork of the monitor that lives as long as the check. The monitor itself only sees
 * a pipe: one struct health_result, then the end of file. So a check that hangs, a container that is
 * frozen or a lock that is held cannot stop the monitor, and what a check needs of memory is gone with
 * the fork. No result (the container is paused or about to end) counts as no check.
 */
#include "container/monitor_priv.h"

#include "base/fd.h"
#include "base/sys.h"
#include "base/timefmt.h"
#include "container/health.h"

#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define GRACE (10 * TIME_SECOND)	/* for the fork to come to an end after the check's timeout */
#define RETRY (100 * TIME_MILLISECOND)	/* somebody else has the container's lock */

struct monitor_health {
	struct health_plan plan;
	struct health_startup startup;
	bool is_starting_up;		/* the startup check is still to succeed */
	int64_t due;			/* monotonic ns; 0 never */
	pid_t pid;			/* of the fork; 0: none runs */
	int fd;				/* owned; its result; -1 */
	size_t got;			/* bytes of the result */
	bool is_whole;			/* the result waits to be recorded */
	struct health_result result;
};

static void plan_next(struct monitor_health *h)
{
	int64_t interval = h->is_starting_up ? h->plan.startup_interval : h->plan.interval;

	h->due = interval ? time_monotonic() + interval : 0;
}

/* What the checks of the run before have found is still to be read. */
static struct json *health_before(const struct monitor *m)
{
	auto_of(state_clear) struct state old = { 0 };
	struct err ignored = { 0 };

	if (!m->a.has_run_before || state_load_at(&old, m->a.record->dirfd, &ignored) < 0)
		return health_new(NULL);
	return health_new(old.health);
}

void monitor_health_start(struct monitor *m)
{
	struct health_plan plan = { 0 };
	struct err ignored = { 0 };

	if (health_plan_load(&plan, m->config, &ignored) < 0 || !plan.command.n) {
		health_plan_clear(&plan);
		return;
	}
	m->health = xcalloc(1, sizeof(*m->health));
	m->health->plan = plan;
	m->health->fd = -1;
	m->health->is_starting_up = plan.startup.n > 0;
	if (!m->state.health)
		m->state.health = health_before(m);
	plan_next(m->health);
}

static void end_check(struct monitor_health *h)
{
	fd_close(&h->fd);
	if (h->pid) {
		kill(h->pid, SIGKILL);		/* our child, not yet reaped */
		while (waitpid(h->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	h->pid = 0;
	h->got = 0;
}

void monitor_health_stop(struct monitor *m)
{
	auto_of(state_clear) struct state s = { 0 };
	struct err ignored = { 0 };

	if (!m->health)
		return;
	/* `healthcheck run` may have had the last word. */
	if (state_load_at(&s, m->a.record->dirfd, &ignored) >= 0 && s.health) {
		json_free(m->state.health);
		m->state.health = steal_ptr(&s.health);
	}
	end_check(m->health);
	health_plan_clear(&m->health->plan);
	free(m->health);
	m->health = NULL;
}

int monitor_health_fd(const struct monitor *m)
{
	return m->health ? m->health->fd : -1;
}

int64_t monitor_health_due(const struct monitor *m)
{
	return m->health ? m->health->due : 0;
}

static void check(struct monitor *m, int fd)
{
	struct monitor_health *h = m->health;
	struct err ignored = { 0 };

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, "rootlet-health");
	/* Nobody's stdin, output or connection may stay open because of us. */
	relay_clear(&m->relay);
	if (health_run(m->a.engine, m->a.record,
		       h->is_starting_up ? &h->plan.startup : &h->plan.command,
		       h->is_starting_up ? h->plan.startup_timeout : h->plan.timeout, &h->result,
		       &ignored) >= 0)
		(void)fd_write_all(fd, &h->result,
				   offsetof(struct health_result, output) + h->result.n);
}

static void start_check(struct monitor *m)
{
	struct monitor_health *h = m->health;
	int p[2];

	plan_next(h);
	if (fd_pipe(p) < 0)
		return;
	h->pid = fork();
	if (h->pid == 0) {
		close(p[0]);
		check(m, p[1]);
		_exit(0);
	}
	close(p[1]);
	if (h->pid < 0) {
		h->pid = 0;
		close(p[0]);
		return;
	}
	(void)fd_set_nonblock(p[0], true);
	h->fd = p[0];
	h->got = 0;
	h->due = time_monotonic() + GRACE +
		 (h->is_starting_up ? h->plan.startup_timeout : h->plan.timeout);
}

static void act(struct monitor *m)
{
	enum health_on_failure action = m->health->plan.on_failure;

	if (action == HEALTH_ON_FAILURE_NONE)
		return;
	if (action == HEALTH_ON_FAILURE_RESTART)
		m->is_restart_asked = true;
	else
		m->state.is_stopped_by_user = true;
	if (action == HEALTH_ON_FAILURE_KILL)
		sys_pidfd_send_signal(m->ctr.pidfd, SIGKILL);
	else
		monitor_stop(m);
}

static void settle(struct monitor *m)
{
	struct monitor_health *h = m->health;
	enum health_change change = HEALTH_SAME;
	enum health_startup_outcome outcome;
	struct json *now = NULL;
	struct err e = { 0 };

	if (h->is_starting_up) {
		outcome = health_startup_note(&h->startup, &h->plan, !h->result.exit_code);
		h->is_starting_up = outcome != HEALTH_STARTUP_DONE;
		if (outcome == HEALTH_STARTUP_FAILED) {
			m->is_restart_asked = true;
			monitor_stop(m);
		}
	} else {
		if (health_record(m->a.record, &h->plan, &h->result, &now, &change, &e) < 0 &&
		    e.code == EAGAIN) {
			h->due = time_monotonic() + RETRY;
			return;
		}
		if (now) {
			json_free(m->state.health);
			m->state.health = now;
			health_tell(m->a.engine, m->config, now);
		}
	}
	h->is_whole = false;
	plan_next(h);
	if (change == HEALTH_TURNED_HEALTHY)
		monitor_notify_healthy(m);
	if (change == HEALTH_TURNED_UNHEALTHY)
		act(m);
	monitor_slim_pages();
}

/* The fork writes the head and what it needs of output: anything shorter is no result. */
static bool is_whole(const struct monitor_health *h)
{
	size_t head = offsetof(struct health_result, output);

	return h->got >= head && h->result.n <= HEALTH_OUTPUT_MAX && h->got == head + h->result.n;
}

static void read_result(struct monitor *m)
{
	struct monitor_health *h = m->health;
	ssize_t n;

	do {
		n = read(h->fd, (char *)&h->result + h->got, sizeof(h->result) - h->got);
		if (n > 0)
			h->got += n;
	} while (n > 0);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	h->is_whole = is_whole(h);
	end_check(h);
	plan_next(h);
	if (h->is_whole)
		settle(m);
}

void monitor_health_handle(struct monitor *m)
{
	struct monitor_health *h = m->health;

	if (h->fd >= 0)
		read_result(m);
	if (!h->due || time_monotonic() < h->due)
		return;
	if (h->fd >= 0) {		/* the fork itself hangs */
		end_check(h);
		plan_next(h);
	} else if (h->is_whole) {
		settle(m);
	} else {
		start_check(m);
	}
}
