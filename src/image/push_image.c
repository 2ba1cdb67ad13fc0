/* SPDX-License-Identifier: Apache-2.0 */
#include "image/push_image.h"

#include "base/json.h"
#include "base/str.h"
#include "base/strv.h"
#include "image/http.h"
#include "image/manifest.h"
#include "image/progress.h"
#include "image/push_layer.h"
#include "image/reference.h"
#include "image/remote_push.h"
#include "storage/images.h"
#include "storage/store.h"

#include <pthread.h>
#include <string.h>

enum { PUSH_WORKERS = 3 };

struct work {
	const struct push_image *p;		/* borrowed */
	struct images_record *record;		/* owned */
	char *config, *original_bytes;		/* owned */
	size_t config_len, original_len;
	char config_digest[7 + DIGEST_HEX + 1];
	struct manifest *original;		/* owned; NULL: not to be used */
	struct strv diff_ids;			/* owned */
	struct push_layer *layers;		/* owned */
	size_t n;
	bool is_docker;
	struct progress *progress;		/* owned */
	pthread_mutex_t lock;			/* of what follows */
	size_t next;
	struct err e;				/* the first one */
};

static void work_clear(struct work *w)
{
	for (size_t i = 0; i < w->n; i++)
		push_layer_clear(&w->layers[i]);
	free(w->layers);
	progress_free(w->progress);
	manifest_free(w->original);
	images_record_free(w->record);
	free(w->config);
	free(w->original_bytes);
	strv_clear(&w->diff_ids);
	pthread_mutex_destroy(&w->lock);
}
DEFINE_AUTO_VALUE(struct work, work_clear)

/* --- what there is to push ------------------------------------------------ */

/* The manifest that the image came with; one that no longer fits is none. */
static void load_original(struct work *w)
{
	struct err ignored;

	if (images_load_manifest(&w->original_bytes, &w->original_len, w->p->store, w->p->id,
				 &ignored) < 0 ||
	    manifest_parse(&w->original, w->original_bytes, w->original_len, NULL, &ignored) < 0)
		return;
	if (!w->original->is_index && w->original->layers_n == w->record->chain_ids.n &&
	    strcmp(w->original->config.digest, w->config_digest) == 0)
		return;
	manifest_free(w->original);
	w->original = NULL;
}

static void add_mount(struct strv *repos, const char *host, const char *repo, const char *name)
{
	auto_of(reference_clear) struct reference ref = { 0 };
	struct err ignored;

	if (name && reference_parse(&ref, name, &ignored) >= 0 && str_eq(ref.host, host) &&
	    strcmp(ref.repo, repo) != 0 && !strv_has(repos, ref.repo))
		strv_add(repos, ref.repo);
}

int push_image_mounts(struct strv *repos, struct store *s, const char *id, const char *host,
		      const char *repo, struct err *e)
{
	auto_of(images_record_free) struct images_record *rec = NULL;
	auto_of(strv_clear) struct strv names = { 0 };
	const struct json *digests;
	int r = images_load(&rec, s, id, e);

	if (r >= 0)
		r = images_names_of(s, id, &names, e);
	if (r < 0)
		return r;
	digests = json_get(rec->record, "repo-digests");
	for (size_t i = 0; i < json_len(digests); i++)
		add_mount(repos, host, repo, json_str(json_at(digests, i)));
	for (size_t i = 0; i < names.n; i++)
		add_mount(repos, host, repo, names.v[i]);
	return 0;
}

static int load(struct work *w, struct err *e)
{
	struct store *s = w->p->store;
	int r = images_load(&w->record, s, w->p->id, e);

	if (r >= 0)
		r = images_load_config_bytes(&w->config, &w->config_len, s, w->p->id, e);
	if (r >= 0)
		r = manifest_config_diff_ids(&w->diff_ids, w->record->config,
					     w->record->chain_ids.n, e);
	if (r < 0)
		return r;
	strcpy(w->config_digest, "sha256:");
	digest_of(w->config_digest + 7, w->config, w->config_len);
	load_original(w);
	w->is_docker = w->p->format == PUSH_IMAGE_DOCKER ||
		       (w->p->format == PUSH_IMAGE_AS_IT_IS && w->p->zip != ZIP_ZSTD && w->original &&
			w->original->is_docker);
	return 0;
}

static void make_layers(struct work *w)
{
	w->n = w->diff_ids.n;
	w->layers = xcalloc(w->n ? w->n : 1, sizeof(*w->layers));
	w->progress = progress_new(w->n, w->p->is_quiet);
	for (size_t i = 0; i < w->n; i++) {
		w->layers[i].source = (struct layer_source){ w->p->store, w->record->chain_ids.v[i],
							     w->diff_ids.v[i] };
		w->layers[i].original = w->original ? &w->original->layers[i] : NULL;
		progress_set_blob(w->progress, i, manifest_hex(w->diff_ids.v[i]), 0);
	}
}

/* --- layers --------------------------------------------------------------- */

