/* SPDX-License-Identifier: Apache-2.0 */
/* help: usage texts, all made from the command table.
 *
 * Runs in:  the command line process; prints to stdout.
 * Owns:     nothing.
 * Needs:    nothing.
 * Fails:    never.
 * Not here: the table (cli/table.c).
 */
#pragma once

struct cmd;

struct opt;
void help_command(const struct cmd *c, const struct opt *opts);
void help_overview(const char *group);	/* the commands of a group; NULL: all */
extern const struct cmd cmd_help;
