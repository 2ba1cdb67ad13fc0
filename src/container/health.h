/* SPDX-License-Identifier: Apache-2.0 */
/* health: what the health check of a container is, and what its results make of the container.
 *
 * Runs in:  health_run: a process of its own, or the command (it waits for the check); else any.
 * Owns:     struct health_plan (health_plan_clear).
 * Needs:    health_run: a container that runs.
 * Fails:    ERR_USAGE an option's value; health_record: EAGAIN somebody has the container's lock.
 * Not here: when it is due (monitor_health.c).
 * Source:   image-spec config.md (Healthcheck), podman-run(1).
 */
#pragma once

#include "base/err.h"
#include "base/json.h"
#include "base/strv.h"
#include "container/config.h"
#include "container/engine.h"
#include "container/record.h"

#define HEALTH_OUTPUT_MAX 16384		/* bytes kept of what a check says */
#define HEALTH_LOG_EVENTS "events_logger"	/* --health-log-destination: the events tell all */
#define HEALTH_LOG_MAX 100		/* results kept when any number is asked for */

enum health_on_failure {
	HEALTH_ON_FAILURE_NONE, HEALTH_ON_FAILURE_KILL, HEALTH_ON_FAILURE_RESTART,
	HEALTH_ON_FAILURE_STOP, N_HEALTH_ON_FAILURES
};

struct health_plan {
	struct strv command;		/* empty: no health check */
	int64_t interval;		/* ns; 0: no timer */
	int64_t timeout, start_period;	/* ns */
	int64_t retries;
	enum health_on_failure on_failure;
	struct strv startup;		/* empty: none */
	int64_t startup_interval, startup_timeout;
	int64_t startup_retries;	/* 0: any number */
	int64_t startup_success;
	size_t log_count, output_max;
};
int health_plan_load(struct health_plan *out, const struct container_config *c, struct err *e);
void health_plan_clear(struct health_plan *p);
DEFINE_AUTO_VALUE(struct health_plan, health_plan_clear)
/* The same as the image's JSON has it, for inspect; NULL: none. */
struct json *health_describe(const struct container_config *c);
struct json *health_describe_startup(const struct container_config *c);

struct health_result {
	int64_t start, end;		/* ns since 1970 */
	int exit_code;			/* 0: healthy; -1: did not end in time */
	size_t n;
	char output[HEALTH_OUTPUT_MAX];
};
/* Runs one check in the container and waits for it. ESRCH or EINVAL: the container does not run. */
int health_run(struct engine *g, struct record *r, const struct strv *command, int64_t timeout,
	       struct health_result *out, struct err *e);

/* --health-log-destination: "local", HEALTH_LOG_EVENTS, or a directory, which becomes absolute. */
int health_settle_log(struct container_config *c, struct err *e);
struct json *health_new(const struct json *before);	/* "starting"; the results before may be NULL */
enum health_change { HEALTH_SAME, HEALTH_TURNED_HEALTHY, HEALTH_TURNED_UNHEALTHY };
/* Adds a result. is_early: within the start period, where failures do not count. */
enum health_change health_note(struct json *health, const struct health_plan *p,
			       const struct health_result *r, bool is_early);
/* The same in state.json; *now: a copy of what is there then, owned. */
int health_record(struct record *r, const struct health_plan *p, const struct health_result *result,
		  struct json **now, enum health_change *change, struct err *e);

/* The event of it, with what the check said where that is wanted. */
void health_tell(struct engine *g, const struct container_config *c, const struct json *health);

struct health_startup {
	int64_t successes, failures;
};
enum health_startup_outcome { HEALTH_STARTUP_GOES_ON, HEALTH_STARTUP_DONE, HEALTH_STARTUP_FAILED };
enum health_startup_outcome health_startup_note(struct health_startup *s, const struct health_plan *p,
						bool is_ok);
