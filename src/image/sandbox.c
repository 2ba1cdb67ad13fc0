/* SPDX-License-Identifier: Apache-2.0 */
#include "image/sandbox.h"

#include "base/fd.h"
#include "base/log.h"
#include "base/sys.h"
#include "storage/store.h"

#include <linux/landlock.h>

/* Names that older kernel headers lack. */
#define FS_TRUNCATE (1ULL << 14)	/* interface 3 */
#define VERSION_REFER 2

static const uint64_t writing =
	LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
	LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_CHAR |
	LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK |
	LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM |
	LANDLOCK_ACCESS_FS_REFER;

/* The file alone, and not the directory of the user in which it is. */
static void allow_event_log(int rules_fd, const struct store *s)
{
	autoclose int fd = fd_createat(AT_FDCWD, s->event_log, O_WRONLY | O_APPEND | O_NOFOLLOW, 0600);

	if (fd < 0 || sys_landlock_allow(rules_fd, fd, LANDLOCK_ACCESS_FS_WRITE_FILE) < 0)
		log_debug("%s gets no events from rootlet-image", s->event_log);
}

int sandbox_enter(const struct store *s, struct err *e)
{
	struct landlock_ruleset_attr attr = { .handled_access_fs = writing };
	int version = sys_landlock_create(NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	autoclose int rules_fd = -1;
	int r;

	/* The first version forbids every rename to another directory, and layers are published so. */
	if (version < VERSION_REFER) {
		log_debug("no landlock here: rootlet-image is not confined");
		return 0;
	}
	if (version >= 3)
		attr.handled_access_fs |= FS_TRUNCATE;
	attr.handled_access_fs |= LANDLOCK_ACCESS_FS_EXECUTE;
	rules_fd = sys_landlock_create(&attr, sizeof(attr), 0);
	if (rules_fd < 0)
		return err_sys(e, -rules_fd, "make a landlock ruleset");
	r = sys_landlock_allow(rules_fd, s->root_dirfd,
			       attr.handled_access_fs & ~LANDLOCK_ACCESS_FS_EXECUTE);
	if (r >= 0 && s->event_log)
		allow_event_log(rules_fd, s);
	if (r >= 0)
		r = sys_landlock_restrict(rules_fd);
	return r < 0 ? err_sys(e, -r, "confine rootlet-image to %s", s->root) : 0;
}
