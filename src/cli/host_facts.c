/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/host_facts.h"

#include "base/file.h"
#include "base/path.h"
#include "base/proc.h"
#include "base/str.h"
#include "container/ctr_cgroup_systemd.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <unistd.h>

#define XFS_MAGIC 0x58465342

const char *host_facts_arch(void)
{
	static const char *const go[][2] = {
		{ "x86_64", "amd64" },	 { "aarch64", "arm64" },  { "armv7l", "arm" },
		{ "armv6l", "arm" },	 { "i686", "386" },	  { "ppc64le", "ppc64le" },
		{ "s390x", "s390x" },	 { "riscv64", "riscv64" }, { "loongarch64", "loong64" },
	};
	struct utsname u;

	if (uname(&u) == 0)
		for (size_t i = 0; i < ARRAY_SIZE(go); i++)
			if (strcmp(u.machine, go[i][0]) == 0)
				return go[i][1];
	return "unknown";
}

static char *read_file(const char *path)
{
	char *text;
	size_t len;

	return file_read_at(AT_FDCWD, path, &text, &len, FILE_MAX_CONFIG) < 0 ? NULL : text;
}

char *host_facts_first_line(const char *path)
{
	char *text = read_file(path);

	if (text)
		text[strcspn(text, "\n")] = '\0';
	return text;
}

/* The value behind the first line "KEY<sep>VALUE"; owned. */
static char *find_value(const char *text, const char *key, char sep)
{
	size_t n = strlen(key);

	for (const char *p = text; p && *p;) {
		const char *eol = strchrnul(p, '\n');

		if (strncmp(p, key, n) == 0 && p[n] == sep)
			return xstrndup(p + n + 1, (size_t)(eol - p) - n - 1);
		p = *eol ? eol + 1 : eol;
	}
	return NULL;
}

char *host_facts_os_release(const char *key)
{
	autofree char *text = read_file("/etc/os-release");
	autofree char *value = NULL;
	size_t len;

	if (!text)
		text = read_file("/usr/lib/os-release");
	value = text ? find_value(text, key, '=') : NULL;
	len = value ? strlen(value) : 0;
	if (len >= 2 && (value[0] == '"' || value[0] == '\'') && value[len - 1] == value[0])
		return xstrndup(value + 1, len - 2);
	return steal_ptr(&value);
}

uint64_t host_facts_meminfo(const char *key)
{
	autofree char *text = read_file("/proc/meminfo");
	autofree char *value = text ? find_value(text, key, ':') : NULL;

	return value ? strtoull(value, NULL, 10) * 1024 : 0;
}

char *host_facts_program_version(const char *program)
{
	const char *const argv[] = { program, "--version", NULL };
	autofree char *said = NULL;
	const char *name = path_base(program), *line;
	struct err ignored;

	if (proc_capture(argv, NULL, &said, 65536, &ignored) != 0 || !said)
		return NULL;
	/* fuse-overlayfs begins with the version of fusermount. */
	for (line = said; *line; line += strspn(line, "\n")) {
		if (str_has_prefix(line, name))
			return xstrndup(line, strcspn(line, "\n"));
		line += strcspn(line, "\n");
	}
	return xstrndup(said, strcspn(said, "\n"));
}

int host_facts_cgroup_version(void)
{
	struct statfs fs;

	if (statfs("/sys/fs/cgroup", &fs) < 0)
		return 0;
	return fs.f_type == CGROUP2_SUPER_MAGIC ? 2 : 1;
}

/* What the user's systemd was given: its scopes are made there, wherever we are ourselves. */
static char *systemd_cgroup(uid_t uid)
{
	autofree char *path = xasprintf("/sys/fs/cgroup/user.slice/user-%u.slice/user@%u.service", uid, uid);

	return ctr_cgroup_systemd_is_there(uid) && access(path, W_OK) == 0 ? steal_ptr(&path) : NULL;
}

/* Else the nearest directory from our own cgroup upwards in which we may make one. */
char *host_facts_cgroup_delegated(uid_t uid)
{
	autofree char *text = read_file("/proc/self/cgroup");
	autofree char *own = text ? find_value(text, "0", ':') : NULL;
	autofree char *path = NULL;

	if (host_facts_cgroup_version() != 2)
		return NULL;
	path = systemd_cgroup(uid);
	if (path || !own || own[0] != ':')
		return steal_ptr(&path);
	path = xasprintf("/sys/fs/cgroup%s", own + 1);
	while (str_has_prefix(path, "/sys/fs/cgroup/")) {
		autofree char *procs = xasprintf("%s/cgroup.procs", path);

		if (access(path, W_OK) == 0 && access(procs, W_OK) == 0)
			return steal_ptr(&path);
		*strrchr(path, '/') = '\0';
	}
	return NULL;
}

void host_facts_cgroup_controllers(uid_t uid, struct strv *out)
{
	autofree char *dir = host_facts_cgroup_delegated(uid);
	autofree char *path = dir ? xasprintf("%s/cgroup.controllers", dir) : NULL;
	autofree char *line = path ? host_facts_first_line(path) : NULL;

	if (line && *line)
		strv_split(out, line, ' ');
}

bool host_facts_has_apparmor(void)
{
	autofree char *line = host_facts_first_line("/sys/module/apparmor/parameters/enabled");

	return line && line[0] == 'Y';
}

bool host_facts_has_selinux(void)
{
	return access("/sys/fs/selinux/enforce", F_OK) == 0;
}

const char *host_facts_file_system(int dirfd)
{
	static const struct {
		long magic;
		const char *name;
	} known[] = {
		{ EXT4_SUPER_MAGIC, "extfs" }, { XFS_MAGIC, "xfs" },	       { BTRFS_SUPER_MAGIC, "btrfs" },
		{ TMPFS_MAGIC, "tmpfs" },      { OVERLAYFS_SUPER_MAGIC, "overlayfs" },
		{ F2FS_SUPER_MAGIC, "f2fs" },  { NFS_SUPER_MAGIC, "nfs" },
	};
	struct statfs fs;

	if (fstatfs(dirfd, &fs) == 0)
		for (size_t i = 0; i < ARRAY_SIZE(known); i++)
			if ((long)fs.f_type == known[i].magic)
				return known[i].name;
	return "<unknown>";
}
