/* SPDX-License-Identifier: Apache-2.0 */
/* main: command word to command, preconditions, and the only place that prints an error or exits.
 *
 * THEORY
 * The order is fixed by what each step may assume:
 *   1. inherited descriptors are listed before any of ours exists (--preserve-fds, law 8);
 *   2. root and AT_SECURE are refused before anything is read (law 1);
 *   3. options are parsed before anything is opened, so a typing error costs nothing;
 *   4. the session's user namespace is joined while this process has one thread;
 *   5. the store is opened inside it, because layers belong to subordinate ids.
 */
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/opt.h"
#include "base/path.h"
#include "base/persona.h"
#include "base/str.h"
#include "cli/cmd.h"
#include "cli/docker_commands.h"
#include "cli/docker_usage.h"
#include "cli/help.h"
#include "cli/version.h"
#include "container/engine.h"
#include "container/events.h"
#include "storage/store.h"
#include "userns/session.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

enum { EXIT_ENGINE = 125, EXIT_NOT_EXECUTABLE = 126, EXIT_NOT_FOUND = 127 };

struct place {		/* what .needs asks for, in the order it is made */
	struct session *session;
	struct store *store;
	struct engine *engine;
};

static void place_clear(struct place *p)
{
	engine_free(p->engine);
	store_free(p->store);
	session_free(p->session);
	*p = (struct place){ 0 };
}
DEFINE_AUTO_VALUE(struct place, place_clear)

static int place_make(struct place *p, const struct cmd_globals *g, unsigned int needs,
		      struct err *e)
{
	int r;

	if (!needs)
		return 0;
	r = session_load(&p->session, g->runroot, e);
	if (r >= 0)
		r = session_join(p->session, e);
	if (r >= 0 && (needs & (NEED_STORE | NEED_ENGINE))) {
		struct store_args args = {
			.root = g->root,
			.data_dir = p->session->data_dir,
			.driver = g->storage_driver,
			.driver_opts = &g->storage_opts,
			.is_single_id = p->session->is_single_id,
		};

		r = store_open(&p->store, &args, e);
		if (r >= 0 && p->store->refuses_owners)
			session_narrow(p->session);
	}
	if (r >= 0 && (needs & NEED_ENGINE))
		r = engine_open(&p->engine, p->session, p->store, e);
	if (r >= 0 && p->engine) {
		p->engine->is_docker = g->is_docker;
		if (g->events_backend)
			p->engine->events = events_backend_parse(g->events_backend);
		p->engine->network_cmd_path = g->network_cmd_path;
		p->engine->cgroup_manager = g->cgroup_manager;
		p->engine->hooks_dirs = &g->hooks_dirs;
		p->engine->cdi_dirs = &g->cdi_dirs;
	}
	return r;
}

static int check_operands(const struct cmd *c, size_t n, struct err *e)
{
	int count = n, min = c->min_args, max = c->max_args;
	autofree char *wants = NULL;

	if (count >= min && (max < 0 || count <= max))
		return 0;
	/* In the words of Podman, which scripts know. */
	if (max == 0)
		return err_set(e, ERR_USAGE, "`%s %s` takes no arguments", persona_name(), c->path);
	if (max < 0)
		return err_set(e, ERR_USAGE, "requires at least %d arg(s), only received %d: %s %s", min, count,
			       c->path, c->args);
	wants = min == max ? xasprintf("accepts %d arg(s)", min)
	      : min == 0   ? xasprintf("accepts at most %d arg(s)", max)
			   : xasprintf("accepts between %d and %d arg(s)", min, max);
	return err_set(e, ERR_USAGE, "%s, received %d: %s %s", wants, count, c->path, c->args);
}

/* The options of every command, with --help put in front; -h where the command leaves it free. */
struct common_args {
	bool wants_help;
	_Alignas(max_align_t) char args[];
};

static bool takes_letter_h(const struct cmd *c)
{
	return c->opts && opt_find_letter(c->opts, 'h');
}

static int check_words(const struct cmd *c, struct cmd_globals *globals, const struct strv *rest, struct err *e)
{
	globals->stage = CMD_OPERANDS;
	if (globals->is_docker && docker_usage_check(c, rest->n, e) < 0)
		return -e->code;
	if (check_operands(c, rest->n, e) < 0)
		return -e->code;
	return globals->is_docker && !globals->is_here ? docker_commands_check_host(c, e) : 0;
}

static int work(const struct cmd *c, struct cmd_globals *globals, const struct fd_inherited *inherited,
		void *args, const struct strv *rest, struct err *e)
{
	struct cmd_context ctx = { .cmd = c, .globals = globals, .inherited = inherited };
	auto_of(place_clear) struct place place = { 0 };

	globals->stage = CMD_WORK;
	if (place_make(&place, globals, c->needs, e) < 0)
		return -e->code;
	ctx.session = place.session;
	ctx.store = place.store;
	ctx.engine = place.engine;
	return c->fn(&ctx, args, rest, e);
}

