/* SPDX-License-Identifier: Apache-2.0 */
/* What all kinds of archives have in common: blobs out of the bundle, and an image into the store. */
#include "image/load_priv.h"

#include "base/fd.h"
#include "image/digest.h"
#include "image/install.h"
#include "image/progress.h"
#include "image/reference.h"
#include "image/unpack.h"

#include <string.h>

void load_image_clear(struct load_image *f)
{
	manifest_free(f->manifest);
	free(f->manifest_text);
	free(f->config);
	strv_clear(&f->files);
	strv_clear(&f->names);
}
static char *blob_name(const struct load *l, const char *digest)
{
	return xasprintf("%s%s", l->is_dir ? "" : "blobs/sha256/", manifest_hex(digest));
}

static int check_size(const char *name, const struct manifest_blob *b, uint64_t size, struct err *e)
{
	if (size == b->size)
		return 0;
	return err_set(e, EBADMSG, "%s: its descriptor says %llu bytes, it has %llu", name,
		       (unsigned long long)b->size, (unsigned long long)size);
}

int load_read_blob(const struct load *l, const struct manifest_blob *b, char **text,
		   size_t *len, struct err *e)
{
	autofree char *name = blob_name(l, b->digest), *data = NULL;
	char hex[DIGEST_HEX + 1];
	int r = bundle_read(l->bundle, name, &data, len, MANIFEST_MAX_BYTES, e);

	if (r < 0)
		return r;
	r = check_size(name, b, *len, e);
	if (r < 0)
		return r;
	digest_of(hex, data, *len);
	if (strcmp(hex, manifest_hex(b->digest)) != 0)
		return err_set(e, EBADMSG, "%s: its content has digest sha256:%s", name, hex);
	*text = steal_ptr(&data);
	return 0;
}

struct layers {
	const struct load *load;
	const struct strv *files;	/* member for each layer */
};

int load_find_layers(const struct load *l, const struct manifest *m, struct strv *files,
		     struct err *e)
{
	for (size_t i = 0; i < m->layers_n; i++) {
		char *name = blob_name(l, m->layers[i].digest);
		struct bundle_region region;
		int r;

		strv_add_take(files, name);
		if (!bundle_has(l->bundle, name))
			continue;
		r = bundle_find(l->bundle, name, &region, e);
		if (r < 0)
			return r;
		fd_close(&region.fd);
		r = check_size(name, &m->layers[i], region.size, e);
		if (r < 0)
			return r;
	}
	return 0;
}

static int feed_bytes(void *arg, const void *p, size_t n)
{
	return unpack_feed(arg, p, n);
}

static int layer_source(void *arg, size_t i, unsigned int worker, struct unpack_feed *feed,
			struct err *e)
{
	struct layers *l = arg;
	struct bundle_region region;
	int r = bundle_find(l->load->bundle, l->files->v[i], &region, e);

	(void)worker;
	if (r < 0)
		return r;
	r = bundle_region_each(&region, feed_bytes, feed, e);
	fd_close(&region.fd);
	return r;
}

int load_install(struct load *l, struct load_image *f, struct err *e)
{
	auto_of(progress_free) struct progress *progress = NULL;
	struct layers layers = { l, &f->files };
	char digest[7 + DIGEST_HEX + 1] = "sha256:";
	autofree char *id = NULL;
	struct install_args a = {
		.store = l->args->store,
		.manifest = f->manifest,
		.manifest_bytes = f->manifest_text, .manifest_len = f->manifest_len,
		.config_bytes = f->config, .config_len = f->config_len,
		.manifest_digest = digest,
		.names = &f->names,
		.source = layer_source, .source_arg = &layers,
	};
	int r;

	digest_of(digest + 7, f->manifest_text, f->manifest_len);
	progress = progress_new(f->manifest->layers_n, l->args->quiet);
	for (size_t i = 0; i < f->manifest->layers_n; i++) {
		const struct manifest_blob *b = &f->manifest->layers[i];
		progress_set_blob(progress, i, manifest_hex(b->digest), b->size);
	}
	a.progress = progress;
	r = install_image(&a, &id, e);
	if (r < 0)
		return r;
	progress_say_config(progress, id);
	progress_say(progress, PROGRESS_WRITING);
	for (size_t i = 0; i < f->names.n; i++) {
		strv_add(&l->out->names, f->names.v[i]);
		strv_add(&l->out->ids, id);
	}
	if (f->names.n == 0) {
		strv_addf(&l->out->names, "sha256:%s", id);
		strv_add(&l->out->ids, id);
	}
	return 0;
}

int load_add_name(struct strv *names, const char *text, const char *default_host, struct err *e)
{
	autofree char *full = NULL;
	int r = reference_full_name(text, default_host, &full, e);

	if (r >= 0 && !strv_has(names, full))
		strv_add(names, full);
	return r;
}
