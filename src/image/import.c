/* SPDX-License-Identifier: Apache-2.0 */
/* import: see import.h.
 *
 * THEORY
 * The place of a layer in the store is its digest, so the archive is read twice: once to know what
 * it is, once to unpack it. What cannot be read twice (a pipe, a download) or is compressed in a
 * way that no layer may be goes into an unnamed temporary file first.
 */
#include "image/import.h"

#include "base/fd.h"
#include "base/json.h"
#include "base/path.h"
#include "base/str.h"
#include "base/timefmt.h"
#include "image/bundle.h"
#include "image/digest.h"
#include "image/docker_words.h"
#include "image/http.h"
#include "image/install.h"
#include "image/instruction.h"
#include "image/platform.h"
#include "image/progress.h"
#include "image/reference.h"
#include "image/ring.h"
#include "image/transfer.h"
#include "image/unpack.h"
#include "image/unzip.h"

#include <string.h>
#include <unistd.h>

enum { SINK_SLOT = 256 << 10 };

struct import {
	struct store *store;
	const struct transfer_import *args;
	struct bundle_region archive;	/* fd owned */
	char diff_id[7 + DIGEST_HEX + 1];
	uint64_t tar_size;
};

/* --- the archive ---------------------------------------------------------- */

static bool is_url(const char *source)
{
	return str_has_prefix(source, "http://") || str_has_prefix(source, "https://");
}

struct download {
	int fd;
	int code;
};

static int on_download(void *arg, const struct http_reply *reply, const void *data, size_t n)
{
	struct download *d = arg;

	(void)reply;
	d->code = fd_write_all(d->fd, data, n);
	return d->code;
}

static int download(int fd, const char *url, struct err *e)
{
	static const struct http_tls tls = { 0 };
	auto_of(http_reply_clear) struct http_reply reply = { 0 };
	auto_of(http_free) struct http *h = NULL;
	struct download d = { fd, 0 };
	struct http_request q = { .url = url, .sink = on_download, .sink_arg = &d };
	int r = http_global_init(e);

	if (r < 0)
		return r;
	h = http_new(&tls, "rootlet/" PACKAGE_VERSION);
	r = http_do(h, &q, &reply, e);
	if (d.code < 0)
		return err_sys(e, -d.code, "store what %s sends", url);
	if (r >= 0 && (reply.status < 200 || reply.status >= 300))
		return err_set(e, reply.status == 404 ? ENOENT : EPROTO, "%s: status %ld", url,
			       reply.status);
	return r;
}

/* What layers may be compressed with can be read where it is. */
static bool is_readable_in_place(int fd)
{
	unsigned char m[6] = { 0 };
	struct stat st;

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || pread(fd, m, sizeof(m), 0) < 2)
		return false;
	return memcmp(m, "\xfd" "7zXZ", 6) != 0 && memcmp(m, "BZh", 3) != 0;
}

static int open_archive(struct import *im, const char *source, struct err *e)
{
	autoclose int fd = -1, temp_fd = -1;
	struct stat st;
	int r = 0;

	if (is_url(source)) {
		fd = bundle_temp_file(im->store, e);
		if (fd < 0)
			return steal_fd(&fd);
		r = download(fd, source, e);
		if (r >= 0 && lseek(fd, 0, SEEK_SET) < 0)
			r = err_sys(e, errno, "read %s", source);
	} else {
		fd = strcmp(source, "-") == 0 ? fd_dup(STDIN_FILENO) : fd_open(source, O_RDONLY);
		if (fd < 0)
			return err_sys(e, -fd, "open %s", source);
	}
	if (r >= 0 && !is_readable_in_place(fd)) {
		temp_fd = bundle_temp_file(im->store, e);
		if (temp_fd < 0)
			return steal_fd(&temp_fd);
		r = bundle_inflate(fd, temp_fd, source, e);
		fd_close(&fd);
		fd = steal_fd(&temp_fd);
	}
	if (r >= 0 && fstat(fd, &st) < 0)
		r = err_sys(e, errno, "read %s", source);
	if (r >= 0)
		im->archive = (struct bundle_region){ .fd = steal_fd(&fd), .size = st.st_size };
	return r;
}

struct measure {
	struct unzip *unzip;	/* owned */
	struct ring *sink;	/* owned */
	struct err e;
};

static int measure_bytes(void *arg, const void *p, size_t n)
{
	struct measure *m = arg;

	return unzip_push(m->unzip, p, n, m->sink, &m->e);
}

