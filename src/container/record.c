/* SPDX-License-Identifier: Apache-2.0 */
/* THEORY
 * A container is two entries: its directory containers/<id>, complete when it appears, and its name, a
 * symbolic link. No single operation makes or removes both, so the order decides what a crash between
 * them leaves:
 *
 *   create   directory, then name    left: a container whose name leads nowhere. record_open by id
 *                                    sees that and adds the name again if it is still free; a name
 *                                    that is nowhere else is looked for in the definitions.
 *   remove   name, then directory    left: the same.
 *   rename   new name, definition,   left: a second name, the one that the definition does not say.
 *            then the old name       Who looks it up removes it; so does rm, for the definition has
 *                                    both names from before the first step.
 *
 * That repair may run beside a remove and put back a name just taken away; each of the two looks again
 * after its own step, so one of them sees it. A name that leads to no directory is taken over by
 * whoever wants it, and only ever removed under a lock that nothing but these rare cases uses. Making
 * a container needs no lock at all.
 */
#include "container/record.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/ident.h"
#include "base/str.h"
#include "base/timefmt.h"
#include "container/ctr_root.h"
#include "container/events.h"
#include "storage/names.h"
#include "storage/rootfs.h"
#include "storage/store.h"

#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define CONFIG_FILE "config.json"
#define GENERATED_TRIES 64

void record_free(struct record *r)
{
	if (!r)
		return;
	free(r->id);
	fd_close(&r->dirfd);
	config_clear(&r->config);
	free(r);
}

static int write_config(int dirfd, const struct container_config *c, struct err *e)
{
	auto_of(json_free) struct json *j = config_to_json(c);
	auto_of(str_clear) struct str text = { 0 };
	int r;

	json_write(&text, j, 0);
	r = file_write_at(dirfd, CONFIG_FILE, text.p, text.len, 0600, c->rm ? 0 : FILE_SYNC);
	return r < 0 ? err_sys(e, -r, "container %.12s: write " CONFIG_FILE, c->id) : 0;
}

static bool has_dir(struct engine *g, const char *id)
{
	return ident_is_id(id) && file_exists_at(g->store->containers_dirfd, id);
}

/* The directory of the names itself, as with containers: no file is left behind. */
static int lock_names(struct engine *g)
{
	autoclose int fd = fd_openat(g->store->container_names_dirfd, ".", O_RDONLY | O_DIRECTORY);

	if (fd < 0)
		return fd;
	while (flock(fd, LOCK_EX) < 0)
		if (errno != EINTR)
			return -errno;
	return steal_fd(&fd);
}

/* Removes a name that leads to no container or, with but_id, to that one. */
static int drop_stale_name(struct engine *g, const char *name, const char *but_id)
{
	autoclose int lock = lock_names(g);
	autofree char *id = NULL;
	int r;

	if (lock < 0)
		return lock;
	r = names_get(g->store->container_names_dirfd, name, &id);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	if (has_dir(g, id) && !(but_id && str_eq(id, but_id)))
		return -EEXIST;
	return names_remove(g->store->container_names_dirfd, name);
}

/* Left by a rename that was killed: under its lock, the definition says another name. -EEXIST: it is
 * the name, or is being made it. */
static int drop_second_name(struct engine *g, const char *name, const char *id)
{
	auto_of(record_free) struct record *before = NULL, *r = NULL;
	autoclose int lock = -1;
	struct err ignored = { 0 };

	if (record_open(&before, g, id, &ignored) < 0 || str_eq(before->config.name, name) ||
	    record_try_lock(before, &lock) < 0 || record_open(&r, g, id, &ignored) < 0 ||
	    str_eq(r->config.name, name))
		return -EEXIST;
	return drop_stale_name(g, name, id);
}

/* 0, -EEXIST with the holder's id (owned) in *holder, or another -errno. */
static int take_name(struct engine *g, const char *name, const char *id, char **holder)
{
	for (int tries = 0; tries < 8; tries++) {
		autofree char *other = NULL;
		int r = names_add(g->store->container_names_dirfd, name, id);

		if (r != -EEXIST)
			return r;
		r = names_get(g->store->container_names_dirfd, name, &other);
		if (r == -ENOENT)
			continue;
		if (r < 0 || str_eq(other, id))
			return r;
		if (!has_dir(g, other)) {
			r = drop_stale_name(g, name, NULL);
			if (r < 0 && r != -EEXIST)
				return r;
			continue;
		}
		if (drop_second_name(g, name, other) >= 0)
			continue;
		*holder = steal_ptr(&other);
		return -EEXIST;
	}
	return -EAGAIN;
}

