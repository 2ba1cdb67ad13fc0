/* SPDX-License-Identifier: Apache-2.0 */
/* confirm: "are you sure?", before what cannot be undone.
 *
 * Runs in:  the command line process, on its stdin and stdout.
 * Owns:     nothing.
 * Needs:    nothing.
 * Fails:    never; the end of stdin is a no.
 * Not here: when to ask (a command's --force).
 */
#pragma once

#include <stdbool.h>

/* fmt: what will happen, a line or several without the last newline. */
bool confirm(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
