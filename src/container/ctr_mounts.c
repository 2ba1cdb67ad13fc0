/* SPDX-License-Identifier: Apache-2.0 */
#include "container/ctr_mounts.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "container/ctr_cgroup.h"
#include "container/ctr_denied.h"
#include "container/ctr_files.h"
#include "container/ctr_ipc.h"
#include "container/ctr_passwd.h"
#include "container/ctr_systemd.h"
#include "container/mount_words.h"
#include "container/volume_mount.h"
#include "container/volume_options.h"
#include "container/volumes.h"
#include "storage/store.h"

#include <glob.h>
#include <string.h>
#include <unistd.h>

static struct spec_mount *add_default(struct spec *s, const struct mount_args *user, const char *type,
				      const char *source, const char *target, const char *options)
{
	if (mount_args_at(user, target))
		return NULL;
	return spec_add_mount(s, type, source, target, options);
}

static void add_kernel(struct spec *s, const struct mount_args *user, const struct container_config *c)
{
	bool manages_cgroups = c->privileged || ctr_systemd_is_wanted(c);
	struct spec_mount *m;
	bool has_host_net = s->ns[SPEC_NS_NET] == SPEC_NS_HOST;

	/* A new procfs shows the processes of our pid namespace; sharing the host's needs its /proc. */
	if (s->ns[SPEC_NS_PID] == SPEC_NS_HOST)
		add_default(s, user, "bind", "/proc", "/proc", "rbind,nosuid,nodev,noexec");
	else
		add_default(s, user, "proc", "proc", "/proc", "nosuid,nodev,noexec");
	add_default(s, user, "tmpfs", "tmpfs", "/dev", "nosuid,noexec,strictatime,mode=755,size=65536k");
	/* A new sysfs shows the devices of our network namespace, new or joined. */
	if (!has_host_net)
		add_default(s, user, "sysfs", "sysfs", "/sys",
			    c->privileged ? "nosuid,nodev,noexec" : "nosuid,nodev,noexec,ro");
	else
		add_default(s, user, "bind", "/sys", "/sys", "rbind,nosuid,nodev,noexec,ro,rslave");
	add_default(s, user, "devpts", "devpts", "/dev/pts",
		    "nosuid,noexec,newinstance,ptmxmode=0666,mode=0620,gid=5");
	if (!has_host_net && ctr_cgroup_is_v2()) {
		m = add_default(s, user, "cgroup", "cgroup", "/sys/fs/cgroup",
				manages_cgroups ? "nosuid,nodev,noexec" : "nosuid,nodev,noexec,ro");
		if (m)
			m->is_optional = true;
	}
}

/* --read-only leaves the places writable that nearly every program needs. */
static void add_read_only_tmpfs(struct spec *s, const struct mount_args *user)
{
	add_default(s, user, "tmpfs", "tmpfs", "/tmp", "rw,nosuid,nodev,mode=1777,tmpcopyup");
	add_default(s, user, "tmpfs", "tmpfs", "/run", "rw,nosuid,nodev,mode=755,tmpcopyup");
	add_default(s, user, "tmpfs", "tmpfs", "/var/tmp", "rw,nosuid,nodev,mode=1777,tmpcopyup");
}

static bool has_propagation(const struct strv *options)
{
	for (size_t i = 0; i < options->n; i++)
		if (mount_words_is_propagation(options->v[i]))
			return true;
	return false;
}

static void bind_options(struct spec_mount *m, const struct mount_arg *a)
{
	strv_add_all(&m->options, &a->options);
	if (!strv_has(&m->options, "bind") && !strv_has(&m->options, "rbind"))
		strv_add(&m->options, "rbind");
	if (a->is_readonly && !strv_has(&m->options, "ro") && !strv_has(&m->options, "rro"))
		strv_add(&m->options, "ro");
	if (!has_propagation(&m->options))
		strv_add(&m->options, "rprivate");
}

static int add_bind(struct spec *s, struct engine *g, const struct mount_arg *a, const char *source,
		    struct err *e)
{
	struct spec_mount *m;
	struct stat st;

	if (stat(source, &st) < 0)
		return ctr_denied_source(e, errno, g->session, source, a->target);
	m = spec_add_mount(s, "bind", source, a->target, NULL);
	m->is_file_made = !S_ISDIR(st.st_mode);
	bind_options(m, a);
	return 0;
}

