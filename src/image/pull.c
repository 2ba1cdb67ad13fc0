/* SPDX-License-Identifier: Apache-2.0 */
/* pull: see pull.h.
 *
 * THEORY
 * A name may mean several images (short names) and an image may lie in several places (mirrors). They
 * are tried in the order that registries.conf gives; what went wrong with each is kept, so that the
 * last error does not hide the first. Credentials belong to one place only: those of --creds go to
 * the registry the user named and never to a mirror.
 */
#include "image/pull.h"

#include "base/file.h"
#include "base/log.h"
#include "base/path.h"
#include "base/str.h"
#include "base/timefmt.h"
#include "base/units.h"
#include "image/auth.h"
#include "image/http.h"
#include "image/install.h"
#include "image/load.h"
#include "image/platform.h"
#include "image/policy.h"
#include "image/progress.h"
#include "image/reference.h"
#include "image/registries.h"
#include "image/remote.h"
#include "image/sandbox.h"
#include "image/transfer.h"
#include "image/unpack.h"
#include "storage/images.h"
#include "storage/store.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

enum { DEFAULT_RETRIES = 3 };

struct account {	/* credentials found before the sandbox closed */
	char *key;	/* owned; "host/repo" */
	struct auth auth;
};

struct pull {
	struct store *store;
	const struct transfer_pull *args;
	unsigned int retries;
	int64_t retry_delay;
	struct platform platform;
	struct registries *registries;	/* owned */
	struct account *accounts;	/* owned */
	size_t accounts_n;
	struct progress *progress;	/* borrowed while layers arrive; NULL */
};

static void pull_clear(struct pull *p)
{
	registries_free(p->registries);
	for (size_t i = 0; i < p->accounts_n; i++) {
		free(p->accounts[i].key);
		auth_clear(&p->accounts[i].auth);
	}
	free(p->accounts);
	platform_clear(&p->platform);
}
DEFINE_AUTO_VALUE(struct pull, pull_clear)

static void say(void *arg, const char *text)
{
	struct pull *p = arg;

	if (p->args->quiet)
		return;
	if (p->progress)
		progress_say(p->progress, text);
	else
		fprintf(stderr, "%s\n", text);
}

/* --- one place an image may lie in ----------------------------------------------------------------------- */

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

static int read_certificates(struct place *pl, const struct pull *p, const char *host,
			     struct err *e)
{
	static const char *const dirs[] = { "/etc/docker/certs.d", "/etc/containers/certs.d" };
	const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	autofree char *own = NULL;
	int r = 0;

	if (p->args->registry.cert_dir)
		return http_tls_add_dir(&pl->tls, p->args->registry.cert_dir, e);
	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(dirs); i++) {
		autofree char *dir = xasprintf("%s/%s", dirs[i], host);

		r = http_tls_add_dir(&pl->tls, dir, e);
	}
	if (!str_empty(config))
		own = xasprintf("%s/containers/certs.d/%s", config, host);
	else if (!str_empty(home))
		own = xasprintf("%s/.config/containers/certs.d/%s", home, host);
	return r < 0 || !own ? r : http_tls_add_dir(&pl->tls, own, e);
}

static const struct auth *find_account(const struct pull *p, const struct registries_source *at)
{
	autofree char *key = xasprintf("%s/%s", at->host, at->repo);

	for (size_t i = 0; i < p->accounts_n; i++)
		if (strcmp(p->accounts[i].key, key) == 0)
			return &p->accounts[i].auth;
	return NULL;
}

/* --creds are for the registry the user named, never for a mirror. */
static int add_account(struct pull *p, const struct registries_source *at, struct err *e)
{
	const struct transfer_registry *reg = &p->args->registry;
	struct account *a;

	if (find_account(p, at))
		return 0;
	p->accounts = xreallocarray(p->accounts, p->accounts_n + 1, sizeof(*p->accounts));
	a = &p->accounts[p->accounts_n++];
	*a = (struct account){ .key = xasprintf("%s/%s", at->host, at->repo) };
	if (reg->creds && !at->is_mirror)
		return auth_parse_creds(&a->auth, reg->creds, e);
	return auth_find(&a->auth, reg->authfile, a->key, e);
}

