/* SPDX-License-Identifier: Apache-2.0 */
/* rootlet unshare, system migrate, system reset: the session itself. */
#include "base/fd.h"
#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "base/path.h"
#include "base/proc.h"
#include "base/str.h"
#include "base/strv.h"
#include "cli/cmd.h"
#include "cli/confirm.h"
#include "container/engine.h"
#include "container/lifecycle.h"
#include "container/query.h"
#include "container/record.h"
#include "container/state.h"
#include "storage/store.h"
#include "storage/store_conf.h"
#include "userns/session.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

/* Where the store is, without opening it: unshare and reset must work on a broken one. */
static char *find_graph_root(const struct cmd_context *c)
{
	auto_of(store_conf_clear) struct store_conf conf = { 0 };
	struct err ignored;

	if (c->globals->root)
		return xstrdup(c->globals->root);
	if (store_conf_load(&conf, &ignored) == 0 && conf.root)
		return steal_ptr(&conf.root);
	return xstrdup(c->session->data_dir);
}

static void set_unshare_env(const struct cmd_context *c)
{
	autofree char *root = find_graph_root(c);
	autofree char *parent = path_dir(c->session->runtime_dir);

	setenv("CONTAINERS_GRAPHROOT", root, 1);
	setenv("CONTAINERS_RUNROOT", c->session->runtime_dir, 1);
	/* Inside, our uid is 0, and /run/user/0 would be looked for. */
	if (!c->globals->runroot && str_has_suffix(c->session->runtime_dir, "/rootlet"))
		setenv("XDG_RUNTIME_DIR", parent, 1);
}

static int exec_failed(const char *program, struct err *e)
{
	int code = errno;
	autofree char *found = NULL;

	/* execvp says EACCES as soon as one directory of PATH is closed to us. */
	if (code == EACCES && !strchr(program, '/') && proc_find(program, &found) < 0)
		code = ENOENT;
	if (code == ENOENT)
		return err_set(e, ERR_EXEC_NOENT, "%s: not found", program);
	if (code == EACCES)
		return err_set(e, ERR_EXEC_PERM, "%s: not executable", program);
	return err_sys(e, code, "run %s", program);
}

static int unshare_run(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	const char *shell = getenv("SHELL");
	char *fallback[] = { (char *)(str_empty(shell) ? "/bin/sh" : shell), NULL };
	char *const *argv = rest->n ? strv_vec(rest) : fallback;
	int r;

	(void)args;
	r = session_join_mounts(c->session, e);
	if (r < 0)
		return r;
	set_unshare_env(c);
	signal(SIGPIPE, SIG_DFL);
	execvp(argv[0], argv);
	return exec_failed(argv[0], e);
}

static const struct opt unshare_opts[] = {
	OPT_LATER(0, "rootless-netns", NULL, "bridge networks come with a later version"),
	OPT_END,
};

const struct cmd cmd_unshare = {
	.path = "unshare",
	.args = "[COMMAND [ARG...]]",
	.help = "run a command (your shell) in the user and mount namespace of the containers",
	.opts = unshare_opts,
	.max_args = -1,
	.needs = NEED_USERNS,
	.mode = OPT_STOP_AT_ARG,
	.fn = unshare_run,
};

struct migrate_args {
	bool migrate_db;
	char *new_runtime;
};

/* Stops every container that runs; the number of them, or an error. */
static int stop_all(struct engine *g, struct err *e)
{
	auto_of(json_free) struct json *list = NULL;
	struct query_filter running = { .is_brief = true };
	int r = query_ps(&list, g, &running, e);

	for (size_t i = 0; r >= 0 && i < json_len(list); i++) {
		auto_of(record_free) struct record *rec = NULL;

		r = record_open(&rec, g, json_get_str(json_at(list, i), "Id"), e);
		if (r >= 0)
			r = lifecycle_stop(g, rec, -1, e);
	}
	return r < 0 ? r : (int)json_len(list);
}

static int migrate_run(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	int r;

	(void)args;
	(void)rest;
	r = stop_all(c->engine, e);
	if (r < 0)
		return err_wrap(e, "the session stays as it is");
	r = session_stop(c->session, e);
	return r < 0 ? r : 0;
}

static const struct opt migrate_opts[] = {
	OPT_FLAG(0, "migrate-db", struct migrate_args, migrate_db,
		 "accepted for scripts: there is no database here"),
	OPT_STR(0, "new-runtime", struct migrate_args, new_runtime, "NAME",
		"accepted for scripts: the runtime is built in"),
	OPT_END,
};

const struct cmd cmd_system_migrate = {
	.path = "system migrate",
	.help = "stop all containers and end the session; the next command makes a new one",
	.opts = migrate_opts,
	.args_size = sizeof(struct migrate_args),
	.needs = NEED_USERNS | NEED_STORE | NEED_ENGINE,
	.fn = migrate_run,
};

static int renumber_run(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	(void)c;
	(void)args;
	(void)rest;
	(void)e;
	return 0;
}

