/* SPDX-License-Identifier: Apache-2.0 */
/* switches: the settings of a kernel or distribution that keep users from user namespaces.
 *
 * Runs in:  any process; after a failure and in doctor.
 * Owns:     nothing.
 * Needs:    /proc/sys.
 * Fails:    never; a setting that is not there is -1.
 * Not here: other limits (cli/doctor_kernel.c).
 * Source:   user_namespaces(7), namespaces(7); Debian's kernel.unprivileged_userns_clone; Ubuntu's
 *           kernel.apparmor_restrict_unprivileged_userns.
 */
#pragma once

#include "base/err.h"

#include <stdint.h>

struct switches {
	int64_t max_user_namespaces, max_mnt_namespaces, max_net_namespaces;
	int64_t unprivileged_userns_clone;	/* Debian's older kernels */
	int64_t apparmor_restrict;		/* Ubuntu 23.10 and later */
};

void switches_load(struct switches *s);
/* What stands in the way, with the remedy, or NULL when no switch does. owned */
char *switches_reason(const struct switches *s);
/* Adds the reason to an error about a namespace that could not be made. Returns -e->code. */
int switches_explain(struct err *e);
/* Text of an AppArmor profile that allows user namespaces to our program. owned */
char *switches_apparmor_profile(void);
