/* SPDX-License-Identifier: Apache-2.0 */
#include "container/ctr_cgroup_systemd.h"

#include "base/fd.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/timefmt.h"

#include <assert.h>
#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define CALL_USEC UINT64_C(10000000)
#define SERVICE "org.freedesktop.systemd1"
#define OBJECT "/org/freedesktop/systemd1"
#define MANAGER "org.freedesktop.systemd1.Manager"

/* sd-bus(3), as far as we use it: there is no need for its headers at build time. */
struct bus_error {
	const char *name, *message;
	int need_free;
};

struct bus_api {
	int (*new)(void **bus);
	int (*set_address)(void *bus, const char *address);
	int (*set_bus_client)(void *bus, int b);
	int (*start)(void *bus);
	int (*set_method_call_timeout)(void *bus, uint64_t usec);
	int (*match_signal)(void *bus, void **slot, const char *sender, const char *path,
			    const char *interface, const char *member,
			    int (*fn)(void *message, void *arg, struct bus_error *error), void *arg);
	int (*call_method)(void *bus, const char *destination, const char *path,
			   const char *interface, const char *member, struct bus_error *error,
			   void **reply, const char *types, ...);
	int (*message_read)(void *message, const char *types, ...);
	int (*process)(void *bus, void **message);
	int (*wait)(void *bus, uint64_t usec);
};

struct request {
	uid_t uid;
	const char *unit;
	const char *slice;	/* NULL: join subgroup */
	const char *subgroup;
	pid_t pid;
};

struct job {
	const struct bus_api *api;
	const char *unit;
	bool is_done, is_ok;
};

/* The one of the login; what "su" left of somebody else's is passed over. Owned. */
static char *runtime_file(uid_t uid, const char *file)
{
	const char *dir = getenv("XDG_RUNTIME_DIR");

	if (!str_empty(dir) && access(dir, W_OK) == 0)
		return xasprintf("%s/%s", dir, file);
	return xasprintf("/run/user/%u/%s", uid, file);
}

bool ctr_cgroup_systemd_is_there(uid_t uid)
{
	autofree char *path = runtime_file(uid, "systemd/private");

	return access(path, F_OK) == 0;
}

static int load(struct bus_api *api, struct err *e)
{
	static const char *const names[] = {
		"sd_bus_new", "sd_bus_set_address", "sd_bus_set_bus_client", "sd_bus_start",
		"sd_bus_set_method_call_timeout", "sd_bus_match_signal", "sd_bus_call_method",
		"sd_bus_message_read", "sd_bus_process", "sd_bus_wait",
	};
	void **slots = (void **)api, *lib = dlopen("libsystemd.so.0", RTLD_NOW | RTLD_LOCAL);

	static_assert(sizeof(*api) == ARRAY_SIZE(names) * sizeof(void *), "one name for each member");
	if (!lib)
		return err_set(e, ENOSYS, "libsystemd.so.0 is not installed");
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		slots[i] = dlsym(lib, names[i]);
		if (!slots[i])
			return err_set(e, ENOSYS, "libsystemd.so.0 has no %s", names[i]);
	}
	return 0;
}

/* The private socket needs no bus daemon and answers sooner. */
static int open_bus(const struct bus_api *api, uid_t uid, void **bus, struct err *e)
{
	static const char *const sockets[] = { "systemd/private", "bus" };
	int r = -ENOENT;

	for (size_t i = 0; i < ARRAY_SIZE(sockets); i++) {
		autofree char *path = runtime_file(uid, sockets[i]);
		autofree char *address = xasprintf("unix:path=%s", path);

		r = api->new(bus);
		if (r >= 0)
			r = api->set_address(*bus, address);
		if (r >= 0 && i == 1)
			r = api->set_bus_client(*bus, 1);
		if (r >= 0)
			r = api->start(*bus);
		if (r >= 0)
			return api->set_method_call_timeout(*bus, CALL_USEC);
	}
	return err_sys(e, -r, "no user manager of systemd answers for user %u", uid);
}

