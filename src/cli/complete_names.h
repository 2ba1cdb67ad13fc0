/* SPDX-License-Identifier: Apache-2.0 */
/* complete_names: the names of what there is, for the completion of the shell.
 *
 * Runs in:  the command line process, outside the session: directories are listed, no namespace is
 *           joined, nothing is made, no image or definition is read.
 * Owns:     struct complete_names (complete_names_close).
 * Needs:    nothing; a store that is not there has no names.
 * Fails:    silently: a completion that cannot be had is none.
 * Not here: which kind is wanted (values.h), which word (complete.c).
 */
#pragma once

#include "base/strv.h"

struct cmd_globals;

struct complete_names {
	int root_dirfd;		/* owned; -1: no store */
	int runtime_dirfd;	/* owned; -1: no session */
};

enum complete_state { COMPLETE_ANY, COMPLETE_RUNNING, COMPLETE_PAUSED, COMPLETE_STOPPED };

void complete_names_open(struct complete_names *n, const struct cmd_globals *g);
void complete_names_close(struct complete_names *n);
DEFINE_AUTO_VALUE(struct complete_names, complete_names_close)

/* Those that begin with prefix; ids (shortened) only when prefix has digits of one. */
void complete_containers(const struct complete_names *n, enum complete_state state, const char *prefix,
			 struct strv *out);
void complete_images(const struct complete_names *n, const char *prefix, struct strv *out);
/* Kinds that are a directory for each name: "volumes", "secrets", "networks". */
void complete_directory(const struct complete_names *n, const char *dir, const char *prefix,
			struct strv *out);
