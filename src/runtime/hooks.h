/* SPDX-License-Identifier: Apache-2.0 */
/* hooks: programs that run at points of a container's life, with its state on stdin.
 *
 * Runs in:  the monitor (createRuntime, prestart, poststart, poststop), init before the pivot
 *           (createContainer) and right before the exec, confined as the payload (startContainer).
 * Owns:     nothing.
 * Needs:    absolute paths; a hook has a time limit when it says so.
 * Fails:    with the hook's path and exit code, or ETIMEDOUT.
 * Not here: which hooks apply (the engine reads hooks.d).
 * Source:   runtime-spec config.md "POSIX-platform Hooks", runtime.md "State".
 */
#pragma once

#include "base/err.h"
#include "runtime/spec.h"

#include <sys/types.h>

#define HOOKS_OCI_VERSION "1.2.0"

/* "prestart", "createRuntime", ... as in configurations. */
const char *hooks_stage_name(enum spec_hook_stage stage);
int hooks_run(const struct spec *s, enum spec_hook_stage stage, const char *state_json,
	      struct err *e);
/* The state JSON (owned): status "creating", "created", "running", "stopped"; pid 0: there is none. */
char *hooks_state(const char *id, const struct strv *annotations, const char *status, pid_t pid,
		  const char *bundle);
