/* SPDX-License-Identifier: Apache-2.0 */
#include "container/ctr_denied.h"

#include "base/fd.h"
#include "container/ctr_idmap.h"
#include "runtime/denied.h"
#include "runtime/spec.h"
#include "userns/session.h"

int ctr_denied_source(struct err *e, int code, const struct session *s, const char *source,
		      const char *target)
{
	struct spec_process p = { .host_uid = s->uid };
	const struct idmap own = { 0 };
	autoclose int root_fd = -1;

	if (code == ENOENT)
		return err_sys(e, code, "cannot mount at %s: statfs %s", target, source);
	err_sys(e, code, "cannot mount %s at %s", source, target);
	if (code != EACCES)
		return -e->code;
	root_fd = fd_open("/", O_PATH | O_DIRECTORY);
	ctr_idmap_on_host(&p.host_uids, &own, &s->uid_map);
	ctr_idmap_on_host(&p.host_gids, &own, &s->gid_map);
	denied_explain(e, &p, 0, root_fd, source);
	spec_process_clear(&p);
	return -e->code;
}
