/* SPDX-License-Identifier: Apache-2.0 */
#include "container/mount_args.h"

#include "base/ident.h"
#include "base/path.h"
#include "base/str.h"
#include "container/config.h"
#include "container/mount_words.h"

#include <string.h>
#include <unistd.h>

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

void mount_args_remove(struct mount_args *a, size_t i)
{
	mount_arg_clear(&a->v[i]);
	memmove(&a->v[i], &a->v[i + 1], (a->n - i - 1) * sizeof(*a->v));
	a->n--;
}

const struct mount_arg *mount_args_at(const struct mount_args *a, const char *target)
{
	for (size_t i = 0; i < a->n; i++)
		if (strcmp(a->v[i].target, target) == 0)
			return &a->v[i];
	return NULL;
}

static bool same_words(const struct strv *a, const struct strv *b)
{
	bool same = a->n == b->n;

	for (size_t i = 0; same && i < a->n; i++)
		same = strcmp(a->v[i], b->v[i]) == 0;
	return same;
}

bool mount_args_same(const struct mount_arg *a, const struct mount_arg *b)
{
	return a->type == b->type && (a->source || a->type != MOUNT_ARG_VOLUME) &&
	       str_eq(a->source, b->source) && str_eq(a->target, b->target) &&
	       str_eq(a->subpath, b->subpath) && str_eq(a->upperdir, b->upperdir) &&
	       str_eq(a->workdir, b->workdir) && same_words(&a->options, &b->options) &&
	       same_words(&a->driver_opts, &b->driver_opts) && same_words(&a->labels, &b->labels) &&
	       a->is_readonly == b->is_readonly && a->is_chowned == b->is_chowned &&
	       a->is_overlay == b->is_overlay && a->is_nocopy == b->is_nocopy &&
	       a->is_idmapped == b->is_idmapped;
}

