/* SPDX-License-Identifier: Apache-2.0 */
/* THEORY
 * A user may make cgroups only in a part of the tree that was given to him, and a process may be moved,
 * or cloned, only where the nearest common ancestor of here and there is his as well. Two ways lead
 * there:
 *
 *   systemd   the user's manager makes rootlet-ID.scope, delegated, and puts the monitor into it (what
 *             lies outside user@.service it asks pid 1 to carry over). The monitor goes on to the
 *             subgroup "supervisor", because a cgroup that gives controllers to its children may have
 *             no processes of its own, and init is cloned into "container": the scope is the common
 *             ancestor. When the monitor has ended the scope is empty and systemd removes it.
 *   our own   without systemd: rootlet-ID beside our own cgroup when its parent is ours, else in it.
 *
 * Which one it was shows in the path; nothing else is recorded. Init is cloned into the cgroup and not
 * moved there, so that its cgroup namespace has it for a root.
 *
 * A process of exec that comes from another session needs the way over systemd, too. It goes to where
 * init is: a payload that manages cgroups (systemd) has moved away from the container's own, which may
 * have no processes any more.
 */
#include "container/ctr_cgroup.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "container/ctr_cgroup_systemd.h"
#include "runtime/cgroup.h"
#include "userns/session.h"

#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#define CGROUP2_MAGIC 0x63677270
#define ROOT "/sys/fs/cgroup"
#define SUPERVISOR "supervisor"
#define CONTAINER "container"
#define MAX_DEPTH 100		/* of what a payload made; the kernel allows any */

bool ctr_cgroup_is_v2(void)
{
	struct statfs fs;

	return statfs(ROOT, &fs) == 0 && fs.f_type == CGROUP2_MAGIC;
}

static const char *remedy(void)
{
	if (!ctr_cgroup_is_v2())
		return "boot with systemd.unified_cgroup_hierarchy=1 on the kernel command line";
	if (access("/run/systemd/system", F_OK) == 0)
		return "as root, write [Service] and Delegate=cpu cpuset io memory pids to "
		       "/etc/systemd/system/user@.service.d/delegate.conf, and log in again";
	return "as root, give your user a directory in " ROOT " with a directory in it for your shell "
	       "(see: rootlet doctor)";
}

static int write_file(int dirfd, const char *file, const char *text)
{
	autoclose int fd = fd_openat(dirfd, file, O_WRONLY);

	return fd < 0 ? fd : fd_write_all(fd, text, strlen(text));
}

/* "/sys/fs/cgroup/..." of the process whose /proc/.../cgroup that is; NULL when it lies outside of what
 * we see. */
static char *path_of(const char *file)
{
	autofree char *text = NULL;
	char *line;

	if (file_read_at(AT_FDCWD, file, &text, NULL, FILE_MAX_CONFIG) < 0)
		return NULL;
	line = str_has_prefix(text, "0::/") ? text : strstr(text, "\n0::/");
	if (!line)
		return NULL;
	line = strchr(line, '/');
	line[strcspn(line, "\n")] = 0;
	if (strstr(line, "/../") || str_has_suffix(line, "/.."))
		return NULL;
	return xasprintf(ROOT "%s", str_eq(line, "/") ? "" : line);
}

static char *own_path(void)
{
	return path_of("/proc/self/cgroup");
}

/* Ours to make children in and to move processes through. */
static bool is_ours(int dirfd)
{
	struct stat st;

	return fstat(dirfd, &st) == 0 && st.st_uid == geteuid() &&
	       faccessat(dirfd, ".", W_OK, 0) == 0 && faccessat(dirfd, "cgroup.procs", W_OK, 0) == 0;
}

static void list_controllers(int dirfd, const char *file, struct strv *out)
{
	autofree char *text = NULL;

	strv_clear(out);
	if (cgroup_read(dirfd, file, &text) < 0)
		return;
	text[strcspn(text, "\n")] = 0;
	strv_split(out, text, ' ');
}

/* Gives the children what we have; EBUSY while processes are in dirfd itself. */
static void enable_controllers(int dirfd)
{
	static const char *const useful[] = { "cpu", "cpuset", "io", "memory", "pids" };
	auto_of(strv_clear) struct strv has = { 0 }, on = { 0 };
	auto_of(str_clear) struct str text = { 0 };

	list_controllers(dirfd, "cgroup.controllers", &has);
	list_controllers(dirfd, "cgroup.subtree_control", &on);
	for (size_t i = 0; i < ARRAY_SIZE(useful); i++)
		if (strv_has(&has, useful[i]) && !strv_has(&on, useful[i]))
			str_addf(&text, "+%s ", useful[i]);
	if (text.len)
		(void)write_file(dirfd, "cgroup.subtree_control", str_peek(&text));
}

