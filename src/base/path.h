/* SPDX-License-Identifier: Apache-2.0 */
/* path: the two policies by which a path in a tree that others control may be opened.
 *
 * Runs in:  any process and namespace.
 * Owns:     nothing; descriptors and strings returned are the caller's.
 * Needs:    openat2(2) (Linux 5.6); without it the calls fail with ENOSYS, nothing is emulated.
 * Fails:    leaf functions: -errno; ELOOP or EXDEV when the path tries to leave its tree.
 * Not here: paths that the user named on the host: these are opened plainly (see fd.h).
 */
#pragma once

#include "base/mem.h"

#include <sys/types.h>

/* Image and container root file systems: like chroot, symbolic links stay inside
 * (RESOLVE_IN_ROOT), no magic links. */
int root_open(int root_dirfd, const char *path, int flags);
/* mkdir -p inside a root; every level is opened and made by descriptor. Returns an O_PATH dirfd. */
int root_mkdirs(int root_dirfd, const char *path, mode_t mode);
/* The parent directory (O_PATH) of path, made with mode when make is set, and the last
 * component (owned) in *name; the last component is never followed. */
int root_parent(int root_dirfd, const char *path, bool make, mode_t mode, char **name);

/* Our own state: no symbolic link, no crossing of a mount, nothing above dirfd. */
int store_open_beneath(int dirfd, const char *path, int flags);

/* Text only. path_clean: no "//", "/./", trailing "/", ".." resolved against the text; an
 * absolute path stays absolute; "" becomes ".". For display and for paths inside a container. */
char *path_clean(const char *path);
char *path_join(const char *a, const char *b);	/* b absolute: b */
const char *path_base(const char *path);	/* behind the last '/' */
char *path_dir(const char *path);		/* before the last '/'; "." or "/" */
/* What the user configures: below XDG_CONFIG_HOME or ~/.config. Owned; NULL without either. */
char *path_config(const char *below);
/* True when the cleaned path is dir itself or lies below it (both absolute). */
bool path_is_below(const char *path, const char *dir);
