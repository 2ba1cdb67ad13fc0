/* SPDX-License-Identifier: Apache-2.0 */
/* engine: the two directories every container call works in: the store and the runtime directory.
 *
 * Runs in:  the command line process, in the session's user namespace.
 * Owns:     struct engine (engine_free); session and store are borrowed.
 * Needs:    session_join, store_open done.
 * Fails:    EACCES, ENOSPC on the runtime directory.
 * Not here: what a call does: create.h, lifecycle.h, exec.h, logs.h, volumes.h, query.h.
 */
#pragma once

#include "base/err.h"
#include "base/mem.h"
#include "netns/netns.h"

struct session;
struct store;
struct json;

enum engine_events {
	ENGINE_EVENTS_UNKNOWN, ENGINE_EVENTS_FILE, ENGINE_EVENTS_JOURNALD, ENGINE_EVENTS_NONE,
	N_ENGINE_EVENTS
};

struct engine {
	struct session *session;	/* borrowed */
	struct store *store;		/* borrowed */
	struct json *conf;		/* owned; containers.conf merged; loaded by engine_conf() when needed */
	const char *network_cmd_path;	/* borrowed; NULL */
	const struct strv *hooks_dirs;	/* borrowed; NULL: defaults */
	const char *cgroup_manager;	/* borrowed; "systemd", "cgroupfs"; NULL: containers.conf, else what works */
	const struct strv *cdi_dirs;	/* borrowed; NULL: defaults */
	enum engine_events events;	/* unknown: containers.conf is asked (events_are_wanted) */
	bool is_docker;			/* Docker's behaviour where the two differ */
};

int engine_open(struct engine **out, struct session *session, struct store *store, struct err *e);
void engine_free(struct engine *g);
DEFINE_AUTO(struct engine, engine_free)
/* containers.conf (system, then user, then CONTAINERS_CONF), read once when first asked for. */
const struct json *engine_conf(struct engine *g, const char *dotted);
/* The slirp4netns or pasta to run: --network-cmd-path, containers.conf; NULL: the one in PATH. */
const char *engine_network_cmd(struct engine *g, enum netns_mode mode);