/* What is in dirfd goes to its new child supervisor; the processes are ours. */
static int move_to_supervisor(int dirfd, bool is_all, struct err *e)
{
	auto_of(strv_clear) struct strv pids = { 0 };
	autofree char *text = NULL;
	autoclose int fd = -1;
	int r;

	if (mkdirat(dirfd, SUPERVISOR, 0755) < 0 && errno != EEXIST)
		return err_sys(e, errno, "make a cgroup for the monitor");
	fd = fd_opendirat(dirfd, SUPERVISOR);
	r = fd < 0 ? fd : write_file(fd, "cgroup.procs", "0");
	if (r < 0)
		return err_sys(e, -r, "move the monitor to its cgroup");
	if (is_all && cgroup_read(dirfd, "cgroup.procs", &text) >= 0)
		strv_split(&pids, text, '\n');
	for (size_t i = 0; i < pids.n; i++)
		if (*pids.v[i])
			(void)write_file(fd, "cgroup.procs", pids.v[i]);
	return 0;
}

static bool is_slice(const char *parent)
{
	return parent && str_has_suffix(parent, ".slice");
}

/* A scope of the user's systemd: *base is its directory, the monitor already out of the way. */
static int in_systemd(struct engine *g, const struct container_config *c, char **base, struct err *e)
{
	autofree char *unit = xasprintf("rootlet-%s.scope", c->id);
	const char *slice = is_slice(c->cgroup_parent) ? path_base(c->cgroup_parent) : "user.slice";
	autoclose int fd = -1;

	if (ctr_cgroup_systemd_scope(g->session->uid, unit, slice, e) < 0)
		return -e->code;
	*base = own_path();
	fd = *base ? fd_opendir(*base) : -ENOENT;
	if (fd < 0 || !is_ours(fd))
		return err_set(e, EACCES, "%s of systemd is not ours", unit);
	return move_to_supervisor(fd, false, e);
}

/* --cgroup-parent PATH: below the root of the tree, made when it is missing and its parent ours. */
static int in_parent(const char *parent, char **base, struct err *e)
{
	autofree char *clean = path_clean(parent);
	autofree char *path = xasprintf(ROOT "%s%s", *clean == '/' ? "" : "/", clean);
	autoclose int fd = -1;

	if (strstr(clean, ".."))
		return err_set(e, ERR_USAGE, "--cgroup-parent %s leaves the tree of cgroups", parent);
	if (mkdir(path, 0755) < 0 && errno != EEXIST)
		return err_sys(e, errno, "--cgroup-parent %s", path);
	fd = fd_opendir(path);
	if (fd < 0 || !is_ours(fd))
		return err_set(e, EACCES, "--cgroup-parent %s is not delegated to your user: %s", path,
			       remedy());
	*base = steal_ptr(&path);
	return 0;
}

/* Beside our own cgroup, where nothing hinders controllers, or else in it. */
static int in_own(const struct container_config *c, char **base, struct err *e)
{
	autofree char *own = own_path(), *above = own ? path_dir(own) : NULL;
	autoclose int fd = own ? fd_opendir(own) : -1, above_fd = -1;

	if (fd < 0 || !is_ours(fd))
		return err_set(e, ENOENT, "needs a cgroup, and none is delegated to your user");
	if (str_eq(c->cgroups, "split")) {
		if (move_to_supervisor(fd, true, e) < 0)
			return -e->code;
		*base = steal_ptr(&own);
		return 0;
	}
	above_fd = path_is_below(above, ROOT) && !str_eq(above, ROOT) ? fd_opendir(above) : -1;
	*base = above_fd >= 0 && is_ours(above_fd) ? steal_ptr(&above) : steal_ptr(&own);
	return 0;
}

/* "systemd", "cgroupfs"; NULL: nobody said. */
static const char *asked_manager(struct engine *g)
{
	return g->cgroup_manager ? g->cgroup_manager : json_str(engine_conf(g, "engine.cgroup_manager"));
}

static int find_base(struct engine *g, const struct container_config *c, char **base, bool *is_scope,
		     struct err *e)
{
	bool is_asked = !str_empty(c->cgroup_parent);
	bool wants_own = str_eq(c->cgroups, "no-conmon") || str_eq(c->cgroups, "split");
	const char *manager = asked_manager(g);

