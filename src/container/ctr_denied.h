/* SPDX-License-Identifier: Apache-2.0 */
/* ctr_denied: why a path of the host is closed to the user, when it is to be mounted.
 *
 * Runs in:  the engine, in the session's user namespace.
 * Owns:     nothing.
 * Needs:    a loaded session.
 * Fails:    never.
 * Not here: paths inside a container (runtime/denied.h).
 */
#pragma once

#include "base/err.h"

struct session;

/* Like err_sys(e, errno, "cannot mount SOURCE at TARGET"), and with EACCES the component that denies;
 * returns -e->code. */
int ctr_denied_source(struct err *e, int code, const struct session *s, const char *source,
		      const char *target);
