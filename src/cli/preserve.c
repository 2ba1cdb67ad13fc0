/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/preserve.h"

#include "base/fd.h"
#include "base/units.h"

#include <stdlib.h>
#include <unistd.h>

#define FIRST 3
#define MOST 1024	/* how far up: the payload's table is laid out number by number */

void preserve_clear(struct preserve *p)
{
	free(p->fds);
	*p = (struct preserve){ 0 };
}

static bool has(const int *fds, size_t n, int fd)
{
	for (size_t i = 0; i < n; i++)
		if (fds[i] == fd)
			return true;
	return false;
}

static int add(struct preserve *p, const struct fd_inherited *inherited, const char *option,
	       uint64_t fd, struct err *e)
{
	size_t at = p->n;

	if (fd < FIRST || fd > MOST)
		return err_set(e, ERR_USAGE, "%s: descriptor %llu is not from %d to %d", option,
			       (unsigned long long)fd, FIRST, MOST);
	if (!has(inherited->fds, inherited->n, fd))
		return err_set(e, EBADF, "%s: descriptor %llu is not open", option,
			       (unsigned long long)fd);
	if (has(p->fds, p->n, fd))
		return 0;
	p->fds = xrealloc(p->fds, (p->n + 1) * sizeof(*p->fds));
	for (; at > 0 && p->fds[at - 1] > (int)fd; at--)
		p->fds[at] = p->fds[at - 1];
	p->fds[at] = fd;
	p->n++;
	return 0;
}

/* As sd_listen_fds(3) has it: the variables are for the process they name, not for its children. */
static uint64_t listen_count(void)
{
	const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");
	uint64_t wanted, n;

	if (!pid || !count || units_parse_uint(pid, &wanted) < 0 || wanted != (uint64_t)getpid() ||
	    units_parse_uint(count, &n) < 0)
		return 0;
	return n;
}

int preserve_collect(struct preserve *out, const struct fd_inherited *inherited, uint64_t count,
		     const struct strv *list, bool takes_listen, struct err *e)
{
	auto_of(preserve_clear) struct preserve p = { 0 };
	uint64_t listens = takes_listen ? listen_count() : 0, fd;
	int r = 0;

	for (uint64_t i = 0; r >= 0 && i < count; i++)
		r = add(&p, inherited, "--preserve-fds", FIRST + i, e);
	for (uint64_t i = 0; r >= 0 && i < listens; i++)
		r = add(&p, inherited, "LISTEN_FDS", FIRST + i, e);
	for (size_t i = 0; r >= 0 && i < list->n; i++) {
		if (units_parse_uint(list->v[i], &fd) < 0)
			return err_set(e, ERR_USAGE, "--preserve-fd '%s': expected numbers from %d up, as "
				       "5,7", list->v[i], FIRST);
		r = add(&p, inherited, "--preserve-fd", fd, e);
	}
	if (r < 0)
		return r;
	p.listen_n = listens;
	p.listen_names = listens ? getenv("LISTEN_FDNAMES") : NULL;
	*out = p;
	p = (struct preserve){ 0 };
	return 0;
}
