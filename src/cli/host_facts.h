/* SPDX-License-Identifier: Apache-2.0 */
/* host_facts: what info and doctor tell about the machine.
 *
 * Runs in:  the command line process, in any namespace.
 * Owns:     nothing; strings returned are the caller's.
 * Needs:    /proc and /sys; what is missing is left out.
 * Fails:    never; unknown is NULL, 0 or an empty list.
 * Not here: what the facts mean (doctor_*.c) and how they are printed (info.c).
 * Source:   os-release(5), proc(5), cgroups(7).
 */
#pragma once

#include "base/json.h"
#include "base/strv.h"

#include <stdint.h>
#include <sys/types.h>

const char *host_facts_arch(void);			/* Go's name: "amd64" */
char *host_facts_os_release(const char *key);		/* "ID"; unquoted; NULL */
uint64_t host_facts_meminfo(const char *key);		/* "MemTotal"; bytes */
char *host_facts_first_line(const char *path);		/* NULL */
/* The line of PROGRAM --version that begins with its name, else the first; NULL without it. */
char *host_facts_program_version(const char *program);

/* 2: unified hierarchy at /sys/fs/cgroup, 1: anything else, 0: none. */
int host_facts_cgroup_version(void);
/* The cgroup v2 directory below which this user, who we are, may make cgroups, or NULL. */
char *host_facts_cgroup_delegated(uid_t uid);
/* Controllers there. */
void host_facts_cgroup_controllers(uid_t uid, struct strv *out);
/* As containers-storage names it: "extfs", "xfs", ... */
const char *host_facts_file_system(int dirfd);
bool host_facts_has_apparmor(void);
bool host_facts_has_selinux(void);
