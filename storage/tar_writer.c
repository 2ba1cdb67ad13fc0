/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/tar_writer.h"

#include <stdio.h>
#include <string.h>

#define MAX_OCTAL_7 07777777		/* seven digits and a NUL */
#define MAX_OCTAL_11 077777777777	/* eleven */

static const char zeros[2 * TAR_BLOCK];

static void put_octal(unsigned char *field, size_t len, uint64_t n)
{
	char text[24];

	snprintf(text, sizeof(text), "%0*llo", (int)len - 1, (unsigned long long)n);
	memcpy(field, text, len - 1);
}

/* name (100) alone, or split at a slash into prefix (155) and name. false: it does not fit. */
static bool put_name(unsigned char *block, const char *path)
{
	size_t len = strlen(path);
	const char *cut = NULL;

	if (len <= 100) {
		memcpy(block, path, len);
		return true;
	}
	for (const char *p = strchr(path, '/'); p && p - path <= 155; p = strchr(p + 1, '/'))
		if (p > path && p[1] && len - (p - path) - 1 <= 100) {
			cut = p;
			break;
		}
	if (!cut)
		return false;
	memcpy(block + 345, path, cut - path);
	memcpy(block, cut + 1, len - (cut - path) - 1);
	return true;
}

static void put_checksum(unsigned char *block)
{
	unsigned int sum = 0;

	memset(block + 148, ' ', 8);
	for (size_t i = 0; i < TAR_BLOCK; i++)
		sum += block[i];
	put_octal(block + 148, 7, sum);
	block[154] = 0;
}

static void add_record(struct str *s, const char *key, const void *value, size_t len)
{
	size_t body = strlen(key) + len + 3, n = body + 1, digits;
	char text[24];

	/* The length counts its own digits. */
	for (;;) {
		digits = snprintf(text, sizeof(text), "%zu", n);
		if (body + digits == n)
			break;
		n = body + digits;
	}
	str_addf(s, "%zu %s=", n, key);
	str_addn(s, value, len);
	str_addc(s, '\n');
}

static void add_number(struct str *s, const char *key, int64_t n)
{
	char text[24];

	snprintf(text, sizeof(text), "%lld", (long long)n);
	add_record(s, key, text, strlen(text));
}

/* A block for one entry; what does not fit goes to pax. */
static void make_block(unsigned char *block, const struct tar_writer_entry *n, const char *path,
		       struct str *pax)
{
	const char *link = n->link ? n->link : "";

	memset(block, 0, TAR_BLOCK);
	if (!put_name(block, path)) {
		memcpy(block, path, 100);
		add_record(pax, "path", path, strlen(path));
	}
	if (strlen(link) > 100)
		add_record(pax, "linkpath", link, strlen(link));
	memcpy(block + 157, link, strnlen(link, 100));
	if (n->uid > MAX_OCTAL_7)
		add_number(pax, "uid", n->uid);
	if (n->gid > MAX_OCTAL_7)
		add_number(pax, "gid", n->gid);
	if (n->size > MAX_OCTAL_11)
		add_number(pax, "size", n->size);
	if (n->mtime < 0 || n->mtime > MAX_OCTAL_11)
		add_number(pax, "mtime", n->mtime);
	for (size_t i = 0; i < n->xattr_n; i++) {
		autofree char *key = xasprintf("SCHILY.xattr.%s", n->xattrs[i].name);

		add_record(pax, key, n->xattrs[i].value, n->xattrs[i].len);
	}
	put_octal(block + 100, 8, n->mode & 07777);
	put_octal(block + 108, 8, n->uid > MAX_OCTAL_7 ? 0 : n->uid);
	put_octal(block + 116, 8, n->gid > MAX_OCTAL_7 ? 0 : n->gid);
	put_octal(block + 124, 12, n->size > MAX_OCTAL_11 ? 0 : n->size);
	put_octal(block + 136, 12, n->mtime < 0 || n->mtime > MAX_OCTAL_11 ? 0 : n->mtime);
	block[156] = n->type;
	memcpy(block + 257, "ustar\00000", 8);
	put_octal(block + 329, 8, n->major & MAX_OCTAL_7);
	put_octal(block + 337, 8, n->minor & MAX_OCTAL_7);
	put_checksum(block);
}

static void add_pax(struct str *out, const char *path, const struct str *pax)
{
	struct tar_writer_entry n = { .type = 'x', .mode = 0644, .size = pax->len };
	autofree char *name = xasprintf("PaxHeaders/%.80s", path);
	auto_of(str_clear) struct str none = { 0 };
	unsigned char block[TAR_BLOCK];

	make_block(block, &n, name, &none);
	str_addn(out, block, TAR_BLOCK);
	str_addn(out, pax->p, pax->len);
	str_addn(out, zeros, -pax->len % TAR_BLOCK);
}

int tar_writer_add(struct tar_writer *w, const struct tar_writer_entry *n, struct err *e)
{
	auto_of(str_clear) struct str pax = { 0 };
	autofree char *dir = NULL;
	const char *path = n->path;
	unsigned char block[TAR_BLOCK];

	if (n->type == '5')
		path = dir = xasprintf("%s/", *n->path ? n->path : ".");
	make_block(block, n, path, &pax);
	str_cut(&w->buf, 0);
	if (pax.len)
		add_pax(&w->buf, path, &pax);
	str_addn(&w->buf, block, TAR_BLOCK);
	w->left = n->type == '0' ? n->size : 0;
	w->padding = -w->left % TAR_BLOCK;
	return w->write(w->arg, w->buf.p, w->buf.len, e);
}

int tar_writer_data(struct tar_writer *w, const void *data, size_t len, struct err *e)
{
	int r = 0;

	if (len > w->left)
		return err_set(e, EINVAL, "more data than the archive entry has announced");
	if (len)
		r = w->write(w->arg, data, len, e);
	w->left -= len;
	if (r == 0 && w->left == 0 && w->padding) {
		r = w->write(w->arg, zeros, w->padding, e);
		w->padding = 0;
	}
	return r;
}

int tar_writer_end(struct tar_writer *w, struct err *e)
{
	return w->write(w->arg, zeros, sizeof(zeros), e);
}

void tar_writer_clear(struct tar_writer *w)
{
	str_clear(&w->buf);
}
