/* SPDX-License-Identifier: Apache-2.0 */
/* --log-driver and --log-opt: what they may be, what containers.conf says, and what becomes of them:
 * the tag of a container and the attributes its lines carry (Docker's labels and env, Podman's label). */
#include "container/logs.h"

#include "base/fd.h"
#include "base/journal.h"
#include "base/path.h"
#include "base/str.h"
#include "base/template.h"
#include "base/units.h"
#include "container/inspect.h"
#include "container/logs_priv.h"

#include <regex.h>
#include <string.h>
#include <unistd.h>

#define DEFAULT_MAX_SIZE (10 << 20)
#define DEFAULT_MAX_FILE 3
#define MIN_MAX_SIZE 1024	/* below, every line would be a file */

static const char *const driver_names[] = {
	[LOGS_K8S_FILE] = "k8s-file", [LOGS_JSON_FILE] = "json-file", [LOGS_JOURNALD] = "journald",
	[LOGS_PASSTHROUGH] = "passthrough", [LOGS_PASSTHROUGH_TTY] = "passthrough-tty",
	[LOGS_NONE] = "none",
};
_Static_assert(ARRAY_SIZE(driver_names) == N_LOGS_DRIVERS, "a name for every driver");

int logs_driver_parse(const char *name)
{
	for (int i = 0; i < N_LOGS_DRIVERS; i++)
		if (str_eq(name, driver_names[i]))
			return i;
	return -EINVAL;
}

int logs_driver(const struct container_config *c)
{
	return c->log_driver ? logs_driver_parse(c->log_driver) : LOGS_K8S_FILE;
}

bool logs_is_passthrough(const struct container_config *c)
{
	int driver = logs_driver(c);

	return driver == LOGS_PASSTHROUGH || driver == LOGS_PASSTHROUGH_TTY;
}

const char *logs_option(const struct container_config *c, const char *key)
{
	return strv_env_get(&c->log_opts, key);
}

/* --- checks --- */

static const struct option {
	const char *key;
	bool needs_file;
} options[] = {
	{ "path", true }, { "max-size", true }, { "max-file", true }, { "tag", false },
	{ "label", false }, { "labels", false }, { "labels-regex", false }, { "env", false },
	{ "env-regex", false }, { "mode", false }, { "compress", true },
};

static int check_label(const char *value, struct err *e)
{
	const char *eq = strchr(value, '=');

	if (eq && journal_is_field_name(value, eq - value))
		return 0;
	return err_set(e, ERR_USAGE, "--log-opt label=%s: KEY=VALUE is expected, KEY of capital letters, "
		       "digits and underscores, a letter first", value);
}

static int check_value(const char *key, const char *value, struct err *e)
{
	regex_t regex;

	if (str_eq(key, "path") && *value != '/')
		return err_set(e, ERR_USAGE, "--log-opt path=%s: an absolute path is expected", value);
	if (str_eq(key, "label"))
		return check_label(value, e);
	if (str_eq(key, "tag"))
		return template_check(value, e) < 0 ? err_wrap(e, "--log-opt tag=%s", value) : 0;
	if (str_has_suffix(key, "-regex")) {
		if (regcomp(&regex, value, REG_EXTENDED | REG_NOSUB) != 0)
			return err_set(e, ERR_USAGE, "--log-opt %s=%s: no regular expression", key, value);
		regfree(&regex);
	}
	if (str_eq(key, "mode") && !str_eq(value, "blocking"))
		return err_set(e, ERR_USAGE, "--log-opt mode=%s: only blocking is possible: a slow log is "
			       "not thrown away", value);
	if (str_eq(key, "compress") && !str_eq(value, "false"))
		return err_set(e, ERR_USAGE, "--log-opt compress=%s: only false is possible: rotated logs "
			       "stay as they are", value);
	return 0;
}

