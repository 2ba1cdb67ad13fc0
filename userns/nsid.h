/* SPDX-License-Identifier: Apache-2.0 */
/* nsid: which namespace a process is in.
 *
 * Runs in:  any process that may look at the other one (ptrace rights).
 * Owns:     nothing.
 * Needs:    /proc.
 * Fails:    0 when it cannot be told.
 * Not here: who else is in the namespace (see holders.h).
 * Source:   namespaces(7); the fixed numbers stand in the kernel's linux/proc_ns.h.
 */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#define NSID_INIT_USER 0xEFFFFFFDu
#define NSID_INIT_PID 0xEFFFFFFCu

/* Inode of /proc/PID/ns/NAME; pid 0: ourselves. */
uint64_t nsid_of(pid_t pid, const char *name);
