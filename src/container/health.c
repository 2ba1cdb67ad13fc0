/* SPDX-License-Identifier: Apache-2.0 */
#include "container/health.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "base/timefmt.h"
#include "container/events.h"
#include "container/state.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEFAULT_TIME INT64_C(30000000000)

static const char *const on_failure_names[] = {
	[HEALTH_ON_FAILURE_NONE] = "none", [HEALTH_ON_FAILURE_KILL] = "kill",
	[HEALTH_ON_FAILURE_RESTART] = "restart", [HEALTH_ON_FAILURE_STOP] = "stop",
};
_Static_assert(ARRAY_SIZE(on_failure_names) == N_HEALTH_ON_FAILURES, "a name for every action");

void health_plan_clear(struct health_plan *p)
{
	strv_clear(&p->command);
	strv_clear(&p->startup);
	*p = (struct health_plan){ 0 };
}

/* A JSON list, with or without Docker's first word, "CMD WORD...", or a line for the shell. */
static int parse_command(struct strv *out, const char *text, const char *option, struct err *e)
{
	auto_of(json_free) struct json *list = NULL;
	size_t first = 0;

	if (str_after(text, "CMD ")) {
		strv_split(out, str_after(text, "CMD "), ' ');
		return 0;
	}
	if (*text != '[') {
		strv_add(out, "/bin/sh");
		strv_add(out, "-c");
		strv_add(out, str_after(text, "CMD-SHELL ") ? str_after(text, "CMD-SHELL ") : text);
		return 0;
	}
	if (json_parse(&list, text, strlen(text), e) < 0 || !json_len(list))
		return err_set(e, ERR_USAGE, "--%s '%s' is no JSON list of strings", option, text);
	if (str_eq(json_str(json_at(list, 0)), "CMD"))
		first = 1;
	if (str_eq(json_str(json_at(list, 0)), "CMD-SHELL") && json_str(json_at(list, 1)))
		return parse_command(out, json_str(json_at(list, 1)), option, e);
	for (size_t i = first; i < json_len(list); i++) {
		if (!json_str(json_at(list, i)))
			return err_set(e, ERR_USAGE, "--%s '%s' is no JSON list of strings", option,
				       text);
		strv_add(out, json_str(json_at(list, i)));
	}
	return 0;
}

static void image_command(struct strv *out, const struct json *test)
{
	const char *kind = json_str(json_at(test, 0));

	if (str_eq(kind, "CMD-SHELL") && json_str(json_at(test, 1))) {
		strv_add(out, "/bin/sh");
		strv_add(out, "-c");
		strv_add(out, json_str(json_at(test, 1)));
	}
	for (size_t i = 1; str_eq(kind, "CMD") && i < json_len(test); i++)
		if (json_str(json_at(test, i)))
			strv_add(out, json_str(json_at(test, i)));
}

static int parse_time(int64_t *out, const char *text, const char *option, bool may_be_zero, struct err *e)
{
	if (!text)
		return 0;
	if (time_duration_parse(text, true, out) >= 0 && *out == 0 && !may_be_zero)
		return err_set(e, ERR_USAGE, "--%s '%s': expected more than 0", option, text);
	if (time_duration_parse(text, true, out) < 0 || *out < 0)
		return err_set(e, ERR_USAGE, "--%s '%s': invalid duration: expected a time such as 30s or 1m30s", option,
			       text);
	return 0;
}

static int parse_interval(int64_t *out, const char *text, const char *option, struct err *e)
{
	/* "0" is what Podman makes of the word. */
	if (str_eq(text, "disable")) {
		*out = 0;
		return 0;
	}
	return parse_time(out, text, option, true, e);
}

static int parse_on_failure(struct health_plan *p, const char *text, struct err *e)
{
	for (int i = 0; text && i < N_HEALTH_ON_FAILURES; i++) {
		if (str_eq(text, on_failure_names[i])) {
			p->on_failure = i;
			return 0;
		}
	}
	return text ? err_set(e, ERR_USAGE, "--health-on-failure '%s' is none of none, kill, restart, "
			      "stop", text) : 0;
}

static void take_image(struct health_plan *p, const struct json *image)
{
	int64_t interval = json_get_int(image, "Interval", 0), timeout = json_get_int(image, "Timeout", 0);
	int64_t retries = json_get_int(image, "Retries", 0);

	p->interval = interval > 0 ? interval : DEFAULT_TIME;
	p->timeout = timeout > 0 ? timeout : DEFAULT_TIME;
	p->start_period = json_get_int(image, "StartPeriod", 0);
	p->retries = retries > 0 ? retries : 3;
}

