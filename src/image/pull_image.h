/* SPDX-License-Identifier: Apache-2.0 */
/* pull_image: one image from one place: a registry or one of its mirrors.
 *
 * Runs in:  as pull.h.
 * Owns:     nothing; the id is the caller's.
 * Needs:    struct pull as pull.c fills it.
 * Fails:    see pull.h.
 * Not here: which places there are and in what order they are tried (pull.c).
 */
#pragma once

#include "base/strv.h"
#include "image/auth.h"
#include "image/digest.h"
#include "image/platform.h"

struct progress;
struct reference;
struct registries;
struct registries_source;
struct store;
struct transfer_pull;

struct pull_account {	/* credentials found before the sandbox closed */
	char *key;	/* owned; "host/repo" */
	struct auth auth;
};

struct pull {
	struct store *store;
	const struct transfer_pull *args;
	unsigned int retries;
	int64_t retry_delay;
	struct platform platform;
	struct registries *registries;	/* owned */
	struct pull_account *accounts;	/* owned */
	size_t accounts_n;
	struct progress *progress;	/* borrowed while layers arrive; NULL */
	const char *typed;		/* borrowed; the name as the user wrote it */
	char digest[7 + DIGEST_HEX + 1];	/* of what the name led to last */
};

void pull_image_say(void *pull, const char *text);
/* Finds the credentials for a place, which may run a helper. --creds are for the registry the user
 * named, never for a mirror. */
int pull_image_account(struct pull *p, const struct registries_source *at, struct err *e);
/* what: tag or digest. local_id: the image that may do as well, if it is the same; NULL. */
int pull_image_from(struct pull *p, const struct reference *ref, const char *what,
		    const struct registries_source *at, const char *local_id, char **id,
		    struct err *e);
int pull_image_tags(struct pull *p, const struct registries_source *at, struct strv *tags,
		    struct err *e);
