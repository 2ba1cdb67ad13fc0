/* SPDX-License-Identifier: Apache-2.0 */
/* auth: user names and passwords of registries: auth.json, Docker's config.json, credential helpers.
 *
 * Runs in:  any process; a helper program is run and waited for.
 * Owns:     struct auth (auth_clear, which wipes); strings returned are the caller's.
 * Needs:    docker-credential-NAME in PATH for helpers that the files name.
 * Fails:    EINVAL a file that cannot be read as JSON, EIO a helper that failed.
 * Not here: tokens (remote.h), asking the user (login).
 * Source:   containers-auth.json(5); Docker "Credential store", "Credential helper protocol".
 *
 * Read, the first that has an entry: authfile or REGISTRY_AUTH_FILE alone when given, else
 * $XDG_RUNTIME_DIR/containers/auth.json, ~/.config/containers/auth.json, $DOCKER_CONFIG/config.json or
 * ~/.docker/config.json (for Docker that comes first). Written: authfile, REGISTRY_AUTH_FILE, or the
 * first of these.
 * An entry is used for exactly the host it names; of several the longest path wins.
 */
#pragma once

#include "base/err.h"
#include "base/mem.h"
#include "base/strv.h"

struct auth {
	char *user, *password;	/* owned; NULL: none */
	char *identity_token;	/* owned; NULL */
};
void auth_clear(struct auth *a);
DEFINE_AUTO_VALUE(struct auth, auth_clear)

/* name: "host", or "host/repo". 1: found, 0: none (out is empty). */
int auth_find(struct auth *out, const char *authfile, const char *name, struct err *e);
/* "USER[:PASSWORD]" of --creds. */
int auth_parse_creds(struct auth *out, const char *creds, struct err *e);

/* login and logout. key: "host" or "host/path". */
int auth_store(const char *authfile, const char *key, const struct auth *a, struct err *e);
/* 1: removed, 0: there was none. */
int auth_remove(const char *authfile, const char *key, struct err *e);
int auth_remove_all(const char *authfile, struct err *e);
