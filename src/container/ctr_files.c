/* SPDX-License-Identifier: Apache-2.0 */
#include "container/ctr_files.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "base/timefmt.h"
#include "netns/resolv.h"
#include "userns/session.h"

#include <stdio.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#define GONE "gone"	/* in the session's runtime directory; no container has this id */

int ctr_files_dir(struct engine *g, const char *id, char **path, struct err *e)
{
	int fd;

	if (mkdirat(g->session->runtime_dirfd, id, 0700) < 0 && errno != EEXIST)
		return err_sys(e, errno, "%s/%s", g->session->runtime_dir, id);
	fd = fd_openat(g->session->runtime_dirfd, id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	if (fd < 0)
		return err_sys(e, -fd, "%s/%s", g->session->runtime_dir, id);
	*path = xasprintf("%s/%s", g->session->runtime_dir, id);
	return fd;
}

void ctr_files_hide(struct engine *g, const char *id)
{
	int dirfd = g->session->runtime_dirfd;
	char gone[sizeof(GONE) + 48];

	snprintf(gone, sizeof(gone), GONE "/%.12s-%lld", id, (long long)time_monotonic());
	if (renameat(dirfd, id, dirfd, gone) < 0 && errno == ENOENT &&
	    (mkdirat(dirfd, GONE, 0700) == 0 || errno == EEXIST))
		(void)renameat(dirfd, id, dirfd, gone);
}

void ctr_files_sweep(struct engine *g)
{
	autoclose int dirfd = fd_opendirat(g->session->runtime_dirfd, GONE);
	auto_of(strv_clear) struct strv names = { 0 };

	if (dirfd < 0 || file_list_dir(dirfd, ".", &names, false) < 0)
		return;
	for (size_t i = 0; i < names.n; i++)
		(void)file_remove_tree(dirfd, names.v[i]);
}

char *ctr_files_hostname(const struct container_config *c)
{
	struct utsname name;

	if (c->hostname)
		return xstrdup(c->hostname);
	/* Who shares the host's network is known by the host's name. */
	if ((str_eq(c->utsns, "host") || c->net.mode == NETNS_HOST) && uname(&name) == 0)
		return xstrdup(name.nodename);
	return xstrndup(c->id, 12);
}

/* No temp and rename here: nobody reads the file before the container that is being started. */
static int write_small(int dirfd, const char *name, const char *text, size_t len, struct err *e)
{
	autoclose int fd = fd_createat(dirfd, name, O_WRONLY | O_TRUNC | O_NOFOLLOW, 0644);
	int r = fd < 0 ? fd : fd_write_all(fd, text, len);

	/* The file is the container's, whatever the caller's umask is. */
	if (r >= 0 && fchmod(fd, 0644) < 0)
		r = -errno;
	return r < 0 ? err_sys(e, -r, "container's %s", name) : 0;
}

bool ctr_files_hosts_of_image(const struct container_config *c)
{
	return str_eq(c->hosts_file, "image");
}

/* The file of the container whose network this one shares (owned): names and servers are the network's.
 * NULL: there is none. */
static char *shared_file(struct engine *g, const struct container_config *c, const char *file)
{
	autofree char *path = NULL;

	if (c->net.mode != NETNS_CONTAINER)
		return NULL;
	path = xasprintf("%s/%s/%s", g->session->runtime_dir, c->net.target, file);
	return access(path, R_OK) == 0 ? steal_ptr(&path) : NULL;
}

static int make_hosts(struct str *text, struct engine *g, const struct container_config *c,
		      const char *hostname, const char *image_path, struct err *e)
{
	autofree char *shared = c->hosts_file ? NULL : shared_file(g, c, CTR_FILES_HOSTS);
	struct resolv_hosts_args args = {
		.config = &c->net,
		.hostname = hostname,
		.container_name = c->name,
		.host_ip = json_str(engine_conf(g, "containers.host_containers_internal_ip")),
		.add_hosts = &c->add_hosts,
		.base_hosts = shared ? shared : c->hosts_file,
	};

	/* The image's own comes when there is a root file system to read it from. */
	if (ctr_files_hosts_of_image(c))
		args.base_hosts = image_path ? image_path : "none";
	return resolv_hosts(text, &args, e);
}

static int write_hosts(struct engine *g, const struct container_config *c, const char *hostname,
		       const char *image_path, int dirfd, struct err *e)
{
	auto_of(str_clear) struct str text = { 0 };

	if (c->no_hosts)
		return 0;
	if (make_hosts(&text, g, c, hostname, image_path, e) < 0)
		return -e->code;
	return write_small(dirfd, CTR_FILES_HOSTS, str_peek(&text), text.len, e);
}

/* Without a network there is nobody to ask: the image's own stays. */
bool ctr_files_has_resolv(const struct container_config *c)
{
	return !resolv_is_off(&c->dns) && c->net.mode != NETNS_NONE;
}

static int make_resolv(struct str *text, struct engine *g, const struct container_config *c, struct err *e)
{
	autofree char *shared = shared_file(g, c, CTR_FILES_RESOLV);
	struct resolv_args args = {
		.config = &c->net,
		.servers = &c->dns,
		.options = &c->dns_options,
		.searches = &c->dns_search,
		.host_resolv_conf = shared,
	};

	return resolv_conf(text, &args, e);
}

int ctr_files_check(struct engine *g, const struct container_config *c, struct err *e)
{
	auto_of(str_clear) struct str text = { 0 };

	if (!c->no_hosts && (c->add_hosts.n || c->hosts_file) && make_hosts(&text, g, c, "", NULL, e) < 0)
		return -e->code;
	if (!ctr_files_has_resolv(c) || !(c->dns.n || c->dns_options.n || c->dns_search.n))
		return 0;
	return make_resolv(&text, g, c, e);
}

static int write_resolv(struct engine *g, const struct container_config *c, int dirfd, struct err *e)
{
	auto_of(str_clear) struct str text = { 0 };

	if (!ctr_files_has_resolv(c))
		return 0;
	if (make_resolv(&text, g, c, e) < 0)
		return -e->code;
	return write_small(dirfd, CTR_FILES_RESOLV, str_peek(&text), text.len, e);
}

static int write_env(const struct container_config *c, int dirfd, struct err *e)
{
	auto_of(str_clear) struct str text = { 0 };

	/* Programs such as toolbox look for this file and, when it is not empty, read it. */
	str_addf(&text, "engine=\"rootlet-%s\"\nname=\"%s\"\nid=\"%s\"\nimage=\"%s\"\nimageid=\"%s\"\n"
			"rootless=1\n",
		 PACKAGE_VERSION, c->name, c->id, c->image_full ? c->image_full : "",
		 c->image_id ? c->image_id : "");
	return write_small(dirfd, CTR_FILES_ENV, text.p, text.len, e);
}

int ctr_files_write(struct engine *g, struct record *r, int dirfd, struct err *e)
{
	const struct container_config *c = &r->config;
	autofree char *hostname = ctr_files_hostname(c);
	auto_of(str_clear) struct str line = { 0 };

	str_addf(&line, "%s\n", hostname);
	if (write_hosts(g, c, hostname, NULL, dirfd, e) < 0 || write_resolv(g, c, dirfd, e) < 0 ||
	    write_small(dirfd, CTR_FILES_HOSTNAME, line.p, line.len, e) < 0)
		return -e->code;
	return write_env(c, dirfd, e);
}

struct spec_mount *ctr_files_bind(struct spec *s, const struct mount_args *user,
				  const char *runtime_path, const char *file, const char *target)
{
	/* A directory of the user's would get files that are not his. */
	const struct mount_arg *etc = mount_args_at(user, "/etc");
	autofree char *source = path_join(runtime_path, file);
	struct spec_mount *m;

	if (mount_args_at(user, target) || (etc && etc->type != MOUNT_ARG_TMPFS))
		return NULL;
	/* Of a root file system that is read-only they are a part. */
	m = spec_add_mount(s, "bind", source, target,
			   s->root_readonly ? "bind,rprivate,ro,nosuid,nodev,noexec" : "bind,rprivate");
	m->is_file_made = true;
	return m;
}

int ctr_files_write_hosts(struct engine *g, const struct container_config *c, int root_dirfd, int dirfd,
			  struct err *e)
{
	autoclose int fd = root_open(root_dirfd, "/etc/hosts", O_RDONLY | O_NONBLOCK | O_NOCTTY);
	autofree char *hostname = ctr_files_hostname(c);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return 0;
	return write_hosts(g, c, hostname, fd_path(fd).s, dirfd, e);
}
