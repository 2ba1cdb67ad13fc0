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

#define SECOND INT64_C(1000000000)

static int run_hooks(struct monitor *m, enum spec_hook_stage stage, const char *status, struct err *e)
{
	autofree char *state = NULL;

	if (!m->spec.hooks_n[stage])
		return 0;
	state = monitor_hook_state(m, status);
	return runtime_run_hooks(&m->spec, stage, state, e);
}

int monitor_prepared(struct monitor *m, struct err *e)
{
	if (run_hooks(m, SPEC_HOOK_PRESTART, "created", e) < 0)
		return -e->code;
	return run_hooks(m, SPEC_HOOK_CREATE_RUNTIME, "created", e);
}

int monitor_exec(struct monitor *m, struct err *e)
{
	struct err ignored = { 0 };

	if (runtime_start(&m->ctr, e) < 0)
		return -e->code;
	monitor_notify_started(m);
	/* runtime.md: a failing poststart hook is no reason to stop. */
	(void)run_hooks(m, SPEC_HOOK_POSTSTART, "running", &ignored);
	return 0;
}

static int begin(struct monitor *m, struct err *e)
{
	m->state.status = STATE_RUNNING;
	m->state.started = time_now();
	monitor_health_start(m);
	if (state_save_at(&m->state, m->a.record->dirfd, e) < 0 || monitor_exec(m, e) < 0)
		return -e->code;
	if (m->config->timeout > 0)
		m->kill_at = time_monotonic() + m->config->timeout * SECOND;
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
