/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/idmap_mount.h"

#include "base/fd.h"
#include "base/idmap.h"
#include "base/str.h"
#include "base/strv.h"
#include "base/sys.h"
#include "base/units.h"
#include "runtime/mount_options.h"

#include <sys/wait.h>
#include <unistd.h>

static int add_triple(struct idmap *m, const char *text)
{
	auto_of(strv_clear) struct strv parts = { 0 };
	uint64_t n[3];

	strv_split(&parts, *text == '@' ? text + 1 : text, '-');
	if (parts.n != 3)
		return -EINVAL;
	for (size_t i = 0; i < 3; i++)
		if (units_parse_uint(parts.v[i], &n[i]) < 0 || n[i] > UINT32_MAX)
			return -EINVAL;
	if (!n[2])
		return -EINVAL;
	idmap_add(m, n[0], n[1], n[2]);
	return 0;
}

int idmap_mount_parse(struct idmap *out, const char *text, struct err *e)
{
	auto_of(strv_clear) struct strv parts = { 0 };
	auto_of(idmap_clear) struct idmap m = { 0 };

	strv_split(&parts, text, '#');
	for (size_t i = 0; i < parts.n; i++)
		if (add_triple(&m, parts.v[i]) < 0)
			return err_set(e, EINVAL, "idmap '%s' is not of the form 0-1000-10#...", text);
	*out = m;
	m = (struct idmap){ 0 };
	return 0;
}

static int write_map(pid_t pid, const char *file, const char *spec, struct err *e)
{
	auto_of(idmap_clear) struct idmap m = { 0 };
	int r = idmap_mount_parse(&m, spec, e);

	if (r < 0)
		return r;
	r = idmap_write(&m, pid, file);
	return r < 0 ? err_sys(e, -r, "idmap %s: write %s", spec, file) : 0;
}

/* A map is given to the kernel as a user namespace: a child that only waits to be killed has it. */
static int make_userns(const char *uids, const char *gids, struct err *e)
{
	autofree char *path = NULL;
	int pidfd = -1, r, ns_fd = -1;
	pid_t pid = sys_clone(CLONE_NEWUSER, &pidfd, -1);

	if (pid < 0)
		return err_sys(e, -pid, "idmap: make a user namespace");
	if (pid == 0)
		for (;;)
			pause();
	r = write_map(pid, "uid_map", uids, e);
	if (r >= 0)
		r = write_map(pid, "gid_map", gids, e);
	if (r >= 0) {
		path = xasprintf("/proc/%d/ns/user", pid);
		ns_fd = fd_open(path, O_RDONLY);
		r = ns_fd < 0 ? err_sys(e, -ns_fd, "idmap: open %s", path) : 0;
	}
	sys_pidfd_send_signal(pidfd, SIGKILL);
	waitpid(pid, NULL, __WALL);
	fd_close(&pidfd);
	if (r < 0)
		return r;
	return ns_fd;
}

/* "uids=...;gids=...", either may be left out and is then the same as the other. */
static int userns_of(const char *text, struct err *e)
{
	auto_of(strv_clear) struct strv parts = { 0 };
	const char *uids = NULL, *gids = NULL;

	if (str_empty(text)) {
		int fd = fd_open("/proc/self/ns/user", O_RDONLY);

		return fd < 0 ? err_sys(e, -fd, "open our user namespace") : fd;
	}
	strv_split(&parts, text, ';');
	for (size_t i = 0; i < parts.n; i++) {
		if (str_has_prefix(parts.v[i], "uids="))
			uids = str_after(parts.v[i], "uids=");
		else if (str_has_prefix(parts.v[i], "gids="))
			gids = str_after(parts.v[i], "gids=");
		else
			return err_set(e, EINVAL, "idmap '%s': '%s' is not uids= or gids=", text,
				       parts.v[i]);
	}
	if (!uids && !gids)
		return err_set(e, EINVAL, "idmap '%s' has neither uids= nor gids=", text);
	return make_userns(uids ? uids : gids, gids ? gids : uids, e);
}

int idmap_mount_apply(int mount_fd, const struct mount_options *o, struct err *e)
{
	autoclose int userns_fd = userns_of(o->idmap, e);
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_IDMAP };
	int r;

	if (userns_fd < 0)
		return userns_fd;
	attr.userns_fd = userns_fd;
	r = sys_mount_setattr(mount_fd, o->is_idmap_recursive ? AT_RECURSIVE : 0, &attr);
	if (r == -EPERM)
		return err_set(e, EPERM, "idmap: the kernel lets no unprivileged user map the owners of "
			       "this file system: use the option U to change them, or --userns=keep-id");
	if (r == -EINVAL)
		return err_set(e, EINVAL, "idmap: this file system cannot be mapped");
	return r < 0 ? err_sys(e, -r, "idmap") : 0;
}