static int run_command(const struct cmd *c, struct cmd_globals *globals,
		       const struct fd_inherited *inherited, int argc, char *const *argv,
		       struct err *e)
{
	static const struct opt none[] = { OPT_END };
	autofree struct common_args *args = xcalloc(1, sizeof(*args) + c->args_size);
	const struct opt *own = globals->is_docker && c->docker_opts ? c->docker_opts : c->opts;
	const struct opt opts[] = {
		OPT_GROUP(own ? own : none, struct common_args, args),
		OPT_FLAG(takes_letter_h(c) ? 0 : 'h', "help", struct common_args, wants_help, ""),
		OPT_END,
	};
	auto_of(strv_clear) struct strv rest = { 0 };
	int r;

	opt_defaults(opts, args);
	if (c->init)
		c->init(args->args);
	r = opt_parse(opts, args, argc, argv, c->mode, &rest, e);
	if (r >= 0 && args->wants_help) {
		help_command(c, own);
	} else if (r >= 0) {
		r = check_words(c, globals, &rest, e);
		if (r >= 0)
			r = work(c, globals, inherited, args->args, &rest, e);
	}
	opt_clear(opts, args);
	if (c->clear)
		c->clear(args->args);
	return r;
}

/* Docker's client ends with 125 when its options are wrong or a container cannot be run. */
static int exit_docker(const struct cmd *c, const struct err *e, enum cmd_stage stage)
{
	if (!c)
		return 1;
	/* Before it has asked for anything. */
	if (e->code == ENOTTY)
		return 1;
	if (stage == CMD_WORK)
		return str_eq(c->path, "container run") ? EXIT_ENGINE : 1;
	return stage == CMD_OPTIONS && (e->code == ERR_USAGE || e->code == ERR_UNSUPPORTED) ? EXIT_ENGINE : 1;
}

static int exit_status(const struct cmd *c, const struct err *e, enum cmd_stage stage)
{
	switch (e->code) {
	case ERR_EXEC_PERM:
		return EXIT_NOT_EXECUTABLE;
	case ERR_EXEC_NOENT:
		return EXIT_NOT_FOUND;
	case ERR_START:
		if (persona_get() != PERSONA_DOCKER)
			return EXIT_NOT_EXECUTABLE;
		break;
	case ERR_WRONG_STATE:
		if (c && c->exit_state && persona_get() != PERSONA_DOCKER)
			return c->exit_state;
		break;
	case ERR_NO_SUCH:
		if (c && c->exit_no_such && persona_get() != PERSONA_DOCKER)
			return c->exit_no_such;
		break;
	case ERR_IN_USE:
		if (c && c->exit_in_use && persona_get() != PERSONA_DOCKER)
			return c->exit_in_use;
		break;
	default:
		break;
	}
	return persona_get() == PERSONA_DOCKER ? exit_docker(c, e, stage) : EXIT_ENGINE;
}

/* A usage error is one of the command line: Docker's server answers what is found out later. */
static int report(const struct cmd *c, struct err *e, enum cmd_stage stage)
{
	auto_of(str_clear) struct str text = { 0 }, usage = { 0 };
	int status = exit_status(c, e, stage);

	if (e->code == ERR_REPORTED)
		return status;
	if (c && persona_get() == PERSONA_DOCKER && stage != CMD_WORK)
		docker_usage_line(&usage, c);
	persona_error(&text, e, c ? c->path : NULL, usage.len ? usage.p : NULL);
	fputs(text.p, stderr);
	return status;
}

static int set_log_level(const struct cmd_globals *g, struct err *e)
{
	const char *name = g->log_level ? g->log_level : g->debug ? "debug" : NULL;
	int level = name ? log_level_parse(name) : 0;

	if (level < 0)
		return err_set(e, ERR_USAGE, "--log-level: '%s' is none of debug, info, warn, error", name);
	if (name)
		log_set_level(level);
	return 0;
}

/* --noout, --out. */
static int set_output(const struct cmd_globals *g, struct err *e)
{
	const char *path = g->out ? g->out : "/dev/null";
	int fd, r;

	if (!g->out && !g->noout)
		return 0;
	fd = fd_createat(AT_FDCWD, path, O_WRONLY | O_TRUNC, 0666);
	r = fd < 0 ? fd : fd_dup_to(fd, STDOUT_FILENO);
	fd_close(&fd);
	return r < 0 ? err_sys(e, -r, "--out %s", path) : 0;
}

