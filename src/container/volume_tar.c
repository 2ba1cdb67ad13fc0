/* SPDX-License-Identifier: Apache-2.0 */
#include "container/volume_tar.h"

#include "base/fd.h"
#include "base/str.h"
#include "container/copy_stream.h"
#include "container/volume_mount.h"
#include "container/volume_options.h"
#include "container/volumes.h"
#include "storage/store.h"

/* The directory, readable. A tmpfs is mounted for it, and with_mount says so. */
static int open_files(struct engine *g, const char *name, bool *with_mount, struct err *e)
{
	auto_of(volume_free) struct volume *v = NULL;
	auto_of(volume_options_clear) struct volume_options o = { 0 };
	autoclose int data_fd = -1;
	int fd;

	if (volume_load(&v, g, name, e) < 0 || volume_options_parse(&o, &v->options, e) < 0)
		return -e->code;
	*with_mount = o.kind == VOLUME_TMPFS;
	if (*with_mount && !volume_mount_count(g, name))
		return err_set(e, ENOTSUP, "volume %s is a tmpfs that nothing uses now: start a container with "
			       "it, or hold it with: rootlet unshare rootlet volume mount %s", name, name);
	data_fd = *with_mount ? volume_mount_take(g, v, "archive", e) : volume_open_data(g, name, e);
	if (data_fd < 0)
		return data_fd;
	fd = fd_reopen(data_fd, O_RDONLY | O_DIRECTORY);
	return fd < 0 ? err_sys(e, -fd, "volume %s", name) : fd;
}

static int end(struct engine *g, const char *name, bool with_mount, int r, struct err *e)
{
	struct err ignored = { 0 };

	if (with_mount)
		(void)volume_mount_release(g, name, "archive", &ignored);
	return r < 0 ? err_wrap(e, "volume %s", name) : 0;
}

int volume_tar_export(struct engine *g, const char *name, int out_fd, struct err *e)
{
	bool with_mount;
	autoclose int dirfd = open_files(g, name, &with_mount, e);
	struct copy_stream s = { .fd = dirfd, .out_fd = out_fd };

	if (dirfd < 0)
		return dirfd;
	return end(g, name, with_mount, copy_stream_out(&s, e), e);
}

int volume_tar_import(struct engine *g, const char *name, int in_fd, struct err *e)
{
	/* With one id nothing but ours can be said of an owner. */
	const struct paste_policy p = { .is_overwriting = true, .keeps_owner = !g->store->is_single_id };
	bool with_mount;
	autoclose int dirfd = open_files(g, name, &with_mount, e);

	if (dirfd < 0)
		return dirfd;
	return end(g, name, with_mount, copy_stream_in(g, in_fd, dirfd, &p, e), e);
}