static int check_option(const char *text, enum logs_driver driver, struct err *e)
{
	const char *eq = strchr(text, '=');
	const struct option *o = NULL;

	for (size_t i = 0; eq && i < ARRAY_SIZE(options); i++)
		if (strlen(options[i].key) == (size_t)(eq - text) &&
		    strncmp(options[i].key, text, eq - text) == 0)
			o = &options[i];
	if (!o)
		return err_set(e, ERR_USAGE, "--log-opt '%s': expected KEY=VALUE, KEY one of path, max-size, "
			       "max-file, tag, label, labels, labels-regex, env, env-regex, mode, compress",
			       text);
	if (o->needs_file && driver != LOGS_K8S_FILE && driver != LOGS_JSON_FILE)
		return err_set(e, ERR_USAGE, "--log-opt %s: log driver %s writes no file of its own: use "
			       "k8s-file or json-file", text, driver_names[driver]);
	return check_value(o->key, eq + 1, e);
}

int logs_limits(struct logs_limits *out, const struct container_config *c, struct err *e)
{
	const char *size = logs_option(c, "max-size"), *files = logs_option(c, "max-file");
	int64_t n;

	*out = (struct logs_limits){ DEFAULT_MAX_SIZE, DEFAULT_MAX_FILE };
	if (size && (units_parse_bytes(size, &out->max_size) < 0 || out->max_size < -1 ||
		     (out->max_size > 0 && out->max_size < MIN_MAX_SIZE)))
		return err_set(e, ERR_USAGE, "--log-opt max-size=%s: a size as 10m is expected, at least 1k "
			       "(-1: no limit)", size);
	if (files) {
		if (units_parse_int(files, &n) < 0 || n < 1 || n > LOGS_FILES_MAX)
			return err_set(e, ERR_USAGE, "--log-opt max-file=%s: a number from 1 to %d is expected",
				       files, LOGS_FILES_MAX);
		out->max_file = n;
	}
	return 0;
}

/* What the user has not said is containers.conf's. */
static void add_defaults(struct engine *g, struct container_config *c)
{
	const char *driver = json_str(engine_conf(g, "containers.log_driver"));
	const char *tag = json_str(engine_conf(g, "containers.log_tag"));
	int64_t size = json_int(engine_conf(g, "containers.log_size_max"), 0);
	int chosen;

	if (!c->log_driver && !str_empty(driver))
		c->log_driver = xstrdup(driver);
	if (!c->log_driver && g->is_docker)
		c->log_driver = xstrdup("json-file");
	if (!str_empty(tag) && !logs_option(c, "tag"))
		strv_addf(&c->log_opts, "tag=%s", tag);
	chosen = logs_driver(c);
	if (size != 0 && !logs_option(c, "max-size") &&
	    (chosen == LOGS_K8S_FILE || chosen == LOGS_JSON_FILE))
		strv_addf(&c->log_opts, "max-size=%lld", (long long)size);
}

static int check_passthrough(const struct container_config *c, int driver, struct err *e)
{
	if (!logs_is_passthrough(c))
		return 0;
	if (c->has_tty)
		return err_set(e, ERR_USAGE, "--log-driver %s gives the container our own stdio: it cannot "
			       "have a terminal (--tty) as well", c->log_driver);
	if (driver == LOGS_PASSTHROUGH && (isatty(0) || isatty(1) || isatty(2)))
		return err_set(e, ERR_USAGE, "--log-driver passthrough cannot be used on a terminal: the "
			       "container could type into it; --log-driver passthrough-tty if you want that");
	return 0;
}

int logs_check(const struct container_config *c, struct err *e)
{
	struct logs_limits limits;
	int driver = logs_driver(c);

	if (driver < 0)
		return err_set(e, ERR_USAGE, "--log-driver '%s': invalid log driver: none of k8s-file, json-file, journald, "
			       "passthrough, passthrough-tty, none", c->log_driver);
	if (check_passthrough(c, driver, e) < 0)
		return -e->code;
	for (size_t i = 0; i < c->log_opts.n; i++)
		if (check_option(c->log_opts.v[i], driver, e) < 0)
			return -e->code;
	return logs_limits(&limits, c, e);
}

