/* SPDX-License-Identifier: Apache-2.0 */
/* THEORY. Which layers may go when an image goes? There is no count that could be wrong and no
 * global lock. A user of layers says so with one symbolic link in its own directory:
 * images/<id>/top and containers/<id>/lower name the uppermost layer, layers/<id>/parent the next
 * one down. A layer is in use when a walk from some user reaches it, or when somebody holds its
 * lock.
 *
 * The order makes this right beside others at work:
 *  - a pull holds all its layers (shared) from before it decides to use them until its record is
 *    there; a container holds its uppermost layer (shared) while it makes its link;
 *  - we take the candidates' locks (exclusive, not waiting; who is taken is in use) and only then
 *    look for users: whoever is not found now cannot appear before we have removed the layer.
 *  - such a lock also covers the layers below: the container's directory is not where users are
 *    looked for until it is whole;
 *  - two removals at once: each skips what the other has locked. If we keep a layer because of a user
 *    that has gone meanwhile, its remover may have skipped the layer because of us: look again.
 */
#include "storage/layer.h"
#include "storage/layer_lock.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/ident.h"

#include <search.h>
#include <string.h>
#include <unistd.h>

#define MAX_LOCKS 256	/* descriptors at a time */

struct used {
	char *layer;	/* owned */
	char *user;	/* owned; path below the root */
};

static int compare_used(const void *a, const void *b)
{
	return strcmp(((const struct used *)a)->layer, ((const struct used *)b)->layer);
}

static void free_used(void *p)
{
	struct used *u = p;

	free(u->layer);
	free(u->user);
	free(u);
}

/* Marks top and all below it, until a layer that is marked already. */
static int mark_chain(struct store *s, void **tree, const char *top, const char *user,
		      struct err *e)
{
	autofree char *layer = xstrdup(top);

	while (layer) {
		struct used *u = xcalloc(1, sizeof(*u));
		struct used **found;
		char *parent = NULL;
		int r;

		u->layer = xstrdup(layer);
		u->user = xstrdup(user);
		found = tsearch(u, tree, compare_used);
		if (!found || *found != u) {
			free_used(u);
			return found ? 0 : err_set(e, ENOMEM, "out of memory");
		}
		r = layer_parent(s, layer, &parent);
		if (r == -ENOENT)	/* an incomplete chain keeps what it still has */
			return 0;
		if (r < 0)
			return err_sys(e, -r, "read layer %.12s", layer);
		free(layer);
		layer = parent;
	}
	return 0;
}

static int mark_users(struct store *s, void **tree, const char *dir, const char *link,
		      struct err *e)
{
	auto_of(strv_clear) struct strv ids = { 0 };
	int r = file_list_dir(s->root_dirfd, dir, &ids, false);

	if (r < 0)
		return err_sys(e, -r, "list %s/%s", s->root, dir);
	for (size_t i = 0; i < ids.n; i++) {
		autofree char *user = xasprintf("%s/%s", dir, ids.v[i]);
		autofree char *path = xasprintf("%s/%s", user, link);
		autofree char *top = NULL;

		if (!ident_is_id(ids.v[i]))
			continue;
		if (file_readlink_at(s->root_dirfd, path, &top) < 0 || !ident_is_id(top))
			continue;
		r = mark_chain(s, tree, top, user, e);
		if (r < 0)
			return r;
	}
	return 0;
}

static int mark_all(struct store *s, void **tree, struct err *e)
{
	int r = mark_users(s, tree, "images", "top", e);

	return r < 0 ? r : mark_users(s, tree, "containers", "lower", e);
}

/* A layer that somebody is just beginning to use, and all below it. */
static int mark_held(struct store *s, void **tree, const char *layer, struct err *e)
{
	autofree char *user = xasprintf("layers/%s", layer);
	autoclose int shared = layer_lock(s, layer, LAYER_LOCK_TRY_SHARED);

	/* Not even this: another one removes it. */
	return shared < 0 ? 0 : mark_chain(s, tree, layer, user, e);
}

/* One pass over todo, which afterwards holds those that another pass has to look at. */
static int remove_pass(struct store *s, struct strv *todo, struct strv *removed, struct err *e)
{
	int *locks = xcalloc(todo->n + 1, sizeof(*locks));
	auto_of(strv_clear) struct strv keepers = { 0 }, again = { 0 };
	void *tree = NULL;
	int r = 0;

	for (size_t i = 0; i < todo->n; i++)
		locks[i] = layer_lock(s, todo->v[i], LAYER_LOCK_TRY);
	r = mark_all(s, &tree, e);
	for (size_t i = 0; r == 0 && i < todo->n; i++)
		if (locks[i] < 0)
			r = mark_held(s, &tree, todo->v[i], e);
	/* Uppermost first: a crash in between leaves a shorter chain, never one with a hole. */
	for (size_t i = todo->n; r == 0 && i-- > 0;) {
		struct used key = { .layer = todo->v[i] };
		struct used **found = tfind(&key, &tree, compare_used);

		if (locks[i] < 0)
			continue;
		if (found) {
			strv_add(&again, todo->v[i]);
			strv_add(&keepers, (*found)->user);
			continue;
		}
		r = store_discard(s, s->layers_dirfd, todo->v[i], e);
		if (r < 0 && r != -ENOENT)
			break;
		if (r == 0 && removed)
			strv_add(removed, todo->v[i]);
		r = 0;
		layer_lock_unlink(s, todo->v[i]);
	}
	for (size_t i = 0; i < todo->n; i++)
		fd_close(&locks[i]);
	free(locks);
	tdestroy(tree, free_used);
	strv_clear(todo);
	for (size_t i = again.n; i-- > 0;)
		if (!file_exists_at(s->root_dirfd, keepers.v[i]))
			strv_add(todo, again.v[i]);
	return r;
}

int layer_remove_unused(struct store *s, const struct strv *chain_ids, struct strv *removed,
			struct err *e)
{
	size_t end = chain_ids->n;
	int r = 0;

	/* From the top down in batches: each layer is judged by itself, and each takes a lock. */
	while (r == 0 && end) {
		auto_of(strv_clear) struct strv todo = { 0 };
		size_t start = end > MAX_LOCKS ? end - MAX_LOCKS : 0;

		for (size_t i = start; i < end; i++)
			if (ident_is_id(chain_ids->v[i]) && !strv_has(&todo, chain_ids->v[i]))
				strv_add(&todo, chain_ids->v[i]);
		while (r == 0 && todo.n)
			r = remove_pass(s, &todo, removed, e);
		end = start;
	}
	return r;
}
