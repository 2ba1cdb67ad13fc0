/* SPDX-License-Identifier: Apache-2.0 */
/* ctr_image: what an image's configuration contributes to a container.
 *
 * Runs in:  the command line process, at create.
 * Owns:     nothing.
 * Needs:    nothing.
 * Fails:    EBADMSG a VOLUME that is no path below /; E2BIG. Members of a wrong type count as absent.
 * Not here: finding or pulling the image (create.c).
 * Source:   image-spec config.md "config"; docker run reference "overriding image defaults".
 */
#pragma once

#include "base/err.h"
#include "base/json.h"
#include "container/config.h"

/* E2BIG: it asks for what would take minutes to give. */
int ctr_image_check(const struct json *image, struct err *e);
/* image: the whole image configuration. What the user gave in c wins. host_env: where --env NAME and
 * --env-host look. */
void ctr_image_merge(struct container_config *c, const struct json *image, char *const *host_env);
/* --env as given: NAME=VALUE, NAME (the host's value, if it has one), "PRE*" (all of the host's). */
void ctr_image_add_env(struct strv *env, const struct strv *given, char *const *host_env);
/* Paths of the image's VOLUMEs that may be mounted (absolute, no "..", not "/"). */
int ctr_image_volumes(struct strv *out, const struct json *image, struct err *e);
