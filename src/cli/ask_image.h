/* SPDX-License-Identifier: Apache-2.0 */
/* ask_image: a question for rootlet-image whose answer is JSON.
 *
 * Runs in:  the command line process, single-threaded.
 * Owns:     nothing; the answer is the caller's.
 * Needs:    rootlet-image beside rootlet.
 * Fails:    ENOENT it is not installed; EIO with what it said.
 * Not here: commands that rootlet-image takes over altogether (cli/transfer.c).
 */
#pragma once

#include "base/err.h"
#include "base/json.h"
#include "base/strv.h"

/* argv[0], for verbs that need no store; else transfer_program. */
int ask_image_program(struct strv *argv, struct err *e);
int ask_image(struct json **answer, const struct strv *argv, struct err *e);
/* What rootlet-image has said on its stderr, without the name in front. Borrowed. */
const char *ask_image_said(const struct err *said);
