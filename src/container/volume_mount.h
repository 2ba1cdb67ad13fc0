/* SPDX-License-Identifier: Apache-2.0 */
/* volume_mount: tmpfs volumes: mounted while a container, or `volume mount`, has them.
 *
 * Runs in:  the command line process and the monitor, in the session's user namespace.
 * Owns:     nothing; a mount returned is the caller's descriptor.
 * Needs:    the pause process.
 * Fails:    with the volume's name.
 * Not here: volumes that are directories: they need no mount (volumes.h).
 *
 * The tmpfs is mounted on the volume's _data in the pause process's mount namespace; every container
 * gets a clone. Who has it is an empty file in the runtime directory, volumes/<name>/<container id> or
 * volumes/<name>/mount; entries of containers that are dead do not count and are removed by whoever
 * looks next. The lock is volumes/<name>/.lock. With the last user the tmpfs goes.
 */
#pragma once

#include "base/err.h"
#include "container/engine.h"
#include "container/volumes.h"

#define VOLUME_MOUNT_BY_HAND "mount"

/* A detached clone of the volume's tmpfs, which is mounted if it was not. user: a container's id or
 * VOLUME_MOUNT_BY_HAND. */
int volume_mount_take(struct engine *g, const struct volume *v, const char *user, struct err *e);
/* A further clone for somebody who has taken it. */
int volume_mount_clone(struct engine *g, const struct volume *v, struct err *e);
/* The user is gone; unmounts after the last. A volume that is not mounted is no error. */
int volume_mount_release(struct engine *g, const char *name, const char *user, struct err *e);
/* Of every volume of the list; what goes wrong is for the next who looks. */
void volume_mount_release_all(struct engine *g, const struct strv *names, const char *user);
/* How many have it mounted. Cheap for a volume that never was. */
size_t volume_mount_count(struct engine *g, const char *name);
/* Of a volume that is removed. */
int volume_mount_end(struct engine *g, const char *name, struct err *e);
