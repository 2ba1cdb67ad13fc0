/* SPDX-License-Identifier: Apache-2.0 */
/* docker_ports: the PORTS column of docker ps.
 *
 * Runs in:  the command line process, called as docker.
 * Owns:     nothing; the text is the caller's.
 * Needs:    nothing.
 * Fails:    never.
 * Not here: docker port (cli/inspect.c).
 * Source:   docker ps, "Examples": ports of one number stand as ranges before those that differ.
 */
#pragma once

struct json;

/* ports: {"80/tcp": [{"HostIp", "HostPort"}], "99/udp": null}; "80->80/tcp, 99/udp". Owned. */
char *docker_ports_text(const struct json *ports);
