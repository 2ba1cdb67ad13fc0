/* SPDX-License-Identifier: Apache-2.0 */
#include "container/ctr_ipc.h"

#include "base/str.h"
#include "container/ctr_view.h"
#include "container/record.h"

#include <stdio.h>

static struct spec_mount *add(struct spec *s, const struct mount_args *user, const char *type,
			      const char *source, const char *target, const char *options)
{
	return mount_args_at(user, target) ? NULL : spec_add_mount(s, type, source, target, options);
}

static void add_of_host(struct spec *s, const struct mount_args *user)
{
	struct spec_mount *m;

	add(s, user, "bind", "/dev/shm", "/dev/shm", "rbind,nosuid,nodev,noexec");
	m = add(s, user, "bind", "/dev/mqueue", "/dev/mqueue", "rbind,nosuid,nodev,noexec");
	if (m)
		m->is_optional = true;
}

/* POSIX shared memory is files: who shares the namespace alone would see the other's segments of
 * System V, and none of these. */
static int add_of_container(struct spec *s, struct engine *g, const char *name, const struct mount_args *user,
			    struct err *e)
{
	auto_of(record_free) struct record *other = NULL;
	struct spec_mount *m;
	int fd;

	if (record_open(&other, g, name, e) < 0)
		return err_wrap(e, "--ipc");
	if (str_eq(other->config.ipcns, "private") || str_eq(other->config.ipcns, "none"))
		return err_set(e, EINVAL, "--ipc: container %s does not share its ipc namespace (--ipc=%s): it is to "
			       "be made with --ipc=shareable", other->config.name, other->config.ipcns);
	m = add(s, user, "bind", "/dev/shm", "/dev/shm", "bind,nosuid,nodev,noexec");
	if (!m)
		return 0;
	fd = ctr_view_clone(g, other, "/dev/shm", e);
	if (fd < 0)
		return err_wrap(e, "--ipc");
	m->mount_fd = fd;
	return 0;
}

int ctr_ipc_apply(struct spec *s, struct engine *g, const struct container_config *c,
		  const struct mount_args *user, struct err *e)
{
	const char *name = c->ipcns ? str_after(c->ipcns, "container:") : NULL;
	char shm[80];

	if (str_eq(c->ipcns, "host")) {
		add_of_host(s, user);
		return 0;
	}
	add(s, user, "mqueue", "mqueue", "/dev/mqueue", "nosuid,nodev,noexec");
	if (name)
		return add_of_container(s, g, name, user, e);
	if (str_eq(c->ipcns, "none"))
		return 0;
	snprintf(shm, sizeof(shm), "nosuid,nodev,noexec,mode=1777,size=%lld",
		 (long long)(c->shm_size >= 0 ? c->shm_size : CTR_IPC_SHM));
	add(s, user, "tmpfs", "shm", "/dev/shm", shm);
	return 0;
}
