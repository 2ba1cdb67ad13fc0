/* SPDX-License-Identifier: Apache-2.0 */
/* pull: a name becomes an image in the store, from the registry or mirror that has it.
 *
 * Runs in:  rootlet-image.
 * Owns:     nothing; the ids are the caller's.
 * Needs:    an open store and the network.
 * Fails:    as remote.h, manifest.h, policy.h and install.h, with the name in front.
 * Not here: HTTP (http.h), layers (install.h).
 */
#pragma once

#include "base/err.h"
#include "base/strv.h"

struct store;
struct transfer_pull;

/* Once in a process, which is confined from then on (sandbox.h). Names as the user wrote them;
 * transports docker://, docker-archive:, oci-archive:, oci:, dir: as well. The ids of all images
 * that came are in ids, one for each name but with --all-tags, also after an error. */
int pull_images(struct store *s, const struct transfer_pull *args, const struct strv *names,
		struct strv *ids, struct err *e);
