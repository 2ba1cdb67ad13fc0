/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/doctor.h"

#include "base/idmap.h"
#include "base/proc.h"
#include "userns/nsid.h"
#include "userns/subid.h"

#include <inttypes.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#define ENOUGH_IDS 65536	/* what images count on: nobody is 65534 */

static uint64_t count_ids(const struct subid_ranges *r)
{
	uint64_t n = 0;

	for (size_t i = 0; i < r->n; i++)
		n += r->v[i].count;
	return n;
}

static char *usermod_remedy(const struct doctor *d)
{
	uint32_t free_id = subid_suggest();

	if (!free_id)
		return xasprintf("as root, give %s 65536 ids in /etc/subuid and /etc/subgid", d->user);
	return xasprintf("as root: usermod --add-subuids %u-%u --add-subgids %u-%u %s\n"
			 "then: rootlet system migrate",
			 free_id, free_id + ENOUGH_IDS - 1, free_id, free_id + ENOUGH_IDS - 1, d->user);
}

/* True when there are ids that only newuidmap can map. */
static bool check_ranges(struct doctor *d)
{
	struct subid_ranges r[N_SUBID_KINDS] = { { 0 }, { 0 } };
	struct doctor_finding f = { .name = "subordinate ids" };
	autofree char *remedy = NULL;
	autofree char *found = NULL;
	struct err e = { 0 };
	uint64_t uids, gids;
	int err = 0;

	for (int k = 0; k < N_SUBID_KINDS && err == 0; k++)
		err = subid_load(&r[k], k, getuid(), d->user, &e);
	uids = count_ids(&r[SUBID_UID]);
	gids = count_ids(&r[SUBID_GID]);
	found = err < 0 ? xstrdup(e.msg)
			: xasprintf("%" PRIu64 " uids, %" PRIu64 " gids from %s", uids, gids,
				    r[0].is_nss ? "the name service" : "/etc/subuid and /etc/subgid");
	f.found = found;
	if (uids < ENOUGH_IDS - 1 || gids < ENOUGH_IDS - 1) {
		bool is_none = !uids || !gids;

		f.status = DOCTOR_DEGRADED;
		f.cost = is_none ? "containers have one user id only: images with several owners are "
				   "flattened, a change of user or owner succeeds and does nothing; what "
				   "refuses to be root (postgres) needs --user NAME"
				 : "images with higher ids cannot be unpacked";
		f.remedy = remedy = usermod_remedy(d);
	}
	doctor_add(d, &f);
	for (int k = 0; k < N_SUBID_KINDS; k++)
		subid_clear(&r[k]);
	return uids && gids;
}

static bool has_file_capability(const char *path)
{
	return getxattr(path, "security.capability", NULL, 0) > 0;
}

static void check_helper(struct doctor *d, const char *name, bool is_needed)
{
	struct doctor_finding f = { .name = name, .status = is_needed ? DOCTOR_BROKEN : DOCTOR_OK };
	autofree char *path = NULL;
	autofree char *remedy = NULL;
	struct statvfs fs;
	struct stat st;

	if (is_needed)
		f.cost = "the subordinate ids cannot be used";
	if (proc_find(name, &path) < 0 || stat(path, &st) < 0 || statvfs(path, &fs) < 0) {
		/* Not installed: one id is used, with a warning. */
		f.status = is_needed ? DOCTOR_DEGRADED : DOCTOR_OK;
		f.found = "not installed";
		f.remedy = is_needed ? "as root: apt install uidmap (Fedora, openSUSE, Arch: "
				       "shadow-utils, shadow; Alpine: shadow-uidmap)" : NULL;
	} else if (!((st.st_mode & S_ISUID) && st.st_uid == 0) && !has_file_capability(path)) {
		f.found = "neither setuid root nor with file capabilities";
		f.remedy = remedy = xasprintf("as root: chmod u+s %s", path);
	} else if (fs.f_flag & ST_NOSUID) {
		f.found = "on a file system mounted nosuid";
		f.remedy = remedy = xasprintf("as root: remount the file system of %s with suid", path);
	} else if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1) {
		f.found = "this process may gain no privileges (no_new_privs)";
		f.remedy = "in a systemd service: NoNewPrivileges=no; in a container: start it without "
			   "--security-opt no-new-privileges";
	} else {
		f.found = path;
		f.status = DOCTOR_OK;
		f.cost = NULL;
	}
	doctor_add(d, &f);
}

/* Inside another user namespace the ids come from there. */
static bool check_nested(struct doctor *d)
{
	struct doctor_finding f = { .name = "nesting" };
	auto_of(idmap_clear) struct idmap m = { 0 };
	autofree char *found = NULL;
	uint64_t count;

	if (nsid_of(0, "user") == NSID_INIT_USER)
		return false;
	idmap_load(&m, "/proc/self/uid_map");
	count = idmap_count(&m);
	found = xasprintf("we are in a user namespace with %" PRIu64 " ids", count);
	f.found = found;
	if (count < ENOUGH_IDS) {
		f.status = DOCTOR_DEGRADED;
		f.cost = count > 1 ? "images with higher ids cannot be unpacked"
				   : "containers have one user id only";
		f.remedy = "start the outer container with more ids (podman: --userns=host or a "
			   "larger --uidmap), outside: rootlet doctor";
	}
	doctor_add(d, &f);
	return true;
}

void doctor_ids_check(struct doctor *d)
{
	bool is_needed;

	if (check_nested(d) && getuid() == 0)
		return;
	is_needed = check_ranges(d);
	check_helper(d, "newuidmap", is_needed);
	check_helper(d, "newgidmap", is_needed);
}
