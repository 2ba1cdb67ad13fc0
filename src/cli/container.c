/* SPDX-License-Identifier: Apache-2.0 */
/* stop, restart, kill, rm, attach, rename, exists, prune: the life of a container. */
#include "base/proc.h"
#include "base/str.h"
#include "cli/cmd.h"
#include "cli/confirm.h"
#include "cli/each.h"
#include "cli/prune.h"
#include "container/lifecycle.h"
#include "container/query.h"
#include "container/record.h"
#include "container/state.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

struct many_args {		/* commands that take containers, or --all */
	bool all, latest, force, volumes, ignore, running, attach, interactive, no_stdin;
	bool depend;
	struct strv filters, cidfiles;
	int64_t time;		/* INT64_MIN: not given; -1: for ever */
	int exit_code;
	char *signal, *detach_keys;
	int sig_proxy;
};

static void many_init(void *args)
{
	struct many_args *a = args;

	a->time = INT64_MIN;
}

/* As the engine wants it: -1 the container's own. */
static int timeout_of(const struct many_args *a, int64_t *seconds, struct err *e)
{
	if (a->time < -1 && a->time != INT64_MIN)
		return err_set(e, ERR_USAGE, "--time %lld: expected seconds, or -1 to wait for ever",
			       (long long)a->time);
	*seconds = a->time == INT64_MIN ? -1 : a->time == -1 ? INT32_MAX : a->time;
	return 0;
}

/* --signal: in our copy of the definition. */
static int use_signal(struct record *r, const char *signal, struct err *e)
{
	if (!signal)
		return 0;
	if (proc_signal_parse(signal) < 0)
		return err_set(e, ERR_USAGE, "--signal: invalid signal: %s (valid signals are 1 through 64)", signal);
	xreplace(&r->config.stop_signal, signal);
	return 0;
}

/* Opens, and with --ignore takes a missing container as done. 1: ignored. */
static int open_one(struct record **out, struct cmd_context *c, const char *name, bool ignore,
		    struct err *e)
{
	int r = record_open(out, c->engine, name, e);

	if (r < 0 && ignore && e->code == ERR_NO_SUCH) {
		e->code = 0;
		return 1;
	}
	return r;
}

static int for_selected(struct cmd_context *c, struct many_args *a, const struct strv *rest,
			bool running_only, each_fn *fn, struct err *e)
{
	auto_of(strv_clear) struct strv names = { 0 };
	struct each_select select = {
		.all = a->all, .latest = a->latest, .filters = &a->filters, .cidfiles = &a->cidfiles,
		.running_only = running_only, .ignores_missing = a->ignore,
	};

	if (each_select(c, &select, rest, &names, e) < 0)
		return -e->code;
	return each_operand(c, &names, fn, a, e);
}

#define STOP_SELECT                                                                                \
	OPT_FLAG('a', "all", struct many_args, all, "every running container"),                   \
	OPT_LIST(0, "cidfile", struct many_args, cidfiles, "PATH", "file that names a container"), \
	OPT_LIST('f', "filter", struct many_args, filters, "KEY=VALUE", "those that match"),      \
	OPT_FLAG('l', "latest", struct many_args, latest, "the newest container")

static const struct opt stop_opts[] = {
	STOP_SELECT,
	OPT_FLAG('i', "ignore", struct many_args, ignore, "a container that is not there is no error"),
	OPT_LATER(0, "service", NULL, "service containers belong to kube play"),
	OPT_STR('s', "signal", struct many_args, signal, "SIGNAL", "instead of its stop signal"),
	OPT_INT('t', "time", struct many_args, time, "SECONDS", "time before it is killed; -1 for ever"),
	OPT_ALIAS(0, "timeout", "time"),
	OPT_END,
};

static int stop_one(struct cmd_context *c, const char *name, void *arg, struct err *e)
{
	struct many_args *a = arg;
	auto_of(record_free) struct record *rec = NULL;
	int64_t seconds = -1;
	int r = open_one(&rec, c, name, a->ignore, e);

	if (r != 0)
		return r < 0 ? r : 0;
	if (timeout_of(a, &seconds, e) < 0 || use_signal(rec, a->signal, e) < 0 ||
	    lifecycle_stop(c->engine, rec, seconds, e) < 0)
		return -e->code;
	printf("%s\n", name);
	return 0;
}