static int load_commands(struct health_plan *p, const struct container_config *c, struct err *e)
{
	bool is_own = !str_empty(c->health_cmd);

	if (c->health == CONFIG_HEALTH_NONE || (is_own && str_eq(c->health_cmd, "none")))
		return 0;
	if (!is_own)
		image_command(&p->command, json_get(c->health_image, "Test"));
	else if (parse_command(&p->command, c->health_cmd, "health-cmd", e) < 0)
		return -e->code;
	if (str_empty(c->health_startup_cmd) || str_eq(c->health_startup_cmd, "none"))
		return 0;
	if (!p->command.n)
		return err_set(e, ERR_USAGE, "--health-startup-cmd needs a health check: --health-cmd");
	return parse_command(&p->startup, c->health_startup_cmd, "health-startup-cmd", e);
}

int health_plan_load(struct health_plan *out, const struct container_config *c, struct err *e)
{
	auto_of(health_plan_clear) struct health_plan p = { 0 };

	take_image(&p, c->health_image);
	if (load_commands(&p, c, e) < 0 ||
	    parse_interval(&p.interval, c->health_interval, "health-interval", e) < 0 ||
	    parse_time(&p.timeout, c->health_timeout, "health-timeout", false, e) < 0 ||
	    parse_time(&p.start_period, c->health_start_period, "health-start-period", true, e) < 0 ||
	    parse_on_failure(&p, c->health_on_failure, e) < 0)
		return -e->code;
	p.startup_interval = p.interval;
	p.startup_timeout = p.timeout;
	if (parse_interval(&p.startup_interval, c->health_startup_interval, "health-startup-interval", e) < 0 ||
	    parse_time(&p.startup_timeout, c->health_startup_timeout, "health-startup-timeout", false, e) < 0)
		return -e->code;
	if (c->health_retries > 0)
		p.retries = c->health_retries;
	p.startup_retries = c->health_startup_retries;
	p.startup_success = c->health_startup_success > 0 ? c->health_startup_success : 1;
	p.log_count = c->health_max_log_count && c->health_max_log_count < HEALTH_LOG_MAX
			      ? c->health_max_log_count : HEALTH_LOG_MAX;
	p.output_max = c->health_max_log_size && c->health_max_log_size < HEALTH_OUTPUT_MAX
			       ? c->health_max_log_size : HEALTH_OUTPUT_MAX;
	*out = p;
	p = (struct health_plan){ 0 };
	return 0;
}

static struct json *describe_command(const struct strv *command)
{
	struct json *test = json_new_array();

	if (command->n == 3 && str_eq(command->v[0], "/bin/sh") && str_eq(command->v[1], "-c")) {
		json_add_str(test, "CMD-SHELL");
		json_add_str(test, command->v[2]);
		return test;
	}
	json_add_str(test, "CMD");
	for (size_t i = 0; i < command->n; i++)
		json_add_str(test, command->v[i]);
	return test;
}

struct json *health_describe(const struct container_config *c)
{
	auto_of(health_plan_clear) struct health_plan p = { 0 };
	struct json *j;
	struct err ignored = { 0 };

	if (health_plan_load(&p, c, &ignored) < 0 || !p.command.n)
		return NULL;
	j = json_new_object();
	json_set(j, "Test", describe_command(&p.command));
	json_set_int(j, "StartPeriod", p.start_period);
	json_set_int(j, "Interval", p.interval);
	json_set_int(j, "Timeout", p.timeout);
	json_set_int(j, "Retries", p.retries);
	return j;
}

struct json *health_describe_startup(const struct container_config *c)
{
	auto_of(health_plan_clear) struct health_plan p = { 0 };
	struct json *j;
	struct err ignored = { 0 };

	if (health_plan_load(&p, c, &ignored) < 0 || !p.startup.n)
		return NULL;
	j = json_new_object();
	json_set(j, "Test", describe_command(&p.startup));
	json_set_int(j, "Interval", p.startup_interval);
	json_set_int(j, "Timeout", p.startup_timeout);
	json_set_int(j, "Retries", p.startup_retries);
	json_set_int(j, "Successes", p.startup_success);
	return j;
}

struct json *health_new(const struct json *before)
{
	struct json *j = json_new_object();
	const struct json *log = json_get(before, "Log");

	json_set_str(j, "Status", "starting");
	json_set_int(j, "FailingStreak", 0);
	json_set(j, "Log", log ? json_copy(log) : json_new_array());
	return j;
}

/* A container says what it likes, but state.json must stay readable. */
static char *printable(const char *data, size_t n)
{
	char *text = xstrndup(data, n);

	for (char *p = text; *p;) {
		size_t len = str_utf8_len(p);

		if (!len)
			*p = '?';
		p += len ? len : 1;
	}
	return text;
}

