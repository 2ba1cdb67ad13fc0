/* SPDX-License-Identifier: Apache-2.0 */
/* policy: policy.json: from where images may come.
 *
 * Runs in:  any process, before the first byte of an image is fetched.
 * Owns:     nothing.
 * Needs:    nothing; without a policy.json everything is accepted.
 * Fails:    EACCES the policy rejects it; ENOTSUP it asks for a signature; EINVAL with the file.
 * Not here: checking signatures, which is not supported yet and therefore refuses.
 * Source:   containers-policy.json(5).
 */
#pragma once

#include "base/err.h"

struct json;

/* The file that counts: the user's, the system's, or NULL. Owned. */
char *policy_file(void);
/* transport "docker": scope is host/repo with :tag or @digest. Others: scope is an absolute path.
 * file: --signature-policy; NULL: ~/.config/containers/policy.json, /etc/containers/policy.json. */
int policy_check(const char *file, const char *transport, const char *scope, struct err *e);
/* The decision alone, for a policy in memory; name is what errors call it. */
int policy_decide(const struct json *policy, const char *name, const char *transport,
		  const char *scope, struct err *e);
