/* SPDX-License-Identifier: Apache-2.0 */
#include "container/create.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/ident.h"
#include "base/log.h"
#include "base/proc.h"
#include "base/str.h"
#include "container/cdi.h"
#include "container/ctr_cgroup.h"
#include "container/ctr_defaults.h"
#include "container/ctr_denied.h"
#include "container/ctr_files.h"
#include "container/ctr_ids.h"
#include "container/ctr_image.h"
#include "container/ctr_mounts.h"
#include "container/ctr_secrets.h"
#include "container/ctr_security.h"
#include "container/ctr_systemd.h"
#include "container/ctr_userns.h"
#include "container/events.h"
#include "container/health.h"
#include "container/logs.h"
#include "container/mount_args.h"
#include "container/record.h"
#include "container/requires.h"
#include "container/restart.h"
#include "container/volume_fill.h"
#include "container/volumes.h"
#include "image/fetch.h"
#include "image/platform.h"
#include "image/reference.h"
#include "image/resolve.h"
#include "storage/images.h"
#include "storage/store.h"
#include "userns/session.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* "oci-archive:FILE" and the like, which are read anew each time; not a registry. */
static bool is_from_file(const char *name)
{
	const char *rest, *transport = reference_transport(name, &rest);

	return transport && !str_eq(transport, "docker");
}

/* What was read from a file goes by the name that the file gave it. */
static int name_fetched(struct engine *g, struct container_config *c, struct err *e)
{
	auto_of(strv_clear) struct strv names = { 0 };
	int r = images_names_of(g->store, c->image_id, &names, e);

	if (r < 0)
		return r;
	xreplace(&c->image_full, names.n ? names.v[0] : c->image_id);
	xreplace(&c->image_name, c->image_full);
	return 0;
}

/* Whether the local image is for the machine that --platform and the like name. */
static int fits_platform(bool *fits, struct engine *g, const struct container_config *c, struct err *e)
{
	auto_of(images_record_free) struct images_record *image = NULL;
	auto_of(platform_clear) struct platform p = { 0 };

	*fits = true;
	if (!c->platform && !c->arch && !c->os && !c->variant)
		return 0;
	if (platform_parse(&p, c->platform, c->os, c->arch, c->variant, e) < 0 ||
	    images_load(&image, g->store, c->image_id, e) < 0)
		return -e->code;
	*fits = platform_fits_config(&p, image->config);
	return 0;
}

/* --pull: missing asks a registry only when there is no local image. */
static int find_image(struct engine *g, struct container_config *c, struct err *e)
{
	struct fetch_args fetch = {
		.store = g->store,
		.name = c->image_name,
		.platform = c->platform, .arch = c->arch, .os = c->os, .variant = c->variant,
		.authfile = c->authfile, .creds = c->creds, .cert_dir = c->cert_dir,
		.tls_verify = c->tls_verify,
		.retry = c->pull_retry, .retry_delay = c->pull_retry_delay,
		.is_quiet = c->pull_quiet,
		.is_if_newer = c->pull == CONFIG_PULL_NEWER,
	};
	bool is_id = str_has_prefix(c->image_name, "sha256:") || ident_is_id(c->image_name);
	bool is_file = is_from_file(c->image_name);
	int r;

	if (c->platform && (c->arch || c->os))
		return err_set(e, ERR_USAGE, "--platform option can not be specified with --arch or --os");
	if (!is_file && c->pull != CONFIG_PULL_ALWAYS && c->pull != CONFIG_PULL_NEWER) {
		bool fits = true;

		r = resolve_local_image(g->store, c->image_name, &c->image_id, &c->image_full, e);
		if (r >= 0)
			r = fits_platform(&fits, g, c, e);
		/* No registry knows images by their ids. */
		if (r < 0 ? e->code != ERR_NO_SUCH || is_id : fits)
			return r;
		free(c->image_full);
		free(c->image_id);
		c->image_full = c->image_id = NULL;
		if (is_id || c->pull == CONFIG_PULL_NEVER)
			return err_set(e, ERR_NO_SUCH, "%s: image not known", c->image_name);
	}
	events_setenv(g);
	r = fetch_image(&fetch, &c->image_id, e);
	if (r < 0)
		return r;
	if (is_file)
		return name_fetched(g, c, e);
	free(c->image_full);
	c->image_full = NULL;
	free(c->image_id);
	c->image_id = NULL;
	return resolve_local_image(g->store, c->image_name, &c->image_id, &c->image_full, e);
}

