/* SPDX-License-Identifier: Apache-2.0 */
#include "container/mount_args.h"

#include "base/ident.h"
#include "base/path.h"
#include "base/str.h"
#include "base/units.h"

#include <assert.h>
#include <string.h>
#include <unistd.h>

static const char *const type_names[] = { "bind", "volume", "tmpfs", "devpts", "image", "ramfs", "glob" };
static_assert(ARRAY_SIZE(type_names) == N_MOUNT_ARG_TYPES, "a name for every type");

static struct mount_arg *add(struct mount_args *out, enum mount_arg_type type)
{
	struct mount_arg *m;

	out->v = xreallocarray(out->v, out->n + 1, sizeof(*out->v));
	m = &out->v[out->n++];
	*m = (struct mount_arg){ .type = type };
	return m;
}

static void mount_arg_clear(struct mount_arg *m)
{
	free(m->source);
	free(m->target);
	free(m->subpath);
	free(m->upperdir);
	free(m->workdir);
	strv_clear(&m->options);
	strv_clear(&m->driver_opts);
	strv_clear(&m->labels);
}

void mount_args_clear(struct mount_args *a)
{
	for (size_t i = 0; i < a->n; i++)
		mount_arg_clear(&a->v[i]);
	free(a->v);
	*a = (struct mount_args){ 0 };
}

const struct mount_arg *mount_args_at(const struct mount_args *a, const char *target)
{
	for (size_t i = 0; i < a->n; i++)
		if (strcmp(a->v[i].target, target) == 0)
			return &a->v[i];
	return NULL;
}

static int set_target(struct mount_arg *m, const char *option, const char *text, const char *target,
		      struct err *e)
{
	if (target[0] != '/')
		return err_set(e, ERR_USAGE, "%s %s: the container path '%s' is not absolute", option,
			       text, target);
	free(m->target);
	m->target = path_clean(target);
	if (strcmp(m->target, "/") == 0)
		return err_set(e, ERR_USAGE, "%s %s: the container path cannot be '/'", option, text);
	return 0;
}

static int absolute(char **path, struct err *e)
{
	char cwd[4096];

	if ((*path)[0] == '/')
		return 0;
	if (!getcwd(cwd, sizeof(cwd)))
		return err_sys(e, errno, "current directory");
	char *joined = path_join(cwd, *path);

	free(*path);
	*path = path_clean(joined);
	free(joined);
	return 0;
}

/* Options that go to the kernel or the runtime as they are. */
static bool is_plain_option(const char *o)
{
	static const char *const plain[] = {
		"exec", "noexec", "dev", "nodev", "suid", "nosuid", "bind", "rbind", "shared", "rshared",
		"slave", "rslave", "private", "rprivate", "unbindable", "runbindable", "atime", "noatime",
		"relatime", "strictatime", "nodiratime", "sync", "async", "dirsync", "z", "Z", "cached",
		"delegated", "consistent", "nosymfollow",
	};

	for (size_t i = 0; i < ARRAY_SIZE(plain); i++)
		if (strcmp(o, plain[i]) == 0)
			return true;
	return false;
}

/* One option of -v's third part. 1: taken. */
static int volume_option(struct mount_arg *m, const char *o)
{
	const char *value;

	if (strcmp(o, "ro") == 0 || strcmp(o, "rro") == 0) {
		m->is_readonly = true;
		strv_add(&m->options, o);
	} else if (strcmp(o, "rw") == 0) {
		m->is_readonly = false;
	} else if (strcmp(o, "U") == 0) {
		m->is_chowned = true;
	} else if (strcmp(o, "O") == 0) {
		m->is_overlay = true;
	} else if (strcmp(o, "nocopy") == 0) {
		m->is_nocopy = true;
	} else if (strcmp(o, "copy") == 0) {
		m->is_nocopy = false;
	} else if (strcmp(o, "idmap") == 0 || str_has_prefix(o, "idmap=")) {
		m->is_idmapped = true;
		strv_add(&m->options, o);
	} else if ((value = str_after(o, "upperdir="))) {
		xreplace(&m->upperdir, value);
	} else if ((value = str_after(o, "workdir="))) {
		xreplace(&m->workdir, value);
	} else if ((value = str_after(o, "subpath="))) {
		xreplace(&m->subpath, value);
	} else if (is_plain_option(o)) {
		/* Docker Desktop's hints about consistency mean nothing on Linux. */
		if (strcmp(o, "cached") != 0 && strcmp(o, "delegated") != 0 &&
		    strcmp(o, "consistent") != 0)
			strv_add(&m->options, o);
	} else {
		return 0;
	}
	return 1;
}

static bool is_host_path(const char *s)
{
	return s[0] == '/' || s[0] == '.' || s[0] == '~';
}

