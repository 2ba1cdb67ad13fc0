/* SPDX-License-Identifier: Apache-2.0 */
/* cdi: devices by name: what a Container Device Interface specification adds to a container.
 *
 * Runs in:  the command line process, when a start makes the spec.
 * Owns:     nothing; adds to the spec.
 * Needs:    specifications in JSON below /etc/cdi, /var/run/cdi, the user's ~/.config/cdi, or the
 *           directories of --cdi-spec-dir; a later directory wins.
 * Fails:    ERR_NO_SUCH an unknown device, with the directories; EINVAL a specification that is wrong and
 *           ERR_UNSUPPORTED one in YAML, with the file. A node that the host lacks is a warning.
 * Not here: device nodes given by path (ctr_spec.c).
 * Source:   cncf-tags/container-device-interface SPEC.md 0.8; podman-run(1) --device, --gpus.
 */
#pragma once

#include "base/err.h"
#include "base/strv.h"
#include "container/engine.h"
#include "runtime/spec.h"

/* "vendor.com/class=name". */
bool cdi_is_name(const char *text);
/* Before the mounts of the spec are put in order. */
int cdi_apply(struct spec *s, struct engine *g, const struct strv *names, struct err *e);
/* --gpus: "all", "device=0,GPU-...", a number: of the device, to docker how many. Adds to names. */
int cdi_gpus(struct strv *names, const struct strv *gpus, bool is_docker, struct err *e);
