/* SPDX-License-Identifier: Apache-2.0 */
/* The end of a container, normal or of a start that failed: what monitor_start made is taken down,
 * each thing only if it is there. */
#include "container/monitor_priv.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/sys.h"
#include "container/ctr_cgroup.h"
#include "container/ctr_files.h"
#include "container/ctr_rmi.h"
#include "container/events.h"
#include "container/requires.h"
#include "container/volume_mount.h"
#include "container/volumes.h"
#include "storage/store.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void end_server(struct monitor *m)
{
	/* It ends by itself when the last mount goes; this is for the mount that never was. */
	if (m->rootfs_server.pidfd >= 0)
		sys_pidfd_send_signal(m->rootfs_server.pidfd, SIGTERM);
	proc_clear(&m->rootfs_server);
}

/* Containers that share the host's pid namespace may leave processes behind their init. */
static void end_cgroup(struct monitor *m)
{
	if (!m->state.cgroup)
		return;
	m->state.is_oom_killed = ctr_cgroup_is_oom_killed(m->state.cgroup);
	if (m->state.is_oom_killed)
		events_container(m->a.engine, m->config, "oom");
	ctr_cgroup_kill(m->state.cgroup);
}

/* When the last of them are reaped. */
static void remove_cgroup(struct monitor *m)
{
	if (!m->state.cgroup)
		return;
	ctr_cgroup_remove(m->state.cgroup);
	free(m->state.cgroup);
	m->state.cgroup = NULL;
}

static bool kill_children(void)
{
	autofree char *list = NULL, *path = xasprintf("/proc/self/task/%d/children", getpid());
	char *pid = NULL, *save = NULL;
	bool is_any = false;

	if (file_read_at(AT_FDCWD, path, &list, NULL, FILE_MAX_CONFIG) < 0)
		return false;
	/* Children of ours that are not reaped: their pids cannot be anybody else's. */
	for (pid = strtok_r(list, " \n", &save); pid; pid = strtok_r(NULL, " \n", &save)) {
		kill(atoi(pid), SIGKILL);
		waitpid(atoi(pid), NULL, 0);
		is_any = true;
	}
	return is_any;
}

/* Without a pid namespace of its own the container's processes outlive its init. We are their
 * subreaper (monitor.c): each round kills what has come to us, until nothing comes any more. */
static void end_stragglers(struct monitor *m)
{
	if (!m->is_subreaper)
		return;
	while (kill_children())
		;
}

/* Others that still need it keep it, as they keep it from "rm". */
static bool is_needed(const struct monitor *m)
{
	auto_of(strv_clear) struct strv ids = { 0 };
	struct err ignored = { 0 };

	(void)requires_list(m->a.engine, m->a.record, &ids, &ignored);
	return ids.n;
}

static void hide_container(struct monitor *m)
{
	const struct strv *volumes = &m->config->anonymous_volumes;
	struct err ignored = { 0 };

	record_drop_other(m->a.engine, m->config);
	requires_forget(m->a.engine, m->config);
	if (record_hide(m->a.engine, m->a.record->id, m->config->name, &m->gone_tree,
			&ignored) >= 0)
		events_container(m->a.engine, m->config, "remove");
	for (size_t i = 0; i < volumes->n; i++)
		(void)volume_remove(m->a.engine, volumes->v[i], &ignored);
	if (m->config->rmi)
		(void)ctr_rmi(m->a.engine, m->config);
}

void monitor_end(struct monitor *m)
{
	struct err ignored = { 0 };

	monitor_notify_close(m);
	netns_stop(&m->net);
	end_server(m);
	end_cgroup(m);
	end_stragglers(m);
	remove_cgroup(m);
	(void)monitor_hooks_run(m, SPEC_HOOK_POSTSTOP, "stopped", &ignored);
	volume_mount_release_all(m->a.engine, &m->config->named_volumes, m->a.record->id);
	ctr_files_hide(m->a.engine, m->a.record->id);
	if (m->config->rm && !is_needed(m))
		hide_container(m);
	else
		events_container(m->a.engine, m->config, "cleanup");
}

void monitor_sweep(struct monitor *m)
{
	fd_close(&m->mounts_fd);
	ctr_files_sweep(m->a.engine);
	if (m->gone_tree)
		(void)file_remove_tree(m->a.engine->store->root_dirfd, m->gone_tree);
}
