/* SPDX-License-Identifier: Apache-2.0 */
/* seccomp_fake: rules by which changes of owner and user succeed without doing anything.
 *
 * Runs in:  the monitor, when the compiled filter is not in the cache.
 * Owns:     nothing.
 * Needs:    nothing.
 * Fails:    never.
 * Not here: who wants it (container/ctr_security.c: sessions of one id).
 *
 * Where a user has one id, every file is his and every process is he: the kernel refuses any other
 * owner, and package managers, tar and servers that drop privileges give up. That they "succeed"
 * changes nothing about what anybody may do, for there is nobody else. Device nodes, which no user
 * can make anyway, are left out in the same way.
 */
#pragma once

struct seccomp_policy;

/* Before all other rules: the first one for a call counts. */
void seccomp_fake_build(struct seccomp_policy *p);
