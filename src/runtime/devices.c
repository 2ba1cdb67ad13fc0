/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/devices.h"

#include "base/fd.h"
#include "runtime/init.h"
#include "runtime/mount_fs.h"
#include "runtime/mounts.h"

#include <sys/sysmacros.h>
#include <unistd.h>

static const struct node {
	const char *host_path, *name;
	unsigned int major, minor;
} nodes[] = {
	{ "/dev/null", "null", 1, 3 },	   { "/dev/zero", "zero", 1, 5 },
	{ "/dev/full", "full", 1, 7 },	   { "/dev/random", "random", 1, 8 },
	{ "/dev/urandom", "urandom", 1, 9 }, { "/dev/tty", "tty", 5, 0 },
};

static const struct {
	const char *name, *to;
} links[] = {
	{ "fd", "/proc/self/fd" },	 { "stdin", "/proc/self/fd/0" },
	{ "stdout", "/proc/self/fd/1" }, { "stderr", "/proc/self/fd/2" },
	{ "ptmx", "pts/ptmx" },		 { "core", "/proc/kcore" },
};

/* The node is opened once, looked at, and bound by descriptor: a /dev/null that somebody swapped
 * for a link to something precious is not bound (CVE-2025-31133). */
static int open_node(const struct node *n, struct err *e)
{
	autoclose int fd = fd_open(n->host_path, O_PATH | O_NOFOLLOW);
	struct stat st;

	if (fd < 0)
		return err_sys(e, -fd, "open %s", n->host_path);
	if (fstat(fd, &st) < 0)
		return err_sys(e, errno, "look at %s", n->host_path);
	if (!S_ISCHR(st.st_mode) || st.st_rdev != makedev(n->major, n->minor))
		return err_set(e, ENODEV, "%s is not the character device %u:%u", n->host_path,
			       n->major, n->minor);
	return steal_fd(&fd);
}

int devices_open_null(int *null_fd, struct err *e)
{
	int fd;

	if (*null_fd >= 0)
		return 0;
	fd = open_node(&nodes[0], e);
	if (fd < 0)
		return fd;
	*null_fd = fd;
	return 0;
}

static int bind_node(int dev_fd, int host_fd, const struct node *n, struct err *e)
{
	autoclose int mount_fd = mount_fs_clone(host_fd, false);
	autoclose int target_fd = -1;
	int r;

	if (mount_fd < 0)
		return err_sys(e, -mount_fd, "clone %s", n->host_path);
	target_fd = fd_createat(dev_fd, n->name, O_WRONLY | O_EXCL | O_NOFOLLOW, 0666);
	if (target_fd == -EEXIST)
		return 0;	/* a mount of the spec is there already */
	if (target_fd < 0)
		return err_sys(e, -target_fd, "create %s", n->host_path);
	r = mount_fs_attach(mount_fd, target_fd);
	return r < 0 ? err_sys(e, -r, "bind %s", n->host_path) : 0;
}

static int make_standard(struct init *in, struct err *e)
{
	int r = devices_open_null(&in->null_fd, e);

	for (size_t i = 0; i < ARRAY_SIZE(nodes) && r >= 0; i++) {
		autoclose int fd = i == 0 ? fd_dup(in->null_fd) : open_node(&nodes[i], e);

		if (fd == -ENOENT)
			continue;	/* a host without it (a nested one without tty) */
		r = fd < 0 ? fd : bind_node(in->dev_fd, fd, &nodes[i], e);
	}
	for (size_t i = 0; i < ARRAY_SIZE(links) && r >= 0; i++)
		if (symlinkat(links[i].to, in->dev_fd, links[i].name) < 0 && errno != EEXIST)
			r = err_sys(e, errno, "create /dev/%s", links[i].name);
	return r;
}

static int bind_device(struct init *in, const struct spec_device *d, struct err *e)
{
	autoclose int host_fd = fd_open(d->host_path, O_PATH);
	autoclose int mount_fd = -1, target_fd = -1;
	struct stat st;
	int r;

	if (host_fd == -ENOENT && d->is_optional)
		return 0;
	if (host_fd < 0)
		return err_sys(e, -host_fd, "open device %s", d->host_path);
	if (fstat(host_fd, &st) < 0)
		return err_sys(e, errno, "look at %s", d->host_path);
	if (!S_ISCHR(st.st_mode) && !S_ISBLK(st.st_mode))
		return err_set(e, ENODEV, "%s is not a device", d->host_path);
	mount_fd = mount_fs_clone(host_fd, false);
	if (mount_fd < 0)
		return err_sys(e, -mount_fd, "clone device %s", d->host_path);
	r = d->is_readonly ? mount_fs_set_readonly(mount_fd, false) : 0;
	if (r < 0)
		return err_sys(e, -r, "make device %s read-only", d->host_path);
	target_fd = mounts_open_target(in->root_fd, d->path, false, false);
	if (target_fd < 0)
		return err_sys(e, -target_fd, "device %s", d->path);
	r = mount_fs_attach(mount_fd, target_fd);
	return r < 0 ? err_sys(e, -r, "bind device %s", d->path) : 0;
}

int devices_apply(struct init *in, struct err *e)
{
	int r = in->dev_fd >= 0 ? make_standard(in, e) : 0;

	for (size_t i = 0; i < in->spec->devices_n && r >= 0; i++)
		r = bind_device(in, &in->spec->devices[i], e);
	return r;
}
