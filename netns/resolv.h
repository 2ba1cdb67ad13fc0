/* SPDX-License-Identifier: Apache-2.0 */
/* resolv: the text of a container's resolv.conf, hosts and hostname.
 *
 * Runs in:  the monitor or the command line; pure text except for reading the host's files.
 * Owns:     nothing; results are the caller's.
 * Needs:    nothing.
 * Fails:    never for a missing host file (then defaults).
 * Not here: where the files are mounted (container/).
 * Source:   resolv.conf(5), hosts(5); podman-run(1) --dns, --dns-option, --dns-search, --add-host,
 *           --no-hosts, --hosts-file.
 */
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "base/strv.h"
#include "netns/netns.h"

struct resolv_args {
	const struct netns_config *config;
	const struct strv *servers, *options, *searches;	/* --dns*; may be empty */
	const char *host_resolv_conf;	/* path; NULL: /etc/resolv.conf (systemd-resolved's stub is seen through) */
};
/* "--dns none": the image's own resolv.conf stays. */
bool resolv_is_off(const struct strv *servers);
int resolv_conf(struct str *out, const struct resolv_args *a, struct err *e);

struct resolv_hosts_args {
	const struct netns_config *config;
	const char *hostname, *container_name;	/* may be NULL */
	const char *host_ip;			/* of host.containers.internal: "none" or an address; NULL: found */
	const struct strv *add_hosts;		/* "name[;name2]:ip", ip may be host-gateway */
	const char *base_hosts;			/* path, "image" handled by the caller, "none" or NULL: host's /etc/hosts */
};
int resolv_hosts(struct str *out, const struct resolv_hosts_args *a, struct err *e);
