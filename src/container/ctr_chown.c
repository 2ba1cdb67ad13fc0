/* SPDX-License-Identifier: Apache-2.0 */
#include "container/ctr_chown.h"

#include "base/fd.h"
#include "base/str.h"
#include "container/ctr_idmap.h"
#include "container/ctr_userns.h"
#include "container/mount_args.h"
#include "container/volumes.h"
#include "runtime/chown_tree.h"
#include "runtime/passwd.h"

#include <string.h>

/* Cheap and only a guess: the letter is in the text; ctr_chown_apply reads it properly. */
bool ctr_chown_is_wanted(const struct container_config *c)
{
	for (size_t i = 0; i < c->volumes.n; i++) {
		const char *colon = strrchr(c->volumes.v[i], ':');

		if (colon && (strchr(colon, 'U') || strstr(colon, "chown")))
			return true;
	}
	for (size_t i = 0; i < c->tmpfs.n; i++)
		if (strchr(c->tmpfs.v[i], 'U') || strstr(c->tmpfs.v[i], "chown"))
			return true;
	for (size_t i = 0; i < c->mounts.n; i++)
		if (strstr(c->mounts.v[i], "U") || strstr(c->mounts.v[i], "chown"))
			return true;
	return false;
}

static int chown_source(const char *path, const struct ctr_chown_user *u, struct err *e)
{
	int r = chown_tree(AT_FDCWD, path, u->uid, u->gid);

	return r < 0 ? err_sys(e, -r, "give %s to %u:%u (:U)", path, u->uid, u->gid) : 0;
}

/* What is only made for this container gets its owner when it is mounted. */
static int chown_later(struct spec *s, const char *target, const struct ctr_chown_user *u)
{
	for (size_t i = 0; i < s->mounts_n; i++) {
		if (!str_eq(s->mounts[i].target, target))
			continue;
		s->mounts[i].has_owner = true;
		s->mounts[i].uid = u->inside_uid;
		s->mounts[i].gid = u->inside_gid;
	}
	return 0;
}

static int chown_mount(struct engine *g, struct spec *s, const struct mount_arg *a,
		       const struct ctr_chown_user *u, struct err *e)
{
	auto_of(volume_free) struct volume *v = NULL;
	autofree char *path = NULL;

	if (a->is_overlay || (a->type != MOUNT_ARG_VOLUME && a->type != MOUNT_ARG_BIND))
		return chown_later(s, a->target, u);
	if (a->type == MOUNT_ARG_BIND)
		return chown_source(a->source, u, e);
	if (volume_load(&v, g, a->source, e) < 0)
		return -e->code;
	if (volume_is_tmpfs(v))
		return chown_later(s, a->target, u);
	path = volume_path(v, e);
	return path ? chown_source(path, u, e) : -e->code;
}

/* The user of the container, in ids of the session. */
int ctr_chown_user(struct ctr_chown_user *out, struct engine *g, const struct container_config *c,
		   int root_dirfd, struct err *e)
{
	auto_of(ctr_userns_clear) struct ctr_userns u = { 0 };
	auto_of(passwd_user_clear) struct passwd_user user = { 0 };

	if (ctr_userns_plan(&u, g->session, c, e) < 0 ||
	    passwd_resolve(&user, root_dirfd, str_empty(c->user) ? "0" : c->user, NULL, e) < 0)
		return -e->code;
	*out = (struct ctr_chown_user){
		.inside_uid = user.uid, .inside_gid = user.gid,
		.uid = ctr_idmap_outside(&u.uid_map, user.uid),
		.gid = ctr_idmap_outside(&u.gid_map, user.gid),
	};
	if (out->uid == IDMAP_NONE || out->gid == IDMAP_NONE)
		return err_set(e, EINVAL, "%u:%u is not among the ids of the container", user.uid, user.gid);
	return 0;
}

int ctr_chown_apply(struct engine *g, const struct container_config *c, int root_dirfd,
		    struct spec *s, struct err *e)
{
	auto_of(mount_args_clear) struct mount_args args = { 0 };
	struct ctr_chown_user user;
	int r = mount_args_all(&args, c, e);

	if (r >= 0 && ctr_chown_user(&user, g, c, root_dirfd, e) < 0)
		return err_wrap(e, "option U");
	for (size_t i = 0; r >= 0 && i < args.n; i++)
		if (args.v[i].is_chowned)
			r = chown_mount(g, s, &args.v[i], &user, e);
	return r;
}