static int on_job_removed(void *message, void *arg, struct bus_error *error)
{
	struct job *job = arg;
	const char *path, *unit, *result;
	uint32_t id;

	(void)error;
	if (job->api->message_read(message, "uoss", &id, &path, &unit, &result) >= 0 &&
	    str_eq(unit, job->unit)) {
		job->is_done = true;
		job->is_ok = str_eq(result, "done");
	}
	return 0;
}

static int start_scope(const struct bus_api *api, void *bus, const struct request *q, struct err *e)
{
	struct job job = { .api = api, .unit = q->unit };
	int64_t end = time_monotonic() + (int64_t)CALL_USEC * 1000;
	struct bus_error why = { 0 };
	int r = api->match_signal(bus, NULL, NULL, OBJECT, MANAGER, "JobRemoved", on_job_removed, &job);

	if (r >= 0)
		r = api->call_method(bus, SERVICE, OBJECT, MANAGER, "StartTransientUnit", &why, NULL,
				     "ssa(sv)a(sa(sv))", q->unit, "fail", 6,
				     "Description", "s", "rootlet container",
				     "Slice", "s", q->slice,
				     "Delegate", "b", 1,
				     "CollectMode", "s", "inactive-or-failed",
				     "TasksMax", "t", UINT64_MAX,
				     "PIDs", "au", 1, (uint32_t)q->pid, 0);
	while (r >= 0 && !job.is_done) {
		int64_t left = (end - time_monotonic()) / 1000;

		r = left <= 0 ? -ETIMEDOUT : api->process(bus, NULL);
		if (r == 0)
			r = api->wait(bus, left);
	}
	if (r < 0)
		return err_set(e, -r, "systemd does not make %s: %s", q->unit,
			       why.message ? why.message : strerror(-r));
	return job.is_ok ? 0 : err_set(e, EIO, "systemd failed to make %s", q->unit);
}

static int join_unit(const struct bus_api *api, void *bus, const struct request *q, struct err *e)
{
	struct bus_error why = { 0 };
	int r = api->call_method(bus, SERVICE, OBJECT, MANAGER, "AttachProcessesToUnit", &why, NULL,
				 "ssau", q->unit, q->subgroup, 1, (uint32_t)q->pid);

	return r < 0 ? err_set(e, -r, "systemd does not let us into %s: %s", q->unit,
			       why.message ? why.message : strerror(-r)) : 0;
}

static int carry_out(const struct request *q, struct err *e)
{
	struct bus_api api = { 0 };
	void *bus = NULL;

	if (load(&api, e) < 0 || open_bus(&api, q->uid, &bus, e) < 0)
		return -e->code;
	return q->slice ? start_scope(&api, bus, q, e) : join_unit(&api, bus, q, e);
}

static int in_child(const struct request *q, struct err *e)
{
	struct err theirs = { 0 };
	int p[2], r = fd_pipe(p), status;
	ssize_t n;
	pid_t pid;

	if (r < 0)
		return err_sys(e, -r, "pipe");
	pid = fork();
	if (pid == 0) {
		if (carry_out(q, &theirs) < 0)
			(void)fd_write_all(p[1], &theirs, sizeof(theirs));
		_exit(theirs.code ? 1 : 0);
	}
	close(p[1]);
	n = pid < 0 ? 0 : fd_read_full(p[0], &theirs, sizeof(theirs));
	close(p[0]);
	if (pid < 0)
		return err_sys(e, errno, "fork");
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (n == (ssize_t)sizeof(theirs)) {
		*e = theirs;
		return -e->code;
	}
	return status ? err_set(e, EIO, "the talk with systemd broke off") : 0;
}

int ctr_cgroup_systemd_scope(uid_t uid, const char *unit, const char *slice, struct err *e)
{
	struct request q = { .uid = uid, .unit = unit, .slice = slice, .pid = getpid() };

	return in_child(&q, e);
}

int ctr_cgroup_systemd_join(uid_t uid, const char *unit, const char *subgroup, struct err *e)
{
	struct request q = { .uid = uid, .unit = unit, .subgroup = subgroup, .pid = getpid() };

	return in_child(&q, e);
}
