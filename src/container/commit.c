/* SPDX-License-Identifier: Apache-2.0 */
#include "container/commit.h"

#include "base/fd.h"
#include "base/ident.h"
#include "base/json.h"
#include "base/proc.h"
#include "base/str.h"
#include "container/ctr_userns.h"
#include "container/ctr_view.h"
#include "container/events.h"
#include "container/mount_args.h"
#include "container/pause.h"
#include "container/state.h"
#include "image/commit_opts.h"
#include "image/transfer.h"
#include "storage/images.h"
#include "storage/rootfs.h"
#include "storage/store.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

enum { MAX_OUTPUT = 64 << 10 };

/* --- the configuration ---------------------------------------------------------------------- */

/* What the engine adds to every container is not the image's. */
static bool is_own_env(const char *text, const struct strv *base)
{
	return (str_has_prefix(text, "container=") || str_has_prefix(text, "TERM=") ||
		str_has_prefix(text, "HOSTNAME=")) && !strv_has(base, text);
}

static void set_env(struct json *config, const struct container_config *c)
{
	auto_of(strv_clear) struct strv base = { 0 }, env = { 0 };

	json_get_strv(config, "Env", &base);
	for (size_t i = 0; i < c->env.n; i++)
		if (!is_own_env(c->env.v[i], &base))
			strv_add(&env, c->env.v[i]);
	json_set_strv(config, "Env", &env);
}

static void set_list(struct json *config, const char *key, const struct strv *l)
{
	json_remove(config, key);
	if (l->n)
		json_set_strv(config, key, l);
}

static void set_text(struct json *config, const char *key, const char *text)
{
	if (!str_empty(text))
		json_set_str(config, key, text);
}

static struct json *member(struct json *config, const char *key)
{
	if (!json_is(json_get(config, key), JSON_OBJECT))
		json_set(config, key, json_new_object());
	return json_edit(config, key);
}

static void set_ports(struct json *config, const struct container_config *c)
{
	auto_of(strv_clear) struct strv ports = { 0 };
	const struct json *base = json_get(config, "ExposedPorts");
	struct json *all;

	if (!c->expose.n)
		return;
	for (size_t i = 0; i < json_members(base); i++)
		strv_add(&ports, json_key_at(base, i));
	for (size_t i = 0; i < c->expose.n; i++)
		strv_addf(&ports, "%s%s", c->expose.v[i], strchr(c->expose.v[i], '/') ? "" : "/tcp");
	strv_sort(&ports);
	all = json_new_object();
	for (size_t i = 0; i < ports.n; i++)
		if (i == 0 || !str_eq(ports.v[i], ports.v[i - 1]))
			json_set_new(all, ports.v[i], json_new_object());
	json_set(config, "ExposedPorts", all);
}

/* The image's are among them. Not one after the other: there may be a hundred thousand. */
static void set_labels(struct json *config, const struct container_config *c)
{
	if (c->labels.n)
		json_set(config, "Labels", json_new_pairs(&c->labels));
}

struct json *commit_config(const struct container_config *c, const struct json *base)
{
	struct json *config = json_is(base, JSON_OBJECT) ? json_copy(base) : json_new_object();

	set_list(config, "Cmd", &c->command);
	set_list(config, "Entrypoint", &c->entrypoint);
	set_env(config, c);
	set_text(config, "User", c->user);
	set_text(config, "WorkingDir", c->workdir);
	set_text(config, "StopSignal", c->stop_signal);
	set_ports(config, c);
	set_labels(config, c);
	return config;
}

static const struct {
	const char *key;
	enum json_type type;
	bool is_merged;		/* member by member */
} config_keys[] = {
	{ "User", JSON_STRING, false },		{ "WorkingDir", JSON_STRING, false },
	{ "StopSignal", JSON_STRING, false },	{ "Hostname", JSON_STRING, false },
	{ "Domainname", JSON_STRING, false },	{ "Cmd", JSON_ARRAY, false },
	{ "Entrypoint", JSON_ARRAY, false },	{ "OnBuild", JSON_ARRAY, false },
	{ "Shell", JSON_ARRAY, false },		{ "Env", JSON_ARRAY, true },
	{ "ExposedPorts", JSON_OBJECT, true },	{ "Volumes", JSON_OBJECT, true },
	{ "Labels", JSON_OBJECT, true },	{ "Healthcheck", JSON_OBJECT, false },
	{ "StopTimeout", JSON_NUMBER, false },
};

static bool is_text_list(const struct json *j)
{
	for (size_t i = 0; i < json_len(j); i++)
		if (!json_str(json_at(j, i)))
			return false;
	return true;
}

