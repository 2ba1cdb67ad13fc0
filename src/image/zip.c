/* SPDX-License-Identifier: Apache-2.0 */
#include "image/zip.h"

#include <isa-l/igzip_lib.h>
#include <zstd.h>

enum { OUT_SIZE = 256 << 10, MAX_PUSH = 1 << 30 };

struct zip {
	enum zip_format format;
	int (*write)(void *arg, const void *data, size_t n, struct err *e);
	void *arg;
	struct isal_zstream gz;
	unsigned char *level_buf;	/* owned; of gz */
	ZSTD_CStream *zstd;		/* owned */
	unsigned char out[OUT_SIZE];
};

/* ISA-L has levels 0 to 3 only: what the best of them costs is still little. */
static void init_gzip(struct zip *z, int level)
{
	static const uint32_t sizes[] = { 0, ISAL_DEF_LVL1_DEFAULT, ISAL_DEF_LVL2_DEFAULT,
					  ISAL_DEF_LVL3_DEFAULT };
	int own = level <= 3 ? 1 : level <= 6 ? 2 : 3;

	isal_deflate_init(&z->gz);
	z->level_buf = xmalloc(sizes[own]);
	z->gz.level = own;
	z->gz.level_buf = z->level_buf;
	z->gz.level_buf_size = sizes[own];
	z->gz.gzip_flag = IGZIP_GZIP;
}

static void init_zstd(struct zip *z, int level)
{
	z->zstd = ZSTD_createCStream();
	if (!z->zstd)
		abort();	/* out of memory is all it can be */
	ZSTD_CCtx_setParameter(z->zstd, ZSTD_c_compressionLevel, level ? level : ZSTD_CLEVEL_DEFAULT);
}

struct zip *zip_new(enum zip_format format, int level,
		    int (*write)(void *arg, const void *data, size_t n, struct err *e), void *arg)
{
	struct zip *z = xcalloc(1, sizeof(*z));

	z->format = format;
	z->write = write;
	z->arg = arg;
	if (format == ZIP_ZSTD)
		init_zstd(z, level);
	else
		init_gzip(z, level);
	return z;
}

void zip_free(struct zip *z)
{
	if (!z)
		return;
	ZSTD_freeCStream(z->zstd);
	free(z->level_buf);
	free(z);
}

static int deflate_some(struct zip *z, const void *data, size_t n, bool is_last, struct err *e)
{
	int r;

	z->gz.next_in = (unsigned char *)data;
	z->gz.avail_in = n;
	z->gz.end_of_stream = is_last;
	do {
		z->gz.next_out = z->out;
		z->gz.avail_out = OUT_SIZE;
		if (isal_deflate(&z->gz) != COMP_OK)
			return err_set(e, EIO, "gzip: ISA-L refuses to compress");
		r = z->write(z->arg, z->out, OUT_SIZE - z->gz.avail_out, e);
		if (r < 0)
			return r;
	} while (z->gz.avail_out == 0);
	return 0;
}

static int zstd_some(struct zip *z, const void *data, size_t n, bool is_last, struct err *e)
{
	ZSTD_inBuffer in = { data, n, 0 };
	bool is_done;

	do {
		ZSTD_outBuffer out = { z->out, OUT_SIZE, 0 };
		size_t left = ZSTD_compressStream2(z->zstd, &out, &in,
						   is_last ? ZSTD_e_end : ZSTD_e_continue);
		int r;

		if (ZSTD_isError(left))
			return err_set(e, EIO, "zstd: %s", ZSTD_getErrorName(left));
		r = out.pos ? z->write(z->arg, z->out, out.pos, e) : 0;
		if (r < 0)
			return r;
		is_done = is_last ? left == 0 : in.pos == in.size;
	} while (!is_done);
	return 0;
}

int zip_push(struct zip *z, const void *data, size_t n, struct err *e)
{
	const unsigned char *p = data;

	while (n > 0) {		/* ISA-L counts in 32 bits */
		size_t part = n < MAX_PUSH ? n : MAX_PUSH;
		int r = z->format == ZIP_ZSTD ? zstd_some(z, p, part, false, e)
					      : deflate_some(z, p, part, false, e);

		if (r < 0)
			return r;
		p += part;
		n -= part;
	}
	return 0;
}

int zip_finish(struct zip *z, struct err *e)
{
	return z->format == ZIP_ZSTD ? zstd_some(z, NULL, 0, true, e)
				     : deflate_some(z, NULL, 0, true, e);
}
