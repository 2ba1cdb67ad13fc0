/* SPDX-License-Identifier: Apache-2.0 */
/* persona_priv: what persona.c and persona_docker.c share.
 *
 * Runs in:  rootlet and rootlet-image.
 * Owns:     nothing; texts are the caller's.
 * Needs:    nothing.
 * Fails:    never.
 * Not here: which persona we are (base/persona.h).
 */
#pragma once

#include <stdbool.h>

struct str;

/* What stands in text between before and after, when text has both; else NULL. */
char *persona_between(const char *text, const char *before, const char *after);
/* Our text in the words of Docker's client or its server; command: "container run", or NULL. False: these
 * know nothing of the kind. */
bool persona_docker_words(struct str *out, const char *text, const char *command);
