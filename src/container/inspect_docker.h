/* SPDX-License-Identifier: Apache-2.0 */
/* inspect_docker: the inspect object of a container with Docker's members instead of Podman's.
 *
 * Runs in:  any command that was called as docker.
 * Owns:     nothing; trees are the caller's.
 * Needs:    the whole object as inspect_container makes it.
 * Fails:    never.
 * Not here: the values themselves (inspect.c, inspect_host.c).
 * Source:   Docker Engine API 1.51, ContainerInspectResponse; docker inspect of a running Docker.
 */
#pragma once

#include "base/json.h"
#include "container/record.h"

/* Renames, takes out and adds, in the tree that Podman's clients are given. */
void inspect_docker(struct json *object, const struct record *r);
/* HostConfig and Mounts of it (inspect_docker_host.c). */
void inspect_docker_host(struct json *object, const struct container_config *c);
/* What Docker calls the network: "bridge" for one of the container's own. Borrowed. */
const char *inspect_docker_network(const struct container_config *c);
/* Of a storage driver: "overlay2" for the kernel's. Borrowed. */
const char *inspect_docker_driver(const char *name);
