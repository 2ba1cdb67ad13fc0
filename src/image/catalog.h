/* SPDX-License-Identifier: Apache-2.0 */
/* catalog: the images in the store, as rows with Podman's member names; every list is made from these.
 *
 * Runs in:  rootlet, in the session's user namespace.
 * Owns:     nothing; trees are the caller's.
 * Needs:    nothing.
 * Fails:    ERR_USAGE a filter that is none; ERR_NO_SUCH an image named in a filter.
 * Not here: one image in full (describe.h), tables and templates (cli/).
 */
#pragma once

#include "base/err.h"
#include "base/json.h"
#include "base/strv.h"

struct store;

struct catalog_query {
	const struct strv *filters;	/* "label=a=b", "dangling!=true", ...; may be NULL */
	const char *name;		/* only images that go by this name or pattern; NULL */
	const struct json *containers;	/* image id -> number of containers; NULL: not known */
};

/* Newest first: Id, Names, RepoTags, RepoDigests, Digest, Created, CreatedAt, Size, Labels, Containers,
 * Dangling ... An image that disappears meanwhile is left out. */
int catalog_list(struct json **out, struct store *s, const struct catalog_query *q, struct err *e);

/* Whether a name ("docker.io/library/busybox:latest") goes by pattern: the whole name or what follows
 * one of its slashes, with or without tag; * ? [] as in a shell. For Docker only the whole name. */
bool catalog_name_matches(const char *name, const char *pattern);
/* "repository@digest" for what the image was pulled as and for every name it has now: array. */
struct json *catalog_repo_digests(const struct json *record, const struct json *names);