/* The same layer may stand in an image more than once: its first place sends it. */
static bool next_layer(struct work *w, size_t *i)
{
	bool found = false;

	pthread_mutex_lock(&w->lock);
	if (!w->e.code && w->next < w->n) {
		*i = w->next++;
		found = true;
	}
	pthread_mutex_unlock(&w->lock);
	return found;
}

static void *worker(void *arg)
{
	struct work *w = arg;
	auto_of(http_free) struct http *h = remote_http(w->p->remote);
	const struct push_layer_how how = {
		.remote = w->p->remote,
		.mount_from = w->p->mount_from,
		.progress = w->progress,
		.zip = w->p->zip, .level = w->p->level,
		.is_forced = w->p->is_forced,
		.is_docker = w->is_docker,
	};
	struct err e = { 0 };
	size_t i;

	while (next_layer(w, &i)) {
		if (push_layer(&w->layers[i], &how, h, i, &e) >= 0)
			continue;
		pthread_mutex_lock(&w->lock);
		if (!w->e.code)
			w->e = e;
		pthread_mutex_unlock(&w->lock);
		break;
	}
	return NULL;
}

static int push_layers(struct work *w, struct err *e)
{
	pthread_t threads[PUSH_WORKERS];
	unsigned int n = 0;

	while (n + 1 < PUSH_WORKERS && n + 1 < w->n &&
	       pthread_create(&threads[n], NULL, worker, w) == 0)
		n++;
	worker(w);
	while (n > 0)
		pthread_join(threads[--n], NULL);
	if (w->e.code)
		*e = w->e;
	return -w->e.code;
}

/* --- configuration and manifest ------------------------------------------- */

static bool is_as_it_came(const struct work *w)
{
	if (!w->original || w->original->is_docker != w->is_docker)
		return false;
	for (size_t i = 0; i < w->n; i++)
		if (!w->layers[i].is_original ||
		    (*w->original->layers[i].media_type &&
		     strcmp(w->layers[i].media_type, w->original->layers[i].media_type) != 0))
			return false;
	return true;
}

static void make_manifest(const struct work *w, struct str *text)
{
	auto_of(json_free) struct json *m = json_new_object();
	struct json *layers = json_new_array();
	const struct json *notes = w->original ? json_get(w->original->json, "annotations") : NULL;

	json_set_int(m, "schemaVersion", 2);
	json_set_str(m, "mediaType", w->is_docker ? MEDIA_DOCKER_MANIFEST : MEDIA_OCI_MANIFEST);
	json_set(m, "config", manifest_new_descriptor(w->is_docker ? MEDIA_DOCKER_CONFIG
								   : MEDIA_OCI_CONFIG,
						      w->config_digest, w->config_len));
	for (size_t i = 0; i < w->n; i++)
		json_add(layers, manifest_new_descriptor(w->layers[i].media_type,
							 w->layers[i].digest, w->layers[i].size));
	json_set(m, "layers", layers);
	if (!w->is_docker && json_is(notes, JSON_OBJECT))
		json_set(m, "annotations", json_copy(notes));
	json_write(text, m, 0);
}

static int push_config(const struct work *w, struct http *h, struct err *e)
{
	struct remote_push_blob blob = {
		.digest = w->config_digest, .size = w->config_len, .bytes = w->config, .fd = -1,
	};
	int r = remote_push_has(w->p->remote, h, w->config_digest, e);

	if (r == 0)
		r = remote_push_blob(w->p->remote, h, &blob, e);
	return r < 0 ? err_wrap(e, "configuration") : 0;
}

static int push_manifest(const struct work *w, struct http *h, char digest[7 + DIGEST_HEX + 1],
			 struct err *e)
{
	auto_of(str_clear) struct str text = { 0 };

	if (is_as_it_came(w))
		str_addn(&text, w->original_bytes, w->original_len);
	else
		make_manifest(w, &text);
	strcpy(digest, "sha256:");
	digest_of(digest + 7, text.p, text.len);
	if (w->p->manifest_size)
		*w->p->manifest_size = text.len;
	return remote_push_manifest(w->p->remote, h, w->p->tag,
				    w->is_docker ? MEDIA_DOCKER_MANIFEST : MEDIA_OCI_MANIFEST, text.p,
				    text.len, e);
}

int push_image_to(const struct push_image *p, char digest[7 + DIGEST_HEX + 1], struct err *e)
{
	auto_of(work_clear) struct work w = { .p = p };
	auto_of(http_free) struct http *h = remote_http(p->remote);
	int r;

	pthread_mutex_init(&w.lock, NULL);
	r = load(&w, e);
	if (r < 0)
		return r;
	make_layers(&w);
	/* Alone, so that one request finds out how the registry is spoken to. */
	r = push_config(&w, h, e);
	if (r >= 0)
		r = push_layers(&w, e);
	if (r >= 0) {
		progress_say_config(w.progress, manifest_hex(w.config_digest));
		progress_say(w.progress, PROGRESS_WRITING);
		r = push_manifest(&w, h, digest, e);
	}
	return r < 0 ? r : 0;
}
