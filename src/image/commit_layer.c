/* SPDX-License-Identifier: Apache-2.0 */
/* THEORY. The layer is a copy of the files, not an archive that is written and unpacked again. Its
 * DiffID is that of the archive that tar_out would write; layer_source writes the same when the image
 * is saved or pushed. While nobody changes the files the archive is hashed from them beside the copy,
 * each on its own processor; else from the copy, which nobody else can reach. */
#include "image/commit_layer.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/json.h"
#include "base/path.h"
#include "base/str.h"
#include "base/timefmt.h"
#include "image/digest.h"
#include "storage/layer.h"
#include "storage/store.h"
#include "storage/tar_out.h"
#include "storage/tree_copy.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Empty files and directories that the start of the container put there to mount things on. */
static const char *const mount_points[] = {
	"etc/hostname", "etc/hosts", "etc/resolv.conf", "run/.containerenv",
};

struct hashing {
	int tree_fd;
	bool is_single_id;
	struct digest sum;
	struct err e;
};

static bool is_mount_point(int tree_fd, const char *path)
{
	struct stat st;

	for (size_t i = 0; i < ARRAY_SIZE(mount_points); i++)
		if (str_eq(path, mount_points[i]))
			return fstatat(tree_fd, path, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
			       S_ISREG(st.st_mode) && st.st_size == 0;
	return false;
}

static bool is_wanted(void *arg, const char *path)
{
	const struct hashing *h = arg;

	return !is_mount_point(h->tree_fd, path);
}

static int hash_bytes(void *arg, const void *data, size_t len, struct err *e)
{
	(void)e;
	digest_update(arg, data, len);
	return 0;
}

static void *hash_tree(void *arg)
{
	struct hashing *h = arg;
	auto_of(tar_writer_clear) struct tar_writer w = { .write = hash_bytes, .arg = &h->sum };
	struct tar_out_args args = { .dirfd = h->tree_fd, .has_whiteouts = true,
				     .is_single_id = h->is_single_id, .wants = is_wanted,
				     .wants_arg = h };

	if (tar_out(&w, &args, &h->e) >= 0)
		(void)tar_writer_end(&w, &h->e);
	return NULL;
}

/* The directory's time is as if the file had never been there. */
static int drop_mount_points(int diff_fd, struct err *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(mount_points); i++) {
		autofree char *dir = path_dir(mount_points[i]);
		struct timespec times[2];
		struct stat st;

		if (!is_mount_point(diff_fd, mount_points[i]) || fstatat(diff_fd, dir, &st, 0) < 0)
			continue;
		times[0] = st.st_atim;
		times[1] = st.st_mtim;
		if (unlinkat(diff_fd, mount_points[i], 0) < 0 ||
		    utimensat(diff_fd, dir, times, AT_SYMLINK_NOFOLLOW) < 0)
			return err_sys(e, errno, "leave out %s", mount_points[i]);
	}
	return 0;
}

static int copy_tree(const struct commit_layer_args *a, int diff_fd, struct err *e)
{
	auto_of(idmap_clear) struct idmap uid_map = { 0 }, gid_map = { 0 };
	struct tree_copy_args args = { .src_dirfd = a->tree_fd, .dst_dirfd = diff_fd,
				       .uid_map = &uid_map, .gid_map = &gid_map };
	int r;

	idmap_invert(&uid_map, a->uid_map);
	idmap_invert(&gid_map, a->gid_map);
	r = tree_copy(&args, e);
	return r < 0 ? r : drop_mount_points(diff_fd, e);
}

static int copy_and_hash(struct hashing *h, const struct commit_layer_args *a, int diff_fd,
			 struct err *e)
{
	pthread_t thread;
	bool is_parallel;
	int r;

	h->tree_fd = a->tree_fd;
	is_parallel = a->is_frozen && !a->uid_map->n && !a->gid_map->n &&
		      pthread_create(&thread, NULL, hash_tree, h) == 0;
	r = copy_tree(a, diff_fd, e);
	if (is_parallel) {
		pthread_join(thread, NULL);
	} else if (r >= 0) {
		h->tree_fd = diff_fd;
		hash_tree(h);
	}
	if (r >= 0 && h->e.code) {
		*e = h->e;
		return -e->code;
	}
	return r;
}

