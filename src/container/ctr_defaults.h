/* SPDX-License-Identifier: Apache-2.0 */
/* ctr_defaults: what containers.conf says for a new container where the command line says nothing.
 *
 * Runs in:  the command line process, before create_container.
 * Owns:     nothing; what is filled in belongs to the config.
 * Needs:    nothing; without a file nothing changes.
 * Fails:    EINVAL naming the key and its value.
 * Not here: keys that count at every start: capabilities, sysctls, ulimits, seccomp profile
 *           (ctr_security.h, ctr_spec.h), log keys (logs.h), init_path.
 * Source:   containers.conf(5).
 */
#pragma once

#include "base/err.h"
#include "container/config.h"
#include "container/engine.h"

/* Switches of the command line: -1 not given, 0, 1. */
struct ctr_defaults_given {
	int http_proxy, init, no_hosts, env_host, read_only, privileged;
	bool has_pull, has_stop_timeout, has_image_volume;
};

int ctr_defaults_apply(struct container_config *c, const struct ctr_defaults_given *given,
		       struct engine *g, struct err *e);
/* Variables of containers.conf that neither the image nor the user has set. After ctr_image_merge. */
void ctr_defaults_env(struct container_config *c, struct engine *g);
