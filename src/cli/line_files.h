/* SPDX-License-Identifier: Apache-2.0 */
/* line_files: the lines of --env-file and --label-file.
 *
 * Runs in:  the command line process, in the caller's view of files.
 * Owns:     nothing.
 * Needs:    nothing.
 * Fails:    a file that cannot be read; ERR_USAGE a line without a name.
 * Not here: what a line without a value means (ctr_image_add_env).
 * Source:   podman-run(1) --env-file, --label-file.
 */
#pragma once

#include "base/err.h"
#include "base/strv.h"

/* Puts the lines of all files, without blanks before them and comments, in front of what "to" has: what
 * is written on the command line wins. */
int line_files_read(const char *option, const struct strv *files, struct strv *to, struct err *e);
