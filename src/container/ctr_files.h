/* SPDX-License-Identifier: Apache-2.0 */
/* ctr_files: the small files that the engine gives a container: hosts, resolv.conf, hostname,
 * .containerenv; made anew at every start in its runtime directory and bound into it.
 *
 * Runs in:  the monitor.
 * Owns:     nothing.
 * Needs:    the session's runtime directory.
 * Fails:    ENOSPC, EACCES with the file.
 * Not here: their text (netns/resolv.h), which are bound where (ctr_mounts.h, ctr_passwd.h).
 */
#pragma once

#include "base/err.h"
#include "container/engine.h"
#include "container/mount_args.h"
#include "container/record.h"
#include "runtime/spec.h"

#define CTR_FILES_RESOLV "resolv.conf"
#define CTR_FILES_HOSTS "hosts"
#define CTR_FILES_HOSTNAME "hostname"
#define CTR_FILES_ENV "containerenv"

/* The runtime directory of a container, made when missing; *path owned. Returns its dirfd. */
int ctr_files_dir(struct engine *g, const char *id, char **path, struct err *e);
/* Out of the way by one rename: the next start makes a directory of its own. Nothing when there is
 * none. */
void ctr_files_hide(struct engine *g, const char *id);
/* Deletes what was hidden, also by others who were killed before they could: nobody uses it any more. */
void ctr_files_sweep(struct engine *g);
/* One of them, or another file of the runtime directory, bound at target unless the user mounts something
 * there; NULL then. */
struct spec_mount *ctr_files_bind(struct spec *s, const struct mount_args *user,
				  const char *runtime_path, const char *file, const char *target);
int ctr_files_write(struct engine *g, struct record *r, int runtime_dirfd, struct err *e);
/* --hosts-file image: the base of /etc/hosts is read from the container's own files, at its start. */
/* The values of --add-host, --hosts-file and --dns*, told wrong when the container is made. */
int ctr_files_check(struct engine *g, const struct container_config *c, struct err *e);
/* Whether its resolv.conf is ours to say. */
bool ctr_files_has_resolv(const struct container_config *c);
bool ctr_files_hosts_of_image(const struct container_config *c);
int ctr_files_write_hosts(struct engine *g, const struct container_config *c, int root_dirfd,
			  int runtime_dirfd, struct err *e);
/* The host name a container gets: --hostname, else the host's when it shares its UTS or network
 * namespace, else
 * the first 12 digits of the id. Owned. */
char *ctr_files_hostname(const struct container_config *c);
