/* SPDX-License-Identifier: Apache-2.0 */
/* stats: what containers use: processor, memory, network, disk, processes.
 *
 * Runs in:  any command in the session's user namespace.
 * Owns:     struct stats (stats_clear).
 * Needs:    nothing. With a cgroup v2 of the container's own the numbers are the kernel's; without one
 *           they are sums over its processes (is_summed): pages they share count once for each, what
 *           processes read and wrote that have ended is not in it.
 * Fails:    ERR_NO_SUCH a container that was named.
 * Not here: tables, templates, repeating (cli/stats.c).
 */
#pragma once

#include "base/err.h"
#include "base/json.h"
#include "base/strv.h"
#include "container/engine.h"
#include "container/state.h"

struct stats_one {
	char *id, *name;		/* owned */
	bool is_running;		/* else all numbers are 0 */
	bool is_summed;			/* from /proc */
	bool has_net;			/* it has a network namespace of its own */
	int64_t created, started;		/* ns since 1970 */
	uint64_t cpu_ns, cpu_system_ns;
	uint64_t mem_bytes, mem_limit;
	uint64_t net_in, net_out, block_in, block_out, pids;
};
struct stats {
	struct stats_one *v;		/* owned; in the order asked for, else newest first */
	size_t n;
	int64_t taken;			/* ns since 1970 */
};
/* names: NULL or empty for the running containers, with all for every container. */
int stats_collect(struct stats *out, struct engine *g, const struct strv *names, bool all,
		  struct err *e);
void stats_clear(struct stats *s);
DEFINE_AUTO_VALUE(struct stats, stats_clear)
/* Share of one processor in percent since before (NULL: since its start), and since its start. */
double stats_cpu_percent(const struct stats *now, size_t i, const struct stats *before);
double stats_cpu_average(const struct stats *now, size_t i);
/* /proc/PID/net/dev: bytes of all interfaces but lo. */
void stats_parse_net(const char *text, uint64_t *in, uint64_t *out);
/* io.stat of a cgroup. */
void stats_parse_io(const char *text, uint64_t *in, uint64_t *out);
