/* SPDX-License-Identifier: Apache-2.0 */
/* procs_scan: whose process is it? All processes of many containers in one pass over /proc.
 *
 * Runs in:  any command in the session's user namespace.
 * Owns:     nothing.
 * Needs:    containers that run.
 * Fails:    when /proc cannot be read; a process that ends meanwhile is not there.
 * Not here: what one process is like (base/proc.h), the list that top shows (procs.h).
 * Source:   proc(5), pid_namespaces(7), ioctl_ns(2).
 *
 * A process belongs to the container whose pid namespace it is in, or one nested in that. A container
 * in the pid namespace of the host has only its init here; so has one that joined another's, whose other
 * processes count with that.
 */
#pragma once

#include "base/err.h"
#include "container/state.h"

#include <sys/types.h>

/* index says whose: st[index]. */
typedef void procs_scan_fn(void *arg, size_t index, pid_t host_pid, int proc_dirfd);
int procs_scan(const struct state *st, size_t n, procs_scan_fn *fn, void *arg, struct err *e);
/* The same without the inits, for who knows them already. */
int procs_scan_others(const struct state *st, size_t n, procs_scan_fn *fn, void *arg, struct err *e);