static int stop_main(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	return for_selected(c, args, rest, true, stop_one, e);
}

const struct cmd cmd_container_stop = {
	.path = "container stop", .alias = "stop", .args = "CONTAINER...",
	.help = "stop containers", .opts = stop_opts, .args_size = sizeof(struct many_args),
	.max_args = -1, .needs = NEED_ENGINE, .init = many_init, .fn = stop_main,
};

static const struct opt restart_opts[] = {
	STOP_SELECT,
	OPT_FLAG(0, "running", struct many_args, running, "only those that run"),
	OPT_STR('s', "signal", struct many_args, signal, "SIGNAL", "instead of its stop signal"),
	OPT_INT('t', "time", struct many_args, time, "SECONDS", "time before it is killed; -1 for ever"),
	OPT_ALIAS(0, "timeout", "time"),
	OPT_END,
};

static int restart_one(struct cmd_context *c, const char *name, void *arg, struct err *e)
{
	const struct many_args *a = arg;
	auto_of(record_free) struct record *rec = NULL, *stopped = NULL;
	int64_t seconds = -1;

	if (timeout_of(a, &seconds, e) < 0 || record_open(&rec, c->engine, name, e) < 0)
		return -e->code;
	/* With another signal it is stopped first, by a copy of the definition that is not started. */
	if (a->signal && (record_open(&stopped, c->engine, rec->id, e) < 0 ||
			  use_signal(stopped, a->signal, e) < 0 ||
			  lifecycle_stop(c->engine, stopped, seconds, e) < 0))
		return -e->code;
	if (lifecycle_restart(c->engine, rec, seconds, e) < 0)
		return -e->code;
	printf("%s\n", name);
	return 0;
}

static int restart_main(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	struct many_args *a = args;

	a->all |= a->running;
	return for_selected(c, a, rest, a->running, restart_one, e);
}

const struct cmd cmd_container_restart = {
	.path = "container restart", .alias = "restart", .args = "CONTAINER...",
	.help = "stop containers and start them again", .opts = restart_opts,
	.args_size = sizeof(struct many_args), .max_args = -1, .needs = NEED_ENGINE,
	.init = many_init, .fn = restart_main,
};

static const struct opt kill_opts[] = {
	STOP_SELECT,
	OPT_STR('s', "signal", struct many_args, signal, "SIGNAL", "signal to send (default KILL)"),
	OPT_END,
};

static int kill_one(struct cmd_context *c, const char *name, void *arg, struct err *e)
{
	struct many_args *a = arg;
	auto_of(record_free) struct record *rec = NULL;
	int sig = a->signal ? proc_signal_parse(a->signal) : SIGKILL, r;

	if (sig < 0)
		return err_set(e, ERR_USAGE, "--signal: invalid signal: %s (valid signals are 1 through 64)", a->signal);
	if (record_open(&rec, c->engine, name, e) < 0)
		return -e->code;
	r = lifecycle_kill(c->engine, rec, sig, e);
	if (r >= 0)
		printf("%s\n", name);
	else if (e->code == EINVAL && c->globals->is_docker)
		return err_set(e, EINVAL, "cannot kill container: %s: container %s is not running", name, rec->id);
	return r;
}

static int kill_main(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	return for_selected(c, args, rest, true, kill_one, e);
}

const struct cmd cmd_container_kill = {
	.path = "container kill", .alias = "kill", .args = "CONTAINER...",
	.help = "send containers a signal", .opts = kill_opts, .args_size = sizeof(struct many_args),
	.max_args = -1, .needs = NEED_ENGINE, .init = many_init, .fn = kill_main,
};

