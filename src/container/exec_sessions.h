/* SPDX-License-Identifier: Apache-2.0 */
/* exec_sessions: which processes exec has put into a container, for inspect.
 *
 * Runs in:  exec's command line process, and any command that asks.
 * Owns:     containers/<id>/exec/: one symbolic link for each session, <session id> -> "PID:START".
 * Needs:    nothing; a session that cannot be noted runs all the same.
 * Fails:    never.
 * Not here: the sessions' output and exit codes (exec.h).
 */
#pragma once

#include "base/strv.h"

#include <sys/types.h>

struct record;

void exec_sessions_add(const struct record *r, const char *id, pid_t pid);
void exec_sessions_remove(const struct record *r, const char *id);
/* Those whose process is there; forgets the others. Sorted. */
void exec_sessions_list(const struct record *r, struct strv *ids);
