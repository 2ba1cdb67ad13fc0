/* SPDX-License-Identifier: Apache-2.0 */
/* The start of a container, seen from its monitor. What init does meanwhile is in runtime/runtime.h;
 * everything that can be done beside it is done between runtime_create and runtime_wait_ready. */
#include "container/monitor_priv.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/proc.h"
#include "base/str.h"
#include "base/timefmt.h"
#include "container/ctr_cgroup.h"
#include "container/ctr_chown.h"
#include "container/ctr_files.h"
#include "container/ctr_passwd.h"
#include "container/ctr_spec.h"
#include "container/logs.h"
#include "container/mounted_root.h"
#include "storage/driver.h"
#include "storage/store.h"

#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

/* A pipe of which our end does not block. ours: 0 reading, 1 writing. */
static int open_pipe(int *ours_fd, int *theirs_fd, int ours)
{
	int p[2], r = fd_pipe(p);

	if (r < 0)
		return r;
	*ours_fd = p[ours];
	*theirs_fd = p[!ours];
	return fd_set_nonblock(*ours_fd, true);
}

static int open_stdio(struct monitor *m, struct err *e)
{
	int r = 0;

	m->io = (struct runtime_io){ .stdin_fd = -1, .stdout_fd = -1, .stderr_fd = -1,
				     .console_sock = -1, .preserve_fds = m->a.preserve_fds,
				     .preserve_n = m->a.preserve_n };
	if (logs_is_passthrough(m->config)) {
		m->io.stdin_fd = m->stdio[0];
		m->io.stdout_fd = m->stdio[1];
		m->io.stderr_fd = m->stdio[2];
		return 0;
	}
	if (m->config->has_tty) {
		m->relay.is_tty = true;
		r = fd_socketpair(SOCK_STREAM, m->console_sock);
		if (r < 0)
			return err_sys(e, -r, "socket for the terminal");
		m->io.console_sock = m->console_sock[1];
		return 0;
	}
	r = open_pipe(&m->relay.out_fd[0], &m->io_fds[1], 0);
	if (r >= 0)
		r = open_pipe(&m->relay.out_fd[1], &m->io_fds[2], 0);
	if (r >= 0 && m->config->is_interactive)
		r = open_pipe(&m->relay.in_fd, &m->io_fds[0], 1);
	if (r < 0)
		return err_sys(e, -r, "pipe for the container's output");
	m->io.stdin_fd = m->io_fds[0];
	m->io.stdout_fd = m->io_fds[1];
	m->io.stderr_fd = m->io_fds[2];
	return 0;
}

static int mount_rootfs(void *arg, const char *target, int *mount_fd, struct err *e)
{
	struct monitor *m = arg;
	int r;

	if (m->rootfs_mount_fd < 0) {
		r = rootfs_mount(m->rootfs, target, mount_fd, e);
		rootfs_leave_server(m->rootfs);
		return r;
	}
	*mount_fd = m->rootfs_mount_fd;
	return 0;
}

static int on_rootfs(void *arg, struct err *e)
{
	struct monitor *m = arg;

	return rootfs_serve(m->rootfs, &m->rootfs_server, e);
}

static int in_rootfs(void *arg, int root_dirfd, struct err *e)
{
	struct monitor *m = arg;

	if (ctr_passwd_is_wanted(m->config) &&
	    ctr_passwd_write(m->a.engine->session, m->config, root_dirfd, m->runtime_dirfd, e) < 0)
		return -e->code;
	if (ctr_files_hosts_of_image(m->config) &&
	    ctr_files_write_hosts(m->a.engine, m->config, root_dirfd, m->runtime_dirfd, e) < 0)
		return -e->code;
	if (image_mount_make(&m->images, &m->spec, e) < 0 || volume_fill_run(&m->fill, root_dirfd, e) < 0)
		return -e->code;
	if (m->spec.bundle && monitor_hooks_config(m, root_dirfd, e) < 0)
		return -e->code;
	if (!ctr_chown_is_wanted(m->config))
		return 0;
	return ctr_chown_apply(m->a.engine, m->config, root_dirfd, &m->spec, e);
}

static bool has_provider(const struct monitor *m)
{
	enum netns_mode mode = m->config->net.mode;

	return m->spec.ns[SPEC_NS_NET] == SPEC_NS_NEW &&
	       (mode == NETNS_SLIRP || mode == NETNS_PASTA);
}