static void merge_env(struct json *config, const struct json *more)
{
	auto_of(strv_clear) struct strv env = { 0 };

	json_get_strv(config, "Env", &env);
	for (size_t i = 0; i < json_len(more); i++)
		strv_env_put(&env, json_str(json_at(more, i)));
	json_set_strv(config, "Env", &env);
}

int commit_merge(struct json *config, const struct json *more, const char *from, struct err *e)
{
	if (!json_is(more, JSON_OBJECT))
		return err_set(e, EINVAL, "--config %s: expected an object of JSON", from);
	for (size_t i = 0; i < ARRAY_SIZE(config_keys); i++) {
		const char *key = config_keys[i].key;
		const struct json *value = json_get(more, key);

		if (!value || json_is(value, JSON_NULL))
			continue;
		if (!json_is(value, config_keys[i].type) ||
		    (config_keys[i].type == JSON_ARRAY && !is_text_list(value)))
			return err_set(e, EINVAL, "--config %s: '%s' is not what an image's configuration has "
				       "there", from, key);
		if (!config_keys[i].is_merged)
			json_set(config, key, json_copy(value));
		else if (config_keys[i].type == JSON_ARRAY)
			merge_env(config, value);
		else
			for (size_t k = 0; k < json_members(value); k++)
				json_set(member(config, key), json_key_at(value, k),
					 json_copy(json_at(value, k)));
	}
	return 0;
}

static int add_volumes(struct json *config, const struct container_config *c, struct err *e)
{
	auto_of(mount_args_clear) struct mount_args args = { 0 };
	int r = mount_args_all(&args, c, e);

	for (size_t i = 0; r >= 0 && i < args.n; i++)
		if (args.v[i].type == MOUNT_ARG_VOLUME || args.v[i].type == MOUNT_ARG_BIND)
			json_set(member(config, "Volumes"), args.v[i].target, json_new_object());
	return r < 0 ? r : 0;
}

/* --- the files --------------------------------------------------------------------------------- */

struct work {
	struct engine *engine;
	struct record *record;
	const struct commit_args *args;
	struct ctr_view view;		/* of the whole root, when it is squashed */
	int tree_fd;			/* owned */
	int lock_fd;			/* owned; the container's while it is stopped, or -1 */
	bool is_frozen, was_live, is_alone;
};

static int open_tree(struct work *w, struct err *e)
{
	struct store *s = w->engine->store;
	int r = w->args->is_squashing ? -ENOTSUP : rootfs_upper(s, w->record->id, &w->tree_fd, e);

	if (r != -ENOTSUP)
		return r;
	/* Without a writable layer of its own (vfs) the whole is all there is. */
	w->is_alone = true;
	/* The view takes the lock itself, and brings the maps. */
	fd_close(&w->lock_fd);
	ctr_view_clear(&w->view);
	r = ctr_view_open(&w->view, w->engine, w->record, CTR_VIEW_BARE, e);
	if (r < 0)
		return r;
	/* Somebody has started it meanwhile. */
	if (w->view.is_live && !w->was_live)
		w->is_frozen = false;
	w->tree_fd = fd_reopen(w->view.root_fd, O_RDONLY | O_DIRECTORY);
	return w->tree_fd < 0 ? err_sys(e, -w->tree_fd, "open the root of container %.12s",
					w->record->id) : 0;
}

static void set_map(struct json *j, const char *key, const struct idmap *m)
{
	if (m->n)
		json_set_str_take(j, key, idmap_format(m));
}

static int make_request(struct str *out, struct work *w, struct err *e)
{
	const struct container_config *c = &w->record->config;
	auto_of(images_record_free) struct images_record *base = NULL;
	auto_of(json_free) struct json *j = json_new_object();
	autofree char *by = strv_join(&c->command, " ");
	struct json *config;

	if (images_load(&base, w->engine->store, c->image_id, e) < 0)
		return err_wrap(e, "image of container %.12s", c->id);
	config = commit_config(c, json_get(base->config, "config"));
	json_set(j, "config", config);
	if (w->args->has_volumes && add_volumes(config, c, e) < 0)
		return -e->code;
	if (w->args->config && commit_merge(config, w->args->config, w->args->config_from, e) < 0)
		return -e->code;
	json_set_str(j, "created-by", by);
	set_map(j, "uid-map", &w->view.uid_map);
	set_map(j, "gid-map", &w->view.gid_map);
	json_write(out, j, 0);
	return 0;
}

/* --- rootlet-image ------------------------------------------------------------------------------ */