	*is_scope = false;
	if ((!is_asked || is_slice(c->cgroup_parent)) && !wants_own && !str_eq(manager, "cgroupfs") &&
	    (ctr_cgroup_systemd_is_there(g->session->uid) || str_eq(manager, "systemd"))) {
		*is_scope = in_systemd(g, c, base, e) >= 0;
		if (*is_scope || is_slice(c->cgroup_parent) || str_eq(g->cgroup_manager, "systemd"))
			return *is_scope ? 0 : err_wrap(e, "cgroup manager systemd");
		free(*base);
		*base = NULL;
	}
	return is_asked ? in_parent(c->cgroup_parent, base, e) : in_own(c, base, e);
}

/* Defaults, and the one of two names that this kernel does not have, go without a word. */
static void drop_missing(int dirfd, const struct ctr_cgroup_plan *p, struct strv *list)
{
	for (size_t i = list->n; i-- > 0;) {
		autofree char *file = xstrndup(list->v[i], strcspn(list->v[i], "="));
		const char *other = str_eq(file, "io.weight") ? "io.bfq.weight" :
				    str_eq(file, "io.bfq.weight") ? "io.weight" : NULL;

		if (faccessat(dirfd, file, F_OK, 0) == 0)
			continue;
		if (strv_has(&p->defaults, list->v[i]) || (other && faccessat(dirfd, other, F_OK, 0) == 0))
			strv_remove_at(list, i);
	}
}

static int make(const char *base, const char *name, const struct ctr_cgroup_plan *p, struct spec *s,
		char **path, struct err *e)
{
	autoclose int base_fd = fd_opendir(base), fd = -1;
	autofree char *full = xasprintf("%s/%s", base, name);
	auto_of(strv_clear) struct strv controllers = { 0 };

	if (base_fd < 0)
		return err_sys(e, -base_fd, "cgroup %s", base);
	enable_controllers(base_fd);
	if (mkdirat(base_fd, name, 0755) < 0 && errno != EEXIST)
		return err_sys(e, errno, "make cgroup %s", full);
	*path = steal_ptr(&full);
	fd = fd_opendirat(base_fd, name);
	if (fd < 0)
		return err_sys(e, -fd, "cgroup %s", *path);
	list_controllers(fd, "cgroup.controllers", &controllers);
	if (ctr_cgroup_plan_check(p, &controllers, remedy(), &s->resources.unified, e) < 0)
		return -e->code;
	drop_missing(fd, p, &s->resources.unified);
	s->resources.has_any = s->resources.unified.n > 0;
	s->cgroup_fd = steal_fd(&fd);
	return 0;
}

int ctr_cgroup_enter(struct engine *g, const struct container_config *c, struct spec *s, char **path,
		     struct err *e)
{
	auto_of(ctr_cgroup_plan_clear) struct ctr_cgroup_plan p = { 0 };
	bool is_disabled = str_eq(c->cgroups, "disabled"), is_scope, is_asked;
	autofree char *base = NULL, *name = NULL;
	struct err why = { 0 };

	if (ctr_cgroup_plan(&p, c, e) < 0)
		return -e->code;
	is_asked = str_eq(c->cgroups, "split") || !str_empty(c->cgroup_parent);
	if (is_disabled)
		return p.wanted.n ? err_set(e, ERR_USAGE, "%s needs a cgroup, and --cgroups=disabled "
					    "makes none", p.options.v[0]) : 0;
	if (!ctr_cgroup_is_v2())
		err_set(&why, ENOENT, "needs a cgroup, and cgroup v2 is not at " ROOT);
	else if (find_base(g, c, &base, &is_scope, &why) >= 0) {
		name = is_scope ? xstrdup(CONTAINER) : xasprintf("rootlet-%s", c->id);
		return make(base, name, &p, s, path, e);
	}
	if (is_asked && why.code == ERR_USAGE)
		return err_set(e, why.code, "%s", why.msg);
	if (p.wanted.n || is_asked)
		return err_set(e, ERR_UNSUPPORTED, "%s: %s: %s", p.wanted.n ? p.options.v[0] :
			       str_empty(c->cgroup_parent) ? "--cgroups" : "--cgroup-parent", why.msg,
			       remedy());
	return 0;
}

/* May this process clone into path? Its and our nearest common ancestor must be ours. */
static bool is_reachable(const char *path)
{
	autofree char *common = own_path();
	autoclose int fd = -1;

	while (common && !path_is_below(path, common)) {
		char *up = path_dir(common);

		free(common);
		common = up;
	}
	fd = common ? fd_opendir(common) : -1;
	return fd >= 0 && faccessat(fd, "cgroup.procs", W_OK, 0) == 0;
}

