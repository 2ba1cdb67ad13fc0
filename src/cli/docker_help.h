/* SPDX-License-Identifier: Apache-2.0 */
/* docker_help: help laid out as Docker's client does.
 *
 * Runs in:  the command line process, called as docker.
 * Owns:     nothing.
 * Needs:    nothing.
 * Fails:    never.
 * Not here: rootlet's and Podman's help (cli/help.h); usage lines (cli/docker_usage.h).
 * Source:   docker --help, docker container --help, docker ps --help.
 */
#pragma once

struct cmd;
struct opt;
struct str;

void docker_help_command(struct str *out, const struct cmd *c, const struct opt *opts);
/* The commands of a group; NULL: all, with the global options. */
void docker_help_overview(struct str *out, const char *group);
