/* SPDX-License-Identifier: Apache-2.0 */
/* THEORY
 * state.json is a claim, the kernel is the truth. The claim names init and the monitor by pid, start
 * time and boot; the reader asks the kernel:
 *
 *   init alive, monitor alive   as the record says
 *   init alive, monitor gone    nobody keeps its output, nobody would reap or clean up: the container
 *                               is broken. It reads as running, so that stop and rm can end it;
 *                               lifecycle_state() kills it (see there)
 *   init gone, monitor alive    the monitor is at its last work; "stopping" until it has written
 *   both gone                   a crash or a reboot: exited, with 137 as if by kill -9
 *
 * The boot id is read only when a process with this pid and start time exists: after a reboot that
 * is next to impossible, and it keeps ps at a few system calls for a running container.
 */
#include "container/state.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/ident.h"
#include "base/str.h"
#include "base/timefmt.h"
#include "container/record.h"

#include <stdio.h>
#include <sys/utsname.h>

#define STATE_VERSION 1
#define STATE_FILE "state.json"

static const char *const names[] = {
	[STATE_CREATED] = "created", [STATE_INITIALIZED] = "initialized",
	[STATE_RUNNING] = "running", [STATE_PAUSED] = "paused", [STATE_STOPPING] = "stopping",
	[STATE_EXITED] = "exited",
};
_Static_assert(ARRAY_SIZE(names) == N_STATES, "a name for every state");

const char *state_name(enum state_status s)
{
	return s >= 0 && s < N_STATES ? names[s] : "unknown";
}

bool state_is_alive(const struct state *s)
{
	return s->status == STATE_INITIALIZED || s->status == STATE_RUNNING ||
	       s->status == STATE_PAUSED || s->status == STATE_STOPPING;
}

void state_set_failure(struct state *s, const struct err *cause)
{
	s->exit_code = cause->code == ERR_EXEC_NOENT ? 127 : cause->code == ERR_EXEC_PERM ? 126 : 125;
	xreplace(&s->error, cause->msg);
}

void state_clear(struct state *s)
{
	free(s->error);
	free(s->cgroup);
	free(s->host);
	json_free(s->health);
	*s = (struct state){ 0 };
}

static int status_parse(const char *text)
{
	for (int i = 0; text && i < N_STATES; i++)
		if (str_eq(text, names[i]))
			return i;
	return -EINVAL;
}

static bool is_alive(pid_t pid, uint64_t start, const char *boot, struct proc_stat *stat)
{
	if (!proc_is_alive(pid, start, stat))
		return false;
	return !boot || !*proc_boot_id() || str_eq(boot, proc_boot_id());
}

/* Another boot on another machine that uses this directory too: there it may be alive. */
static bool is_elsewhere(const char *boot, const char *host, int dirfd)
{
	struct utsname here;

	return boot && host && *proc_boot_id() && !str_eq(boot, proc_boot_id()) && uname(&here) == 0 &&
	       !str_eq(host, here.nodename) && file_is_on_network(dirfd);
}

static void set_elsewhere(struct state *s, const char *host)
{
	s->is_elsewhere = s->has_monitor = true;
	s->host = xstrdup(host);
	s->pid = s->monitor_pid = 0;
}

static void verify(struct state *s, const char *boot, const char *host, int dirfd)
{
	/* An end that has a monitor: see monitor_again.c. */
	if (s->status == STATE_EXITED && s->monitor_pid > 0) {
		s->is_restarting = is_alive(s->monitor_pid, s->monitor_start, boot, NULL);
		if (!s->is_restarting && is_elsewhere(boot, host, dirfd)) {
			set_elsewhere(s, host);
			s->is_restarting = true;
		} else if (!s->is_restarting) {
			s->monitor_pid = 0;
		}
	}
	if (!state_is_alive(s))
		return;
	if (is_alive(s->pid, s->pid_start, boot, &s->init)) {
		/* Who has lost its parent gets another: so that needs no look of its own. */
		s->has_monitor = s->init.parent == s->monitor_pid ||
				 proc_is_alive(s->monitor_pid, s->monitor_start, NULL);
		return;
	}
	if (is_alive(s->monitor_pid, s->monitor_start, boot, NULL)) {
		s->status = STATE_STOPPING;
		return;
	}
	if (is_elsewhere(boot, host, dirfd)) {
		set_elsewhere(s, host);
		return;
	}
	s->is_stale = true;
	s->status = STATE_EXITED;
	s->exit_code = 137;
	s->pid = 0;
	s->monitor_pid = 0;
	if (!s->finished)
		s->finished = time_now();
}