static int set_target(struct mount_arg *m, const char *option, const char *text, const char *target,
		      struct err *e)
{
	if (target[0] != '/')
		return err_set(e, ERR_USAGE, "%s %s: invalid container path \"%s\", must be an absolute "
			       "path", option, text, target);
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

static bool is_host_path(const char *s)
{
	return s[0] == '/' || s[0] == '.' || s[0] == '~';
}

int mount_args_volume(struct mount_args *out, const char *text, struct err *e)
{
	auto_of(strv_clear) struct strv parts = { 0 }, opts = { 0 };
	autofree char *where = xasprintf("--volume %s", text);
	struct mount_arg *m;
	const char *source, *target;
	int r;

	strv_split(&parts, text, ':');
	if (parts.n < 1 || parts.n > 3)
		return err_set(e, ERR_USAGE, "--volume %s: incorrect volume format, should be "
			       "[host-dir:]ctr-dir[:option]", text);
	source = parts.n > 1 ? parts.v[0] : NULL;
	target = parts.n > 1 ? parts.v[1] : parts.v[0];
	if (source && !*source)
		return err_set(e, ERR_USAGE, "--volume %s: host directory cannot be empty", text);
	if (source && !is_host_path(source) && ident_check_name(source) < 0)
		return err_set(e, ERR_USAGE,
			       "--volume %s: '%s' is neither a path (/ or ./ in front) nor a volume name: "
			       "names must match [a-zA-Z0-9][a-zA-Z0-9_.-]*", text, source);
	m = add(out, source && is_host_path(source) ? MOUNT_ARG_BIND : MOUNT_ARG_VOLUME);
	m->source = xstrdup_or_null(source);
	r = set_target(m, "--volume", text, target, e);
	if (r < 0)
		return r;
	if (parts.n == 3)
		strv_split(&opts, parts.v[2], ',');
	if (parts.n == 3 && !opts.n)
		return err_set(e, ERR_USAGE, "%s: invalid option type \"\" behind the last colon", where);
	for (size_t i = 0; i < opts.n; i++)
		if (mount_words_take(m, where, opts.v[i], e) < 0)
			return -e->code;
	if (mount_words_check(m, where, e) < 0)
		return -e->code;
	return m->type == MOUNT_ARG_BIND ? absolute(&m->source, e) : 0;
}

/* Finds type= first: what the other keys mean does not depend on their order. */
static int mount_type(const struct strv *parts, const char *text, struct err *e)
{
	int type = MOUNT_ARG_VOLUME;
	bool is_said = false;

	for (size_t i = 0; i < parts->n; i++) {
		const char *value = str_after(parts->v[i], "type=");

		if (!value)
			continue;
		if (is_said)
			return err_set(e, ERR_USAGE, "--mount %s: type= is given twice", text);
		is_said = true;
		for (type = 0; type < N_MOUNT_ARG_TYPES; type++)
			if (str_eq(value, mount_words_type(type)))
				break;
		if (type == N_MOUNT_ARG_TYPES)
			return err_set(e, ERR_USAGE,
				       "--mount %s: invalid filesystem type \"%s\": expected one of "
				       "bind, volume, tmpfs, devpts, image, ramfs, glob", text, value);
	}
	return type;
}

static int mount_check(struct mount_arg *m, const char *text, struct err *e)
{
	bool needs_source = m->type == MOUNT_ARG_BIND || m->type == MOUNT_ARG_IMAGE ||
			    m->type == MOUNT_ARG_GLOB;

	/* What a pattern finds goes to the path it has on the host, when nothing else is said. */
	if (!m->target && m->type == MOUNT_ARG_GLOB)
		m->target = xstrdup("/");
	if (!m->target)
		return err_set(e, ERR_USAGE, "--mount %s: must set volume destination with target=", text);
	if (needs_source && str_empty(m->source))
		return err_set(e, ERR_USAGE, "--mount %s: source= is missing", text);
	if (m->type == MOUNT_ARG_VOLUME && m->source && ident_check_name(m->source) < 0)
		return err_set(e, ERR_USAGE, "--mount %s: '%s' is not a volume name "
			       "(for a path: type=bind)", text, m->source);
	if (m->type == MOUNT_ARG_BIND || m->type == MOUNT_ARG_GLOB)
		return absolute(&m->source, e);
	return 0;
}

int mount_args_mount(struct mount_args *out, const char *text, struct err *e)
{
	auto_of(strv_clear) struct strv parts = { 0 };
	autofree char *where = xasprintf("--mount %s", text);
	struct mount_arg *m;
	int type;

	if (strv_csv(&parts, text) < 0)
		return err_set(e, ERR_USAGE, "%s: a list with closed quotes is needed", where);
	type = mount_type(&parts, text, e);
	if (type < 0)
		return type;
	m = add(out, type);
	for (size_t i = 0; i < parts.n; i++)
		if (!str_has_prefix(parts.v[i], "type=") && mount_words_take(m, where, parts.v[i], e) < 0)
			return -e->code;
	return mount_words_check(m, where, e) < 0 ? -e->code : mount_check(m, text, e);
}

int mount_args_tmpfs(struct mount_args *out, const char *text, struct err *e)
{
	auto_of(strv_clear) struct strv words = { 0 };
	autofree char *where = xasprintf("--tmpfs %s", text);
	const char *colon = strchrnul(text, ':');
	autofree char *target = xstrndup(text, colon - text);
	struct mount_arg *m = add(out, MOUNT_ARG_TMPFS);
	int r = set_target(m, "--tmpfs", text, target, e);

	if (r < 0)
		return r;
	if (*colon)
		strv_split(&words, colon + 1, ',');
	for (size_t i = 0; i < words.n; i++)
		if (mount_words_take(m, where, words.v[i], e) < 0)
			return -e->code;
	return mount_words_check(m, where, e);
}

int mount_args_all(struct mount_args *out, const struct container_config *c, struct err *e)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < c->tmpfs.n; i++)
		r = mount_args_tmpfs(out, c->tmpfs.v[i], e);
	for (size_t i = 0; r >= 0 && i < c->mounts.n; i++)
		r = mount_args_mount(out, c->mounts.v[i], e);
	for (size_t i = 0; r >= 0 && i < c->volumes.n; i++)
		r = mount_args_volume(out, c->volumes.v[i], e);
	for (size_t i = 0; r >= 0 && i < out->n; i++) {
		const struct mount_arg *a = &out->v[i], *first = mount_args_at(out, a->target);

		if (first == a)
			continue;
		if (!mount_args_same(first, a))
			return err_set(e, ERR_USAGE, "%s: duplicate mount destination", a->target);
		mount_args_remove(out, i--);
	}
	return r;
}