/* Credential helpers are programs, and afterwards no program can be run. */
static int find_accounts(struct pull *p, const struct strv *names, struct err *e)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < names->n; i++) {
		auto_of(registries_sources_clear) struct registries_sources list = { 0 };
		struct err blocked = { 0 };

		if (registries_sources(p->registries, names->v[i], &list, &blocked) < 0)
			continue;	/* said when its turn comes */
		for (size_t k = 0; r >= 0 && k < list.n; k++)
			r = add_account(p, &list.v[k], e);
	}
	return r;
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
		.say = say, .say_arg = p,
	};
	int r;

	pl->tls.is_insecure = reg->tls_verify >= 0 ? !reg->tls_verify : at->is_insecure;
	r = read_certificates(pl, p, at->host, e);
	if (r < 0)
		return r;
	if (!c)
		c = &nobody;
	a.user = c->user;
	a.password = c->password;
	a.identity_token = c->identity_token;
	r = remote_open(&pl->remote, &a, e);
	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(pl->http); i++)
		pl->http[i] = remote_http(pl->remote);
	return r;
}

/* --- one image out of it ------------------------------------------------------------------------------------- */

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
	struct progress *p = progress_new(m->layers_n, quiet);

	for (size_t i = 0; i < m->layers_n; i++) {
		autofree char *label = xasprintf("Layer %.12s", manifest_hex(m->layers[i].digest));

		progress_set(p, i, label, m->layers[i].size);
	}
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
	p->progress = progress;
	r = install_image(&a, id, e);
	p->progress = NULL;
	return r;
}

