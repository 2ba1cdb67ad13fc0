/* SPDX-License-Identifier: Apache-2.0 */
/* udp_relay: datagrams between the host's loopback and a container, where slirp4netns drops the answers.
 *
 * Runs in:  udp_relay_start: the monitor. The relay: a process of its own, single-threaded, that dies
 *           with the monitor; sockets of the host's network namespace and of the container's.
 * Owns:     nothing here; *server is the caller's.
 * Needs:    CAP_SYS_ADMIN over the container's network namespace.
 * Fails:    EADDRINUSE and the like, naming the port.
 * Not here: TCP, and clients elsewhere (slirp.c).
 */
#pragma once

#include "netns/netns.h"

/* Whether p, published through slirp4netns, needs us beside it ("0.0.0.0") or instead of it
 * ("127.0.0.1"). */
enum udp_relay_use { UDP_RELAY_NO, UDP_RELAY_BESIDE, UDP_RELAY_INSTEAD };
enum udp_relay_use udp_relay_use(const struct netns_port *p);

/* address: the container's. server->pid stays 0 when no port needs us. */
int udp_relay_start(struct proc *server, const struct netns_ports *ports, int net_fd, const char *address,
		    struct err *e);