/* What is in a volume is the doing of containers: a subpath must not lead out of it by a link. The
 * runtime mounts only what this descriptor names. */
static int open_subpath(struct spec_mount *m, struct engine *g, const struct mount_arg *a,
			struct err *e)
{
	autoclose int data_fd = volume_open_data(g, a->source, e);
	struct stat st;

	if (data_fd < 0)
		return data_fd;
	m->source_fd = root_open(data_fd, a->subpath, O_PATH);
	if (m->source_fd < 0)
		return err_sys(e, -m->source_fd, "%s: subpath %s of volume %s", a->target, a->subpath,
			       a->source);
	if (fstat(m->source_fd, &st) < 0)
		return err_sys(e, errno, "%s: subpath %s", a->target, a->subpath);
	m->is_file_made = !S_ISDIR(st.st_mode);
	return 0;
}

/* What the file system itself was given when it was made is not said again. */
static void add_flags(struct strv *to, const struct strv *words)
{
	for (size_t i = 0; i < words->n; i++)
		if (!strchr(words->v[i], '='))
			strv_add(to, words->v[i]);
}

static int add_volume_tmpfs(struct spec *s, struct engine *g, const struct container_config *c,
			    const struct volume *v, const struct volume_options *o,
			    const struct mount_arg *a, struct err *e)
{
	struct spec_mount *m;
	int fd;

	if (a->subpath)
		return err_set(e, ERR_UNSUPPORTED, "%s: volume %s is a tmpfs, which has no subpath=", a->target,
			       v->name);
	fd = volume_mount_take(g, v, c->id, e);
	if (fd < 0)
		return fd;
	m = spec_add_mount(s, "bind", v->mountpoint, a->target, "bind,nosuid,nodev");
	m->mount_fd = fd;
	add_flags(&m->options, &o->words);
	add_flags(&m->options, &a->options);
	return 0;
}

static int add_volume(struct spec *s, struct engine *g, const struct container_config *c,
		      const struct mount_arg *a, struct err *e)
{
	auto_of(volume_free) struct volume *v = NULL;
	auto_of(volume_options_clear) struct volume_options o = { 0 };
	autofree char *path = NULL, *source = NULL;
	struct spec_mount *m;

	if (volume_load(&v, g, a->source, e) < 0 || volume_options_parse(&o, &v->options, e) < 0)
		return -e->code;
	if (o.kind == VOLUME_TMPFS)
		return add_volume_tmpfs(s, g, c, v, &o, a, e);
	path = volume_path(v, e);
	if (!path)
		return -e->code;
	source = a->subpath ? path_join(path, a->subpath) : xstrdup(path);
	m = spec_add_mount(s, "bind", source, a->target, NULL);
	strv_add_all(&m->options, &o.words);
	bind_options(m, a);
	if (!g->is_docker)
		mount_words_defaults(&m->options, a->type);
	return a->subpath ? open_subpath(m, g, a, e) : 0;
}

static void add_tmpfs(struct spec *s, const struct mount_arg *a)
{
	const char *type = mount_words_type(a->type);
	struct spec_mount *m = spec_add_mount(s, type, type, a->target, "nosuid,nodev");

	strv_add_all(&m->options, &a->options);
	if (!a->is_nocopy)
		strv_add(&m->options, "tmpcopyup");
}

/* Init makes the mount: image_mount.h. */
static void add_image(struct spec *s, const struct mount_arg *a)
{
	struct spec_mount *m = spec_add_mount(s, "bind", a->source, a->target, "bind,nosuid,nodev");

	add_flags(&m->options, &a->options);
}

static int add_glob(struct spec *s, struct engine *g, const struct mount_arg *a, struct err *e)
{
	glob_t found = { 0 };
	int r = glob(a->source, 0, NULL, &found);

	if (r != 0)
		return err_set(e, ENOENT, "--mount type=glob: nothing on the host matches %s", a->source);
	for (size_t i = 0; r >= 0 && i < found.gl_pathc; i++) {
		struct mount_arg one = *a;
		/* "/" stands for the path that it has on the host. */
		autofree char *target = path_join(a->target, str_eq(a->target, "/")
								     ? found.gl_pathv[i]
								     : path_base(found.gl_pathv[i]));

		one.target = target;
		r = add_bind(s, g, &one, found.gl_pathv[i], e);
	}
	globfree(&found);
	return r;
}

