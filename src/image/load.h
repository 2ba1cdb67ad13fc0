/* SPDX-License-Identifier: Apache-2.0 */
/* load: images out of a docker-archive, an OCI layout, or a directory of skopeo's.
 *
 * Runs in:  rootlet-image.
 * Owns:     nothing; lists are the caller's.
 * Needs:    an open store.
 * Fails:    EINVAL not an image archive; as bundle.h, manifest.h, policy.h and install.h.
 * Not here: reading members (bundle.h), file-system archives without a configuration (import.h).
 * Source:   Docker "Docker Image Specification v1.2" (combined image JSON and filesystem layers),
 *           image-spec image-layout.md, containers-transports(5) "dir".
 */
#pragma once

#include "base/err.h"
#include "base/strv.h"

struct platform;
struct store;
struct transfer_load;

struct load_args {
	struct store *store;
	const char *path;			/* NULL: standard input */
	const char *transport;			/* NULL: find out; docker-archive, oci-archive, oci, dir */
	const char *only;			/* the image of that name or tag; NULL: all */
	const char *signature_policy;
	const char *name;			/* full name given instead of the archive's; NULL */
	const struct platform *platform;
	bool quiet;
};

struct load_result {
	struct strv names;	/* owned; full names, "sha256:<id>" for an image without one */
	struct strv ids;	/* owned; in the same order */
};
void load_result_clear(struct load_result *r);

int load_bundle(const struct load_args *args, struct load_result *out, struct err *e);
int load_images(struct store *s, const struct transfer_load *args, struct strv *names,
		struct err *e);
