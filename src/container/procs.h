/* SPDX-License-Identifier: Apache-2.0 */
/* procs: the processes of a running container, read from /proc of the host.
 *
 * Runs in:  any command in the session's user namespace; nothing is run in the container
 *           (CVE-2022-1227).
 * Owns:     struct procs (procs_clear).
 * Needs:    a container that runs.
 * Fails:    ESRCH the container ended meanwhile.
 * Not here: columns (cli/top.c), cgroup statistics.
 * Source:   proc(5): stat, status, NSpid. Numbers are the kernel's, ids those of the session's user
 *           namespace unless named host_*.
 */
#pragma once

#include "base/err.h"
#include "base/proc.h"
#include "container/engine.h"
#include "container/state.h"

#include <stdint.h>
#include <sys/types.h>

struct procs_one {
	pid_t host_pid, pid, ppid, pgid;	/* without host_: as the container sees them */
	uint32_t uid, euid, gid, egid;			/* session's */
	char *groups;					/* owned; blank separated */
	struct proc_stat stat;
	char *args;					/* owned; blank separated, [comm] for none */
	uint64_t cap_inh, cap_prm, cap_eff, cap_amb, cap_bnd;
	int seccomp;					/* 0 disabled, 1 strict, 2 filter */
	char *label;					/* owned; LSM label */
};
struct procs {
	struct procs_one *v;	/* owned; init first, then by pid */
	size_t n;
};
int procs_list(struct procs *out, const struct state *st, struct err *e);
void procs_clear(struct procs *p);
DEFINE_AUTO_VALUE(struct procs, procs_clear)
/* The id inside the container of an id of the session's namespace, from the init's id map. */
uint32_t procs_id_inside(const struct state *st, const char *map_file, uint32_t id);