/* "PATH", "PATH:O": what --rootfs and host:/ say. */
static int use_rootfs(struct container_config *c, struct err *e)
{
	autofree char *path = NULL;
	char *real;

	if (str_has_prefix(c->image_name, "host:/")) {
		if (!str_eq(c->image_name, "host:/"))
			return err_set(e, EINVAL, "%s: only host:/ is known; for another directory use "
				       "--rootfs PATH:O", c->image_name);
		c->is_host_rootfs = c->is_rootfs_overlay = true;
		c->rootfs = xstrdup("/");
		return 0;
	}
	path = xstrdup(c->image_name);
	if (str_has_suffix(path, ":O") || str_has_suffix(path, ":O,rw")) {
		c->is_rootfs_overlay = true;
		*strrchr(path, ':') = 0;
	}
	real = realpath(path, NULL);
	if (!real)
		return err_sys(e, errno, "--rootfs %s", path);
	c->rootfs = xstrdup(real);
	free(real);
	return 0;
}

static int new_volume(struct engine *g, struct container_config *c, const struct mount_arg *m,
		      char **name, struct err *e)
{
	struct volume v = { .name = xstrdup_or_null(m->source), .is_anonymous = !m->source,
			    .needs_copy_up = true, .uid = -1, .gid = -1,
			    .is_volatile = c->rm && !m->source };
	int r;

	strv_copy(&v.labels, &m->labels);
	strv_copy(&v.options, &m->driver_opts);
	r = volume_create(g, &v, true, e);
	if (r >= 0) {
		strv_add(m->source ? &c->named_volumes : &c->anonymous_volumes, v.name);
		*name = xstrdup(v.name);
	}
	free(v.name);
	free(v.mountpoint);
	strv_clear(&v.labels);
	strv_clear(&v.options);
	return r;
}

static int check_image(struct engine *g, const struct mount_arg *m, struct err *e)
{
	autofree char *id = NULL, *full = NULL;

	if (resolve_local_image(g->store, m->source, &id, &full, e) < 0)
		return err_wrap(e, "--mount type=image at %s: pull it first", m->target);
	return 0;
}

/* Makes the volumes that a -v or --mount names, and rewrites its text so that a later start needs
 * neither the current directory nor luck: anonymous volumes get their name, paths are absolute. */
static int settle_mount(struct engine *g, struct container_config *c, char **text, bool is_mount,
			struct err *e)
{
	auto_of(mount_args_clear) struct mount_args args = { 0 };
	autofree char *name = NULL;
	char *fresh = NULL;
	struct mount_arg *m;
	int r = is_mount ? mount_args_mount(&args, *text, e) : mount_args_volume(&args, *text, e);

	if (r < 0)
		return r;
	m = &args.v[0];
	/* Docker makes what -v names and the host lacks. */
	if (m->type == MOUNT_ARG_BIND && !is_mount && g->is_docker)
		(void)file_mkdirs(m->source, 0755);
	if (m->type == MOUNT_ARG_BIND && access(m->source, F_OK) < 0)
		return ctr_denied_source(e, errno, g->session, m->source, m->target);
	if (m->type == MOUNT_ARG_IMAGE)
		return check_image(g, m, e);
	if (m->type == MOUNT_ARG_VOLUME) {
		r = new_volume(g, c, m, &name, e);
		if (r < 0)
			return r;
		if (m->source)
			return 0;
	}
	if (m->type != MOUNT_ARG_BIND && m->type != MOUNT_ARG_VOLUME)
		return 0;
	if (is_mount)
		fresh = xasprintf("%s,source=%s", *text, name ? name : m->source);
	else if (name)
		fresh = xasprintf("%s:%s", name, *text);
	else
		fresh = xasprintf("%s%s", m->source, strchr(*text, ':'));
	free(*text);
	*text = fresh;
	return 0;
}

static int settle_mounts(struct engine *g, struct container_config *c, const struct json *image,
			 struct err *e)
{
	auto_of(mount_args_clear) struct mount_args args = { 0 };
	auto_of(strv_clear) struct strv paths = { 0 };
	int r = ctr_mounts_parse(&args, c, e);

