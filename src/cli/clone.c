/* SPDX-License-Identifier: Apache-2.0 */
/* container clone: one more container like that one, with other limits, another image or name. */
#include "container/clone.h"

#include "cli/cmd.h"
#include "cli/limit_opts.h"
#include "container/create.h"
#include "container/lifecycle.h"
#include "container/state.h"

#include <stdio.h>

struct clone_args {
	struct container_config limits;	/* only those that were given */
	char *name;
	bool destroy, force, run;
};

#define L(field) limits.field

static const struct opt clone_opts[] = {
	OPT_STR(0, "blkio-weight", struct clone_args, L(blkio_weight), "N", "share of the disks' time, 10 to 1000"),
	OPT_LIST(0, "blkio-weight-device", struct clone_args, L(blkio_weight_device), "DEV:N", "the same for one disk"),
	OPT_UINT(0, "cpu-period", struct clone_args, L(cpu_period), "USEC", "period of --cpu-quota"),
	OPT_INT(0, "cpu-quota", struct clone_args, L(cpu_quota), "USEC", "processor time in each period"),
	OPT_NEVER(0, "cpu-rt-period", "N", "real-time scheduling of groups exists on cgroup v1 only, as root"),
	OPT_NEVER(0, "cpu-rt-runtime", "N", "real-time scheduling of groups exists on cgroup v1 only, as root"),
	OPT_UINT('c', "cpu-shares", struct clone_args, L(cpu_shares), "N", "share of the processors' time; 1024 is normal"),
	OPT_DOUBLE(0, "cpus", struct clone_args, L(cpus), "N", "number of processors, as 1.5"),
	OPT_STR(0, "cpuset-cpus", struct clone_args, L(cpuset_cpus), "LIST", "processors it may run on, as 0-3,8"),
	OPT_STR(0, "cpuset-mems", struct clone_args, L(cpuset_mems), "LIST", "memory nodes it may use"),
	OPT_FLAG(0, "destroy", struct clone_args, destroy, "remove the original"),
	OPT_LIST(0, "device-read-bps", struct clone_args, L(device_read_bps), "DEV:SIZE", "bytes a second read from a device"),
	OPT_LIST(0, "device-write-bps", struct clone_args, L(device_write_bps), "DEV:SIZE", "bytes a second written to a device"),
	OPT_FLAG('f', "force", struct clone_args, force, "with --destroy: also one that runs"),
	OPT_BYTES('m', "memory", struct clone_args, L(memory), "SIZE", "memory limit"),
	OPT_BYTES(0, "memory-reservation", struct clone_args, L(memory_reservation), "SIZE", "memory that is protected from others"),
	OPT_BYTES(0, "memory-swap", struct clone_args, L(memory_swap), "SIZE", "memory and swap together; -1 unlimited"),
	OPT_NEVER(0, "memory-swappiness", "N", "cgroup v2 has no such setting"),
	OPT_STR(0, "name", struct clone_args, name, "NAME", "name of the clone (default: the original's and -clone)"),
	OPT_LATER(0, "pod", "NAME", "a container is put into a pod by create"),
	OPT_FLAG(0, "run", struct clone_args, run, "start the clone"),
	OPT_END,
};

static void clone_init(void *args)
{
	limit_opts_forget(&((struct clone_args *)args)->limits);
}

static int check_destroy(struct cmd_context *c, struct record *from, const struct clone_args *a,
			 struct err *e)
{
	auto_of(state_clear) struct state st = { 0 };

	if (a->force && !a->destroy)
		return err_set(e, ERR_USAGE, "container clone: --force goes with --destroy");
	if (!a->destroy || a->force)
		return 0;
	if (lifecycle_state(&st, c->engine, from, e) < 0)
		return -e->code;
	if (state_is_alive(&st) || st.is_restarting)
		return err_set(e, ERR_IN_USE, "container %s is %s: --destroy needs --force then",
			       from->config.name, state_name(st.status));
	return 0;
}

static int finish(struct cmd_context *c, const struct record *from, const struct clone_args *a,
		  const char *id, struct err *e)
{
	const struct lifecycle_remove how = { .force = a->force, .timeout = -1 };
	const struct lifecycle_start start = { .is_attached = false };
	auto_of(record_free) struct record *rec = NULL;
	bool is_detached;
	int code;

	if (a->destroy && lifecycle_remove(c->engine, from->id, &how, e) < 0)
		return err_wrap(e, "the clone %.12s is made, but the original stays", id);
	if (!a->run)
		return 0;
	if (record_open(&rec, c->engine, id, e) < 0)
		return -e->code;
	return lifecycle_start(c->engine, rec, &start, &code, &is_detached, e);
}

static int clone_main(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	const struct clone_args *a = args;
	auto_of(record_free) struct record *from = NULL;
	auto_of(config_clear) struct container_config config;
	const char *name = rest->n > 1 ? rest->v[1] : NULL;

	config_init(&config);
	if (name && a->name)
		return err_set(e, ERR_USAGE, "container clone: the name is given twice, as '%s' and with "
			       "--name", name);
	if (record_open(&from, c->engine, rest->v[0], e) < 0 || check_destroy(c, from, a, e) < 0 ||
	    clone_config(&config, c->engine, from, rest->n > 2 ? rest->v[2] : NULL, e) < 0)
		return -e->code;
	limit_opts_change(&config, &a->limits);
	config.name = name || a->name ? xstrdup(name ? name : a->name) : clone_name(c->engine, from);
	if (create_container(c->engine, &config, e) < 0)
		return err_wrap(e, "clone container %s", from->config.name);
	printf("%s\n", config.id);
	return finish(c, from, a, config.id, e);
}

const struct cmd cmd_container_clone = {
	.path = "container clone", .args = "CONTAINER [NAME [IMAGE]]",
	.help = "make a container like another one", .opts = clone_opts,
	.args_size = sizeof(struct clone_args), .min_args = 1, .max_args = 3, .needs = NEED_ENGINE,
	.init = clone_init, .fn = clone_main,
};
