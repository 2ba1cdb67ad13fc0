/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/tar_dirs.h"

#include "base/fd.h"
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

static int open_dir(struct tar_dirs *d, const char *path, bool make)
{
	int fd = sys_openat2(d->root, path, O_PATH | O_DIRECTORY, 0,
			     RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS |
				     RESOLVE_NO_XDEV);

	/* An archive may hold lib -> usr/lib and then lib/x. That is followed as the container would
	 * follow it: with the directory as the root, so that no link can lead out. */
	if (fd == -ELOOP)
		fd = root_open(d->root, path, O_PATH | O_DIRECTORY);
	if (fd == -ENOENT && make)
		fd = root_mkdirs(d->root, path, 0755);
	return fd;
}

int tar_dirs_open(struct tar_dirs *d, const char *path, size_t len, bool make)
{
	autofree char *copy = NULL;
	size_t slot = 0;
	int fd;

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
		if (d->v[i].used < d->v[slot].used)
			slot = i;
	}
	copy = xstrndup(path, len);
	fd = open_dir(d, copy, make);
	if (fd < 0)
		return fd;
	free(d->v[slot].path);
	fd_close(&d->v[slot].fd);
	d->v[slot].path = steal_ptr(&copy);
	d->v[slot].fd = fd;
	d->v[slot].used = ++d->clock;
	d->last = slot;
	return fd;
}
