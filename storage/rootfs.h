/* SPDX-License-Identifier: Apache-2.0 */
/* rootfs: a container's root file system: layers below, a writable directory on top.
 *
 * Runs in:  rootfs_create, rootfs_open: the engine, in the session's user namespace.
 *           rootfs_mount: a process in that user namespace whose mount namespace belongs to it and
 *           that is about to become, or to clone, the container's init. It may not print.
 * Owns:     struct rootfs: descriptors (rootfs_free). The mounts live in the mount namespace.
 * Needs:    the driver's means: overlay in a user namespace, /dev/fuse and fuse-overlayfs, or disk.
 * Fails:    with the driver and the layer named.
 * Not here: volumes and /proc, /dev, /sys (runtime/).
 *
 * containers/<id>/upper and work hold the writable side; a vfs container holds a full copy in
 * rootfs.
 */
#pragma once

#include "base/err.h"
#include "base/idmap.h"
#include "base/mem.h"
#include "base/proc.h"
#include "storage/store.h"

enum rootfs_flags {
	ROOTFS_VOLATILE = 1,	/* --rm: nothing has to survive power loss */
	ROOTFS_READONLY = 2,
	ROOTFS_HOST = 4,	/* host:/ or --rootfs PATH: the lower directory is host_path */
	ROOTFS_OVERLAY = 8,	/* --rootfs PATH:O: writable layer over host_path */
	ROOTFS_IMAGE = 16,	/* the layers alone, without places for mounts; the writable side, if
				 * any, is in containers/<id>/<side> */
	/* No place is made for the engine's file: where the image has none there is none. */
	ROOTFS_NO_HOSTS = 32,
	ROOTFS_NO_HOSTNAME = 64,
	ROOTFS_NO_RESOLV = 128,
};

struct rootfs_args {
	const char *container_id;
	const struct strv *chain_ids;	/* bottom first; empty with ROOTFS_HOST */
	const char *host_path;		/* NULL, or for ROOTFS_HOST */
	const char *side;		/* of ROOTFS_IMAGE; NULL with ROOTFS_READONLY */
	unsigned int flags;
	/* Ids of the container's user namespace when it is not the session's (keep-id): a layer is
	 * materialised at most once per map. NULL or empty: the session's own. Outside: ids of the
	 * session's namespace. */
	const struct idmap *uid_map, *gid_map;
};
static inline bool rootfs_is_shifted(const struct rootfs_args *args)
{
	return args->uid_map && args->uid_map->n;
}

struct rootfs;

/* Makes the writable side in the container's directory, which may still be nameless. *hold_fd (owned,
 * -1 without layers) keeps the layers until the directory is where those look who remove layers. */
int rootfs_create(struct store *s, const struct rootfs_args *args, int container_dirfd, int *hold_fd,
		  struct err *e);
/* The same for ROOTFS_IMAGE, anew: containers/<id>/<side> is emptied first. Also makes the layers of
 * the ids; with ROOTFS_READONLY that is all. */
int rootfs_create_side(struct store *s, const struct rootfs_args *args, struct err *e);
/* Opens all that mounting needs, so that rootfs_mount works without the store's paths. */
int rootfs_open(struct rootfs **out, struct store *s, const struct rootfs_args *args,
		struct err *e);
/* In the helper process. *mount_fd (owned): a detached mount, for move_mount; it stays -1 where the
 * driver can only mount at target, an existing directory, and has done so. 0 or error. */
int rootfs_mount(struct rootfs *r, const char *target, int *mount_fd, struct err *e);
/* In the helper, behind rootfs_mount: a server that dies must not leave it waiting for ever. */
void rootfs_leave_server(struct rootfs *r);
/* In the engine, after the helper has mounted: starts what serves the mount (fuse-overlayfs) and
 * fills *server (pid 0 when there is none). */
int rootfs_serve(struct rootfs *r, struct proc *server, struct err *e);
void rootfs_free(struct rootfs *r);
DEFINE_AUTO(struct rootfs, rootfs_free)

/* For cp, diff, commit, mount outside a running container: the directories that make it up. */
int rootfs_upper(struct store *s, const char *container_id, int *upper_dirfd, struct err *e);