static int publish(struct commit_layer *l, int tmp_dirfd, const struct commit_layer_args *a,
		   struct err *e)
{
	auto_of(json_free) struct json *info = json_new_object();
	autofree char *id = xasprintf("sha256:%s", l->chain_id);
	autofree char *parent = a->parent ? xasprintf("sha256:%s", a->parent) : xstrdup("");
	uint64_t bytes = 0, inodes = 0;
	char now[40];

	(void)file_tree_size(tmp_dirfd, "diff", &bytes, &inodes);
	json_set_int(info, "version", 1);
	json_set_str(info, "chain-id", id);
	json_set_str(info, "parent", parent);
	json_set_str(info, "diff-id", l->diff_id);
	json_set(info, "size", json_new_uint(bytes));
	json_set(info, "tar-size", json_new_uint(l->tar_size));
	json_set_str(info, "compressed-digest", "");
	json_set_int(info, "compressed-size", 0);
	json_set_str(info, "media-type", a->media_type);
	json_set_str(info, "created", time_rfc3339(now, time_now(), true));
	/* The writer has made an empty one, which rename(2) replaces. */
	if (renameat(tmp_dirfd, "diff", l->writer->dirfd, "diff") < 0)
		return err_sys(e, errno, "move the files of layer %.12s", l->chain_id);
	return layer_commit(l->writer, info, e);
}

static int settle(struct commit_layer *l, struct store *s, int tmp_dirfd,
		  const struct commit_layer_args *a, struct err *e)
{
	int r;

	for (;;) {
		r = layer_hold(s, l->chain_id, &l->hold_fd, e);
		if (r)
			return r < 0 ? r : 0;
		r = layer_begin(&l->writer, s, l->chain_id, e);
		if (r <= 0)
			return r < 0 ? r : publish(l, tmp_dirfd, a, e);
	}
}

static int make(struct commit_layer *l, struct store *s, int tmp_dirfd,
		const struct commit_layer_args *a, struct err *e)
{
	struct hashing h = { .is_single_id = s->is_single_id };
	autoclose int diff_fd = -1;
	int r;

	if (mkdirat(tmp_dirfd, "diff", 0755) < 0)
		return err_sys(e, errno, "make the directory of a layer");
	diff_fd = fd_openat(tmp_dirfd, "diff", O_RDONLY | O_DIRECTORY);
	if (diff_fd < 0)
		return err_sys(e, -diff_fd, "open the directory of a layer");
	digest_init(&h.sum);
	r = copy_and_hash(&h, a, diff_fd, e);
	strcpy(l->diff_id, "sha256:");
	digest_final(&h.sum, l->diff_id + 7);
	l->tar_size = h.sum.bytes;
	digest_clear(&h.sum);
	if (r < 0)
		return r;
	l->chain_id = layer_chain_id(a->parent, l->diff_id);
	return settle(l, s, tmp_dirfd, a, e);
}

int commit_layer(struct commit_layer *out, struct store *s, const struct commit_layer_args *a,
		 struct err *e)
{
	auto_of(commit_layer_clear) struct commit_layer l = { .hold_fd = -1 };
	autofree char *tmp_name = NULL;
	autoclose int tmp_dirfd = -1;
	int r = store_sweep(s, e);

	if (r >= 0)
		r = store_tmp_dir(s, &tmp_name, &tmp_dirfd, e);
	if (r < 0)
		return r;
	r = make(&l, s, tmp_dirfd, a, e);
	(void)file_remove_tree(s->root_dirfd, tmp_name);
	if (r < 0)
		return r;
	*out = l;
	l = (struct commit_layer){ .hold_fd = -1 };
	return 0;
}

void commit_layer_clear(struct commit_layer *l)
{
	layer_writer_free(l->writer);
	fd_close(&l->hold_fd);
	free(l->chain_id);
	l->writer = NULL;
	l->chain_id = NULL;
}
