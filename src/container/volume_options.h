/* SPDX-License-Identifier: Apache-2.0 */
/* volume_options: what -o of a volume says: a directory of the store, a tmpfs, or a directory elsewhere.
 *
 * Runs in:  any process; pure text.
 * Owns:     struct volume_options (volume_options_clear).
 * Needs:    nothing.
 * Fails:    ERR_USAGE naming the option, its value and what is accepted; ERR_UNSUPPORTED what only root
 *           could mount, with what to do instead.
 * Not here: mounting (volume_mount.h).
 * Source:   podman-volume-create(1) --opt; docker volume create, "Driver-specific options".
 */
#pragma once

#include "base/err.h"
#include "base/strv.h"

#include <stdint.h>

enum volume_kind {
	VOLUME_DIR,		/* volumes/<name>/_data */
	VOLUME_TMPFS,		/* a tmpfs, shared by the containers that run with it */
	VOLUME_BIND,		/* device, a directory of the host */
};

struct volume_options {
	enum volume_kind kind;
	char *device;		/* owned; of VOLUME_BIND, absolute */
	struct strv words;	/* owned; mount options: "size=64m", "ro", "nosuid", ... */
	int64_t uid, gid;	/* -1: not said */
	bool is_nocopy;
};

/* options: "type=tmpfs", "device=tmpfs", "o=size=64m,uid=5". */
int volume_options_parse(struct volume_options *out, const struct strv *options, struct err *e);
void volume_options_clear(struct volume_options *o);
DEFINE_AUTO_VALUE(struct volume_options, volume_options_clear)
