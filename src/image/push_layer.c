/* SPDX-License-Identifier: Apache-2.0 */
#include "image/push_layer.h"

#include "base/str.h"
#include "image/manifest.h"
#include "image/progress.h"
#include "image/remote_push.h"
#include "image/spool.h"

#include <string.h>

enum { MAX_MOUNTS_TRIED = 3 };

void push_layer_clear(struct push_layer *l)
{
	free(l->media_type);
	l->media_type = NULL;
}

/* "gzip", "zstd", or "" from a media type. */
static const char *compression_of(const char *media_type)
{
	return str_has_suffix(media_type, "gzip") ? "gzip" : str_has_suffix(media_type, "zstd") ? "zstd"
											      : "";
}

static char *make_type(bool is_docker, const char *compression)
{
	if (!*compression)
		return xstrdup(is_docker ? MEDIA_DOCKER_LAYER : MEDIA_OCI_LAYER);
	return is_docker ? xasprintf("%s.%s", MEDIA_DOCKER_LAYER, compression)
			 : xasprintf("%s+%s", MEDIA_OCI_LAYER, compression);
}

/* 1: the registry has the blob that the image came with. */
static int find_original(struct push_layer *l, const struct push_layer_how *how, struct http *h,
			 struct err *e)
{
	const struct manifest_blob *b = l->original;
	const char *compression = b ? compression_of(b->media_type) : NULL;
	int r;

	if (!b || (how->is_docker && str_eq(compression, "zstd")) ||
	    (how->is_forced && !str_eq(compression, how->zip == ZIP_ZSTD ? "zstd" : "gzip")))
		return 0;
	r = remote_push_has(how->remote, h, b->digest, e);
	for (size_t i = 0; r == 0 && i < how->mount_from->n && i < MAX_MOUNTS_TRIED; i++)
		r = remote_push_mount(how->remote, h, b->digest, how->mount_from->v[i], e);
	if (r <= 0)
		return r;
	strcpy(l->digest, b->digest);
	l->size = b->size;
	l->media_type = make_type(how->is_docker, compression);
	l->is_original = true;
	return 1;
}

static int send_spooled(struct push_layer *l, const struct push_layer_how *how, struct http *h,
			size_t row, struct err *e)
{
	auto_of(spool_clear) struct spool sp = { .fd = -1 };
	struct remote_push_blob blob = { .counter = progress_counter(how->progress, row) };
	int r = spool_layer(&sp, &l->source, how->zip, how->level, e);

	if (r < 0)
		return r;
	progress_total(how->progress, row, sp.size);
	strcpy(l->digest, sp.digest);
	l->size = sp.size;
	l->media_type = make_type(how->is_docker, how->zip == ZIP_ZSTD ? "zstd" : "gzip");
	l->is_original = l->original && strcmp(l->original->digest, l->digest) == 0;
	r = remote_push_has(how->remote, h, l->digest, e);
	if (r != 0)
		return r;
	blob.digest = l->digest;
	blob.size = sp.size;
	blob.fd = sp.fd;
	return remote_push_blob(how->remote, h, &blob, e);
}

int push_layer(struct push_layer *l, const struct push_layer_how *how, struct http *h, size_t row,
	       struct err *e)
{
	int r = find_original(l, how, h, e);

	if (r == 0) {
		progress_state(how->progress, row, PROGRESS_RUNNING);
		r = send_spooled(l, how, h, row, e);
	}
	progress_state(how->progress, row, r < 0 ? PROGRESS_FAILED : r > 0 ? PROGRESS_THERE : PROGRESS_DONE);
	return r < 0 ? err_wrap(e, "layer %zu", row + 1) : 0;
}
