/* SPDX-License-Identifier: Apache-2.0 */
#include "container/ctr_systemd.h"

#include "base/path.h"
#include "base/str.h"
#include "base/units.h"


#define STOP_SIGNAL "SIGRTMIN+3"	/* what systemd takes for "halt" */

static const char *first_word(const struct container_config *c)
{
	return c->entrypoint.n ? c->entrypoint.v[0] : c->command.n ? c->command.v[0] : "";
}

static bool is_init(const char *program)
{
	return str_eq(program, "/sbin/init") || str_eq(program, "/usr/sbin/init") ||
	       str_eq(program, "/usr/local/sbin/init") || str_eq(path_base(program), "systemd");
}

bool ctr_systemd_is_wanted(const struct container_config *c)
{
	if (str_eq(c->systemd, "always"))
		return true;
	return !str_eq(c->systemd, "false") && is_init(first_word(c));
}

static int parse_size(const struct container_config *c, int64_t *size, struct err *e)
{
	*size = 0;
	if (c->shm_size_systemd &&
	    (units_parse_bytes(c->shm_size_systemd, size) < 0 || *size < 0))
		return err_set(e, ERR_USAGE, "--shm-size-systemd '%s': expected a size such as 64m",
			       c->shm_size_systemd);
	return 0;
}

int ctr_systemd_settle(struct container_config *c, struct err *e)
{
	int64_t size;
	int b;

	if (c->systemd && !str_eq(c->systemd, "always")) {
		if (units_parse_bool(c->systemd, &b) < 0)
			return err_set(e, ERR_USAGE, "--systemd '%s': --systemd values must be one of \"true, false, always\"",
				       c->systemd);
		xreplace(&c->systemd, b ? "true" : "false");
	}
	if (parse_size(c, &size, e) < 0)
		return -e->code;
	if (!c->stop_signal && ctr_systemd_is_wanted(c))
		c->stop_signal = xstrdup(STOP_SIGNAL);
	return 0;
}

int ctr_systemd_apply(struct spec *s, const struct mount_args *user, const struct container_config *c,
		      struct err *e)
{
	static const char *const places[][2] = {
		{ "/run", "rw,nosuid,nodev,mode=755,tmpcopyup" },
		{ "/run/lock", "rw,nosuid,nodev,noexec,mode=755" },
		{ "/tmp", "rw,nosuid,nodev,mode=1777" },
		{ "/var/log/journal", "rw,nosuid,nodev,mode=755" },
	};
	autofree char *uuid = xstrndup(c->id, 32);
	int64_t size;

	if (parse_size(c, &size, e) < 0)
		return -e->code;
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		struct spec_mount *m;

		if (mount_args_at(user, places[i][0]))
			continue;
		m = spec_add_mount(s, "tmpfs", "tmpfs", places[i][0], places[i][1]);
		if (size)
			strv_addf(&m->options, "size=%lld", (long long)size);
	}
	strv_env_set(&s->process.env, "container_uuid", uuid);
	return 0;
}
