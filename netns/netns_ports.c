/* SPDX-License-Identifier: Apache-2.0 */
/* THEORY
 * A port is tested by binding it, at each start, before slirp4netns binds it for good: its own error says
 * only "failed", and a name for the port and a reason are what the user needs. The test is not a
 * reservation; who takes the port in between is met again when it is forwarded.
 * TCP is tested with SO_REUSEADDR and listen(2), as slirp4netns does, so that connections in TIME_WAIT
 * do not count. UDP without it: two sockets that both have it share a port silently.
 */
#include "netns/netns.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/str.h"
#include "base/units.h"
#include "netns/netns_priv.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static const char *const proto_names[] = { [NETNS_TCP] = "tcp", [NETNS_UDP] = "udp" };

void netns_ports_clear(struct netns_ports *p)
{
	for (size_t i = 0; i < p->n; i++)
		free(p->v[i].host_ip);
	free(p->v);
	*p = (struct netns_ports){ 0 };
}

static void append(struct netns_ports *p, const struct netns_port *port)
{
	if ((p->n & (p->n - 1)) == 0)
		p->v = xreallocarray(p->v, p->n ? p->n * 2 : 1, sizeof(*p->v));
	p->v[p->n] = *port;
	p->v[p->n++].host_ip = xstrdup(port->host_ip ? port->host_ip : "");
}

const char *netns_proto_name(enum netns_proto p)
{
	return proto_names[p];
}

struct netns_port_text netns_port_text(const struct netns_port *p)
{
	bool v6 = p->host_ip && strchr(p->host_ip, ':');
	const char *ip = str_empty(p->host_ip) ? "0.0.0.0" : p->host_ip;
	struct netns_port_text t;

	snprintf(t.s, sizeof(t.s), "port %u/%s on %s%s%s", p->host_port, proto_names[p->proto],
		 v6 ? "[" : "", ip, v6 ? "]" : "");
	return t;
}

/* ---- reading ---- */

struct range {
	uint16_t from, to;
};

static int parse_number(const char *s, size_t n, uint64_t *out)
{
	autofree char *text = xstrndup(s, n);

	if (!isdigit((unsigned char)*text))
		return -EINVAL;
	return units_parse_uint(text, out);
}

/* "80" or "80-90"; min is 0 where 0 means a random port. */
static int parse_range(struct range *r, const char *s, unsigned int min)
{
	const char *dash = strchr(s, '-');
	uint64_t from, to;

	if (parse_number(s, dash ? (size_t)(dash - s) : strlen(s), &from) < 0)
		return -EINVAL;
	to = from;
	if (dash && parse_number(dash + 1, strlen(dash + 1), &to) < 0)
		return -EINVAL;
	if (from < min || to > 65535 || from > to || (from == 0 && to != 0))
		return -EINVAL;
	*r = (struct range){ from, to };
	return 0;
}

static int parse_proto(char *text, enum netns_proto *proto, const char *whole, struct err *e)
{
	char *slash = strchr(text, '/');

	*proto = NETNS_TCP;
	if (!slash)
		return 0;
	*slash++ = '\0';
	for (char *c = slash; *c; c++)
		*c = tolower((unsigned char)*c);
	for (size_t i = 0; i < ARRAY_SIZE(proto_names); i++)
		if (str_eq(slash, proto_names[i])) {
			*proto = i;
			return 0;
		}
	if (str_eq(slash, "sctp"))
		return err_set(e, ERR_UNSUPPORTED,
			       "cannot publish %s: sctp cannot be forwarded without root, only tcp and udp",
			       whole);
	return err_set(e, ERR_USAGE, "port '%s': protocol '%s' is unknown: tcp and udp are", whole, slash);
}

static int bad_port(const char *whole, struct err *e)
{
	return err_set(e, ERR_USAGE,
		       "port '%s': [[IP:][HOSTPORT]:]PORT[/tcp|udp] is expected, with ports from 1 to 65535 or ranges A-B",
		       whole);
}

