/* SPDX-License-Identifier: Apache-2.0 */
#include "image/registries_priv.h"

#include "base/persona.h"
#include "image/reference.h"

#include <string.h>

const struct strv *registries_search_peek(const struct registries *r)
{
	return &r->search;
}

/* ---- short names ---- */

/* repository of a short name on a registry ("quay.io", or "quay.io/team"), with tag and digest. */
static int add_candidate(struct strv *out, const char *repository, const struct reference *ref,
			 struct err *e)
{
	autofree char *text = xasprintf("%s%s%s%s%s", repository, ref->tag ? ":" : "",
					ref->tag ? ref->tag : "", ref->digest ? "@" : "",
					ref->digest ? ref->digest : "");
	auto_of(reference_clear) struct reference found = { 0 };
	autofree char *full = NULL;
	int r = reference_parse(&found, text, e);

	/* "team/x" would mean Docker Hub's, which nobody has written. */
	if (r >= 0 && !found.host)
		r = err_set(e, EINVAL, "'%s' names no registry", text);
	if (r >= 0)
		r = reference_full_name(text, NULL, &full, e);
	if (r < 0)
		return r;
	if (!strv_has(out, full))
		strv_add_take(out, steal_ptr(&full));
	return 0;
}

static int add_hub(struct strv *out, const struct reference *ref, struct err *e)
{
	autofree char *repository = xasprintf("docker.io/%s", ref->repo);

	return add_candidate(out, repository, ref, e);
}

static int ambiguous(const struct registries *r, const struct reference *ref, struct err *e)
{
	autofree char *list = strv_join(&r->search, ", ");

	return err_set(e, ERR_USAGE,
		       "short-name resolution enforced but '%s' may be on any of %s: use a full name (short-name-mode in registries.conf)",
		       ref->repo, list);
}

bool registries_is_alias(const struct registries *r, const char *text)
{
	auto_of(reference_clear) struct reference ref = { 0 };
	struct err ignored;

	return reference_parse(&ref, text, &ignored) >= 0 && !ref.host &&
	       !str_empty(json_get_str(r->aliases, ref.repo));
}

int registries_candidates(const struct registries *r, const char *text, struct strv *full_names,
			  struct err *e)
{
	auto_of(reference_clear) struct reference ref = { 0 };
	const char *alias;
	int rc = reference_parse(&ref, text, e);

	if (rc < 0)
		return rc;
	if (ref.host) {
		autofree char *repository = reference_repository(&ref);

		return add_candidate(full_names, repository, &ref, e);
	}
	/* Docker's short names are the Hub's, whatever Podman is told. */
	if (persona_get() == PERSONA_DOCKER)
		return add_hub(full_names, &ref, e);
	alias = json_get_str(r->aliases, ref.repo);
	if (!str_empty(alias)) {
		rc = add_candidate(full_names, alias, &ref, e);
		return rc < 0 ? err_wrap(e, "alias '%s' in registries.conf", ref.repo) : 0;
	}
	if (r->is_enforcing && r->search.n > 1)
		return ambiguous(r, &ref, e);
	for (size_t i = 0; i < r->search.n; i++) {
		autofree char *repository = xasprintf("%s/%s", r->search.v[i], ref.repo);

		rc = add_candidate(full_names, repository, &ref, e);
		if (rc < 0)
			return err_wrap(e, "unqualified-search-registries in registries.conf");
	}
	/* Nothing is configured on a fresh machine: then as Docker. */
	return r->search.n ? 0 : add_hub(full_names, &ref, e);
}

/* ---- where it comes from ---- */

void registries_sources_clear(struct registries_sources *s)
{
	for (size_t i = 0; i < s->n; i++) {
		free(s->v[i].host);
		free(s->v[i].repo);
	}
	free(s->v);
	*s = (struct registries_sources){ 0 };
}

