/* SPDX-License-Identifier: Apache-2.0 */
/* start and init: containers that exist begin to run, or are made ready to. */
#include "base/str.h"
#include "cli/cmd.h"
#include "cli/each.h"
#include "cli/preserve.h"
#include "container/lifecycle.h"
#include "container/record.h"
#include "container/state.h"

#include <stdio.h>
#include <stdlib.h>

struct start_args {
	bool all, latest, attach, interactive;
	struct strv filters;
	char *detach_keys;
	int sig_proxy;
	int exit_code;			/* of the one that was attached */
	struct preserve keep;
	bool takes_any;			/* chosen by --all or --filter: what runs already is passed over */
};

static const struct opt start_opts[] = {
	OPT_FLAG(0, "all", struct start_args, all, "every container that does not run"),
	OPT_FLAG('a', "attach", struct start_args, attach, "attach its output"),
	OPT_NEVER(0, "checkpoint", "NAME", "CRIU restores checkpoints as root only: use commit, or a volume"),
	OPT_NEVER(0, "checkpoint-dir", "DIR", "CRIU restores checkpoints as root only"),
	OPT_STR(0, "detach-keys", struct start_args, detach_keys, "KEYS", "keys that leave it running"),
	OPT_LIST('f', "filter", struct start_args, filters, "KEY=VALUE", "those that match and do not run"),
	OPT_FLAG('i', "interactive", struct start_args, interactive, "attach its stdin"),
	OPT_FLAG('l', "latest", struct start_args, latest, "the newest container"),
	OPT_TRISTATE(0, "sig-proxy", struct start_args, sig_proxy, "pass signals on (default true)"),
	OPT_END,
};

static int start_one(struct cmd_context *c, const char *name, void *arg, struct err *e)
{
	struct start_args *a = arg;
	auto_of(record_free) struct record *rec = NULL;
	auto_of(state_clear) struct state st = { 0 };
	struct lifecycle_start start = {
		.is_attached = a->attach || a->interactive,
		.has_stdin = a->interactive, .has_stdout = true, .has_stderr = true,
		.detach_keys = a->detach_keys,
		.preserve_fds = a->keep.fds, .preserve_n = a->keep.n,
		.listen_n = a->keep.listen_n, .listen_names = a->keep.listen_names,
		.notify_socket = getenv("NOTIFY_SOCKET"),
	};
	bool is_detached = false;
	int exit_code = 0, r;

	if (record_open(&rec, c->engine, name, e) < 0 ||
	    lifecycle_state(&st, c->engine, rec, e) < 0)
		return -e->code;
	if (a->takes_any && (st.status == STATE_RUNNING || st.status == STATE_PAUSED))
		return 0;
	start.sig_proxy = a->sig_proxy != 0 && !rec->config.has_tty;
	/* Starting what runs is fine, and with --attach it attaches. */
	r = lifecycle_start(c->engine, rec, &start, &exit_code, &is_detached, e);
	if (r < 0)
		return r;
	if (!start.is_attached)
		printf("%s\n", name);
	a->exit_code = is_detached ? 0 : exit_code;
	return 0;
}

/* What was started is told; then Docker names all that could not be. */
static int start_docker(struct cmd_context *c, const struct strv *names, struct start_args *a, struct err *e)
{
	auto_of(str_clear) struct str failed = { 0 };

	for (size_t i = 0; i < names->n; i++) {
		struct err one = { 0 };

		if (start_one(c, names->v[i], a, &one) >= 0)
			continue;
		str_addf(&failed, "%s%s", failed.len ? ", " : "", names->v[i]);
		each_say(c, &one);
	}
	return failed.len ? err_set(e, EIO, "failed to start containers: %s", failed.p) : 0;
}

static int start_main(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	struct start_args *a = args;
	static const struct strv none;
	struct each_select select = { .all = a->all, .latest = a->latest, .filters = &a->filters };
	auto_of(strv_clear) struct strv names = { 0 };

	a->takes_any = a->all || a->filters.n;
	if ((a->attach || a->interactive) && (rest->n > 1 || a->takes_any))
		return err_set(e, ERR_USAGE, "start: only one container can be attached at a time");
	if (preserve_collect(&a->keep, c->inherited, 0, &none, true, e) < 0 ||
	    each_select(c, &select, rest, &names, e) < 0)
		return -e->code;
	if (c->globals->is_docker && !a->attach && !a->interactive)
		return start_docker(c, &names, a, e);
	if (each_operand(c, &names, start_one, a, e) < 0)
		return -e->code;
	return a->exit_code;
}

static void start_clear(void *args)
{
	preserve_clear(&((struct start_args *)args)->keep);
}

const struct cmd cmd_container_start = {
	.path = "container start", .alias = "start", .args = "CONTAINER...",
	.help = "start containers", .opts = start_opts, .args_size = sizeof(struct start_args),
	.max_args = -1, .needs = NEED_ENGINE, .clear = start_clear, .fn = start_main,
};

static const struct opt init_opts[] = {
	OPT_FLAG('a', "all", struct start_args, all, "every container that was not started"),
	OPT_FLAG('l', "latest", struct start_args, latest, "the newest container"),
	OPT_END,
};

static int init_one(struct cmd_context *c, const char *name, void *arg, struct err *e)
{
	const struct start_args *a = arg;
	auto_of(record_free) struct record *rec = NULL;
	struct lifecycle_start start = { .notify_socket = getenv("NOTIFY_SOCKET") };
	int r;

	if (record_open(&rec, c->engine, name, e) < 0)
		return -e->code;
	r = lifecycle_init(c->engine, rec, &start, e);
	if (r < 0 && a->all && e->code == EALREADY)
		return 0;
	if (r >= 0)
		printf("%s\n", name);
	return r;
}

static int init_main(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	struct start_args *a = args;
	struct each_select select = { .all = a->all, .latest = a->latest };
	auto_of(strv_clear) struct strv names = { 0 };

	if (each_select(c, &select, rest, &names, e) < 0)
		return -e->code;
	return each_operand(c, &names, init_one, a, e);
}

const struct cmd cmd_container_init = {
	.path = "container init", .alias = "init", .args = "CONTAINER...",
	.help = "set containers up, so that start has only to run their command", .opts = init_opts,
	.args_size = sizeof(struct start_args), .max_args = -1, .needs = NEED_ENGINE,
	.fn = init_main,
};
