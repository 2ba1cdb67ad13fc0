/* SPDX-License-Identifier: Apache-2.0 */
/* install: see install.h.
 *
 * THEORY
 * Layers that several commands want at once are made once: who gets the lock of a layer writes it.
 * We first take every missing layer that is free, bottom first, and hand these to the workers; only
 * when they are done do we wait for the layers that others had taken, one after the other. While we
 * wait we hold no unfinished layer, so two commands cannot wait for each other, and nobody waits
 * while he could work. If the other gives up, the layer is ours to make.
 *
 * Every layer of the image stays held (writer or hold_fd) until the record names it, so that a
 * prune at the same moment cannot take it away.
 */
#include "image/install.h"

#include "base/fd.h"
#include "base/json.h"
#include "base/timefmt.h"
#include "image/cancel.h"
#include "image/digest.h"
#include "image/progress.h"
#include "image/unpack.h"
#include "storage/images.h"
#include "storage/layer.h"
#include "storage/names.h"

#include <pthread.h>

enum layer_state {
	LAYER_HERE,	/* held by hold_fd, or by the writer that made it */
	LAYER_OURS,	/* writer is open, nobody works on it */
	LAYER_THEIRS,	/* somebody else writes it */
};

struct layer {
	enum layer_state state;
	char *chain_id;			/* owned */
	const char *diff_id;		/* borrowed: install's diff_ids */
	struct layer_writer *writer;	/* owned; NULL */
	int hold_fd;			/* owned; -1 */
	uint64_t size;
};

struct install {
	const struct install_args *a;
	struct strv diff_ids;
	struct json *config;	/* owned */
	struct layer *layers;	/* owned */
	size_t n;
	size_t *order;		/* owned; numbers of the layers, the largest blob first */
	pthread_mutex_t lock;	/* of next and e */
	size_t next;
	struct err e;		/* the first failure */
	atomic_bool is_cancelled;
};

static void install_clear(struct install *in)
{
	for (size_t i = 0; i < in->n; i++) {
		free(in->layers[i].chain_id);
		layer_writer_free(in->layers[i].writer);
		fd_close(&in->layers[i].hold_fd);
	}
	free(in->layers);
	free(in->order);
	json_free(in->config);
	strv_clear(&in->diff_ids);
	pthread_mutex_destroy(&in->lock);
}
DEFINE_AUTO_VALUE(struct install, install_clear)

static int by_size(const void *pa, const void *pb, void *arg)
{
	const struct manifest_blob *layers = arg;
	uint64_t a = layers[*(const size_t *)pa].size, b = layers[*(const size_t *)pb].size;

	return a < b ? 1 : a > b ? -1 : 0;
}

static int install_init(struct install *in, const struct install_args *a, struct err *e)
{
	int r;

	in->a = a;
	pthread_mutex_init(&in->lock, NULL);
	r = json_parse(&in->config, a->config_bytes, a->config_len, e);
	if (r < 0)
		return err_wrap(e, "configuration");
	r = manifest_config_diff_ids(&in->diff_ids, in->config, a->manifest->layers_n, e);
	if (r < 0)
		return r;
	in->layers = xcalloc(a->manifest->layers_n + 1, sizeof(*in->layers));
	for (size_t i = 0; i < a->manifest->layers_n; i++) {
		struct layer *l = &in->layers[i];

		l->hold_fd = -1;
		l->diff_id = in->diff_ids.v[i];
		l->chain_id = layer_chain_id(i ? in->layers[i - 1].chain_id : NULL, l->diff_id);
		in->n++;
	}
	/* A large layer that starts last leaves the other processors idle at the end. */
	in->order = xcalloc(in->n + 1, sizeof(*in->order));
	for (size_t i = 0; i < in->n; i++)
		in->order[i] = i;
	qsort_r(in->order, in->n, sizeof(*in->order), by_size, a->manifest->layers);
	return 0;
}

