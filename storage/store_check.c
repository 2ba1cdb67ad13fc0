/* SPDX-License-Identifier: Apache-2.0 */
/* THEORY. The order matters when repairing: left-overs first, then what depends on what was found
 * broken: a damaged layer makes its images unusable, an image that goes leaves names that lead
 * nowhere, and at the end layers that nobody uses. What is younger than a few seconds and has no
 * record yet may be in the making by a command that runs now. */
#include "storage/store_check.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/ident.h"
#include "base/str.h"
#include "base/timefmt.h"
#include "storage/images.h"
#include "storage/layer.h"
#include "storage/layer_lock.h"
#include "storage/layer_map.h"
#include "storage/names.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define YOUNG_NS (5 * TIME_SECOND)

struct check {
	struct store *s;
	struct json *findings;
	bool repair;
	int64_t max_age;
};

static void report(struct check *c, const char *kind, const char *id, const char *problem,
		   const char *remedy, bool is_repaired)
{
	struct json *f = json_new_object();

	json_set_str(f, "kind", kind);
	json_set_str(f, "id", id);
	json_set_str(f, "problem", problem);
	json_set_str(f, "remedy", remedy);
	json_set_bool(f, "repaired", is_repaired);
	json_add(c->findings, f);
}

static bool is_younger(int dirfd, const char *path, int64_t ns)
{
	struct stat st;

	if (fstatat(dirfd, path, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return true;	/* gone meanwhile: nothing to report either */
	return time_now() - (st.st_ctim.tv_sec * TIME_SECOND + st.st_ctim.tv_nsec) < ns;
}

static bool is_young(int dirfd, const char *path)
{
	return is_younger(dirfd, path, YOUNG_NS);
}

/* What a killed command leaves is no damage: every writer sweeps it, and so do we. It is told only
 * to who asked for a repair and wants to know what became of the space. */
static int check_tmp(struct check *c, struct err *e)
{
	auto_of(strv_clear) struct strv dead = { 0 };
	int r = store_find_dead(c->s, &dead, e);

	if (r == 0)
		r = store_sweep(c->s, e);
	for (size_t i = 0; r == 0 && c->repair && i < dead.n; i++)
		report(c, "tmp", dead.v[i], "left over by a command that was killed", "", true);
	return r;
}

/* NULL: the layer is whole. Else what is wrong, owned. */
static char *find_layer_problem(struct store *s, const char *id)
{
	auto_of(json_free) struct json *info = NULL;
	autofree char *parent = NULL;
	autoclose int diff = -1;
	struct err e;

	if (layer_load(&info, s, id, &e) < 0)
		return xstrdup("layer.json is missing or damaged");
	diff = layer_open_diff(s, id, &e);
	if (diff < 0)
		return xstrdup("its files are missing");
	if (layer_parent(s, id, &parent) < 0)
		return xstrdup("the link to its parent is damaged");
	if (parent && !layer_exists(s, parent))
		return xasprintf("its parent %.12s is missing", parent);
	return NULL;
}

static void check_layer(struct check *c, const char *id)
{
	autofree char *problem = find_layer_problem(c->s, id);
	struct err e;
	bool done;

	if (!problem || !layer_exists(c->s, id))
		return;
	done = c->repair && layer_remove(c->s, id, &e) >= 0;
	report(c, "layer", id, problem, "pull its image again", done);
}

/* Layers with other owners are made again when a container needs them: a damaged one is only in the
 * way. */
static void check_maps(struct check *c, const char *id)
{
	auto_of(strv_clear) struct strv names = { 0 };

	if (file_list_dir(c->s->layers_dirfd, id, &names, true) < 0)
		return;
	for (size_t i = 0; i < names.n; i++) {
		autofree char *path = xasprintf("%s/%s", id, names.v[i]);
		bool done = false;
		struct err e;

		if (!layer_map_is_name(names.v[i]) || str_has_suffix(names.v[i], ".lock") ||
		    layer_map_is_whole(c->s, id, names.v[i]))
			continue;
		if (c->repair)
			done = store_discard(c->s, c->s->layers_dirfd, path, &e) >= 0;
		report(c, "layer-map", path, "its files are missing",
		       "it is made again when it is needed: system check --repair", done);
	}
}

/* A lock file whose layer is gone is left by a crash between two removals. */
static void check_lock_file(struct check *c, const char *name)
{
	autofree char *id = xstrndup(name, strlen(name) - 5);
	autoclose int lock = -1;

	if (!ident_is_id(id) || layer_exists(c->s, id))
		return;
	lock = layer_lock(c->s, id, LAYER_LOCK_TRY);
	if (lock < 0 || layer_exists(c->s, id))
		return;
	/* Harmless, and every killed pull leaves one: removed without a word. */
	if (c->repair)
		layer_lock_unlink(c->s, id);
}

static int check_layers(struct check *c, struct err *e)
{
	auto_of(strv_clear) struct strv names = { 0 };
	int r = file_list_dir(c->s->layers_dirfd, ".", &names, true);

	if (r < 0)
		return err_sys(e, -r, "list %s/layers", c->s->root);
	for (size_t i = 0; i < names.n; i++) {
		if (ident_is_id(names.v[i])) {
			check_layer(c, names.v[i]);
			check_maps(c, names.v[i]);
		} else if (str_has_suffix(names.v[i], ".lock")) {
			check_lock_file(c, names.v[i]);
		} else {
			report(c, "layer", names.v[i], "is no layer", "remove it by hand", false);
		}
	}
	return 0;
}

static char *find_image_problem(struct store *s, const char *id)
{
	auto_of(images_record_free) struct images_record *rec = NULL;
	autofree char *manifest = NULL, *top = NULL;
	char path[IDENT_LEN + 8];
	size_t len;
	struct err e;

	if (images_load(&rec, s, id, &e) < 0)
		return xstrdup("its record or configuration is missing or damaged");
	if (images_load_manifest(&manifest, &len, s, id, &e) < 0)
		return xstrdup("its manifest is missing");
	for (size_t i = 0; i < rec->chain_ids.n; i++)
		if (!layer_exists(s, rec->chain_ids.v[i]))
			return xasprintf("its layer %.12s is missing", rec->chain_ids.v[i]);
	if (!rec->chain_ids.n)
		return NULL;
	snprintf(path, sizeof(path), "%s/top", id);
	if (file_readlink_at(s->images_dirfd, path, &top) < 0 ||
	    strcmp(top, rec->chain_ids.v[rec->chain_ids.n - 1]) != 0)
		return xstrdup("the link to its uppermost layer is missing or wrong");
	return NULL;
}

static int check_images(struct check *c, struct err *e)
{
	auto_of(strv_clear) struct strv ids = { 0 };
	int r = images_list(c->s, &ids, e);

	for (size_t i = 0; r == 0 && i < ids.n; i++) {
		autofree char *problem = find_image_problem(c->s, ids.v[i]);
		struct err why;
		bool done;

		if (!problem || !file_exists_at(c->s->images_dirfd, ids.v[i]))
			continue;
		done = c->repair && images_remove(c->s, ids.v[i], NULL, &why) >= 0;
		report(c, "image", ids.v[i], problem, "pull it again", done);
	}
	return r;
}

/* Half of a names_set that was killed. Nobody sees these; they only must not become many. */
static void sweep_names(int names_dirfd)
{
	auto_of(strv_clear) struct strv files = { 0 };

	if (file_list_dir(names_dirfd, ".", &files, false) < 0)
		return;
	for (size_t i = 0; i < files.n; i++)
		if (files.v[i][0] == '.' && !is_young(names_dirfd, files.v[i]))
			unlinkat(names_dirfd, files.v[i], 0);
}

static int check_names(struct check *c, int names_dirfd, int objects_dirfd, const char *what,
		       struct err *e)
{
	auto_of(strv_clear) struct strv names = { 0 }, ids = { 0 };
	int r = names_list(names_dirfd, &names, &ids);

	if (r < 0)
		return err_sys(e, -r, "list the names of %ss", what);
	sweep_names(names_dirfd);
	for (size_t i = 0; i < names.n; i++) {
		autofree char *file = ident_encode(names.v[i]), *problem = NULL;
		bool done;

		if (file_exists_at(objects_dirfd, ids.v[i]) || !file ||
		    is_young(names_dirfd, file))
			continue;
		/* A rename that was killed leaves one: harmless, and whoever wants it has it. */
		if (objects_dirfd == c->s->containers_dirfd) {
			names_remove(names_dirfd, names.v[i]);
			continue;
		}
		problem = xasprintf("leads to %s %.12s, which does not exist", what, ids.v[i]);
		done = c->repair && names_remove(names_dirfd, names.v[i]) >= 0;
		report(c, "name", names.v[i], problem, "it can be used again after: system check "
		       "--repair", done);
	}
	return 0;
}

static void check_container(struct check *c, const char *id)
{
	autofree char *config = xasprintf("%s/config.json", id);
	autofree char *lower = xasprintf("%s/lower", id), *top = NULL;
	int dirfd = c->s->containers_dirfd;
	struct err e;

	if (!file_exists_at(dirfd, config)) {
		if (is_young(dirfd, id))
			return;
		report(c, "container", id, "it has no definition",
		       "remove it: system check --repair", c->repair && store_discard(c->s, dirfd, id, &e) >= 0);
		return;
	}
	if (file_readlink_at(dirfd, lower, &top) < 0)
		return;
	for (autofree char *layer = steal_ptr(&top); layer;) {
		autofree char *problem = NULL;
		char *parent = NULL;

		if (!layer_exists(c->s, layer)) {
			problem = xasprintf("its layer %.12s is missing", layer);
			report(c, "container", id, problem, "pull its image again", false);
			return;
		}
		if (layer_parent(c->s, layer, &parent) < 0)
			return;
		free(layer);
		layer = parent;
	}
}

static int check_containers(struct check *c, struct err *e)
{
	auto_of(strv_clear) struct strv ids = { 0 };
	int r = file_list_dir(c->s->containers_dirfd, ".", &ids, true);

	if (r < 0)
		return err_sys(e, -r, "list %s/containers", c->s->root);
	for (size_t i = 0; i < ids.n; i++)
		if (ident_is_id(ids.v[i]))
			check_container(c, ids.v[i]);
	return 0;
}

static int check_volumes(struct check *c, struct err *e)
{
	auto_of(strv_clear) struct strv names = { 0 };
	int r = file_list_dir(c->s->volumes_dirfd, ".", &names, true);

	if (r < 0)
		return err_sys(e, -r, "list %s/volumes", c->s->root);
	for (size_t i = 0; i < names.n; i++) {
		autofree char *record = xasprintf("%s/volume.json", names.v[i]);
		struct stat st;

		if (fstatat(c->s->volumes_dirfd, names.v[i], &st, AT_SYMLINK_NOFOLLOW) < 0 ||
		    !S_ISDIR(st.st_mode) || file_exists_at(c->s->volumes_dirfd, record) ||
		    is_young(c->s->volumes_dirfd, names.v[i]))
			continue;
		report(c, "volume", names.v[i], "it has no definition",
		       "save what you need of its _data and remove it by hand", false);
	}
	return 0;
}

/* No damage either: a pull that was cut off goes on with the layers it has. */
static int remove_unused(struct check *c, struct err *e)
{
	auto_of(strv_clear) struct strv all = { 0 }, unused = { 0 };
	int r = layer_list(c->s, &all, e);

	for (size_t i = 0; c->max_age && i < all.n;)
		if (is_younger(c->s->layers_dirfd, all.v[i], c->max_age))
			strv_remove_at(&all, i);
		else
			i++;
	if (r == 0)
		r = layer_remove_unused(c->s, &all, &unused, e);
	for (size_t i = 0; r == 0 && i < unused.n; i++)
		report(c, "layer", unused.v[i], "no image and no container used it", "", true);
	return r;
}

bool store_check_is_in_use(struct store *s, const char *layer_id)
{
	auto_of(strv_clear) struct strv ids = { 0 };

	if (file_list_dir(s->containers_dirfd, ".", &ids, false) < 0)
		return true;	/* nobody knows: nothing may go */
	for (size_t i = 0; i < ids.n; i++) {
		autofree char *lower = xasprintf("%s/lower", ids.v[i]), *layer = NULL;

		if (!ident_is_id(ids.v[i]) ||
		    file_readlink_at(s->containers_dirfd, lower, &layer) < 0)
			continue;
		while (layer) {
			char *parent = NULL;

			if (strcmp(layer, layer_id) == 0)
				return true;
			if (layer_parent(s, layer, &parent) < 0)
				break;
			free(layer);
			layer = parent;
		}
	}
	return false;
}

int store_check(struct store *s, const struct store_check_args *args, struct json **findings,
		struct err *e)
{
	auto_of(json_free) struct json *list = json_new_array();
	struct check c = { .s = s, .findings = list, .repair = args->repair, .max_age = args->max_age };
	int r = check_tmp(&c, e);

	if (r == 0)
		r = check_layers(&c, e);
	if (r == 0)
		r = check_images(&c, e);
	if (r == 0)
		r = check_names(&c, s->image_names_dirfd, s->images_dirfd, "image", e);
	if (r == 0)
		r = check_names(&c, s->container_names_dirfd, s->containers_dirfd, "container", e);
	if (r == 0)
		r = check_containers(&c, e);
	if (r == 0)
		r = check_volumes(&c, e);
	if (r == 0 && args->repair)
		r = remove_unused(&c, e);
	if (r < 0)
		return r;
	*findings = steal_ptr(&list);
	return 0;
}
