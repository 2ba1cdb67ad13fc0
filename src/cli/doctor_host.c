/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/doctor.h"

#include "base/fd.h"
#include "base/proc.h"
#include "base/str.h"
#include "base/strv.h"
#include "cli/host_facts.h"
#include "userns/runtime_dir.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void check_device(struct doctor *d, const char *path, const char *module, const char *cost)
{
	struct doctor_finding f = { .name = path, .found = "can be opened" };
	autofree char *remedy = NULL;
	autofree char *found = NULL;
	autoclose int fd = fd_open(path, O_RDWR | O_NONBLOCK);

	if (fd < 0) {
		f.status = DOCTOR_DEGRADED;
		f.found = found = xstrdup(fd == -ENOENT ? "is not there" : strerror(-fd));
		f.cost = cost;
		if (fd == -EACCES || fd == -EPERM)
			remedy = xasprintf("as root: chmod 666 %s", path);
		else
			remedy = xasprintf("as root: modprobe %s (and, for every boot: "
					   "echo %s > /etc/modules-load.d/%s.conf); in a container, "
					   "start it with --device %s",
					   module, module, module, path);
		f.remedy = remedy;
	}
	doctor_add(d, &f);
}

static bool has_systemd(void)
{
	return access("/run/systemd/system", F_OK) == 0;
}

static void check_cgroup(struct doctor *d)
{
	static const char *const wanted[] = { "cpu", "memory", "pids" };
	auto_of(strv_clear) struct strv has = { 0 };
	auto_of(strv_clear) struct strv lacks = { 0 };
	struct doctor_finding f = { .name = "cgroups" };
	autofree char *delegated = host_facts_cgroup_delegated(getuid());
	autofree char *list = NULL;
	autofree char *found = NULL;
	autofree char *cost = NULL;
	int version = host_facts_cgroup_version();

	host_facts_cgroup_controllers(getuid(), &has);
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++)
		if (!strv_has(&has, wanted[i]))
			strv_add(&lacks, wanted[i]);
	list = strv_join(lacks.n ? &lacks : &has, " ");
	if (version != 2)
		found = xstrdup(version ? "version 1, which cannot be delegated" : "not mounted");
	else if (!delegated)
		found = xstrdup("version 2, nothing delegated to us");
	else
		found = xasprintf("version 2, %s: %s", lacks.n ? "delegated without" : "delegated", list);
	f.found = found;
	if (lacks.n) {
		f.status = DOCTOR_DEGRADED;
		f.cost = cost = lacks.n == ARRAY_SIZE(wanted)
			? xstrdup("--memory, --cpus, --pids-limit, stats do not work, pause is slow")
			: xasprintf("limits and numbers of %s do not work", list);
		if (version != 2)
			f.remedy = "boot with systemd.unified_cgroup_hierarchy=1 on the kernel command "
				   "line";
		else if (has_systemd())
			f.remedy = "as root, write to /etc/systemd/system/user@.service.d/delegate.conf:\n"
				   "[Service]\n"
				   "Delegate=cpu cpuset io memory pids\n"
				   "then: systemctl daemon-reload, and log in again";
		else
			f.remedy = "as root: make a directory in /sys/fs/cgroup, give it to your user "
				   "(chown, also its cgroup.procs, cgroup.threads and "
				   "cgroup.subtree_control) and move your shell into a "
				   "directory below it";
	}
	doctor_add(d, &f);
}

static void check_runtime_dir(struct doctor *d)
{
	const char *xdg = getenv("XDG_RUNTIME_DIR");
	struct doctor_finding f = { .name = "XDG_RUNTIME_DIR" };
	autofree char *run = runtime_dir_parent(RUNTIME_DIR_RUN, getuid());
	autofree char *tmp = runtime_dir_parent(RUNTIME_DIR_TMP, getuid());
	autofree char *found = NULL;
	autofree char *remedy = NULL;
	struct stat st;
	bool is_ours = xdg && stat(xdg, &st) == 0 && st.st_uid == getuid() && !(st.st_mode & 077);
	bool has_run = stat(run, &st) == 0 && st.st_uid == getuid();

	if (is_ours)
		found = xstrdup(xdg);
	else
		found = xasprintf("%s; %s is used", str_empty(xdg) ? "not set" : "not ours",
				  has_run ? run : tmp);
	f.found = found;
	if (!is_ours && !has_run) {
		f.status = DOCTOR_DEGRADED;
		f.cost = "the state of running containers lies in /tmp, where a cleaner may remove it";
		f.remedy = remedy = xasprintf(has_systemd() ? "as root: loginctl enable-linger %s"
							    : "as root: install -d -m 700 -o %s "
							      "/run/user/%u",
					      d->user, getuid());
	}
	doctor_add(d, &f);
}