const struct cmd cmd_system_renumber = {
	.path = "system renumber",
	.help = "accepted for scripts: each object has a lock of its own here, and none has a number",
	.fn = renumber_run,
};

struct reset_args {
	bool force;
};

static bool is_confirmed(const char *root, const char *runtime_dir)
{
	return confirm("This removes, for this user:\n"
		       "  - all containers, running ones too\n"
		       "  - all volumes and what is in them\n"
		       "  - all images\n"
		       "  - the storage directory %s\n"
		       "  - the runtime directory %s",
		       root, runtime_dir);
}

/* Their files are in use where nobody here can end it. */
static int check_elsewhere(struct engine *g, const struct strv *ids, struct err *e)
{
	for (size_t i = 0; i < ids->n; i++) {
		auto_of(record_free) struct record *rec = NULL;
		auto_of(state_clear) struct state st = { 0 };
		struct err broken = { 0 };

		if (record_open(&rec, g, ids->v[i], &broken) >= 0 && state_load(&st, rec, &broken) < 0 &&
		    broken.code == EREMOTE) {
			*e = broken;
			return -e->code;
		}
	}
	return 0;
}

static int remove_containers(struct engine *g, struct err *e)
{
	const struct lifecycle_remove how = { .force = true, .volumes = true, .timeout = 0 };
	auto_of(strv_clear) struct strv ids = { 0 };
	int r = record_list(g, &ids, e);

	if (r >= 0)
		r = check_elsewhere(g, &ids, e);
	for (size_t i = 0; r >= 0 && i < ids.n; i++) {
		r = lifecycle_remove(g, ids.v[i], &how, e);
		if (r < 0) {
			log_warn("%s", e->msg);
			r = 0;
		}
	}
	return r;
}

/* Only what is ours: --root may point to a directory that holds other things too. */
static int remove_store(const char *root, struct err *e)
{
	static const char *const ours[] = { "containers", "images", "layers", "volumes", "tmp",
					    "cache", "secrets", "events.log", "events.log.1",
					    "driver" };
	autoclose int dirfd = fd_opendir(root);
	int r;

	if (dirfd == -ENOENT)
		return 0;
	if (dirfd < 0)
		return err_sys(e, -dirfd, "open %s", root);
	for (size_t i = 0; i < ARRAY_SIZE(ours); i++) {
		r = file_remove_tree(dirfd, ours[i]);
		if (r < 0)
			return err_sys(e, -r, "remove %s/%s", root, ours[i]);
	}
	if (rmdir(root) < 0 && errno != ENOTEMPTY && errno != EEXIST && errno != ENOENT)
		log_debug("%s stays: %s", root, strerror(errno));
	return 0;
}

static int remove_runtime_files(const struct session *s, struct err *e)
{
	auto_of(strv_clear) struct strv names = { 0 };
	int r = file_list_dir(s->runtime_dirfd, ".", &names, false);

	for (size_t i = 0; r >= 0 && i < names.n; i++)
		/* The lock stays: a command that waits for it would else hold one of its own. */
		if (strcmp(names.v[i], "session.lock") != 0)
			r = file_remove_tree(s->runtime_dirfd, names.v[i]);
	return r < 0 ? err_sys(e, -r, "empty %s", s->runtime_dir) : 0;
}

static int open_engine(const struct cmd_context *c, struct store **store, struct engine **engine,
		       struct err *e)
{
	const struct store_args args = {
		.root = c->globals->root,
		.data_dir = c->session->data_dir,
		.driver = c->globals->storage_driver,
		.driver_opts = &c->globals->storage_opts,
		.is_single_id = c->session->is_single_id,
	};
	int r = store_open(store, &args, e);

	if (r >= 0 && (*store)->refuses_owners)
		session_narrow(c->session);
	return r < 0 ? r : engine_open(engine, c->session, *store, e);
}

static int reset_run(struct cmd_context *c, void *v, const struct strv *rest, struct err *e)
{
	auto_of(store_free) struct store *store = NULL;
	auto_of(engine_free) struct engine *engine = NULL;
	autofree char *root = find_graph_root(c);
	const struct reset_args *args = v;
	struct err broken;
	int r;

	(void)rest;
	if (!args->force && !is_confirmed(root, c->session->runtime_dir))
		return 1;
	if (open_engine(c, &store, &engine, &broken) < 0)
		log_warn("containers are not stopped first: %s", broken.msg);
	r = engine ? remove_containers(engine, e) : 0;
	if (r >= 0)
		r = remove_store(root, e);
	if (r >= 0)
		r = session_stop(c->session, e);
	if (r >= 0)
		r = remove_runtime_files(c->session, e);
	return r < 0 ? r : 0;
}

static const struct opt reset_opts[] = {
	OPT_FLAG('f', "force", struct reset_args, force, "do not ask"),
	OPT_END,
};

const struct cmd cmd_system_reset = {
	.path = "system reset",
	.help = "remove all containers, images and volumes and end the session",
	.opts = reset_opts,
	.args_size = sizeof(struct reset_args),
	.needs = NEED_USERNS,
	.fn = reset_run,
};
