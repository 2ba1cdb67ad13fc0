/* SPDX-License-Identifier: Apache-2.0 */
#include "container/monitor_priv.h"

#include "runtime/hooks.h"
#include "storage/store.h"

static char *state_for(const struct monitor *m, const char *status)
{
	autofree char *bundle = xasprintf("%s/containers/%s", m->a.engine->store->root,
					  m->a.record->id);

	return hooks_state(m->a.record->id, &m->config->annotations, status, m->ctr.pid, bundle);
}

int monitor_hooks_run(struct monitor *m, enum spec_hook_stage stage, const char *status, struct err *e)
{
	autofree char *state = NULL;

	if (!m->spec.hooks_n[stage])
		return 0;
	state = state_for(m, status);
	return runtime_run_hooks(&m->spec, stage, state, e);
}
