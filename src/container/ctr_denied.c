/* SPDX-License-Identifier: Apache-2.0 */
#include "container/ctr_denied.h"

#include "base/fd.h"
#include "container/ctr_idmap.h"
#include "runtime/denied.h"
#include "userns/session.h"

int ctr_denied_source(struct err *e, int code, const struct session *s, const char *source,
		      const char *target)
{
	struct spec_process p = { .host_uid = s->uid };
	autoclose int root_fd = -1;

	if (code == ENOENT)
		return err_sys(e, code, "cannot mount at %s: statfs %s", target, source);
	err_sys(e, code, "cannot mount %s at %s", source, target);
	if (code != EACCES)
		return -e->code;
	root_fd = fd_open("/", O_PATH | O_DIRECTORY);
	p.host_uids = ctr_idmap_on_host(NULL, 0, s->uid_map, s->uid_map_n, &p.host_uids_n);
	p.host_gids = ctr_idmap_on_host(NULL, 0, s->gid_map, s->gid_map_n, &p.host_gids_n);
	denied_explain(e, &p, 0, root_fd, source);
	spec_process_clear(&p);
	return -e->code;
}
