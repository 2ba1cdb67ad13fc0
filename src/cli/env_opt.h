/* SPDX-License-Identifier: Apache-2.0 */
/* env_opt: the option --env, of create, run, exec and update.
 *
 * Runs in:  the command line process.
 * Owns:     nothing; values land in a struct strv of the args.
 * Needs:    nothing.
 * Fails:    ERR_USAGE a value without a name.
 * Not here: what NAME alone means (container/ctr_image.h), and files of variables (line_files.h).
 */
#pragma once

#include "base/opt.h"

int env_opt(void *args, const struct opt *o, const char *value, struct err *e);
#define OPT_ENV(type, field, a, h) { 'e', "env", OPT_KIND_FN, false, offsetof(type, field), a, h, NULL, env_opt }
