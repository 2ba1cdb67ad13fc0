/* SPDX-License-Identifier: Apache-2.0 */
#include "image/zip.h"

#include <isa-l/igzip_lib.h>

enum { OUT_SIZE = 256 << 10, MAX_PUSH = 1 << 30 };

struct zip {
	int (*write)(void *arg, const void *data, size_t n, struct err *e);
	void *arg;
	struct isal_zstream s;
	unsigned char level_buf[ISAL_DEF_LVL1_DEFAULT];
	unsigned char out[OUT_SIZE];
};

struct zip *zip_new(int (*write)(void *arg, const void *data, size_t n, struct err *e), void *arg)
{
	struct zip *z = xcalloc(1, sizeof(*z));

	isal_deflate_init(&z->s);
	z->write = write;
	z->arg = arg;
	z->s.level = 1;
	z->s.level_buf = z->level_buf;
	z->s.level_buf_size = sizeof(z->level_buf);
	z->s.gzip_flag = IGZIP_GZIP;
	return z;
}

void zip_free(struct zip *z)
{
	free(z);
}

static int deflate_some(struct zip *z, const void *data, size_t n, bool is_last, struct err *e)
{
	int r;

	z->s.next_in = (unsigned char *)data;
	z->s.avail_in = n;
	z->s.end_of_stream = is_last;
	do {
		z->s.next_out = z->out;
		z->s.avail_out = OUT_SIZE;
		if (isal_deflate(&z->s) != COMP_OK)
			return err_set(e, EIO, "gzip: ISA-L refuses to compress");
		r = z->write(z->arg, z->out, OUT_SIZE - z->s.avail_out, e);
		if (r < 0)
			return r;
	} while (z->s.avail_out == 0);
	return 0;
}

int zip_push(struct zip *z, const void *data, size_t n, struct err *e)
{
	const unsigned char *p = data;

	while (n > 0) {		/* ISA-L counts in 32 bits */
		size_t part = n < MAX_PUSH ? n : MAX_PUSH;
		int r = deflate_some(z, p, part, false, e);

		if (r < 0)
			return r;
		p += part;
		n -= part;
	}
	return 0;
}

int zip_finish(struct zip *z, struct err *e)
{
	return deflate_some(z, NULL, 0, true, e);
}
