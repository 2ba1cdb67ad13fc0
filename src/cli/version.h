/* SPDX-License-Identifier: Apache-2.0 */
/* version: which rootlet this is, in the words of podman's and docker's version.
 *
 * Runs in:  the command line process.
 * Owns:     nothing; trees are the caller's.
 * Needs:    nothing.
 * Fails:    never.
 * Not here: versions of helpers (see host_facts.h).
 */
#pragma once

#include "base/json.h"

struct json *version_tree(void);
void version_print_short(void);		/* --version */
