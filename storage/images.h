/* SPDX-License-Identifier: Apache-2.0 */
/* images: image records: a manifest, a configuration and the chain ids of the layers.
 *
 * Runs in:  as the store.
 * Owns:     struct images_record (images_record_free).
 * Needs:    nothing; names are reserved with names.h.
 * Fails:    ERR_NO_SUCH, EEXIST (ambiguous prefix), EBADMSG a record that cannot be read.
 * Not here: registries and references (image/).
 *
 * images/<id>/manifest.json is the manifest as the registry sent it (bytes kept, so that its digest
 * holds); config.json the configuration likewise (its sha256 is the id); record.json is ours:
 * {"version":1,"id","digest" of the manifest,"repo-digests":[...],"chain-ids":[hex...],
 *  "layer-sizes":[...],"size" bytes unpacked,"created" ns,"pulled" ns}. An image record
 * is complete when the directory has its final name.
 */
#pragma once

#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "storage/store.h"

struct images_record {
	char *id;		/* owned; hex */
	struct json *record;	/* owned; record.json */
	struct json *config;	/* owned; config.json (image-spec config.md); NULL until loaded */
	struct strv chain_ids;	/* owned; hex, bottom first */
};

/* name: a full normalised name ("docker.io/library/busybox:latest"), or an id or a prefix of
 * one. */
int images_find_name(struct store *s, const char *full_name, char **id);	/* leaf */
int images_find_id(struct store *s, const char *prefix, char **id, struct err *e);
int images_load(struct images_record **out, struct store *s, const char *id, struct err *e);
/* Only the chain ids, bottom first: what mounting needs. Replaces *chain_ids. */
int images_load_layers(struct strv *chain_ids, struct store *s, const char *id, struct err *e);
int images_load_manifest(char **bytes, size_t *len, struct store *s, const char *id, struct err *e);
int images_load_config_bytes(char **bytes, size_t *len, struct store *s, const char *id,
			     struct err *e);
void images_record_free(struct images_record *r);
DEFINE_AUTO(struct images_record, images_record_free)

struct images_new {
	const char *id;				/* hex */
	const char *manifest, *config;		/* bytes as received */
	size_t manifest_len, config_len;
	const struct json *record;		/* record.json to be */
};
/* Makes the record; ok (and repo-digests merged) when it exists. fsynced. */
int images_put(struct store *s, const struct images_new *n, struct err *e);
int images_list(struct store *s, struct strv *ids, struct err *e);
int images_names_of(struct store *s, const char *id, struct strv *names, struct err *e);
/* Removes the record and the layers that no other image or container uses. The caller has removed
 * its names and checked containers. */
int images_remove(struct store *s, const char *id, struct strv *removed_layers, struct err *e);