int ctr_cgroup_open_inner(const struct state *st)
{
	autoclose int fd = st->cgroup ? fd_opendir(st->cgroup) : -ENOENT;
	autofree char *given = NULL, *file = NULL, *path = NULL;

	if (fd < 0 || cgroup_read(fd, "cgroup.subtree_control", &given) < 0 || str_eq(given, "\n") ||
	    str_empty(given))
		return steal_fd(&fd);
	file = xasprintf("/proc/%d/cgroup", st->pid);
	path = path_of(file);
	return path && path_is_below(path, st->cgroup) ? fd_opendir(path) : steal_fd(&fd);
}

int ctr_cgroup_open(struct engine *g, const struct container_config *c, const struct state *st, int *fd,
		    struct err *e)
{
	auto_of(ctr_cgroup_plan_clear) struct ctr_cgroup_plan p = { 0 };
	autofree char *unit = xasprintf("rootlet-%s.scope", c->id);
	struct err ignored = { 0 };
	int r;

	*fd = -1;
	if (!st->cgroup)
		return 0;
	r = ctr_cgroup_open_inner(st);
	if (r < 0)
		return r == -ENOENT ? 0 : err_sys(e, -r, "cgroup %s", st->cgroup);
	*fd = r;
	if (is_reachable(st->cgroup))
		return 0;
	if (strstr(st->cgroup, unit) &&
	    ctr_cgroup_systemd_join(g->session->uid, unit, "/" SUPERVISOR, e) >= 0 &&
	    is_reachable(st->cgroup))
		return 0;
	fd_close(fd);
	/* Nobody gets around a limit that somebody set. */
	if (ctr_cgroup_plan(&p, c, &ignored) < 0 || !p.wanted.n)
		return 0;
	return err_set(e, EACCES, "the container has limits (%s), and its cgroup %s cannot be entered "
		       "from here: use a login session of systemd, or the cgroup it was started from",
		       p.options.v[0], st->cgroup);
}

int ctr_cgroup_update(const struct state *st, const struct container_config *old,
		      const struct container_config *new, struct err *e)
{
	auto_of(ctr_cgroup_plan_clear) struct ctr_cgroup_plan p = { 0 };
	auto_of(strv_clear) struct strv controllers = { 0 };
	struct spec_resources resources = { 0 };
	autoclose int fd = -1;
	int r;

	if (ctr_cgroup_plan_change(&p, old, new, e) < 0)
		return -e->code;
	if (!st->cgroup && p.wanted.n)
		return err_set(e, ERR_UNSUPPORTED, "%s: the running container %s has no cgroup: %s",
			       p.options.v[0], new->name, remedy());
	if (!st->cgroup)
		return 0;
	fd = fd_opendir(st->cgroup);
	if (fd < 0)
		return err_sys(e, -fd, "cgroup %s", st->cgroup);
	list_controllers(fd, "cgroup.controllers", &controllers);
	r = ctr_cgroup_plan_check(&p, &controllers, remedy(), &resources.unified, e);
	if (r >= 0) {
		drop_missing(fd, &p, &resources.unified);
		r = cgroup_apply(fd, &resources, e);
	}
	strv_clear(&resources.unified);
	return r;
}

bool ctr_cgroup_is_oom_killed(const char *path)
{
	autoclose int fd = fd_opendir(path);
	uint64_t n = 0;

	return fd >= 0 && cgroup_read_key(fd, "memory.events", "oom_kill", &n) >= 0 && n > 0;
}

void ctr_cgroup_kill(const char *path)
{
	autoclose int fd = fd_opendir(path);

	if (fd >= 0)
		(void)cgroup_kill(fd);
}

static void remove_below(int dirfd, int depth)
{
	auto_of(strv_clear) struct strv names = { 0 };

	if (depth > MAX_DEPTH || file_list_dir(dirfd, ".", &names, false) < 0)
		return;
	for (size_t i = 0; i < names.n; i++) {
		autoclose int fd = fd_opendirat(dirfd, names.v[i]);

		if (fd < 0)
			continue;
		remove_below(fd, depth + 1);
		(void)unlinkat(dirfd, names.v[i], AT_REMOVEDIR);
	}
}

void ctr_cgroup_remove(const char *path)
{
	autoclose int fd = -1;

	if (rmdir(path) == 0 || errno == ENOENT)
		return;
	fd = fd_opendir(path);
	if (fd >= 0)
		remove_below(fd, 0);
	(void)rmdir(path);
}

const char *ctr_cgroup_manager_next(struct engine *g)
{
	return !str_eq(asked_manager(g), "cgroupfs") && ctr_cgroup_is_v2() &&
	       ctr_cgroup_systemd_is_there(g->session->uid) ? "systemd" : "cgroupfs";
}

const char *ctr_cgroup_manager(const char *path)
{
	if (!path)
		return "none";
	return str_has_suffix(path, ".scope/" CONTAINER) ? "systemd" : "cgroupfs";
}
