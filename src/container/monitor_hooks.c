/* SPDX-License-Identifier: Apache-2.0 */
/* THEORY
 * A hook finds the container's configuration in config.json of its bundle. There is no bundle here, so one
 * is made of the container's runtime directory when, and only when, a hook is going to run. It is written
 * by init (with ids of its own: by its helper) as soon as the root file system is there, for that is what
 * says who "--user app" is; every hook runs later. The root file system is mounted at "rootfs" in it, in
 * the container's mount namespace: createContainer hooks find it there by its path, a createRuntime hook
 * through the mount namespace of the pid it is told. In the runtime's it is an empty directory.
 */
#include "container/monitor_priv.h"

#include "base/fd.h"
#include "base/json.h"
#include "base/str.h"
#include "runtime/hooks.h"
#include "runtime/passwd.h"
#include "runtime/spec_json.h"

#include <errno.h>
#include <sys/stat.h>

#define ROOTFS "rootfs"

int monitor_hooks_bundle(struct monitor *m, char **target, struct err *e)
{
	if (!spec_has_hooks(&m->spec))
		return 0;
	if (mkdirat(m->runtime_dirfd, ROOTFS, 0700) < 0 && errno != EEXIST)
		return err_sys(e, errno, "%s/" ROOTFS, m->runtime_path);
	xreplace(&m->spec.bundle, m->runtime_path);
	free(*target);
	*target = xasprintf("%s/" ROOTFS, m->runtime_path);
	return 0;
}

int monitor_hooks_config(struct monitor *m, int root_dirfd, struct err *e)
{
	const struct spec_process *p = &m->spec.process;
	auto_of(passwd_user_clear) struct passwd_user user = { .uid = p->uid, .gid = p->gid };
	auto_of(json_free) struct json *j = NULL;
	autofree char *root = xasprintf("%s/" ROOTFS, m->runtime_path);
	auto_of(str_clear) struct str text = { 0 };
	autoclose int fd = -1;
	int r;

	if (passwd_resolve(&user, root_dirfd, p->has_user_text ? p->user : NULL, &p->group_names, e) < 0)
		return -e->code;
	j = spec_json(&m->spec, &user, root);
	json_write(&text, j, 0);
	/* Nobody reads it before a hook is started, and its variables may be secret. */
	fd = fd_createat(m->runtime_dirfd, "config.json", O_WRONLY | O_TRUNC | O_NOFOLLOW, 0600);
	r = fd < 0 ? fd : fd_write_all(fd, str_peek(&text), text.len);
	return r < 0 ? err_sys(e, -r, "%s/config.json", m->runtime_path) : 0;
}

int monitor_hooks_run(struct monitor *m, enum spec_hook_stage stage, const char *status, struct err *e)
{
	autofree char *state = NULL;

	if (!m->spec.hooks_n[stage])
		return 0;
	state = hooks_state(m->a.record->id, &m->config->annotations, status, m->ctr.pid, m->spec.bundle);
	return runtime_run_hooks(&m->spec, stage, state, e);
}
