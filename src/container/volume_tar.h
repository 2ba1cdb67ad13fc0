/* SPDX-License-Identifier: Apache-2.0 */
/* volume_tar: the files of a volume as a tar archive, and back.
 *
 * Runs in:  the command line process.
 * Owns:     nothing.
 * Needs:    for a compressed archive rootlet-image.
 * Fails:    ERR_NO_SUCH; EINVAL a name in the archive that leads out of the volume; as tar_out.h.
 * Not here: containers (export.h, copy.h). A volume may be in use meanwhile, so what is unpacked is
 *           unpacked as cp does it.
 * Source:   podman-volume-export(1), podman-volume-import(1).
 */
#pragma once

#include "base/err.h"
#include "container/engine.h"

int volume_tar_export(struct engine *g, const char *name, int out_fd, struct err *e);
/* Over what is in the volume; owners as in the archive. gzip, zstd, xz, bzip2 or plain. */
int volume_tar_import(struct engine *g, const char *name, int in_fd, struct err *e);
