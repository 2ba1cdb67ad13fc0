/* SPDX-License-Identifier: Apache-2.0 */
#include "container/ctr_cgroup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The plan of c, one "file=value" a line, defaults behind "|". */
static char *planned(const struct container_config *c)
{
	auto_of(ctr_cgroup_plan_clear) struct ctr_cgroup_plan p = { 0 };
	autofree char *wanted = NULL, *defaults = NULL;
	struct err e = { 0 };

	assert_int_equal(ctr_cgroup_plan(&p, c, &e), 0);
	assert_int_equal(p.wanted.n, p.options.n);
	wanted = strv_join(&p.wanted, ";");
	defaults = strv_join(&p.defaults, ";");
	return xasprintf("%s|%s", wanted, defaults);
}

#define assert_plan(c, text) do { \
	autofree char *got_ = planned(c); \
	assert_string_equal(got_, text); \
} while (0)

static void assert_usage(const struct container_config *c, const char *part)
{
	auto_of(ctr_cgroup_plan_clear) struct ctr_cgroup_plan p = { 0 };
	struct err e = { 0 };

	assert_int_equal(ctr_cgroup_plan(&p, c, &e), -ERR_USAGE);
	assert_non_null(strstr(e.msg, part));
}

static void nothing_asked(void **state)
{
	auto_of(config_clear) struct container_config c;

	(void)state;
	config_init(&c);
	assert_plan(&c, "|pids.max=2048");
	c.has_pids_limit = true;
	c.pids_limit = -1;
	assert_plan(&c, "|");
	c.pids_limit = 33;
	assert_plan(&c, "pids.max=33|");
}

static void memory(void **state)
{
	auto_of(config_clear) struct container_config c;

	(void)state;
	config_init(&c);
	c.has_pids_limit = true;
	c.memory = 64 << 20;
	assert_plan(&c, "memory.max=67108864|memory.swap.max=67108864");
	c.memory_swap = 64 << 20;
	assert_plan(&c, "memory.max=67108864;memory.swap.max=0|");
	c.memory_swap = 96 << 20;
	c.memory_reservation = 1 << 20;
	assert_plan(&c, "memory.max=67108864;memory.low=1048576;memory.swap.max=33554432|");
	c.memory_swap = -1;
	assert_plan(&c, "memory.max=67108864;memory.low=1048576;memory.swap.max=max|");
	c.memory_swap = 1 << 20;
	assert_usage(&c, "--memory-swap");
	c.memory = c.memory_reservation = 0;
	assert_usage(&c, "needs --memory");
	c.memory_swap = 0;
	c.memory = 1;
	c.memory_reservation = 2;
	assert_usage(&c, "--memory-reservation");
}

static void processors(void **state)
{
	auto_of(config_clear) struct container_config c;

	(void)state;
	config_init(&c);
	c.has_pids_limit = true;
	c.cpus = 0.5;
	assert_plan(&c, "cpu.max=50000 100000|");
	c.cpu_quota = 5000;
	assert_usage(&c, "--cpus");
	c.cpus = 0;
	assert_plan(&c, "cpu.max=5000 100000|");
	c.cpu_period = 20000;
	assert_plan(&c, "cpu.max=5000 20000|");
	c.cpu_quota = -1;
	assert_plan(&c, "cpu.max=max 20000|");
	c.cpu_period = 999;
	assert_usage(&c, "--cpu-period");
	c.cpu_period = 0;
	c.cpu_quota = 999;
	assert_usage(&c, "--cpu-quota");
	c.cpu_quota = 0;
	c.cpus = 0.001;
	assert_usage(&c, "--cpus");
	c.cpus = 0;
	c.cpu_shares = 512;
	c.cpuset_cpus = xstrdup("0-1");
	c.cpuset_mems = xstrdup("0");
	assert_plan(&c, "cpu.weight=20;cpuset.cpus=0-1;cpuset.mems=0|");
}

static void weights(void **state)
{
	(void)state;
	assert_int_equal(ctr_cgroup_cpu_weight(0), 1);
	assert_int_equal(ctr_cgroup_cpu_weight(2), 1);
	assert_int_equal(ctr_cgroup_cpu_weight(1024), 39);
	assert_int_equal(ctr_cgroup_cpu_weight(262144), 10000);
	assert_int_equal(ctr_cgroup_cpu_weight(UINT64_MAX), 10000);
	assert_int_equal(ctr_cgroup_io_weight(10), 1);
	assert_int_equal(ctr_cgroup_io_weight(1000), 10000);
}

