/* SPDX-License-Identifier: Apache-2.0 */
/* The mounts of a new container: what the user named, what its image wants, what others have. */
#include "container/create_priv.h"

#include "base/file.h"
#include "base/str.h"
#include "container/ctr_denied.h"
#include "container/ctr_image.h"
#include "container/mount_args.h"
#include "container/record.h"
#include "container/volumes.h"
#include "image/resolve.h"

#include <string.h>
#include <unistd.h>

static int new_volume(struct engine *g, struct container_config *c, const struct mount_arg *m,
		      char **name, struct err *e)
{
	struct volume v = { .name = xstrdup_or_null(m->source), .is_anonymous = !m->source,
			    .needs_copy_up = true, .uid = -1, .gid = -1,
			    .is_volatile = c->rm && !m->source };
	int r;

	strv_copy(&v.labels, &m->labels);
	strv_copy(&v.options, &m->driver_opts);
	r = volume_create(g, &v, true, e);
	if (r >= 0) {
		strv_add(m->source ? &c->named_volumes : &c->anonymous_volumes, v.name);
		*name = xstrdup(v.name);
	}
	free(v.name);
	free(v.mountpoint);
	strv_clear(&v.labels);
	strv_clear(&v.options);
	return r;
}

static int check_image(struct engine *g, const struct mount_arg *m, struct err *e)
{
	autofree char *id = NULL, *full = NULL;

	if (resolve_local_image(g->store, m->source, &id, &full, e) < 0)
		return err_wrap(e, "--mount type=image at %s: pull it first", m->target);
	return 0;
}

/* The last word about it counts. */
static char *with_source(const char *mount, const char *source)
{
	auto_of(strv_clear) struct strv words = { 0 };

	(void)strv_csv(&words, mount);	/* it was read before */
	strv_addf(&words, "source=%s", source);
	return strv_csv_join(&words);
}

/* Makes the volumes that a -v or --mount names, and rewrites its text so that a later start needs
 * neither the current directory nor luck: anonymous volumes get their name, paths are absolute. */
static int settle_mount(struct engine *g, struct container_config *c, char **text, bool is_mount,
			struct err *e)
{
	auto_of(mount_args_clear) struct mount_args args = { 0 };
	autofree char *name = NULL;
	char *fresh = NULL;
	struct mount_arg *m;
	int r = is_mount ? mount_args_mount(&args, *text, e) : mount_args_volume(&args, *text, e);

	if (r < 0)
		return r;
	m = &args.v[0];
	/* Docker makes what -v names and the host lacks. */
	if (m->type == MOUNT_ARG_BIND && !is_mount && g->is_docker)
		(void)file_mkdirs(m->source, 0755);
	if (m->type == MOUNT_ARG_BIND && access(m->source, F_OK) < 0)
		return ctr_denied_source(e, errno, g->session, m->source, m->target);
	if (m->type == MOUNT_ARG_IMAGE)
		return check_image(g, m, e);
	if (m->type == MOUNT_ARG_VOLUME) {
		r = new_volume(g, c, m, &name, e);
		if (r < 0)
			return r;
		if (m->source)
			return 0;
	}
	if (m->type != MOUNT_ARG_BIND && m->type != MOUNT_ARG_VOLUME)
		return 0;
	if (is_mount)
		fresh = with_source(*text, name ? name : m->source);
	else if (name)
		fresh = xasprintf("%s:%s", name, *text);
	else
		fresh = xasprintf("%s%s", m->source, strchr(*text, ':'));
	free(*text);
	*text = fresh;
	return 0;
}

/* The same words twice are one mount; of an anonymous volume they would make two. */
static void drop_repeated(struct strv *list)
{
	for (size_t i = list->n; i-- > 1;)
		for (size_t k = 0; k < i; k++)
			if (strcmp(list->v[i], list->v[k]) == 0) {
				strv_remove_at(list, i);
				break;
			}
}

int create_settle_mounts(struct engine *g, struct container_config *c, const struct json *image,
			 struct err *e)
{
	auto_of(mount_args_clear) struct mount_args args = { 0 };
	auto_of(strv_clear) struct strv paths = { 0 };
	int r;

	drop_repeated(&c->volumes);
	drop_repeated(&c->mounts);
	r = mount_args_all(&args, c, e);
	for (size_t i = 0; r >= 0 && i < c->volumes.n; i++)
		r = settle_mount(g, c, &c->volumes.v[i], false, e);
	for (size_t i = 0; r >= 0 && i < c->mounts.n; i++)
		r = settle_mount(g, c, &c->mounts.v[i], true, e);
	if (r < 0 || !image || str_eq(c->image_volume, "ignore"))
		return r;
	r = ctr_image_volumes(&paths, image, e);
	for (size_t i = 0; r >= 0 && i < paths.n; i++) {
		if (mount_args_at(&args, paths.v[i]))
			continue;
		if (str_eq(c->image_volume, "tmpfs")) {
			strv_add(&c->tmpfs, paths.v[i]);
		} else {
			strv_add(&c->volumes, paths.v[i]);
			r = settle_mount(g, c, &c->volumes.v[c->volumes.n - 1], false, e);
		}
	}
	return r;
}

