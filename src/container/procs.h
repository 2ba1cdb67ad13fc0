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
#include "container/engine.h"
#include "container/state.h"

#include <stdint.h>
#include <sys/types.h>

struct procs_one {
	pid_t host_pid, host_ppid, pid, ppid, pgid;	/* without host_: as the container sees them */
	uint32_t uid, euid, gid, egid;			/* session's */
	char *groups;					/* owned; blank separated */
	char state;
	char *comm, *args;				/* owned; args: blank separated, [comm] for none */
	int tty;					/* device number, 0 none */
	int64_t nice, vsz_bytes, rss_bytes;
	uint64_t utime, stime, start;			/* clock ticks; start since boot */
	uint64_t child_utime, child_stime;		/* of children that ended and were waited for */
	uint64_t threads;
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
/* One pass over /proc for n containers together: fn for every process in the pid namespace of one of
 * them, or in one nested in that (index says whose). A container in the pid namespace of the host has
 * only its init here; so has one that joined another's, whose other processes count with that. */
typedef void procs_fn(void *arg, size_t index, pid_t host_pid, int proc_dirfd);
int procs_scan(const struct state *st, size_t n, procs_fn *fn, void *arg, struct err *e);
/* stat(5) alone: state, times, size; the names in it are not kept. Leaf. */
int procs_read_stat(struct procs_one *out, int proc_dirfd);
/* The id inside the container of an id of the session's namespace, from the init's id map. */
uint32_t procs_id_inside(const struct state *st, const char *map_file, uint32_t id);