int logs_settle(struct engine *g, struct container_config *c, struct err *e)
{
	add_defaults(g, c);
	return logs_check(c, e);
}

/* --- tag and attributes --- */

int logs_tag(char **out, struct engine *g, struct record *r, struct err *e)
{
	const struct container_config *c = &r->config;
	const char *tag = logs_option(c, "tag");
	auto_of(json_free) struct json *data = NULL;
	auto_of(str_clear) struct str text = { 0 };
	autofree char *short_id = xstrndup(r->id, 12);
	autofree char *short_image = c->image_id ? xstrndup(c->image_id, 12) : xstrdup("");

	if (!tag || !strstr(tag, "{{")) {
		*out = tag ? xstrdup(tag) : NULL;
		return 0;
	}
	/* Podman's placeholders are inspect's, Docker has its own few. */
	if (inspect_container(&data, g, r, false, e) < 0)
		return -e->code;
	json_set_str(data, "ID", g->is_docker ? short_id : r->id);
	json_set_str(data, "FullID", r->id);
	json_set_str(data, "Name", c->name);
	json_set_str(data, "ImageID", short_image);
	json_set_str(data, "ImageFullID", c->image_id ? c->image_id : "");
	json_set_str(data, "ImageName", c->image_full ? c->image_full : "");
	json_set_str(data, "DaemonName", "rootlet");
	if (template_render(&text, tag, data, e) < 0)
		return err_wrap(e, "--log-opt tag=%s", tag);
	*out = str_steal(&text);
	return 0;
}

/* Those pairs whose key is one of the names, or matches. */
static void add_named(struct strv *out, const struct strv *pairs, const char *names)
{
	auto_of(strv_clear) struct strv keys = { 0 };

	if (names)
		strv_split(&keys, names, ',');
	for (size_t i = 0; i < keys.n; i++) {
		const char *value = strv_env_get(pairs, keys.v[i]);

		if (value)
			strv_env_set(out, keys.v[i], value);
	}
}

static void add_matching(struct strv *out, const struct strv *pairs, const char *pattern)
{
	regex_t regex;

	if (!pattern || regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB) != 0)
		return;
	for (size_t i = 0; i < pairs->n; i++) {
		autofree char *key = xstrndup(pairs->v[i], strcspn(pairs->v[i], "="));

		if (regexec(&regex, key, 0, NULL, 0) == 0)
			strv_env_put(out, pairs->v[i]);
	}
	regfree(&regex);
}

void logs_attributes(const struct container_config *c, struct strv *out)
{
	add_named(out, &c->labels, logs_option(c, "labels"));
	add_matching(out, &c->labels, logs_option(c, "labels-regex"));
	add_named(out, &c->env, logs_option(c, "env"));
	add_matching(out, &c->env, logs_option(c, "env-regex"));
	for (size_t i = 0; i < c->log_opts.n; i++) {
		const char *label = str_after(c->log_opts.v[i], "label=");

		if (label)
			strv_env_put(out, label);
	}
}

int logs_open_dir(int ctr_dirfd, const struct container_config *c, char **name, struct err *e)
{
	const char *path = logs_option(c, "path");
	autofree char *dir = NULL;
	int fd;

	if (str_empty(path)) {
		*name = xstrdup(LOGS_FILE);
		fd = fd_openat(ctr_dirfd, ".", O_RDONLY | O_DIRECTORY);
		return fd < 0 ? err_sys(e, -fd, "container %.12s", c->id) : fd;
	}
	dir = path_dir(path);
	fd = fd_open(dir, O_RDONLY | O_DIRECTORY);
	if (fd < 0)
		return err_sys(e, -fd, "--log-opt path=%s", path);
	*name = xstrdup(path_base(path));
	return fd;
}