/* The exit of the last process takes its mounts apart, which waits for every CPU of the machine, and
 * its parent is not told before. Where nobody misses them, they stay until the client is gone. Nothing
 * of the user's may be among them: the umount(8) he runs next would find it busy. */
static void keep_mounts(struct monitor *m)
{
	const struct container_config *c = m->config;
	char path[64];

	if (!c->rm || c->rootfs || c->volumes.n || c->mounts.n || c->volumes_from.n ||
	    c->named_volumes.n || c->anonymous_volumes.n || m->rootfs_server.pid)
		return;
	snprintf(path, sizeof(path), "/proc/%d/ns/mnt", m->ctr.pid);
	m->mounts_fd = fd_open(path, O_RDONLY);
	if (m->mounts_fd < 0)
		m->mounts_fd = -1;
}

static int start_network(struct monitor *m, struct err *e)
{
	const struct netns_config *net = &m->config->net;
	struct netns_start_args args = {
		.config = net, .ports = &m->config->ports,
		.runtime_dirfd = m->runtime_dirfd, .runtime_path = m->runtime_path,
		.helper_path = engine_network_cmd(m->a.engine, net->mode), .log_fd = -1,
	};

	if (!has_provider(m) || m->net.ops)
		return 0;
	args.net_fd = m->ctr.net_fd;
	args.user_fd = m->ctr.user_fd;
	return netns_start(&m->net, &args, e);
}

/* slirp4netns takes longer than all the rest: where its namespace need not wait for init, neither does
 * it. */
static int start_network_early(struct monitor *m, struct err *e)
{
	if (!has_provider(m))
		return 0;
	if (runtime_net(&m->ctr, &m->spec, e) < 0)
		return -e->code;
	return m->ctr.net_fd < 0 ? 0 : start_network(m, e);
}

static int receive_console(struct monitor *m, struct err *e)
{
	int fd = -1, r;

	if (m->console_sock[0] < 0)
		return 0;
	r = fd_recv_fds(m->console_sock[0], &fd, 1);
	fd_close(&m->console_sock[0]);
	if (r != 1)
		return err_sys(e, r < 0 ? -r : EPIPE, "the container's terminal did not come");
	m->relay.out_fd[0] = fd;
	r = fd_set_nonblock(fd, true);
	return r < 0 ? err_sys(e, -r, "the container's terminal") : 0;
}

static int save_running(struct monitor *m, struct err *e)
{
	struct state *s = &m->state;

	s->status = m->a.is_init ? STATE_INITIALIZED : STATE_RUNNING;
	s->pid = m->ctr.pid;
	s->monitor_pid = getpid();
	s->started = m->a.is_init ? 0 : time_now();
	s->restart_count = m->a.restart_count;
	if (!m->a.is_init)
		monitor_health_start(m);
	if (proc_start_time(s->pid, &s->pid_start) < 0 ||
	    proc_start_time(s->monitor_pid, &s->monitor_start) < 0)
		return err_set(e, ESRCH, "/proc does not show our own processes: is it mounted with "
			       "hidepid or of another pid namespace?");
	return state_save_at(s, m->a.record->dirfd, e);
}

static int write_pidfile(const char *path, pid_t pid, struct err *e)
{
	char text[16];
	int n = snprintf(text, sizeof(text), "%d", pid), r;

	if (!path)
		return 0;
	r = file_write_at(AT_FDCWD, path, text, n, 0644, 0);
	return r < 0 ? err_sys(e, -r, "write pid file %s", path) : 0;
}

static int open_all(struct monitor *m, struct err *e)
{
	if (ctr_root_plan(&m->root, m->a.engine, m->config, e) < 0 ||
	    rootfs_open(&m->rootfs, m->a.engine->store, &m->root.args, e) < 0 ||
	    logs_writer_open(&m->log, m->a.engine, m->a.record, e) < 0)
		return -e->code;
	if (!m->a.record->is_fresh &&
	    mounted_root_clone(m->a.engine, m->a.record, &m->rootfs_mount_fd, e) < 0)
		return -e->code;
	m->relay.log = m->log;
	if ((m->config->named_volumes.n || m->config->anonymous_volumes.n) &&
	    volume_fill_plan(&m->fill, m->a.engine, m->config, e) < 0)
		return -e->code;
	if (m->config->mounts.n && image_mount_plan(&m->images, m->a.engine, m->config, e) < 0)
		return -e->code;
	return open_stdio(m, e);
}

