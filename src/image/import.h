/* SPDX-License-Identifier: Apache-2.0 */
/* import: an archive of a file system becomes an image of one layer.
 *
 * Runs in:  rootlet-image.
 * Owns:     nothing; the id is the caller's.
 * Needs:    an open store; the network for a URL.
 * Fails:    as unzip.h, install.h, instruction.h and http.h.
 * Not here: archives of images (load.h).
 */
#pragma once

#include "base/err.h"

struct store;
struct transfer_import;

/* source: a file, "-" for standard input, or http:// or https://. name: NULL for none. */
int import_image(struct store *s, const struct transfer_import *args, const char *source,
		 const char *name, char **id, struct err *e);
