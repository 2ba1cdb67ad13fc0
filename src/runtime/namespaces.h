/* SPDX-License-Identifier: Apache-2.0 */
/* namespaces: the kinds of the spec as clone flags, joining existing ones, the first steps in new ones.
 *
 * Runs in:  monitor, helper, init, exec: each joins what its privileges allow it to.
 * Owns:     nothing.
 * Needs:    CAP_SYS_ADMIN over the user namespace that owns a namespace to be joined.
 * Fails:    with the kind named.
 * Not here: who makes them, and when (helper.h, net_maker.h).
 */
#pragma once

#include "base/err.h"
#include "runtime/spec.h"

/* The flags of all that s wants in that mode. */
uint64_t namespaces_flags(const struct spec *s, enum spec_ns_mode mode);
/* Joins what s gives as descriptor; which: CLONE_NEWx mask that limits it. */
int namespaces_join(const struct spec *s, uint64_t which, struct err *e);
/* What cannot work is said before anything is cloned. */
int namespaces_check(const struct spec *s, struct err *e);
/* "lo" of a new network namespace, which starts down, by a thread that is in it. 0 or -errno. */
int namespaces_raise_loopback(void);