static int name_error(const struct container_config *c, const char *holder, int r, struct err *e)
{
	if (r == -EEXIST)
		return err_set(e, EEXIST, "the container name \"%s\" is already in use by %s. You have to "
			       "remove that container to be able to reuse that name: that name is already "
			       "in use, rename it or use --replace", c->name,
			       holder ? holder : "another container");
	return err_sys(e, -r, "reserve the container name %s", c->name);
}

static int reserve_name(struct engine *g, struct container_config *c, int dirfd, struct err *e)
{
	for (int tries = 0;; tries++) {
		autofree char *holder = NULL;
		int r = take_name(g, c->name, c->id, &holder);

		if (r >= 0)
			return 0;
		if (r != -EEXIST || !c->is_name_generated || tries == GENERATED_TRIES)
			return name_error(c, holder, r, e);
		free(c->name);
		c->name = ident_random_name();
		/* The namespace of generated names is small; a few tries in, make it large. */
		if (tries > 4) {
			char digits[5];
			char *longer;

			ident_random_hex(digits, 4);
			longer = xasprintf("%s_%s", c->name, digits);
			free(c->name);
			c->name = longer;
		}
		r = write_config(dirfd, c, e);
		if (r < 0)
			return r;
	}
}

/* Whole when it appears: definition, links to the layers, writable side. */
static int make_dir(struct engine *g, const struct container_config *c, int *dirfd, struct err *e)
{
	auto_of(ctr_root_clear) struct ctr_root root = { 0 };
	autofree char *tmp = NULL;
	autoclose int hold = -1;
	int r;

	if (ctr_root_plan(&root, g, c, e) < 0 || store_tmp_dir(g->store, &tmp, dirfd, e) < 0)
		return -e->code;
	r = write_config(*dirfd, c, e);
	if (r >= 0)
		r = rootfs_create(g->store, &root.args, *dirfd, &hold, e);
	if (r >= 0)
		r = store_publish(g->store, tmp, g->store->containers_dirfd, c->id, e);
	if (r < 0)
		file_remove_tree(g->store->root_dirfd, tmp);
	return r;
}

static int sync_containers(struct engine *g, struct err *e)
{
	autoclose int fd = fd_openat(g->store->containers_dirfd, ".", O_RDONLY | O_DIRECTORY);

	if (fd < 0 || fsync(fd) < 0)
		return err_sys(e, fd < 0 ? -fd : errno, "sync %s/containers", g->store->root);
	return 0;
}

static int fill_id(struct engine *g, struct container_config *c, struct err *e)
{
	autofree char *holder = NULL;

	if (!c->id)
		c->id = xstrdup(ident_random().s);
	c->created = time_now();
	if (!c->name) {
		c->name = ident_random_name();
		c->is_name_generated = true;
	}
	/* Told before any work is done; reserve_name decides. */
	if (!c->is_name_generated &&
	    names_get(g->store->container_names_dirfd, c->name, &holder) == 0 &&
	    has_dir(g, holder) && drop_second_name(g, c->name, holder) < 0)
		return name_error(c, holder, -EEXIST, e);
	return 0;
}

int record_create(struct engine *g, struct container_config *c, struct err *e)
{
	autoclose int dirfd = -1;
	struct err ignored = { 0 };
	int r;

	if (fill_id(g, c, e) < 0)
		return -e->code;
	/* What waits for the disk anyway may look after what others left; "run --rm" may not. */
	if (!c->rm)
		(void)store_sweep(g->store, &ignored);
	if (make_dir(g, c, &dirfd, e) < 0)
		return -e->code;
	r = reserve_name(g, c, dirfd, e);
	if (r >= 0 && !c->rm)
		r = sync_containers(g, e);
	if (r < 0)
		record_remove(g, c->id, c->name, &ignored);
	return r;
}

static int no_such(const char *text, struct err *e)
{
	return err_set(e, ERR_NO_SUCH, "no container with name or ID \"%s\" found: no such container",
		       text);
}