/* How many bytes of name the prefix of a [[registry]] stands for; 0: it is about others. */
static size_t match(const char *prefix, const char *name)
{
	const char *rest;
	size_t host, n;

	if (str_has_prefix(prefix, "*.")) {
		host = strcspn(name, "/");
		n = strlen(prefix + 1);
		return host > n && strncmp(name + host - n, prefix + 1, n) == 0 ? host : 0;
	}
	rest = str_after(name, prefix);
	if (!rest || (*rest && !strchr("/:@", *rest)))
		return 0;
	/* "host" is not "host:5000": behind a bare host a colon starts a port. */
	if (*rest == ':' && !strchr(prefix, '/'))
		return 0;
	return rest - name;
}

static const struct json *find_table(const struct registries *r, const char *name, size_t *matched)
{
	const struct json *best = NULL;
	size_t best_len = 0;

	for (size_t i = 0; i < json_len(r->tables); i++) {
		const struct json *t = json_at(r->tables, i);
		const char *prefix = json_get_str(t, "prefix");
		size_t n = match(prefix, name), len = strlen(prefix);

		if (n && len > best_len) {
			best = t;
			best_len = len;
			*matched = n;
		}
	}
	return best;
}

/* The name with the first matched bytes replaced by location. */
static int add_source(struct registries_sources *out, const char *location, const char *name,
		      size_t matched, bool is_insecure, bool is_mirror, struct err *e)
{
	autofree char *text = str_empty(location) ? xstrdup(name) :
						    xasprintf("%s%s", location, name + matched);
	auto_of(reference_clear) struct reference ref = { 0 };
	int rc = reference_parse(&ref, text, e);

	if (rc >= 0 && !ref.host)
		rc = err_set(e, EINVAL, "'%s' names no registry", text);
	if (rc < 0)
		return err_wrap(e, "location '%s' in registries.conf", location ? location : "");
	out->v = xreallocarray(out->v, out->n + 1, sizeof(*out->v));
	out->v[out->n++] = (struct registries_source){
		.host = steal_ptr(&ref.host),
		.repo = steal_ptr(&ref.repo),
		.is_insecure = is_insecure,
		.is_mirror = is_mirror,
	};
	return 0;
}

static int add_mirrors(struct registries_sources *out, const struct json *table, const char *name,
		       size_t matched, struct err *e)
{
	const struct json *mirrors = json_get(table, "mirror");
	bool by_digest = strchr(name, '@') != NULL;
	bool digest_only = json_get_bool(table, "mirror-by-digest-only", false);

	for (size_t i = 0; json_is(mirrors, JSON_ARRAY) && i < json_len(mirrors); i++) {
		const struct json *m = json_at(mirrors, i);
		const char *use = json_get_str(m, "pull-from-mirror");
		int rc;

		if (!by_digest && (digest_only || str_eq(use, "digest-only")))
			continue;
		if (by_digest && str_eq(use, "tag-only"))
			continue;
		if (str_empty(json_get_str(m, "location")))
			return err_set(e, EINVAL, "a mirror of '%s' in registries.conf has no location",
				       json_get_str(table, "prefix"));
		rc = add_source(out, json_get_str(m, "location"), name, matched,
				json_get_bool(m, "insecure", false), true, e);
		if (rc < 0)
			return rc;
	}
	return 0;
}

int registries_sources(const struct registries *r, const char *full_name,
		       struct registries_sources *out, struct err *e)
{
	auto_of(registries_sources_clear) struct registries_sources s = { 0 };
	size_t matched = 0;
	const struct json *table = find_table(r, full_name, &matched);
	int rc;

	if (json_get_bool(table, "blocked", false))
		return err_set(e, EACCES, "%s: registry %s is blocked in registries.conf", full_name,
			       json_get_str(table, "prefix"));
	rc = add_mirrors(&s, table, full_name, matched, e);
	if (rc >= 0)
		rc = add_source(&s, json_get_str(table, "location"), full_name, matched,
				json_get_bool(table, "insecure", false), false, e);
	if (rc < 0)
		return rc;
	*out = s;
	s = (struct registries_sources){ 0 };
	return 0;
}