	for (size_t i = 0; r >= 0 && i < c->volumes.n; i++)
		r = settle_mount(g, c, &c->volumes.v[i], false, e);
	for (size_t i = 0; r >= 0 && i < c->mounts.n; i++)
		r = settle_mount(g, c, &c->mounts.v[i], true, e);
	if (r < 0 || !image || str_eq(c->image_volume, "ignore"))
		return r;
	r = ctr_image_volumes(&paths, image, e);
	for (size_t i = 0; r >= 0 && i < paths.n; i++) {
		if (mount_args_at(&args, paths.v[i]))
			continue;
		if (str_eq(c->image_volume, "tmpfs")) {
			strv_add(&c->tmpfs, paths.v[i]);
		} else {
			strv_add(&c->volumes, paths.v[i]);
			r = settle_mount(g, c, &c->volumes.v[c->volumes.n - 1], false, e);
		}
	}
	return r;
}

/* "NAME[:ro,z]": what may stand behind the name. */
static int volumes_from_options(const char *text, char **name, bool *is_readonly, struct err *e)
{
	const char *colon = strchrnul(text, ':');
	auto_of(strv_clear) struct strv words = { 0 };

	*name = xstrndup(text, colon - text);
	*is_readonly = false;
	if (*colon)
		strv_split(&words, colon + 1, ',');
	for (size_t i = 0; i < words.n; i++) {
		if (str_eq(words.v[i], "ro") && !strv_has(&words, "rw"))
			*is_readonly = true;
		else if (!str_eq(words.v[i], "rw") && !str_eq(words.v[i], "z") && !str_eq(words.v[i], "Z"))
			return err_set(e, ERR_USAGE, "--volumes-from %s: '%s' is none of ro, rw, z", text,
				       words.v[i]);
	}
	return 0;
}

/* Options, without what said that it may be written. */
static char *readonly_words(const char *text)
{
	auto_of(strv_clear) struct strv words = { 0 };

	strv_split(&words, text, ',');
	for (size_t i = words.n; i-- > 0;)
		if (str_eq(words.v[i], "rw") || str_has_prefix(words.v[i], "rw=") ||
		    str_has_prefix(words.v[i], "ro=") || str_has_prefix(words.v[i], "readonly="))
			strv_remove_at(&words, i);
	strv_add(&words, "ro");
	return strv_join(&words, ",");
}

/* The options of a -v are its third part, those of a --mount are all of it. */
static char *readonly_mount(const char *text, bool is_mount)
{
	const char *target = is_mount ? NULL : strchr(text, ':');
	const char *options = target ? strchr(target + 1, ':') : NULL;
	autofree char *words = readonly_words(is_mount ? text : options ? options + 1 : "");

	if (is_mount)
		return steal_ptr(&words);
	return xasprintf("%.*s:%s", (int)(options ? (size_t)(options - text) : strlen(text)), text, words);
}

/* One -v or --mount of the other container, unless we have something at its place. tmpfs and the like
 * are not shared: each container has its own. */
static int take_mount(struct container_config *c, const char *text, bool is_mount, bool is_readonly,
		      struct err *e)
{
	auto_of(mount_args_clear) struct mount_args mine = { 0 }, theirs = { 0 };
	int r = is_mount ? mount_args_mount(&theirs, text, e) : mount_args_volume(&theirs, text, e);

	if (r < 0 || ctr_mounts_parse(&mine, c, e) < 0)
		return -e->code;
	if (mount_args_at(&mine, theirs.v[0].target) ||
	    (theirs.v[0].type != MOUNT_ARG_BIND && theirs.v[0].type != MOUNT_ARG_VOLUME))
		return 0;
	if (is_readonly && !theirs.v[0].is_readonly)
		strv_add_take(is_mount ? &c->mounts : &c->volumes, readonly_mount(text, is_mount));
	else
		strv_add(is_mount ? &c->mounts : &c->volumes, text);
	return 0;
}

/* --volumes-from NAME[:OPTIONS]: the mounts of another container, as its definition has them. */
static int take_volumes_from(struct engine *g, struct container_config *c, struct err *e)
{
	for (size_t i = 0; i < c->volumes_from.n; i++) {
		auto_of(record_free) struct record *other = NULL;
		autofree char *name = NULL;
		bool is_readonly;

		if (volumes_from_options(c->volumes_from.v[i], &name, &is_readonly, e) < 0)
			return -e->code;
		if (record_open(&other, g, name, e) < 0)
			return err_wrap(e, "--volumes-from");
		for (size_t k = 0; k < other->config.volumes.n; k++)
			if (take_mount(c, other->config.volumes.v[k], false, is_readonly, e) < 0)
				return -e->code;
		for (size_t k = 0; k < other->config.mounts.n; k++)
			if (take_mount(c, other->config.mounts.v[k], true, is_readonly, e) < 0)
				return -e->code;
	}
	return 0;
}