static int ambiguous(const char *prefix, const struct strv *candidates, struct err *e)
{
	auto_of(strv_clear) struct strv shortened = { 0 };
	autofree char *list = NULL;

	for (size_t i = 0; i < candidates->n; i++)
		strv_addf(&shortened, "%.12s", candidates->v[i]);
	list = strv_join(&shortened, ", ");
	return err_set(e, EEXIST, "more than one container matches id %s: %s%s", prefix, list,
		       candidates->n >= 5 ? ", ..." : "");
}

static bool says_name(struct engine *g, const char *id, const char *name)
{
	autofree char *path = xasprintf("%s/" CONFIG_FILE, id);
	auto_of(json_free) struct json *j = NULL;
	struct err ignored = { 0 };

	return json_load_record_at(&j, g->store->containers_dirfd, path, NULL, &ignored) >= 0 &&
	       str_eq(json_str(json_path(j, "config.name")), name);
}

/* Only for what would be an error: a container whose maker was killed before it had its name. */
static int find_nameless(char **id, struct engine *g, const char *name)
{
	auto_of(strv_clear) struct strv ids = { 0 };
	struct err ignored = { 0 };

	if (ident_check_name(name) < 0 || record_list(g, &ids, &ignored) < 0)
		return -ENOENT;
	for (size_t i = 0; i < ids.n; i++) {
		if (!says_name(g, ids.v[i], name))
			continue;
		*id = xstrdup(ids.v[i]);
		return 0;
	}
	return -ENOENT;
}

/* *is_by_name: found through its name, so that this need not be looked after. */
static int find(char **id, bool *is_by_name, struct engine *g, const char *text, struct err *e)
{
	auto_of(strv_clear) struct strv candidates = { 0 };
	autofree char *found = NULL;
	int r = -ENOENT;

	*is_by_name = false;
	if (str_empty(text))
		return no_such("", e);
	if (*text == '/')	/* as Docker writes names */
		text++;
	if (!ident_is_id(text)) {
		r = names_get(g->store->container_names_dirfd, text, &found);
		if (r == 0 && has_dir(g, found)) {
			*is_by_name = true;
			*id = steal_ptr(&found);
			return 0;
		}
		free(found);
		found = NULL;
	}
	r = names_find_prefix(g->store->containers_dirfd, text, &found, &candidates);
	if (r == -EEXIST)
		return ambiguous(text, &candidates, e);
	if (r == -ENOENT)
		r = find_nameless(&found, g, text);
	if (r == -ENOENT || (r == 0 && !ident_is_id(found)))
		return no_such(text, e);
	if (r < 0)
		return err_sys(e, -r, "look up container %s", text);
	*id = steal_ptr(&found);
	return 0;
}

int record_find(char **id, struct engine *g, const char *name_or_id, struct err *e)
{
	bool is_by_name;

	return find(id, &is_by_name, g, name_or_id, e);
}

static void repair_name(struct engine *g, const struct container_config *c)
{
	autofree char *id = NULL;

	if (!c->name || names_get(g->store->container_names_dirfd, c->name, &id) != -ENOENT)
		return;
	/* It may be missing because the container is being removed at this moment. */
	if (names_add(g->store->container_names_dirfd, c->name, c->id) == 0 && !has_dir(g, c->id))
		(void)drop_stale_name(g, c->name, NULL);
}

static int load(struct record *r, struct engine *g, const char *shown, const char *const *only,
		struct err *e)
{
	char path[IDENT_LEN + sizeof("/" CONFIG_FILE)];
	auto_of(json_free) struct json *j = NULL;
	int ret;

	snprintf(path, sizeof(path), "%s/" CONFIG_FILE, r->id);
	ret = json_load_record_at(&j, g->store->containers_dirfd, path, only, e);
	if (ret == -ENOENT)	/* or it is being removed */
		return no_such(shown, e);
	if (ret >= 0)
		ret = config_from_json(&r->config, j, e);
	if (ret < 0) {
		e->code = EBADMSG;
		return err_wrap(e, "container %s: " CONFIG_FILE, shown);
	}
	xreplace(&r->config.id, r->id);
	return 0;
}

