/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/limit_opts.h"

#include "base/units.h"

#define C struct container_config

static int opt_pids_limit(void *args, const struct opt *o, const char *value, struct err *e)
{
	C *c = args;

	if (units_parse_int(value, &c->pids_limit) < 0 || c->pids_limit < -1)
		return err_set(e, ERR_USAGE, "--%s '%s': expected a number, or -1 for no limit", o->name,
			       value);
	c->has_pids_limit = true;
	return 0;
}

const struct opt limit_opts[] = {
	OPT_STR(0, "blkio-weight", C, blkio_weight, "N", "share of the disks' time, 10 to 1000"),
	OPT_LIST(0, "blkio-weight-device", C, blkio_weight_device, "DEV:N", "the same for one disk"),
	OPT_UINT(0, "cpu-period", C, cpu_period, "USEC", "period of --cpu-quota"),
	OPT_INT(0, "cpu-quota", C, cpu_quota, "USEC", "processor time in each period"),
	OPT_NEVER(0, "cpu-rt-period", "N", "real-time scheduling of groups exists on cgroup v1 only, as root"),
	OPT_NEVER(0, "cpu-rt-runtime", "N", "real-time scheduling of groups exists on cgroup v1 only, as root"),
	OPT_UINT('c', "cpu-shares", C, cpu_shares, "N", "share of the processors' time; 1024 is normal"),
	OPT_DOUBLE(0, "cpus", C, cpus, "N", "number of processors, as 1.5"),
	OPT_STR(0, "cpuset-cpus", C, cpuset_cpus, "LIST", "processors it may run on, as 0-3,8"),
	OPT_STR(0, "cpuset-mems", C, cpuset_mems, "LIST", "memory nodes it may use"),
	OPT_LIST(0, "device-read-bps", C, device_read_bps, "DEV:SIZE", "bytes a second read from a device"),
	OPT_LIST(0, "device-read-iops", C, device_read_iops, "DEV:N", "reads a second from a device"),
	OPT_LIST(0, "device-write-bps", C, device_write_bps, "DEV:SIZE", "bytes a second written to a device"),
	OPT_LIST(0, "device-write-iops", C, device_write_iops, "DEV:N", "writes a second to a device"),
	OPT_NEVER(0, "kernel-memory", "SIZE", "the kernel removed this limit"),
	OPT_BYTES('m', "memory", C, memory, "SIZE", "memory limit"),
	OPT_BYTES(0, "memory-reservation", C, memory_reservation, "SIZE", "memory that is protected from others"),
	OPT_BYTES(0, "memory-swap", C, memory_swap, "SIZE", "memory and swap together; -1 unlimited"),
	OPT_NEVER(0, "memory-swappiness", "N", "cgroup v2 has no such setting"),
	OPT_NEVER(0, "oom-kill-disable", NULL, "cgroup v2 has no such setting"),
	OPT_FN(0, "pids-limit", opt_pids_limit, "N", "most processes; -1 unlimited (default 2048 with a cgroup)"),
	OPT_END,
};

void limit_opts_forget(struct container_config *c)
{
	c->memory = c->memory_reservation = c->memory_swap = c->cpu_quota = LIMIT_NOT_GIVEN;
	c->cpu_period = c->cpu_shares = UINT64_MAX;
	c->cpus = __builtin_nan("");
}

static void set_int(int64_t *to, int64_t from)
{
	if (from != LIMIT_NOT_GIVEN)
		*to = from;
}

static void set_list(struct strv *to, const struct strv *from)
{
	if (from->n)
		strv_copy(to, from);
}

void limit_opts_change(struct container_config *c, const struct container_config *n)
{
	set_int(&c->memory, n->memory);
	set_int(&c->memory_reservation, n->memory_reservation);
	set_int(&c->memory_swap, n->memory_swap);
	/* Two ways to say the same: the later word counts. */
	if (!__builtin_isnan(n->cpus)) {
		c->cpus = n->cpus;
		c->cpu_quota = 0;
		c->cpu_period = 0;
	} else if (n->cpu_quota != LIMIT_NOT_GIVEN || n->cpu_period != UINT64_MAX) {
		c->cpus = 0;
	}
	set_int(&c->cpu_quota, n->cpu_quota);
	if (n->cpu_period != UINT64_MAX)
		c->cpu_period = n->cpu_period;
	if (n->cpu_shares != UINT64_MAX)
		c->cpu_shares = n->cpu_shares;
	if (n->has_pids_limit) {
		c->pids_limit = n->pids_limit;
		c->has_pids_limit = true;
	}
	xreplace_given(&c->cpuset_cpus, n->cpuset_cpus);
	xreplace_given(&c->cpuset_mems, n->cpuset_mems);
	xreplace_given(&c->blkio_weight, n->blkio_weight);
	set_list(&c->blkio_weight_device, &n->blkio_weight_device);
	set_list(&c->device_read_bps, &n->device_read_bps);
	set_list(&c->device_read_iops, &n->device_read_iops);
	set_list(&c->device_write_bps, &n->device_write_bps);
	set_list(&c->device_write_iops, &n->device_write_iops);
}