static void devices(void **state)
{
	auto_of(config_clear) struct container_config c;

	(void)state;
	config_init(&c);
	c.has_pids_limit = true;
	c.blkio_weight = xstrdup("500");
	strv_add(&c.blkio_weight_device, "/dev/null:10");
	strv_add(&c.device_read_bps, "/dev/null:1m");
	strv_add(&c.device_write_iops, "/dev/zero:100");
	assert_plan(&c, "io.bfq.weight=default 500;io.weight=default 4950;io.bfq.weight=1:3 10;"
		    "io.weight=1:3 1;io.max=1:3 rbps=1048576;io.max=1:5 wiops=100|");
	strv_add(&c.device_read_iops, "/dev/zero:1m");
	assert_usage(&c, "--device-read-iops");
	strv_clear(&c.device_read_iops);
	strv_add(&c.device_read_iops, "null:1");
	assert_usage(&c, "expected /dev/NAME:NUMBER");
	xreplace(&c.blkio_weight, "9");
	assert_usage(&c, "--blkio-weight");
}

static void conf(void **state)
{
	auto_of(config_clear) struct container_config c;

	(void)state;
	config_init(&c);
	c.has_pids_limit = true;
	strv_add(&c.cgroup_conf, "memory.high=1000");
	assert_plan(&c, "memory.high=1000|");
	strv_add(&c.cgroup_conf, "procs=1");
	assert_usage(&c, "--cgroup-conf");
}

static void what_is_not_delegated(void **state)
{
	auto_of(config_clear) struct container_config c;
	auto_of(ctr_cgroup_plan_clear) struct ctr_cgroup_plan p = { 0 };
	auto_of(strv_clear) struct strv have = { 0 }, out = { 0 };
	struct err e = { 0 };

	(void)state;
	config_init(&c);
	c.cpus = 2;
	assert_int_equal(ctr_cgroup_plan(&p, &c, &e), 0);
	assert_int_equal(ctr_cgroup_plan_check(&p, &have, "do this", &out, &e), -ERR_UNSUPPORTED);
	assert_non_null(strstr(e.msg, "--cpus"));
	assert_non_null(strstr(e.msg, "'cpu'"));
	assert_non_null(strstr(e.msg, "do this"));
	strv_add(&have, "cpuset");
	assert_int_equal(ctr_cgroup_plan_check(&p, &have, "", &out, &e), -ERR_UNSUPPORTED);
	strv_add(&have, "cpu");
	assert_int_equal(ctr_cgroup_plan_check(&p, &have, "", &out, &e), 0);
	assert_int_equal(out.n, 1);
	assert_string_equal(out.v[0], "cpu.max=200000 100000");
	strv_clear(&out);
	strv_add(&have, "pids");
	assert_int_equal(ctr_cgroup_plan_check(&p, &have, "", &out, &e), 0);
	assert_int_equal(out.n, 2);
}

static char *changed(const struct container_config *old, const struct container_config *new)
{
	auto_of(ctr_cgroup_plan_clear) struct ctr_cgroup_plan p = { 0 };
	autofree char *wanted = NULL, *defaults = NULL;
	struct err e = { 0 };

	assert_int_equal(ctr_cgroup_plan_change(&p, old, new, &e), 0);
	assert_int_equal(p.wanted.n, p.options.n);
	wanted = strv_join(&p.wanted, ";");
	defaults = strv_join(&p.defaults, ";");
	return xasprintf("%s|%s", wanted, defaults);
}

#define assert_change(old, new, text) do { \
	autofree char *got_ = changed(old, new); \
	assert_string_equal(got_, text); \
} while (0)

static void changes(void **state)
{
	auto_of(config_clear) struct container_config none, a;

	(void)state;
	config_init(&none);
	config_init(&a);
	assert_change(&none, &a, "|");
	a.memory = 1 << 20;
	a.cpu_shares = 1024;
	assert_change(&none, &a, "memory.max=1048576;cpu.weight=39|memory.swap.max=1048576");
	assert_change(&a, &none, "|memory.max=max;cpu.weight=100;memory.swap.max=max");
	assert_change(&a, &a, "|");
	config_clear(&a);
	config_init(&a);
	a.has_pids_limit = true;
	a.pids_limit = -1;
	assert_change(&none, &a, "|pids.max=max");
	assert_change(&a, &none, "|pids.max=2048");
	a.pids_limit = 7;
	assert_change(&none, &a, "pids.max=7|");
	strv_add(&a.device_read_bps, "/dev/null:1m");
	strv_add(&a.device_write_bps, "/dev/null:1m");
	xreplace(&a.blkio_weight, "500");
	assert_change(&a, &none, "|io.bfq.weight=default 100;io.weight=default 100;"
		      "io.max=1:3 rbps=max;io.max=1:3 wbps=max;pids.max=2048");
	strv_clear(&a.device_read_bps);
	strv_add(&a.device_read_bps, "/dev/null:x");
	{
		auto_of(ctr_cgroup_plan_clear) struct ctr_cgroup_plan p = { 0 };
		struct err e = { 0 };

		assert_int_equal(ctr_cgroup_plan_change(&p, &none, &a, &e), -ERR_USAGE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_asked), cmocka_unit_test(memory),
		cmocka_unit_test(processors), cmocka_unit_test(weights),
		cmocka_unit_test(devices), cmocka_unit_test(conf),
		cmocka_unit_test(what_is_not_delegated), cmocka_unit_test(changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
