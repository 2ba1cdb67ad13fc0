/* SPDX-License-Identifier: Apache-2.0 */
/* THEORY
 * Names go before the image: whoever looks up a name between the two finds nothing, not half an image.
 * If we die there, the image is left without a name, which prune removes.
 */
#include "image/naming.h"

#include "image/reference.h"
#include "image/resolve.h"
#include "storage/images.h"
#include "storage/names.h"
#include "storage/store.h"

void naming_removed_clear(struct naming_removed *r)
{
	strv_clear(&r->untagged);
	free(r->image);
	free(r->id);
	*r = (struct naming_removed){ 0 };
}

int naming_tag(struct store *s, const char *id, const char *name, struct err *e)
{
	auto_of(reference_clear) struct reference ref = { 0 };
	autofree char *full = NULL;
	int r = reference_parse(&ref, name, e);

	if (r >= 0 && ref.digest)
		return err_set(e, ERR_USAGE, "invalid image name '%.300s': a digest cannot be given to an image",
			       name);
	if (r >= 0)
		r = reference_full_name(name, reference_own_host(), &full, e);
	if (r < 0)
		return r;
	r = names_set(s->image_names_dirfd, full, id, NULL);
	return r < 0 ? err_sys(e, -r, "name image %.12s '%s'", id, full) : 0;
}

/* The name of the image that text means; full names and short ones alike. */
static int own_name(char **full, const struct strv *names, const char *text, struct err *e)
{
	const char *const hosts[] = { reference_own_host(), "localhost", "docker.io" };

	for (size_t i = 0; i < ARRAY_SIZE(hosts); i++) {
		autofree char *name = NULL;
		int r = reference_full_name(text, hosts[i], &name, e);

		if (r < 0)
			return r;
		if (strv_has(names, name)) {
			*full = steal_ptr(&name);
			return 0;
		}
	}
	return err_set(e, ERR_NO_SUCH, "%.300s: the image has no such name", text);
}

static int take_off(struct store *s, const char *name, struct err *e)
{
	int r = names_remove(s->image_names_dirfd, name);

	return r < 0 && r != -ENOENT ? err_sys(e, -r, "remove the name '%s'", name) : 0;
}

int naming_untag(struct store *s, const char *id, const char *name, struct strv *done, struct err *e)
{
	auto_of(strv_clear) struct strv names = { 0 };
	autofree char *full = NULL;
	int r = images_names_of(s, id, &names, e);

	if (r >= 0)
		r = own_name(&full, &names, name, e);
	if (r >= 0)
		r = take_off(s, full, e);
	if (r >= 0)
		strv_add(done, full);
	return r;
}

static int untag_list(struct store *s, const struct strv *names, struct strv *done, struct err *e)
{
	for (size_t i = 0; i < names->n; i++) {
		int r = take_off(s, names->v[i], e);

		if (r < 0)
			return r;
		strv_add(done, names->v[i]);
	}
	return 0;
}

int naming_untag_all(struct store *s, const char *id, struct strv *done, struct err *e)
{
	auto_of(strv_clear) struct strv names = { 0 };
	int r = images_names_of(s, id, &names, e);

	return r < 0 ? r : untag_list(s, &names, done, e);
}

/* ---- removing ---- */

static int refuse_several(const char *text, const struct strv *names, struct err *e)
{
	autofree char *list = strv_join(names, ", ");

	return err_set(e, EBUSY,
		       "cannot remove image %.100s: it has more than one name (%.300s): remove these, or use --force",
		       text, list);
}

static int remove_image(struct naming_removed *out, struct store *s, const char *id,
			const struct strv *names, const struct naming_remove *how, struct err *e)
{
	int r = how->check ? how->check(how->check_arg, id, e) : 0;

	if (r >= 0)
		r = untag_list(s, names, &out->untagged, e);
	if (r >= 0)
		r = images_remove(s, id, NULL, e);
	if (r < 0)
		return r;
	out->id = xstrdup(id);
	return 0;
}

int naming_remove(struct naming_removed *out, struct store *s, const char *text,
		  const struct naming_remove *how, struct err *e)
{
	auto_of(naming_removed_clear) struct naming_removed done = { 0 };
	auto_of(strv_clear) struct strv names = { 0 };
	autofree char *id = NULL, *name = NULL;
	bool is_stored;		/* else text is an id, or a digest that only the record knows */
	int r = resolve_local_image(s, text, &id, &name, e);

	if (r >= 0)
		r = images_names_of(s, id, &names, e);
	if (r < 0)
		return r;
	is_stored = strv_has(&names, name);
	if (is_stored && names.n > 1) {
		r = take_off(s, name, e);
		strv_add(&done.untagged, name);
	} else if (!is_stored && names.n > 1 && !how->force) {
		r = refuse_several(text, &names, e);
	} else {
		r = remove_image(&done, s, id, &names, how, e);
	}
	if (r < 0)
		return r;
	done.image = steal_ptr(&id);
	*out = done;
	done = (struct naming_removed){ 0 };
	return 0;
}
