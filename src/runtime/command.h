/* SPDX-License-Identifier: Apache-2.0 */
/* command: which file argv[0] is, and why it does not start.
 *
 * Runs in:  init and exec, inside the container's root and as the payload's user.
 * Owns:     the path returned is the caller's.
 * Needs:    nothing.
 * Fails:    ERR_EXEC_NOENT (exit 127), ERR_EXEC_PERM (exit 126).
 * Not here: the exec itself (process.c).
 */
#pragma once

#include "base/err.h"
#include "base/strv.h"

/* A name without '/' is looked up in the PATH of env. With ERR_EXEC_PERM *path (owned) is there too:
 * the file that may not be executed. */
int command_find(char **path, const char *arg0, const struct strv *env, struct err *e);
/* Refuses a program whose file, or whose chain of #! interpreters, is what we run ourselves
 * (CVE-2019-5736). proc_fd: a genuine procfs. */
int command_check(const char *path, int proc_fd, struct err *e);
/* What a failed execve of path means. */
int command_error(const char *path, int code, struct err *e);
