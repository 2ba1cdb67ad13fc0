/* SPDX-License-Identifier: Apache-2.0 */
/* commands: declares every command named in commands.def.
 *
 * Runs in:  compile time.
 * Owns:     nothing.
 * Needs:    nothing.
 * Fails:    at link time, when a command is listed and not defined.
 * Not here: the commands themselves.
 */
#pragma once

#include "cli/cmd.h"

#define COMMAND(name) extern const struct cmd name;
#include "cli/commands.def"
#undef COMMAND
