/* SPDX-License-Identifier: Apache-2.0 */
/* values: what the value of an option, or an operand, may be; the command table's third column.
 *
 * Runs in:  the command line process.
 * Owns:     nothing; texts are constant, or the table's own.
 * Needs:    nothing.
 * Fails:    never.
 * Not here: the names of containers and images (complete_names.h); checking values (each command).
 *
 * A text of alternatives: "always|missing", "private|host|container:@container|ns:@file". A word
 * may end in '=' or ':' and wait for more. "@kind" is any name of that kind: @container (any),
 * @running, @stopped, @paused, @image, @volume, @secret, @network, @file, @dir, @signal, @cap,
 * @command. An alternative "..." says that other values are accepted too.
 */
#pragma once

struct cmd;
struct opt;

/* NULL: anything, nothing is known. cmd NULL: a global option. */
const char *values_of_option(const struct cmd *c, const struct opt *o);
/* index counts from 0. NULL: nothing can be said. */
const char *values_of_operand(const struct cmd *c, int index);
