/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/health_opts.h"

#include "base/units.h"

#define C struct container_config

static int number(const struct opt *o, const char *value, int64_t min, int64_t *out, struct err *e)
{
	if (units_parse_int(value, out) < 0 || *out < min || *out > INT32_MAX)
		return err_set(e, ERR_USAGE, "--%s '%s': expected a number from %lld up", o->name, value,
			       (long long)min);
	return 0;
}

static int opt_retries(void *args, const struct opt *o, const char *value, struct err *e)
{
	return number(o, value, 1, &((C *)args)->health_retries, e);
}

static int opt_log_count(void *args, const struct opt *o, const char *value, struct err *e)
{
	return number(o, value, 0, &((C *)args)->health_max_log_count, e);
}

static int opt_log_size(void *args, const struct opt *o, const char *value, struct err *e)
{
	return number(o, value, 0, &((C *)args)->health_max_log_size, e);
}

static int opt_startup_retries(void *args, const struct opt *o, const char *value, struct err *e)
{
	return number(o, value, 0, &((C *)args)->health_startup_retries, e);
}

static int opt_startup_success(void *args, const struct opt *o, const char *value, struct err *e)
{
	return number(o, value, 0, &((C *)args)->health_startup_success, e);
}

const struct opt health_opts[] = {
	OPT_STR(0, "health-cmd", C, health_cmd, "CMD", "health check: a shell line, a JSON list, or none"),
	OPT_ALIAS(0, "healthcheck-command", "health-cmd"),
	OPT_STR(0, "health-interval", C, health_interval, "TIME", "time between health checks (default 30s), or disable"),
	OPT_ALIAS(0, "healthcheck-interval", "health-interval"),
	OPT_STR(0, "health-log-destination", C, health_log_destination, "WHERE", "results also go: local (nowhere), events_logger, or into files of a directory"),
	OPT_FN(0, "health-max-log-count", opt_log_count, "N", "results kept (default 5; 0: as many as there is room for, 100)"),
	OPT_FN(0, "health-max-log-size", opt_log_size, "N", "bytes of output kept of each (default 500; 0: 16 KiB)"),
	OPT_STR(0, "health-on-failure", C, health_on_failure, "ACTION", "when unhealthy: none, kill, restart or stop"),
	OPT_FN(0, "health-retries", opt_retries, "N", "failures in a row that make it unhealthy (default 3)"),
	OPT_ALIAS(0, "healthcheck-retries", "health-retries"),
	OPT_NEVER(0, "health-start-interval", "TIME", "a check for the start has its own interval: --health-startup-cmd with --health-startup-interval"),
	OPT_STR(0, "health-start-period", C, health_start_period, "TIME", "time from the start in which failures do not count"),
	OPT_ALIAS(0, "healthcheck-start-period", "health-start-period"),
	OPT_STR(0, "health-startup-cmd", C, health_startup_cmd, "CMD", "check that must succeed before the health check begins"),
	OPT_STR(0, "health-startup-interval", C, health_startup_interval, "TIME", "time between startup checks"),
	OPT_FN(0, "health-startup-retries", opt_startup_retries, "N", "failed startup checks before a restart (default 0: any number)"),
	OPT_FN(0, "health-startup-success", opt_startup_success, "N", "successes in a row that end the startup (default 1)"),
	OPT_STR(0, "health-startup-timeout", C, health_startup_timeout, "TIME", "longest time of a startup check"),
	OPT_STR(0, "health-timeout", C, health_timeout, "TIME", "longest time of a health check (default 30s)"),
	OPT_ALIAS(0, "healthcheck-timeout", "health-timeout"),
	OPT_STR(0, "restart", C, restart, "POLICY", "start it again: no, on-failure[:N], always, unless-stopped"),
	OPT_END,
};
