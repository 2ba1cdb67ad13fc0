/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/doctor.h"

#include "base/str.h"
#include "cli/host_facts.h"
#include "userns/pause.h"
#include "userns/session_map.h"
#include "userns/switches.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#define KERNEL_MAJOR 5		/* 5.13: mount_setattr, overlay in user namespaces, close_range */
#define KERNEL_MINOR 13
#define NEED_NAMESPACES 100
#define NEED_INSTANCES 128
#define NEED_FILES 1024
#define NEED_KEYS 20
#define NEED_PROCESSES 1024

static void check_kernel(struct doctor *d)
{
	struct doctor_finding f = { .name = "kernel" };
	struct utsname u = { 0 };
	int major = 0, minor = 0;

	uname(&u);
	f.found = u.release;
	if (sscanf(u.release, "%d.%d", &major, &minor) == 2 &&
	    (major < KERNEL_MAJOR || (major == KERNEL_MAJOR && minor < KERNEL_MINOR))) {
		f.status = DOCTOR_BROKEN;
		f.cost = "Linux 5.13 is the oldest that has the calls containers are made with";
		f.remedy = "install a newer kernel of the distribution and reboot";
	}
	doctor_add(d, &f);
}

/* Makes one and maps our own id: AppArmor refuses only the second. */
static int try_userns(struct err *e)
{
	auto_of(pause_clear) struct pause p = { .pidfd = -1, .go_fd = -1 };
	auto_of(idmap_clear) struct idmap uids = { 0 };
	auto_of(idmap_clear) struct idmap gids = { 0 };
	const struct pause_args args = { .userns_fd = -1, .keep_dirfd = -1, .name = PAUSE_NAME_RUNROOT };
	int r = pause_fork(&p, &args, e);

	if (r < 0)
		return r;
	idmap_add(&uids, 0, getuid(), 1);
	idmap_add(&gids, 0, getgid(), 1);
	return session_map_write(p.pid, &uids, &gids, true, e);
}

static void check_userns(struct doctor *d)
{
	struct doctor_finding f = { .name = "user namespaces", .found = "can be made" };
	autofree char *remedy = NULL;
	struct switches s;
	struct err e = { 0 };

	switches_load(&s);
	if (try_userns(&e) < 0) {
		f.status = DOCTOR_BROKEN;
		f.found = e.msg;
		f.cost = "no container can be started";
		remedy = switches_reason(&s);
		if (s.apparmor_restrict > 0 && s.max_user_namespaces != 0) {
			autofree char *profile = switches_apparmor_profile();

			free(remedy);
			remedy = xasprintf("as root, write this to /etc/apparmor.d/rootlet and run: "
					   "apparmor_parser -r /etc/apparmor.d/rootlet\n%s",
					   profile);
		}
		if (!remedy)
			remedy = xstrdup("no kernel switch forbids it: the container, sandbox or "
					 "security policy we run in does; leave it or have it changed");
		f.remedy = remedy;
	}
	doctor_add(d, &f);
}

static void check_namespace_limit(struct doctor *d)
{
	struct switches s;
	autofree char *found = NULL;
	struct doctor_finding f = { .name = "namespace limits" };
	int64_t least;

	switches_load(&s);
	least = s.max_user_namespaces;
	if (s.max_mnt_namespaces >= 0 && s.max_mnt_namespaces < least)
		least = s.max_mnt_namespaces;
	if (s.max_net_namespaces >= 0 && s.max_net_namespaces < least)
		least = s.max_net_namespaces;
	found = xasprintf("user %" PRId64 ", mount %" PRId64 ", network %" PRId64,
			  s.max_user_namespaces, s.max_mnt_namespaces, s.max_net_namespaces);
	f.found = found;
	if (least >= 0 && least < NEED_NAMESPACES) {
		f.status = least == 0 ? DOCTOR_BROKEN : DOCTOR_DEGRADED;
		f.cost = "few containers can run at the same time";
		f.remedy = "as root: sysctl -w user.max_user_namespaces=28633 "
			   "user.max_mnt_namespaces=28633 user.max_net_namespaces=28633 "
			   "(and the same in /etc/sysctl.d/)";
	}
	doctor_add(d, &f);
}

static void check_seccomp(struct doctor *d)
{
	struct doctor_finding f = { .name = "seccomp", .found = "filters can be loaded" };

	if (prctl(PR_GET_SECCOMP, 0, 0, 0, 0) < 0) {
		f.status = DOCTOR_DEGRADED;
		f.found = "not in this kernel";
		f.cost = "containers may make any system call";
		f.remedy = "boot a kernel with CONFIG_SECCOMP_FILTER";
	}
	doctor_add(d, &f);
}

