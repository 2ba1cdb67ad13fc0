/* SPDX-License-Identifier: Apache-2.0 */
/* THEORY
 * `container init` leaves a container in which everything is made and nothing runs: init waits for
 * START_EXEC, and the monitor is in its usual loop, in state "initialized". `start` connects as every
 * client does and says BEGIN; the answer (STARTED, or the ERROR that ends the container) is the first
 * frame on that connection, for nothing can have been output before. The lock is held by start
 * meanwhile: who wants to enter the container waits for it (record_lock_shared).
 */
#include "container/monitor_priv.h"

#include "base/timefmt.h"
#include "container/events.h"

int monitor_prepared(struct monitor *m, struct err *e)
{
	if (monitor_hooks_run(m, SPEC_HOOK_PRESTART, "created", e) < 0)
		return -e->code;
	return monitor_hooks_run(m, SPEC_HOOK_CREATE_RUNTIME, "created", e);
}

int monitor_exec(struct monitor *m, struct err *e)
{
	struct err ignored = { 0 };

	if (runtime_start(&m->ctr, e) < 0)
		return -e->code;
	monitor_notify_started(m);
	/* runtime.md: a failing poststart hook is no reason to stop. */
	(void)monitor_hooks_run(m, SPEC_HOOK_POSTSTART, "running", &ignored);
	return 0;
}

static int begin(struct monitor *m, struct err *e)
{
	m->state.status = STATE_RUNNING;
	m->state.started = time_now();
	monitor_health_start(m);
	if (state_save_at(&m->state, m->a.record->dirfd, e) < 0 || monitor_exec(m, e) < 0)
		return -e->code;
	monitor_stop_after(m, m->config->timeout);
	events_container(m->a.engine, m->config, "start");
	return 0;
}

bool monitor_begin(struct monitor *m, struct err *e)
{
	int sock = relay_take_beginner(&m->relay);

	if (sock < 0)
		return true;
	m->a.is_init = false;
	if (begin(m, e) < 0) {
		m->a.client_sock = sock;
		return false;
	}
	(void)attach_send(sock, ATTACH_STARTED, m->a.record->id, 64);
	return true;
}
