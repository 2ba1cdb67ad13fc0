/* SPDX-License-Identifier: Apache-2.0 */
/* load_priv: what load*.c share: the archive under way, and an image found in it.
 *
 * Runs in:  as load.h.
 * Owns:     struct load_image (load_image_clear).
 * Needs:    an open bundle.
 * Fails:    EBADMSG a blob that is not what its descriptor says; else as install.h and load.h.
 * Not here: telling the kinds of archives apart (load.c).
 */
#pragma once

#include "image/bundle.h"
#include "image/load.h"
#include "image/manifest.h"

#define LOAD_MAX_IMAGES 1000	/* in one archive */

struct load {
	const struct load_args *args;
	struct bundle *bundle;		/* owned */
	bool is_dir;			/* skopeo's: blobs are called by their hex digits */
	struct load_result *out;
};

struct load_image {		/* an image in the archive */
	struct manifest *manifest;	/* owned */
	char *manifest_text, *config;	/* owned */
	size_t manifest_len, config_len;
	struct strv files, names;	/* owned; member of each layer, full names */
};
void load_image_clear(struct load_image *f);
DEFINE_AUTO_VALUE(struct load_image, load_image_clear)

/* load_install.c */
int load_read_blob(const struct load *l, const struct manifest_blob *b, char **text,
		   size_t *len, struct err *e);
/* Where each layer lies; a size that is not its descriptor's is told before anything is unpacked. A
 * layer that is not in the archive may be in the store. */
int load_find_layers(const struct load *l, const struct manifest *m, struct strv *files,
		     struct err *e);
int load_add_name(struct strv *names, const char *text, const char *default_host, struct err *e);
int load_install(struct load *l, struct load_image *f, struct err *e);

/* load_oci.c: index is index.json; a dir's text its manifest.json. */
int load_oci(struct load *l, const struct json *index, struct err *e);
int load_dir(struct load *l, const char *text, size_t len, struct err *e);

/* load_docker.c: list is manifest.json. */
int load_docker(struct load *l, const struct json *list, struct err *e);
