/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/doctor.h"

#include "base/path.h"
#include "base/str.h"
#include "base/units.h"
#include "cli/cmd.h"
#include "storage/driver.h"
#include "storage/store.h"
#include "storage/store_conf.h"
#include "userns/session.h"

#include <linux/magic.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>

#define LITTLE_SPACE (1ull << 30)
#define NO_SPACE (32ull << 20)
#define LITTLE_INODES 20000

/* File systems by statfs type, and what is wrong with them for images. */
static const struct fs_kind {
	unsigned long type;
	const char *name;
	bool is_network;
} fs_kinds[] = {
	{ 0xEF53, "ext4", false },	 { 0x58465342, "xfs", false },
	{ 0x9123683E, "btrfs", false },	 { TMPFS_MAGIC, "tmpfs", false },
	{ 0x2FC12FC1, "zfs", false },	 { 0xF2F52010, "f2fs", false },
	{ 0xCA451A4E, "bcachefs", false }, { 0x794C7630, "overlay", false },
	{ 0x6969, "NFS", true },	 { 0xFF534D42, "CIFS", true },
	{ 0xFE534D42, "SMB", true },	 { 0x47504653, "GPFS", true },
	{ 0x0BD00BD0, "Lustre", true },	 { 0x19830326, "BeeGFS", true },
	{ 0x00C36400, "Ceph", true },	 { 0x5346414F, "AFS", true },
	{ 0x01021997, "9p", true },	 { 0xF15F, "eCryptfs", false },
	{ 0x65735546, "FUSE", false },
};

static const struct fs_kind *find_kind(unsigned long type)
{
	for (size_t i = 0; i < ARRAY_SIZE(fs_kinds); i++)
		if (fs_kinds[i].type == type)
			return &fs_kinds[i];
	return NULL;
}

static char *find_root(const struct doctor *d)
{
	auto_of(store_conf_clear) struct store_conf conf = { 0 };
	struct err ignored;

	if (d->globals->root)
		return xstrdup(d->globals->root);
	if (store_conf_load(&conf, &ignored) == 0 && conf.root)
		return steal_ptr(&conf.root);
	return xstrdup(d->session->data_dir);
}

/* The nearest directory that exists; owned. */
static char *nearest(const char *path)
{
	char *p = xstrdup(path);
	struct statfs fs;

	while (statfs(p, &fs) < 0 && strcmp(p, "/") != 0 && strcmp(p, ".") != 0) {
		char *up = path_dir(p);

		free(p);
		p = up;
	}
	return p;
}

static void check_file_system(struct doctor *d, const char *root)
{
	struct doctor_finding f = { .name = "storage" };
	autofree char *dir = nearest(root);
	autofree char *found = NULL;
	const struct fs_kind *kind;
	struct statvfs v;
	struct statfs fs;

	if (statfs(dir, &fs) < 0 || statvfs(dir, &v) < 0)
		return;
	kind = find_kind((unsigned long)fs.f_type & 0xFFFFFFFFu);
	found = xasprintf("%s on %s%s", root, kind ? kind->name : "an unknown file system",
			  v.f_flag & ST_RDONLY ? ", read-only"
			  : v.f_flag & ST_NOEXEC ? ", noexec" : "");
	f.found = found;
	if (v.f_flag & ST_RDONLY) {
		f.status = DOCTOR_BROKEN;
		f.cost = "nothing can be pulled or run";
	} else if (v.f_flag & ST_NOEXEC) {
		f.status = DOCTOR_DEGRADED;
		f.cost = "no program in a volume can be executed, and none of an image with the driver vfs";
	} else if (kind && kind->is_network) {
		f.status = DOCTOR_DEGRADED;
		f.cost = "its server does not know your subordinate ids, so files of other owners "
			 "cannot be written, and it is slow for many small files";
	}
	if (f.status != DOCTOR_OK)
		f.remedy = "put the store on a local disk: --root DIR, or rootless_storage_path = "
			   "\"DIR\" under [storage] in ~/.config/containers/storage.conf";
	doctor_add(d, &f);
}

