/* SPDX-License-Identifier: Apache-2.0 */
/* exec: one more process in a running container.
 *
 * Runs in:  the command line process, in the session's user namespace; detached sessions leave a
 *           small relay behind.
 * Owns:     nothing.
 * Needs:    a running container.
 * Fails:    ERR_NO_SUCH; "... container state improper"; ERR_EXEC_PERM, ERR_EXEC_NOENT.
 * Not here: namespaces and credentials (runtime/).
 */
#pragma once

#include "base/err.h"
#include "base/strv.h"
#include "container/engine.h"
#include "container/record.h"

struct exec_args {
	struct strv command, env;
	char *user, *workdir, *detach_keys;
	bool has_tty, is_interactive, is_detached, privileged;
	bool no_session;	/* no event tells of it */
	const int *preserve_fds;
	size_t preserve_n;
};
int exec_run(struct engine *g, struct record *r, const struct exec_args *a, int *exit_code,
	     char **session_id, struct err *e);