/* Holds the layer or opens a writer. wait: until nobody else has it. */
static int take(struct install *in, size_t i, bool wait, struct err *e)
{
	struct layer *l = &in->layers[i];
	struct store *s = in->a->store;
	int r;

	for (;;) {
		r = layer_hold(s, l->chain_id, &l->hold_fd, e);
		if (r < 0)
			return r;
		if (r == 1) {
			l->state = LAYER_HERE;
			progress_state(in->a->progress, i, PROGRESS_SKIPPED);
			return 0;
		}
		r = wait ? layer_begin(&l->writer, s, l->chain_id, e)
			 : layer_try_begin(&l->writer, s, l->chain_id, e);
		if (r < 0)
			return r;
		if (r == 0 || r == 2)
			break;
	}
	l->state = r == 0 ? LAYER_OURS : LAYER_THEIRS;
	if (r == 2)
		progress_state(in->a->progress, i, PROGRESS_ELSEWHERE);
	return 0;
}

/* --- the workers ---------------------------------------------------------- */

struct job {
	struct install *in;
	size_t i;
	unsigned int worker;
};

static int job_source(void *arg, struct unpack_feed *feed, struct err *e)
{
	struct job *j = arg;
	const struct install_args *a = j->in->a;

	return a->source(a->source_arg, j->i, j->worker, feed, e);
}

static int make_layer(struct install *in, size_t i, unsigned int worker, struct err *e)
{
	const struct manifest_blob *blob = &in->a->manifest->layers[i];
	struct layer *l = &in->layers[i];
	struct job job = { in, i, worker };
	struct unpack_args u = {
		.writer = l->writer,
		.parent = i ? in->layers[i - 1].chain_id : NULL,
		.diff_id = l->diff_id,
		.blob_digest = in->a->is_blob_unnamed ? NULL : blob->digest,
		.media_type = blob->media_type,
		.source = job_source,
		.source_arg = &job,
		.progress = progress_counter(in->a->progress, i),
		.is_cancelled = &in->is_cancelled,
	};
	int r;

	progress_state(in->a->progress, i, PROGRESS_RUNNING);
	r = unpack_layer(&u, &l->size, e);
	progress_state(in->a->progress, i, r < 0 ? PROGRESS_FAILED : PROGRESS_DONE);
	if (r < 0)
		return err_wrap(e, "layer %zu of %zu", i + 1, in->n);
	l->state = LAYER_HERE;
	return 0;
}

static bool next_job(struct install *in, size_t *i)
{
	bool found = false;

	pthread_mutex_lock(&in->lock);
	while (!in->e.code && in->next < in->n && !found) {
		*i = in->order[in->next++];
		found = in->layers[*i].state == LAYER_OURS;
	}
	pthread_mutex_unlock(&in->lock);
	return found;
}

static void work(struct install *in, unsigned int worker)
{
	struct err e = { 0 };
	size_t i;

	while (next_job(in, &i)) {
		if (make_layer(in, i, worker, &e) >= 0)
			continue;
		pthread_mutex_lock(&in->lock);
		if (!in->e.code)
			in->e = e;
		pthread_mutex_unlock(&in->lock);
		atomic_store(&in->is_cancelled, true);
		return;
	}
}

struct worker {
	struct install *in;
	unsigned int number;
	pthread_t thread;
};

static void *worker_main(void *arg)
{
	struct worker *w = arg;

	work(w->in, w->number);
	return NULL;
}

/* The calling thread is worker 0. */
static int make_ours(struct install *in, size_t ours, struct err *e)
{
	struct worker w[INSTALL_WORKERS];
	unsigned int n = 1;

	for (; n < INSTALL_WORKERS && n < ours; n++) {
		w[n] = (struct worker){ .in = in, .number = n };
		if (pthread_create(&w[n].thread, NULL, worker_main, &w[n]) != 0)
			break;		/* fewer do as well */
	}
	work(in, 0);
	for (unsigned int i = 1; i < n; i++)
		pthread_join(w[i].thread, NULL);
	if (in->e.code)
		*e = in->e;
	return -in->e.code;
}

static int get_layers(struct install *in, struct err *e)
{
	size_t ours = 0;
	int r = 0;

	for (size_t i = 0; i < in->n; i++) {
		r = take(in, i, false, e);
		if (r < 0)
			return r;
		ours += in->layers[i].state == LAYER_OURS;
	}
	if (ours > 0)
		r = make_ours(in, ours, e);
	for (size_t i = 0; r >= 0 && i < in->n; i++) {
		if (in->layers[i].state == LAYER_THEIRS)
			r = take(in, i, true, e);
		if (r >= 0 && in->layers[i].state == LAYER_OURS)
			r = make_layer(in, i, 0, e);
	}
	return r;
}

