/* SPDX-License-Identifier: Apache-2.0 */
/* mount_args: what -v, --mount and --tmpfs say.
 *
 * Runs in:  any process; pure text.
 * Owns:     struct mount_args (mount_args_clear).
 * Needs:    nothing.
 * Fails:    ERR_USAGE naming the option, the value and what is accepted.
 * Not here: single options (mount_words.h), volumes on disk (volumes.h), what the kernel gets (ctr_mounts.h).
 * Source:   podman-run(1) --volume, --mount, --tmpfs; docker run reference.
 */
#pragma once

#include "base/err.h"
#include "base/strv.h"

struct container_config;

enum mount_arg_type {
	MOUNT_ARG_BIND, MOUNT_ARG_VOLUME, MOUNT_ARG_TMPFS, MOUNT_ARG_DEVPTS, MOUNT_ARG_IMAGE,
	MOUNT_ARG_RAMFS, MOUNT_ARG_GLOB, N_MOUNT_ARG_TYPES
};

struct mount_arg {
	enum mount_arg_type type;
	char *source;		/* owned; host path, volume or image name; NULL: anonymous volume */
	char *target;		/* owned; absolute, cleaned */
	char *subpath;		/* owned; NULL */
	struct strv options;	/* owned; for the kernel and runtime: ro, rprivate, nosuid, size=... */
	struct strv driver_opts, labels;	/* owned; volume-opt=, volume-label= */
	bool is_readonly;
	bool is_mode_said;	/* ro or rw */
	bool is_chowned, is_chown_said;	/* U */
	bool is_overlay;	/* O */
	bool is_nocopy;		/* nocopy, notmpcopyup */
	bool is_idmapped;	/* idmap */
	bool is_source_made;	/* -v of a missing host path is an error in podman; docker makes it */
	char *upperdir, *workdir;	/* owned; of O */
};
struct mount_args {
	struct mount_arg *v;	/* owned */
	size_t n;
};

/* Relative host paths ("./x") are made absolute against the current directory. */
int mount_args_volume(struct mount_args *out, const char *text, struct err *e);
int mount_args_mount(struct mount_args *out, const char *text, struct err *e);
int mount_args_tmpfs(struct mount_args *out, const char *text, struct err *e);
/* All of a definition, in the order of their options. */
int mount_args_all(struct mount_args *out, const struct container_config *c, struct err *e);
void mount_args_clear(struct mount_args *a);
DEFINE_AUTO_VALUE(struct mount_args, mount_args_clear)
void mount_args_remove(struct mount_args *a, size_t i);
/* Whether one of them says all; two anonymous volumes are two. */
bool mount_args_same(const struct mount_arg *a, const struct mount_arg *b);
const struct mount_arg *mount_args_at(const struct mount_args *a, const char *target);