/* A fresh directory of the container for one side of a throw-away layer, owned as the source is. */
static int make_side(struct engine *g, struct record *r, const char *name, const struct stat *st,
		     char **path, struct err *e)
{
	int res = file_remove_tree(r->dirfd, name);

	if (res < 0)
		return err_sys(e, -res, "container %.12s: remove %s", r->id, name);
	if (mkdirat(r->dirfd, name, 0700) < 0 ||
	    fchmodat(r->dirfd, name, st->st_mode & 07777, 0) < 0 ||
	    (fchownat(r->dirfd, name, st->st_uid, st->st_gid, AT_SYMLINK_NOFOLLOW) < 0 &&
	     errno != EPERM && errno != EINVAL))
		return err_sys(e, errno, "container %.12s: make %s", r->id, name);
	*path = xasprintf("%s/containers/%s/%s", g->store->root, r->id, name);
	return 0;
}

/* ":" separates lower directories, "\\" escapes it. */
static char *escaped(const char *path)
{
	struct str s = { 0 };

	for (; *path; path++) {
		if (*path == ':' || *path == '\\')
			str_addc(&s, '\\');
		str_addc(&s, *path);
	}
	return str_steal(&s);
}

/* :O, the source below and a layer on top: thrown away at the next start unless the user keeps it with
 * upperdir= and workdir=. */
static int add_overlay(struct spec *s, struct engine *g, struct record *r, const struct mount_arg *a,
		       const char *source, struct err *e)
{
	autofree char *upper = xstrdup_or_null(a->upperdir), *work = xstrdup_or_null(a->workdir);
	autofree char *lower = escaped(source), *upper_name = NULL, *work_name = NULL;
	struct spec_mount *m;
	struct stat st;

	if (stat(source, &st) < 0)
		return ctr_denied_source(e, errno, g->session, source, a->target);
	if (!S_ISDIR(st.st_mode))
		return err_set(e, ENOTDIR, "%s: an overlay needs a directory, %s is none", a->target,
			       source);
	if (upper && (access(upper, F_OK) < 0 || access(work, F_OK) < 0))
		return err_sys(e, errno, "%s: upperdir %s and workdir %s", a->target, upper, work);
	upper_name = xasprintf("overlay-upper-%zu", s->mounts_n);
	work_name = xasprintf("overlay-work-%zu", s->mounts_n);
	if (!upper && (make_side(g, r, upper_name, &st, &upper, e) < 0 ||
		       make_side(g, r, work_name, &st, &work, e) < 0))
		return -e->code;
	m = spec_add_mount(s, "overlay", "overlay", a->target, NULL);
	strv_addf(&m->options, "lowerdir=%s", lower);
	strv_addf(&m->options, "upperdir=%s", upper);
	strv_addf(&m->options, "workdir=%s", work);
	strv_add(&m->options, "userxattr");
	strv_add_all(&m->options, &a->options);
	return 0;
}

static int add_user(struct spec *s, struct engine *g, struct record *r, const struct mount_arg *a,
		    struct err *e)
{
	auto_of(volume_free) struct volume *v = NULL;
	autofree char *data = NULL;

	if (a->is_overlay && a->type == MOUNT_ARG_VOLUME) {
		if (volume_load(&v, g, a->source, e) < 0 || !(data = volume_path(v, e)))
			return -e->code;
		return add_overlay(s, g, r, a, data, e);
	}
	if (a->is_overlay && a->type == MOUNT_ARG_BIND)
		return add_overlay(s, g, r, a, a->source, e);
	switch (a->type) {
	case MOUNT_ARG_BIND:
		return add_bind(s, g, a, a->source, e);
	case MOUNT_ARG_VOLUME:
		return add_volume(s, g, &r->config, a, e);
	case MOUNT_ARG_TMPFS:
	case MOUNT_ARG_RAMFS:
		add_tmpfs(s, a);
		return 0;
	case MOUNT_ARG_DEVPTS:
		strv_add_all(&spec_add_mount(s, "devpts", "devpts", a->target,
					     "nosuid,noexec,newinstance,ptmxmode=0666,mode=0620")
				      ->options,
			     &a->options);
		return 0;
	case MOUNT_ARG_IMAGE:
		add_image(s, a);
		return 0;
	case MOUNT_ARG_GLOB:
		return add_glob(s, g, a, e);
	case N_MOUNT_ARG_TYPES:
		break;
	}
	return err_set(e, EINVAL, "%s: a mount of no known type", a->target);
}