static void add_entry(struct json *health, const struct health_plan *p, const struct health_result *r)
{
	const struct json *old = json_get(health, "Log");
	struct json *log = json_new_array(), *entry = json_new_object();
	size_t n = json_len(old), skip = n >= p->log_count ? n - p->log_count + 1 : 0;
	autofree char *output = printable(r->output, r->n < p->output_max ? r->n : p->output_max);
	char time[40];

	for (size_t i = skip; i < n; i++)
		json_add(log, json_copy(json_at(old, i)));
	json_set_str(entry, "Start", time_rfc3339(time, r->start, true));
	json_set_str(entry, "End", time_rfc3339(time, r->end, true));
	json_set_int(entry, "ExitCode", r->exit_code);
	json_set_str(entry, "Output", output);
	json_add(log, entry);
	json_set(health, "Log", log);
}

enum health_change health_note(struct json *health, const struct health_plan *p,
			       const struct health_result *r, bool is_early)
{
	const char *before = json_get_str(health, "Status"), *after = before;
	int64_t streak = json_get_int(health, "FailingStreak", 0);
	enum health_change change = HEALTH_SAME;

	if (!r->exit_code) {
		streak = 0;
		after = "healthy";
	} else if (!is_early || !str_eq(before, "starting")) {
		streak++;
		if (streak >= p->retries)
			after = "unhealthy";
	}
	if (!str_eq(before, after))
		change = r->exit_code ? HEALTH_TURNED_UNHEALTHY : HEALTH_TURNED_HEALTHY;
	/* before lives in what is replaced here */
	if (change != HEALTH_SAME)
		json_set_str(health, "Status", after);
	json_set_int(health, "FailingStreak", streak);
	add_entry(health, p, r);
	return change;
}

int health_settle_log(struct container_config *c, struct err *e)
{
	const char *to = c->health_log_destination;
	autofree char *cwd = NULL, *joined = NULL;
	autoclose int dirfd = -1;
	char *clean;

	if (str_empty(to) || str_eq(to, "local") || str_eq(to, HEALTH_LOG_EVENTS))
		return 0;
	dirfd = fd_opendir(to);
	if (dirfd < 0 || faccessat(dirfd, ".", W_OK, 0) < 0)
		return err_set(e, ERR_USAGE, "--health-log-destination '%s': expected local, "
			       HEALTH_LOG_EVENTS " or a directory that you may write to", to);
	cwd = getcwd(NULL, 0);
	joined = path_join(cwd ? cwd : "/", to);
	clean = path_clean(joined);
	free(c->health_log_destination);
	c->health_log_destination = clean;
	return 0;
}

/* <directory>/<id>-healthcheck.log, anew each time; a directory that is gone meanwhile gets none. */
static void write_log(const struct record *r, const struct json *health)
{
	autoclose int dirfd = fd_opendir(r->config.health_log_destination);
	autofree char *name = xasprintf("%s-healthcheck.log", r->id);
	auto_of(str_clear) struct str text = { 0 };

	if (dirfd < 0)
		return;
	json_write(&text, health, 0);
	str_addc(&text, '\n');
	(void)file_write_at(dirfd, name, text.p, text.len, 0600, 0);
}

int health_record(struct record *r, const struct health_plan *p, const struct health_result *result,
		  struct json **now, enum health_change *change, struct err *e)
{
	auto_of(state_clear) struct state s = { 0 };
	autoclose int lock = -1;
	int ret = record_try_lock(r, &lock);

	if (ret < 0)
		return err_sys(e, -ret, "lock container %s", r->config.name);
	if (state_load(&s, r, e) < 0)
		return -e->code;
	if (!state_is_alive(&s))
		return err_set(e, ESRCH, "container %s does not run", r->config.name);
	if (!s.health)
		s.health = health_new(NULL);
	*change = health_note(s.health, p, result, result->start - s.started < p->start_period);
	if (state_save_at(&s, r->dirfd, e) < 0)
		return -e->code;
	if (r->config.health_log_destination && r->config.health_log_destination[0] == '/')
		write_log(r, s.health);
	*now = steal_ptr(&s.health);
	return 0;
}

void health_tell(struct engine *g, const struct container_config *c, const struct json *health)
{
	const struct json *log = json_get(health, "Log");
	auto_of(str_clear) struct str text = { 0 };
	bool has_log = str_eq(c->health_log_destination, HEALTH_LOG_EVENTS);

	if (has_log)
		json_write(&text, json_at(log, json_len(log) - 1), 0);
	events_health(g, c, json_get_str(health, "Status"), has_log ? str_peek(&text) : NULL);
}

enum health_startup_outcome health_startup_note(struct health_startup *s, const struct health_plan *p,
						bool is_ok)
{
	if (is_ok) {
		s->failures = 0;
		return ++s->successes >= p->startup_success ? HEALTH_STARTUP_DONE
							     : HEALTH_STARTUP_GOES_ON;
	}
	s->successes = 0;
	s->failures++;
	return p->startup_retries && s->failures >= p->startup_retries ? HEALTH_STARTUP_FAILED
									: HEALTH_STARTUP_GOES_ON;
}
