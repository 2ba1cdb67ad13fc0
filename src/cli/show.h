/* SPDX-License-Identifier: Apache-2.0 */
/* show: text made from what images and containers say, printed without harm to a terminal.
 *
 * Runs in:  the command line process.
 * Owns:     nothing.
 * Needs:    nothing.
 * Fails:    never; a closed stdout is met at exit.
 * Not here: making the text (base/template.h, base/table.h).
 */
#pragma once

/* To stdout: on a terminal control characters other than newline and tab are shown as \xNN, for a
 * program the bytes stay as they are. */
void show_text(const char *text);
