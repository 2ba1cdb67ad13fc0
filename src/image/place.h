/* SPDX-License-Identifier: Apache-2.0 */
/* place: a registry, or a repository of one, to be asked something small.
 *
 * Runs in:  rootlet-image, one thread.
 * Owns:     struct place (place_clear).
 * Needs:    http_global_init.
 * Fails:    as registries.h, certs.h, auth.h.
 * Not here: pulling and pushing, which ask with several threads (pull_image.c, push.c).
 */
#pragma once

#include "image/auth.h"
#include "image/http.h"

struct registries;
struct remote;
struct transfer_registry;

struct place {
	struct auth auth;
	struct http_tls tls;
	struct remote *remote;		/* owned */
	struct http *http;		/* owned */
};

/* repo "": the registry itself. The name and password are --creds or the stored ones. */
int place_open(struct place *p, const struct transfer_registry *reg, const struct registries *conf,
	       const char *host, const char *repo, struct err *e);
void place_clear(struct place *p);
DEFINE_AUTO_VALUE(struct place, place_clear)