static int64_t read_number(const char *path)
{
	autofree char *line = host_facts_first_line(path);

	return line && *line ? strtoll(line, NULL, 10) : -1;
}

/* "UID: USAGE NKEYS/NIKEYS QNKEYS/MAXKEYS QNBYTES/MAXBYTES" of /proc/key-users. */
static bool read_keys(int *used, int *max)
{
	FILE *file = fopen("/proc/key-users", "re");
	unsigned int uid;
	bool is_found = false;
	char line[160];

	while (file && !is_found && fgets(line, sizeof(line), file))
		is_found = sscanf(line, "%u: %*d %*d/%*d %d/%d", &uid, used, max) == 3 &&
			   uid == getuid();
	if (file)
		fclose(file);
	return is_found;
}

static void check_keys(struct doctor *d)
{
	struct doctor_finding f = { .name = "kernel keys" };
	autofree char *found = NULL;
	int used, max;

	if (!read_keys(&used, &max))
		return;
	found = xasprintf("%d of %d in use", used, max);
	f.found = found;
	if (max - used < NEED_KEYS) {
		f.status = DOCTOR_DEGRADED;
		f.cost = "containers get no keyring of their own, and other programs fail with "
			 "\"Disk quota exceeded\"";
		f.remedy = "as root: sysctl -w kernel.keys.maxkeys=20000";
	}
	doctor_add(d, &f);
}

static void check_inotify(struct doctor *d)
{
	struct doctor_finding f = { .name = "inotify" };
	int64_t instances = read_number("/proc/sys/fs/inotify/max_user_instances");
	autofree char *found = NULL;

	if (instances < 0)
		return;
	found = xasprintf("%" PRId64 " instances for each user", instances);
	f.found = found;
	if (instances < NEED_INSTANCES) {
		f.status = DOCTOR_DEGRADED;
		f.cost = "'logs -f' and programs in containers that watch files run out of them";
		f.remedy = "as root: sysctl -w fs.inotify.max_user_instances=512";
	}
	doctor_add(d, &f);
}

static void check_rlimit(struct doctor *d, const char *name, __rlimit_resource_t what, rlim_t need,
			 const char *cost, const char *option)
{
	struct doctor_finding f = { .name = name };
	autofree char *found = NULL;
	autofree char *remedy = NULL;
	struct rlimit l;

	if (getrlimit(what, &l) < 0)
		return;
	if (l.rlim_max == RLIM_INFINITY)
		found = xstrdup("no limit");
	else
		found = xasprintf("%" PRIu64 " at most", (uint64_t)l.rlim_max);
	f.found = found;
	if (l.rlim_max < need) {
		f.status = DOCTOR_DEGRADED;
		f.cost = cost;
		remedy = xasprintf("as root, in /etc/security/limits.d/: %s hard %s %" PRIu64, d->user,
				   option, (uint64_t)need);
		f.remedy = remedy;
	}
	doctor_add(d, &f);
}

static void check_ping(struct doctor *d)
{
	autofree char *line = host_facts_first_line("/proc/sys/net/ipv4/ping_group_range");
	struct doctor_finding f = { .name = "ping", .found = "allowed without capability" };
	unsigned int low, high;

	if (!line || sscanf(line, "%u %u", &low, &high) != 2)
		return;
	if (low > high) {
		f.status = DOCTOR_DEGRADED;
		f.found = "net.ipv4.ping_group_range is empty";
		f.cost = "ping does not work in containers with --network host";
		f.remedy = "as root: sysctl -w net.ipv4.ping_group_range='0 2147483647'";
	}
	doctor_add(d, &f);
}

static void check_ports(struct doctor *d)
{
	int64_t first = read_number("/proc/sys/net/ipv4/ip_unprivileged_port_start");
	autofree char *found = NULL;
	struct doctor_finding f = { .name = "ports" };

	if (first < 0)
		return;
	found = xasprintf("from %" PRId64 " up can be published%s", first,
			  first > 80 ? " (lower ones: as root, sysctl -w "
				       "net.ipv4.ip_unprivileged_port_start=80)" : "");
	f.found = found;
	doctor_add(d, &f);
}

void doctor_kernel_check(struct doctor *d)
{
	check_kernel(d);
	check_userns(d);
	check_namespace_limit(d);
	check_seccomp(d);
	check_keys(d);
	check_inotify(d);
	check_rlimit(d, "open files", RLIMIT_NOFILE, NEED_FILES,
		     "busy containers run out of file descriptors", "nofile");
	check_rlimit(d, "processes", RLIMIT_NPROC, NEED_PROCESSES,
		     "containers and your own programs share few processes", "nproc");
	check_ping(d);
	check_ports(d);
}
