/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/layer.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/ident.h"
#include "base/str.h"
#include "storage/layer_lock.h"

#include <stdio.h>
#include <unistd.h>

static int check_id(const char *chain_id, struct err *e)
{
	/* Ids come from manifests: nothing but 64 hex digits may become a path. */
	if (!ident_is_id(chain_id))
		return err_set(e, EINVAL, "'%s' is not a layer id", chain_id);
	return 0;
}

bool layer_exists(struct store *s, const char *chain_id)
{
	return ident_is_id(chain_id) &&
	       faccessat(s->layers_dirfd, chain_id, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

int layer_hold(struct store *s, const char *chain_id, int *lock_fd, struct err *e)
{
	autoclose int fd = -1;
	int r = check_id(chain_id, e);

	if (r < 0)
		return r;
	if (!layer_exists(s, chain_id))
		return 0;
	fd = layer_lock(s, chain_id, LAYER_LOCK_SHARED);
	if (fd < 0)
		return err_sys(e, -fd, "lock layer %.12s", chain_id);
	if (!layer_exists(s, chain_id))
		return 0;
	*lock_fd = steal_fd(&fd);
	return 1;
}

static int open_writer(struct layer_writer *w, struct err *e)
{
	int r;

	r = store_sweep(w->store, e);
	if (r < 0)
		return r;
	r = store_tmp_dir(w->store, &w->tmp_name, &w->dirfd, e);
	if (r < 0)
		return r;
	/* A root directory that the archive does not mention is 0755 of root. */
	if (mkdirat(w->dirfd, "diff", 0755) < 0 || fchmodat(w->dirfd, "diff", 0755, 0) < 0)
		return err_sys(e, errno, "make %s/diff", w->tmp_name);
	w->diff_dirfd = fd_openat(w->dirfd, "diff", O_RDONLY | O_DIRECTORY);
	if (w->diff_dirfd < 0)
		return err_sys(e, -w->diff_dirfd, "open %s/diff", w->tmp_name);
	return 0;
}

/* The exclusive lock, or 1 when the layer is there, or -EAGAIN. Waiting is for the shared lock: the
 * writer gives that way when the layer is there, but goes on holding it until its image is too. */
static int take_writer_lock(struct store *s, const char *chain_id, bool waits, int *lock_fd)
{
	for (;;) {
		autoclose int shared = -1;
		int fd = layer_lock(s, chain_id, LAYER_LOCK_TRY);

		if (fd >= 0) {
			*lock_fd = fd;
			return layer_exists(s, chain_id);
		}
		if (fd != -EAGAIN)
			return fd;
		if (layer_exists(s, chain_id))
			return 1;
		if (!waits)
			return -EAGAIN;
		shared = layer_lock(s, chain_id, LAYER_LOCK_SHARED);
		if (shared < 0)
			return shared;
		if (layer_exists(s, chain_id))
			return 1;
	}
}

static int begin(struct layer_writer **out, struct store *s, const char *chain_id, bool waits,
		 struct err *e)
{
	auto_of(layer_writer_free) struct layer_writer *w = NULL;
	int r = check_id(chain_id, e);

	if (r < 0)
		return r;
	if (layer_exists(s, chain_id))
		return 1;
	w = xcalloc(1, sizeof(*w));
	w->dirfd = w->diff_dirfd = w->lock_fd = -1;
	w->store = s;
	w->chain_id = xstrdup(chain_id);
	r = take_writer_lock(s, chain_id, waits, &w->lock_fd);
	if (r == -EAGAIN && !waits)
		return 2;
	if (r < 0)
		return err_sys(e, -r, "lock layer %.12s", chain_id);
	if (r == 1)
		return 1;
	r = open_writer(w, e);
	if (r < 0)
		return r;
	*out = steal_ptr(&w);
	return 0;
}

int layer_begin(struct layer_writer **out, struct store *s, const char *chain_id, struct err *e)
{
	return begin(out, s, chain_id, true, e);
}

int layer_try_begin(struct layer_writer **out, struct store *s, const char *chain_id, struct err *e)
{
	return begin(out, s, chain_id, false, e);
}

int layer_commit(struct layer_writer *w, const struct json *info, struct err *e)
{
	auto_of(str_clear) struct str text = { 0 };
	const char *parent = json_get_str(info, "parent");
	int r;

	if (parent && str_has_prefix(parent, "sha256:"))
		parent += 7;
	if (!str_empty(parent)) {
		r = check_id(parent, e);
		if (r < 0)
			return r;
		if (symlinkat(parent, w->dirfd, "parent") < 0)
			return err_sys(e, errno, "layer %.12s: make the parent link", w->chain_id);
	}
	json_write(&text, info, 0);
	r = file_write_at(w->dirfd, "layer.json", text.p, text.len, 0600, 0);
	if (r < 0)
		return err_sys(e, -r, "layer %.12s: write layer.json", w->chain_id);
	/* One call for thousands of files; an fsync of each would cost the journal as often. */
	if (syncfs(w->dirfd) < 0)
		return err_sys(e, errno, "layer %.12s: write to disk", w->chain_id);
	r = store_publish(w->store, w->tmp_name, w->store->layers_dirfd, w->chain_id, e);
	if (r < 0)
		return r;
	free(steal_ptr(&w->tmp_name));
	/* The waiters are let in: they find the layer there, and so hold it too. */
	r = layer_lock_share(w->lock_fd);
	return r < 0 ? err_sys(e, -r, "lock layer %.12s", w->chain_id) : 0;
}

void layer_writer_free(struct layer_writer *w)
{
	if (!w)
		return;
	fd_close(&w->diff_dirfd);
	fd_close(&w->dirfd);
	if (w->tmp_name)
		(void)file_remove_tree(w->store->root_dirfd, w->tmp_name);
	/* Still exclusive and not published: nobody else can have counted on the file. */
	if (w->lock_fd >= 0 && !layer_exists(w->store, w->chain_id))
		layer_lock_unlink(w->store, w->chain_id);
	fd_close(&w->lock_fd);
	free(w->tmp_name);
	free(w->chain_id);
	free(w);
}

int layer_open_diff(struct store *s, const char *chain_id, struct err *e)
{
	char path[IDENT_LEN + 8];
	int fd = check_id(chain_id, e);

	if (fd < 0)
		return fd;
	snprintf(path, sizeof(path), "%s/diff", chain_id);
	fd = fd_openat(s->layers_dirfd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	if (fd == -ENOENT)
		return err_set(e, ERR_NO_SUCH,
			       "layer %.12s is missing: run: rootlet system check", chain_id);
	return fd < 0 ? err_sys(e, -fd, "open layer %.12s", chain_id) : fd;
}

int layer_load(struct json **info, struct store *s, const char *chain_id, struct err *e)
{
	char path[IDENT_LEN + 16];
	int r = check_id(chain_id, e);

	if (r < 0)
		return r;
	if (!layer_exists(s, chain_id))
		return err_set(e, ERR_NO_SUCH, "layer %.12s is missing", chain_id);
	snprintf(path, sizeof(path), "%s/layer.json", chain_id);
	r = json_load_record_at(info, s->layers_dirfd, path, NULL, e);
	return r < 0 ? err_wrap(e, "layer %.12s", chain_id) : 0;
}

int layer_parent(struct store *s, const char *chain_id, char **parent)
{
	char path[IDENT_LEN + 16];
	autofree char *id = NULL;
	int r;

	if (!ident_is_id(chain_id))
		return -EINVAL;
	snprintf(path, sizeof(path), "%s/parent", chain_id);
	r = file_readlink_at(s->layers_dirfd, path, &id);
	if (r == -ENOENT) {
		if (!layer_exists(s, chain_id))
			return -ENOENT;
		*parent = NULL;
		return 0;
	}
	if (r < 0)
		return r;
	if (!ident_is_id(id))
		return -EBADMSG;
	*parent = steal_ptr(&id);
	return 0;
}

int layer_remove(struct store *s, const char *chain_id, struct err *e)
{
	autoclose int lock = -1;
	int r = check_id(chain_id, e);

	if (r < 0)
		return r;
	lock = layer_lock(s, chain_id, LAYER_LOCK_TRY);
	if (lock == -EAGAIN)
		return err_set(e, ERR_IN_USE, "layer %.12s is in use by a running command",
			       chain_id);
	if (lock < 0)
		return err_sys(e, -lock, "lock layer %.12s", chain_id);
	r = store_discard(s, s->layers_dirfd, chain_id, e);
	if (r == 0 || r == -ENOENT)
		layer_lock_unlink(s, chain_id);
	return r;
}

int layer_list(struct store *s, struct strv *chain_ids, struct err *e)
{
	auto_of(strv_clear) struct strv all = { 0 };
	int r = file_list_dir(s->layers_dirfd, ".", &all, true);

	if (r < 0)
		return err_sys(e, -r, "list %s/layers", s->root);
	for (size_t i = 0; i < all.n; i++)
		if (ident_is_id(all.v[i]))
			strv_add(chain_ids, all.v[i]);
	return 0;
}