static int from_json(struct state *s, const struct json *j, struct err *e)
{
	int status = status_parse(json_get_str(j, "status"));

	if (json_get_int(j, "version", 0) > STATE_VERSION)
		return err_set(e, EBADMSG, STATE_FILE " was written by a newer rootlet");
	if (status < 0)
		return err_set(e, EBADMSG, STATE_FILE " is no state record");
	s->status = status;
	s->pid = json_get_int(j, "pid", 0);
	s->pid_start = json_uint(json_get(j, "pid-start"), 0);
	s->monitor_pid = json_get_int(j, "monitor-pid", 0);
	s->monitor_start = json_uint(json_get(j, "monitor-start"), 0);
	s->started = json_get_int(j, "started", 0);
	s->finished = json_get_int(j, "finished", 0);
	s->exit_code = json_get_int(j, "exit-code", 0);
	s->is_oom_killed = json_get_bool(j, "oom-killed", false);
	s->is_stopped_by_user = json_get_bool(j, "stopped-by-user", false);
	s->restart_count = json_uint(json_get(j, "restart-count"), 0);
	s->error = xstrdup_or_null(json_get_str(j, "error"));
	s->cgroup = xstrdup_or_null(json_get_str(j, "cgroup"));
	if (json_is(json_get(j, "health"), JSON_OBJECT))
		s->health = json_copy(json_get(j, "health"));
	return 0;
}

static int load(struct state *out, int dirfd, const char *path, struct err *e)
{
	auto_of(state_clear) struct state s = { .status = STATE_CREATED };
	auto_of(json_free) struct json *j = NULL;
	int r = json_load_record_at(&j, dirfd, path, NULL, e);

	/* Written without fsync: an empty file is what a power loss may leave. */
	if (r == -ENODATA) {
		s.status = STATE_EXITED;
		s.exit_code = 137;
	} else if (r >= 0) {
		r = from_json(&s, j, e);
		if (r < 0)
			return r;
		verify(&s, json_get_str(j, "boot-id"), json_get_str(j, "host"), dirfd);
	} else if (r != -ENOENT) {
		e->code = r == -EINVAL ? EBADMSG : -r;
		return -e->code;
	}
	*out = s;
	s = (struct state){ 0 };
	return 0;
}

int state_load_at(struct state *out, int ctr_dirfd, struct err *e)
{
	return load(out, ctr_dirfd, STATE_FILE, e);
}

int state_load_id(struct state *out, int containers_dirfd, const char *id, struct err *e)
{
	char path[IDENT_LEN + sizeof("/" STATE_FILE)];

	snprintf(path, sizeof(path), "%s/" STATE_FILE, id);
	return load(out, containers_dirfd, path, e);
}

int state_load(struct state *out, const struct record *r, struct err *e)
{
	if (state_load_at(out, r->dirfd, e) < 0)
		return err_wrap(e, "container %.12s", r->id);
	if (!out->is_elsewhere)
		return 0;
	state_refuse_elsewhere(out, r, e);
	state_clear(out);
	return -e->code;
}

int state_refuse_elsewhere(const struct state *s, const struct record *r, struct err *e)
{
	return err_set(e, EREMOTE, "container %s is %s on the machine %s: log in there; if that machine is gone or "
		       "has another name now: rootlet container cleanup %s", r->config.name,
		       s->is_restarting ? "restarting" : state_name(s->status), s->host, r->config.name);
}

int state_save_at(const struct state *s, int ctr_dirfd, struct err *e)
{
	auto_of(str_clear) struct str t = { 0 };
	const char *boot = proc_boot_id();
	struct utsname here;
	int r;

	/* Written by hand and not through a tree: the monitor saves when it starts and when it ends,
	 * and has no heap to spare. */
	str_addf(&t, "{\"version\":%d,\"status\":\"%s\",\"started\":%lld,\"finished\":%lld,"
		 "\"exit-code\":%d", STATE_VERSION, names[s->status], (long long)s->started,
		 (long long)s->finished, s->exit_code);
	if (s->pid > 0)
		str_addf(&t, ",\"pid\":%d,\"pid-start\":%llu", s->pid,
			 (unsigned long long)s->pid_start);
	if (s->monitor_pid > 0)
		str_addf(&t, ",\"monitor-pid\":%d,\"monitor-start\":%llu", s->monitor_pid,
			 (unsigned long long)s->monitor_start);
	if ((state_is_alive(s) || s->monitor_pid > 0) && *boot)
		str_addf(&t, ",\"boot-id\":\"%s\"", boot);
	if ((state_is_alive(s) || s->monitor_pid > 0) && uname(&here) == 0) {
		str_add(&t, ",\"host\":");
		json_write_string(&t, here.nodename);
	}
	if (s->is_oom_killed)
		str_add(&t, ",\"oom-killed\":true");
	if (s->is_stopped_by_user)
		str_add(&t, ",\"stopped-by-user\":true");
	if (s->restart_count)
		str_addf(&t, ",\"restart-count\":%llu", (unsigned long long)s->restart_count);
	if (s->error) {
		str_add(&t, ",\"error\":");
		json_write_string(&t, s->error);
	}
	if (s->cgroup) {
		str_add(&t, ",\"cgroup\":");
		json_write_string(&t, s->cgroup);
	}
	if (s->health) {
		str_add(&t, ",\"health\":");
		json_write(&t, s->health, 0);
	}
	str_addc(&t, '}');
	r = file_write_at(ctr_dirfd, STATE_FILE, t.p, t.len, 0600, 0);
	return r < 0 ? err_sys(e, -r, "write " STATE_FILE) : 0;
}

int state_open_init(const struct state *s)
{
	int fd;

	if (s->pid <= 0)
		return -ESRCH;
	fd = proc_open_checked(s->pid, s->pid_start);
	if (fd >= 0 && !proc_pidfd_is_alive(fd))
		fd_close(&fd);
	return fd >= 0 ? fd : -ESRCH;
}