/* "NAME[:ro,z]": what may stand behind the name. */
static int volumes_from_options(const char *text, char **name, bool *is_readonly, struct err *e)
{
	const char *colon = strchrnul(text, ':');
	auto_of(strv_clear) struct strv words = { 0 };
	bool has_mode = false;

	*name = xstrndup(text, colon - text);
	*is_readonly = false;
	if (*colon)
		strv_split(&words, colon + 1, ',');
	if (*colon && !words.n)
		strv_add(&words, "");
	for (size_t i = 0; i < words.n; i++) {
		bool is_mode = str_eq(words.v[i], "ro") || str_eq(words.v[i], "rw");

		if (!is_mode && !str_eq(words.v[i], "z") && !str_eq(words.v[i], "Z"))
			return err_set(e, ERR_USAGE, "--volumes-from %s: '%s' is none of ro, rw, z", text,
				       words.v[i]);
		if (is_mode && has_mode)
			return err_set(e, ERR_USAGE, "--volumes-from %s: cannot set ro or rw options more than once",
				       text);
		has_mode |= is_mode;
		*is_readonly |= str_eq(words.v[i], "ro");
	}
	return 0;
}

/* Options, without what said that it may be written. */
static char *readonly_words(const char *text)
{
	auto_of(strv_clear) struct strv words = { 0 };

	(void)strv_csv(&words, text);	/* it was read before */
	for (size_t i = words.n; i-- > 0;)
		if (str_eq(words.v[i], "rw") || str_has_prefix(words.v[i], "rw=") ||
		    str_has_prefix(words.v[i], "readwrite") ||
		    str_has_prefix(words.v[i], "ro=") || str_has_prefix(words.v[i], "readonly="))
			strv_remove_at(&words, i);
	strv_add(&words, "ro");
	return strv_csv_join(&words);
}

/* The options of a -v are its third part, those of a --mount are all of it. */
static char *readonly_mount(const char *text, bool is_mount)
{
	const char *target = is_mount ? NULL : strchr(text, ':');
	const char *options = target ? strchr(target + 1, ':') : NULL;
	autofree char *words = readonly_words(is_mount ? text : options ? options + 1 : "");

	if (is_mount)
		return steal_ptr(&words);
	return xasprintf("%.*s:%s", (int)(options ? (size_t)(options - text) : strlen(text)), text, words);
}

/* One -v or --mount of the other container, unless we have something at its place. tmpfs and the like
 * are not shared: each container has its own. */
static int take_mount(struct container_config *c, const char *text, bool is_mount, bool is_readonly,
		      struct err *e)
{
	auto_of(mount_args_clear) struct mount_args mine = { 0 }, theirs = { 0 };
	int r = is_mount ? mount_args_mount(&theirs, text, e) : mount_args_volume(&theirs, text, e);

	if (r < 0 || mount_args_all(&mine, c, e) < 0)
		return -e->code;
	if (mount_args_at(&mine, theirs.v[0].target) ||
	    (theirs.v[0].type != MOUNT_ARG_BIND && theirs.v[0].type != MOUNT_ARG_VOLUME))
		return 0;
	if (is_readonly && !theirs.v[0].is_readonly)
		strv_add_take(is_mount ? &c->mounts : &c->volumes, readonly_mount(text, is_mount));
	else
		strv_add(is_mount ? &c->mounts : &c->volumes, text);
	return 0;
}

/* --volumes-from NAME[:OPTIONS]: the mounts of another container, as its definition has them. */
int create_take_volumes(struct engine *g, struct container_config *c, struct err *e)
{
	for (size_t i = 0; i < c->volumes_from.n; i++) {
		auto_of(record_free) struct record *other = NULL;
		autofree char *name = NULL;
		bool is_readonly;

		if (volumes_from_options(c->volumes_from.v[i], &name, &is_readonly, e) < 0)
			return -e->code;
		if (record_open(&other, g, name, e) < 0)
			return err_wrap(e, "--volumes-from");
		for (size_t k = 0; k < other->config.volumes.n; k++)
			if (take_mount(c, other->config.volumes.v[k], false, is_readonly, e) < 0)
				return -e->code;
		for (size_t k = 0; k < other->config.mounts.n; k++)
			if (take_mount(c, other->config.mounts.v[k], true, is_readonly, e) < 0)
				return -e->code;
	}
	return 0;
}
