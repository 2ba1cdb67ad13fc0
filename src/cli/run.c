/* SPDX-License-Identifier: Apache-2.0 */
/* run and create: the two commands that make a container. */
#include "base/fd.h"
#include "base/log.h"
#include "base/persona.h"
#include "cli/cmd.h"
#include "cli/create_opts.h"
#include "cli/preserve.h"
#include "container/create.h"
#include "container/lifecycle.h"
#include "container/record.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A cidfile that is there already may belong to a container that runs: never overwritten. */
static int open_cidfile(const char *path, int *fd, struct err *e)
{
	if (!path)
		return 0;
	*fd = fd_createat(AT_FDCWD, path, O_WRONLY | O_EXCL, 0644);
	if (*fd == -EEXIST)
		return err_set(e, EEXIST, "container id file exists. Ensure another container is not using "
			       "it or delete %s", path);
	return *fd < 0 ? err_sys(e, -*fd, "--cidfile %s", path) : 0;
}

static int remove_replaced(struct engine *g, const struct container_config *c, struct err *e)
{
	struct lifecycle_remove how = { .force = true, .timeout = -1 };
	int r;

	if (!c->replace)
		return 0;
	if (!c->name)
		return err_set(e, ERR_USAGE, "--replace needs --name");
	r = lifecycle_remove(g, c->name, &how, e);
	return r < 0 && e->code != ERR_NO_SUCH ? r : 0;
}

static int make(struct cmd_context *ctx, struct create_args *a, const struct strv *rest,
		struct err *e)
{
	struct container_config *c = &a->config;
	autoclose int cid_fd = -1;
	int r;

	c->has_own_workdir = c->workdir && !ctx->globals->is_docker;
	if (ctx->globals->is_docker && c->workdir && c->workdir[0] != '/')
		return err_set(e, EINVAL, "the working directory '%s' is invalid, it needs to be an absolute path", c->workdir);
	for (char *const *word = ctx->globals->argv; *word; word++)
		strv_add(&c->create_argv, *word);
	if (create_opts_finish(a, rest, rest->n, rest->v, e) < 0 ||
	    ctr_defaults_apply(c, &a->given, ctx->engine, e) < 0 ||
	    open_cidfile(c->cidfile, &cid_fd, e) < 0)
		return -e->code;
	r = remove_replaced(ctx->engine, c, e);
	if (r >= 0)
		r = create_container(ctx->engine, c, e);
	if (r < 0) {
		if (cid_fd >= 0)
			unlink(c->cidfile);
		return r;
	}
	if (cid_fd >= 0)
		r = fd_write_all(cid_fd, c->id, strlen(c->id));
	return r < 0 ? err_sys(e, -r, "--cidfile %s", c->cidfile) : 0;
}

static int create_main(struct cmd_context *ctx, void *args, const struct strv *rest, struct err *e)
{
	struct create_args *a = args;
	int r = make(ctx, a, rest, e);

	if (r >= 0)
		printf("%s\n", a->config.id);
	return r;
}

/* Which streams the command is attached to: -a, or all that make sense. */
static int choose_streams(struct lifecycle_start *s, const struct container_config *c, struct err *e)
{
	if (!c->attach.n) {
		s->has_stdin = c->is_interactive;
		s->has_stdout = s->has_stderr = true;
		return 0;
	}
	for (size_t i = 0; i < c->attach.n; i++) {
		if (strcasecmp(c->attach.v[i], "stdin") == 0)
			s->has_stdin = true;
		else if (strcasecmp(c->attach.v[i], "stdout") == 0)
			s->has_stdout = true;
		else if (strcasecmp(c->attach.v[i], "stderr") == 0)
			s->has_stderr = true;
		else
			return err_set(e, ERR_USAGE, "invalid stream \"%s\" for --attach - must be one of "
				       "stdin, stdout, or stderr: invalid argument",
				       c->attach.v[i]);
	}
	return 0;
}

