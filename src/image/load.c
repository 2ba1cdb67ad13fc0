/* SPDX-License-Identifier: Apache-2.0 */
/* load: see load.h.
 *
 * THEORY
 * An archive is one of three things, told apart by the files in it: an OCI layout (index.json), a
 * docker-archive (manifest.json is a list), or skopeo's "dir" (manifest.json is a manifest).
 * Docker's own archives are the first two at once; the OCI side is taken then, because there every
 * byte has a digest that was made by who built the image, and the list still gives the names.
 */
#include "image/load_priv.h"

#include "base/json.h"
#include "base/str.h"
#include "image/bundle.h"
#include "image/docker_words.h"
#include "image/platform.h"
#include "image/policy.h"
#include "image/transfer.h"

#include <stdlib.h>

/* What scripts look for when an archive is none. */
#define NO_IMAGE "payload does not match any of the supported image formats"

void load_result_clear(struct load_result *r)
{
	strv_clear(&r->names);
	strv_clear(&r->ids);
}

static int read_json(struct load *l, const char *name, char **text, size_t *len,
		     struct json **out, struct err *e)
{
	int r = bundle_read(l->bundle, name, text, len, MANIFEST_MAX_BYTES, e);

	if (r < 0)
		return r;
	r = json_parse(out, *text, *len, e);
	return r < 0 ? err_wrap(e, "%s", name) : 0;
}

static int load_any(struct load *l, struct err *e)
{
	auto_of(json_free) struct json *index = NULL, *list = NULL;
	autofree char *index_text = NULL, *text = NULL;
	const char *want = l->args->transport;
	bool wants_docker = str_eq(want, "docker-archive");
	size_t index_len, len;
	int r;

	if (!wants_docker && !str_eq(want, "dir") && bundle_has(l->bundle, "index.json")) {
		r = read_json(l, "index.json", &index_text, &index_len, &index, e);
		return r < 0 ? r : load_oci(l, index, e);
	}
	if (want && (str_eq(want, "oci") || str_eq(want, "oci-archive")))
		return err_set(e, EINVAL, "there is no index.json: not an OCI layout");
	if (!bundle_has(l->bundle, "manifest.json"))
		return err_set(e, EINVAL, NO_IMAGE ": neither index.json nor manifest.json is in it: not an "
			       "image archive (a file system archive is taken by: rootlet import)");
	r = read_json(l, "manifest.json", &text, &len, &list, e);
	if (r < 0)
		return r;
	if (json_is(list, JSON_ARRAY))
		return load_docker(l, list, e);
	return load_dir(l, text, len, e);
}

static int check_policy(const struct load_args *a, const struct load *l, struct err *e)
{
	autofree char *real = a->path ? realpath(a->path, NULL) : NULL;
	const char *transport = a->transport;

	if (!transport && bundle_has(l->bundle, "index.json"))
		transport = bundle_has(l->bundle, "manifest.json") ? "docker-archive" : "oci-archive";
	return policy_check(a->signature_policy, transport ? transport : "docker-archive",
			    real ? real : "", e);
}

int load_bundle(const struct load_args *args, struct load_result *out, struct err *e)
{
	auto_of(bundle_free) struct bundle *bundle = NULL;
	struct load l = { .args = args, .out = out };
	int r = bundle_open(&bundle, args->store, args->path, e);

	if (r < 0)
		return e->code == EBADMSG ? err_wrap(e, NO_IMAGE) : r;
	l.bundle = bundle;
	r = check_policy(args, &l, e);
	if (r >= 0)
		r = load_any(&l, e);
	return r < 0 ? err_wrap(e, "load %s", args->path ? args->path : "standard input") : 0;
}

int load_images(struct store *s, const struct transfer_load *args, struct strv *names,
		struct err *e)
{
	auto_of(platform_clear) struct platform here = { 0 };
	struct load_result result = { 0 };
	struct load_args a = {
		.store = s,
		.path = args->input,
		.signature_policy = args->signature_policy,
		.platform = &here,
		.quiet = args->quiet || docker_words_silent(),
	};
	int r = platform_parse(&here, NULL, NULL, NULL, NULL, e);

	if (r >= 0)
		r = load_bundle(&a, &result, e);
	if (r >= 0)
		strv_add_all(names, &result.names);
	load_result_clear(&result);
	return r;
}
