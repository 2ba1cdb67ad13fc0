/* SPDX-License-Identifier: Apache-2.0 */
#include "image/registries_priv.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/path.h"
#include "base/toml.h"

#include <stdlib.h>

static struct registries *new(void)
{
	struct registries *r = xcalloc(1, sizeof(*r));

	r->aliases = json_new_object();
	r->tables = json_new_array();
	return r;
}

void registries_free(struct registries *r)
{
	if (!r)
		return;
	strv_clear(&r->search);
	json_free(r->aliases);
	json_free(r->tables);
	free(r);
}

/* ---- one file onto what is there ---- */

static int add_table(struct registries *r, const char *name, const struct json *table, struct err *e)
{
	const char *prefix = json_get_str(table, "prefix"), *location = json_get_str(table, "location");
	struct json *copy;

	if (str_empty(prefix))
		prefix = location;
	if (str_empty(prefix))
		return err_set(e, EINVAL, "%s: a [[registry]] table has neither prefix nor location", name);
	if (str_empty(location) && !str_has_prefix(prefix, "*."))
		return err_set(e, EINVAL, "%s: registry '%s' has no location", name, prefix);
	copy = json_copy(table);
	json_set_str(copy, "prefix", prefix);
	for (size_t i = 0; i < json_len(r->tables); i++)
		if (str_eq(json_get_str(json_at(r->tables, i), "prefix"), prefix)) {
			struct json *old = json_edit_at(r->tables, i);

			/* The later file's table replaces the earlier one as a whole. */
			while (json_len(old))
				json_remove(old, json_key_at(old, 0));
			for (size_t k = 0; k < json_len(copy); k++)
				json_set(old, json_key_at(copy, k), json_copy(json_at(copy, k)));
			json_free(copy);
			return 0;
		}
	json_add(r->tables, copy);
	return 0;
}

/* Version 1 of the format: three lists. */
static int add_version1(struct registries *r, const char *name, const struct json *conf, struct err *e)
{
	static const char *const flags[][2] = { { "insecure", "insecure" }, { "block", "blocked" } };
	const struct json *v1 = json_get(conf, "registries");

	if (json_get(v1, "search")) {
		strv_clear(&r->search);
		json_get_strv(json_get(v1, "search"), "registries", &r->search);
	}
	for (size_t f = 0; f < ARRAY_SIZE(flags); f++) {
		const struct json *list = json_path(v1, flags[f][0]);
		auto_of(strv_clear) struct strv hosts = { 0 };

		json_get_strv(list, "registries", &hosts);
		for (size_t i = 0; i < hosts.n; i++) {
			auto_of(json_free) struct json *t = json_new_object();
			int rc;

			json_set_str(t, "location", hosts.v[i]);
			json_set_bool(t, flags[f][1], true);
			rc = add_table(r, name, t, e);
			if (rc < 0)
				return rc;
		}
	}
	return 0;
}

static int add_conf(struct registries *r, const char *name, const struct json *conf, struct err *e)
{
	const struct json *list = json_get(conf, "registry"), *aliases = json_get(conf, "aliases");
	const char *mode = json_get_str(conf, "short-name-mode");
	int rc;

	if (json_is(json_get(conf, "registries"), JSON_OBJECT) &&
	    (rc = add_version1(r, name, conf, e)) < 0)
		return rc;
	if (json_get(conf, "unqualified-search-registries")) {
		strv_clear(&r->search);
		json_get_strv(conf, "unqualified-search-registries", &r->search);
	}
	if (mode && !str_eq(mode, "") && !str_eq(mode, "enforcing") && !str_eq(mode, "permissive") &&
	    !str_eq(mode, "disabled"))
		return err_set(e, EINVAL,
			       "%s: short-name-mode '%s' is unknown: enforcing, permissive and disabled are",
			       name, mode);
	if (!str_empty(mode))
		r->is_enforcing = str_eq(mode, "enforcing");
	for (size_t i = 0; i < json_members(aliases); i++)
		json_set_str(r->aliases, json_key_at(aliases, i), json_str(json_at(aliases, i)));
	for (size_t i = 0; json_is(list, JSON_ARRAY) && i < json_len(list); i++) {
		rc = add_table(r, name, json_at(list, i), e);
		if (rc < 0)
			return rc;
	}
	return 0;
}

int registries_parse(struct registries **out, const char *name, const char *text, size_t len,
		     struct err *e)
{
	auto_of(registries_free) struct registries *r = new();
	auto_of(json_free) struct json *conf = NULL;
	int rc = toml_parse(&conf, name, text, len, e);

	if (rc >= 0)
		rc = add_conf(r, name, conf, e);
	if (rc < 0)
		return rc;
	*out = steal_ptr(&r);
	return 0;
}

/* ---- the files ---- */

/* 1: read, 0: there is none. */
static int add_file(struct registries *r, const char *path, struct err *e)
{
	auto_of(json_free) struct json *conf = NULL;
	autofree char *text = NULL;
	size_t len;
	int rc = file_read_at(AT_FDCWD, path, &text, &len, FILE_MAX_CONFIG);

	if (rc == -ENOENT || rc == -ENOTDIR || rc == -EACCES)
		return 0;
	if (rc < 0)
		return err_sys(e, -rc, "read %s", path);
	rc = toml_parse(&conf, path, text, len, e);
	if (rc >= 0)
		rc = add_conf(r, path, conf, e);
	return rc < 0 ? rc : 1;
}

static int add_dir(struct registries *r, const char *dir, struct err *e)
{
	auto_of(strv_clear) struct strv names = { 0 };

	if (file_list_dir(AT_FDCWD, dir, &names, true) < 0)
		return 0;
	for (size_t i = 0; i < names.n; i++) {
		autofree char *path = path_join(dir, names.v[i]);
		int rc = str_has_suffix(path, ".conf") ? add_file(r, path, e) : 0;

		if (rc < 0)
			return rc;
	}
	return 0;
}

/* "" when there is no home. */
static char *user_dir(const char *variable, const char *below_home)
{
	const char *dir = getenv(variable), *home = getenv("HOME");

	if (!str_empty(dir) && *dir == '/')
		return path_join(dir, "containers");
	return str_empty(home) ? xstrdup("") : xasprintf("%s/%s/containers", home, below_home);
}

int registries_load(struct registries **out, struct err *e)
{
	auto_of(registries_free) struct registries *r = new();
	autofree char *config = user_dir("XDG_CONFIG_HOME", ".config");
	autofree char *cache = user_dir("XDG_CACHE_HOME", ".cache");
	autofree char *own = path_join(config, "registries.conf");
	autofree char *own_dir = path_join(config, "registries.conf.d");
	autofree char *recorded = path_join(cache, "short-name-aliases.conf");
	const char *given = getenv("CONTAINERS_REGISTRIES_CONF");
	int rc;

	if (!str_empty(given)) {
		rc = add_file(r, given, e);
		if (rc == 0)
			rc = err_set(e, ENOENT, "CONTAINERS_REGISTRIES_CONF: %s cannot be read", given);
	} else {
		rc = *config ? add_file(r, own, e) : 0;
		if (rc == 0)
			rc = add_file(r, "/etc/containers/registries.conf", e);
	}
	if (rc >= 0)
		rc = add_dir(r, "/etc/containers/registries.conf.d", e);
	if (rc >= 0 && *config)
		rc = add_dir(r, own_dir, e);
	/* What Podman asked the user before and wrote down. */
	if (rc >= 0 && *cache)
		rc = add_file(r, recorded, e);
	if (rc < 0)
		return rc;
	*out = steal_ptr(&r);
	return 0;
}
