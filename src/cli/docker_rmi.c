/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/docker_rmi.h"

#include "base/str.h"
#include "cli/cmd.h"
#include "cli/image_users.h"
#include "container/lifecycle.h"
#include "container/record.h"
#include "container/state.h"
#include "image/naming.h"
#include "image/resolve.h"

static bool is_running(struct cmd_context *c, const char *id)
{
	auto_of(record_free) struct record *rec = NULL;
	auto_of(state_clear) struct state st = { 0 };
	struct err gone = { 0 };

	return record_open(&rec, c->engine, id, &gone) >= 0 &&
	       lifecycle_state(&st, c->engine, rec, &gone) >= 0 && state_is_alive(&st);
}

/* One that runs, else the first. */
static const char *strongest(struct cmd_context *c, const struct strv *users, bool *runs)
{
	for (size_t i = 0; i < users->n; i++) {
		*runs = is_running(c, users->v[i]);
		if (*runs)
			return users->v[i];
	}
	return users->v[0];
}

int docker_rmi_used(struct cmd_context *c, const char *text, const char *id, bool force,
		    struct strv *untagged, struct err *e)
{
	auto_of(strv_clear) struct strv users = { 0 };
	autofree char *found = NULL, *name = NULL;
	bool runs = false, by_id;
	const char *user;
	int r = image_users_of(&users, c->engine, id, e);

	if (r < 0 || !users.n)
		return r;
	r = resolve_local_image(c->store, text, &found, &name, e);
	if (r < 0)
		return r;
	by_id = str_eq(found, name);
	user = strongest(c, &users, &runs);
	if (by_id && (runs || !force))
		return err_set(e, ERR_IN_USE, "conflict: unable to delete %.12s (%s) - image is being used "
			       "by %s container %.12s", id, runs ? "cannot be forced" : "must be forced",
			       runs ? "running" : "stopped", user);
	if (!force)
		return err_set(e, ERR_IN_USE, "conflict: unable to remove repository reference \"%s\" (must "
			       "force) - container %.12s is using its referenced image %.12s", text, user, id);
	if (by_id) {
		r = naming_untag_all(c->store, id, untagged, e);
		/* Docker would keep its layers for the container; here these are the image's. */
		return r < 0 || untagged->n ? r :
		       err_set(e, ERR_IN_USE, "conflict: unable to delete %.12s (cannot be forced) - image "
			       "is being used by stopped container %.12s", id, user);
	}
	return naming_untag(c->store, id, name, untagged, e);
}
