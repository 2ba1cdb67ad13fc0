/* SPDX-License-Identifier: Apache-2.0 */
/* logs: a container's output on disk, written by the monitor and read by `logs`.
 *
 * Runs in:  writer: the monitor, without allocation after it is open. Reader: any command.
 * Owns:     struct logs_writer (logs_writer_close).
 * Needs:    nothing.
 * Fails:    a full disk is counted and remembered, never blocks or kills the container.
 * Not here: who is attached (monitor.h).
 * Source:   Kubernetes CRI log format (k8s-file): "TIME stream F|P text"; Docker json-file; journald:
 *           the fields of Podman and Docker (CONTAINER_NAME, CONTAINER_ID_FULL, ...).
 *
 * Rotation: at max-size the file becomes <log>.1 (shifted up to max-file), under the monitor alone;
 * default 10 MiB x 3. `logs -f` follows the name across rotation. The journal looks after itself.
 */
#pragma once

#include "base/err.h"
#include "container/config.h"
#include "container/engine.h"
#include "container/record.h"

#include <stdint.h>

enum logs_driver {
	LOGS_K8S_FILE, LOGS_JSON_FILE, LOGS_JOURNALD, LOGS_PASSTHROUGH, LOGS_PASSTHROUGH_TTY, LOGS_NONE,
	N_LOGS_DRIVERS
};

struct logs_writer;
int logs_driver_parse(const char *name);		/* -EINVAL */
bool logs_is_passthrough(const struct container_config *c);	/* the container has our stdio itself */
/* Driver and options are what they may be, or ERR_USAGE. Settling, at creation, adds what
 * containers.conf says (log_driver, log_size_max, log_tag) first. */
int logs_check(const struct container_config *c, struct err *e);
int logs_settle(struct engine *g, struct container_config *c, struct err *e);
/* "K=V" that the options label, labels, env and their -regex attach to every line. */
void logs_attributes(const struct container_config *c, struct strv *out);
int logs_writer_open(struct logs_writer **out, struct engine *g, struct record *r, struct err *e);
void logs_writer_write(struct logs_writer *w, int stream, const char *data, size_t n);	/* 1 or 2 */
void logs_writer_close(struct logs_writer *w);

struct logs_query {
	int64_t since, until;		/* ns; 0 none */
	int64_t tail;			/* -1 all */
	bool follow, timestamps, names;
	/* Called for every line or partial line; stream 1 or 2; time as recorded. Non-zero ends it. */
	int (*line)(void *arg, int stream, const char *time, const char *text, size_t n,
		    bool is_partial);
	void *arg;
};
int logs_read(struct engine *g, struct record *r, const struct logs_query *q, struct err *e);
