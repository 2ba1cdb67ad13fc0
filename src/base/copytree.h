/* SPDX-License-Identifier: Apache-2.0 */
/* copytree: the content of one directory into another, as a backup would.
 *
 * Runs in:  any process; owners are kept where it may set them.
 * Owns:     nothing.
 * Needs:    nothing.
 * Fails:    leaf: -errno; -ELOOP deeper than 256 levels; -EEXIST a name is taken.
 * Not here: archives (storage/tar_*), hard links (each becomes a file of its own).
 */
#pragma once

/* Both are directories, opened in any way. Owner, mode, times and extended attributes (but
 * overlay's own) are copied, also those of the directory itself. Links are copied, never followed;
 * devices are left out, because nobody without privilege can make them. */
int copytree(int src_dirfd, int dst_dirfd);
