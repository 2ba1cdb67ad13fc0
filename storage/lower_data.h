/* SPDX-License-Identifier: Apache-2.0 */
/* lower_data: files of an overlay's lower layer whose content lies elsewhere.
 *
 * Runs in:  lower_data_works: the engine, as the store. lower_data_mark: anywhere.
 * Owns:     nothing.
 * Needs:    Linux 6.16, which follows a lower file into a data-only layer without metacopy=on, and so
 *           in a user namespace too.
 * Fails:    -errno from the attributes; lower_data_works: false when it cannot be told.
 * Not here: which layers are made so (layer_map.h), mounting (rootfs_overlay.h).
 * Source:   Documentation/filesystems/overlayfs.rst, "Data-only lower layers".
 *
 * A file that is only owner, mode, times and size says with user.overlay.redirect "/NAME" under which
 * name of the data-only layer its content is; that file's own owner does not matter. What is written
 * in a container is copied up, so the content can be shared by hard links.
 */
#pragma once

#include "base/err.h"
#include "storage/store.h"

/* Does this kernel do that on the store's file system? Asked once for each kernel. */
bool lower_data_works(struct store *s);
/* fd: a file of the right size without content, open for writing. */
int lower_data_mark(int fd, const char *name);