static int set_globals(const struct cmd_globals *g, struct err *e)
{
	if (set_log_level(g, e) < 0 || set_output(g, e) < 0)
		return -e->code;
	if (g->events_backend && events_backend_parse(g->events_backend) < 0)
		return err_set(e, ERR_USAGE, "--events-backend: '%s' is none of file, journald, none",
			       g->events_backend);
	if (g->cgroup_manager && !str_eq(g->cgroup_manager, "systemd") &&
	    !str_eq(g->cgroup_manager, "cgroupfs"))
		return err_set(e, ERR_USAGE, "--cgroup-manager: '%s' is none of systemd, cgroupfs",
			       g->cgroup_manager);
	/* rootlet-image reads it too. */
	if (g->registries_conf && setenv("CONTAINERS_REGISTRIES_CONF", g->registries_conf, 1) < 0)
		return err_sys(e, errno, "set CONTAINERS_REGISTRIES_CONF");
	return 0;
}

/* Behind the help, as podman does. */
static int missing_command(const char *group, struct err *e)
{
	return err_set(e, ERR_USAGE, "missing command '%s %s%sCOMMAND'", persona_name(), group,
		       *group ? " " : "");
}

/* A group alone, a group and no command of it, or nothing we know. */
static int no_command(const struct cmd_globals *g, const struct strv *words, struct err *e)
{
	bool is_group = cmd_is_group(words->v[0]) || (g->is_docker && docker_commands_is_group(words->v[0]));
	bool wants_help = words->n > 1 && (str_eq(words->v[1], "--help") || str_eq(words->v[1], "-h"));

	if (is_group && (words->n == 1 || wants_help)) {
		help_overview(words->v[0], wants_help);
		return wants_help || g->is_docker ? 0 : missing_command(words->v[0], e);
	}
	if (g->is_docker)
		return docker_commands_unknown(words->n, words->v, e);
	if (is_group)
		return err_set(e, ERR_USAGE, "unknown command '%s %s': see rootlet %s --help", words->v[0],
			       words->v[1], words->v[0]);
	return err_set(e, ERR_USAGE, "unknown command '%s': see rootlet --help", words->v[0]);
}

static int dispatch(struct cmd_globals *g, const struct fd_inherited *inherited, int argc,
		    char *const *argv, struct err *e, const struct cmd **command)
{
	auto_of(strv_clear) struct strv rest = { 0 };
	int used = 0, r;

	opt_defaults(cmd_global_opts, g);
	r = opt_parse(cmd_global_opts, g, argc - 1, argv + 1, OPT_STOP_AT_ARG, &rest, e);
	if (r < 0)
		return r;
	r = set_globals(g, e);
	if (r < 0)
		return r;
	if (g->wants_version) {
		version_print_short();
		return 0;
	}
	if (g->wants_help || rest.n == 0) {
		help_overview(NULL, g->wants_help);
		return rest.n || g->wants_help || g->is_docker ? 0 : missing_command("", e);
	}
	*command = cmd_find(rest.n, rest.v, &used);
	if (!*command && g->is_docker)
		*command = docker_commands_find(rest.n, rest.v, &used);
	if (*command)
		return run_command(*command, g, inherited, rest.n - used, rest.v + used, e);
	return no_command(g, &rest, e);
}

/* A reader that has had enough is no error to tell of: we end as if SIGPIPE had not been ignored. */
static int end_output(int status)
{
	struct pollfd p = { .fd = STDOUT_FILENO };

	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	/* The write that failed may be an earlier one, whose errno is gone. */
	if (errno == EPIPE || (poll(&p, 1, 0) == 1 && (p.revents & POLLERR))) {
		signal(SIGPIPE, SIG_DFL);
		raise(SIGPIPE);
	}
	perror("rootlet: stdout");
	return status ? status : EXIT_ENGINE;
}

int main(int argc, char **argv)
{
	struct cmd_globals globals = { 0 };
	struct fd_inherited inherited;
	const struct cmd *command = NULL;
	struct err e = { 0 };
	int r;

	/* Nobody to tell when even this fails. */
	if (fd_ensure_stdio() < 0)
		return EXIT_ENGINE;
	fd_inherited_load(&inherited);
	globals.argv = argv;
	globals.program = argc > 0 ? path_base(argv[0]) : "rootlet";
	persona_set(argc > 0 ? argv[0] : NULL);
	globals.is_docker = persona_get() == PERSONA_DOCKER;
	signal(SIGPIPE, SIG_IGN);
	r = session_check_caller(&e);
	if (r >= 0)
		r = dispatch(&globals, &inherited, argc, argv, &e, &command);
	if (r < 0)
		r = report(command, &e, globals.stage);
	r = end_output(r);
	opt_clear(cmd_global_opts, &globals);
	free(inherited.fds);
	return r;
}
