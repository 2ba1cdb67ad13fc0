/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/images.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/ident.h"
#include "base/lock.h"
#include "base/str.h"
#include "storage/layer.h"
#include "storage/names.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct image_path {
	char s[IDENT_LEN + 24];
};

static struct image_path image_path(const char *id, const char *file)
{
	struct image_path p;

	snprintf(p.s, sizeof(p.s), "%.*s/%s", IDENT_LEN, id, file);
	return p;
}

static int check_id(const char *id, struct err *e)
{
	return ident_is_id(id) ? 0 : err_set(e, EINVAL, "'%s' is not an image id", id);
}

static bool image_exists(struct store *s, const char *id)
{
	return faccessat(s->images_dirfd, id, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

int images_find_name(struct store *s, const char *full_name, char **id)
{
	autofree char *found = NULL;
	int r = names_get(s->image_names_dirfd, full_name, &found);

	if (r < 0)
		return r;
	/* A crash between the record's and the name's removal leaves a name that leads nowhere. */
	if (!ident_is_id(found) || !image_exists(s, found))
		return -ENOENT;
	*id = steal_ptr(&found);
	return 0;
}

int images_find_id(struct store *s, const char *prefix, char **id, struct err *e)
{
	auto_of(strv_clear) struct strv some = { 0 };
	autofree char *list = NULL;
	int r;

	if (str_has_prefix(prefix, "sha256:"))
		prefix += 7;
	r = names_find_prefix(s->images_dirfd, prefix, id, &some);
	if (r == -ENOENT)
		return err_set(e, ERR_NO_SUCH, "no image has an id that starts with '%s'", prefix);
	if (r != -EEXIST)
		return r < 0 ? err_sys(e, -r, "look for image '%s'", prefix) : 0;
	list = strv_join(&some, ", ");
	return err_set(e, EEXIST, "image id '%s' is ambiguous: give more digits (%s)", prefix,
		       list);
}

void images_record_free(struct images_record *r)
{
	if (!r)
		return;
	free(r->id);
	json_free(r->record);
	json_free(r->config);
	strv_clear(&r->chain_ids);
	free(r);
}

static int load_part(struct json **out, struct store *s, const char *id, const char *file,
		     struct err *e)
{
	struct image_path path = image_path(id, file);
	int r;

	if (!image_exists(s, id))
		return err_set(e, ERR_NO_SUCH, "no image with id %.12s", id);
	r = json_load_record_at(out, s->images_dirfd, path.s, NULL, e);
	if (r == -EINVAL || r == -ENOENT) {
		e->code = EBADMSG;
		return err_wrap(e, "image %.12s is damaged (run: rootlet system check)", id);
	}
	return r < 0 ? err_wrap(e, "image %.12s", id) : 0;
}

static void add_chain_ids(const struct json *record, struct strv *out)
{
	const struct json *ids = json_get(record, "chain-ids");

	for (size_t i = 0; i < json_len(ids); i++) {
		const char *id = json_str(json_at(ids, i));

		if (id)
			strv_add(out, str_has_prefix(id, "sha256:") ? id + 7 : id);
	}
}

static int check_chain_ids(const struct strv *ids, struct err *e)
{
	for (size_t i = 0; i < ids->n; i++)
		if (!ident_is_id(ids->v[i]))
			return err_set(e, EBADMSG, "image record: '%s' is not a layer id",
				       ids->v[i]);
	return 0;
}

static int load_record(struct images_record **out, struct store *s, const char *id, struct err *e)
{
	auto_of(images_record_free) struct images_record *rec = xcalloc(1, sizeof(*rec));
	int r = check_id(id, e);

	if (r < 0)
		return r;
	rec->id = xstrdup(id);
	r = load_part(&rec->record, s, id, "record.json", e);
	if (r < 0)
		return r;
	add_chain_ids(rec->record, &rec->chain_ids);
	r = check_chain_ids(&rec->chain_ids, e);
	if (r < 0)
		return err_wrap(e, "image %.12s", id);
	*out = steal_ptr(&rec);
	return 0;
}

int images_load(struct images_record **out, struct store *s, const char *id, struct err *e)
{
	auto_of(images_record_free) struct images_record *rec = NULL;
	int r = load_record(&rec, s, id, e);

	if (r < 0)
		return r;
	r = load_part(&rec->config, s, id, "config.json", e);
	if (r < 0)
		return r;
	*out = steal_ptr(&rec);
	return 0;
}

int images_load_layers(struct strv *chain_ids, struct store *s, const char *id, struct err *e)
{
	auto_of(images_record_free) struct images_record *rec = NULL;
	int r = load_record(&rec, s, id, e);

	if (r < 0)
		return r;
	strv_clear(chain_ids);
	*chain_ids = rec->chain_ids;
	rec->chain_ids = (struct strv){ 0 };
	return 0;
}

static int load_bytes(char **bytes, size_t *len, struct store *s, const char *id,
		      const char *file, struct err *e)
{
	struct image_path path = image_path(id, file);
	int r = check_id(id, e);

	if (r < 0)
		return r;
	r = file_read_at(s->images_dirfd, path.s, bytes, len, FILE_MAX_CONFIG);
	if (r == -ENOENT && !image_exists(s, id))
		return err_set(e, ERR_NO_SUCH, "no image with id %.12s", id);
	return r < 0 ? err_sys(e, -r, "read %s of image %.12s", file, id) : 0;
}

int images_load_manifest(char **bytes, size_t *len, struct store *s, const char *id, struct err *e)
{
	return load_bytes(bytes, len, s, id, "manifest.json", e);
}

int images_load_config_bytes(char **bytes, size_t *len, struct store *s, const char *id,
			     struct err *e)
{
	return load_bytes(bytes, len, s, id, "config.json", e);
}

static int sync_at(int dirfd, const char *path)
{
	autoclose int fd = fd_openat(dirfd, path, O_RDONLY);

	if (fd < 0)
		return fd;
	return fsync(fd) < 0 ? -errno : 0;
}

static int write_files(int dirfd, const struct images_new *n, const struct strv *chain_ids,
		       struct err *e)
{
	auto_of(str_clear) struct str record = { 0 };
	struct file {
		const char *name;
		const void *data;
		size_t len;
	} files[] = {
		{ "manifest.json", n->manifest, n->manifest_len },
		{ "config.json", n->config, n->config_len },
		{ "record.json", NULL, 0 },
	};

	json_write(&record, n->record, 0);
	files[2].data = record.p;
	files[2].len = record.len;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		const struct file *f = &files[i];
		int r = file_write_at(dirfd, f->name, f->data, f->len, 0600, 0);

		if (r == 0)
			r = sync_at(dirfd, f->name);
		if (r < 0)
			return err_sys(e, -r, "write %s", f->name);
	}
	if (chain_ids->n && symlinkat(chain_ids->v[chain_ids->n - 1], dirfd, "top") < 0)
		return err_sys(e, errno, "make the link to the uppermost layer");
	if (fsync(dirfd) < 0)
		return err_sys(e, errno, "write to disk");
	return 0;
}

/* Adds the digests that the record does not have yet. Under the image's own lock, and only while
 * the directory still has its name: 0, or -ENOENT when it was removed. */
static int merge_digests(struct store *s, const char *id, const struct json *from, struct err *e)
{
	auto_of(strv_clear) struct strv have = { 0 }, more = { 0 };
	auto_of(json_free) struct json *record = NULL;
	auto_of(str_clear) struct str text = { 0 };
	struct image_path lock = image_path(id, "lock"), path = image_path(id, "record.json");
	autoclose int lock_fd = lock_take(s->images_dirfd, lock.s, true);
	size_t before;
	int r;

	if (lock_fd == -ENOENT)
		return -ENOENT;
	if (lock_fd < 0)
		return err_sys(e, -lock_fd, "lock image %.12s", id);
	r = load_part(&record, s, id, "record.json", e);
	if (r < 0)
		return r == -ERR_NO_SUCH ? -ENOENT : r;
	json_get_strv(record, "repo-digests", &have);
	json_get_strv(from, "repo-digests", &more);
	before = have.n;
	for (size_t i = 0; i < more.n; i++)
		if (!strv_has(&have, more.v[i]))
			strv_add(&have, more.v[i]);
	if (have.n == before)
		return 0;
	json_set_strv(record, "repo-digests", &have);
	json_write(&text, record, 0);
	r = file_write_at(s->images_dirfd, path.s, text.p, text.len, 0600, FILE_SYNC);
	if (r == -ENOENT)
		return -ENOENT;
	return r < 0 ? err_sys(e, -r, "write %s", path.s) : 0;
}

static int make_record(struct store *s, const struct images_new *n, const struct strv *chain_ids,
		       struct err *e)
{
	autofree char *tmp = NULL;
	autoclose int dirfd = -1;
	int r;

	r = store_tmp_dir(s, &tmp, &dirfd, e);
	if (r < 0)
		return r;
	r = write_files(dirfd, n, chain_ids, e);
	if (r == 0)
		r = store_publish(s, tmp, s->images_dirfd, n->id, e);
	if (r < 0) {
		(void)file_remove_tree(s->root_dirfd, tmp);
		return r;
	}
	r = sync_at(s->images_dirfd, ".");
	return r < 0 ? err_sys(e, -r, "write %s/images to disk", s->root) : 0;
}

static int hold_layers(struct store *s, const struct strv *chain_ids, int *holds, struct err *e)
{
	for (size_t i = 0; i < chain_ids->n; i++) {
		int r = layer_hold(s, chain_ids->v[i], &holds[i], e);

		if (r < 0)
			return r;
		if (r == 0)
			return err_set(e, ESTALE, "layer %.12s was removed meanwhile: try again",
				       chain_ids->v[i]);
	}
	return 0;
}

int images_put(struct store *s, const struct images_new *n, struct err *e)
{
	auto_of(strv_clear) struct strv chain_ids = { 0 };
	int *holds, r;

	r = check_id(n->id, e);
	if (r < 0)
		return r;
	add_chain_ids(n->record, &chain_ids);
	r = check_chain_ids(&chain_ids, e);
	if (r < 0)
		return r;
	holds = xmalloc((chain_ids.n + 1) * sizeof(*holds));
	for (size_t i = 0; i < chain_ids.n; i++)
		holds[i] = -1;
	r = hold_layers(s, &chain_ids, holds, e);
	/* Whoever loses a race against another put or a removal finds the other state next time. */
	while (r == 0) {
		if (image_exists(s, n->id)) {
			r = merge_digests(s, n->id, n->record, e);
			if (r != -ENOENT)
				break;
		}
		r = make_record(s, n, &chain_ids, e);
		if (r != -EEXIST)
			break;
		r = 0;
	}
	for (size_t i = 0; i < chain_ids.n; i++)
		fd_close(&holds[i]);
	free(holds);
	return r < 0 ? err_wrap(e, "save image %.12s", n->id) : 0;
}

int images_list(struct store *s, struct strv *ids, struct err *e)
{
	auto_of(strv_clear) struct strv all = { 0 };
	int r = file_list_dir(s->images_dirfd, ".", &all, true);

	if (r < 0)
		return err_sys(e, -r, "list %s/images", s->root);
	for (size_t i = 0; i < all.n; i++)
		if (ident_is_id(all.v[i]))
			strv_add(ids, all.v[i]);
	return 0;
}

int images_names_of(struct store *s, const char *id, struct strv *names, struct err *e)
{
	auto_of(strv_clear) struct strv all = { 0 }, ids = { 0 };
	int r = names_list(s->image_names_dirfd, &all, &ids);

	if (r < 0)
		return err_sys(e, -r, "list %s/images/names", s->root);
	for (size_t i = 0; i < all.n; i++)
		if (strcmp(ids.v[i], id) == 0)
			strv_add(names, all.v[i]);
	return 0;
}

int images_remove(struct store *s, const char *id, struct strv *removed_layers, struct err *e)
{
	auto_of(images_record_free) struct images_record *rec = NULL;
	int r = load_record(&rec, s, id, e);

	/* A damaged record can be removed too; its layers are then left to system check. */
	if (r < 0 && r != -EBADMSG)
		return r;
	r = store_discard(s, s->images_dirfd, id, e);
	if (r == -ENOENT)
		return err_set(e, ERR_NO_SUCH, "no image with id %.12s", id);
	if (r < 0)
		return r;
	return rec ? layer_remove_unused(s, &rec->chain_ids, removed_layers, e) : 0;
}
