/* SPDX-License-Identifier: Apache-2.0 */
/* THEORY
 * slirp4netns shows a client on the host's loopback to the container as the gateway, and with
 * --disable-host-loopback it drops every datagram to the gateway: the container hears 127.0.0.1 and
 * cannot answer. Opening the host's loopback to the container is no remedy. So datagrams that arrive on
 * loopback go through here: one bound socket for each port in the host's namespace, and for each client
 * one connected socket in the container's. A socket stays in the namespace it was made in, so that one
 * process can have both: bind first, setns(2), connect later. The container can only answer whom it has
 * heard. For a port on all addresses our 127.0.0.1 is the more specific binding and wins; others keep
 * their client's address, through slirp4netns.
 */
#include "netns/udp_relay.h"

#include "base/fd.h"
#include "base/str.h"
#include "base/sys.h"
#include "base/timefmt.h"
#include "netns/netns_priv.h"

#include <arpa/inet.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_FLOWS 256		/* clients at once; the one silent for longest makes room */
#define MAX_DATAGRAM 65536
#define MAX_EVENTS 16

struct flow {
	int fd;				/* connected to the container; -1: free */
	size_t port;			/* index of the socket it came in by */
	struct sockaddr_in client;
	int64_t used;
};

struct relay {
	int epoll_fd;
	int *host_fds;			/* one for each entry of ports; -1: not ours */
	const struct netns_ports *ports;
	struct in_addr address;
	struct flow flows[MAX_FLOWS];
	char datagram[MAX_DATAGRAM];
};

enum udp_relay_use udp_relay_use(const struct netns_port *p)
{
	if (p->proto != NETNS_UDP)
		return UDP_RELAY_NO;
	if (str_empty(p->host_ip) || str_eq(p->host_ip, "0.0.0.0"))
		return UDP_RELAY_BESIDE;
	return str_has_prefix(p->host_ip, "127.") ? UDP_RELAY_INSTEAD : UDP_RELAY_NO;
}

/* ---- in the monitor ---- */

static int bind_host(const struct netns_port *p)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(p->host_port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	autoclose int fd = fd_socket(AF_INET, SOCK_DGRAM, 0);
	int one = 1;

	if (fd < 0)
		return fd;
	if (udp_relay_use(p) == UDP_RELAY_INSTEAD)
		inet_pton(AF_INET, p->host_ip, &a.sin_addr);
	else	/* slirp4netns has the port on all addresses, with the same option */
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0)
		return -errno;
	fd_set_nonblock(fd, true);
	return steal_fd(&fd);
}

/* ---- in the relay ---- */

static int watch(struct relay *r, int fd, uint64_t tag)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.u64 = tag };

	return epoll_ctl(r->epoll_fd, EPOLL_CTL_ADD, fd, &ev) < 0 ? -errno : 0;
}

static bool is_same(const struct flow *f, size_t port, const struct sockaddr_in *client)
{
	return f->fd >= 0 && f->port == port && f->client.sin_port == client->sin_port &&
	       f->client.sin_addr.s_addr == client->sin_addr.s_addr;
}

static struct flow *find_flow(struct relay *r, size_t port, const struct sockaddr_in *client)
{
	struct flow *oldest = &r->flows[0];

	for (size_t i = 0; i < MAX_FLOWS; i++) {
		struct flow *f = &r->flows[i];

		if (is_same(f, port, client))
			return f;
		if (oldest->fd >= 0 && (f->fd < 0 || f->used < oldest->used))
			oldest = f;
	}
	fd_close(&oldest->fd);
	return oldest;
}

static int open_flow(struct relay *r, struct flow *f, size_t port, const struct sockaddr_in *client)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr = r->address,
				  .sin_port = htons(r->ports->v[port].container_port) };
	autoclose int fd = fd_socket(AF_INET, SOCK_DGRAM, 0);

	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0 ||
	    fd_set_nonblock(fd, true) < 0 || watch(r, fd, r->ports->n + (uint64_t)(f - r->flows)) < 0)
		return -EIO;
	*f = (struct flow){ .fd = steal_fd(&fd), .port = port, .client = *client };
	return 0;
}

