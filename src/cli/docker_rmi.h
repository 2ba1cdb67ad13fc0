/* SPDX-License-Identifier: Apache-2.0 */
/* docker_rmi: what Docker's rmi does with an image that containers use: it takes none of them away.
 *
 * Runs in:  the command line process, called as docker.
 * Owns:     nothing; lists are the caller's.
 * Needs:    NEED_ENGINE.
 * Fails:    ERR_IN_USE in Docker's words; as naming.h.
 * Not here: Podman's rmi, and images that nobody uses (cli/image.c).
 * Source:   docker image rm, "--force"; Engine API 1.51, ImageDelete.
 */
#pragma once

#include "base/err.h"
#include "base/strv.h"

struct cmd_context;

/* Of an image in use: by force its names go, text or all of them when text is an id, and it stays
 * without; an id whose container runs is refused, and everything without force. Returns 0 also when
 * nobody uses it, with untagged empty. */
int docker_rmi_used(struct cmd_context *c, const char *text, const char *id, bool force,
		    struct strv *untagged, struct err *e);
