/* SPDX-License-Identifier: Apache-2.0 */
/* label: the SELinux label and AppArmor profile of the payload.
 *
 * Runs in:  init and exec, before privileges are dropped.
 * Owns:     nothing.
 * Needs:    a procfs descriptor that the container cannot have tampered with (CVE-2025-52881).
 * Fails:    when what was asked for cannot be had: never silently (CVE-2025-65105).
 * Not here: labels of files.
 */
#pragma once

#include "base/err.h"

/* Either may be NULL. They take effect at the next exec. */
int label_apply(int proc_fd, const char *selinux_label, const char *apparmor_profile,
		struct err *e);
