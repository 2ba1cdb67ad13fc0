/* SPDX-License-Identifier: Apache-2.0 */
/* docker_commands: command words that only Docker has: its contexts, and what there cannot be here.
 *
 * Runs in:  the command line process, called as docker.
 * Owns:     nothing; constant.
 * Needs:    nothing.
 * Fails:    ERR_USAGE in one line: which words, why, and what to do instead.
 * Not here: commands of every name (cli/table.c).
 * Source:   Docker CLI reference, "docker context"; the list of base commands.
 */
#pragma once

#include "base/err.h"

#include <stdbool.h>

struct cmd;

/* NULL-terminated; beside cmd_table. */
extern const struct cmd *const docker_commands_table[];
const struct cmd *docker_commands_find(int argc, char *const *argv, int *used);
/* True when the words are a group of this list: "context". */
bool docker_commands_is_group(const char *word);
/* Command words that are not there. */
int docker_commands_unknown(int argc, char *const *argv, struct err *e);
/* Another engine than this one, asked for by DOCKER_HOST or DOCKER_CONTEXT, is refused; contexts are shown. */
int docker_commands_check_host(const struct cmd *c, struct err *e);
