/* SPDX-License-Identifier: Apache-2.0 */
/* docker_events: an event as Docker's events tells it, as a line and as an object.
 *
 * Runs in:  the command line process, called as docker.
 * Owns:     nothing; texts and trees are the caller's.
 * Needs:    an event as events_read gives it; NULL is one of which nothing is known.
 * Fails:    never.
 * Not here: which events are shown (container/events.h).
 * Source:   docker system events, "Object types" and "Format the output"; Engine API 1.51, EventMessage.
 */
#pragma once

#include "base/json.h"

struct str;

/* False: Docker knows nothing of the kind. */
bool docker_events_has(const struct json *event);
/* "TIME TYPE ACTION ID (KEY=VALUE, ...)" without a newline. */
void docker_events_line(struct str *out, const struct json *event);
struct json *docker_events_object(const struct json *event);