/* Where there is no network of its own; of --publish-all nothing is said, as it names none. */
static void discard_ports(struct container_config *c, bool is_docker)
{
	if (c->publish.n && !is_docker)
		log_warn("Port mappings have been discarded as one of the Host, Container, Pod, and None "
			 "network modes are in use");
	else if (c->publish.n && c->net.mode == NETNS_HOST)
		log_warn("Published ports are discarded when using host network mode");
	netns_ports_clear(&c->ports);
}

static int settle_network(struct engine *g, struct container_config *c, struct err *e)
{
	if (c->networks.n > 1)
		return err_set(e, ERR_UNSUPPORTED, "--network: several networks for one container are not "
			       "supported yet");
	if (netns_config_parse(&c->net, c->networks.n ? c->networks.v[0] : "", e) < 0)
		return -e->code;
	for (size_t i = 0; i < c->publish.n; i++)
		if (netns_port_parse(&c->ports, c->publish.v[i], e) < 0)
			return -e->code;
	for (size_t i = 0; c->publish_all && i < c->expose.n; i++)
		if (netns_expose_parse(&c->ports, c->expose.v[i], e) < 0)
			return -e->code;
	if (!c->ports.n)
		return 0;
	if (c->net.mode != NETNS_SLIRP && c->net.mode != NETNS_PASTA) {
		discard_ports(c, g->is_docker);
		return 0;
	}
	return netns_ports_choose(&c->ports, e);
}

static void settle_user(struct container_config *c, const struct ctr_userns *u)
{
	/* keep-id runs as the user, whatever the image says; --user was given by now. */
	if (u->default_user && !c->user)
		c->user = xstrdup(u->default_user);
}

