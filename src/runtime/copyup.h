/* SPDX-License-Identifier: Apache-2.0 */
/* copyup: what an image has at a place, copied into the empty tmpfs that will cover it.
 *
 * Runs in:  init, before the tmpfs is attached.
 * Owns:     nothing.
 * Needs:    nothing.
 * Fails:    leaf: -errno; ENOSPC when the tmpfs is too small.
 * Not here: copy-up of volumes (the engine).
 */
#pragma once

#include <stdbool.h>

/* Copies the content of src_fd to dst_fd (both directories), with owners, modes and times; sockets
 * and devices are left out. Links are copied, never followed. keeps_top: dst_fd itself stays as it
 * is. */
int copyup_tree(int src_fd, int dst_fd, bool keeps_top);
