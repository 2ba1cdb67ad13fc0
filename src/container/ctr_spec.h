/* SPDX-License-Identifier: Apache-2.0 */
/* ctr_spec: the OCI runtime configuration of one start of a container.
 *
 * Runs in:  the monitor, forked from the command a moment ago or before a restart: in the session's
 *           user namespace, the caller's mount namespace; bind sources are opened here.
 * Owns:     nothing; the spec is the caller's.
 * Needs:    a completed container_config.
 * Fails:    a volume source that is missing, a namespace of a container that does not run, a limit
 *           that needs a cgroup that nobody delegated: with the option and the remedy.
 * Not here: doing it (runtime/).
 */
#pragma once

#include "base/err.h"
#include "container/engine.h"
#include "container/record.h"
#include "runtime/spec.h"

/* What a start would find wrong in the values of options, when the container is made. Options that are
 * not given cost nothing. */
int ctr_spec_check(struct engine *g, const struct container_config *c, struct err *e);
/* The first half: which namespaces it has, and those of others to be joined. */
int ctr_spec_namespaces(struct spec *s, struct engine *g, struct record *r, struct err *e);
/* The rest; the container's small files are written into its runtime directory. */
int ctr_spec_build(struct spec *s, struct engine *g, struct record *r, int runtime_dirfd,
		   const char *runtime_path, struct err *e);
/* Only what `exec` needs of a running container: security and cgroup; no file is touched and no path
 * opened. */
int ctr_spec_build_joined(struct spec *out, struct engine *g, struct record *r, struct err *e);
/* The process of `exec`: the container's environment, user and security, with what exec asks for. */
struct ctr_spec_exec {
	const struct strv *args, *env;		/* env: "K=V" additions */
	const char *user, *workdir;		/* NULL: the container's */
	bool has_tty, privileged;
};
int ctr_spec_exec(struct spec_process *out, const struct spec *container,
		  const struct record *r, const struct ctr_spec_exec *x, struct err *e);
