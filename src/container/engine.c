/* SPDX-License-Identifier: Apache-2.0 */
#include "container/engine.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "base/str.h"
#include "base/toml.h"
#include "userns/session.h"

#include <string.h>

int engine_open(struct engine **out, struct session *session, struct store *store, struct err *e)
{
	struct engine *g;

	/* Nothing is made here: each container's directory is made when it starts. */
	if (session->runtime_dirfd < 0)
		return err_set(e, ENOENT, "the session has no runtime directory");
	g = xcalloc(1, sizeof(*g));
	g->session = session;
	g->store = store;
	*out = g;
	return 0;
}

void engine_free(struct engine *g)
{
	if (!g)
		return;
	json_free(g->conf);
	free(g);
}

/* Tables are merged member by member, everything else is replaced. */
static void merge(struct json *to, const struct json *from)
{
	for (size_t i = 0; i < json_members(from); i++) {
		const char *key = json_key_at(from, i);
		const struct json *value = json_at(from, i);
		struct json *old = json_edit(to, key);

		if (json_is(old, JSON_OBJECT) && json_is(value, JSON_OBJECT))
			merge(old, value);
		else
			json_set(to, key, json_copy(value));
	}
}

static void merge_file(struct json *conf, const char *path)
{
	auto_of(json_free) struct json *j = NULL;
	struct err e = { 0 };
	int r = toml_load_at(&j, AT_FDCWD, path, &e);

	if (r >= 0)
		merge(conf, j);
	else if (r != -ENOENT && r != -ENOTDIR)
		log_warn("%s: %s", path, e.msg);
}

/* FILE, then FILE.d in the order of their names. */
static void merge_place(struct json *conf, const char *path)
{
	auto_of(strv_clear) struct strv names = { 0 };
	autofree char *dir = xasprintf("%s.d", path);

	merge_file(conf, path);
	if (file_list_dir(AT_FDCWD, dir, &names, true) < 0)
		return;
	for (size_t i = 0; i < names.n; i++) {
		autofree char *file = xasprintf("%s/%s", dir, names.v[i]);

		if (str_has_suffix(names.v[i], ".conf"))
			merge_file(conf, file);
	}
}

/* engine.env: for us and the programs we run, not for containers; what is set already stays. */
static void set_env(const struct json *list)
{
	for (size_t i = 0; i < json_len(list); i++) {
		const char *text = json_str(json_at(list, i)), *eq = text ? strchr(text, '=') : NULL;
		autofree char *name = eq ? xstrndup(text, eq - text) : NULL;

		if (!str_empty(name) && setenv(name, eq + 1, 0) < 0)
			log_warn("containers.conf: env: %s: %m", text);
	}
}

static struct json *load_conf(const struct session *s)
{
	struct json *conf = json_new_object();
	const char *only = getenv("CONTAINERS_CONF"), *more = getenv("CONTAINERS_CONF_OVERRIDE");
	autofree char *own = xasprintf("%s/containers/containers.conf", s->config_dir);

	if (!str_empty(only)) {
		merge_file(conf, only);
	} else {
		merge_file(conf, "/usr/share/containers/containers.conf");
		merge_place(conf, "/etc/containers/containers.conf");
		merge_place(conf, own);
	}
	if (!str_empty(more))
		merge_file(conf, more);
	set_env(json_path(conf, "engine.env"));
	return conf;
}

const struct json *engine_conf(struct engine *g, const char *dotted)
{
	if (!g->conf)
		g->conf = load_conf(g->session);
	return json_path(g->conf, dotted);
}

const char *engine_network_cmd(struct engine *g, enum netns_mode mode)
{
	const char *path;

	if (g->network_cmd_path || mode != NETNS_SLIRP)
		return g->network_cmd_path;
	path = json_str(engine_conf(g, "engine.network_cmd_path"));
	return str_empty(path) ? NULL : path;
}
