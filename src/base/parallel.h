/* SPDX-License-Identifier: Apache-2.0 */
/* parallel: the same piece of work for each of many things, by a few threads.
 *
 * Runs in:  a process that will not change its user namespace any more: a thread that came too late to do
 *           anything may end a little after the call.
 * Owns:     nothing.
 * Needs:    fn that touches only what belongs to its index, and no global state.
 * Fails:    never: where no thread can be had (RLIMIT_NPROC), the caller's does it all.
 * Not here: processes (see proc.h), the pipelines of rootlet-image.
 */
#pragma once

#include <stddef.h>

/* fn(arg, i) for each i below n, in no order, all done on return; the caller's thread takes part. Few things
 * are done without another thread. */
void parallel_for(size_t n, void (*fn)(void *arg, size_t i), void *arg);
