/* SPDX-License-Identifier: Apache-2.0 */
/* container cleanup: what a container that has ended may have left behind is put in order. The monitor
 * does that by itself; this is for what a crash left, and for scripts. */
#include "cli/cmd.h"
#include "cli/each.h"
#include "container/ctr_rmi.h"
#include "container/lifecycle.h"
#include "container/record.h"
#include "container/state.h"

#include <stdio.h>

struct cleanup_args {
	bool all, latest, rm, rmi, stopped_only;
	char *exec;
};

static const struct opt cleanup_opts[] = {
	OPT_FLAG('a', "all", struct cleanup_args, all, "every container that does not run"),
	OPT_STR(0, "exec", struct cleanup_args, exec, "ID", "of an exec session; the kernel leaves nothing of one"),
	OPT_FLAG('l', "latest", struct cleanup_args, latest, "the newest container"),
	OPT_FLAG(0, "rm", struct cleanup_args, rm, "remove the container then"),
	OPT_FLAG(0, "rmi", struct cleanup_args, rmi, "remove container and image then"),
	OPT_FLAG(0, "stopped-only", struct cleanup_args, stopped_only, "one that was never started is left alone"),
	OPT_END,
};

static int remove_it(struct cmd_context *c, const struct record *rec, const struct cleanup_args *a,
		     struct err *e)
{
	const struct lifecycle_remove how = { .volumes = true, .timeout = -1 };

	if (lifecycle_remove(c->engine, rec->id, &how, e) < 0)
		return -e->code;
	if (a->rmi)
		(void)ctr_rmi(c->engine, &rec->config);
	return 0;
}

static int cleanup_one(struct cmd_context *c, const char *name, void *arg, struct err *e)
{
	const struct cleanup_args *a = arg;
	auto_of(record_free) struct record *rec = NULL;
	auto_of(state_clear) struct state st = { 0 };

	/* This is what puts in order. */
	if (record_open(&rec, c->engine, name, e) < 0 || (!a->all && lifecycle_disown(c->engine, rec, e) < 0) ||
	    lifecycle_state(&st, c->engine, rec, e) < 0)
		return a->all && e->code == EREMOTE ? 0 : -e->code;
	if (!a->exec && (state_is_alive(&st) || st.is_restarting)) {
		if (a->all)
			return 0;
		return err_set(e, EBUSY, "container %s is %s: refusing to clean up: stop it first", name,
			       st.is_restarting ? "restarting" : state_name(st.status));
	}
	if (a->stopped_only && st.status == STATE_CREATED)
		return 0;
	if (!a->exec && (a->rm || a->rmi) && remove_it(c, rec, a, e) < 0)
		return -e->code;
	printf("%s\n", name);
	return 0;
}

static int cleanup_main(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	struct cleanup_args *a = args;
	struct each_select select = { .all = a->all, .latest = a->latest };
	auto_of(strv_clear) struct strv names = { 0 };

	if (a->exec && (a->all || a->rm || a->rmi || rest->n > 1))
		return err_set(e, ERR_USAGE, "container cleanup: --exec is about one container, and removes "
			       "nothing");
	if (each_select(c, &select, rest, &names, e) < 0)
		return -e->code;
	return each_operand(c, &names, cleanup_one, a, e);
}

const struct cmd cmd_container_cleanup = {
	.path = "container cleanup", .args = "CONTAINER...",
	.help = "put in order what ended containers may have left", .opts = cleanup_opts,
	.args_size = sizeof(struct cleanup_args), .max_args = -1, .needs = NEED_ENGINE,
	.fn = cleanup_main,
};
