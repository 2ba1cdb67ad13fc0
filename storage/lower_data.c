/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/lower_data.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/str.h"
#include "storage/rootfs_overlay.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <sys/xattr.h>
#include <unistd.h>

#define PROBE_TEXT "there"

int lower_data_mark(int fd, const char *name)
{
	char path[256];
	int n = snprintf(path, sizeof(path), "/%s", name);

	if (fsetxattr(fd, "user.overlay.metacopy", "", 0, 0) < 0 ||
	    fsetxattr(fd, "user.overlay.redirect", path, n, 0) < 0)
		return -errno;
	return 0;
}

static int probe_layers(int dirfd)
{
	autoclose int fd = -1;
	int r;

	if (mkdirat(dirfd, "data", 0700) < 0)
		return -errno;
	r = file_write_at(dirfd, "data/1", PROBE_TEXT, strlen(PROBE_TEXT), 0600, 0);
	if (r < 0)
		return r;
	fd = fd_createat(dirfd, "lower/file", O_WRONLY | O_EXCL, 0600);
	if (fd < 0)
		return fd;
	if (ftruncate(fd, strlen(PROBE_TEXT)) < 0)
		return -errno;
	return lower_data_mark(fd, "1");
}

/* What older kernels do: refuse the layer, or show a file of the right size full of zeros. */
static int probe(const struct rootfs_overlay_probe *p, struct err *e)
{
	autofree char *data = xasprintf("%s/data", p->path), *text = NULL;
	autoclose int data_fd = -1, mount_fd = -1, root = -1;
	struct overlay_dirs d = p->dirs;
	size_t len;
	int r = probe_layers(p->dirfd);

	if (r < 0)
		return err_sys(e, -r, "make files in %s", p->path);
	data_fd = fd_opendir(data);
	d.data_fds = &data_fd;
	d.data_n = 1;
	r = rootfs_overlay(&d, p->merged, &mount_fd, e);
	if (r < 0)
		return r;
	root = mount_fd >= 0 ? fd_opendirat(mount_fd, ".") : fd_opendir(p->merged);
	r = root < 0 ? root : file_read_at(root, "file", &text, &len, 64);
	if (r < 0)
		return err_sys(e, -r, "read a file whose content is in a data-only layer");
	if (strcmp(text, PROBE_TEXT))
		return err_set(e, ENOTSUP, "overlay does not look into data-only layers");
	return 0;
}

bool lower_data_works(struct store *s)
{
	autofree char *name = NULL, *known = NULL;
	struct utsname u;
	struct err ignored;
	bool works;

	if (uname(&u) < 0 || strchr(u.release, '/'))
		return false;
	name = xasprintf("lower-data.%.80s", u.release);
	if (file_read_at(s->cache_dirfd, name, &known, NULL, 16) >= 0)
		return str_eq(known, "yes");
	works = rootfs_overlay_try(s, probe, &ignored) >= 0;
	(void)file_write_at(s->cache_dirfd, name, works ? "yes" : "no", works ? 3 : 2, 0600, 0);
	return works;
}
