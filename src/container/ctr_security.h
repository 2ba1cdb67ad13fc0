/* SPDX-License-Identifier: Apache-2.0 */
/* ctr_security: capabilities, seccomp, labels, masked paths and limits of a container's process.
 *
 * Runs in:  the command line process before the monitor is forked.
 * Owns:     nothing; fills the spec.
 * Needs:    a completed container_config.
 * Fails:    ERR_USAGE naming the option and the value that is wrong.
 * Not here: applying them (runtime/).
 * Source:   podman-run(1) --cap-add, --cap-drop, --security-opt, --privileged, --ulimit;
 *           capabilities(7).
 */
#pragma once

#include "base/err.h"
#include "container/config.h"
#include "container/engine.h"
#include "runtime/spec.h"

int ctr_security_apply(struct spec *s, struct engine *g, const struct container_config *c,
		       struct err *e);
/* The values of --cap-add, --cap-drop, --ulimit and --security-opt, told wrong when the container is made. */
int ctr_security_check(const struct container_config *c, struct err *e);
/* Paths that cannot be read, and that cannot be written; appends. */
void ctr_security_paths(struct strv *hidden, struct strv *fixed, const struct container_config *c);
int ctr_security_ulimit(struct spec_process *p, const char *text, struct err *e);