static void check_space(struct doctor *d, const char *root)
{
	struct doctor_finding f = { .name = "free space" };
	autofree char *dir = nearest(root);
	autofree char *found = NULL;
	struct statvfs v;
	uint64_t bytes;
	char buf[32];

	if (statvfs(dir, &v) < 0)
		return;
	bytes = (uint64_t)v.f_bavail * v.f_frsize;
	found = xasprintf("%s, %llu files", units_bytes_size(buf, (double)bytes),
			  (unsigned long long)v.f_favail);
	f.found = found;
	/* Some file systems do not count inodes. */
	if (bytes < LITTLE_SPACE || (v.f_files && v.f_favail < LITTLE_INODES)) {
		f.status = bytes < NO_SPACE ? DOCTOR_BROKEN : DOCTOR_DEGRADED;
		f.cost = "larger images do not fit";
		f.remedy = "rootlet image prune, rootlet container prune, or another --root";
	}
	doctor_add(d, &f);
}

static bool check_session(struct doctor *d)
{
	struct doctor_finding f = { .name = "session", .found = "joined" };
	struct err e = { 0 };
	int r;

	r = session_load(&d->session, d->globals->runroot, &e);
	if (r >= 0)
		r = session_join(d->session, &e);
	if (r < 0) {
		f.status = DOCTOR_BROKEN;
		f.found = e.msg;
		f.cost = "no container can be started";
		f.remedy = "see the message";
	}
	doctor_add(d, &f);
	return r >= 0;
}

static bool open_store(struct doctor *d)
{
	const struct store_args args = {
		.root = d->globals->root,
		.data_dir = d->session->data_dir,
		.driver = d->globals->storage_driver,
		.driver_opts = &d->globals->storage_opts,
		.is_single_id = d->session->is_single_id,
	};
	struct doctor_finding f = { .name = "store", .status = DOCTOR_BROKEN };
	struct err e = { 0 };

	if (store_open(&d->store, &args, &e) == 0)
		return true;
	f.found = e.msg;
	f.cost = "nothing can be pulled or run";
	f.remedy = "see the message; to begin anew: rootlet system reset";
	doctor_add(d, &f);
	return false;
}

static void check_driver(struct doctor *d)
{
	struct doctor_finding f = { .name = "storage driver" };
	const char *in_use = d->store->driver->name;
	autofree char *found = NULL;
	struct err native = { 0 }, fuse = { 0 };

	if (driver_overlay.probe(d->store, &native) == 0) {
		found = xasprintf("%s in use, the kernel's overlay works", in_use);
		if (strcmp(in_use, driver_overlay.name) != 0) {
			f.status = DOCTOR_DEGRADED;
			f.cost = "containers start and read files slower than they could";
			f.remedy = "take the driver out of storage.conf, or: --storage-driver overlay";
		}
	} else {
		bool has_fuse = driver_fuse_overlayfs.probe(d->store, &fuse) == 0;

		found = xasprintf("%s in use; overlay: %s", in_use, native.msg);
		f.status = DOCTOR_DEGRADED;
		f.cost = has_fuse ? "every file access goes through fuse-overlayfs"
				  : "every container is a full copy of its image";
		f.remedy = "Linux 5.13 or later with overlay (as root: modprobe overlay), and the store "
			   "on ext4, xfs or btrfs; or install fuse-overlayfs";
	}
	f.found = found;
	doctor_add(d, &f);
}

static void check_owners(struct doctor *d)
{
	struct doctor_finding f = { .name = "file owners", .found = "files can belong to all your ids" };

	if (d->session->is_single_id && !d->store->refuses_owners)
		return;		/* the row of the subordinate ids says it */
	if (d->store->refuses_owners) {
		f.status = DOCTOR_DEGRADED;
		f.found = "the store's file system takes files of your own id only: containers have one "
			  "id, owners are recorded";
		f.cost = "in a container every file belongs to root; chown and a change of user succeed "
			 "and do nothing; what refuses to be root needs --user NAME; on NFS dpkg unpacks "
			 "packages only with --storage-driver vfs";
		f.remedy = "put the store on a local disk: --root DIR, or rootless_storage_path = "
			   "\"DIR\" under [storage] in ~/.config/containers/storage.conf";
	}
	doctor_add(d, &f);
}

void doctor_store_check(struct doctor *d)
{
	autofree char *root = NULL;
	bool is_joined = check_session(d);

	if (!d->session)
		return;
	root = find_root(d);
	check_file_system(d, root);
	check_space(d, root);
	if (is_joined && open_store(d)) {
		check_driver(d);
		check_owners(d);
	}
}
