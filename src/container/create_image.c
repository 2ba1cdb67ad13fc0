/* SPDX-License-Identifier: Apache-2.0 */
/* What a container is made from: an image, local or fetched, or a directory. */
#include "container/create_priv.h"

#include "base/ident.h"
#include "base/str.h"
#include "container/events.h"
#include "image/fetch.h"
#include "image/platform.h"
#include "image/reference.h"
#include "image/resolve.h"
#include "storage/images.h"

#include <stdlib.h>
#include <string.h>

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

static void forget_image(struct container_config *c)
{
	free(c->image_full);
	free(c->image_id);
	c->image_full = c->image_id = NULL;
}

/* 1: the local image will do; 0: it is to be fetched. */
static int find_local(struct engine *g, struct container_config *c, struct err *e)
{
	bool is_id = str_has_prefix(c->image_name, "sha256:") || ident_is_id(c->image_name);
	bool fits = true;
	int r = resolve_local_image(g->store, c->image_name, &c->image_id, &c->image_full, e);

	if (r >= 0)
		r = fits_platform(&fits, g, c, e);
	/* No registry knows images by their ids. */
	if (r < 0 && (e->code != ERR_NO_SUCH || is_id))
		return r;
	if (r >= 0 && fits)
		return 1;
	forget_image(c);
	if (is_id || c->pull == CONFIG_PULL_NEVER)
		return err_set(e, ERR_NO_SUCH, "%s: image not known", c->image_name);
	return 0;
}

static int fetch(struct engine *g, struct container_config *c, struct err *e)
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

	events_setenv(g);
	return fetch_image(&fetch, &c->image_id, e);
}

/* --pull: missing asks a registry only when there is no local image. */
int create_find_image(struct engine *g, struct container_config *c, struct err *e)
{
	bool is_file = is_from_file(c->image_name);
	int r;

	if (c->platform && (c->arch || c->os))
		return err_set(e, ERR_USAGE, "--platform option can not be specified with --arch or --os");
	if (!is_file && c->pull != CONFIG_PULL_ALWAYS && c->pull != CONFIG_PULL_NEWER) {
		r = find_local(g, c, e);
		if (r)
			return r;
	}
	if (fetch(g, c, e) < 0)
		return -e->code;
	if (is_file)
		return name_fetched(g, c, e);
	forget_image(c);
	return resolve_local_image(g->store, c->image_name, &c->image_id, &c->image_full, e);
}

/* "PATH", "PATH:O": what --rootfs and host:/ say. */
int create_use_rootfs(struct container_config *c, struct err *e)
{
	autofree char *path = NULL;
	char *real;

	if (str_has_prefix(c->image_name, "host:/")) {
		if (!str_eq(c->image_name, "host:/"))
			return err_set(e, EINVAL, "%s: only host:/ is known; for another directory use "
				       "--rootfs PATH:O", c->image_name);
		c->is_host_rootfs = c->is_rootfs_overlay = true;
		xreplace(&c->rootfs, "/");
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
	xreplace(&c->rootfs, real);
	free(real);
	return 0;
}
