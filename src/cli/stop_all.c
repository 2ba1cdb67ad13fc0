/* SPDX-License-Identifier: Apache-2.0 */
/* system stop-all: nothing of this user's containers runs any more, for the epilog of a batch job. */
#include "cli/cmd.h"
#include "container/lifecycle.h"
#include "userns/session.h"

#include <stdio.h>

struct stop_all_args {
	uint64_t time;
};

static void stop_all_init(void *args)
{
	((struct stop_all_args *)args)->time = 10;
}

static const struct opt stop_all_opts[] = {
	OPT_UINT('t', "time", struct stop_all_args, time, "SECONDS", "time for all of them together before they are killed (default 10)"),
	OPT_ALIAS(0, "timeout", "time"),
	OPT_END,
};

static int stop_all_main(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	const struct stop_all_args *a = args;
	int n;

	(void)rest;
	n = lifecycle_stop_all(c->engine, a->time, e);
	if (n < 0)
		return n;
	if (session_end(c->session, e) < 0)
		return -e->code;
	printf("%d container%s stopped\n", n, n == 1 ? "" : "s");
	return 0;
}

const struct cmd cmd_system_stop_all = {
	.path = "system stop-all",
	.help = "stop every container, and end the session with all its processes",
	.opts = stop_all_opts, .args_size = sizeof(struct stop_all_args), .needs = NEED_ENGINE,
	.init = stop_all_init, .fn = stop_all_main,
};
