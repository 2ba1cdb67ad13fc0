/* SPDX-License-Identifier: Apache-2.0 */
/* manifest: what registries and archives say an image consists of, read with suspicion.
 *
 * Runs in:  any process.
 * Owns:     struct manifest (manifest_free).
 * Needs:    nothing.
 * Fails:    EINVAL a text that is no manifest or more than one kind of it, ENOTSUP a kind that
 *           is not an image (schema 1, artifacts, foreign layers).
 * Not here: fetching, hashing, and which image of an index is ours (see platform.h).
 * Source:   image-spec manifest.md, image-index.md, config.md; Docker "Image Manifest V 2, Schema
 *           2".
 */
#pragma once

#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/strv.h"

#define MANIFEST_MAX_BYTES (4u << 20)	/* manifests, indexes and configurations alike */

#define MEDIA_OCI_INDEX "application/vnd.oci.image.index.v1+json"
#define MEDIA_OCI_MANIFEST "application/vnd.oci.image.manifest.v1+json"
#define MEDIA_OCI_CONFIG "application/vnd.oci.image.config.v1+json"
#define MEDIA_OCI_LAYER "application/vnd.oci.image.layer.v1.tar"
#define MEDIA_DOCKER_LIST "application/vnd.docker.distribution.manifest.list.v2+json"
#define MEDIA_DOCKER_MANIFEST "application/vnd.docker.distribution.manifest.v2+json"
#define MEDIA_DOCKER_CONFIG "application/vnd.docker.container.image.v1+json"
#define MEDIA_DOCKER_LAYER "application/vnd.docker.image.rootfs.diff.tar"

struct platform;

struct manifest_blob {
	char *digest;		/* owned; "sha256:<64 hex>", checked */
	char *media_type;	/* owned; "" when not said */
	uint64_t size;
};

struct manifest {
	bool is_index;
	bool is_docker;			/* Docker's media types, not OCI's */
	struct json *json;		/* owned; the whole text */
	struct manifest_blob config;	/* of an image */
	struct manifest_blob *layers;	/* owned; of an image, bottom first */
	size_t layers_n;
};

/* content_type: what the server said, NULL when nobody did. */
int manifest_parse(struct manifest **out, const char *text, size_t len, const char *content_type,
		   struct err *e);
void manifest_free(struct manifest *m);
DEFINE_AUTO(struct manifest, manifest_free)

struct json *manifest_new_descriptor(const char *type, const char *digest, uint64_t size);
/* The descriptor in an index or an archive's index.json. */
int manifest_descriptor(struct manifest_blob *out, const struct json *descriptor, struct err *e);
void manifest_blob_clear(struct manifest_blob *b);
DEFINE_AUTO_VALUE(struct manifest_blob, manifest_blob_clear)

/* The image of an index that is for the platform. */
int manifest_choose(struct manifest_blob *out, const struct json *index, const struct platform *p,
		    struct err *e);

/* The configuration's DiffIDs ("sha256:<hex>"), one for each of layers_n layers. */
int manifest_config_diff_ids(struct strv *out, const struct json *config, size_t layers_n,
			     struct err *e);

/* The hex digits of "sha256:<64 lower-case hex>", NULL for anything else. */
const char *manifest_hex(const char *digest);
