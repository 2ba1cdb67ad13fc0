/* SPDX-License-Identifier: Apache-2.0 */
/* reference: the name of an image, as Docker and Podman write it: [HOST[:PORT]/]PATH[:TAG][@DIGEST].
 *
 * Runs in:  any process; pure text.
 * Owns:     struct reference (reference_clear); strings returned are the caller's.
 * Needs:    nothing.
 * Fails:    ERR_USAGE saying what is wrong with the name.
 * Not here: which registries a short name stands for (registries.h), images in the store (resolve.h).
 * Source:   OCI distribution-spec; Docker "image reference" grammar; containers-transports(5).
 */
#pragma once

#include "base/err.h"
#include "base/mem.h"

struct reference {
	char *host;	/* owned; "docker.io", "localhost:5000"; NULL: a short name */
	char *repo;	/* owned; "library/busybox" */
	char *tag;	/* owned; NULL */
	char *digest;	/* owned; "sha256:<64 lower-case hex>"; NULL */
};

/* A short name keeps host NULL and no "library/"; no tag is made up. The first part of a name is a host
 * when it has a '.' or ':' or is "localhost". "index.docker.io" and "registry-1.docker.io" are docker.io,
 * where names without a directory get "library/". "docker://" in front is skipped. */
int reference_parse(struct reference *out, const char *text, struct err *e);
void reference_clear(struct reference *r);
DEFINE_AUTO_VALUE(struct reference, reference_clear)

/* Puts a short name on a host ("docker.io" adds "library/"); a full name stays. */
void reference_set_host(struct reference *r, const char *host);
/* ":latest" when there is neither tag nor digest. */
void reference_default_tag(struct reference *r);
char *reference_to_string(const struct reference *r);	/* all parts it has */
char *reference_repository(const struct reference *r);	/* "docker.io/library/busybox" */

/* The name under which an image is stored: host (default_host for a short name; NULL: docker.io), tag
 * (latest), and with a digest that instead of the tag: "docker.io/library/busybox:latest". */
int reference_full_name(const char *text, const char *default_host, char **full, struct err *e);
/* Where a name without a host belongs that is given to an image here: "localhost", "docker.io" for Docker. */
const char *reference_own_host(void);
/* A stored name as lists show it: whole; for Docker without what it adds itself, "docker.io/library/". */
const char *reference_familiar(const char *full);

/* "docker", "docker-archive", "oci-archive", "oci", "dir", "containers-storage", "docker-daemon" when
 * text starts with it and a ':', *rest behind it ("//" of docker:// skipped); NULL otherwise. */
const char *reference_transport(const char *text, const char **rest);