static const struct opt rm_opts[] = {
	OPT_FLAG('a', "all", struct many_args, all, "every container"),
	OPT_LIST(0, "cidfile", struct many_args, cidfiles, "PATH", "file that names a container"),
	OPT_FLAG(0, "depend", struct many_args, depend, "those that need it first"),
	OPT_LIST(0, "filter", struct many_args, filters, "KEY=VALUE", "those that match"),
	OPT_FLAG('f', "force", struct many_args, force, "stop it first; one that is not there is no error"),
	OPT_FLAG('i', "ignore", struct many_args, ignore, "a container that is not there is no error"),
	OPT_FLAG('l', "latest", struct many_args, latest, "the newest container"),
	OPT_LATER(0, "link", NULL, "links of Docker's bridge are names of a network now: see network connect"),
	OPT_LATER(0, "storage", NULL, "there are no containers outside of the store: use --force"),
	OPT_INT('t', "time", struct many_args, time, "SECONDS", "with --force: time before it is killed; -1 for ever"),
	OPT_FLAG('v', "volumes", struct many_args, volumes, "remove its anonymous volumes too"),
	OPT_END,
};

/* Docker's server tells the name, not the id. */
static int name_it(struct cmd_context *c, const char *name, struct err *e)
{
	auto_of(record_free) struct record *rec = NULL;
	struct err said = *e, ignored = { 0 };
	const char *id;

	if (record_open(&rec, c->engine, name, &ignored) < 0)
		return -e->code;
	id = strstr(said.msg, rec->id);
	if (!id || !str_has_prefix(said.msg, "cannot remove container "))
		return -e->code;
	return err_set(e, said.code, "cannot remove container /%s%s", rec->config.name, id + strlen(rec->id));
}

static int rm_one(struct cmd_context *c, const char *name, void *arg, struct err *e)
{
	struct many_args *a = arg;
	auto_of(strv_clear) struct strv dependents = { 0 };
	struct lifecycle_remove how = { .force = a->force, .volumes = a->volumes,
					.depend = a->depend, .dependents = &dependents };
	int r = timeout_of(a, &how.timeout, e);

	if (r >= 0)
		r = lifecycle_remove(c->engine, name, &how, e);
	for (size_t i = 0; i < dependents.n; i++)
		printf("%s\n", dependents.v[i]);
	if (r < 0 && e->code == ERR_NO_SUCH && (a->ignore || a->force))
		return each_missing(c, e);
	if (r < 0 && c->globals->is_docker)
		return name_it(c, name, e);
	if (r >= 0)
		printf("%s\n", name);
	return r;
}

static int rm_main(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	const struct many_args *a = args;

	if (a->time != INT64_MIN && !a->force)
		return err_set(e, ERR_USAGE, "--force option must be specified to use the --time option");
	return for_selected(c, args, rest, false, rm_one, e);
}

const struct cmd cmd_container_rm = {
	.path = "container rm", .alias = "rm|container remove", .args = "CONTAINER...",
	.help = "remove containers", .opts = rm_opts, .args_size = sizeof(struct many_args),
	.max_args = -1, .needs = NEED_ENGINE, .exit_no_such = 1, .exit_in_use = 2,
	.init = many_init, .fn = rm_main,
};

static const struct opt attach_opts[] = {
	OPT_STR(0, "detach-keys", struct many_args, detach_keys, "KEYS", "keys that leave it running"),
	OPT_FLAG('l', "latest", struct many_args, latest, "the newest container"),
	OPT_FLAG(0, "no-stdin", struct many_args, no_stdin, "do not attach stdin"),
	OPT_TRISTATE(0, "sig-proxy", struct many_args, sig_proxy, "pass signals on (default true)"),
	OPT_END,
};

static int attach_one(struct cmd_context *c, const char *name, void *arg, struct err *e)
{
	struct many_args *a = arg;
	auto_of(record_free) struct record *rec = NULL;
	struct lifecycle_start how = {
		.is_attached = true, .has_stdin = !a->no_stdin, .has_stdout = true,
		.has_stderr = true, .detach_keys = a->detach_keys, .sig_proxy = a->sig_proxy != 0,
	};
	bool is_detached = false;
	int exit_code = 0;

	if (record_open(&rec, c->engine, name, e) < 0)
		return -e->code;
	how.sig_proxy &= !rec->config.has_tty;
	if (lifecycle_attach(c->engine, rec, &how, &exit_code, &is_detached, e) < 0)
		return -e->code;
	a->exit_code = is_detached ? 0 : exit_code;
	return 0;
}