/* One datagram at a time, epoll tells of the next: no flow can starve another. */
static void from_host(struct relay *r, size_t port)
{
	struct sockaddr_in client;
	socklen_t len = sizeof(client);
	ssize_t n = recvfrom(r->host_fds[port], r->datagram, sizeof(r->datagram), 0,
			     (struct sockaddr *)&client, &len);
	struct flow *f;

	if (n < 0)
		return;
	f = find_flow(r, port, &client);
	if (f->fd < 0 && open_flow(r, f, port, &client) < 0)
		return;
	f->used = time_monotonic();
	/* What cannot be sent is lost, as datagrams are. */
	(void)!send(f->fd, r->datagram, n, 0);
}

static void from_container(struct relay *r, struct flow *f)
{
	ssize_t n = f->fd < 0 ? -1 : recv(f->fd, r->datagram, sizeof(r->datagram), 0);

	if (n < 0)
		return;		/* refused, for one: nobody listens there yet */
	f->used = time_monotonic();
	(void)!sendto(r->host_fds[f->port], r->datagram, n, 0, (struct sockaddr *)&f->client,
		      sizeof(f->client));
}

static void serve(struct relay *r)
{
	struct epoll_event ev[MAX_EVENTS];

	while (true) {
		int n = epoll_wait(r->epoll_fd, ev, MAX_EVENTS, -1);

		if (n < 0 && errno != EINTR)
			return;
		for (int i = 0; i < n; i++) {
			uint64_t tag = ev[i].data.u64;

			if (tag < r->ports->n)
				from_host(r, tag);
			else
				from_container(r, &r->flows[tag - r->ports->n]);
		}
	}
}

/* Everything the monitor has open but our own sockets goes, stdio too: the container's terminal, its
 * logs and the end of slirp4netns must not stay open because of us. */
static void close_others(const struct relay *r, int net_fd)
{
	int last = -1;

	while (true) {
		int next = -1;

		for (size_t i = 0; i < r->ports->n + 1; i++) {
			int fd = i < r->ports->n ? r->host_fds[i] : net_fd;

			if (fd > last && (next < 0 || fd < next))
				next = fd;
		}
		if (next < 0)
			break;
		if (next > last + 1)
			sys_close_range(last + 1, next - 1, 0);
		last = next;
	}
	sys_close_range(last + 1, ~0U, 0);
}

static void __attribute__((noreturn)) run(struct relay *r, int net_fd, pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	prctl(PR_SET_NAME, "rootlet-udp");
	close_others(r, net_fd);
	if (sys_setns(net_fd, CLONE_NEWNET) < 0)
		_exit(1);
	close(net_fd);
	sys_set_no_new_privs();
	r->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	for (size_t i = 0; i < MAX_FLOWS; i++)
		r->flows[i].fd = -1;
	for (size_t i = 0; i < r->ports->n; i++)
		if (r->host_fds[i] >= 0 && watch(r, r->host_fds[i], i) < 0)
			_exit(1);
	serve(r);
	_exit(1);
}

static int open_ports(struct relay *r, struct err *e)
{
	int any = 0;

	for (size_t i = 0; i < r->ports->n; i++) {
		const struct netns_port *p = &r->ports->v[i];

		r->host_fds[i] = udp_relay_use(p) == UDP_RELAY_NO ? -1 : bind_host(p);
		if (udp_relay_use(p) != UDP_RELAY_NO && r->host_fds[i] < 0)
			return netns_port_refused(p, -r->host_fds[i], e);
		any |= r->host_fds[i] >= 0;
	}
	return any;
}

int udp_relay_start(struct proc *server, const struct netns_ports *ports, int net_fd, const char *address,
		    struct err *e)
{
	struct relay *r = xcalloc(1, sizeof(*r));
	pid_t parent = getpid();
	int rc;

	r->ports = ports;
	r->host_fds = xmalloc(ports->n * sizeof(*r->host_fds));
	for (size_t i = 0; i < ports->n; i++)
		r->host_fds[i] = -1;
	inet_pton(AF_INET, address, &r->address);
	rc = open_ports(r, e);
	if (rc > 0) {
		server->pid = sys_clone(0, &server->pidfd, -1);
		if (server->pid == 0)
			run(r, net_fd, parent);
		rc = server->pid < 0 ? err_sys(e, -server->pid, "start the relay for udp") : 0;
		if (rc < 0)
			server->pid = 0;
	}
	for (size_t i = 0; i < ports->n; i++)
		fd_close(&r->host_fds[i]);
	free(r->host_fds);
	free(r);
	return rc;
}
