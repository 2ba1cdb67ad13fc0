/* SPDX-License-Identifier: Apache-2.0 */
#include "image/layer_source.h"

#include "base/fd.h"
#include "base/json.h"
#include "base/path.h"
#include "image/digest.h"
#include "storage/layer.h"
#include "storage/store.h"
#include "storage/tar_out.h"
#include "storage/tar_split.h"

#include <string.h>

struct reading {
	int (*fn)(void *arg, const void *data, size_t n, struct err *e);
	void *arg;
	struct digest sum;
};

static int pass_on(void *arg, const void *data, size_t n, struct err *e)
{
	struct reading *r = arg;

	digest_update(&r->sum, data, n);
	return r->fn ? r->fn(r->arg, data, n, e) : 0;
}

static int write_anew(const struct layer_source *l, struct reading *reading, struct err *e)
{
	auto_of(tar_writer_clear) struct tar_writer w = { .write = pass_on, .arg = reading };
	autoclose int diff_fd = layer_open_diff(l->store, l->chain_id, e);
	struct tar_out_args args = {
		.dirfd = diff_fd,
		.has_whiteouts = true,
		.is_single_id = l->store->is_single_id,
	};
	int r;

	if (diff_fd < 0)
		return steal_fd(&diff_fd);
	r = tar_out(&w, &args, e);
	return r < 0 ? r : tar_writer_end(&w, e);
}

static int read_layer(const struct layer_source *l, struct reading *reading, struct err *e)
{
	autoclose int dirfd = store_open_beneath(l->store->layers_dirfd, l->chain_id,
						 O_RDONLY | O_DIRECTORY);
	char hex[DIGEST_HEX + 1];
	int r;

	if (dirfd < 0)
		return err_sys(e, -dirfd, "open layer %.12s", l->chain_id);
	digest_init(&reading->sum);
	r = tar_split_read(dirfd, pass_on, reading, e);
	if (r == -ENOENT && reading->sum.bytes == 0)
		r = write_anew(l, reading, e);
	if (r < 0)
		return err_wrap(e, "layer %.12s", l->chain_id);
	digest_final(&reading->sum, hex);
	if (strcmp(hex, l->diff_id + strlen("sha256:")) != 0)
		return err_set(e, EBADMSG, "layer %.12s: its files no longer give the archive %s (run: "
			       "rootlet system check)", l->chain_id, l->diff_id);
	return 0;
}

int layer_source_read(const struct layer_source *l,
		      int (*fn)(void *arg, const void *data, size_t n, struct err *e), void *arg,
		      struct err *e)
{
	struct reading reading = { .fn = fn, .arg = arg };
	int r = read_layer(l, &reading, e);

	digest_clear(&reading.sum);
	return r;
}

int layer_source_size(const struct layer_source *l, uint64_t *size, struct err *e)
{
	auto_of(json_free) struct json *info = NULL;
	struct reading reading = { 0 };
	int r = layer_load(&info, l->store, l->chain_id, e);

	if (r < 0)
		return r;
	*size = json_uint(json_get(info, "tar-size"), 0);
	if (*size > 0)
		return 0;
	r = read_layer(l, &reading, e);
	*size = reading.sum.bytes;
	digest_clear(&reading.sum);
	return r;
}
