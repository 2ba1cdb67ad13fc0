/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/terminal.h"

#include "base/fd.h"
#include "base/path.h"
#include "runtime/init.h"
#include "runtime/mount_fs.h"

#include <linux/magic.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#ifndef TIOCGPTPEER
#define TIOCGPTPEER _IO('T', 0x41)
#endif

int terminal_open_devpts(int root_fd, struct err *e)
{
	autoclose int fd = root_open(root_fd, "/dev/pts", O_PATH | O_DIRECTORY);

	if (fd < 0)
		return err_sys(e, -fd, "open /dev/pts of the container");
	if (!mount_fs_is(fd, DEVPTS_SUPER_MAGIC))
		return err_set(e, ENOTTY, "/dev/pts of the container is not a devpts");
	return steal_fd(&fd);
}

/* The peer is taken from the master by ioctl: its name is never looked up. */
static int open_pair(int devpts_fd, int *master_fd, int *slave_fd)
{
	autoclose int master = fd_openat(devpts_fd, "ptmx", O_RDWR | O_NOCTTY | O_NOFOLLOW);
	int unlock = 0, slave;

	if (master < 0)
		return master;
	if (ioctl(master, TIOCSPTLCK, &unlock) < 0)
		return -errno;
	slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave < 0)
		return -errno;
	*slave_fd = slave;
	*master_fd = steal_fd(&master);
	return 0;
}

int terminal_make(int devpts_fd, const struct runtime_io *io, const struct spec_process *p,
		  uid_t uid, struct err *e)
{
	autoclose int master_fd = -1, slave_fd = -1;
	struct winsize size = { .ws_row = p->rows, .ws_col = p->cols };
	int r = open_pair(devpts_fd, &master_fd, &slave_fd);

	if (r < 0)
		return err_sys(e, -r, "open a terminal");
	if (p->rows && p->cols && ioctl(slave_fd, TIOCSWINSZ, &size) < 0)
		return err_sys(e, errno, "set the size of the terminal");
	if (uid != 0 && fchown(slave_fd, uid, -1) < 0)
		return err_sys(e, errno, "give the terminal to user %u", uid);
	r = fd_send_fds(io->console_sock, &master_fd, 1);
	return r < 0 ? err_sys(e, -r, "send the terminal") : steal_fd(&slave_fd);
}

static bool is_pts(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISCHR(st.st_mode) && major(st.st_rdev) >= 136 &&
	       major(st.st_rdev) <= 143;
}

int terminal_bind_console(struct init *in, int slave_fd, struct err *e)
{
	autoclose int mount_fd = -1, target_fd = -1;
	int r;

	/* Only on a /dev of our own making: there /dev/console is what we create, not what an image
	 * has put there (CVE-2025-52565). */
	if (in->dev_fd < 0)
		return 0;
	if (!is_pts(slave_fd))
		return err_set(e, ENOTTY, "the terminal of the container is none");
	target_fd = fd_createat(in->dev_fd, "console", O_WRONLY | O_EXCL | O_NOFOLLOW | O_NOCTTY,
				0620);
	if (target_fd == -EEXIST)
		return 0;	/* a device or mount of the spec */
	mount_fd = target_fd < 0 ? target_fd : mount_fs_clone(slave_fd, false);
	r = mount_fd < 0 ? mount_fd : mount_fs_attach(mount_fd, target_fd);
	return r < 0 ? err_sys(e, -r, "bind /dev/console") : 0;
}
