/* SPDX-License-Identifier: Apache-2.0 */
/* A wrong value is told when the container is made, not at its first start. */
#include "container/create_priv.h"

#include "base/ident.h"
#include "base/proc.h"
#include "base/str.h"
#include "container/ctr_cgroup.h"
#include "container/health.h"
#include "container/restart.h"
#include "container/tty.h"

#include <string.h>
#include <unistd.h>

/* The words of an option that has few; NULL: it was not given. */
static bool is_one_of(const char *text, const char *const *words)
{
	while (text && *words && !str_eq(text, *words))
		words++;
	return !text || *words;
}

static int check_words(const struct container_config *c, struct err *e)
{
	struct tty_keys keys;
	static const char *const seccomp[] = { "default", "image", NULL };
	static const char *const image_volume[] = { "anonymous", "bind", "tmpfs", "ignore", NULL };

	if (!is_one_of(c->seccomp_policy, seccomp))
		return err_set(e, ERR_USAGE, "--seccomp-policy '%s' is none of default, image",
			       c->seccomp_policy);
	if (config_sdnotify(c->sdnotify) < 0)
		return err_set(e, ERR_USAGE, "--sdnotify: invalid sdnotify value \"%s\": must be container, "
			       "conmon, healthy or ignore", c->sdnotify);
	if (c->detach_keys && tty_keys_parse(&keys, c->detach_keys) < 0)
		return err_set(e, ERR_USAGE, "--detach-keys '%s': a list of characters and ctrl-X, separated by "
			       "commas, is expected", c->detach_keys);
	if (!is_one_of(c->image_volume, image_volume))
		return err_set(e, ERR_USAGE, "--image-volume: invalid image volume mode \"%s\": none of "
			       "bind, anonymous, tmpfs, ignore", c->image_volume);
	return 0;
}

static int check_names(const struct container_config *c, struct err *e)
{
	if (c->name && ident_check_name(c->name) < 0)
		return err_set(e, ERR_USAGE, "--name '%s': names must match [a-zA-Z0-9][a-zA-Z0-9_.-]*: "
			       "invalid argument", c->name);
	if (c->hostname && (strlen(c->hostname) > 64 || strpbrk(c->hostname, "/ \n\t")))
		return err_set(e, ERR_USAGE, "--hostname '%s' is no host name", c->hostname);
	for (size_t i = 0; i < c->chrootdirs.n; i++)
		if (c->chrootdirs.v[i][0] != '/' || strstr(c->chrootdirs.v[i], ".."))
			return err_set(e, ERR_USAGE, "--chrootdirs '%s': expected absolute paths",
				       c->chrootdirs.v[i]);
	return 0;
}

static int check_life(const struct container_config *c, struct err *e)
{
	auto_of(health_plan_clear) struct health_plan health = { 0 };
	struct restart restart;

	if (c->stop_signal && proc_signal_parse(c->stop_signal) < 0)
		return err_set(e, ERR_USAGE, "--stop-signal: invalid signal: %s", c->stop_signal);
	if (restart_parse(&restart, c->restart) < 0)
		return err_set(e, ERR_USAGE, "--restart '%s' is none of no, on-failure[:N], always, "
			       "unless-stopped", c->restart);
	if (c->rm && c->restart && !str_eq(c->restart, "no"))
		return err_set(e, ERR_USAGE, "the --rm option conflicts with --restart, when the "
			       "restartPolicy is not \"\" and \"no\"");
	return health_plan_load(&health, c, e);
}

static int check_pairs(const struct container_config *c, struct err *e)
{
	for (size_t i = 0; i < c->labels.n; i++)
		if (!c->labels.v[i][0] || c->labels.v[i][0] == '=')
			return err_set(e, ERR_USAGE, "--label: invalid label format: \"%s\"", c->labels.v[i]);
	for (size_t i = 0; i < c->annotations.n; i++)
		if (!strchr(c->annotations.v[i], '='))
			return err_set(e, ERR_USAGE, "--annotation '%s': annotations must be formatted "
				       "KEY=VALUE", c->annotations.v[i]);
	if (c->authfile && access(c->authfile, R_OK) < 0)
		return err_sys(e, errno, "--authfile: credential file is not accessible: stat %s",
			       c->authfile);
	return 0;
}

static int check_limits(const struct container_config *c, struct err *e)
{
	auto_of(ctr_cgroup_plan_clear) struct ctr_cgroup_plan p = { 0 };

	return ctr_cgroup_plan(&p, c, e);
}

/* Checks that need no container. */
int create_check(const struct container_config *c, struct err *e)
{
	if (check_names(c, e) < 0 || check_life(c, e) < 0 || check_words(c, e) < 0 ||
	    check_pairs(c, e) < 0 || check_limits(c, e) < 0)
		return -e->code;
	if (c->group_add.n > 1 && strv_has(&c->group_add, "keep-groups"))
		return err_set(e, ERR_USAGE, "--group-add keep-groups stands alone: the kernel keeps all "
			       "groups or none");
	return 0;
}

int create_check_image(const struct container_config *c, struct err *e)
{
	auto_of(health_plan_clear) struct health_plan health = { 0 };
	bool wants_notify = config_sdnotify(c->sdnotify) == CONFIG_SDNOTIFY_HEALTHY;

	if (!wants_notify && !c->health_on_failure)
		return 0;
	if (health_plan_load(&health, c, e) < 0)
		return -e->code;
	if (!health.command.n && wants_notify)
		return err_set(e, ERR_USAGE, "--sdnotify healthy needs a health check: --health-cmd");
	if (!health.command.n && health.on_failure != HEALTH_ON_FAILURE_NONE)
		return err_set(e, ERR_USAGE, "cannot set on-failure action to %s without a health check: "
			       "--health-cmd", c->health_on_failure);
	return 0;
}
