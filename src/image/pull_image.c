/* SPDX-License-Identifier: Apache-2.0 */
#include "image/pull_image.h"

#include "base/json.h"
#include "base/log.h"
#include "base/str.h"
#include "image/certs.h"
#include "image/docker_words.h"
#include "image/http.h"
#include "image/install.h"
#include "image/manifest.h"
#include "image/progress.h"
#include "image/reference.h"
#include "image/registries.h"
#include "image/remote.h"
#include "image/transfer.h"
#include "image/unpack.h"
#include "storage/images.h"
#include "storage/store.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

void pull_image_say(void *arg, const char *text)
{
	struct pull *p = arg;

	if (p->args->quiet)
		return;
	if (p->progress)
		progress_say(p->progress, text);
	else
		fprintf(stderr, "%s\n", text);
}

/* --- one place an image may lie in ---------------------------------------- */

struct place {
	const char *what;		/* borrowed: tag or digest */
	struct http_tls tls;
	struct remote *remote;		/* owned */
	struct http *http[INSTALL_WORKERS];	/* owned */
};

static void place_clear(struct place *pl)
{
	for (size_t i = 0; i < ARRAY_SIZE(pl->http); i++)
		http_free(pl->http[i]);
	remote_free(pl->remote);
	http_tls_clear(&pl->tls);
}
DEFINE_AUTO_VALUE(struct place, place_clear)

static const struct auth *find_account(const struct pull *p, const struct registries_source *at)
{
	autofree char *key = xasprintf("%s/%s", at->host, at->repo);

	for (size_t i = 0; i < p->accounts_n; i++)
		if (strcmp(p->accounts[i].key, key) == 0)
			return &p->accounts[i].auth;
	return NULL;
}

int pull_image_account(struct pull *p, const struct registries_source *at, struct err *e)
{
	const struct transfer_registry *reg = &p->args->registry;
	struct pull_account *a;

	if (find_account(p, at))
		return 0;
	p->accounts = xreallocarray(p->accounts, p->accounts_n + 1, sizeof(*p->accounts));
	a = &p->accounts[p->accounts_n++];
	*a = (struct pull_account){ .key = xasprintf("%s/%s", at->host, at->repo) };
	if (reg->creds && !at->is_mirror)
		return auth_parse_creds(&a->auth, reg->creds, e);
	return auth_find(&a->auth, reg->authfile, a->key, e);
}

static int place_open(struct place *pl, struct pull *p, const struct registries_source *at,
		      struct err *e)
{
	static const struct auth nobody;
	const struct transfer_registry *reg = &p->args->registry;
	const struct auth *c = find_account(p, at);
	struct remote_args a = {
		.host = at->host, .repo = at->repo,
		.tls = &pl->tls,
		.actions = "pull",
		.retries = p->retries, .is_patient = reg->retry != NULL,
		.retry_delay = p->retry_delay,
		.say = pull_image_say, .say_arg = p,
	};
	int r;

	pl->tls.is_insecure = reg->tls_verify >= 0 ? !reg->tls_verify : at->is_insecure;
	r = certs_load(&pl->tls, reg->cert_dir, at->host, e);
	if (r < 0)
		return r;
	if (!c)
		c = &nobody;
	a.user = c->user;
	a.password = c->password;
	a.identity_token = c->identity_token;
	pl->remote = remote_new(&a);
	for (size_t i = 0; i < ARRAY_SIZE(pl->http); i++)
		pl->http[i] = remote_http(pl->remote);
	return 0;
}

/* --- one image out of it -------------------------------------------------- */

struct image {
	struct remote_manifest index, manifest;	/* index: only when the name means one */
	struct manifest *parsed;		/* owned; of the manifest */
	char *config;				/* owned */
	size_t config_len;
};

static void image_clear(struct image *im)
{
	remote_manifest_clear(&im->index);
	remote_manifest_clear(&im->manifest);
	manifest_free(im->parsed);
	free(im->config);
}
DEFINE_AUTO_VALUE(struct image, image_clear)

static int parse_manifest(struct image *im, struct err *e)
{
	const struct remote_manifest *m = &im->manifest;

	return manifest_parse(&im->parsed, str_peek(&m->bytes), m->bytes.len, m->media_type, e);
}

static int get_manifest(struct image *im, const struct pull *p, struct place *pl, struct err *e)
{
	auto_of(manifest_blob_clear) struct manifest_blob chosen = { 0 };
	struct remote_manifest *m = &im->manifest;
	int r = remote_get_manifest(m, pl->remote, pl->http[0], pl->what, e);

	if (r >= 0)
		r = parse_manifest(im, e);
	if (r < 0 || !im->parsed->is_index)
		return r;
	r = manifest_choose(&chosen, im->parsed->json, &p->platform, e);
	if (r < 0)
		return r;
	im->index = *m;
	*m = (struct remote_manifest){ 0 };
	manifest_free(im->parsed);
	im->parsed = NULL;
	r = remote_get_manifest(m, pl->remote, pl->http[0], chosen.digest, e);
	if (r < 0)
		return r;
	if (m->bytes.len != chosen.size)
		return err_set(e, EBADMSG, "manifest %s: the index says %llu bytes, it has %zu",
			       chosen.digest, (unsigned long long)chosen.size, m->bytes.len);
	r = parse_manifest(im, e);
	if (r >= 0 && im->parsed->is_index)
		return err_set(e, EINVAL, "%s: an index in an index", chosen.digest);
	return r;
}

