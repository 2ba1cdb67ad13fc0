/* SPDX-License-Identifier: Apache-2.0 */
/* docker_usage: how many operands Docker's commands take, and how its usage line writes them.
 *
 * Runs in:  the command line process, called as docker.
 * Owns:     nothing; constant.
 * Needs:    nothing.
 * Fails:    ERR_USAGE in Docker's words.
 * Not here: options (each command's table); commands that Docker has not.
 * Source:   Docker CLI reference, "Usage" of each command.
 */
#pragma once

#include "base/err.h"

#include <stddef.h>

struct cmd;
struct str;

/* "docker run [OPTIONS] IMAGE [COMMAND] [ARG...]" */
void docker_usage_line(struct str *out, const struct cmd *c);
int docker_usage_check(const struct cmd *c, size_t operands, struct err *e);
