/* SPDX-License-Identifier: Apache-2.0 */
/* auth_file: the files that hold credentials: where they are, their entries, and helper programs.
 *
 * Runs in:  any process.
 * Owns:     nothing; lists and trees are the caller's.
 * Needs:    HOME, XDG_RUNTIME_DIR; docker-credential-NAME for helpers.
 * Fails:    EINVAL with the file's name; EIO a helper that failed, with what it said.
 * Not here: which entry is used (auth.h).
 * Source:   containers-auth.json(5); Docker "Credential helper protocol".
 */
#pragma once

#include "base/err.h"
#include "base/json.h"
#include "base/strv.h"

/* Paths in the order they are read; given is --authfile or NULL. The first is the one to write. */
void auth_file_paths(struct strv *out, const char *given);
/* A file that was asked for by name has to be there. given: --authfile, or NULL. */
int auth_file_check(const char *given, struct err *e);
/* *out stays NULL when the file does not exist or is empty. */
int auth_file_load(struct json **out, const char *path, struct err *e);
/* mode 0600, directories 0700, whole or not at all. */
int auth_file_save(const char *path, const struct json *j, struct err *e);

/* "https://index.docker.io/v1/" -> "docker.io", "quay.io/team/" -> "quay.io/team". Owned. */
char *auth_file_key(const char *key);
/* The helper's name for a host: of credHelpers, else credsStore; NULL. Borrowed from j. */
const char *auth_file_helper(const struct json *j, const char *host);

/* verb: get, store, erase. *out: the answer, owned; NULL when it knows nothing. 1: an answer. */
int auth_file_run_helper(const char *helper, const char *verb, const char *input, char **out,
			 struct err *e);
/* What helpers call a host. */
const char *auth_file_server(const char *host);
