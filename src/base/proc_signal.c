/* SPDX-License-Identifier: Apache-2.0 */
/* Signals by name, as kill(1) and the command lines of podman and docker write them. */
#include "base/proc.h"

#include "base/units.h"

#include <signal.h>
#include <string.h>
#include <strings.h>

static int parse_realtime(const char *s)
{
	const char *rest;
	int64_t n = 0;
	int sig;

	if ((rest = strcasestr(s, "RTMIN")) == s) {
		rest += strlen("RTMIN");
		if (*rest && (*rest != '+' || units_parse_int(rest + 1, &n) < 0))
			return -EINVAL;
		if (n < 0 || n > SIGRTMAX - SIGRTMIN)
			return -EINVAL;
		sig = SIGRTMIN + n;
	} else if ((rest = strcasestr(s, "RTMAX")) == s) {
		rest += strlen("RTMAX");
		if (*rest && (*rest != '-' || units_parse_int(rest + 1, &n) < 0))
			return -EINVAL;
		if (n < 0 || n > SIGRTMAX - SIGRTMIN)
			return -EINVAL;
		sig = SIGRTMAX - n;
	} else {
		return -EINVAL;
	}
	return sig;
}

int proc_signal_parse(const char *s)
{
	static const struct {
		const char *name;
		int sig;
	} others[] = {
		{ "IOT", SIGIOT }, { "CLD", SIGCHLD }, { "IO", SIGIO }, { "POLL", SIGPOLL },
	};
	int64_t n;

	if (units_parse_int(s, &n) == 0)
		return n >= 1 && n <= SIGRTMAX ? (int)n : -EINVAL;
	if (strncasecmp(s, "SIG", 3) == 0)
		s += 3;
	for (int sig = 1; sig < 32; sig++) {
		const char *name = sigabbrev_np(sig);

		if (name && strcasecmp(s, name) == 0)
			return sig;
	}
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (strcasecmp(s, others[i].name) == 0)
			return others[i].sig;
	return parse_realtime(s);
}

char *proc_signal_name(int sig)
{
	const char *name = sig > 0 && sig < 32 ? sigabbrev_np(sig) : NULL;

	if (name)
		return xasprintf("SIG%s", name);
	if (sig == SIGRTMIN)
		return xstrdup("SIGRTMIN");
	if (sig > SIGRTMIN && sig <= SIGRTMAX)
		return xasprintf("SIGRTMIN+%d", sig - SIGRTMIN);
	return xasprintf("%d", sig);
}