/* --- the record ----------------------------------------------------------- */

static int layer_sizes(struct install *in, struct json *sizes, uint64_t *total, struct err *e)
{
	*total = 0;
	for (size_t i = 0; i < in->n; i++) {
		auto_of(json_free) struct json *info = NULL;
		int r;

		if (!in->layers[i].writer) {
			r = layer_load(&info, in->a->store, in->layers[i].chain_id, e);
			if (r < 0)
				return r;
			in->layers[i].size = json_uint(json_get(info, "size"), 0);
		}
		json_add(sizes, json_new_uint(in->layers[i].size));
		*total += in->layers[i].size;
	}
	return 0;
}

static int make_record(struct install *in, const char *id, struct json **out, struct err *e)
{
	auto_of(json_free) struct json *rec = json_new_object(), *sizes = json_new_array();
	struct json *chain = json_new_array();
	const char *created = json_get_str(in->config, "created");
	int64_t created_ns = 0;
	uint64_t total;
	int r;

	for (size_t i = 0; i < in->n; i++)
		json_add_str(chain, in->layers[i].chain_id);
	json_set(rec, "chain-ids", chain);
	r = layer_sizes(in, sizes, &total, e);
	if (r < 0)
		return r;
	if (created && time_parse(created, &created_ns) < 0)
		created_ns = 0;		/* foreign text; the image is fine without it */
	json_set_int(rec, "version", 1);
	json_set_str(rec, "id", id);
	json_set_str(rec, "digest", in->a->manifest_digest);
	json_set(rec, "repo-digests", in->a->repo_digests ? json_new_strv(in->a->repo_digests)
							  : json_new_array());
	json_set(rec, "layer-sizes", steal_ptr(&sizes));
	json_set(rec, "size", json_new_uint(total));
	json_set_int(rec, "created", created_ns);
	json_set_int(rec, "pulled", time_now());
	*out = steal_ptr(&rec);
	return 0;
}

static int put(struct install *in, const char *id, struct err *e)
{
	const struct install_args *a = in->a;
	auto_of(json_free) struct json *record = NULL;
	struct images_new n = {
		.id = id,
		.manifest = a->manifest_bytes, .manifest_len = a->manifest_len,
		.config = a->config_bytes, .config_len = a->config_len,
	};
	int r = make_record(in, id, &record, e);

	if (r < 0)
		return r;
	n.record = record;
	r = images_put(a->store, &n, e);
	for (size_t i = 0; r >= 0 && a->names && i < a->names->n; i++) {
		r = names_set(a->store->image_names_dirfd, a->names->v[i], id, NULL);
		if (r < 0)
			return err_sys(e, -r, "give image %.12s the name %s", id, a->names->v[i]);
	}
	return r;
}

int install_image(const struct install_args *a, char **id, struct err *e)
{
	auto_of(install_clear) struct install in = { 0 };
	char hex[DIGEST_HEX + 1];
	int r;

	cancel_start();	/* until now there is nothing that could be left */
	digest_of(hex, a->config_bytes, a->config_len);
	r = install_init(&in, a, e);
	if (r >= 0)
		r = get_layers(&in, e);
	if (r >= 0)
		r = put(&in, hex, e);
	if (r < 0)
		return r;
	*id = xstrdup(hex);
	return 0;
}

int install_made(struct install_args *a, const struct str *manifest, char **id, struct err *e)
{
	auto_of(manifest_free) struct manifest *m = NULL;
	char digest[7 + DIGEST_HEX + 1] = "sha256:";
	int r = manifest_parse(&m, manifest->p, manifest->len, NULL, e);

	if (r < 0)
		return r;
	digest_of(digest + 7, manifest->p, manifest->len);
	a->manifest = m;
	a->manifest_bytes = manifest->p;
	a->manifest_len = manifest->len;
	a->manifest_digest = digest;
	return install_image(a, id, e);
}