static int make_argv(struct strv *argv, const struct work *w, struct err *e)
{
	const struct commit_args *a = w->args;
	struct commit_opts o = {
		.format = (char *)(a->format ? a->format : "oci"),
		.author = (char *)a->author, .message = (char *)a->message,
		.is_frozen = w->is_frozen,
	};
	auto_of(strv_clear) struct strv operands = { 0 };
	int r = transfer_program(argv, w->engine->store, e);

	if (r < 0)
		return r;
	if (w->is_alone)
		o.inherit = w->record->config.image_id;
	else
		o.base = w->record->config.image_id;
	if (a->changes)
		strv_copy(&o.changes, a->changes);
	if (a->name)
		strv_add(&operands, a->name);
	transfer_argv(argv, "commit", commit_opts_table, &o, &operands);
	/* Before the "--" that ends the options. */
	for (size_t i = argv->n; i-- > 0;) {
		if (!str_eq(argv->v[i], "--"))
			continue;
		free(argv->v[i]);
		argv->v[i] = xasprintf("--tree-fd=%d", w->tree_fd);
		break;
	}
	strv_clear(&o.changes);
	return 0;
}

static int run_image(char **id, const struct work *w, const struct str *request, struct err *e)
{
	auto_of(strv_clear) struct strv argv = { 0 };
	auto_of(proc_clear) struct proc child = { .pidfd = -1 };
	autoclose int in_fd = fd_memfd_with("commit", request->p, request->len);
	autoclose int out_fd = -1, their_fd = -1;
	struct proc_args args = { .stdin_fd = in_fd, .stderr_fd = STDERR_FILENO,
				  .keep = &w->tree_fd, .keep_n = 1,
				  .parent_death_signal = SIGTERM };
	autofree char *text = NULL;
	int p[2], r = make_argv(&argv, w, e), status;
	size_t len;

	if (r < 0)
		return r;
	r = in_fd < 0 ? in_fd : fd_pipe(p);
	if (r < 0)
		return err_sys(e, -r, "talk to rootlet-image");
	out_fd = p[0];
	args.stdout_fd = their_fd = p[1];
	args.argv = (const char *const *)argv.v;
	r = proc_spawn(&child, &args, e);
	if (r < 0)
		return r;
	fd_close(&their_fd);
	r = fd_read_all(out_fd, &text, &len, MAX_OUTPUT);
	status = proc_wait(&child, e);
	if (status < 0)
		return status;
	if (status != 0)
		return err_set(e, ERR_REPORTED, "rootlet-image could not make the image");
	text[strcspn(text, "\n")] = 0;
	if (r < 0 || !ident_is_id(text))
		return err_set(e, EPROTO, "rootlet-image did not say which image it made");
	*id = steal_ptr(&text);
	return 0;
}

static int commit(char **id, struct work *w, struct err *e)
{
	auto_of(str_clear) struct str request = { 0 };

	if (open_tree(w, e) < 0 || make_request(&request, w, e) < 0)
		return -e->code;
	return run_image(id, w, &request, e);
}

/* Stopped containers stay so (their lock is ours), running ones stand still if that is wanted. */
static int freeze(struct work *w, bool *is_paused, struct err *e)
{
	auto_of(state_clear) struct state st = { 0 };

	if (record_lock(w->record, &w->lock_fd, e) < 0 || state_load(&st, w->record, e) < 0)
		return -e->code;
	w->is_frozen = true;
	if (!state_is_alive(&st))
		return 0;
	fd_close(&w->lock_fd);
	w->was_live = true;
	if (st.status == STATE_PAUSED)
		return 0;
	w->is_frozen = w->args->is_pausing;
	if (!w->is_frozen)
		return 0;
	*is_paused = true;
	return pause_container(w->engine, w->record, e);
}

static int load_maps(struct work *w, struct err *e)
{
	auto_of(ctr_userns_clear) struct ctr_userns u = { 0 };

	if (ctr_userns_plan(&u, w->engine->session, &w->record->config, e) < 0)
		return -e->code;
	idmap_copy(&w->view.uid_map, &u.uid_shift);
	idmap_copy(&w->view.gid_map, &u.gid_shift);
	return 0;
}

int commit_container(char **id, struct engine *g, struct record *r, const struct commit_args *args,
		     struct err *e)
{
	struct work w = { .engine = g, .record = r, .args = args, .view = CTR_VIEW_NONE, .tree_fd = -1,
			  .lock_fd = -1 };
	bool is_paused = false;
	struct err ignored;
	int ret;

	if (!r->config.image_id)
		return err_set(e, ERR_UNSUPPORTED, "container %.12s is not of an image (its root is %s): "
			       "use export and import", r->id, r->config.rootfs);
	ret = load_maps(&w, e);
	if (ret >= 0)
		ret = freeze(&w, &is_paused, e);
	if (ret >= 0)
		ret = commit(id, &w, e);
	if (is_paused)
		(void)pause_continue(g, r, ret < 0 ? &ignored : e);
	if (ret >= 0)
		events_container(g, &r->config, "commit");
	fd_close(&w.tree_fd);
	fd_close(&w.lock_fd);
	ctr_view_clear(&w.view);
	return ret;
}