int mount_args_volume(struct mount_args *out, const char *text, struct err *e)
{
	auto_of(strv_clear) struct strv parts = { 0 }, opts = { 0 };
	struct mount_arg *m;
	const char *source, *target;
	int r;

	strv_split(&parts, text, ':');
	if (parts.n < 1 || parts.n > 3)
		return err_set(e, ERR_USAGE, "--volume %s: expected [SOURCE:]TARGET[:OPTIONS]", text);
	source = parts.n > 1 ? parts.v[0] : NULL;
	target = parts.n > 1 ? parts.v[1] : parts.v[0];
	if (source && !*source)
		return err_set(e, ERR_USAGE, "--volume %s: the source is empty", text);
	if (source && !is_host_path(source) && ident_check_name(source) < 0)
		return err_set(e, ERR_USAGE,
			       "--volume %s: '%s' is neither a path (/ or ./ in front) nor a volume name "
			       "([a-zA-Z0-9][a-zA-Z0-9_.-]*)", text, source);
	m = add(out, source && is_host_path(source) ? MOUNT_ARG_BIND : MOUNT_ARG_VOLUME);
	m->source = xstrdup_or_null(source);
	r = set_target(m, "--volume", text, target, e);
	if (r < 0)
		return r;
	if (parts.n == 3)
		strv_split(&opts, parts.v[2], ',');
	for (size_t i = 0; i < opts.n; i++)
		if (!volume_option(m, opts.v[i]))
			return err_set(e, ERR_USAGE, "--volume %s: unknown option '%s'", text,
				       opts.v[i]);
	return m->type == MOUNT_ARG_BIND ? absolute(&m->source, e) : 0;
}

static int parse_type(const char *name)
{
	for (int i = 0; i < N_MOUNT_ARG_TYPES; i++)
		if (strcmp(name, type_names[i]) == 0)
			return i;
	return -EINVAL;
}

/* "ro", "ro=true", "ro=false": -1 is no boolean. */
static int truth(const char *value)
{
	int b;

	if (!value)
		return 1;
	return units_parse_bool(value, &b) < 0 ? -1 : b;
}

static bool is_key(const char *k, const char *a, const char *b, const char *c)
{
	return strcmp(k, a) == 0 || (b && strcmp(k, b) == 0) || (c && strcmp(k, c) == 0);
}

/* A switch with an optional =true|false. 1 taken, 0 not a switch, -1 no boolean. */
static int mount_switch(struct mount_arg *m, const char *key, const char *value)
{
	static const char *const pairs[] = { "exec", "dev", "suid" };
	bool *flag = NULL;
	int b = truth(value);

	if (is_key(key, "ro", "readonly", "rro"))
		flag = &m->is_readonly;
	else if (is_key(key, "U", "chown", NULL))
		flag = &m->is_chowned;
	else if (is_key(key, "volume-nocopy", "nocopy", NULL))
		flag = &m->is_nocopy;
	if (flag) {
		if (b >= 0)
			*flag = b;
		return b < 0 ? -1 : 1;
	}
	if (is_key(key, "rw", NULL, NULL)) {
		m->is_readonly = !b;
		return b < 0 ? -1 : 1;
	}
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		bool no = str_has_prefix(key, "no");

		if (strcmp(no ? key + 2 : key, pairs[i]) != 0)
			continue;
		if (b >= 0)
			strv_addf(&m->options, "%s%s", no == (bool)b ? "no" : "", pairs[i]);
		return b < 0 ? -1 : 1;
	}
	if (is_key(key, "bind-nonrecursive", NULL, NULL)) {
		if (b > 0)
			strv_add(&m->options, "bind");
		return b < 0 ? -1 : 1;
	}
	if (is_key(key, "tmpcopyup", "notmpcopyup", NULL)) {
		m->is_nocopy = strcmp(key, "notmpcopyup") == 0;
		return 1;
	}
	return 0;
}

static int mount_value(struct mount_arg *m, const char *text, const char *key, const char *value,
		       struct err *e)
{
	if (!value)
		return err_set(e, ERR_USAGE, "--mount %s: '%s' needs a value", text, key);
	if (is_key(key, "source", "src", NULL))
		xreplace(&m->source, value);
	else if (is_key(key, "target", "dst", "destination"))
		return set_target(m, "--mount", text, value, e);
	else if (is_key(key, "bind-propagation", NULL, NULL) && is_plain_option(value))
		strv_add(&m->options, value);
	else if (is_key(key, "relabel", NULL, NULL))
		strv_add(&m->options, strcmp(value, "shared") == 0 ? "z" : "Z");
	else if (is_key(key, "tmpfs-size", "size", NULL))
		strv_addf(&m->options, "size=%s", value);
	else if (is_key(key, "tmpfs-mode", "mode", NULL))
		strv_addf(&m->options, "mode=%s", value);
	else if (is_key(key, "uid", "gid", "max"))
		strv_addf(&m->options, "%s=%s", key, value);
	else if (is_key(key, "subpath", "volume-subpath", "image-subpath"))
		xreplace(&m->subpath, value);
	else if (is_key(key, "volume-opt", NULL, NULL))
		strv_add(&m->driver_opts, value);
	else if (is_key(key, "volume-label", NULL, NULL))
		strv_add(&m->labels, value);
	else if (is_key(key, "volume-driver", NULL, NULL) && strcmp(value, "local") == 0)
		return 0;
	else if (is_key(key, "bind-recursive", NULL, NULL))
		strv_add(&m->options, strcmp(value, "disabled") == 0 ? "bind" : "rbind");
	else if (is_key(key, "idmap", NULL, NULL))
		strv_addf(&m->options, "idmap=%s", value);
	else if (is_key(key, "consistency", NULL, NULL))
		return 0;
	else
		return err_set(e, ERR_USAGE, "--mount %s: '%s=%s' is not known", text, key, value);
	return 0;
}

