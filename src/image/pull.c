/* SPDX-License-Identifier: Apache-2.0 */
/* pull: see pull.h.
 *
 * THEORY
 * A name may mean several images (short names) and an image may lie in several places (mirrors).
 * They are tried in the order that registries.conf gives; what went wrong with each is kept, so
 * that the last error does not hide the first. Credentials belong to one place only: those of
 * --creds go to the registry the user named and never to a mirror.
 */
#include "image/pull.h"

#include "base/file.h"
#include "base/log.h"
#include "base/path.h"
#include "base/persona.h"
#include "base/str.h"
#include "base/timefmt.h"
#include "base/units.h"
#include "image/docker_words.h"
#include "image/http.h"
#include "image/load.h"
#include "image/platform.h"
#include "image/policy.h"
#include "image/pull_image.h"
#include "image/reference.h"
#include "image/registries.h"
#include "image/sandbox.h"
#include "image/transfer.h"
#include "storage/images.h"
#include "storage/store.h"

#include <fcntl.h>
#include <string.h>

enum { DEFAULT_RETRIES = 3 };

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
			r = pull_image_account(p, &list.v[k], e);
	}
	return r;
}

/* --- where it may lie ----------------------------------------------------- */

static bool is_final(const struct err *e)
{
	/* Another place will not help when ours is full, broken, or the policy says no. */
	return e->code == ENOSPC || e->code == EDQUOT || e->code == EROFS || e->code == EIO;
}

static void announce(struct pull *p, const char *full)
{
	autofree char *line = NULL;

	if (docker_words_wanted()) {
		if (!p->args->quiet)
			docker_words_asking(p->args->all_tags ? full : p->typed);
		return;
	}
	if (persona_get() == PERSONA_DOCKER)	/* it is for a container */
		line = xasprintf("Unable to find image '%s' locally", reference_familiar(full));
	else
		line = xasprintf("Trying to pull %s...", full);
	pull_image_say(p, line);
}

/* Mirrors first, the registry itself last; as registries.conf has them. */
static int pull_reference(struct pull *p, const char *full, const char *local_id, char **id,
			  struct err *e)
{
	auto_of(registries_sources_clear) struct registries_sources list = { 0 };
	auto_of(reference_clear) struct reference ref = { 0 };
	autofree char *before = NULL;
	int r = reference_parse(&ref, full, e);

	if (r >= 0)
		r = policy_check(p->args->registry.signature_policy, "docker", full, e);
	if (r >= 0)
		r = registries_sources(p->registries, full, &list, e);
	if (r < 0)
		return r;
	(void)images_find_name(p->store, full, &before);
	announce(p, full);
	for (size_t i = 0; i < list.n; i++) {
		r = pull_image_from(p, &ref, ref.digest ? ref.digest : ref.tag, &list.v[i],
				    local_id, id, e);
		if (r >= 0 || is_final(e))
			break;
		if (i + 1 < list.n)
			log_warn("%s from %s: %s; trying %s", full, list.v[i].host, e->msg,
				 list.v[i + 1].host);
	}
	if (r >= 0 && docker_words_wanted())
		docker_words_pulled(full, p->digest, !str_eq(before, *id), p->args->quiet);
	if (r < 0)
		return docker_words_wanted() ? docker_words_refused(full, e)
					     : err_wrap(e, "initializing source docker://%s", full);
	return 0;
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
	int r = registries_sources(p->registries, full, &list, e);

	if (r >= 0)	/* the registry itself: a mirror may have only some tags */
		r = pull_image_tags(p, &list.v[list.n - 1], tags, e);
	return r;
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

/* --- images that do not come from a registry ------------------------------ */

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
	if (reg->retry_delay && (time_duration_parse(reg->retry_delay, true, &p->retry_delay) < 0 ||
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

	p->typed = name;
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
