/* SPDX-License-Identifier: Apache-2.0 */
/* store: the directory that holds layers, images, containers and volumes, and its driver.
 *
 * Runs in:  the session's user namespace (uid 0 there), any mount namespace that sees the root.
 * Owns:     struct store: the directory descriptors and the driver's state (store_free).
 * Needs:    a file system with symbolic links; what the driver needs.
 * Fails:    EACCES, ENOSPC, EROFS with the path; ENOTSUP a driver that cannot work here.
 * Not here: what the records mean (layer.h, images.h, names.h), mounting (rootfs.h).
 *
 * On disk below root:
 *   layers/<chain-id hex>/{diff/,layer.json,tar-split.gz}
 *   images/<image-id hex>/{manifest.json,config.json}, images/names/<encoded name> -> image id
 *   containers/<id>/..., containers/names/<name> -> container id
 *   volumes/<name>/{volume.json,_data/}
 *   tmp/<pid>.<start time>.<boot id>-<random>/   swept when its owner is dead
 *   cache/                                   small things that can be made again (seccomp programs)
 *   driver                                   the driver's name, fixed at first use; a second line
 *                                            "owners recorded" where no file can belong to others
 */
#pragma once

#include "base/err.h"
#include "base/mem.h"
#include "base/strv.h"

struct store_driver;

struct store {
	char *root;			/* owned; absolute path */
	int root_dirfd, layers_dirfd, images_dirfd, image_names_dirfd;	/* all owned */
	int containers_dirfd, container_names_dirfd, volumes_dirfd, cache_dirfd;
	const struct store_driver *driver;
	struct strv driver_opts;	/* owned; "overlay.mount_program=..." as in storage.conf */
	char *event_log;		/* owned; absolute path where containers.conf has one, else NULL */
	bool is_single_id;		/* chown is impossible: owners are recorded instead */
	bool refuses_owners;		/* because of the file system, not of the session */
};

struct store_args {
	const char *root;		/* borrowed; NULL: storage.conf's, else data_dir */
	const char *data_dir;		/* borrowed; session->data_dir */
	const char *driver;		/* borrowed; NULL: storage.conf's, on disk, or probed */
	const struct strv *driver_opts;	/* borrowed; may be NULL */
	bool is_single_id;
};
/* Creates what is missing. On the fast path (all there): a handful of openat calls, no probing. */
int store_open(struct store **out, const struct store_args *args, struct err *e);
void store_free(struct store *s);
DEFINE_AUTO(struct store, store_free)
/* Only where it is or would be: nothing is opened or made. */
int store_locate(char **root, const struct store_args *args, struct err *e);

/* What is half made or half deleted: store_tmp.c. A fresh directory under tmp/ (on the same file system as all the rest), named for this process so
 * that others sweep it when we are gone. *name is the path relative to root, owned. */
int store_tmp_dir(struct store *s, char **name, int *dirfd, struct err *e);
/* Renames root-relative tmp path to a final place; EEXIST when taken. */
int store_publish(struct store *s, const char *tmp_name, int to_dirfd, const char *name,
		  struct err *e);
/* Makes an object invisible at once (rename into tmp/) and then deletes it. */
int store_discard(struct store *s, int from_dirfd, const char *name, struct err *e);
/* The first half of that, one rename of a directory: the caller deletes *tmp_name (root-relative,
 * owned) when it has time, or it is swept when the caller is dead. -ENOENT. */
int store_hide(struct store *s, int from_dirfd, const char *name, char **tmp_name, struct err *e);
/* Deletes tmp entries whose owners are dead; called by writers, cheap when there are none. */
int store_sweep(struct store *s, struct err *e);
/* Only names them (below tmp/). */
int store_find_dead(struct store *s, struct strv *names, struct err *e);
