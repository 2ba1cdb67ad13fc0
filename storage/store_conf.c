/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/store_conf.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/json.h"
#include "base/str.h"
#include "base/toml.h"

#include <string.h>
#include <unistd.h>

void store_conf_clear(struct store_conf *c)
{
	free(c->driver);
	free(c->root);
	strv_clear(&c->opts);
	*c = (struct store_conf){ 0 };
}

/* Most installations ship the file with every line commented out: then the run path need not pay
 * for a TOML parser. */
static bool has_settings(const char *text)
{
	static const char *const keys[] = { "driver", "rootless_storage_path", "mount_program",
					    "ignore_chown_errors" };

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += strspn(line, "\n \t\r");
		for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
			if (str_has_prefix(line, keys[i]))
				return true;
	}
	return false;
}

/* $HOME, $USER and $UID as the man page has them; other words stay. */
static char *expand(const char *path)
{
	auto_of(str_clear) struct str out = { 0 };
	const char *p = path, *value, *rest;

	while (*p) {
		if ((rest = str_after(p, "$HOME")))
			value = getenv("HOME");
		else if ((rest = str_after(p, "$USER")))
			value = getenv("USER");
		else
			rest = value = NULL;
		if (rest && value) {
			str_add(&out, value);
			p = rest;
		} else if ((rest = str_after(p, "$UID"))) {
			/* Inside the session we are 0: the number the user means is in UID's
			 * sibling that a login sets, or the owner of HOME. */
			struct stat st = { 0 };
			const char *home = getenv("HOME");

			if (getuid() || !home || stat(home, &st) < 0)
				st.st_uid = getuid();
			str_addf(&out, "%u", st.st_uid);
			p = rest;
		} else {
			str_addc(&out, *p++);
		}
	}
	return str_steal(&out);
}

static void add_opts(struct store_conf *c, const struct json *table, const char *prefix)
{
	static const char *const keys[] = { "mount_program", "ignore_chown_errors", "mountopt" };

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		const struct json *v = json_get(table, keys[i]);

		if (json_str(v))
			strv_addf(&c->opts, "%s.%s=%s", prefix, keys[i], json_str(v));
		else if (json_is(v, JSON_BOOL))
			strv_addf(&c->opts, "%s.%s=%s", prefix, keys[i],
				  json_bool(v, false) ? "true" : "false");
	}
}

int store_conf_parse(struct store_conf *c, const char *name, const char *text, size_t len,
		     struct err *e)
{
	auto_of(json_free) struct json *root = NULL;
	const char *path;
	int r;

	if (!has_settings(text))
		return 0;
	r = toml_parse(&root, name, text, len, e);
	if (r < 0)
		return r;
	xreplace(&c->driver, json_str(json_path(root, "storage.driver")));
	if (c->driver && !*c->driver)
		xreplace(&c->driver, NULL);
	path = json_str(json_path(root, "storage.rootless_storage_path"));
	if (!str_empty(path))
		c->root = expand(path);
	add_opts(c, json_path(root, "storage.options"), "overlay");
	add_opts(c, json_path(root, "storage.options.overlay"), "overlay");
	return 0;
}

static char *user_file(void)
{
	const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

	if (!str_empty(config))
		return xasprintf("%s/containers/storage.conf", config);
	return str_empty(home) ? NULL : xasprintf("%s/.config/containers/storage.conf", home);
}

/* The first that is there; *file: its name, borrowed of user, which is the user's own. -ENOENT: none. */
static int read_first(const char *user, const char **file, char **text, size_t *len)
{
	const char *const files[] = { getenv("CONTAINERS_STORAGE_CONF"), user,
				      "/etc/containers/storage.conf",
				      "/usr/share/containers/storage.conf" };

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		int r = str_empty(files[i]) ? -ENOENT :
					      file_read_at(AT_FDCWD, files[i], text, len, FILE_MAX_CONFIG);

		*file = files[i];
		if (r != -ENOENT && r != -ENOTDIR)
			return r;
	}
	return -ENOENT;
}

int store_conf_load(struct store_conf *c, struct err *e)
{
	autofree char *user = user_file(), *text = NULL;
	const char *file = NULL;
	size_t len;
	int r = read_first(user, &file, &text, &len);

	if (r == -ENOENT)
		return 0;
	return r < 0 ? err_sys(e, -r, "read %s", file) : store_conf_parse(c, file, text, len, e);
}

char *store_conf_file(void)
{
	autofree char *user = user_file(), *text = NULL;
	const char *file = NULL;
	size_t len;

	return read_first(user, &file, &text, &len) == -ENOENT ? steal_ptr(&user) : xstrdup(file);
}

const char *store_conf_option(const struct strv *opts, const char *key)
{
	/* The last one counts, so that the command line wins over the file. */
	for (size_t i = opts->n; i-- > 0;) {
		const char *o = opts->v[i], *rest;

		if ((rest = str_after(o, "overlay.")) || (rest = str_after(o, "overlay2.")) ||
		    (rest = str_after(o, ".")) || (rest = str_after(o, "vfs.")))
			o = rest;
		rest = str_after(o, key);
		if (rest && *rest == '=')
			return rest + 1;
	}
	return NULL;
}