/* Finds type= first: what the other keys mean does not depend on their order. */
static int mount_type(const struct strv *parts, const char *text, struct err *e)
{
	int type = MOUNT_ARG_VOLUME;

	for (size_t i = 0; i < parts->n; i++) {
		const char *value = str_after(parts->v[i], "type=");

		if (!value)
			continue;
		type = parse_type(value);
		if (type < 0)
			return err_set(e, ERR_USAGE,
				       "--mount %s: type '%s' is none of bind, volume, tmpfs, devpts, "
				       "image, ramfs, glob", text, value);
	}
	return type;
}

static int mount_check(struct mount_arg *m, const char *text, struct err *e)
{
	bool needs_source = m->type == MOUNT_ARG_BIND || m->type == MOUNT_ARG_IMAGE ||
			    m->type == MOUNT_ARG_GLOB;

	if (!m->target)
		return err_set(e, ERR_USAGE, "--mount %s: target= is missing", text);
	if (needs_source && str_empty(m->source))
		return err_set(e, ERR_USAGE, "--mount %s: source= is missing", text);
	if (m->type == MOUNT_ARG_VOLUME && m->source && ident_check_name(m->source) < 0)
		return err_set(e, ERR_USAGE, "--mount %s: '%s' is not a volume name "
			       "(for a path: type=bind)", text, m->source);
	if (m->is_readonly)
		strv_add(&m->options, "ro");
	if (m->type == MOUNT_ARG_BIND || m->type == MOUNT_ARG_GLOB)
		return absolute(&m->source, e);
	return 0;
}

int mount_args_mount(struct mount_args *out, const char *text, struct err *e)
{
	auto_of(strv_clear) struct strv parts = { 0 };
	struct mount_arg *m;
	int type;

	strv_split(&parts, text, ',');
	type = mount_type(&parts, text, e);
	if (type < 0)
		return type;
	m = add(out, type);
	for (size_t i = 0; i < parts.n; i++) {
		const char *eq = strchr(parts.v[i], '=');
		autofree char *key = eq ? xstrndup(parts.v[i], eq - parts.v[i]) : xstrdup(parts.v[i]);
		const char *value = eq ? eq + 1 : NULL;
		int r;

		if (strcmp(key, "type") == 0)
			continue;
		if (strcmp(key, "idmap") == 0 && !value) {
			m->is_idmapped = true;
			strv_add(&m->options, "idmap");
			continue;
		}
		r = mount_switch(m, key, value);
		if (r < 0)
			return err_set(e, ERR_USAGE, "--mount %s: '%s' takes true or false", text,
				       parts.v[i]);
		if (r == 0 && !value && is_plain_option(key))
			strv_add(&m->options, key);
		else if (r == 0 && mount_value(m, text, key, value, e) < 0)
			return -e->code;
	}
	return mount_check(m, text, e);
}

int mount_args_tmpfs(struct mount_args *out, const char *text, struct err *e)
{
	auto_of(strv_clear) struct strv opts = { 0 };
	const char *colon = strchrnul(text, ':');
	autofree char *target = xstrndup(text, colon - text);
	struct mount_arg *m = add(out, MOUNT_ARG_TMPFS);
	int r = set_target(m, "--tmpfs", text, target, e);

	if (r < 0)
		return r;
	if (*colon)
		strv_split(&opts, colon + 1, ',');
	for (size_t i = 0; i < opts.n; i++) {
		const char *o = opts.v[i];

		if (strcmp(o, "ro") == 0) {
			m->is_readonly = true;
			strv_add(&m->options, o);
		} else if (strcmp(o, "rw") == 0) {
			m->is_readonly = false;
		} else if (strcmp(o, "notmpcopyup") == 0) {
			m->is_nocopy = true;
		} else if (strcmp(o, "tmpcopyup") == 0 || strcmp(o, "U") == 0) {
			m->is_nocopy = false;
		} else if (is_plain_option(o) || str_has_prefix(o, "size=") ||
			   str_has_prefix(o, "mode=") || str_has_prefix(o, "uid=") ||
			   str_has_prefix(o, "gid=") || str_has_prefix(o, "nr_inodes=") ||
			   str_has_prefix(o, "nr_blocks=")) {
			strv_add(&m->options, o);
		} else {
			return err_set(e, ERR_USAGE, "--tmpfs %s: unknown option '%s'", text, o);
		}
	}
	return 0;
}
