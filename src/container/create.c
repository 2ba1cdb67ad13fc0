/* SPDX-License-Identifier: Apache-2.0 */
#include "container/create_priv.h"

#include "base/fd.h"
#include "base/ident.h"
#include "base/log.h"
#include "base/str.h"
#include "container/cdi.h"
#include "container/ctr_defaults.h"
#include "container/ctr_files.h"
#include "container/ctr_ids.h"
#include "container/ctr_image.h"
#include "container/ctr_secrets.h"
#include "container/ctr_security.h"
#include "container/ctr_spec.h"
#include "container/ctr_systemd.h"
#include "container/ctr_userns.h"
#include "container/events.h"
#include "container/health.h"
#include "container/logs.h"
#include "container/record.h"
#include "container/requires.h"
#include "container/volume_fill.h"
#include "storage/images.h"
#include "storage/store.h"
#include "userns/session.h"

#include <unistd.h>

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

/* --seccomp-policy image: the profile is a label of the image, not of the container. */
static void settle_seccomp(struct container_config *c, const struct json *image)
{
	const struct json *labels = json_path(image, "config.Labels");
	const char *profile = json_get_str(labels, "io.containers.seccomp.profile");

	if (str_eq(c->seccomp_policy, "image") && !c->seccomp_image)
		c->seccomp_image = xstrdup_or_null(profile);
}

static int find_base(const struct json **config, struct images_record **image, struct engine *g,
		     struct container_config *c, struct err *e)
{
	if (c->rootfs || str_has_prefix(c->image_name, "host:"))
		return create_use_rootfs(c, e);
	if (create_find_image(g, c, e) < 0 || images_load(image, g->store, c->image_id, e) < 0)
		return -e->code;
	*config = (*image)->config;
	return 0;
}

/* What image and containers.conf add. */
static int merge(struct engine *g, struct container_config *c, const struct json *image, struct err *e)
{
	if (ctr_image_check(image, e) < 0)
		return -e->code;
	ctr_image_merge(c, image, environ);
	ctr_defaults_env(c, g);
	settle_seccomp(c, image);
	if (c->gpus.n && cdi_gpus(&c->devices, &c->gpus, g->is_docker, e) < 0)
		return -e->code;
	c->id = xstrdup(ident_random().s);
	settle_env(c);
	return 0;
}

static int make(struct engine *g, struct container_config *c, struct err *e)
{
	struct err ignored = { 0 };

	if (ctr_secrets_check(g, c, e) < 0 || record_create(g, c, e) < 0)
		return -e->code;
	if (ctr_secrets_store(g, c, e) >= 0 && requires_note(g, c, e) >= 0 && volume_fill_early(g, c, e) >= 0)
		return 0;
	requires_forget(g, c);
	(void)record_remove(g, c->id, c->name, &ignored);
	return -e->code;
}

int create_container(struct engine *g, struct container_config *c, struct err *e)
{
	auto_of(images_record_free) struct images_record *image = NULL;
	auto_of(ctr_userns_clear) struct ctr_userns u = { 0 };
	const struct json *config = NULL;
	autoclose int ids_lock = -1;

	ctr_ids_default(g, c);
	c->rm |= c->rmi;
	if (requires_settle(g, c, e) < 0 || create_check(c, e) < 0 || logs_settle(g, c, e) < 0 ||
	    ctr_security_check(c, e) < 0 || ctr_userns_plan(&u, g->session, c, e) < 0 ||
	    ctr_ids_host_users(c, e) < 0)
		return -e->code;
	settle_user(c, &u);
	if (find_base(&config, &image, g, c, e) < 0 || merge(g, c, config, e) < 0 ||
	    ctr_ids_settle(g, c, &ids_lock, e) < 0 || create_check_image(c, e) < 0 ||
	    ctr_systemd_settle(c, e) < 0 || health_settle_log(c, e) < 0 ||
	    settle_network(g, c, e) < 0 || ctr_spec_check(g, c, e) < 0 ||
	    create_take_volumes(g, c, e) < 0 || create_settle_mounts(g, c, config, e) < 0 ||
	    make(g, c, e) < 0)
		return -e->code;
	events_container(g, c, "create");
	return 0;
}
