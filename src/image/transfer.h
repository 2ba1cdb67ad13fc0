/* SPDX-License-Identifier: Apache-2.0 */
/* transfer: the options of the commands that rootlet hands to rootlet-image, declared once for
 * both.
 *
 * Runs in:  rootlet, which reads and checks them, and rootlet-image, which reads them again.
 * Owns:     nothing; the structs are filled and cleared by opt.h.
 * Needs:    nothing.
 * Fails:    ENOENT rootlet-image is not installed.
 * Not here: what the options do (pull.c, push.c, load.c, save.c, import.c, logon.c, search.c).
 */
#pragma once

#include "base/opt.h"

struct store;

struct transfer_registry {	/* how a registry is spoken to */
	char *authfile, *cert_dir, *creds, *signature_policy, *retry, *retry_delay;
	int tls_verify;		/* -1: as registries.conf says */
};

struct transfer_platform {
	char *platform, *os, *arch, *variant;
};

struct transfer_pull {
	struct transfer_registry registry;
	struct transfer_platform platform;
	char *policy;		/* NULL: always */
	bool all_tags, quiet, ignored;
};

struct transfer_load {
	char *input, *signature_policy;
	bool quiet;
};

struct transfer_save {
	char *format, *output;
	bool quiet, multi_image, compress, uncompressed;
};

struct transfer_import {
	struct transfer_platform platform;
	struct strv changes;
	char *message;
	bool quiet;
};

struct transfer_push {
	struct transfer_registry registry;
	char *format, *digest_file, *compression_format, *compression_level, *platform;
	bool quiet, compress, force_compression, remove_signatures, all_tags, ignored;
};

extern const struct opt transfer_pull_opts[], transfer_load_opts[], transfer_save_opts[],
	transfer_import_opts[], transfer_push_opts[];
struct transfer_search {
	struct transfer_registry registry;
	struct strv filters;
	char *format, *limit;
	bool list_tags, no_trunc, compatible;
};

extern const struct opt transfer_search_opts[];
/* For struct transfer_registry. */
extern const struct opt transfer_manifest_opts[], transfer_login_opts[];

/* "pull" with the options set in args as "--name=value", then "--" and the operands. */
void transfer_argv(struct strv *argv, const char *verb, const struct opt *table,
		   const void *args, const struct strv *operands);
/* argv[0] (the path of rootlet-image) and the options that name the store. */
int transfer_program(struct strv *argv, const struct store *s, struct err *e);
