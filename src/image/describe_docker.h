/* SPDX-License-Identifier: Apache-2.0 */
/* describe_docker: the inspect object of an image with Docker's members instead of Podman's.
 *
 * Runs in:  rootlet, called as docker.
 * Owns:     nothing; the tree is the caller's.
 * Needs:    the whole object as describe_image makes it.
 * Fails:    never.
 * Not here: the values themselves (describe.c).
 * Source:   Docker Engine API 1.51, ImageInspect.
 */
#pragma once

#include "base/json.h"

void describe_docker(struct json *image);