static int attach_main(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	struct many_args *a = args;
	int r = for_selected(c, a, rest, true, attach_one, e);

	return r < 0 ? r : a->exit_code;
}

const struct cmd cmd_container_attach = {
	.path = "container attach", .alias = "attach", .args = "CONTAINER",
	.help = "attach to a running container", .opts = attach_opts,
	.args_size = sizeof(struct many_args), .max_args = 1, .needs = NEED_ENGINE,
	.init = many_init, .fn = attach_main,
};

static int rename_main(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	auto_of(record_free) struct record *rec = NULL;

	(void)args;
	if (record_open(&rec, c->engine, rest->v[0], e) < 0)
		return -e->code;
	return lifecycle_rename(c->engine, rec, rest->v[1], e);
}

const struct cmd cmd_container_rename = {
	.path = "container rename", .alias = "rename", .args = "CONTAINER NAME",
	.help = "give a container another name", .min_args = 2, .max_args = 2,
	.needs = NEED_ENGINE, .fn = rename_main,
};

static const struct opt exists_opts[] = {
	OPT_FLAG(0, "external", struct many_args, all, "containers of other tools too; there are none in this store"),
	OPT_END,
};

static int exists_main(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	autofree char *id = NULL;
	int r = record_find(&id, c->engine, rest->v[0], e);

	(void)args;
	return r < 0 && e->code == ERR_NO_SUCH ? 1 : r;
}

const struct cmd cmd_container_exists = {
	.path = "container exists", .args = "CONTAINER", .help = "tell by the exit code whether a container exists",
	.opts = exists_opts, .args_size = sizeof(struct many_args), .min_args = 1, .max_args = 1,
	.needs = NEED_ENGINE, .fn = exists_main,
};

static const struct opt prune_opts[] = {
	OPT_LIST(0, "filter", struct many_args, filters, "KEY=VALUE", "only those that match"),
	OPT_FLAG('f', "force", struct many_args, force, "do not ask"),
	OPT_END,
};

int container_prune(struct cmd_context *c, const struct strv *filters, struct strv *removed,
		    struct err *e)
{
	struct query_filter filter = { .all = true, .is_brief = true };
	auto_of(json_free) struct json *rows = NULL;
	int r;

	strv_add_all(&filter.filters, filters);
	r = query_ps(&rows, c->engine, &filter, e);
	strv_clear(&filter.filters);
	for (size_t i = 0; r >= 0 && i < json_len(rows); i++) {
		const struct json *row = json_at(rows, i);
		const char *state = json_get_str(row, "State"), *id = json_get_str(row, "Id");
		struct lifecycle_remove how = { .timeout = -1 };

		if (!str_eq(state, "exited") && !str_eq(state, "created"))
			continue;
		r = lifecycle_remove(c->engine, id, &how, e);
		if (r >= 0)
			strv_add(removed, id);
		else if (e->code == ERR_NO_SUCH || e->code == ERR_IN_USE)
			r = 0;	/* somebody was faster */
	}
	return r;
}

static int prune_main(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	auto_of(strv_clear) struct strv removed = { 0 };
	struct many_args *a = args;
	int64_t before = 0;
	int r;

	(void)rest;
	if (!a->force && !confirm("WARNING! This will remove all %s containers.",
				  c->globals->is_docker ? "stopped" : "non running"))
		return 0;
	r = prune_measure(c, &before, e);
	if (r >= 0)
		r = container_prune(c, &a->filters, &removed, e);
	if (c->globals->is_docker)
		return prune_tell(c, "Containers", &removed, before, r, e);
	for (size_t i = 0; i < removed.n; i++)
		printf("%s\n", removed.v[i]);
	return r;
}

const struct cmd cmd_container_prune = {
	.path = "container prune", .help = "remove all containers that do not run", .opts = prune_opts,
	.args_size = sizeof(struct many_args), .needs = NEED_ENGINE, .init = many_init,
	.fn = prune_main,
};
