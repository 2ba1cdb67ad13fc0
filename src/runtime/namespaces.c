/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/namespaces.h"

#include "base/fd.h"
#include "base/sys.h"

#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

static const struct {
	const char *name;
	uint64_t flag;
} kinds[] = {
	[SPEC_NS_USER] = { "user", CLONE_NEWUSER }, [SPEC_NS_MNT] = { "mnt", CLONE_NEWNS },
	[SPEC_NS_PID] = { "pid", CLONE_NEWPID },    [SPEC_NS_NET] = { "net", CLONE_NEWNET },
	[SPEC_NS_IPC] = { "ipc", CLONE_NEWIPC },    [SPEC_NS_UTS] = { "uts", CLONE_NEWUTS },
	[SPEC_NS_CGROUP] = { "cgroup", CLONE_NEWCGROUP },
};
_Static_assert(ARRAY_SIZE(kinds) == N_SPEC_NS, "one line for each namespace");

uint64_t namespaces_flags(const struct spec *s, enum spec_ns_mode mode)
{
	uint64_t flags = 0;

	for (size_t ns = 0; ns < N_SPEC_NS; ns++)
		if (s->ns[ns] == mode)
			flags |= kinds[ns].flag;
	return flags;
}

int namespaces_join(const struct spec *s, uint64_t which, struct err *e)
{
	for (size_t ns = 0; ns < N_SPEC_NS; ns++) {
		int r;

		if (s->ns[ns] != SPEC_NS_PATH || !(which & kinds[ns].flag))
			continue;
		r = sys_setns(s->ns_fd[ns], kinds[ns].flag);
		if (r < 0)
			return err_sys(e, -r, "join the %s namespace", kinds[ns].name);
	}
	return 0;
}

int namespaces_check(const struct spec *s, struct err *e)
{
	if (s->ns[SPEC_NS_MNT] != SPEC_NS_NEW)
		return err_set(e, EINVAL, "a container needs a mount namespace of its own");
	for (size_t ns = 0; ns < N_SPEC_NS; ns++)
		if (s->ns[ns] == SPEC_NS_PATH && s->ns_fd[ns] < 0)
			return err_set(e, EINVAL, "no %s namespace to join was opened",
				       kinds[ns].name);
	return 0;
}

/* Interface flags other than IFF_UP are kept by the kernel for lo: no need to read them first. */
int namespaces_raise_loopback(void)
{
	struct ifreq ifr = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	autoclose int fd = -1;

	fd = fd_socket(AF_INET, SOCK_DGRAM, 0);
	if (fd == -EAFNOSUPPORT)
		return 0;	/* a kernel without IPv4 */
	if (fd < 0)
		return fd;
	return ioctl(fd, SIOCSIFFLAGS, &ifr) < 0 ? -errno : 0;
}