/* Cuts "IP:" off *text; an IPv6 address stands in brackets. 1 when there was one. */
static int cut_ip(char **text, const char **ip, const char *whole, struct err *e)
{
	struct in6_addr addr;
	char *colon, *end;

	*ip = "";
	if (**text == '[') {
		end = strchr(*text, ']');
		if (!end || end[1] != ':')
			return bad_port(whole, e);
		*end = '\0';
		*ip = *text + 1;
		if (inet_pton(AF_INET6, *ip, &addr) != 1)
			return err_set(e, ERR_USAGE, "port '%s': '%s' is not an IPv6 address", whole, *ip);
		*text = end + 2;
		return 1;
	}
	colon = strchr(*text, ':');
	if (!colon || !strchr(colon + 1, ':'))
		return 0;
	*colon = '\0';
	if (inet_pton(AF_INET, *text, &addr) != 1)
		return err_set(e, ERR_USAGE, "port '%s': '%s' is not an address (IPv6: [ADDRESS]:...)", whole,
			       *text);
	*ip = *text;
	*text = colon + 1;
	return 1;
}

static int expand(struct netns_ports *out, const char *ip, enum netns_proto proto, struct range host,
		  struct range inside, const char *whole, struct err *e)
{
	unsigned int n = inside.to - inside.from + 1, hosts = host.to - host.from + 1;
	struct netns_port p = { .host_ip = (char *)ip, .proto = proto };

	if (host.from && hosts != n && n != 1)
		return err_set(e, ERR_USAGE, "port '%s': host and container port ranges have different "
			       "lengths: %u vs %u", whole, hosts, n);
	if (n == 1)
		p.host_port_end = hosts > 1 ? host.to : 0;
	for (unsigned int i = 0; i < n; i++) {
		p.host_port = host.from ? host.from + i : 0;
		p.container_port = inside.from + i;
		append(out, &p);
	}
	return 0;
}

int netns_port_parse(struct netns_ports *out, const char *text, struct err *e)
{
	autofree char *copy = xstrdup(text);
	struct range host = { 0 }, inside;
	enum netns_proto proto;
	char *rest = copy, *colon;
	const char *ip;
	int has_ip;
	int r = parse_proto(copy, &proto, text, e);

	if (r < 0)
		return r;
	has_ip = cut_ip(&rest, &ip, text, e);
	if (has_ip < 0)
		return has_ip;
	colon = strchr(rest, ':');
	if (has_ip && !colon)
		return bad_port(text, e);
	if (colon) {
		*colon = '\0';
		if (*rest && parse_range(&host, rest, 0) < 0)
			return bad_port(text, e);
		rest = colon + 1;
	}
	if (parse_range(&inside, rest, 1) < 0)
		return bad_port(text, e);
	return expand(out, ip, proto, host, inside, text, e);
}

int netns_expose_parse(struct netns_ports *out, const char *text, struct err *e)
{
	autofree char *copy = xstrdup(text);
	enum netns_proto proto;
	struct range inside;
	int r = parse_proto(copy, &proto, text, e);

	if (r < 0)
		return r;
	if (parse_range(&inside, copy, 1) < 0)
		return err_set(e, ERR_USAGE, "invalid range format for --expose: %s: PORT[-PORT][/tcp|udp] "
			       "is expected", text);
	return expand(out, "", proto, (struct range){ 0 }, inside, text, e);
}

/* ---- JSON: one object for each run of ports that follow each other, as podman ps prints ---- */

static bool follows(const struct netns_port *a, const struct netns_port *b, unsigned int range)
{
	return a->proto == b->proto && str_eq(a->host_ip, b->host_ip) && a->host_port && b->host_port &&
	       !a->host_port_end && !b->host_port_end && b->host_port == a->host_port + range &&
	       b->container_port == a->container_port + range;
}

struct json *netns_ports_to_json(const struct netns_ports *p)
{
	struct json *list = json_new_array();
	unsigned int range;

	for (size_t i = 0; i < p->n; i += range) {
		const struct netns_port *a = &p->v[i];
		struct json *o = json_new_object();

		for (range = 1; i + range < p->n && follows(a, a + range, range); range++)
			;
		json_set_str(o, "host_ip", a->host_ip);
		json_set_int(o, "container_port", a->container_port);
		json_set_int(o, "host_port", a->host_port);
		json_set_int(o, "range", range);
		json_set_str(o, "protocol", proto_names[a->proto]);
		if (a->host_port_end)
			json_set_int(o, "host_port_end", a->host_port_end);
		json_add(list, o);
	}
	return list;
}

