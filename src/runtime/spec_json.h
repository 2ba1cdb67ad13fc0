/* SPDX-License-Identifier: Apache-2.0 */
/* spec_json: the OCI configuration of a container as text, for hooks that read their bundle's config.json.
 *
 * Runs in:  any process; pure but for a look at device nodes of the host.
 * Owns:     nothing; the result is the caller's.
 * Needs:    nothing.
 * Fails:    never.
 * Not here: where it is written (container/monitor_hooks.c); the seccomp filter, which is no list here.
 * Source:   runtime-spec config.md, config-linux.md (1.2).
 */
#pragma once

#include "base/json.h"
#include "runtime/spec.h"

struct passwd_user;

/* user: who the payload is, as the container's own files say. root_path: where the root file system is
 * in init's mount namespace before the pivot. */
struct json *spec_json(const struct spec *s, const struct passwd_user *user, const char *root_path);