/* What can be done while init makes its world. */
static int meanwhile(struct monitor *m, struct err *e)
{
	for (int i = 0; i < 3; i++)
		fd_close(&m->io_fds[i]);
	fd_close(&m->console_sock[1]);
	fd_close(&m->rootfs_mount_fd);
	if (runtime_net(&m->ctr, &m->spec, e) < 0 || start_network(m, e) < 0)
		return -e->code;
	fd_close(&m->ctr.net_fd);	/* the namespace ends with those that are in it */
	m->relay.listen_fd = attach_listen(m->runtime_dirfd);
	if (m->relay.listen_fd < 0)
		return err_sys(e, -m->relay.listen_fd, "attach socket in %s", m->runtime_path);
	if (save_running(m, e) < 0 || write_pidfile(m->config->pidfile, m->ctr.pid, e) < 0)
		return -e->code;
	return write_pidfile(m->config->conmon_pidfile, getpid(), e);
}

/* sd_listen_fds(3); LISTEN_PID is for the process itself to say (runtime/process.c). */
static void give_sockets(struct monitor *m)
{
	struct strv *env = &m->spec.process.env;
	char n[24];

	if (!m->a.preserve_n || !m->a.listen_n)
		return;
	snprintf(n, sizeof(n), "%zu", m->a.listen_n);
	strv_env_set(env, "LISTEN_FDS", n);
	if (m->a.listen_names)
		strv_env_set(env, "LISTEN_FDNAMES", m->a.listen_names);
}

int monitor_prepare(struct monitor *m, struct err *e)
{
	struct engine *g = m->a.engine;
	struct record *r = m->a.record;

	if (ctr_spec_namespaces(&m->spec, g, r, e) < 0 ||
	    runtime_begin(&m->ctr, &m->spec, e) < 0)
		return -e->code;
	m->runtime_dirfd = ctr_files_dir(g, r->id, &m->runtime_path, e);
	if (m->runtime_dirfd < 0 ||
	    ctr_spec_build(&m->spec, g, r, m->runtime_dirfd, m->runtime_path, e) < 0)
		return -e->code;
	give_sockets(m);
	m->spec.process.rows = m->a.rows;
	m->spec.process.cols = m->a.cols;
	return 0;
}

int monitor_start(struct monitor *m, struct err *e)
{
	bool is_served = m->a.engine->store->driver->serve && !m->config->rootfs;
	struct runtime_callbacks cb = { .arg = m, .mount_rootfs = mount_rootfs };
	autofree char *target = NULL;

	/* Any directory will do, for only init sees it mounted there; but what init still opens by
	 * path (volumes, layers, the sides of :O) must not lie below. */
	target = xasprintf("%s/tmp", m->a.engine->store->root);
	if (monitor_notify_open(m, e) < 0 ||
	    ctr_cgroup_enter(m->a.engine, m->config, &m->spec, &m->state.cgroup, e) < 0 ||
	    open_all(m, e) < 0 || monitor_hooks_bundle(m, &target, e) < 0)
		return -e->code;
	if (is_served && m->rootfs_mount_fd < 0)
		cb.on_rootfs = on_rootfs;
	cb.in_rootfs = m->fill.n || m->images.n || ctr_passwd_is_wanted(m->config) ||
					   ctr_files_hosts_of_image(m->config) || m->spec.bundle ||
				       ctr_chown_is_wanted(m->config)
			       ? in_rootfs
			       : NULL;
	if (start_network_early(m, e) < 0 || runtime_create(&m->ctr, &m->spec, &m->io, &cb, target, e) < 0 ||
	    meanwhile(m, e) < 0 || runtime_wait_ready(&m->ctr, &cb, e) < 0 ||
	    receive_console(m, e) < 0)
		return -e->code;
	keep_mounts(m);
	if (m->fill.n && volume_fill_done(&m->fill, m->a.engine, e) < 0)
		return -e->code;
	if (m->net.ops && netns_wait(&m->net, &m->config->ports, e) < 0)
		return -e->code;
	if (monitor_prepared(m, e) < 0)
		return -e->code;
	return m->a.is_init ? 0 : monitor_exec(m, e);
}
