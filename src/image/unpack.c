/* SPDX-License-Identifier: Apache-2.0 */
/* unpack: see unpack.h.
 *
 * THEORY
 * Three stages, two rings. An error travels down with the end of a ring (ring_fail), so the last
 * stage sees the first cause; upwards goes only "stop" (ring_abort), and each stage that is stopped
 * ends with EPIPE or ECANCELED, which is never the cause. Nothing waits for a stage that has ended:
 * every stage ends its output ring and aborts its input ring on the way out.
 *
 * Digests are compared after everything was read and before the layer is committed, so a wrong blob
 * leaves only a temporary directory, which goes with the writer.
 */
#include "image/unpack.h"

#include "base/str.h"
#include "base/timefmt.h"
#include "image/cancel.h"
#include "image/digest.h"
#include "image/ring.h"
#include "image/unzip.h"
#include "storage/layer.h"
#include "storage/store_conf.h"
#include "storage/tar_extract.h"
#include "storage/tar_split.h"

#include <pthread.h>
#include <string.h>

enum { RING_SLOTS = 8, RING_SLOT = 256 << 10 };

struct unpack_feed {
	const struct unpack_args *args;	/* borrowed */
	struct ring *blob, *content;	/* owned */
	struct digest blob_sum, content_sum;
	struct tar_split *split;	/* owned */
	struct tar_extract *tar;	/* owned */
};

static void feed_clear(struct unpack_feed *f)
{
	tar_extract_free(f->tar);
	tar_split_free(f->split);
	ring_free(f->blob);
	ring_free(f->content);
	digest_clear(&f->blob_sum);
	digest_clear(&f->content_sum);
}
DEFINE_AUTO_VALUE(struct unpack_feed, feed_clear)

int unpack_feed(struct unpack_feed *feed, const void *data, size_t n)
{
	if (cancel_is_wanted() || (feed->args->is_cancelled && atomic_load(feed->args->is_cancelled)))
		return -EPIPE;
	digest_update(&feed->blob_sum, data, n);
	if (feed->args->progress)
		atomic_fetch_add_explicit(feed->args->progress, n, memory_order_relaxed);
	return ring_write(feed->blob, data, n);
}

/* --- stage 1: the blob arrives -------------------------------------------- */

static int check_blob(struct unpack_feed *f, struct err *e)
{
	const char *want = f->args->blob_digest;
	char hex[DIGEST_HEX + 1];

	digest_final(&f->blob_sum, hex);
	if (want && strcmp(want + strlen("sha256:"), hex) != 0)
		return err_set(e, EBADMSG, "blob %s: the bytes received have digest sha256:%s", want,
			       hex);
	return 0;
}

static void *receive(void *arg)
{
	struct unpack_feed *f = arg;
	struct err e = { 0 };
	int r = f->args->source(f->args->source_arg, f, &e);

	if (r >= 0)
		r = check_blob(f, &e);
	if (r < 0)
		ring_fail(f->blob, &e);
	else
		ring_end(f->blob);
	return NULL;
}

/* --- stage 2: it is inflated ---------------------------------------------- */

static int inflate_all(struct unpack_feed *f, struct unzip *u, struct err *e)
{
	const void *data;
	size_t n;
	int r;

	while ((data = ring_peek(f->blob, &n)) != NULL) {
		r = unzip_push(u, data, n, f->content, e);
		if (r < 0)
			return r;
		ring_next(f->blob);
	}
	r = ring_result(f->blob, e);
	return r < 0 ? r : unzip_finish(u, f->content, e);
}

static int check_content(struct unpack_feed *f, struct err *e)
{
	char hex[DIGEST_HEX + 1];

	digest_final(&f->content_sum, hex);
	if (strcmp(f->args->diff_id + strlen("sha256:"), hex) != 0)
		return err_set(e, EBADMSG, "layer %s: its content has digest sha256:%s",
			       f->args->diff_id, hex);
	return 0;
}

static void *inflate(void *arg)
{
	struct unpack_feed *f = arg;
	auto_of(unzip_free) struct unzip *u = unzip_new(&f->content_sum);
	struct err e = { 0 };
	int r = inflate_all(f, u, &e);

	if (r >= 0)
		r = check_content(f, &e);
	if (r < 0) {
		ring_abort(f->blob);
		ring_fail(f->content, &e);
	} else {
		ring_end(f->content);
	}
	return NULL;
}