static int add_config(void *arg, const void *data, size_t n)
{
	str_addn(arg, data, n);
	return 0;
}

/* A name that means one image and no list gives that image, for whatever machine it is. */
static void warn_of_platform(const struct image *im, const struct pull *p)
{
	autofree char *want = platform_to_string(&p->platform);
	auto_of(json_free) struct json *config = NULL;
	const char *os, *arch;
	struct err ignored;

	if (json_parse(&config, im->config, im->config_len, &ignored) >= 0 &&
	    !platform_fits_config(&p->platform, config)) {
		os = json_get_str(config, "os");
		arch = json_get_str(config, "architecture");
		log_warn("the image is for %s/%s, not for %s", os ? os : "?", arch ? arch : "?",
			 want);
	}
}

/* From the store when the image is there already, which saves a request. */
static int get_config(struct image *im, const struct pull *p, struct place *pl, struct err *e)
{
	const struct manifest_blob *b = &im->parsed->config;
	auto_of(str_clear) struct str text = { 0 };
	char hex[DIGEST_HEX + 1];
	struct err ignored;
	int r;

	r = images_load_config_bytes(&im->config, &im->config_len, p->store,
				     manifest_hex(b->digest), &ignored);
	if (r < 0) {
		r = remote_get_blob(pl->remote, pl->http[0], b->digest, b->size, add_config, &text, e);
		if (r < 0)
			return err_wrap(e, "configuration");
		im->config_len = text.len;
		im->config = str_steal(&text);
	}
	digest_of(hex, im->config, im->config_len);
	if (strcmp(hex, manifest_hex(b->digest)) != 0)
		return err_set(e, EBADMSG, "configuration %s: the bytes received have digest sha256:%s",
			       b->digest, hex);
	warn_of_platform(im, p);
	return 0;
}

struct blob_source {
	struct place *place;
	const struct manifest *manifest;
};

static int feed_bytes(void *arg, const void *data, size_t n)
{
	return unpack_feed(arg, data, n);
}

static int blob_source(void *arg, size_t i, unsigned int worker, struct unpack_feed *feed,
		       struct err *e)
{
	const struct blob_source *s = arg;
	const struct manifest_blob *b = &s->manifest->layers[i];

	return remote_get_blob(s->place->remote, s->place->http[worker], b->digest, b->size,
			       feed_bytes, feed, e);
}

static struct progress *make_progress(const struct manifest *m, bool quiet)
{
	struct progress *p = progress_new(m->layers_n, quiet || (docker_words_wanted() && !isatty(STDERR_FILENO)));

	for (size_t i = 0; i < m->layers_n; i++)
		progress_set_blob(p, i, manifest_hex(m->layers[i].digest), m->layers[i].size);
	return p;
}

static int install(struct pull *p, struct place *pl, const struct reference *ref,
		   struct image *im, char **id, struct err *e)
{
	auto_of(progress_free) struct progress *progress = make_progress(im->parsed, p->args->quiet);
	auto_of(strv_clear) struct strv digests = { 0 }, names = { 0 };
	autofree char *repo = reference_repository(ref), *full = reference_to_string(ref);
	struct blob_source source = { pl, im->parsed };
	struct install_args a = {
		.store = p->store,
		.manifest = im->parsed,
		.manifest_bytes = im->manifest.bytes.p, .manifest_len = im->manifest.bytes.len,
		.config_bytes = im->config, .config_len = im->config_len,
		.manifest_digest = im->manifest.digest,
		.repo_digests = &digests, .names = &names,
		.progress = progress,
		.source = blob_source, .source_arg = &source,
	};
	int r;

	strv_add(&names, full);
	strv_addf(&digests, "%s@%s", repo, im->manifest.digest);
	if (im->index.bytes.len)
		strv_addf(&digests, "%s@%s", repo, im->index.digest);
	if (docker_words_wanted() && !p->args->quiet)
		docker_words_pulling(ref);
	p->progress = progress;
	r = install_image(&a, id, e);
	p->progress = NULL;
	if (r < 0)
		return r;
	strcpy(p->digest, im->index.bytes.len ? im->index.digest : im->manifest.digest);
	progress_say_config(progress, *id);
	progress_say(progress, PROGRESS_WRITING);
	return 0;
}

/* With --policy=newer: the local image is the one that the registry has now. */
int pull_image_from(struct pull *p, const struct reference *ref, const char *what,
		    const struct registries_source *at, const char *local_id, char **id,
		    struct err *e)
{
	auto_of(place_clear) struct place pl = { .what = what };
	auto_of(image_clear) struct image im = { 0 };
	int r = place_open(&pl, p, at, e);

	if (r >= 0)
		r = get_manifest(&im, p, &pl, e);
	if (r < 0)
		return r;
	r = get_config(&im, p, &pl, e);
	/* With --policy=newer: the local image is the one that the registry has now. */
	if (r >= 0 && str_eq(local_id, manifest_hex(im.parsed->config.digest))) {
		*id = xstrdup(local_id);
		return 0;
	}
	return r < 0 ? r : install(p, &pl, ref, &im, id, e);
}

int pull_image_tags(struct pull *p, const struct registries_source *at, struct strv *tags,
		    struct err *e)
{
	auto_of(place_clear) struct place pl = { 0 };
	int r = place_open(&pl, p, at, e);

	return r < 0 ? r : remote_list_tags(tags, pl.remote, pl.http[0], e);
}
