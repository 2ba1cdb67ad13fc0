/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/label.h"

#include "base/fd.h"
#include "base/str.h"
#include "runtime/mount_fs.h"

#include <linux/magic.h>
#include <string.h>

static int write_attr(int proc_fd, const char *name, const char *text)
{
	autoclose int fd = fd_openat(proc_fd, name, O_WRONLY | O_NOFOLLOW);

	if (fd < 0)
		return fd;
	if (!mount_fs_is(fd, PROC_SUPER_MAGIC))
		return -EXDEV;
	return fd_write_all(fd, text, strlen(text));
}

int label_apply(int proc_fd, const char *selinux_label, const char *apparmor_profile,
		struct err *e)
{
	int r;

	if (!str_empty(apparmor_profile)) {
		autofree char *text = xasprintf("exec %s", apparmor_profile);

		r = write_attr(proc_fd, "self/attr/apparmor/exec", text);
		if (r == -ENOENT)
			r = write_attr(proc_fd, "self/attr/exec", text);
		if (r == -ENOENT)
			return err_set(e, ENOENT, "AppArmor profile %s is not loaded: as root: "
				       "apparmor_parser -r FILE", apparmor_profile);
		if (r == -EINVAL)
			return err_set(e, EINVAL, "AppArmor profile %s: AppArmor is not in use here: leave "
				       "--security-opt apparmor away", apparmor_profile);
		if (r < 0)
			return err_sys(e, -r, "apply AppArmor profile %s", apparmor_profile);
	}
	if (!str_empty(selinux_label)) {
		r = write_attr(proc_fd, "self/attr/exec", selinux_label);
		if (r < 0)
			return err_sys(e, -r, "apply SELinux label %s", selinux_label);
	}
	return 0;
}
