/* SPDX-License-Identifier: Apache-2.0 */
/* THEORY
 * A full name is one look at one link. A short name is looked for where it would be pulled from, or who
 * has both registry.example/x and docker.io/library/x would run another one than registries.conf says:
 * the alias, else localhost (what was built or loaded here), then the search registries; at last Docker
 * Hub, because Docker's archives are loaded under its names. For Docker a short name is the Hub's first. What is found nowhere may still be the end
 * of one image's name, as toolbox asks for it.
 */
#include "image/resolve.h"

#include "base/ident.h"
#include "base/persona.h"
#include "base/str.h"
#include "base/strv.h"
#include "image/reference.h"
#include "image/registries.h"
#include "storage/images.h"
#include "storage/names.h"
#include "storage/store.h"

#include <string.h>

#define ID_AT_ONCE 12	/* so many hex digits are an id, and no name */

static int no_such(const char *text, struct err *e)
{
	return err_set(e, ERR_NO_SUCH, "%.300s: image not known", text);
}

/* 1: found; 0: not. */
static int by_name(struct store *s, const char *full, char **id, char **full_name, struct err *e)
{
	int r = images_find_name(s, full, id);

	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return err_sys(e, -r, "look up image %s", full);
	*full_name = xstrdup(full);
	return 1;
}

/* Whether the image was pulled as repository@digest, or has that digest and a name there now. */
static bool has_digest(struct store *s, const struct images_record *rec, const struct reference *ref)
{
	const struct json *list = json_get(rec->record, "repo-digests");
	autofree char *repository = reference_repository(ref);
	autofree char *want = xasprintf("%s@%s", repository, ref->digest);
	auto_of(strv_clear) struct strv names = { 0 };
	struct err ignored;
	size_t n = strlen(repository);

	for (size_t i = 0; i < json_len(list); i++)
		if (str_eq(json_str(json_at(list, i)), want))
			return true;
	if (!str_eq(json_get_str(rec->record, "digest"), ref->digest))
		return false;
	images_names_of(s, rec->id, &names, &ignored);
	for (size_t i = 0; i < names.n; i++)
		if (strncmp(names.v[i], repository, n) == 0 && names.v[i][n] == ':')
			return true;
	return false;
}

/* An image pulled by tag is asked for by digest: its own record knows. */
static int by_digest(struct store *s, const struct reference *ref, char **id, char **full_name,
		     struct err *e)
{
	auto_of(strv_clear) struct strv ids = { 0 };
	int r = images_list(s, &ids, e);

	for (size_t i = 0; r >= 0 && i < ids.n; i++) {
		auto_of(images_record_free) struct images_record *rec = NULL;
		struct err ignored;

		if (images_load(&rec, s, ids.v[i], &ignored) < 0 || !has_digest(s, rec, ref))
			continue;
		*id = xstrdup(ids.v[i]);
		*full_name = reference_to_string(ref);
		return 1;
	}
	return r < 0 ? r : 0;
}

static int by_reference(struct store *s, const char *full, char **id, char **full_name, struct err *e)
{
	auto_of(reference_clear) struct reference ref = { 0 };
	int r = by_name(s, full, id, full_name, e);

	if (r == 0 && (r = reference_parse(&ref, full, e)) == 0 && ref.digest)
		r = by_digest(s, &ref, id, full_name, e);
	return r;
}

static int by_short_name(struct store *s, const char *text, char **id, char **full_name, struct err *e)
{
	auto_of(registries_free) struct registries *reg = NULL;
	auto_of(strv_clear) struct strv names = { 0 };
	autofree char *here = NULL, *hub = NULL;
	struct err refused;
	int r = registries_load(&reg, e);

	if (r >= 0)
		r = reference_full_name(text, "localhost", &here, e);
	if (r >= 0)
		r = reference_full_name(text, "docker.io", &hub, e);
	if (r < 0)
		return r;
	if (persona_get() == PERSONA_DOCKER)
		strv_add(&names, hub);
	else if (!registries_is_alias(reg, text))
		strv_add(&names, here);
	/* Ambiguous is what to pull, not what is here. */
	registries_candidates(reg, text, &names, &refused);
	if (!strv_has(&names, here))
		strv_add(&names, here);
	if (!strv_has(&names, hub))
		strv_add(&names, hub);
	for (size_t i = 0; r == 0 && i < names.n; i++)
		r = by_reference(s, names.v[i], id, full_name, e);
	return r;
}

/* "bar:1" also finds quay.io/foo/bar:1 when no other image here ends so; Docker does not look. */
static int by_suffix(struct store *s, const char *text, char **id, char **full_name, struct err *e)
{
	auto_of(strv_clear) struct strv names = { 0 }, ids = { 0 };
	autofree char *here = NULL, *suffix = NULL;
	ssize_t found = -1;
	int r = reference_full_name(text, "localhost", &here, e);

	if (r >= 0)
		r = names_list(s->image_names_dirfd, &names, &ids);
	if (r < 0 || persona_get() == PERSONA_DOCKER)
		return r < 0 ? r : 0;
	suffix = xstrdup(here + strlen("localhost"));
	for (size_t i = 0; i < names.n; i++) {
		if (!str_has_suffix(names.v[i], suffix))
			continue;
		if (found < 0)
			found = i;
		else if (!str_eq(ids.v[i], ids.v[found]))
			return 0;
	}
	if (found < 0)
		return 0;
	*id = xstrdup(ids.v[found]);
	*full_name = xstrdup(names.v[found]);
	return 1;
}

static int by_id(struct store *s, const char *text, char **id, char **full_name, struct err *e)
{
	const char *hex = str_after(text, "sha256:");
	int r;

	if (!hex)
		hex = text;
	if (!ident_is_hex(hex))
		return 0;
	r = images_find_id(s, hex, id, e);
	if (r == -ERR_NO_SUCH || r == -ENOENT)
		return 0;
	if (r < 0)
		return r;
	*full_name = xstrdup(*id);
	return 1;
}

int resolve_local_image(struct store *s, const char *text, char **id, char **full_name, struct err *e)
{
	auto_of(reference_clear) struct reference ref = { 0 };
	autofree char *found = NULL, *name = NULL, *full = NULL;
	bool is_id = str_has_prefix(text, "sha256:") ||
		     (ident_is_hex(text) && strlen(text) >= ID_AT_ONCE);
	int r = is_id ? by_id(s, text, &found, &name, e) : 0;

	if (r == 0 && str_has_prefix(text, "sha256:"))
		return no_such(text, e);
	if (r == 0 && ident_is_id(text))
		return no_such(text, e);
	if (r == 0 && (r = reference_parse(&ref, text, e)) == 0) {
		if (!ref.host)
			r = by_short_name(s, text, &found, &name, e);
		else if ((r = reference_full_name(text, NULL, &full, e)) == 0)
			r = by_reference(s, full, &found, &name, e);
	}
	if (r == 0 && !is_id)
		r = by_id(s, text, &found, &name, e);
	if (r == 0 && !is_id && !ref.host && !ref.digest)
		r = by_suffix(s, text, &found, &name, e);
	if (r < 0)
		return r;
	if (r == 0)
		return no_such(text, e);
	*id = steal_ptr(&found);
	*full_name = steal_ptr(&name);
	return 0;
}
