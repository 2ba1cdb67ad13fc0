/* SPDX-License-Identifier: Apache-2.0 */
#include "container/ctr_root.h"

#include "container/ctr_files.h"
#include "container/ctr_userns.h"
#include "storage/images.h"

static int read_layers(struct ctr_root *out, struct engine *g, const struct container_config *c,
		       struct err *e)
{
	int r = images_load_layers(&out->chain_ids, g->store, c->image_id, e);

	return r < 0 ? err_wrap(e, "image of container %.12s", c->id) : 0;
}

int ctr_root_plan(struct ctr_root *out, struct engine *g, const struct container_config *c,
		  struct err *e)
{
	auto_of(ctr_root_clear) struct ctr_root r = { 0 };
	auto_of(ctr_userns_clear) struct ctr_userns u = { 0 };
	unsigned int flags = 0;

	if (ctr_userns_plan(&u, g->session, c, e) < 0)
		return -e->code;
	if (!c->rootfs && read_layers(&r, g, c, e) < 0)
		return -e->code;
	if (c->rm)
		flags |= ROOTFS_VOLATILE;
	if (c->no_hosts)
		flags |= ROOTFS_NO_HOSTS;
	if (c->no_hostname)
		flags |= ROOTFS_NO_HOSTNAME;
	if (!ctr_files_has_resolv(c))
		flags |= ROOTFS_NO_RESOLV;
	if (c->rootfs)
		flags |= ROOTFS_HOST;
	if (c->rootfs && c->is_rootfs_overlay)
		flags |= ROOTFS_OVERLAY;
	idmap_copy(&r.uid_map, &u.uid_shift);
	idmap_copy(&r.gid_map, &u.gid_shift);
	*out = r;
	out->args = (struct rootfs_args){
		.container_id = c->id, .chain_ids = &out->chain_ids, .host_path = c->rootfs,
		.flags = flags, .uid_map = &out->uid_map, .gid_map = &out->gid_map,
	};
	r = (struct ctr_root){ 0 };
	return 0;
}

void ctr_root_clear(struct ctr_root *r)
{
	strv_clear(&r->chain_ids);
	idmap_clear(&r->uid_map);
	idmap_clear(&r->gid_map);
	*r = (struct ctr_root){ 0 };
}