/* A container that could not be started and was to go away by itself goes away now. */
static void forget(struct cmd_context *ctx, const struct record *r)
{
	struct lifecycle_remove how = { .force = true, .volumes = true, .timeout = 0 };
	struct err ignored = { 0 };

	if (r->config.rm)
		lifecycle_remove(ctx->engine, r->id, &how, &ignored);
}

static int run_main(struct cmd_context *ctx, void *args, const struct strv *rest, struct err *e)
{
	struct create_args *a = args;
	struct container_config *c = &a->config;
	auto_of(record_free) struct record *record = NULL;
	struct lifecycle_start start = { .detach_keys = c->detach_keys };
	auto_of(preserve_clear) struct preserve keep = { 0 };
	int exit_code = 0, r;
	bool is_detached = false;

	if (c->is_detached && c->attach.n && ctx->globals->is_docker)
		return err_set(e, ERR_USAGE, "conflicting options: cannot specify both --attach and --detach");
	if (preserve_collect(&keep, ctx->inherited, a->preserve_fds, &c->preserve_fd, true, e) < 0)
		return -e->code;
	if (c->has_tty && c->is_interactive && !isatty(STDIN_FILENO)) {
		if (ctx->globals->is_docker && !c->is_detached)
			return err_set(e, ENOTTY, "the input device is not a TTY");
		if (persona_get() == PERSONA_PODMAN)
			log_warn("The input device is not a TTY. The --tty and --interactive flags might not "
				 "work properly");
	}
	c->run_pid = c->rm || c->rmi ? getpid() : 0;
	if (choose_streams(&start, c, e) < 0)
		return -e->code;
	/* For the program that fetches an image, until the container is made. */
	if (ctx->globals->is_docker && setenv("ROOTLET_WORDS", "run", 1) < 0)
		return err_sys(e, errno, "set ROOTLET_WORDS");
	r = make(ctx, a, rest, e);
	unsetenv("ROOTLET_WORDS");
	if (r < 0)
		return r;
	if (record_adopt(&record, ctx->engine, c, e) < 0)
		return -e->code;
	c = &record->config;
	start.is_attached = !c->is_detached;
	start.sig_proxy = c->sig_proxy && !c->has_tty;
	start.preserve_fds = keep.fds;
	start.preserve_n = keep.n;
	start.listen_n = keep.listen_n;
	start.listen_names = keep.listen_names;
	start.notify_socket = getenv("NOTIFY_SOCKET");
	r = lifecycle_start(ctx->engine, record, &start, &exit_code, &is_detached, e);
	if (r < 0) {
		forget(ctx, record);
		if (e->code != ERR_USAGE && e->code != ERR_EXEC_PERM && e->code != ERR_EXEC_NOENT &&
		    e->code != ERR_REPORTED)
			e->code = ERR_START;
		return -e->code;
	}
	/* Who sees no output is told the id. */
	if (c->is_detached || !(start.has_stdout || start.has_stderr))
		printf("%s\n", c->id);
	return is_detached ? 0 : exit_code;
}

const struct cmd cmd_container_run = {
	.path = "container run",
	.alias = "run",
	.args = "IMAGE [COMMAND [ARG...]]",
	.help = "run a command in a new container",
	.opts = create_opts,
	.args_size = sizeof(struct create_args),
	.min_args = 1,
	.max_args = -1,
	.needs = NEED_ENGINE,
	.mode = OPT_STOP_AT_ARG,
	.init = create_opts_init,
	.clear = create_opts_clear,
	.fn = run_main,
};

const struct cmd cmd_container_create = {
	.path = "container create",
	.alias = "create",
	.args = "IMAGE [COMMAND [ARG...]]",
	.help = "make a container, do not start it",
	.opts = create_opts,
	.args_size = sizeof(struct create_args),
	.min_args = 1,
	.max_args = -1,
	.needs = NEED_ENGINE,
	.mode = OPT_STOP_AT_ARG,
	.init = create_opts_init,
	.clear = create_opts_clear,
	.fn = create_main,
};
