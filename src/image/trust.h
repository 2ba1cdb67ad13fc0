/* SPDX-License-Identifier: Apache-2.0 */
/* trust: what policy.json says, as a list that people read; and one rule of it changed.
 *
 * Runs in:  rootlet; gpg is run for the names of keys where it is installed.
 * Owns:     nothing; lists and texts are the caller's.
 * Needs:    nothing.
 * Fails:    ENOENT, EACCES, EINVAL with the file; ERR_USAGE a rule that cannot be.
 * Not here: whether an image may come (policy.h).
 * Source:   containers-policy.json(5), containers-registries.d(5), podman-image-trust(1).
 */
#pragma once

#include "base/err.h"

struct json;
struct strv;

/* file: NULL for the usual policy.json (policy_file), and as transport, name, repo_name, type, gpg_id,
 * sigstore: the default first, then scope by scope. registries_d: NULL for the usual directories. */
int trust_list(struct json **rows, const char *file, const char *registries_d, struct err *e);
/* The file as it is. */
int trust_text(char **text, const char *file, struct err *e);

struct trust_rule {
	const char *scope;		/* "docker.io/library", or "default" */
	const char *type;		/* accept, reject, signedBy, sigstoreSigned */
	const struct strv *keys;	/* files of public keys */
};
/* Without a file that can be named or written it is the user's own, which begins as a copy of the
 * system's. */
int trust_set(const char *file, const struct trust_rule *rule, struct err *e);
