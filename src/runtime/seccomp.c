/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/seccomp.h"

#include "base/sys.h"
#include "runtime/spec.h"

#include <linux/filter.h>
#include <string.h>

int seccomp_prepare(struct seccomp_program *out, const struct spec *s, uint64_t caps,
		    struct err *e)
{
	(void)s; (void)caps; (void)e;
	memset(out, 0, sizeof(*out));
	return 0;
}

int seccomp_load(const struct seccomp_program *p, struct err *e)
{
	struct sock_fprog prog = { .len = p->n, .filter = p->filter };
	int r;

	if (!p->filter)
		return 0;
	r = sys_seccomp_filter(0, &prog);
	return r < 0 ? err_sys(e, -r, "load the seccomp filter") : 0;
}

void seccomp_program_clear(struct seccomp_program *p)
{
	free(p->filter);
	memset(p, 0, sizeof(*p));
}
