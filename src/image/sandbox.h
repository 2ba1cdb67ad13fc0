/* SPDX-License-Identifier: Apache-2.0 */
/* sandbox: what rootlet-image can no longer do once it reads bytes that strangers made.
 *
 * Runs in:  rootlet-image, before the first thread; everything the process does later is under it.
 * Owns:     nothing.
 * Needs:    Landlock (Linux 5.19: renames between directories); without it nothing is restricted.
 * Fails:    with the directory that cannot be opened.
 * Not here: no_new_privs, which main sets at once.
 *
 * Files can be written, made and removed below the store only, and no program can be run at all.
 * Reading and the network stay free: names are resolved and certificates found in too many ways.
 */
#pragma once

#include "base/err.h"

struct store;

int sandbox_enter(const struct store *s, struct err *e);
