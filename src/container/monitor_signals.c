/* SPDX-License-Identifier: Apache-2.0 */
/* What others tell the monitor by a signal, read from its descriptor when the loop comes round. */
#include "container/monitor_priv.h"


#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

int monitor_signals_open(struct monitor *m, struct err *e)
{
	sigset_t set;

	signal(SIGPIPE, SIG_IGN);
	/* What a terminal or a careless killer sends to the group of the command has not us in mind. */
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

void monitor_signals_read(struct monitor *m)
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
