/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/tar_header.h"

#include <errno.h>
#include <string.h>

#define MAX_XATTRS 1024
#define MAX_XATTR_VALUE 65536	/* the kernel's limit */

int tar_map_add(struct tar_map *m, uint64_t offset, uint64_t len)
{
	if (m->n >= TAR_MAX_REGIONS)
		return -E2BIG;
	if (m->n == m->cap) {
		m->cap = m->cap ? m->cap * 2 : 16;
		m->v = xreallocarray(m->v, m->cap, sizeof(*m->v));
	}
	m->v[m->n++] = (struct tar_region){ offset, len };
	return 0;
}

int tar_map_check(const struct tar_map *m, uint64_t size, uint64_t payload)
{
	uint64_t end = 0, total = 0;

	if (size > INT64_MAX)
		return -EINVAL;
	for (size_t i = 0; i < m->n; i++) {
		const struct tar_region *r = &m->v[i];

		if (r->offset < end || r->offset > size || r->len > size - r->offset)
			return -EINVAL;
		end = r->offset + r->len;
		total += r->len;	/* no overflow: regions are disjoint inside size */
	}
	return total == payload ? 0 : -EINVAL;
}

void tar_map_clear(struct tar_map *m)
{
	free(m->v);
	*m = (struct tar_map){ 0 };
}

int tar_number(const unsigned char *field, size_t len, int64_t *out)
{
	uint64_t n = 0;
	size_t i = 0;

	if (len && field[0] & 0x80) {
		bool negative = field[0] & 0x40;

		for (i = 0; i < len; i++) {
			unsigned char c = field[i];

			if (i == 0)
				c = negative ? c | 0x80 : c & 0x7f;
			/* Bytes above the low eight are only the sign. */
			if (len - i > 8 && c != (negative ? 0xff : 0))
				return -ERANGE;
			n = n << 8 | c;
		}
		if (negative ? !(n >> 63) : (bool)(n >> 63))
			return -ERANGE;
		*out = (int64_t)n;
		return 0;
	}
	while (i < len && (field[i] == ' ' || field[i] == 0))
		i++;
	for (; i < len && field[i] >= '0' && field[i] <= '7'; i++) {
		if (n >> 60)
			return -ERANGE;
		n = n << 3 | (field[i] - '0');
	}
	for (; i < len; i++)
		if (field[i] != ' ' && field[i] != 0)
			return -EINVAL;
	*out = (int64_t)n;
	return 0;
}

static int unsigned_number(const unsigned char *field, size_t len, uint64_t max, uint64_t *out)
{
	int64_t n;
	int r = tar_number(field, len, &n);

	if (r < 0)
		return r;
	if (n < 0 || (uint64_t)n > max)
		return -ERANGE;
	*out = n;
	return 0;
}

/* Some old writers summed signed characters. */
static bool is_checksum_good(const unsigned char *block)
{
	int64_t want, plain = 0, with_sign = 0;

	if (tar_number(block + 148, 8, &want) < 0)
		return false;
	for (size_t i = 0; i < TAR_BLOCK; i++) {
		unsigned char c = i >= 148 && i < 156 ? ' ' : block[i];

		plain += c;
		with_sign += (signed char)c;
	}
	return want == plain || want == with_sign;
}

static bool is_zero(const unsigned char *block)
{
	return block[0] == 0 && memcmp(block, block + 1, TAR_BLOCK - 1) == 0;
}

static int parse_numbers(struct tar_header *h, const unsigned char *block)
{
	uint64_t mode, major = 0, minor = 0;

	if (unsigned_number(block + 100, 8, UINT32_MAX, &mode) < 0 ||
	    unsigned_number(block + 108, 8, UINT32_MAX, &h->uid) < 0 ||
	    unsigned_number(block + 116, 8, UINT32_MAX, &h->gid) < 0 ||
	    unsigned_number(block + 124, 12, INT64_MAX, &h->size) < 0 ||
	    tar_number(block + 136, 12, &h->mtime) < 0)
		return -EINVAL;
	h->mode = mode & 07777;
	if ((h->type == '3' || h->type == '4') &&
	    (unsigned_number(block + 329, 8, UINT32_MAX, &major) < 0 ||
	     unsigned_number(block + 337, 8, UINT32_MAX, &minor) < 0))
		return -EINVAL;
	h->major = major;
	h->minor = minor;
	return 0;
}

int tar_header_parse(struct tar_header *h, const unsigned char block[TAR_BLOCK])
{
	size_t prefix = 0, name = strnlen((const char *)block, 100);

	if (is_zero(block))
		return 0;
	if (!is_checksum_good(block))
		return -EINVAL;
	memset(h, 0, sizeof(*h));
	h->type = block[156];
	h->is_gnu = memcmp(block + 257, "ustar  ", 7) == 0;
	if (parse_numbers(h, block) < 0)
		return -EINVAL;
	/* GNU keeps other things where ustar has the prefix. */
	if (memcmp(block + 257, "ustar", 6) == 0) {
		prefix = strnlen((const char *)block + 345, 155);
		memcpy(h->name, block + 345, prefix);
		if (prefix)
			h->name[prefix++] = '/';
	}
	memcpy(h->name + prefix, block, name);
	memcpy(h->link, block + 157, strnlen((const char *)block + 157, 100));
	return 1;
}

