/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/sysctl.h"

#include "base/fd.h"
#include "base/str.h"
#include "base/sys.h"
#include "runtime/mount_fs.h"
#include "runtime/spec.h"

#include <linux/magic.h>
#include <string.h>

static const struct {
	const char *key;	/* ends in '/': everything below */
	enum spec_ns ns;
} owners[] = {
	{ "net/", SPEC_NS_NET },	      { "fs/mqueue/", SPEC_NS_IPC },
	{ "kernel/msgmax", SPEC_NS_IPC },     { "kernel/msgmnb", SPEC_NS_IPC },
	{ "kernel/msgmni", SPEC_NS_IPC },     { "kernel/sem", SPEC_NS_IPC },
	{ "kernel/shmall", SPEC_NS_IPC },     { "kernel/shmmax", SPEC_NS_IPC },
	{ "kernel/shmmni", SPEC_NS_IPC },     { "kernel/shm_rmid_forced", SPEC_NS_IPC },
	{ "kernel/hostname", SPEC_NS_UTS },   { "kernel/domainname", SPEC_NS_UTS },
};

static const char *const ns_options[N_SPEC_NS] = {
	[SPEC_NS_NET] = "--network=host", [SPEC_NS_IPC] = "--ipc=host", [SPEC_NS_UTS] = "--uts=host",
};

/* "net.ipv4.conf.eth0/1.x" and "net/ipv4/conf/eth0.1/x" are the same key (sysctl(8)): whichever of
 * the two comes first is the separator. */
static char *key_path(const char *key)
{
	char *path = xstrdup(key);
	size_t first = strcspn(path, "./");

	if (path[first] != '.')
		return path;
	for (char *p = path; *p; p++)
		*p = *p == '.' ? '/' : *p == '/' ? '.' : *p;
	return path;
}

static bool is_sane_path(const char *path)
{
	for (const char *p = path; *p; p++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:@", *p))
			return false;
	return *path && *path != '/' && !strstr(path, "..") && !strstr(path, "//");
}

int sysctl_check(const struct spec *s, const struct spec_sysctl *c, struct err *e)
{
	autofree char *path = key_path(c->key);

	if (!is_sane_path(path))
		return err_set(e, EINVAL, "sysctl '%s' is not a key", c->key);
	if (strpbrk(c->value, "\n\r"))
		return err_set(e, EINVAL, "sysctl %s: the value may not have a line break", c->key);
	for (size_t i = 0; i < ARRAY_SIZE(owners); i++) {
		const char *key = owners[i].key;
		bool is_below = key[strlen(key) - 1] == '/';

		if (is_below ? !str_has_prefix(path, key) : !str_eq(path, key))
			continue;
		if (s->ns[owners[i].ns] != SPEC_NS_HOST)
			return 0;
		return err_set(e, ERR_USAGE, "sysctl '%s' is not allowed with %s: it would change the host's",
			       c->key, ns_options[owners[i].ns]);
	}
	return err_set(e, ERR_USAGE, "sysctl '%s' is not allowed: of those of a container's namespaces are "
		       "net.*, fs.mqueue.*, kernel.msg*, kernel.sem and kernel.shm*", c->key);
}

static int apply_one(const struct spec *s, const struct spec_sysctl *c, int proc_fd,
		     struct err *e)
{
	autofree char *key = key_path(c->key), *path = xasprintf("sys/%s", key);
	autoclose int fd = -1;
	int r = sysctl_check(s, c, e);

	if (r < 0)
		return r;
	/* sys/net is a link to self/net in some kernels' view of it; nothing else may lead away. */
	fd = sys_openat2(proc_fd, path, O_WRONLY, 0, RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS |
							     RESOLVE_NO_XDEV);
	if (fd < 0)
		return err_sys(e, -fd, "sysctl %s", c->key);
	if (!mount_fs_is(fd, PROC_SUPER_MAGIC))
		return err_set(e, EXDEV, "sysctl %s: /proc/sys is not the kernel's", c->key);
	r = fd_write_all(fd, c->value, strlen(c->value));
	return r < 0 ? err_sys(e, -r, "sysctl %s=%s", c->key, c->value) : 0;
}

int sysctl_apply(const struct spec *s, int proc_fd, struct err *e)
{
	for (size_t i = 0; i < s->sysctls_n; i++) {
		int r = apply_one(s, &s->sysctls[i], proc_fd, e);

		if (r < 0 && !s->sysctls[i].is_optional)
			return r;
	}
	return 0;
}
