/* SPDX-License-Identifier: Apache-2.0 */
/* docker_info: the machine and the store as Docker's info tells them, as a tree and as text.
 *
 * Runs in:  the command line process, called as docker.
 * Owns:     nothing; trees and texts are the caller's.
 * Needs:    NEED_ENGINE; what info has found out about host and store.
 * Fails:    never.
 * Not here: Podman's info (cli/info.c).
 * Source:   docker system info, "Examples"; Engine API 1.51, SystemInfo.
 */
#pragma once

#include "base/json.h"

struct cmd_context;
struct str;

/* info: {"host": {}, "store": {}} of cli/info.c. Members as the API names and orders them. */
struct json *docker_info_tree(const struct cmd_context *c, const struct json *info);
void docker_info_text(struct str *out, const struct json *tree);
/* One line each: what this machine cannot limit. */
void docker_info_warnings(struct str *out, const struct json *tree);