static int port_from_json(struct netns_ports *out, const struct json *o, struct err *e)
{
	int64_t host = json_get_int(o, "host_port", 0), inside = json_get_int(o, "container_port", 0);
	int64_t range = json_get_int(o, "range", 1), end = json_get_int(o, "host_port_end", 0);
	const char *proto = json_get_str(o, "protocol"), *ip = json_get_str(o, "host_ip");
	struct netns_port p = { .host_ip = (char *)(ip ? ip : ""), .host_port_end = end };

	if (str_eq(proto, "udp"))
		p.proto = NETNS_UDP;
	else if (proto && !str_eq(proto, "tcp"))
		return err_set(e, EBADMSG, "port record with protocol '%s'", proto);
	if (range < 1)
		range = 1;
	if (host < 0 || inside < 1 || end < 0 || end > 65535 || range > 65535 || host + range > 65536 ||
	    inside + range > 65536)
		return err_set(e, EBADMSG, "port record out of range");
	for (int64_t i = 0; i < range; i++) {
		p.host_port = host ? host + i : 0;
		p.container_port = inside + i;
		append(out, &p);
	}
	return 0;
}

int netns_ports_from_json(struct netns_ports *out, const struct json *j, struct err *e)
{
	auto_of(netns_ports_clear) struct netns_ports p = { 0 };

	for (size_t i = 0; i < json_len(j); i++) {
		int r = port_from_json(&p, json_at(j, i), e);

		if (r < 0)
			return r;
	}
	*out = p;
	p = (struct netns_ports){ 0 };
	return 0;
}

/* ---- choosing and testing ---- */

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static socklen_t address_of(union address *a, const struct netns_port *p, unsigned int port)
{
	*a = (union address){ 0 };
	if (p->host_ip && strchr(p->host_ip, ':')) {
		a->v6.sin6_family = AF_INET6;
		a->v6.sin6_port = htons(port);
		inet_pton(AF_INET6, p->host_ip, &a->v6.sin6_addr);
		return sizeof(a->v6);
	}
	a->v4.sin_family = AF_INET;
	a->v4.sin_port = htons(port);
	if (!str_empty(p->host_ip))
		inet_pton(AF_INET, p->host_ip, &a->v4.sin_addr);
	return sizeof(a->v4);
}

