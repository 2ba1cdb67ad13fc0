/* SPDX-License-Identifier: Apache-2.0 */
/* The end of a container, normal or of a start that failed: what monitor_start made is taken down,
 * each thing only if it is there. */
#include "container/monitor_priv.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/sys.h"
#include "container/volumes.h"
#include "userns/session.h"

#include <signal.h>
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
	static const char one[] = "1";
	autoclose int dirfd = -1, kill_fd = -1;

	if (!m->state.cgroup)
		return;
	dirfd = fd_opendir(m->state.cgroup);
	if (dirfd < 0)
		return;
	kill_fd = fd_openat(dirfd, "cgroup.kill", O_WRONLY);
	if (kill_fd >= 0)
		(void)fd_write_all(kill_fd, one, 1);
	fd_close(&dirfd);
	(void)rmdir(m->state.cgroup);
}

static void run_poststop(struct monitor *m)
{
	autofree char *state = NULL;
	struct err ignored = { 0 };

	if (!m->a.spec->hooks_n[SPEC_HOOK_POSTSTOP])
		return;
	state = monitor_hook_state(m, "stopped");
	(void)runtime_run_hooks(m->a.spec, SPEC_HOOK_POSTSTOP, state, &ignored);
}

static void remove_runtime_dir(struct monitor *m)
{
	(void)file_remove_tree(m->a.engine->session->runtime_dirfd, m->a.record->id);
}

static void remove_container(struct monitor *m, char **tmp)
{
	const struct strv *volumes = &m->config->anonymous_volumes;
	struct err ignored = { 0 };

	(void)record_hide(m->a.engine, m->a.record->id, m->config->name, tmp, &ignored);
	for (size_t i = 0; i < volumes->n; i++)
		(void)volume_remove(m->a.engine, volumes->v[i], &ignored);
}

void monitor_end(struct monitor *m, char **tmp)
{
	netns_stop(&m->net);
	end_server(m);
	end_cgroup(m);
	run_poststop(m);
	remove_runtime_dir(m);
	if (m->config->rm)
		remove_container(m, tmp);
}
