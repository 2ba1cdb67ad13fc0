/* SPDX-License-Identifier: Apache-2.0 */
/* exec: one more process in a running container. */
#include "container/exec.h"

#include "base/fd.h"
#include "cli/cmd.h"
#include "cli/each.h"
#include "cli/env_opt.h"
#include "cli/line_files.h"
#include "cli/preserve.h"
#include "container/ctr_image.h"

#include <stdio.h>
#include <unistd.h>

struct exec_cmd_args {
	struct exec_args exec;
	struct strv env, env_files;
	bool latest;
	uint64_t preserve_fds;
	struct strv preserve_list;
	char *cidfile;
};

static const struct opt exec_opts[] = {
	OPT_STR(0, "cidfile", struct exec_cmd_args, cidfile, "PATH", "file that names the container"),
	OPT_FLAG('d', "detach", struct exec_cmd_args, exec.is_detached, "run in the background"),
	OPT_STR(0, "detach-keys", struct exec_cmd_args, exec.detach_keys, "KEYS", "keys that leave it running"),
	OPT_ENV(struct exec_cmd_args, env, "NAME[=VALUE]", "set a variable"),
	OPT_LIST(0, "env-file", struct exec_cmd_args, env_files, "PATH", "read variables from a file"),
	OPT_FLAG('i', "interactive", struct exec_cmd_args, exec.is_interactive, "keep stdin open"),
	OPT_FLAG('l', "latest", struct exec_cmd_args, latest, "the newest container"),
	OPT_UINT(0, "preserve-fds", struct exec_cmd_args, preserve_fds, "N", "pass N descriptors from 3 up"),
	OPT_CSV(0, "preserve-fd", struct exec_cmd_args, preserve_list, "FD[,FD]", "pass these descriptors on"),
	OPT_FLAG(0, "privileged", struct exec_cmd_args, exec.privileged, "all that the user himself may do"),
	OPT_FLAG('t', "tty", struct exec_cmd_args, exec.has_tty, "give it a terminal"),
	OPT_STR('u', "user", struct exec_cmd_args, exec.user, "USER[:GROUP]", "user to run as"),
	OPT_NEVER(0, "wait", "SECONDS", "wait first: rootlet wait --condition=running NAME"),
	OPT_STR('w', "workdir", struct exec_cmd_args, exec.workdir, "DIR", "working directory"),
	OPT_FLAG(0, "no-session", struct exec_cmd_args, exec.no_session, "no id and no events of it; not with --detach"),
	OPT_END,
};

static int fill_env(struct exec_cmd_args *a, struct err *e)
{
	int r = line_files_read("--env-file", &a->env_files, &a->env, e);

	if (r >= 0)
		ctr_image_add_env(&a->exec.env, &a->env, environ);
	return r;
}

static int exec_main(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	struct exec_cmd_args *a = args;
	auto_of(strv_clear) struct strv names = { 0 }, given = { 0 }, cidfiles = { 0 };
	auto_of(record_free) struct record *rec = NULL;
	autofree char *session = NULL;
	struct each_select select = { .latest = a->latest, .running_only = true, .cidfiles = &cidfiles };
	size_t first = a->latest || a->cidfile ? 0 : 1;
	auto_of(preserve_clear) struct preserve keep = { 0 };
	int exit_code = 0, r;

	if (a->exec.no_session && a->exec.is_detached)
		return err_set(e, ERR_USAGE, "--no-session and --detach exclude each other");
	if (c->globals->is_docker && a->exec.has_tty && a->exec.is_interactive && !a->exec.is_detached &&
	    !isatty(STDIN_FILENO))
		return err_set(e, ENOTTY, "the input device is not a TTY");
	if (rest->n <= first)
		return err_set(e, ERR_USAGE, "exec needs a container and a command");
	if (first)
		strv_add(&given, rest->v[0]);
	if (a->cidfile)
		strv_add(&cidfiles, a->cidfile);
	if (each_select(c, &select, &given, &names, e) < 0 || fill_env(a, e) < 0)
		return -e->code;
	for (size_t i = first; i < rest->n; i++)
		strv_add(&a->exec.command, rest->v[i]);
	if (preserve_collect(&keep, c->inherited, a->preserve_fds, &a->preserve_list, false, e) < 0)
		return -e->code;
	a->exec.preserve_fds = keep.fds;
	a->exec.preserve_n = keep.n;
	if (!names.n)
		return err_set(e, ERR_NO_SUCH, "no container runs");
	if (record_open(&rec, c->engine, names.v[0], e) < 0)
		return -e->code;
	r = exec_run(c->engine, rec, &a->exec, &exit_code, &session, e);
	if (r < 0)
		return r;
	if (a->exec.is_detached && session && !c->globals->is_docker)
		printf("%s\n", session);
	return exit_code;
}

static void exec_clear(void *args)
{
	struct exec_cmd_args *a = args;

	strv_clear(&a->exec.command);
	strv_clear(&a->exec.env);
	strv_clear(&a->env);
}

const struct cmd cmd_container_exec = {
	.path = "container exec",
	.alias = "exec",
	.args = "CONTAINER COMMAND [ARG...]",
	.help = "run a command in a running container",
	.opts = exec_opts,
	.args_size = sizeof(struct exec_cmd_args),
	.min_args = 1,
	.max_args = -1,
	.needs = NEED_ENGINE,
	.mode = OPT_STOP_AT_ARG,
	.exit_state = 255,
	.clear = exec_clear,
	.fn = exec_main,
};