char *ctr_mounts_zone(const char *tz, struct err *e)
{
	autofree char *path = str_eq(tz, "local") ? xstrdup("/etc/localtime")
						  : xasprintf("/usr/share/zoneinfo/%s", tz);

	if (strstr(tz, "..") || tz[0] == '/')
		err_set(e, ERR_USAGE, "--tz '%s': expected a zone such as Europe/Berlin, or local", tz);
	else if (access(path, R_OK) < 0)
		err_set(e, ERR_USAGE, "--tz '%s': the host has no %s", tz, path);
	else
		return steal_ptr(&path);
	return NULL;
}

static int add_time_zone(struct spec *s, const struct mount_args *user, const char *tz,
			 struct err *e)
{
	autofree char *path = NULL;
	struct spec_mount *m;

	if (!tz || mount_args_at(user, "/etc/localtime"))
		return 0;
	path = ctr_mounts_zone(tz, e);
	if (!path)
		return -e->code;
	m = spec_add_mount(s, "bind", path, "/etc/localtime", "bind,ro,rprivate");
	m->is_file_made = true;
	return 0;
}

static size_t depth(const char *path)
{
	size_t n = 0;

	for (; *path; path++)
		n += *path == '/' && path[1];
	return n;
}

/* Parents before children; otherwise the order in which they were asked for. */
static void sort_by_depth(struct spec *s)
{
	for (size_t i = 1; i < s->mounts_n; i++) {
		struct spec_mount m = s->mounts[i];
		size_t k = i;

		for (; k > 0 && depth(s->mounts[k - 1].target) > depth(m.target); k--)
			s->mounts[k] = s->mounts[k - 1];
		s->mounts[k] = m;
	}
}

/* The engine's files of /etc; root: a directory that the payload uses as a root, "" its own. */
static void add_files(struct spec *s, const struct mount_args *user, const struct container_config *c,
		      const char *runtime_path, const char *root)
{
	autofree char *resolv = xasprintf("%s/etc/resolv.conf", root);
	autofree char *hosts = xasprintf("%s/etc/hosts", root);
	autofree char *hostname = xasprintf("%s/etc/hostname", root);

	if (ctr_files_has_resolv(c))
		ctr_files_bind(s, user, runtime_path, CTR_FILES_RESOLV, resolv);
	if (!c->no_hosts)
		ctr_files_bind(s, user, runtime_path, CTR_FILES_HOSTS, hosts);
	if (!c->no_hostname)
		ctr_files_bind(s, user, runtime_path, CTR_FILES_HOSTNAME, hostname);
}

int ctr_mounts_apply(struct spec *s, struct engine *g, struct record *r,
		     const struct mount_args *args, const char *runtime_path, struct err *e)
{
	const struct container_config *c = &r->config;

	add_kernel(s, args, c);
	if (ctr_ipc_apply(s, g, c, args, e) < 0)
		return -e->code;
	if (ctr_systemd_is_wanted(c)) {
		if (ctr_systemd_apply(s, args, c, e) < 0)
			return -e->code;
	} else if (c->read_only && c->read_only_tmpfs) {
		add_read_only_tmpfs(s, args);
	}
	for (size_t i = 0; i < args->n; i++)
		if (add_user(s, g, r, &args->v[i], e) < 0)
			return -e->code;
	add_files(s, args, c, runtime_path, "");
	for (size_t i = 0; i < c->chrootdirs.n; i++)
		add_files(s, args, c, runtime_path, c->chrootdirs.v[i]);
	ctr_files_bind(s, args, runtime_path, CTR_FILES_ENV, "/run/.containerenv");
	if (ctr_passwd_is_wanted(c))
		ctr_passwd_mount(s, args, runtime_path);
	if (add_time_zone(s, args, c->tz, e) < 0)
		return -e->code;
	sort_by_depth(s);
	return 0;
}
