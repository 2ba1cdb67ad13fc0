/* SPDX-License-Identifier: Apache-2.0 */
#include "userns/switches.h"

#include "base/file.h"
#include "base/units.h"

#include <fcntl.h>
#include <string.h>

static int64_t read_sysctl(const char *path)
{
	autofree char *text = NULL;
	int64_t n;
	size_t len;

	if (file_read_at(AT_FDCWD, path, &text, &len, 64) < 0)
		return -1;
	text[strcspn(text, "\n")] = '\0';
	return units_parse_int(text, &n) < 0 ? -1 : n;
}

void switches_load(struct switches *s)
{
	*s = (struct switches){
		.max_user_namespaces = read_sysctl("/proc/sys/user/max_user_namespaces"),
		.max_mnt_namespaces = read_sysctl("/proc/sys/user/max_mnt_namespaces"),
		.max_net_namespaces = read_sysctl("/proc/sys/user/max_net_namespaces"),
		.unprivileged_userns_clone =
			read_sysctl("/proc/sys/kernel/unprivileged_userns_clone"),
		.apparmor_restrict =
			read_sysctl("/proc/sys/kernel/apparmor_restrict_unprivileged_userns"),
	};
}

char *switches_reason(const struct switches *s)
{
	if (s->max_user_namespaces == 0)
		return xstrdup("user namespaces are switched off (user.max_user_namespaces is 0): the "
			       "administrator runs: sysctl -w user.max_user_namespaces=28633");
	if (s->max_mnt_namespaces == 0)
		return xstrdup("mount namespaces are switched off (user.max_mnt_namespaces is 0): the "
			       "administrator runs: sysctl -w user.max_mnt_namespaces=28633");
	if (s->unprivileged_userns_clone == 0)
		return xstrdup("user namespaces are for root only here "
			       "(kernel.unprivileged_userns_clone is 0): the administrator runs: "
			       "sysctl -w kernel.unprivileged_userns_clone=1");
	if (s->apparmor_restrict > 0)
		return xstrdup("AppArmor keeps programs without a profile from user namespaces "
			       "(kernel.apparmor_restrict_unprivileged_userns is 1): the administrator "
			       "installs the profile that 'rootlet doctor' prints");
	return NULL;
}

int switches_explain(struct err *e)
{
	struct switches s;
	autofree char *reason = NULL;
	autofree char *msg = xstrdup(e->msg);

	switches_load(&s);
	reason = switches_reason(&s);
	if (reason)
		return err_set(e, e->code, "%s: %s", msg, reason);
	if (e->code == ENOSPC)
		return err_set(e, e->code,
			       "%s: all user namespaces of this user are in use "
			       "(user.max_user_namespaces is %lld): end some, or the administrator "
			       "raises it with sysctl",
			       msg, (long long)s.max_user_namespaces);
	if (e->code == EUSERS)
		return err_set(e, e->code, "%s: nested more than 32 levels deep", msg);
	if (e->code == EPERM)
		return err_set(e, e->code,
			       "%s: the container, sandbox or security policy we run in forbids it "
			       "(a seccomp filter, or a root directory changed with chroot)",
			       msg);
	return -e->code;
}

char *switches_apparmor_profile(void)
{
	autofree char *exe = NULL;

	if (file_readlink_at(AT_FDCWD, "/proc/self/exe", &exe) < 0)
		exe = xstrdup("/usr/bin/rootlet");
	return xasprintf("abi <abi/4.0>,\n"
			 "include <tunables/global>\n"
			 "\n"
			 "profile rootlet \"%s\" flags=(unconfined) {\n"
			 "  userns,\n"
			 "  include if exists <local/rootlet>\n"
			 "}\n",
			 exe);
}
