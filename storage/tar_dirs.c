/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/tar_dirs.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/path.h"
#include "base/sys.h"

#include <errno.h>
#include <string.h>

void tar_dirs_init(struct tar_dirs *d, int root)
{
	memset(d, 0, sizeof(*d));
	d->root = root;
	for (size_t i = 0; i < TAR_DIRS_MAX; i++)
		d->v[i].fd = -1;
}

void tar_dirs_forget(struct tar_dirs *d)
{
	for (size_t i = 0; i < TAR_DIRS_MAX; i++) {
		free(d->v[i].path);
		d->v[i].path = NULL;
		fd_close(&d->v[i].fd);
		d->v[i].used = 0;
	}
}

void tar_dirs_clear(struct tar_dirs *d)
{
	tar_dirs_forget(d);
}

static bool is_at(const struct tar_dirs *d, size_t i, const char *path, size_t len)
{
	const char *have = d->v[i].path;

	return have && strncmp(have, path, len) == 0 && have[len] == 0;
}

static int open_dir(struct tar_dirs *d, const char *path)
{
	int fd = sys_openat2(d->root, path, O_PATH | O_DIRECTORY, 0,
			     RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS |
				     RESOLVE_NO_XDEV);

	/* An archive may hold lib -> usr/lib and then lib/x. That is followed as the container
	 * would follow it: with the directory as the root, so that no link can lead out. EXDEV: a
	 * volume in a container's tree. */
	return fd == -ELOOP || fd == -EXDEV ? root_open(d->root, path, O_PATH | O_DIRECTORY) : fd;
}

/* The archive does not say what its parents are like: 0755, whatever the umask. */
static int make_dir(struct tar_dirs *d, const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	int parent = tar_dirs_open(d, path, slash ? slash - path : 0, true);

	if (parent < 0)
		return parent;
	if (mkdirat(parent, name, 0755) < 0)
		return -errno;
	return file_chmod_at(parent, name, 0755);
}

int tar_dirs_open(struct tar_dirs *d, const char *path, size_t len, bool make)
{
	autofree char *copy = NULL;
	size_t slot = 0;
	int fd, r;

	if (len == 0)
		return d->root;
	if (is_at(d, d->last, path, len))
		return d->v[d->last].fd;
	for (size_t i = 0; i < TAR_DIRS_MAX; i++) {
		if (is_at(d, i, path, len)) {
			d->last = i;
			d->v[i].used = ++d->clock;
			return d->v[i].fd;
		}
	}
	copy = xstrndup(path, len);
	fd = open_dir(d, copy);
	if (fd == -ENOENT && make) {
		r = make_dir(d, copy);
		fd = r < 0 ? r : open_dir(d, copy);
	}
	if (fd < 0)
		return fd;
	for (size_t i = 1; i < TAR_DIRS_MAX; i++)
		if (d->v[i].used < d->v[slot].used)
			slot = i;
	free(d->v[slot].path);
	fd_close(&d->v[slot].fd);
	d->v[slot].path = steal_ptr(&copy);
	d->v[slot].fd = fd;
	d->v[slot].used = ++d->clock;
	d->last = slot;
	return fd;
}
