/* SPDX-License-Identifier: Apache-2.0 */
/* each: one action for every operand, as podman does: go on after an error, tell them all.
 *
 * Runs in:  the command line process; prints every error but the last to stderr, which main prints.
 * Owns:     nothing.
 * Needs:    nothing.
 * Fails:    with the last error.
 * Not here: what is done.
 */
#pragma once

#include "base/err.h"
#include "base/strv.h"

struct cmd_context;

typedef int each_fn(struct cmd_context *c, const char *operand, void *arg, struct err *e);
int each_operand(struct cmd_context *c, const struct strv *operands, each_fn *fn, void *arg,
		 struct err *e);
/* Tells an error that is not the last one. */
void each_say(struct cmd_context *c, const struct err *e);
/* What --force takes as done, as it is not there: for Docker the error is told all the same. Returns 0. */
int each_missing(struct cmd_context *c, struct err *e);
/* Ids for --all / --latest, else the operands; ERR_USAGE when both or neither is given. */
struct each_select {
	bool all, latest;
	struct strv *filters;		/* may be NULL */
	const struct strv *cidfiles;	/* may be NULL */
	bool running_only;		/* of --all */
	bool ignores_missing;		/* a file of --cidfile that is not there names nothing */
};
int each_select(struct cmd_context *c, const struct each_select *s, const struct strv *operands,
		struct strv *out, struct err *e);
