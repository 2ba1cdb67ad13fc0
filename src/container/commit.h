/* SPDX-License-Identifier: Apache-2.0 */
/* commit: an image of what a container has become.
 *
 * Runs in:  the command line process; rootlet-image does the work.
 * Owns:     nothing; the id is the caller's.
 * Needs:    rootlet-image; for is_pausing what pause.h needs.
 * Fails:    ERR_UNSUPPORTED a container without an image; ERR_REPORTED rootlet-image has said why.
 * Not here: layers and manifests (image/commit.h).
 */
#pragma once

#include "base/err.h"
#include "base/json.h"
#include "container/record.h"

struct commit_args {
	const char *name;		/* of the image; NULL: none */
	const char *author, *message;	/* NULL */
	const char *format;		/* oci, docker; NULL: oci */
	const struct strv *changes;	/* Containerfile instructions; NULL */
	const struct json *config;	/* merged into the image's before the changes; NULL */
	const char *config_from;	/* its file, for messages */
	bool is_squashing;		/* one layer with everything */
	bool is_pausing;		/* nothing runs while the files are read */
	bool has_volumes;		/* the container's volumes become the image's VOLUMEs */
};

int commit_container(char **id, struct engine *g, struct record *r, const struct commit_args *args,
		     struct err *e);

/* Adds what more has (as in image-spec config.md and Docker's Schema2Config) to config; from: the file. */
int commit_merge(struct json *config, const struct json *more, const char *from, struct err *e);

/* The "config" member of the image: the container's definition over the base image's. */
struct json *commit_config(const struct container_config *c, const struct json *base);