/* With --policy=newer: the local image is the one that the registry has now. */
static int pull_from(struct pull *p, const struct reference *ref, const char *what,
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

/* --- where it may lie ------------------------------------------------------------------------------------------ */

static bool is_final(const struct err *e)
{
	/* Another place will not help when ours is full, broken, or the policy says no. */
	return e->code == ENOSPC || e->code == EDQUOT || e->code == EROFS || e->code == EIO;
}

/* Mirrors first, the registry itself last; as registries.conf has them. */
static int pull_reference(struct pull *p, const char *full, const char *local_id, char **id,
			  struct err *e)
{
	auto_of(registries_sources_clear) struct registries_sources list = { 0 };
	auto_of(reference_clear) struct reference ref = { 0 };
	autofree char *line = xasprintf("Trying to pull %s...", full);
	int r = reference_parse(&ref, full, e);

	if (r >= 0)
		r = policy_check(p->args->registry.signature_policy, "docker", full, e);
	if (r >= 0)
		r = registries_sources(p->registries, full, &list, e);
	if (r < 0)
		return r;
	say(p, line);
	for (size_t i = 0; i < list.n; i++) {
		r = pull_from(p, &ref, ref.digest ? ref.digest : ref.tag, &list.v[i], local_id, id,
			      e);
		if (r >= 0 || is_final(e))
			break;
		if (i + 1 < list.n)
			log_warn("%s from %s: %s; trying %s", full, list.v[i].host, e->msg,
				 list.v[i + 1].host);
	}
	return r < 0 ? err_wrap(e, "pull %s", full) : 0;
}

/* What --policy says about an image that is here: 1 is enough, 0 ask the registry. */
static int is_local_enough(const struct pull *p, const char *full, const char *local_id,
			   struct err *e)
{
	const char *policy = p->args->policy;

	if (str_eq(policy, "missing"))
		return local_id != NULL;
	if (str_eq(policy, "never")) {
		if (local_id)
			return 1;
		return err_set(e, ERR_NO_SUCH, "%s: image not known (and --policy=never)", full);
	}
	return 0;
}

static int pull_candidate(struct pull *p, const char *full, char **id, struct err *e)
{
	autofree char *local_id = NULL;
	bool is_newer = str_eq(p->args->policy, "newer");
	int r;

	(void)images_find_name(p->store, full, &local_id);
	r = is_local_enough(p, full, local_id, e);
	if (r < 0)
		return r;
	if (r == 0) {
		r = pull_reference(p, full, is_newer ? local_id : NULL, id, e);
		if (r >= 0 || !is_newer || !local_id)
			return r;
		log_warn("%s: the local image is used", e->msg);
	}
	*id = steal_ptr(&local_id);
	return 0;
}

static int list_tags(struct pull *p, const char *full, struct strv *tags, struct err *e)
{
	auto_of(registries_sources_clear) struct registries_sources list = { 0 };
	auto_of(place_clear) struct place pl = { 0 };
	int r = registries_sources(p->registries, full, &list, e);

	if (r >= 0)	/* the registry itself: a mirror may have only some tags */
		r = place_open(&pl, p, &list.v[list.n - 1], e);
	return r < 0 ? r : remote_list_tags(tags, pl.remote, pl.http[0], e);
}

static int pull_tags(struct pull *p, const char *full, struct strv *ids, struct err *e)
{
	auto_of(reference_clear) struct reference ref = { 0 };
	auto_of(strv_clear) struct strv tags = { 0 };
	autofree char *repo = NULL;
	int r = reference_parse(&ref, full, e);

	if (r >= 0)
		r = list_tags(p, full, &tags, e);
	if (r < 0)
		return r;
	repo = reference_repository(&ref);
	if (tags.n == 0)
		return err_set(e, ERR_NO_SUCH, "%s has no tags", repo);
	for (size_t i = 0; i < tags.n; i++) {
		autofree char *one = xasprintf("%s:%s", repo, tags.v[i]), *id = NULL;

		r = pull_reference(p, one, NULL, &id, e);
		if (r < 0)
			return r;
		strv_add(ids, id);
	}
	return 0;
}

static int pull_name(struct pull *p, const char *name, struct strv *ids, struct err *e)
{
	auto_of(strv_clear) struct strv names = { 0 };
	auto_of(str_clear) struct str all = { 0 };
	int r = registries_candidates(p->registries, name, &names, e);

	if (r < 0)
		return r;
	for (size_t i = 0; i < names.n; i++) {
		autofree char *id = NULL;

		if (p->args->all_tags)
			r = pull_tags(p, names.v[i], ids, e);
		else
			r = pull_candidate(p, names.v[i], &id, e);
		if (r >= 0 && id)
			strv_add(ids, id);
		if (r >= 0 || is_final(e))
			return r;
		str_addf(&all, "%s%s", i ? "; " : "", e->msg);
	}
	return err_set(e, -r, "%s", str_peek(&all));
}

/* --- images that do not come from a registry --------------------------------------------------------------------- */

static int pull_bundle(const struct pull *p, const char *transport, const char *rest,
		       const char *name, struct strv *ids, struct err *e)
{
	autofree char *path = xstrdup(rest);
	char *only = NULL, *colon = strchr(path, ':');
	struct load_result result = { 0 };
	struct load_args a = {
		.store = p->store,
		.path = path,
		.transport = transport,
		.name = name,
		.signature_policy = p->args->registry.signature_policy,
		.platform = &p->platform,
		.quiet = p->args->quiet,
	};
	int r;

	if (colon && strcmp(transport, "dir") != 0) {
		*colon = '\0';
		only = colon + 1;
	}
	a.only = only;
	r = load_bundle(&a, &result, e);
	if (r >= 0)
		strv_add_all(ids, &result.ids);
	load_result_clear(&result);
	return r;
}

/* The image that comes with rootlet, installed, or in the build tree beside this program. */
static char *hello_layout(void)
{
	autofree char *exe = NULL, *dir = NULL, *index = NULL;
	char *beside;

	if (file_readlink_at(AT_FDCWD, "/proc/self/exe", &exe) == 0) {
		dir = path_dir(exe);
		beside = path_join(dir, "hello");
		index = path_join(beside, "index.json");
		if (file_exists_at(AT_FDCWD, index))
			return beside;
		free(beside);
	}
	if (file_exists_at(AT_FDCWD, DATADIR "/hello/index.json"))
		return xstrdup(DATADIR "/hello");
	return NULL;
}

static bool is_hello(const char *name)
{
	return str_eq(name, "hello") || str_eq(name, "hello:latest") ||
	       str_eq(name, "localhost/hello") || str_eq(name, "localhost/hello:latest");
}

static int pull_init(struct pull *p, struct err *e)
{
	const struct transfer_platform *pf = &p->args->platform;
	const struct transfer_registry *reg = &p->args->registry;
	const char *policy = p->args->policy;
	uint64_t n = DEFAULT_RETRIES;
	int r;

	if (policy && !str_eq(policy, "always") && !str_eq(policy, "missing") &&
	    !str_eq(policy, "newer") && !str_eq(policy, "never"))
		return err_set(e, ERR_USAGE, "--policy: '%s' is none of always, missing, newer, never",
			       policy);
	if (reg->retry && (units_parse_uint(reg->retry, &n) < 0 || n > 1000))
		return err_set(e, ERR_USAGE, "--retry: '%s' is not a number of tries", reg->retry);
	if (reg->retry_delay && (time_duration_parse(reg->retry_delay, 1, &p->retry_delay) < 0 ||
				 p->retry_delay < 0))
		return err_set(e, ERR_USAGE, "--retry-delay: '%s' is not a duration (500ms, 2s)",
			       reg->retry_delay);
	p->retries = n;
	r = platform_parse(&p->platform, pf->platform, pf->os, pf->arch, pf->variant, e);
	if (r >= 0)
		r = http_global_init(e);
	return r < 0 ? r : registries_load(&p->registries, e);
}

static bool is_of_registry(const char *name, const char **rest)
{
	const char *transport = reference_transport(name, rest);

	if (!transport)
		*rest = name;
	return !transport || strcmp(transport, "docker") == 0;
}

static int pull_one(struct pull *p, const char *name, struct strv *ids, struct err *e)
{
	const char *rest, *transport;

	if (is_hello(name)) {
		autofree char *layout = hello_layout();

		if (layout)
			return pull_bundle(p, "oci", layout, "localhost/hello:latest", ids, e);
	}
	if (is_of_registry(name, &rest))
		return pull_name(p, rest, ids, e);
	transport = reference_transport(name, &rest);
	if (strcmp(transport, "containers-storage") == 0 || strcmp(transport, "docker-daemon") == 0)
		return err_set(e, ENOTSUP, "%s: images of another engine are brought by its save and "
			       "our load", name);
	return pull_bundle(p, transport, rest, NULL, ids, e);
}

int pull_images(struct store *s, const struct transfer_pull *args, const struct strv *names,
		struct strv *ids, struct err *e)
{
	auto_of(pull_clear) struct pull p = { .store = s, .args = args };
	int r = pull_init(&p, e);

	for (size_t i = 0; r >= 0 && i < names->n; i++) {
		auto_of(strv_clear) struct strv full = { 0 };
		const char *rest;

		if (!is_of_registry(names->v[i], &rest))
			continue;
		r = registries_candidates(p.registries, rest, &full, e);
		if (r >= 0)
			r = find_accounts(&p, &full, e);
	}
	if (r >= 0)
		r = sandbox_enter(s, e);
	for (size_t i = 0; r >= 0 && i < names->n; i++)
		r = pull_one(&p, names->v[i], ids, e);
	return r;
}
