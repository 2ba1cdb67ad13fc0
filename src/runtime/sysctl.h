/* SPDX-License-Identifier: Apache-2.0 */
/* sysctl: kernel settings that belong to a namespace of the container.
 *
 * Runs in:  sysctl_check: anywhere. sysctl_apply: init, in its namespaces.
 * Owns:     nothing.
 * Needs:    a procfs descriptor of our own.
 * Fails:    EINVAL a key that is not of a namespace, or of one the container does not have
 *           (CVE-2022-0532); a value with a line break (CVE-2022-0811).
 * Not here: --sysctl's syntax (cli/).
 */
#pragma once

#include "base/err.h"

struct spec;
struct spec_sysctl;

/* Is it a setting of a namespace that s makes or joins? */
int sysctl_check(const struct spec *s, const struct spec_sysctl *c, struct err *e);
int sysctl_apply(const struct spec *s, int proc_fd, struct err *e);