/* A socket bound to the port (0: any, then *port is what the kernel chose) or -errno. */
static int try_bind(const struct netns_port *p, uint16_t *port)
{
	bool tcp = p->proto == NETNS_TCP;
	union address a;
	socklen_t len = address_of(&a, p, *port);
	autoclose int fd = fd_socket(a.any.sa_family, tcp ? SOCK_STREAM : SOCK_DGRAM, 0);
	int one = 1;

	if (fd < 0)
		return fd;
	if (tcp)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (a.any.sa_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
	if (bind(fd, &a.any, len) < 0 || (tcp && listen(fd, 1) < 0) || getsockname(fd, &a.any, &len) < 0)
		return -errno;
	*port = ntohs(a.any.sa_family == AF_INET6 ? a.v6.sin6_port : a.v4.sin_port);
	return steal_fd(&fd);
}

/* The lowest port an unprivileged process may bind; the kernel's default where it cannot be read. */
static unsigned int unprivileged_start(void)
{
	autofree char *text = NULL;
	uint64_t n;

	if (file_read_at(AT_FDCWD, "/proc/sys/net/ipv4/ip_unprivileged_port_start", &text, NULL, 64) < 0)
		return 1024;
	text[strcspn(text, "\n")] = '\0';
	return units_parse_uint(text, &n) < 0 ? 1024 : (unsigned int)n;
}

int netns_port_refused(const struct netns_port *p, int code, struct err *e)
{
	struct netns_port_text t = netns_port_text(p);
	unsigned int start;

	if (code == EADDRINUSE)		/* scripts look for these words */
		return err_set(e, code, "cannot publish %s: bind: address already in use: rootlet ps and ss -tulpn say by whom",
			       t.s);
	if (code != EACCES)
		return err_sys(e, code, "cannot publish %s", t.s);
	start = unprivileged_start();
	return err_set(e, code,
		       "cannot publish %s: ports below %u need a privilege that your user does not have: use a port from %u up, or let the administrator run: sysctl net.ipv4.ip_unprivileged_port_start=%u",
		       t.s, start, start, p->host_port);
}

int netns_port_test(const struct netns_port *p)
{
	uint16_t port = p->host_port;
	autoclose int fd = try_bind(p, &port);

	return fd < 0 ? fd : 0;
}

/* A fixed port that is free is held: a random choice must not take it. Whether it can be had is found
 * out at the start. */
static bool hold(const struct netns_port *p, int *held)
{
	uint16_t port = p->host_port;
	int fd = try_bind(p, &port);

	if (fd >= 0)
		*held = fd;
	return fd >= 0;
}

/* The chosen port stays bound in *held until all are chosen, or the kernel would offer it twice. */
static int choose_one(struct netns_port *p, int *held, struct err *e)
{
	unsigned int last = p->host_port_end ? p->host_port_end : p->host_port;
	uint16_t port;
	int fd = -EINVAL;

	for (unsigned int try = p->host_port; try <= last; try++) {
		port = try;
		fd = try_bind(p, &port);
		if (fd >= 0) {
			p->host_port = port;
			p->host_port_end = 0;
			*held = fd;
			return 0;
		}
	}
	if (p->host_port_end)
		return err_sys(e, -fd, "cannot publish any of the ports %u-%u/%s", p->host_port,
			       p->host_port_end, proto_names[p->proto]);
	return netns_port_refused(p, -fd, e);
}

static int by_port(const void *a, const void *b)
{
	const struct netns_port *x = a, *y = b;
	int r = (int)x->proto - (int)y->proto;

	if (!r)
		r = (int)x->host_port - (int)y->host_port;
	if (!r)
		r = strcmp(x->host_ip, y->host_ip);
	return r ? r : (int)x->container_port - (int)y->container_port;
}

static bool is_fixed(const struct netns_port *p)
{
	return p->host_port && !p->host_port_end;
}

/* Sorted by host port: duplicates meet, and what is printed later is in order. */
static int drop_duplicates(struct netns_ports *p, struct err *e)
{
	size_t n = 0;

	if (p->n)
		qsort(p->v, p->n, sizeof(*p->v), by_port);
	for (size_t i = 0; i < p->n; i++) {
		struct netns_port *last = n ? &p->v[n - 1] : NULL;
		struct netns_port *a = &p->v[i];

		if (last && is_fixed(last) && is_fixed(a) && last->proto == a->proto &&
		    last->host_port == a->host_port && str_eq(last->host_ip, a->host_ip)) {
			if (last->container_port != a->container_port)
				return err_set(e, EADDRINUSE, "%s is published twice: to %u and to %u",
					       netns_port_text(a).s, last->container_port,
					       a->container_port);
			free(steal_ptr(&a->host_ip));
			continue;
		}
		if (i != n) {
			p->v[n] = *a;
			a->host_ip = NULL;
		}
		n++;
	}
	p->n = n;
	return 0;
}

int netns_ports_choose(struct netns_ports *p, struct err *e)
{
	int r = drop_duplicates(p, e);
	size_t n = 0, fixed = 0;
	int *held;

	for (size_t i = 0; i < p->n; i++)
		fixed += is_fixed(&p->v[i]);
	if (r < 0 || fixed == p->n)
		return r;
	held = xmalloc(p->n * sizeof(*held));
	for (size_t i = 0; i < p->n; i++)
		n += is_fixed(&p->v[i]) && hold(&p->v[i], &held[n]);
	for (size_t i = 0; !r && i < p->n; i++)
		if (!is_fixed(&p->v[i]) && (r = choose_one(&p->v[i], &held[n], e)) == 0)
			n++;
	while (n)
		fd_close(&held[--n]);
	free(held);
	return r;
}