static int open_dir(struct record *r, struct engine *g, const char *shown, struct err *e)
{
	r->dirfd = fd_openat(g->store->containers_dirfd, r->id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	if (r->dirfd == -ENOENT)
		return no_such(shown, e);
	return r->dirfd < 0 ? err_sys(e, -r->dirfd, "container %s", shown) : 0;
}

int record_complete(struct record *r, struct engine *g, struct err *e)
{
	config_clear(&r->config);
	if (r->dirfd < 0 && open_dir(r, g, r->id, e) < 0)
		return -e->code;
	return load(r, g, r->id, NULL, e);
}

int record_open(struct record **out, struct engine *g, const char *name_or_id, struct err *e)
{
	auto_of(record_free) struct record *r = xcalloc(1, sizeof(*r));
	bool is_by_name;
	int ret;

	r->dirfd = -1;
	ret = find(&r->id, &is_by_name, g, name_or_id, e);
	if (ret >= 0)
		ret = open_dir(r, g, name_or_id, e);
	if (ret >= 0)
		ret = load(r, g, name_or_id, NULL, e);
	if (ret < 0)
		return ret;
	name_or_id += *name_or_id == '/';
	if (!is_by_name)
		repair_name(g, &r->config);
	else if (!str_eq(r->config.name, name_or_id) && drop_second_name(g, name_or_id, r->id) >= 0)
		return err_set(e, ERR_NO_SUCH, "no such container: %s", name_or_id);
	*out = steal_ptr(&r);
	return 0;
}

static int read_closed(struct record **out, struct engine *g, const char *id, const char *const *only, struct err *e)
{
	auto_of(record_free) struct record *r = xcalloc(1, sizeof(*r));

	r->dirfd = -1;
	r->id = xstrdup(id);
	if (load(r, g, id, only, e) < 0)
		return -e->code;
	*out = steal_ptr(&r);
	return 0;
}

int record_read(struct record **out, struct engine *g, const char *id, struct err *e)
{
	return read_closed(out, g, id, NULL, e);
}

int record_glance(struct record **out, struct engine *g, const char *id, struct err *e)
{
	static const char *const only[] = { "version", "config", "name", "created", "image-id", "run-pid",
					    "mode", "net", NULL };

	return read_closed(out, g, id, only, e);
}

int record_adopt(struct record **out, struct engine *g, struct container_config *c_taken, struct err *e)
{
	struct record *r;
	int fd = fd_openat(g->store->containers_dirfd, c_taken->id,
			   O_RDONLY | O_DIRECTORY | O_NOFOLLOW);

	if (fd < 0)
		return err_sys(e, -fd, "container %.12s", c_taken->id);
	r = xcalloc(1, sizeof(*r));
	r->id = xstrdup(c_taken->id);
	r->dirfd = fd;
	r->is_fresh = true;
	r->config = *c_taken;
	config_init(c_taken);
	*out = r;
	return 0;
}

int record_save(struct record *r, struct err *e)
{
	return write_config(r->dirfd, &r->config, e);
}

/* Both names are in the definition before the first step and after the last: see record_drop_other. */
static int rename_locked(struct engine *g, struct record *r, const char *name, struct err *e)
{
	struct container_config *c = &r->config;
	autofree char *old = xstrdup(c->name), *holder = NULL;
	struct err ignored = { 0 };
	int ret;

	xreplace(&c->other_name, name);
	if (record_save(r, e) < 0)
		return -e->code;
	xreplace(&c->name, name);
	xreplace(&c->other_name, old);
	ret = take_name(g, name, r->id, &holder);
	ret = ret < 0 ? name_error(c, holder, ret, e) : record_save(r, e);
	if (ret < 0) {
		xreplace(&c->name, old);
		xreplace(&c->other_name, name);
		record_drop_other(g, c);
		xreplace(&c->other_name, NULL);
		(void)record_save(r, &ignored);
		return ret;
	}
	c->is_name_generated = false;
	record_drop_other(g, c);
	return 0;
}

int record_rename(struct engine *g, struct record *r, const char *name, struct err *e)
{
	auto_of(record_free) struct record *fresh = NULL;
	autoclose int lock = -1;

	if (ident_check_name(name) < 0)
		return err_set(e, EINVAL, "name '%s' does not match [a-zA-Z0-9][a-zA-Z0-9_.-]*", name);
	/* Read under the lock: what others have just changed is not to be written over. */
	if (record_lock(r, &lock, e) < 0 || record_open(&fresh, g, r->id, e) < 0)
		return -e->code;
	config_clear(&r->config);
	r->config = fresh->config;
	config_init(&fresh->config);
	if (str_eq(name, r->config.name) && !g->is_docker)
		return 0;
	if (str_eq(name, r->config.name))
		return err_set(e, EINVAL, "container %s has this name already", name);
	if (rename_locked(g, r, name, e) < 0)
		return -e->code;
	events_container(g, &r->config, "rename");
	return 0;
}

int record_list(struct engine *g, struct strv *ids, struct err *e)
{
	auto_of(strv_clear) struct strv all = { 0 };
	int r = file_list_dir(g->store->containers_dirfd, ".", &all, false);

	if (r < 0)
		return err_sys(e, -r, "list %s/containers", g->store->root);
	for (size_t i = 0; i < all.n; i++)
		if (ident_is_id(all.v[i]))
			strv_add(ids, all.v[i]);
	return 0;
}

void record_drop_other(struct engine *g, const struct container_config *c)
{
	autofree char *holder = NULL;

	if (c->other_name && names_get(g->store->container_names_dirfd, c->other_name, &holder) == 0 &&
	    str_eq(holder, c->id))
		names_remove(g->store->container_names_dirfd, c->other_name);
}

int record_hide(struct engine *g, const char *id, const char *name, char **tmp, struct err *e)
{
	autofree char *holder = NULL;
	int r;

	if (name && names_get(g->store->container_names_dirfd, name, &holder) == 0 &&
	    str_eq(holder, id))
		names_remove(g->store->container_names_dirfd, name);
	r = store_hide(g->store, g->store->containers_dirfd, id, tmp, e);
	/* Somebody who met the container without its name has put that back. */
	if (r >= 0 && name) {
		free(holder);
		holder = NULL;
		if (names_get(g->store->container_names_dirfd, name, &holder) == 0 &&
		    str_eq(holder, id))
			(void)drop_stale_name(g, name, NULL);
	}
	if (r == -ENOENT)
		return no_such(id, e);
	return r < 0 ? err_wrap(e, "container %.12s", id) : 0;
}

int record_remove(struct engine *g, const char *id, const char *name, struct err *e)
{
	autofree char *tmp = NULL;
	struct err ignored = { 0 };
	int r = record_hide(g, id, name, &tmp, e);

	if (r < 0)
		return r;
	(void)store_sweep(g->store, &ignored);
	r = file_remove_tree(g->store->root_dirfd, tmp);
	return r < 0 ? err_sys(e, -r, "remove the files of container %.12s (now in %s/%s)", id,
			       g->store->root, tmp) : 0;
}

/* flock(2) on the directory itself: a lock file would be one more file to make and delete for every
 * container, a tenth of a millisecond each on ext4. */
static int lock(struct record *r, int how, int *lock_fd)
{
	autoclose int fd = fd_openat(r->dirfd, ".", O_RDONLY | O_DIRECTORY);
	char path[IDENT_LEN + 4];
	struct stat st;

	if (fd < 0)
		return fd;
	while (flock(fd, how) < 0)
		if (errno != EINTR)
			return -errno;
	/* Removed while we waited: it lies in tmp/ then, and beside it is no directory of its name. */
	snprintf(path, sizeof(path), "../%s", r->id);
	if (fstatat(fd, path, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	*lock_fd = steal_fd(&fd);
	return 0;
}

static int lock_error(const struct record *r, int ret, struct err *e)
{
	if (ret == -ENOENT)
		return no_such(r->config.name, e);
	return ret < 0 ? err_sys(e, -ret, "lock container %s", r->config.name) : 0;
}

int record_lock(struct record *r, int *lock_fd, struct err *e)
{
	return lock_error(r, lock(r, LOCK_EX, lock_fd), e);
}

int record_lock_shared(struct record *r, int *lock_fd, struct err *e)
{
	return lock_error(r, lock(r, LOCK_SH, lock_fd), e);
}

void record_unlock(int *lock_fd)
{
	if (*lock_fd >= 0)
		(void)flock(*lock_fd, LOCK_UN);
	fd_close(lock_fd);
}

int record_try_lock(struct record *r, int *lock_fd)
{
	return lock(r, LOCK_EX | LOCK_NB, lock_fd);
}
