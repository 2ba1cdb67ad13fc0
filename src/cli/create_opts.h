/* SPDX-License-Identifier: Apache-2.0 */
/* create_opts: the options that run and create share, written straight into a container_config.
 *
 * Runs in:  the command line process.
 * Owns:     nothing; strings belong to the config.
 * Needs:    config_init before parsing (create_opts_init).
 * Fails:    ERR_USAGE.
 * Not here: what they mean (container/create.h).
 * Source:   podman-run(1), podman-create(1); docker run reference.
 */
#pragma once

#include "base/opt.h"
#include "container/config.h"
#include "container/ctr_defaults.h"

struct create_args {
	struct container_config config;
	struct strv env_files, label_files;
	struct ctr_defaults_given given;
	int passwd, read_only_tmpfs, sig_proxy;		/* -1 not given */
	uint64_t preserve_fds, timeout;
	uint64_t retry, stop_timeout;			/* UINT64_MAX: not given */
	bool is_rootfs, no_healthcheck, disable_content_trust;
};

extern const struct opt create_opts[];	/* for struct create_args */
void create_opts_init(void *args);
void create_opts_clear(void *args);
/* After parsing: operands IMAGE [COMMAND...] and all that needs a file or a second look. */
int create_opts_finish(struct create_args *a, const struct strv *operands, int argc,
		       char *const *argv, struct err *e);
