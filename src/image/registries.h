/* SPDX-License-Identifier: Apache-2.0 */
/* registries: registries.conf: what short names stand for, and where images really come from.
 *
 * Runs in:  any process; reads files when loaded, not later.
 * Owns:     struct registries (registries_free), struct registries_sources (registries_sources_clear).
 * Needs:    nothing: without any file short names are Docker Hub's, as with Docker.
 * Fails:    EINVAL with file and line; EACCES a blocked registry.
 * Not here: credentials (auth.h), policy.json (policy.h).
 * Source:   containers-registries.conf(5), containers-registries.conf.d(5).
 *
 * Read are CONTAINERS_REGISTRIES_CONF, or ~/.config/containers/registries.conf, or
 * /etc/containers/registries.conf (the first there is), then /etc/containers/registries.conf.d and
 * ~/.config/containers/registries.conf.d in order; what comes later wins, table by table.
 */
#pragma once

#include "base/err.h"
#include "base/mem.h"
#include "base/strv.h"

struct registries;

int registries_load(struct registries **out, struct err *e);
/* Of one text, for tests and fuzzing. */
int registries_parse(struct registries **out, const char *name, const char *text, size_t len,
		     struct err *e);
void registries_free(struct registries *r);
DEFINE_AUTO(struct registries, registries_free)

/* The full names (with tag or digest) that text may mean, in the order to try. A full name means itself;
 * a short one its alias, else one for each unqualified-search registry, else docker.io. */
int registries_candidates(const struct registries *r, const char *text, struct strv *full_names,
			  struct err *e);
/* Whether an alias says what the short name means (then nothing else is tried). */
bool registries_is_alias(const struct registries *r, const char *text);
const struct strv *registries_search_peek(const struct registries *r);	/* for search, info */

struct registries_source {
	char *host, *repo;	/* owned */
	bool is_insecure;	/* http, or a certificate nobody vouches for, is allowed */
	bool is_mirror;
};
struct registries_sources {
	struct registries_source *v;	/* owned */
	size_t n;
};
/* Where to get full_name from: its mirrors in order, then its own place (rewritten by "location").
 * Tag and digest stay those of full_name. */
int registries_sources(const struct registries *r, const char *full_name,
		       struct registries_sources *out, struct err *e);
void registries_sources_clear(struct registries_sources *s);
DEFINE_AUTO_VALUE(struct registries_sources, registries_sources_clear)
