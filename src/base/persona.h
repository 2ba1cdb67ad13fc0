/* SPDX-License-Identifier: Apache-2.0 */
/* persona: under whose name the program was called, and how it words errors and its version then.
 *
 * Runs in:  rootlet and rootlet-image; set once by main before anything is said.
 * Owns:     the persona, which like the log level is the same for the whole program.
 * Needs:    nothing.
 * Fails:    never; a name that is none of the three is rootlet's.
 * Not here: what else Docker does differently (see is_docker of cmd_globals and of the engine).
 * Source:   podman(1) "Exit Codes"; docker run "Exit status"; what scripts look for in stderr.
 */
#pragma once

#include "base/err.h"

struct str;

enum persona { PERSONA_ROOTLET, PERSONA_PODMAN, PERSONA_DOCKER, N_PERSONAS };

void persona_set(const char *argv0);
enum persona persona_get(void);
const char *persona_name(void);
/* The version that scripts may compare: that of the program whose options we have, or our own. */
const char *persona_version(void);
/* One line of the log: level is "warning", "info" or "debug". */
void persona_note(struct str *out, const char *level, const char *text);
/* One line, or more when the command line was wrong; command: "container run", or NULL; usage: its line of
 * Docker's, "docker run [OPTIONS] IMAGE", when options or operands are what is wrong, else NULL. */
void persona_error(struct str *out, const struct err *e, const char *command, const char *usage);
