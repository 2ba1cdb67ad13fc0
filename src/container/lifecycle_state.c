/* SPDX-License-Identifier: Apache-2.0 */
/* What state a container is in, after the repair of what a crash has left of it. */
#include "container/lifecycle_priv.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/proc.h"
#include "base/sys.h"
#include "base/timefmt.h"
#include "container/ctr_cgroup.h"
#include "container/ctr_files.h"
#include "container/events.h"
#include "container/mounted_root.h"
#include "container/requires.h"
#include "container/volume_mount.h"
#include "container/volumes.h"
#include "storage/store.h"
#include "userns/session.h"

#include <signal.h>

#define ABANDONED_NS (10 * TIME_SECOND)	/* from create to start there are milliseconds */
#define ABANDONED_FAR_NS (3600 * TIME_SECOND)	/* where the clock and the pids may be another machine's */

/* A container whose init lives and whose monitor does not. */
static bool is_orphan(const struct state *s)
{
	return state_is_alive(s) && s->status != STATE_STOPPING && !s->has_monitor;
}

/* Made by a "run --rm" that was killed before it could start it. A process of another pid namespace
 * cannot be seen from here, hence the grace. */
static bool is_abandoned(const struct state *s, const struct container_config *c, int dirfd)
{
	if (s->status != STATE_CREATED || !c->run_pid || time_now() - c->created < ABANDONED_NS)
		return false;
	if (kill(c->run_pid, 0) == 0 || errno != ESRCH)
		return false;
	return time_now() - c->created > ABANDONED_FAR_NS || !file_is_on_network(dirfd);
}

static void kill_orphan(struct state *s)
{
	autoclose int fd = state_open_init(s);

	if (fd >= 0) {
		sys_pidfd_send_signal(fd, SIGKILL);
		proc_pidfd_wait(fd, 10000);
	}
}

int lifecycle_forget(struct engine *g, struct record *r, bool with_volumes, struct err *e)
{
	const struct strv *volumes = &r->config.anonymous_volumes;
	struct err ignored = { 0 };
	int ret;

	(void)file_remove_tree(g->session->runtime_dirfd, r->id);
	if (!r->is_fresh && file_exists_at(r->dirfd, "merged") &&
	    mounted_root_end(g, r->id, false, true, e) < 0)
		return -e->code;
	record_drop_other(g, &r->config);
	requires_forget(g, &r->config);
	ret = record_remove(g, r->id, r->config.name, e);
	ctr_files_sweep(g);
	if (ret >= 0)
		events_container(g, &r->config, "remove");
	for (size_t i = 0; with_volumes && i < volumes->n; i++)
		(void)volume_remove(g, volumes->v[i], &ignored);
	return ret;
}

static int forget_rm(struct engine *g, struct record *r, struct err *e)
{
	struct err ignored = { 0 };

	(void)lifecycle_forget(g, r, true, &ignored);
	return err_set(e, ERR_NO_SUCH, "no container with name or ID \"%.12s\" found: no such container",
		       r->id);
}

int lifecycle_state_locked(struct state *out, struct engine *g, struct record *r, struct err *e)
{
	auto_of(state_clear) struct state s = { 0 };
	struct err ignored = { 0 };
	bool orphan;

	if (state_load(&s, r, e) < 0)
		return -e->code;
	orphan = is_orphan(&s);
	if (orphan) {
		kill_orphan(&s);
		state_clear(&s);
		if (state_load(&s, r, e) < 0)
			return -e->code;
	}
	if (is_abandoned(&s, &r->config, r->dirfd))
		return forget_rm(g, r, e);
	if (s.is_stale) {
		events_exit(g, &r->config, "died", s.exit_code, NULL);
		if (s.cgroup)
			ctr_cgroup_remove(s.cgroup);
		/* What its monitor would have released. */
		volume_mount_release_all(g, &r->config.named_volumes, r->id);
		if (r->config.rm && requires_check_unused(g, r, &ignored) >= 0)
			return forget_rm(g, r, e);
		(void)file_remove_tree(g->session->runtime_dirfd, r->id);
		(void)state_save_at(&s, r->dirfd, &ignored);
		s.is_stale = false;
	}
	*out = s;
	s = (struct state){ 0 };
	return 0;
}

int lifecycle_repair(struct state *st, struct engine *g, struct record *r, struct err *e)
{
	autoclose int lock = -1;

	if (!st->is_stale && !is_orphan(st) && !is_abandoned(st, &r->config, g->store->containers_dirfd))
		return 0;
	if (record_complete(r, g, e) < 0)
		return -e->code;
	/* Somebody who has the lock is about to change all this. */
	if (record_try_lock(r, &lock) < 0)
		return 0;
	state_clear(st);
	return lifecycle_state_locked(st, g, r, e);
}

int lifecycle_look(struct state *out, struct engine *g, struct record *r, struct err *e)
{
	if (state_load_at(out, r->dirfd, e) < 0)
		return err_wrap(e, "container %.12s", r->id);
	return lifecycle_repair(out, g, r, e);
}

int lifecycle_disown(struct engine *g, struct record *r, struct err *e)
{
	auto_of(state_clear) struct state s = { 0 };
	autoclose int lock = -1;

	if (record_lock(r, &lock, e) < 0 || state_load_at(&s, r->dirfd, e) < 0)
		return -e->code;
	if (!s.is_elsewhere)
		return 0;
	s.status = STATE_EXITED;
	s.exit_code = 137;
	s.is_restarting = false;
	if (!s.finished)
		s.finished = time_now();
	if (state_save_at(&s, r->dirfd, e) < 0)
		return -e->code;
	events_exit(g, &r->config, "died", s.exit_code, NULL);
	return 0;
}

int lifecycle_state(struct state *out, struct engine *g, struct record *r, struct err *e)
{
	if (state_load(out, r, e) < 0)
		return -e->code;
	return lifecycle_repair(out, g, r, e);
}
