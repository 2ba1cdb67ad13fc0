/* SPDX-License-Identifier: Apache-2.0 */
#include "container/ctr_cgroup.h"

#include "base/str.h"
#include "base/units.h"
#include "runtime/affinity.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#define DEFAULT_PIDS 2048
#define DEFAULT_PERIOD 100000

static void want(struct ctr_cgroup_plan *p, const char *option, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void want(struct ctr_cgroup_plan *p, const char *option, const char *fmt, ...)
{
	auto_of(str_clear) struct str s = { 0 };
	va_list ap;

	va_start(ap, fmt);
	str_addv(&s, fmt, ap);
	va_end(ap);
	strv_add(&p->wanted, str_peek(&s));
	strv_add(&p->options, option);
}

void ctr_cgroup_plan_clear(struct ctr_cgroup_plan *p)
{
	strv_clear(&p->wanted);
	strv_clear(&p->options);
	strv_clear(&p->defaults);
}

uint64_t ctr_cgroup_cpu_weight(uint64_t shares)
{
	if (shares < 2)
		shares = 2;
	if (shares > 262144)
		shares = 262144;
	return 1 + (shares - 2) * 9999 / 262142;
}

uint64_t ctr_cgroup_io_weight(uint64_t blkio)
{
	return 1 + (blkio - 10) * 9999 / 990;
}

/* --memory-swap is memory and swap together, the kernel's file is swap alone. */
static int plan_memory(struct ctr_cgroup_plan *p, const struct container_config *c, struct err *e)
{
	if (c->memory < 0)
		return err_set(e, ERR_USAGE, "--memory: a limit cannot be negative, 0 is none");
	if (c->memory_reservation < 0)
		return err_set(e, ERR_USAGE, "--memory-reservation: it cannot be negative, 0 is none");
	if (c->memory_swap < -1)
		return err_set(e, ERR_USAGE, "--memory-swap: expected a size, or -1 for no limit");
	if (c->memory > 0)
		want(p, "--memory", "memory.max=%" PRId64, c->memory);
	if (c->memory_reservation > 0) {
		if (c->memory > 0 && c->memory_reservation > c->memory)
			return err_set(e, ERR_USAGE, "--memory-reservation is more than --memory");
		want(p, "--memory-reservation", "memory.low=%" PRId64, c->memory_reservation);
	}
	if (c->memory_swap == -1) {
		want(p, "--memory-swap", "memory.swap.max=max");
	} else if (c->memory_swap > 0) {
		if (c->memory <= 0)
			return err_set(e, ERR_USAGE, "--memory-swap needs --memory: it is the sum of both");
		if (c->memory_swap < c->memory)
			return err_set(e, ERR_USAGE, "--memory-swap is the sum of memory and swap: it "
				       "cannot be less than --memory");
		want(p, "--memory-swap", "memory.swap.max=%" PRId64, c->memory_swap - c->memory);
	} else if (c->memory > 0) {
		/* As everybody documents it: as much swap again. */
		strv_addf(&p->defaults, "memory.swap.max=%" PRId64, c->memory);
	}
	return 0;
}

/* "0-3,8" */
static int plan_set(struct ctr_cgroup_plan *p, const char *option, const char *file, const char *list,
		    struct err *e)
{
	cpu_set_t set;

	if (str_empty(list))
		return 0;
	if (affinity_parse(list, &set) < 0)
		return err_set(e, ERR_USAGE, "%s '%s': expected numbers and ranges, as 0-3,8", option, list);
	want(p, option, "%s=%s", file, list);
	return 0;
}

static int plan_cpu(struct ctr_cgroup_plan *p, const struct container_config *c, struct err *e)
{
	uint64_t period = c->cpu_period ? c->cpu_period : DEFAULT_PERIOD;

	if (c->cpus < 0 || c->cpus > 100000)
		return err_set(e, ERR_USAGE, "--cpus: expected a number of processors, as 1.5");
	if (c->cpus > 0 && (c->cpu_quota || c->cpu_period))
		return err_set(e, ERR_USAGE, "--cpu-quota or --cpu-period and --cpus cannot be set together");
	if (c->cpu_period && (c->cpu_period < 1000 || c->cpu_period > 1000000))
		return err_set(e, ERR_USAGE, "--cpu-period: expected 1000 to 1000000 microseconds");
	if (c->cpus > 0 && c->cpus < 0.01)
		return err_set(e, ERR_USAGE, "--cpus: 0.01 is the least that the kernel knows");
	if (c->cpu_quota < -1 || (c->cpu_quota > 0 && c->cpu_quota < 1000))
		return err_set(e, ERR_USAGE, "--cpu-quota: expected -1 or at least 1000 microseconds");
	if (c->cpus > 0)
		want(p, "--cpus", "cpu.max=%" PRIu64 " %d", (uint64_t)(c->cpus * DEFAULT_PERIOD + 0.5),
		     DEFAULT_PERIOD);
	else if (c->cpu_quota > 0)
		want(p, "--cpu-quota", "cpu.max=%" PRId64 " %" PRIu64, c->cpu_quota, period);
	else if (c->cpu_period || c->cpu_quota)
		want(p, c->cpu_period ? "--cpu-period" : "--cpu-quota", "cpu.max=max %" PRIu64, period);
	if (c->cpu_shares)
		want(p, "--cpu-shares", "cpu.weight=%" PRIu64, ctr_cgroup_cpu_weight(c->cpu_shares));
	return plan_set(p, "--cpuset-cpus", "cpuset.cpus", c->cpuset_cpus, e) < 0 ||
	       plan_set(p, "--cpuset-mems", "cpuset.mems", c->cpuset_mems, e) < 0 ? -e->code : 0;
}

/* "DEVICE:VALUE"; the device's number, the value's text. */
static int split_device(const char *option, const char *text, dev_t *dev, const char **value,
			struct err *e)
{
	const char *colon = strrchr(text, ':');
	autofree char *path = colon ? xstrndup(text, colon - text) : NULL;
	struct stat st;

	if (!path || *path != '/' || !colon[1])
		return err_set(e, ERR_USAGE, "%s '%s': expected /dev/NAME:NUMBER", option, text);
	if (stat(path, &st) < 0)
		return err_sys(e, errno, "%s %s", option, path);
	if (!S_ISBLK(st.st_mode) && !S_ISCHR(st.st_mode))
		return err_set(e, ENOTBLK, "%s %s: not a device", option, path);
	*dev = st.st_rdev;
	*value = colon + 1;
	return 0;
}

/* Which of the two files the kernel has depends on the scheduler of the disks: the one that is not
 * there is left out by ctr_cgroup.c. */
static int want_weight(struct ctr_cgroup_plan *p, const char *option, const char *prefix,
		       const char *text, struct err *e)
{
	uint64_t n;

	if (units_parse_uint(text, &n) < 0 || n < 10 || n > 1000)
		return err_set(e, ERR_USAGE, "%s '%s': expected a weight from 10 to 1000", option, text);
	want(p, option, "io.bfq.weight=%s %" PRIu64, prefix, n);
	want(p, option, "io.weight=%s %" PRIu64, prefix, ctr_cgroup_io_weight(n));
	return 0;
}

static int plan_weights(struct ctr_cgroup_plan *p, const struct container_config *c, struct err *e)
{
	if (!str_empty(c->blkio_weight) && !str_eq(c->blkio_weight, "0") &&
	    want_weight(p, "--blkio-weight", "default", c->blkio_weight, e) < 0)
		return -e->code;
	for (size_t i = 0; i < c->blkio_weight_device.n; i++) {
		const char *value;
		char prefix[32];
		dev_t dev;

		if (split_device("--blkio-weight-device", c->blkio_weight_device.v[i], &dev, &value,
				 e) < 0)
			return -e->code;
		snprintf(prefix, sizeof(prefix), "%u:%u", major(dev), minor(dev));
		if (want_weight(p, "--blkio-weight-device", prefix, value, e) < 0)
			return -e->code;
	}
	return 0;
}

static int plan_rates(struct ctr_cgroup_plan *p, const char *option, const struct strv *list,
		      const char *key, bool is_bytes, struct err *e)
{
	for (size_t i = 0; i < list->n; i++) {
		const char *value;
		int64_t n;
		dev_t dev;

		if (split_device(option, list->v[i], &dev, &value, e) < 0)
			return -e->code;
		if ((is_bytes ? units_parse_bytes(value, &n) : units_parse_int(value, &n)) < 0 || n < 0)
			return err_set(e, ERR_USAGE, "%s '%s': expected a rate behind the colon", option,
				       list->v[i]);
		if (n == 0)
			want(p, option, "io.max=%u:%u %s=max", major(dev), minor(dev), key);
		else
			want(p, option, "io.max=%u:%u %s=%" PRId64, major(dev), minor(dev), key, n);
	}
	return 0;
}

static int plan_conf(struct ctr_cgroup_plan *p, const struct container_config *c, struct err *e)
{
	for (size_t i = 0; i < c->cgroup_conf.n; i++) {
		const char *text = c->cgroup_conf.v[i], *eq = strchr(text, '='), *dot = strchr(text, '.');

		if (!eq || !dot || dot > eq || dot == text || !eq[1])
			return err_set(e, ERR_USAGE, "--cgroup-conf '%s': expected FILE=VALUE, as "
				       "memory.high=1000000", text);
		want(p, "--cgroup-conf", "%s", text);
	}
	return 0;
}

static int check_mode(const struct container_config *c, struct err *e)
{
	static const char *const modes[] = { "enabled", "disabled", "no-conmon", "split" };

	for (size_t i = 0; c->cgroups && i < ARRAY_SIZE(modes); i++)
		if (str_eq(c->cgroups, modes[i]))
			return 0;
	return !c->cgroups ? 0 : err_set(e, ERR_USAGE, "--cgroups: invalid cgroup mode \"%s\": none of enabled, disabled, "
					 "no-conmon, split", c->cgroups);
}

int ctr_cgroup_plan(struct ctr_cgroup_plan *p, const struct container_config *c, struct err *e)
{
	if (check_mode(c, e) < 0 || plan_memory(p, c, e) < 0 || plan_cpu(p, c, e) < 0 || plan_weights(p, c, e) < 0 ||
	    plan_rates(p, "--device-read-bps", &c->device_read_bps, "rbps", true, e) < 0 ||
	    plan_rates(p, "--device-write-bps", &c->device_write_bps, "wbps", true, e) < 0 ||
	    plan_rates(p, "--device-read-iops", &c->device_read_iops, "riops", false, e) < 0 ||
	    plan_rates(p, "--device-write-iops", &c->device_write_iops, "wiops", false, e) < 0)
		return -e->code;
	if (!c->has_pids_limit && c->pids_limit >= 0)	/* not 0: containers.conf */
		strv_addf(&p->defaults, "pids.max=%" PRId64, c->pids_limit ? c->pids_limit : DEFAULT_PIDS);
	else if (c->pids_limit > 0)
		want(p, "--pids-limit", "pids.max=%" PRId64, c->pids_limit);
	/* Last: who names the kernel's file means it. */
	return plan_conf(p, c, e);
}

static bool has_controller(const struct strv *controllers, const char *setting)
{
	autofree char *name = xstrndup(setting, strcspn(setting, "."));

	return str_eq(name, "cgroup") || strv_has(controllers, name);
}

int ctr_cgroup_plan_check(const struct ctr_cgroup_plan *p, const struct strv *controllers,
			  const char *remedy, struct strv *out, struct err *e)
{
	for (size_t i = 0; i < p->wanted.n; i++) {
		const char *setting = p->wanted.v[i];

		if (!has_controller(controllers, setting))
			return err_set(e, ERR_UNSUPPORTED, "%s: the cgroup controller '%.*s' is not "
				       "delegated to your user: %s", p->options.v[i],
				       (int)strcspn(setting, "."), setting, remedy);
		strv_add(out, setting);
	}
	for (size_t i = 0; i < p->defaults.n; i++)
		if (has_controller(controllers, p->defaults.v[i]))
			strv_add(out, p->defaults.v[i]);
	return 0;
}

/* "cpu.max", or "io.max=8:0 rbps": what a later setting of the same replaces. */
static size_t setting_key_len(const char *setting)
{
	const char *eq = strchr(setting, '=');
	const char *end;

	if (!str_after(setting, "io."))
		return eq - setting;
	end = strpbrk(eq + 1, " ");
	if (end && str_after(setting, "io.max"))
		end = strchrnul(end, '=');
	return end ? (size_t)(end - setting) : strlen(setting);
}

static bool has_key(const struct strv *list, const char *setting, size_t len)
{
	for (size_t i = 0; i < list->n; i++)
		if (setting_key_len(list->v[i]) == len && memcmp(list->v[i], setting, len) == 0)
			return true;
	return false;
}

/* What the kernel has where nobody has set anything. */
static char *without_limit(const char *setting, size_t key_len)
{
	static const struct {
		const char *file, *value;
	} values[] = {
		{ "cpu.max", "max 100000" }, { "cpu.weight", "100" }, { "cpuset.cpus", "" },
		{ "cpuset.mems", "" }, { "memory.low", "0" }, { "memory.max", "max" },
		{ "memory.swap.max", "max" }, { "pids.max", "max" },
	};
	size_t n = strcspn(setting, "=");

	for (size_t i = 0; i < ARRAY_SIZE(values); i++)
		if (strlen(values[i].file) == n && memcmp(values[i].file, setting, n) == 0)
			return xasprintf("%s=%s", values[i].file, values[i].value);
	if (str_after(setting, "io.max="))
		return xasprintf("%.*s=max", (int)key_len, setting);
	if (str_after(setting, "io.weight=") || str_after(setting, "io.bfq.weight="))
		return xasprintf("%.*s 100", (int)key_len, setting);
	/* --cgroup-conf: nobody knows what was there before. */
	return NULL;
}

static void drop_limits(const struct strv *before, const struct ctr_cgroup_plan *after,
			struct ctr_cgroup_plan *out)
{
	for (size_t i = 0; i < before->n; i++) {
		size_t len = setting_key_len(before->v[i]);
		char *none;

		if (has_key(&after->wanted, before->v[i], len) || has_key(&after->defaults, before->v[i], len))
			continue;
		none = without_limit(before->v[i], len);
		if (none)
			strv_add_take(&out->defaults, none);
	}
}

int ctr_cgroup_plan_change(struct ctr_cgroup_plan *out, const struct container_config *old,
			   const struct container_config *new, struct err *e)
{
	auto_of(ctr_cgroup_plan_clear) struct ctr_cgroup_plan before = { 0 }, after = { 0 };

	if (ctr_cgroup_plan(&before, old, e) < 0 || ctr_cgroup_plan(&after, new, e) < 0)
		return -e->code;
	drop_limits(&before.wanted, &after, out);
	drop_limits(&before.defaults, &after, out);
	for (size_t i = 0; i < after.wanted.n; i++) {
		if (strv_has(&before.wanted, after.wanted.v[i]))
			continue;
		strv_add(&out->wanted, after.wanted.v[i]);
		strv_add(&out->options, after.options.v[i]);
	}
	for (size_t i = 0; i < after.defaults.n; i++)
		if (!strv_has(&before.defaults, after.defaults.v[i]))
			strv_add(&out->defaults, after.defaults.v[i]);
	return 0;
}
