/* SPDX-License-Identifier: Apache-2.0 */
/* help: usage texts, all made from the command table.
 *
 * Runs in:  the command line process; prints.
 * Owns:     nothing.
 * Needs:    nothing.
 * Fails:    never.
 * Not here: the table (cli/table.c).
 */
#pragma once

#include <stdbool.h>

struct cmd;

struct opt;
void help_command(const struct cmd *c, const struct opt *opts);
/* The commands of a group; NULL: all. Docker's client has what was not asked for on stderr. */
void help_overview(const char *group, bool is_asked);
extern const struct cmd cmd_help;
