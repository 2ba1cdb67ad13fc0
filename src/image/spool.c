/* SPDX-License-Identifier: Apache-2.0 */
#include "image/spool.h"

#include "base/fd.h"
#include "image/bundle.h"

#include <string.h>

struct writing {
	int fd;
	struct digest sum;
	struct zip *zip;
};

static int write_zipped(void *arg, const void *data, size_t n, struct err *e)
{
	struct writing *w = arg;
	int r = fd_write_all(w->fd, data, n);

	digest_update(&w->sum, data, n);
	return r < 0 ? err_sys(e, -r, "store a compressed layer") : 0;
}

static int push(void *arg, const void *data, size_t n, struct err *e)
{
	struct writing *w = arg;

	return zip_push(w->zip, data, n, e);
}

int spool_layer(struct spool *out, const struct layer_source *l, enum zip_format format, int level,
		struct err *e)
{
	struct writing w = { .fd = bundle_temp_file(l->store, e) };
	int r;

	if (w.fd < 0)
		return w.fd;
	digest_init(&w.sum);
	w.zip = zip_new(format, level, write_zipped, &w);
	r = layer_source_read(l, push, &w, e);
	if (r >= 0)
		r = zip_finish(w.zip, e);
	zip_free(w.zip);
	if (r >= 0) {
		out->fd = steal_fd(&w.fd);
		out->size = w.sum.bytes;
		strcpy(out->digest, "sha256:");
		digest_final(&w.sum, out->digest + 7);
	}
	digest_clear(&w.sum);
	fd_close(&w.fd);
	return r < 0 ? r : 0;
}

void spool_clear(struct spool *s)
{
	fd_close(&s->fd);
}
