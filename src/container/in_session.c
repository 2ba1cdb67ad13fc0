/* SPDX-License-Identifier: Apache-2.0 */
#include "container/in_session.h"

#include "base/fd.h"
#include "base/sys.h"
#include "runtime/mount_fs.h"
#include "userns/session.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct child {
	int sock_fd, err_fd;	/* owned; our ends */
	pid_t pid;
};

static int start_child(struct child *c, struct engine *g, in_session_fn *fn, void *arg,
		       struct err *e)
{
	autoclose int sock_fd = -1, err_fd = -1;
	int sock[2], p[2], r = fd_socketpair(SOCK_STREAM, sock);

	if (r < 0)
		return err_sys(e, -r, "make a socket");
	c->sock_fd = sock[0];
	sock_fd = sock[1];
	r = fd_pipe(p);
	if (r < 0)
		return err_sys(e, -r, "make a pipe");
	c->err_fd = p[0];
	err_fd = p[1];
	c->pid = sys_clone(0, NULL, -1);
	if (c->pid < 0)
		return err_sys(e, -c->pid, "start a process");
	if (c->pid == 0) {
		struct err child = { 0 };

		fd_close(&c->sock_fd);
		fd_close(&c->err_fd);
		if (session_join_mounts(g->session, &child) < 0 || fn(arg, sock_fd, &child) < 0)
			(void)err_send(err_fd, &child);
		_exit(0);
	}
	return 0;
}

int in_session(struct engine *g, in_session_fn *fn, void *arg, int *fd, struct err *e)
{
	struct child c = { .sock_fd = -1, .err_fd = -1 };
	int r = start_child(&c, g, fn, arg, e), status = 0;

	if (r >= 0) {
		if (fd && fd_recv_fds(c.sock_fd, fd, 1) != 1)
			*fd = -1;
		r = err_recv(c.err_fd, e) == 1 ? -e->code : 0;
		while (waitpid(c.pid, &status, __WALL) < 0 && errno == EINTR)
			;
		if (r >= 0 && status)
			r = err_set(e, ECHILD, "the process that looks after mounts was killed");
	}
	fd_close(&c.sock_fd);
	fd_close(&c.err_fd);
	return r;
}

bool in_session_is_mount(int fd)
{
	struct statx st;

	return statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &st) == 0 &&
	       (st.stx_attributes & STATX_ATTR_MOUNT_ROOT);
}

int in_session_clone(void *arg, int sock_fd, struct err *e)
{
	autoclose int fd = fd_opendir(arg), mount_fd = -1;
	int r;

	if (fd < 0 || !in_session_is_mount(fd))
		return 0;
	mount_fd = mount_fs_clone(fd, true);
	r = mount_fd < 0 ? mount_fd : fd_send_fds(sock_fd, &mount_fd, 1);
	return r < 0 ? err_sys(e, -r, "clone the mount of %s", (const char *)arg) : 0;
}

int in_session_unmount(void *arg, int sock_fd, struct err *e)
{
	autoclose int fd = fd_opendir(arg);
	int r = 0;

	(void)sock_fd;
	if (fd >= 0 && in_session_is_mount(fd))
		r = sys_umount(arg, MNT_DETACH | UMOUNT_NOFOLLOW);
	return r < 0 ? err_sys(e, -r, "unmount %s", (const char *)arg) : 0;
}
