/* SPDX-License-Identifier: Apache-2.0 */
#include "container/export.h"

#include "base/fd.h"
#include "container/ctr_view.h"
#include "container/events.h"
#include "storage/store.h"
#include "storage/tar_out.h"

static int write_fd(void *arg, const void *data, size_t len, struct err *e)
{
	int r = fd_write_all(*(const int *)arg, data, len);

	return r < 0 ? err_sys(e, -r, "write the archive") : 0;
}

int export_container(struct engine *g, struct record *r, int out_fd, struct err *e)
{
	auto_of(ctr_view_clear) struct ctr_view view = CTR_VIEW_NONE;
	auto_of(tar_writer_clear) struct tar_writer w = { .write = write_fd, .arg = &out_fd };
	struct tar_out_args args = { .is_single_id = g->store->is_single_id };
	autoclose int dirfd = -1;
	int ret;

	if (ctr_view_open(&view, g, r, CTR_VIEW_BARE, e) < 0)
		return -e->code;
	args.dirfd = dirfd = fd_reopen(view.root_fd, O_RDONLY | O_DIRECTORY);
	if (dirfd < 0)
		return err_sys(e, -dirfd, "open the root of container %.12s", r->id);
	args.uid_map = &view.uid_map;
	args.gid_map = &view.gid_map;
	ret = tar_out(&w, &args, e);
	if (ret < 0 || tar_writer_end(&w, e) < 0)
		return -e->code;
	events_container(g, &r->config, "export");
	return 0;
}