static int add_regions(const unsigned char *p, size_t n, struct tar_map *map)
{
	for (size_t i = 0; i < n; i++, p += 24) {
		uint64_t offset, len;
		int r;

		if (p[0] == 0 || p[12] == 0)	/* the list ends early */
			return 0;
		if (unsigned_number(p, 12, INT64_MAX, &offset) < 0 ||
		    unsigned_number(p + 12, 12, INT64_MAX, &len) < 0)
			return -EINVAL;
		r = tar_map_add(map, offset, len);
		if (r < 0)
			return r;
	}
	return 0;
}

int tar_header_sparse(const unsigned char block[TAR_BLOCK], struct tar_map *map, uint64_t *size,
		      bool *more)
{
	if (unsigned_number(block + 483, 12, INT64_MAX, size) < 0)
		return -EINVAL;
	*more = block[482] != 0;
	return add_regions(block + 386, 4, map);
}

int tar_header_sparse_more(const unsigned char block[TAR_BLOCK], struct tar_map *map, bool *more)
{
	*more = block[504] != 0;
	return add_regions(block, 21, map);
}

int tar_time_parse(const char *s, struct tar_time *t)
{
	bool negative = *s == '-';
	uint64_t sec = 0, nsec = 0;
	unsigned int digits = 0;

	s += negative;
	if (*s < '0' || *s > '9')
		return -EINVAL;
	for (; *s >= '0' && *s <= '9'; s++) {
		if (sec > INT64_MAX / 100)
			return -ERANGE;
		sec = sec * 10 + (*s - '0');
	}
	if (*s == '.')
		for (s++; *s >= '0' && *s <= '9'; s++)
			if (digits < 9) {
				nsec = nsec * 10 + (*s - '0');
				digits++;
			}
	if (*s)
		return -EINVAL;
	for (; digits < 9; digits++)
		nsec *= 10;
	t->sec = negative ? -(int64_t)sec : (int64_t)sec;
	/* -1.25 is 0.75 after -2. */
	if (negative && nsec) {
		t->sec--;
		nsec = 1000000000 - nsec;
	}
	t->nsec = nsec;
	t->is_set = true;
	return 0;
}

static int parse_uint(const char *s, uint64_t max, uint64_t *out)
{
	uint64_t n = 0;

	if (!*s)
		return -EINVAL;
	for (; *s; s++) {
		if (*s < '0' || *s > '9')
			return -EINVAL;
		if (n > (max - (*s - '0')) / 10)
			return -ERANGE;
		n = n * 10 + (*s - '0');
	}
	*out = n;
	return 0;
}

static int set_text(char **to, const char *value, size_t len)
{
	if (strlen(value) != len)	/* a NUL would hide the rest of the name */
		return -EINVAL;
	free(*to);
	*to = len ? xstrdup(value) : NULL;
	return 0;
}

static int set_number(bool *has, uint64_t *to, uint64_t max, const char *value)
{
	*has = *value != 0;	/* an empty value takes the record back */
	return *value ? parse_uint(value, max, to) : 0;
}

static int set_time(struct tar_time *t, const char *value)
{
	*t = (struct tar_time){ 0 };
	return *value ? tar_time_parse(value, t) : 0;
}

static int add_xattr(struct tar_pax *p, const char *name, const char *value, size_t len)
{
	size_t i = 0;

	if (!*name || strlen(name) > 255 || len > MAX_XATTR_VALUE)
		return -EINVAL;
	while (i < p->xattr_n && strcmp(p->xattrs[i].name, name) != 0)
		i++;
	if (i == p->xattr_n) {
		if (p->xattr_n >= MAX_XATTRS)
			return -E2BIG;
		p->xattrs = xreallocarray(p->xattrs, p->xattr_n + 1, sizeof(*p->xattrs));
		p->xattrs[p->xattr_n++] = (struct tar_xattr){ .name = xstrdup(name) };
	}
	free(p->xattrs[i].value);
	p->xattrs[i].value = xmemdup(value, len);
	p->xattrs[i].len = len;
	return 0;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if ((c | 32) >= 'a' && (c | 32) <= 'f')
		return (c | 32) - 'a' + 10;
	return -1;
}

/* libarchive's own form: the name percent-encoded, the value in base 64 without padding. */
static int add_libarchive_xattr(struct tar_pax *p, const char *name, const char *value, size_t len)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	auto_of(str_clear) struct str plain = { 0 }, bytes = { 0 };
	unsigned int acc = 0, bits = 0;

	for (; *name; name++) {
		if (*name == '%' && hex_digit(name[1]) >= 0 && hex_digit(name[2]) >= 0) {
			str_addc(&plain, hex_digit(name[1]) << 4 | hex_digit(name[2]));
			name += 2;
		} else {
			str_addc(&plain, *name);
		}
	}
	for (size_t i = 0; i < len && value[i] != '='; i++) {
		const char *d = value[i] ? strchr(digits, value[i]) : NULL;

		if (!d)
			return -EINVAL;
		acc = acc << 6 | (d - digits);
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			str_addc(&bytes, acc >> bits & 0xff);
		}
	}
	return add_xattr(p, str_peek(&plain), str_peek(&bytes), bytes.len);
}

