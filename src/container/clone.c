/* SPDX-License-Identifier: Apache-2.0 */
/* THEORY
 * A definition on disk is what the user said with what the image said mixed in. create_container mixes
 * again, maybe with another image; so what came from the image is taken out first: values that are
 * equal to the image's. What was decided at create (names of volumes, ports, ids) is decided anew, but
 * for volumes without a name: the clone shares them under the name that they got.
 */
#include "container/clone.h"

#include "base/str.h"
#include "image/resolve.h"
#include "storage/images.h"


static void drop(char **text)
{
	free(*text);
	*text = NULL;
}

static void drop_equal(char **text, const char *image_value)
{
	if (*text && str_eq(*text, image_value))
		drop(text);
}

static void remove_all(struct strv *list, const struct strv *what)
{
	for (size_t i = list->n; i-- > 0;)
		if (strv_has(what, list->v[i]))
			strv_remove_at(list, i);
}

static void unmix(struct container_config *c, const struct json *image)
{
	const struct json *config = json_get(image, "config"), *labels = json_get(config, "Labels");
	const struct json *exposed = json_get(config, "ExposedPorts");
	auto_of(strv_clear) struct strv env = { 0 }, label_list = { 0 }, ports = { 0 };

	json_get_strv(config, "Env", &env);
	for (size_t i = 0; i < json_len(labels); i++)
		if (json_str(json_at(labels, i)))
			strv_addf(&label_list, "%s=%s", json_key_at(labels, i),
				  json_str(json_at(labels, i)));
	for (size_t i = 0; i < json_len(exposed); i++)
		strv_add(&ports, json_key_at(exposed, i));
	remove_all(&c->env, &env);
	remove_all(&c->labels, &label_list);
	remove_all(&c->expose, &ports);
	drop_equal(&c->workdir, json_get_str(config, "WorkingDir"));
	drop_equal(&c->user, json_get_str(config, "User"));
	drop_equal(&c->stop_signal, json_get_str(config, "StopSignal"));
	if (c->has_entrypoint)
		return;
	strv_clear(&c->entrypoint);
	/* create_command: the image, then what the user gave. */
	if (c->create_command.n <= 1)
		strv_clear(&c->command);
}

/* Parsed anew from --network as it was written. */
static void reset_network(struct container_config *c)
{
	struct container_config fresh;
	struct netns_config settled = c->net;

	config_init(&fresh);
	c->net = fresh.net;
	fresh.net = settled;
	config_clear(&fresh);
	netns_ports_clear(&c->ports);
}

static void reset(struct container_config *c)
{
	char **const own[] = { &c->id, &c->name, &c->cidfile, &c->pidfile, &c->conmon_pidfile,
			       &c->image_full, &c->image_id, &c->seccomp_image };
	struct strv *const settled[] = { &c->named_volumes, &c->anonymous_volumes, &c->volumes_from,
					 &c->env_merge };

	for (size_t i = 0; i < ARRAY_SIZE(own); i++)
		drop(own[i]);
	for (size_t i = 0; i < ARRAY_SIZE(settled); i++)
		strv_clear(settled[i]);
	json_free(c->health_image);
	c->health_image = NULL;
	reset_network(c);
	c->env_host = c->replace = c->is_name_generated = false;
	c->created = 0;
	c->pull = CONFIG_PULL_MISSING;
}

/* The image's name may mean another image by now. */
static void pin_image(struct container_config *c, struct engine *g, const char *image_id)
{
	autofree char *id = NULL, *name = NULL;
	struct err gone = { 0 };

	if (resolve_local_image(g->store, c->image_name, &id, &name, &gone) < 0 || !str_eq(id, image_id))
		xreplace(&c->image_name, image_id);
}

int clone_config(struct container_config *out, struct engine *g, const struct record *from,
		 const char *image, struct err *e)
{
	auto_of(images_record_free) struct images_record *old = NULL;
	struct json *copy = config_to_json(&from->config);
	autofree char *short_id = xstrndup(from->id, 12);
	struct err gone = { 0 };
	int r = config_from_json(out, copy, e);

	json_free(copy);
	if (r < 0)
		return r;
	if (from->config.image_id && images_load(&old, g->store, from->config.image_id, &gone) >= 0)
		unmix(out, old->config);
	if (str_eq(strv_env_get(&out->env, "HOSTNAME"), short_id))
		strv_env_unset(&out->env, "HOSTNAME");
	reset(out);
	if (image) {
		xreplace(&out->image_name, image);
		drop(&out->rootfs);
		out->is_host_rootfs = out->is_rootfs_overlay = false;
	} else if (from->config.image_id) {
		pin_image(out, g, from->config.image_id);
	}
	return 0;
}

char *clone_name(struct engine *g, const struct record *from)
{
	char *name = xasprintf("%s-clone", from->config.name);

	for (unsigned int i = 1;; i++) {
		autofree char *id = NULL;
		struct err free_ = { 0 };

		if (record_find(&id, g, name, &free_) < 0)
			return name;
		free(name);
		name = xasprintf("%s-clone%u", from->config.name, i);
	}
}
