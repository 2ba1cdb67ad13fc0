/* SPDX-License-Identifier: Apache-2.0 */
/* lock: open-file-description locks on a file of the object they protect.
 *
 * Runs in:  any process. The lock lives as long as the descriptor, also across fork.
 * Owns:     the descriptor returned is the lock: fd_close releases it.
 * Needs:    fcntl(2) F_OFD_SETLK; works on NFSv4 as well.
 * Fails:    leaf: -EAGAIN when lock_try finds it taken, else -errno.
 * Not here: which lock protects what: the header of each record says so. Order: image, layer,
 *           container, volume, network; never held while waiting for a network or a user's child.
 */
#pragma once

#include <stdbool.h>

int lock_take(int dirfd, const char *name, bool exclusive);	/* creates the file, waits */
int lock_try(int dirfd, const char *name, bool exclusive);
int lock_fd_take(int fd, bool exclusive);			/* an open descriptor; 0 or -errno */
int lock_fd_try(int fd, bool exclusive);
void lock_fd_release(int fd);					/* and keep it open */
