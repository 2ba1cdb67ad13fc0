/* SPDX-License-Identifier: Apache-2.0 */
#include "image/unzip.h"

#include "image/digest.h"
#include "image/ring.h"

#include <isa-l/igzip_lib.h>
#include <string.h>
#include <zstd.h>

/* Deflate cannot expand more than 1032 times; a zstd layer beyond that is a bomb, not a layer. The
 * first gigabyte is free, so that small layers full of zeros pass. */
#define MAX_RATIO 1200
#define FREE_OUTPUT (1ULL << 30)
#define MAGIC_LEN 6

enum format { FORMAT_UNKNOWN, FORMAT_PLAIN, FORMAT_GZIP, FORMAT_ZSTD, N_FORMATS };

struct unzip {
	enum format format;
	unsigned char magic[MAGIC_LEN];	/* while the format is unknown */
	size_t magic_n;
	uint64_t in, out;
	struct digest *sum;		/* borrowed; NULL */
	bool is_between;		/* a member or frame has ended and no other begun */
	struct inflate_state *gz;	/* owned */
	ZSTD_DStream *zstd;		/* owned */
};

struct unzip *unzip_new(struct digest *sum)
{
	struct unzip *u = xcalloc(1, sizeof(*u));

	u->sum = sum;
	return u;
}

void unzip_free(struct unzip *u)
{
	if (!u)
		return;
	free(u->gz);
	ZSTD_freeDStream(u->zstd);
	free(u);
}

const char *unzip_format(const struct unzip *u)
{
	static const char *const names[] = { "unknown", "plain", "gzip", "zstd" };

	_Static_assert(ARRAY_SIZE(names) == N_FORMATS, "a name for each format");
	return names[u->format];
}

static int wrote(struct unzip *u, struct ring *out, const void *data, size_t n, struct err *e)
{
	if (u->sum)
		digest_update(u->sum, data, n);
	ring_wrote(out, n);
	u->out += n;
	if (u->out > FREE_OUTPUT && u->out / MAX_RATIO > u->in)
		return err_set(e, EFBIG,
			       "%llu bytes expand to more than %d times as much: refused as a bomb",
			       (unsigned long long)u->in, MAX_RATIO);
	return 0;
}

static int gone(struct err *e)
{
	return err_set(e, EPIPE, "unpacking was stopped");
}

static const char *gzip_error(int r)
{
	switch (r) {
	case ISAL_INVALID_WRAPPER:
		return "not a gzip header";
	case ISAL_UNSUPPORTED_METHOD:
		return "unknown method";
	case ISAL_INCORRECT_CHECKSUM:
		return "wrong checksum";
	default:
		return "invalid deflate data";
	}
}

static void gzip_start(struct unzip *u)
{
	if (!u->gz) {
		u->gz = xmalloc(sizeof(*u->gz));
		isal_inflate_init(u->gz);
	} else {
		isal_inflate_reset(u->gz);
	}
	u->gz->crc_flag = ISAL_GZIP;
	u->is_between = false;
}

/* Tapes were padded with zeros, and so are some archives; anything else there is damage. */
static int skip_padding(const unsigned char **p, size_t *n, struct err *e)
{
	while (*n > 0 && **p == 0) {
		++*p;
		--*n;
	}
	if (*n > 0 && **p != 0x1f)
		return err_set(e, EBADMSG, "gzip: bytes behind the end of the compressed data");
	return 0;
}

static int push_gzip(struct unzip *u, const unsigned char *data, size_t n, struct ring *out,
		     struct err *e)
{
	struct inflate_state *gz = u->gz;
	int r;

	while (n > 0 || gz->avail_out == 0) {
		unsigned char *to;
		size_t room;

		if (u->is_between) {
			r = skip_padding(&data, &n, e);
			if (r < 0 || n == 0)
				return r;
			gzip_start(u);
		}
		to = ring_room(out, &room);
		if (!to)
			return gone(e);
		gz->next_out = to;
		gz->avail_out = room;
		gz->next_in = (unsigned char *)data;
		gz->avail_in = n;
		r = isal_inflate(gz);
		if (r < 0)
			return err_set(e, EBADMSG, "gzip: %s", gzip_error(r));
		data = gz->next_in;
		n = gz->avail_in;
		u->is_between = gz->block_state == ISAL_BLOCK_FINISH;
		r = wrote(u, out, to, room - gz->avail_out, e);
		if (r < 0)
			return r;
		if (u->is_between && n == 0)
			break;
	}
	return 0;
}