static int parse_map(struct tar_pax *p, const char *value)
{
	tar_map_clear(&p->map);
	while (*value) {
		uint64_t n[2];
		char number[24];

		for (int i = 0; i < 2; i++) {
			size_t len = strcspn(value, ",");

			if (len >= sizeof(number))
				return -EINVAL;
			memcpy(number, value, len);
			number[len] = 0;
			if (parse_uint(number, INT64_MAX, &n[i]) < 0)
				return -EINVAL;
			value += len;
			if (*value == ',')
				value++;
			else if (i == 0)
				return -EINVAL;
		}
		if (tar_map_add(&p->map, n[0], n[1]) < 0)
			return -E2BIG;
	}
	return 0;
}

static int sparse_record(struct tar_pax *p, const char *key, const char *value, size_t len)
{
	uint64_t n;
	int r = 0;

	p->is_sparse = true;
	if (strcmp(key, "name") == 0)
		return set_text(&p->sparse_name, value, len);
	if (strcmp(key, "map") == 0)
		return parse_map(p, value);
	r = parse_uint(value, INT64_MAX, &n);
	if (r < 0)
		return r;
	if (strcmp(key, "size") == 0 || strcmp(key, "realsize") == 0) {
		p->has_sparse_size = true;
		p->sparse_size = n;
	} else if (strcmp(key, "major") == 0) {
		p->sparse_major = n;
	} else if (strcmp(key, "minor") == 0) {
		p->sparse_minor = n;
	} else if (strcmp(key, "offset") == 0) {
		p->pending_offset = n;
		p->has_pending = true;
	} else if (strcmp(key, "numbytes") == 0) {
		if (!p->has_pending)
			return -EINVAL;
		p->has_pending = false;
		return tar_map_add(&p->map, p->pending_offset, n);
	}
	return 0;
}

static int add_record(struct tar_pax *p, const char *key, const char *value, size_t len)
{
	const char *rest;

	if (strcmp(key, "path") == 0)
		return set_text(&p->path, value, len);
	if (strcmp(key, "linkpath") == 0)
		return set_text(&p->link, value, len);
	if (strcmp(key, "size") == 0)
		return set_number(&p->has_size, &p->size, INT64_MAX, value);
	if (strcmp(key, "uid") == 0)
		return set_number(&p->has_uid, &p->uid, UINT32_MAX - 1, value);
	if (strcmp(key, "gid") == 0)
		return set_number(&p->has_gid, &p->gid, UINT32_MAX - 1, value);
	if (strcmp(key, "mtime") == 0)
		return set_time(&p->mtime, value);
	if (strcmp(key, "atime") == 0)
		return set_time(&p->atime, value);
	if ((rest = str_after(key, "SCHILY.xattr.")))
		return add_xattr(p, rest, value, len);
	if ((rest = str_after(key, "LIBARCHIVE.xattr.")))
		return add_libarchive_xattr(p, rest, value, len);
	if ((rest = str_after(key, "GNU.sparse.")))
		return sparse_record(p, rest, value, len);
	return 0;	/* comment, uname, ctime, vendors' own */
}

int tar_pax_parse(struct tar_pax *p, const char *data, size_t len)
{
	/* "LEN KEY=VALUE\n": LEN counts itself and the newline. */
	while (len) {
		size_t digits = 0, n = 0;
		const char *eq;
		int r;

		while (digits < len && data[digits] >= '0' && data[digits] <= '9') {
			if (n > TAR_MAX_META)
				return -EINVAL;
			n = n * 10 + (data[digits++] - '0');
		}
		if (!digits || digits >= len || data[digits] != ' ' || n > len || n < digits + 3 ||
		    data[n - 1] != '\n')
			return -EINVAL;
		eq = memchr(data + digits + 1, '=', n - digits - 2);
		if (!eq || eq == data + digits + 1)
			return -EINVAL;
		size_t key_len = eq - (data + digits + 1), value_len = n - 3 - digits - key_len;
		autofree char *key = xstrndup(data + digits + 1, key_len);
		autofree char *value = xmalloc(value_len + 1);

		memcpy(value, eq + 1, value_len);
		value[value_len] = 0;
		if (strlen(key) != key_len)
			return -EINVAL;
		r = add_record(p, key, value, value_len);
		if (r < 0)
			return r;
		data += n;
		len -= n;
	}
	return 0;
}

void tar_pax_clear(struct tar_pax *p)
{
	free(p->path);
	free(p->link);
	free(p->sparse_name);
	for (size_t i = 0; i < p->xattr_n; i++) {
		free(p->xattrs[i].name);
		free(p->xattrs[i].value);
	}
	free(p->xattrs);
	tar_map_clear(&p->map);
	*p = (struct tar_pax){ 0 };
}
