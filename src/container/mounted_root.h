/* SPDX-License-Identifier: Apache-2.0 */
/* mounted_root: root file systems of containers, and images, mounted in the session to be looked into.
 *
 * Runs in:  the command line process, in the session's mount namespace (rootlet unshare); but
 *           mounted_root_end anywhere, and mounted_root_clone in the monitor.
 * Owns:     nothing; paths are the caller's.
 * Needs:    nothing.
 * Fails:    EPERM out of the session's mount namespace, with the way there; EINVAL what is not mounted.
 * Not here: what a container's own processes see (runtime/), cp and export (ctr_view.h).
 *
 * The place is containers/<id>/merged or images/<id>/merged; that it is a mount is the only record.
 * What is removed takes its mount along: the kernel unmounts what is on a removed directory in other
 * mount namespaces. A container that is started while it is mounted gets a clone of that mount, for two
 * overlays over one writable directory would not see what the other does.
 */
#pragma once

#include "base/err.h"
#include "container/engine.h"
#include "container/record.h"

/* A mount that is there already is no error. */
int mounted_root_container(struct engine *g, struct record *r, char **path, struct err *e);
int mounted_root_image(struct engine *g, const char *id, char **path, struct err *e);
/* 1 mounted, *path (may be NULL) is filled; 0 not. */
int mounted_root_find(struct engine *g, const char *id, bool is_image, char **path, struct err *e);
/* force: what is not mounted is no error. */
int mounted_root_end(struct engine *g, const char *id, bool is_image, bool force, struct err *e);
/* Of a container: *mount_fd is -1 when it is not mounted. Cheap when it never was. */
int mounted_root_clone(struct engine *g, const struct record *r, int *mount_fd, struct err *e);