static int push_zstd(struct unzip *u, const void *data, size_t n, struct ring *out, struct err *e)
{
	ZSTD_inBuffer in = { data, n, 0 };
	bool is_full = false;
	size_t left;
	int r;

	while (in.pos < in.size || is_full) {
		ZSTD_outBuffer o = { 0 };

		o.dst = ring_room(out, &o.size);
		if (!o.dst)
			return gone(e);
		left = ZSTD_decompressStream(u->zstd, &o, &in);
		if (ZSTD_isError(left))
			return err_set(e, EBADMSG, "zstd: %s", ZSTD_getErrorName(left));
		is_full = o.pos == o.size && left != 0;
		u->is_between = left == 0;
		r = wrote(u, out, o.dst, o.pos, e);
		if (r < 0)
			return r;
	}
	return 0;
}

static int push_plain(struct unzip *u, const void *data, size_t n, struct ring *out,
		      struct err *e)
{
	u->out += n;
	if (u->sum)
		digest_update(u->sum, data, n);
	return ring_write(out, data, n) < 0 ? gone(e) : 0;
}

static int push(struct unzip *u, const void *data, size_t n, struct ring *out, struct err *e)
{
	switch (u->format) {
	case FORMAT_GZIP:
		return push_gzip(u, data, n, out, e);
	case FORMAT_ZSTD:
		return push_zstd(u, data, n, out, e);
	default:
		return push_plain(u, data, n, out, e);
	}
}

static int start(struct unzip *u, struct err *e)
{
	const unsigned char *m = u->magic;

	u->format = FORMAT_PLAIN;
	if (u->magic_n >= 2 && m[0] == 0x1f && m[1] == 0x8b) {
		u->format = FORMAT_GZIP;
		gzip_start(u);
	} else if (u->magic_n >= 4 && m[1] == 0xb5 && m[2] == 0x2f && m[3] == 0xfd && m[0] == 0x28) {
		u->format = FORMAT_ZSTD;
	} else if (u->magic_n >= 4 && (m[0] & 0xf0) == 0x50 && m[1] == 0x2a && m[2] == 0x4d &&
		   m[3] == 0x18) {
		u->format = FORMAT_ZSTD;	/* a skippable frame comes first */
	} else if (u->magic_n >= 6 && memcmp(m, "\xfd" "7zXZ", 6) == 0) {
		return err_set(e, ENOTSUP, "xz-compressed layers are not supported");
	} else if (u->magic_n >= 4 && memcmp(m, "BZh", 3) == 0 && m[3] >= '1' && m[3] <= '9') {
		return err_set(e, ENOTSUP, "bzip2-compressed layers are not supported");
	}
	if (u->format == FORMAT_ZSTD) {
		u->zstd = ZSTD_createDStream();
		if (!u->zstd)
			return err_set(e, ENOMEM, "zstd: out of memory");
		ZSTD_initDStream(u->zstd);
	}
	return 0;
}

int unzip_push(struct unzip *u, const void *data, size_t n, struct ring *out, struct err *e)
{
	const unsigned char *p = data;
	int r;

	u->in += n;
	if (u->format == FORMAT_UNKNOWN) {
		while (n > 0 && u->magic_n < MAGIC_LEN) {
			u->magic[u->magic_n++] = *p++;
			n--;
		}
		if (u->magic_n < MAGIC_LEN)
			return 0;
		r = start(u, e);
		if (r >= 0)
			r = push(u, u->magic, u->magic_n, out, e);
		if (r < 0)
			return r;
	}
	return n > 0 ? push(u, p, n, out, e) : 0;
}

int unzip_finish(struct unzip *u, struct ring *out, struct err *e)
{
	int r;

	if (u->format == FORMAT_UNKNOWN && u->magic_n > 0) {
		r = start(u, e);
		if (r >= 0)
			r = push(u, u->magic, u->magic_n, out, e);
		if (r < 0)
			return r;
	}
	if (u->format == FORMAT_UNKNOWN)
		u->format = FORMAT_PLAIN;	/* nothing at all */
	if (u->format != FORMAT_PLAIN && !u->is_between)
		return err_set(e, EBADMSG, "%s: the compressed data ends too early",
			       unzip_format(u));
	return 0;
}
