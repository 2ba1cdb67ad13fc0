/* SPDX-License-Identifier: Apache-2.0 */
#include "image/manifest_fetch.h"

#include "base/str.h"
#include "image/manifest.h"
#include "image/place.h"
#include "image/reference.h"
#include "image/registries.h"
#include "image/remote.h"

static struct json *describe(const char *ref, const struct remote_manifest *m, const struct manifest *parsed)
{
	struct json *j = json_new_object();
	const char *type = json_get_str(parsed->json, "mediaType");

	if (!type)
		type = parsed->is_index ? MEDIA_OCI_INDEX : MEDIA_OCI_MANIFEST;
	json_set_str(j, "Ref", ref);
	json_set_str(j, "MediaType", type);
	json_set_str(j, "Digest", m->digest);
	json_set(j, "Size", json_new_uint(m->bytes.len));
	json_set(j, "Manifest", json_copy(parsed->json));
	return j;
}

static int fetch(const struct transfer_registry *args, const struct registries *conf, const char *full,
		 struct json **out, struct err *e)
{
	auto_of(reference_clear) struct reference ref = { 0 };
	auto_of(place_clear) struct place p = { 0 };
	auto_of(remote_manifest_clear) struct remote_manifest m = { 0 };
	auto_of(manifest_free) struct manifest *parsed = NULL;
	int r = reference_parse(&ref, full, e);

	if (r >= 0)
		r = place_open(&p, args, conf, ref.host, ref.repo, e);
	if (r >= 0)
		r = remote_get_manifest(&m, p.remote, p.http, ref.digest ? ref.digest : ref.tag, e);
	if (r >= 0)
		r = manifest_parse(&parsed, str_peek(&m.bytes), m.bytes.len, m.media_type, e);
	if (r >= 0)
		*out = describe(full, &m, parsed);
	return r < 0 ? r : 0;
}

int manifest_fetch(const struct transfer_registry *args, const char *name, struct json **out,
		   struct err *e)
{
	auto_of(registries_free) struct registries *conf = NULL;
	auto_of(strv_clear) struct strv names = { 0 };
	const char *rest, *transport = reference_transport(name, &rest);
	int r;

	if (transport && !str_eq(transport, "docker"))
		return err_set(e, ERR_USAGE, "%s: only names in a registry have a manifest to look at", name);
	r = http_global_init(e);
	if (r >= 0)
		r = registries_load(&conf, e);
	if (r >= 0)
		r = registries_candidates(conf, transport ? rest : name, &names, e);
	if (r < 0)
		return r;
	for (size_t i = 0; i < names.n; i++) {
		r = fetch(args, conf, names.v[i], out, e);
		if (r >= 0)
			return r;
	}
	return err_wrap(e, "manifest of %s", name);
}