/* --- stage 3: files appear ------------------------------------------------ */

static int extract(struct unpack_feed *f, struct err *e)
{
	const void *data;
	size_t n;
	int r;

	while ((data = ring_peek(f->content, &n)) != NULL) {
		r = tar_extract_write(f->tar, data, n, e);
		if (r < 0)
			return r;
		ring_next(f->content);
	}
	r = ring_result(f->content, e);
	if (r >= 0)
		r = tar_extract_finish(f->tar, e);
	/* Without a record the archive is written anew when somebody wants it. */
	if (r >= 0 && !tar_extract_stats(f->tar)->is_record_broken)
		r = tar_split_finish(f->split, e);
	return r;
}

static void set_digest(struct json *j, const char *key, const char *hex)
{
	autofree char *text = hex ? xasprintf("sha256:%s", hex) : xstrdup("");

	json_set_str(j, key, text);
}

static int commit(struct unpack_feed *f, uint64_t *size, struct err *e)
{
	auto_of(json_free) struct json *info = json_new_object();
	const struct unpack_args *a = f->args;
	char now[40];

	*size = tar_extract_stats(f->tar)->bytes;
	json_set_int(info, "version", 1);
	set_digest(info, "chain-id", a->writer->chain_id);
	set_digest(info, "parent", a->parent);
	json_set_str(info, "diff-id", a->diff_id);
	json_set(info, "size", json_new_uint(*size));
	json_set(info, "tar-size", json_new_uint(f->content_sum.bytes));
	json_set_str(info, "compressed-digest", a->blob_digest ? a->blob_digest : "");
	json_set(info, "compressed-size", json_new_uint(f->blob_sum.bytes));
	json_set_str(info, "media-type", a->media_type);
	json_set_str(info, "created", time_rfc3339(now, time_now(), true));
	return layer_commit(a->writer, info, e);
}

static int start(pthread_t *t, void *(*fn)(void *), void *arg, struct err *e)
{
	int r = pthread_create(t, NULL, fn, arg);

	return r ? err_sys(e, r, "start a thread") : 0;
}

/* Both feeding threads run while the caller's extracts; both have ended when this returns. */
static int run_stages(struct unpack_feed *f, struct err *e)
{
	static const struct err stopped = { .code = ECANCELED, .msg = "stopped" };
	pthread_t receiver, inflater;
	int r = start(&receiver, receive, f, e);

	if (r < 0)
		return r;
	r = start(&inflater, inflate, f, e);
	if (r < 0) {
		ring_abort(f->blob);
		pthread_join(receiver, NULL);
		ring_fail(f->content, &stopped);
		return r;
	}
	r = extract(f, e);
	ring_abort(f->content);
	pthread_join(inflater, NULL);
	pthread_join(receiver, NULL);
	return r;
}

static int open_layer(struct unpack_feed *f, struct err *e)
{
	const struct store *s = f->args->writer->store;
	const char *ignore = store_conf_option(&s->driver_opts, "ignore_chown_errors");
	struct tar_extract_args x = {
		.dirfd = f->args->writer->diff_dirfd,
		.is_layer = true,
		.is_single_id = s->is_single_id,
		.ignore_chown_errors = str_eq(ignore, "true"),
	};
	int r = tar_split_new(&f->split, f->args->writer->dirfd, e);

	if (r < 0)
		return r;
	x.sink = tar_split_sink(f->split);
	return tar_extract_new(&f->tar, &x, e);
}

int unpack_layer(const struct unpack_args *args, uint64_t *size, struct err *e)
{
	auto_of(feed_clear) struct unpack_feed f = { .args = args };
	int r = open_layer(&f, e);

	if (r < 0)
		return r;
	f.blob = ring_new(RING_SLOTS, RING_SLOT);
	f.content = ring_new(RING_SLOTS, RING_SLOT);
	digest_init(&f.blob_sum);
	digest_init(&f.content_sum);
	r = run_stages(&f, e);
	return r < 0 ? r : commit(&f, size, e);
}