static void check_linger(struct doctor *d)
{
	struct doctor_finding f = { .name = "linger", .found = "on" };
	autofree char *file = xasprintf("/var/lib/systemd/linger/%s", d->user);
	autofree char *remedy = NULL;

	if (!has_systemd()) {
		f.found = "not needed: systemd is not running";
	} else if (access(file, F_OK) < 0) {
		f.status = DOCTOR_DEGRADED;
		f.found = "off";
		f.cost = "when you log out for the last time, systemd removes the runtime directory and "
			 "may end your containers";
		f.remedy = remedy = xasprintf("loginctl enable-linger %s", d->user);
	}
	doctor_add(d, &f);
}

static void check_program(struct doctor *d, const char *name, const char *cost, const char *remedy)
{
	struct doctor_finding f = { .name = name };
	autofree char *path = NULL;
	autofree char *version = NULL;
	autofree char *found = NULL;

	if (proc_find(name, &path) == 0) {
		version = host_facts_program_version(path);
		found = xasprintf("%s%s%s%s", path, version ? " (" : "", version ? version : "",
				  version ? ")" : "");
		f.found = found;
	} else {
		f.status = DOCTOR_DEGRADED;
		f.found = "not installed";
		f.cost = cost;
		f.remedy = remedy;
	}
	doctor_add(d, &f);
}

/* The part of slirp4netns that parses what a container sends. */
static void check_libslirp(struct doctor *d)
{
	struct doctor_finding f = { .name = "libslirp" };
	autofree char *path = NULL, *said = NULL, *found = NULL;
	const char *argv[] = { NULL, "--version", NULL }, *at;
	unsigned int major, minor;
	struct err ignored;

	if (proc_find("slirp4netns", &path) < 0)
		return;
	argv[0] = path;
	if (proc_capture(argv, NULL, &said, 65536, &ignored) != 0)
		return;
	at = strstr(said, "libslirp: ");
	if (!at || sscanf(at, "libslirp: %u.%u", &major, &minor) != 2)
		return;
	f.found = found = xasprintf("%u.%u", major, minor);
	if (major < 4 || (major == 4 && minor < 6)) {
		f.status = DOCTOR_DEGRADED;
		f.cost = "what a container sends may read or overwrite the memory of slirp4netns "
			 "(CVE-2020-8608, CVE-2021-3592 and others)";
		f.remedy = "as root: install libslirp 4.6 or newer, and a slirp4netns that uses it";
	}
	doctor_add(d, &f);
}

static void check_init(struct doctor *d)
{
	autofree char *path = NULL;
	struct doctor_finding f = { .name = "init" };

	if (proc_find("catatonit", &path) == 0 || proc_find("tini", &path) == 0 ||
	    access("/usr/libexec/podman/catatonit", X_OK) == 0) {
		f.found = path ? path : "/usr/libexec/podman/catatonit";
	} else {
		f.status = DOCTOR_DEGRADED;
		f.found = "neither catatonit nor tini is installed";
		f.cost = "run --init does not work";
		f.remedy = "as root: apt install catatonit (or the same with dnf, zypper, pacman, apk)";
	}
	doctor_add(d, &f);
}

static void check_sibling(struct doctor *d)
{
	struct doctor_finding f = { .name = "rootlet-image" };
	autofree char *path = NULL;

	if (proc_find_sibling("rootlet-image", &path) == 0) {
		f.found = path;
	} else {
		f.status = DOCTOR_DEGRADED;
		f.found = "not found beside rootlet";
		f.cost = "pull, load, save, import and build do not work";
		f.remedy = "install rootlet again: make install";
	}
	doctor_add(d, &f);
}

void doctor_host_check(struct doctor *d)
{
	check_device(d, "/dev/fuse", "fuse", "fuse-overlayfs cannot be used");
	check_device(d, "/dev/net/tun", "tun",
		     "containers have no network of their own: only --network host and none");
	check_cgroup(d);
	check_runtime_dir(d);
	check_linger(d);
	check_sibling(d);
	check_program(d, "slirp4netns",
		      "containers have no network of their own: only --network host and none",
		      "as root: apt install slirp4netns (or the same with dnf, zypper, pacman, apk)");
	check_libslirp(d);
	check_program(d, "fuse-overlayfs", "no fallback where the kernel's overlay does not work",
		      "as root: apt install fuse-overlayfs (or the same with dnf, zypper, pacman, apk)");
	check_init(d);
}