static int measure(struct import *im, struct err *e)
{
	auto_of(digest_clear) struct digest sum = { 0 };
	struct measure m = { 0 };
	int r;

	digest_init(&sum);
	m.unzip = unzip_new(&sum);
	m.sink = ring_new_sink(SINK_SLOT);
	r = bundle_region_each(&im->archive, measure_bytes, &m, e);
	if (m.e.code)
		*e = m.e;
	if (r >= 0)
		r = unzip_finish(m.unzip, m.sink, e);
	unzip_free(m.unzip);
	ring_free(m.sink);
	if (r < 0)
		return -e->code;
	im->tar_size = sum.bytes;
	strcpy(im->diff_id, "sha256:");
	digest_final(&sum, im->diff_id + 7);
	return 0;
}

/* --- the image ------------------------------------------------------------ */

static int make_config(struct str *out, const struct import *im, const char *source,
		       struct err *e)
{
	const struct transfer_platform *pf = &im->args->platform;
	auto_of(json_free) struct json *j = json_new_object();
	auto_of(platform_clear) struct platform p = { 0 };
	struct json *rootfs = json_new_object(), *ids = json_new_array();
	struct json *history = json_new_array(), *h = json_new_object();
	autofree char *by = xasprintf("rootlet import %s", path_base(source));
	char now[40];
	int r = 0;

	time_rfc3339(now, time_now(), true);
	json_set_str(j, "created", now);
	json_set(j, "config", json_new_object());
	json_set_str(rootfs, "type", "layers");
	json_add_str(ids, im->diff_id);
	json_set(rootfs, "diff_ids", ids);
	json_set(j, "rootfs", rootfs);
	json_set_str(h, "created", now);
	json_set_str(h, "created_by", by);
	if (!str_empty(im->args->message))
		json_set_str(h, "comment", im->args->message);
	json_add(history, h);
	json_set(j, "history", history);
	r = platform_parse(&p, NULL, pf->os, pf->arch, pf->variant, e);
	if (r < 0)
		return r;
	json_set_str(j, "os", p.os);
	json_set_str(j, "architecture", p.arch);
	if (p.variant && pf->variant)
		json_set_str(j, "variant", p.variant);
	for (size_t i = 0; r >= 0 && i < im->args->changes.n; i++)
		r = instruction_apply(j, im->args->changes.v[i], e);
	json_write(out, j, 0);
	return r;
}

static void make_manifest(struct str *out, const struct import *im, const struct str *config)
{
	char digest[DIGEST_HEX + 1];

	digest_of(digest, config->p, config->len);
	str_addf(out, "{\"schemaVersion\":2,\"mediaType\":\"" MEDIA_OCI_MANIFEST "\","
		 "\"config\":{\"mediaType\":\"" MEDIA_OCI_CONFIG "\",\"digest\":\"sha256:%s\","
		 "\"size\":%zu},\"layers\":[{\"mediaType\":\"" MEDIA_OCI_LAYER "\","
		 "\"digest\":\"%s\",\"size\":%llu}]}",
		 digest, config->len, im->diff_id, (unsigned long long)im->tar_size);
}

static int feed_bytes(void *arg, const void *p, size_t n)
{
	return unpack_feed(arg, p, n);
}

static int layer_source(void *arg, size_t i, unsigned int worker, struct unpack_feed *feed,
			struct err *e)
{
	struct import *im = arg;

	(void)i;
	(void)worker;
	return bundle_region_each(&im->archive, feed_bytes, feed, e);
}

static int install(struct import *im, const struct str *config, const struct strv *names,
		   char **id, struct err *e)
{
	auto_of(progress_free) struct progress *progress = progress_new(1, im->args->quiet || docker_words_silent());
	auto_of(str_clear) struct str manifest = { 0 };
	struct install_args a = {
		.store = im->store,
		.config_bytes = config->p, .config_len = config->len,
		.names = names,
		.is_blob_unnamed = true,
		.progress = progress,
		.source = layer_source, .source_arg = im,
	};

	make_manifest(&manifest, im, config);
	progress_set(progress, 0, "Archive", im->archive.size);
	return install_made(&a, &manifest, id, e);
}

int import_image(struct store *s, const struct transfer_import *args, const char *source,
		 const char *name, char **id, struct err *e)
{
	struct import im = { .store = s, .args = args, .archive = { .fd = -1 } };
	auto_of(str_clear) struct str config = { 0 };
	auto_of(strv_clear) struct strv names = { 0 };
	autofree char *full = NULL;
	int r = 0;

	if (!str_empty(name)) {
		r = reference_full_name(name, reference_own_host(), &full, e);
		if (r < 0)
			return r;
		strv_add(&names, full);
	}
	r = open_archive(&im, source, e);
	if (r >= 0)
		r = measure(&im, e);
	if (r >= 0)
		r = make_config(&config, &im, source, e);
	if (r >= 0)
		r = install(&im, &config, &names, id, e);
	fd_close(&im.archive.fd);
	return r < 0 ? err_wrap(e, "import %s", source) : 0;
}