static void settle_env(struct container_config *c)
{
	autofree char *hostname = ctr_files_hostname(c);

	if (!strv_env_get(&c->env, "HOSTNAME"))
		strv_env_set(&c->env, "HOSTNAME", hostname);
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

/* Checks that need no container: a wrong value is told now, not at the start. */
static int check(const struct container_config *c, struct err *e)
{
	auto_of(health_plan_clear) struct health_plan health = { 0 };
	struct restart restart;

	if (c->name && ident_check_name(c->name) < 0)
		return err_set(e, ERR_USAGE, "--name '%s': names must match [a-zA-Z0-9][a-zA-Z0-9_.-]*: "
			       "invalid argument", c->name);
	if (c->stop_signal && proc_signal_parse(c->stop_signal) < 0)
		return err_set(e, ERR_USAGE, "--stop-signal: invalid signal: %s", c->stop_signal);
	if (restart_parse(&restart, c->restart) < 0)
		return err_set(e, ERR_USAGE, "--restart '%s' is none of no, on-failure[:N], always, "
			       "unless-stopped", c->restart);
	if (health_plan_load(&health, c, e) < 0)
		return -e->code;
	if (c->seccomp_policy && !str_eq(c->seccomp_policy, "default") &&
	    !str_eq(c->seccomp_policy, "image"))
		return err_set(e, ERR_USAGE, "--seccomp-policy '%s' is none of default, image",
			       c->seccomp_policy);
	for (size_t i = 0; i < c->chrootdirs.n; i++)
		if (c->chrootdirs.v[i][0] != '/' || strstr(c->chrootdirs.v[i], ".."))
			return err_set(e, ERR_USAGE, "--chrootdirs '%s': expected absolute paths",
				       c->chrootdirs.v[i]);
	if (config_sdnotify(c->sdnotify) < 0)
		return err_set(e, ERR_USAGE, "--sdnotify: invalid sdnotify value \"%s\": must be container, "
			       "conmon, healthy or ignore", c->sdnotify);
	if (c->rm && c->restart && !str_eq(c->restart, "no"))
		return err_set(e, ERR_USAGE, "the --rm option conflicts with --restart, when the "
			       "restartPolicy is not \"\" and \"no\"");
	if (c->group_add.n > 1 && strv_has(&c->group_add, "keep-groups"))
		return err_set(e, ERR_USAGE, "--group-add keep-groups stands alone: the kernel keeps all "
			       "groups or none");
	if (c->image_volume && !str_eq(c->image_volume, "anonymous") &&
	    !str_eq(c->image_volume, "bind") && !str_eq(c->image_volume, "tmpfs") &&
	    !str_eq(c->image_volume, "ignore"))
		return err_set(e, ERR_USAGE, "--image-volume: invalid image volume mode \"%s\": none of "
			       "bind, anonymous, tmpfs, ignore", c->image_volume);
	if (c->hostname && (strlen(c->hostname) > 64 || strpbrk(c->hostname, "/ \n\t")))
		return err_set(e, ERR_USAGE, "--hostname '%s' is no host name", c->hostname);
	return 0;
}

/* A limit that is wrong is told now, not at the first start. */
static int check_limits(const struct container_config *c, struct err *e)
{
	auto_of(ctr_cgroup_plan_clear) struct ctr_cgroup_plan p = { 0 };

	return ctr_cgroup_plan(&p, c, e);
}

/* --seccomp-policy image: the profile is a label of the image, not of the container. */
static void settle_seccomp(struct container_config *c, const struct json *image)
{
	const struct json *labels = json_path(image, "config.Labels");
	const char *profile = json_get_str(labels, "io.containers.seccomp.profile");

	if (str_eq(c->seccomp_policy, "image") && !c->seccomp_image)
		c->seccomp_image = xstrdup_or_null(profile);
}

/* Checks of what the image has its say in. */
static int check_with_image(const struct container_config *c, struct err *e)
{
	auto_of(health_plan_clear) struct health_plan health = { 0 };

	if (config_sdnotify(c->sdnotify) != CONFIG_SDNOTIFY_HEALTHY)
		return 0;
	if (health_plan_load(&health, c, e) < 0)
		return -e->code;
	if (!health.command.n)
		return err_set(e, ERR_USAGE, "--sdnotify healthy needs a health check: --health-cmd");
	return 0;
}

int create_container(struct engine *g, struct container_config *c, struct err *e)
{
	auto_of(images_record_free) struct images_record *image = NULL;
	auto_of(ctr_userns_clear) struct ctr_userns u = { 0 };
	static const struct json *const none = NULL;
	struct err ignored = { 0 };
	const struct json *config = none;
	autoclose int ids_lock = -1;

	ctr_ids_default(g, c);
	c->rm |= c->rmi;
	if (requires_settle(g, c, e) < 0 || check(c, e) < 0 || check_pairs(c, e) < 0 ||
	    logs_settle(g, c, e) < 0 || ctr_security_check(c, e) < 0 || check_limits(c, e) < 0 ||
	    ctr_userns_plan(&u, g->session, c, e) < 0 || ctr_ids_host_users(c, e) < 0)
		return -e->code;
	settle_user(c, &u);
	if (c->rootfs || str_has_prefix(c->image_name, "host:")) {
		free(c->rootfs);
		c->rootfs = NULL;
		if (use_rootfs(c, e) < 0)
			return -e->code;
	} else {
		if (find_image(g, c, e) < 0 || images_load(&image, g->store, c->image_id, e) < 0)
			return -e->code;
		config = image->config;
	}
	if (ctr_image_check(config, e) < 0)
		return -e->code;
	ctr_image_merge(c, config, environ);
	ctr_defaults_env(c, g);
	settle_seccomp(c, config);
	if (c->gpus.n && cdi_gpus(&c->devices, &c->gpus, g->is_docker, e) < 0)
		return -e->code;
	c->id = xstrdup(ident_random().s);
	settle_env(c);
	if (ctr_ids_settle(g, c, &ids_lock, e) < 0 || check_with_image(c, e) < 0 ||
	    ctr_systemd_settle(c, e) < 0)
		return -e->code;
	if (health_settle_log(c, e) < 0)
		return -e->code;
	if (take_volumes_from(g, c, e) < 0 || settle_mounts(g, c, config, e) < 0 ||
	    settle_network(g, c, e) < 0)
		return -e->code;
	if (ctr_secrets_check(g, c, e) < 0 || record_create(g, c, e) < 0)
		return -e->code;
	if (ctr_secrets_store(g, c, e) < 0 || requires_note(g, c, e) < 0 ||
	    volume_fill_early(g, c, e) < 0) {
		requires_forget(g, c);
		(void)record_remove(g, c->id, c->name, &ignored);
		return -e->code;
	}
	events_container(g, c, "create");
	return 0;
}
