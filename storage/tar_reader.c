/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/tar_reader.h"

#include <string.h>

enum state {
	HEADER,		/* collecting one block: the next header */
	META,		/* collecting the body of a long name or extended header */
	SPARSE_MORE,	/* collecting old GNU sparse extension blocks */
	SPARSE_MAP,	/* collecting the map at the head of a PAX 1.0 sparse file */
	DATA,		/* `left` bytes of the entry's data follow */
	PADDING,	/* `left` bytes up to the block's end follow */
	TRAILER,	/* behind the end mark: anything */
};

struct tar_reader {
	const struct tar_reader_ops *ops;
	void *arg;
	enum state state;
	unsigned char block[TAR_BLOCK];
	size_t block_len;		/* collected so far */
	struct str meta;		/* body of a long name or extended header */
	char meta_type;
	uint64_t left, padding;
	uint64_t offset;		/* in the stream, for messages */
	unsigned int zero_blocks;

	struct tar_header header;
	struct tar_pax global, pax;	/* pax: for the next entry */
	char *long_name, *long_link;	/* owned; GNU, for the next entry */
	struct tar_map map;
	struct tar_entry entry;
	char *path;			/* owned; where entry.path must live longer */
	uint64_t payload;		/* bytes of the entry in the stream, without a map */
	size_t region;			/* sparse: the one being filled */
	uint64_t region_done;
	struct {			/* PAX 1.0: the map as far as it was read */
		uint64_t wanted, seen;	/* numbers */
		uint64_t n, offset;
		bool has_digit;
	} map_text;
};

struct tar_reader *tar_reader_new(const struct tar_reader_ops *ops, void *arg)
{
	struct tar_reader *t = xcalloc(1, sizeof(*t));

	t->ops = ops;
	t->arg = arg;
	return t;
}

void tar_reader_free(struct tar_reader *t)
{
	if (!t)
		return;
	str_clear(&t->meta);
	tar_pax_clear(&t->global);
	tar_pax_clear(&t->pax);
	tar_map_clear(&t->map);
	free(t->long_name);
	free(t->long_link);
	free(t->path);
	free(t);
}

static int damaged(struct tar_reader *t, const char *what, struct err *e)
{
	return err_set(e, EBADMSG, "damaged archive: %s near byte %llu", what,
		       (unsigned long long)t->offset);
}

static void reset_entry(struct tar_reader *t)
{
	tar_pax_clear(&t->pax);
	tar_map_clear(&t->map);
	free(steal_ptr(&t->long_name));
	free(steal_ptr(&t->long_link));
	free(steal_ptr(&t->path));
	t->region = 0;
	t->region_done = 0;
}

static int end_entry(struct tar_reader *t, struct err *e)
{
	int r = t->ops->end(t->arg, e);

	reset_entry(t);
	t->left = t->padding;
	t->state = t->left ? PADDING : HEADER;
	return r;
}

static int begin_data(struct tar_reader *t, struct err *e)
{
	int r;

	if (t->entry.is_sparse) {
		if (tar_map_check(&t->map, t->entry.size, t->payload) < 0)
			return damaged(t, "a sparse map that does not fit", e);
		t->entry.map = &t->map;
	} else {
		t->entry.size = t->payload;
	}
	t->entry.payload = t->payload;
	r = t->ops->entry(t->arg, &t->entry, e);
	if (r < 0)
		return r;
	t->left = t->payload;
	t->state = DATA;
	return t->left ? 0 : end_entry(t, e);
}

static const char *pick(const char *a, const char *b, const char *c)
{
	return a ? a : b ? b : c;
}

/* Extended headers win over the GNU long names, these over the header. */
static void merge_meta(struct tar_reader *t)
{
	const struct tar_header *h = &t->header;
	struct tar_entry *n = &t->entry;
	const struct tar_pax *p = &t->pax, *g = &t->global;

	*n = (struct tar_entry){ .type = h->type, .mode = h->mode, .major = h->major,
				 .minor = h->minor };
	n->path = pick(p->path, t->long_name, g->path ? g->path : h->name);
	n->link = pick(p->link, t->long_link, g->link ? g->link : h->link);
	n->uid = p->has_uid ? p->uid : g->has_uid ? g->uid : h->uid;
	n->gid = p->has_gid ? p->gid : g->has_gid ? g->gid : h->gid;
	n->mtime = p->mtime.is_set ? p->mtime : g->mtime;
	if (!n->mtime.is_set)
		n->mtime = (struct tar_time){ .sec = h->mtime, .is_set = true };
	n->atime = p->atime.is_set ? p->atime : g->atime;
	n->xattrs = p->xattr_n ? p->xattrs : g->xattrs;
	n->xattr_n = p->xattr_n ? p->xattr_n : g->xattr_n;
	t->payload = p->has_size ? p->size : h->size;
	if (n->type == 0 || n->type == '7')
		n->type = '0';
	/* Before ustar a directory was a file whose name ends in a slash. */
	if (n->type == '0' && str_has_suffix(n->path, "/"))
		n->type = '5';
	if (n->type >= '1' && n->type <= '6')
		t->payload = 0;
}

static int begin_pax_sparse(struct tar_reader *t, struct err *e)
{
	struct tar_pax *p = &t->pax;

	if (t->entry.type != '0')
		return damaged(t, "sparse attributes on what is no file", e);
	if (p->sparse_name)
		t->entry.path = p->sparse_name;
	t->entry.is_sparse = true;
	t->entry.size = p->has_sparse_size ? p->sparse_size : t->payload;
	if (p->sparse_major == 1 && p->sparse_minor == 0) {
		t->state = SPARSE_MAP;
		memset(&t->map_text, 0, sizeof(t->map_text));
		t->map_text.wanted = 1;
		return 0;
	}
	if (p->sparse_major > 1)
		return err_set(e, ENOTSUP, "sparse format %u.%u is not known", p->sparse_major,
			       p->sparse_minor);
	t->map = p->map;
	p->map = (struct tar_map){ 0 };
	return begin_data(t, e);
}

static int begin_entry(struct tar_reader *t, const unsigned char *block, struct err *e)
{
	bool more = false;

	merge_meta(t);
	t->padding = -t->payload % TAR_BLOCK;
	switch (t->header.type) {
	case 0:
	case '0':
	case '7':
		return t->pax.is_sparse ? begin_pax_sparse(t, e) : begin_data(t, e);
	case '1':
	case '2':
	case '3':
	case '4':
	case '5':
	case '6':
		return begin_data(t, e);
	case 'S':
		t->entry.type = '0';
		t->entry.is_sparse = true;
		if (tar_header_sparse(block, &t->map, &t->entry.size, &more) < 0)
			return damaged(t, "a sparse header that is not valid", e);
		t->state = SPARSE_MORE;
		return more ? 0 : begin_data(t, e);
	default:
		return err_set(e, ENOTSUP, "entry '%.100s' has type '%c', which is not supported",
			       t->entry.path, t->header.type > ' ' && t->header.type < 127 ?
			       t->header.type : '?');
	}
}

static int begin_meta(struct tar_reader *t, struct err *e)
{
	if (t->header.size > TAR_MAX_META)
		return err_set(e, E2BIG, "an extended header of %llu bytes is more than the limit",
			       (unsigned long long)t->header.size);
	t->meta_type = t->header.type;
	t->left = t->header.size;
	t->padding = -t->header.size % TAR_BLOCK;
	str_cut(&t->meta, 0);
	t->state = META;
	return 0;
}

static int end_meta(struct tar_reader *t, struct err *e)
{
	char **name = t->meta_type == 'L' ? &t->long_name : &t->long_link;
	int r = 0;

	switch (t->meta_type) {
	case 'L':
	case 'K':
		/* Ends at the first NUL; all behind it must be NUL too. */
		free(*name);
		*name = xstrdup(str_peek(&t->meta));
		for (size_t i = strlen(*name); i < t->meta.len; i++)
			if (t->meta.p[i])
				return damaged(t, "a long name with a NUL in it", e);
		break;
	case 'g':
		r = tar_pax_parse(&t->global, str_peek(&t->meta), t->meta.len);
		break;
	case 'x':
	case 'X':
		r = tar_pax_parse(&t->pax, str_peek(&t->meta), t->meta.len);
		break;
	default:	/* 'V': a volume's label means nothing here */
		break;
	}
	if (r < 0)
		return damaged(t, "an extended header that is not valid", e);
	t->left = t->padding;
	t->state = t->left ? PADDING : HEADER;
	return 0;
}

static int take_header(struct tar_reader *t, const unsigned char *block, struct err *e)
{
	int r = tar_header_parse(&t->header, block);

	if (r < 0)
		return damaged(t, "a header that is not valid", e);
	if (r == 0) {
		if (++t->zero_blocks == 2)
			t->state = TRAILER;
		return 0;
	}
	t->zero_blocks = 0;
	switch (t->header.type) {
	case 'L':
	case 'K':
	case 'x':
	case 'X':
	case 'g':
	case 'V':
		r = begin_meta(t, e);
		return r < 0 || t->left ? r : end_meta(t, e);
	default:
		return begin_entry(t, block, e);
	}
}

static int take_map_number(struct tar_reader *t)
{
	uint64_t n = t->map_text.n;

	t->map_text.n = 0;
	t->map_text.has_digit = false;
	if (t->map_text.seen++ == 0) {
		t->map_text.wanted = n <= TAR_MAX_REGIONS ? 1 + 2 * n : 0;
		return t->map_text.wanted ? 0 : -E2BIG;
	}
	if (t->map_text.seen % 2)
		return tar_map_add(&t->map, t->map_text.offset, n);
	t->map_text.offset = n;
	return 0;
}

/* "COUNT\nOFFSET\nLEN\n..." in whole blocks, which count as payload of the entry. */
static int take_map(struct tar_reader *t, const unsigned char *block, struct err *e)
{
	if (t->payload < TAR_BLOCK)
		return damaged(t, "a sparse map that is too long", e);
	t->payload -= TAR_BLOCK;
	for (size_t i = 0; i < TAR_BLOCK && t->map_text.seen < t->map_text.wanted; i++) {
		unsigned char c = block[i];

		if (c >= '0' && c <= '9' && t->map_text.n <= (INT64_MAX - 9) / 10) {
			t->map_text.n = t->map_text.n * 10 + (c - '0');
			t->map_text.has_digit = true;
		} else if (c != '\n' || !t->map_text.has_digit || take_map_number(t) < 0) {
			return damaged(t, "a sparse map that is not valid", e);
		}
	}
	return t->map_text.seen == t->map_text.wanted ? begin_data(t, e) : 0;
}

static int take_sparse_more(struct tar_reader *t, const unsigned char *block, struct err *e)
{
	bool more;

	if (tar_header_sparse_more(block, &t->map, &more) < 0)
		return damaged(t, "a sparse header that is not valid", e);
	return more ? 0 : begin_data(t, e);
}

static int take_block(struct tar_reader *t, const unsigned char *block, struct err *e)
{
	switch (t->state) {
	case HEADER:
		return take_header(t, block, e);
	case SPARSE_MORE:
		return take_sparse_more(t, block, e);
	default:
		return take_map(t, block, e);
	}
}

/* Whole blocks come straight from the caller's buffer; a split one is collected. The raw bytes are
 * passed on first, so that they stand before the data they announce. */
static int write_block(struct tar_reader *t, const unsigned char *p, size_t len, size_t *used,
		       struct err *e)
{
	size_t n = TAR_BLOCK - t->block_len;
	int r;

	n = n < len ? n : len;
	*used = n;
	r = t->ops->raw ? t->ops->raw(t->arg, p, n, e) : 0;
	if (r < 0)
		return r;
	if (n == TAR_BLOCK)
		return take_block(t, p, e);
	memcpy(t->block + t->block_len, p, n);
	t->block_len += n;
	if (t->block_len < TAR_BLOCK)
		return 0;
	t->block_len = 0;
	return take_block(t, t->block, e);
}

static int write_data(struct tar_reader *t, const unsigned char *p, size_t len, struct err *e)
{
	const struct tar_region *region;
	uint64_t done = t->payload - t->left;
	int r;

	t->left -= len;
	if (!t->entry.is_sparse)
		return t->ops->data(t->arg, p, len, done, e);
	while (len) {
		size_t n;

		region = &t->map.v[t->region];
		if (t->region_done == region->len) {
			t->region++;
			t->region_done = 0;
			continue;
		}
		n = region->len - t->region_done < len ? region->len - t->region_done : len;
		r = t->ops->data(t->arg, p, n, region->offset + t->region_done, e);
		if (r < 0)
			return r;
		t->region_done += n;
		p += n;
		len -= n;
	}
	return 0;
}

static int write_some(struct tar_reader *t, const unsigned char *p, size_t len, size_t *used,
		      struct err *e)
{
	int r = 0;

	switch (t->state) {
	case HEADER:
	case SPARSE_MORE:
	case SPARSE_MAP:
		return write_block(t, p, len, used, e);
	case DATA:
		*used = t->left < len ? t->left : len;
		r = write_data(t, p, *used, e);
		return r < 0 || t->left ? r : end_entry(t, e);
	case META:
	case PADDING:
		*used = t->left < len ? t->left : len;
		r = t->ops->raw ? t->ops->raw(t->arg, p, *used, e) : 0;
		if (r < 0)
			return r;
		if (t->state == META)
			str_addn(&t->meta, p, *used);
		t->left -= *used;
		if (t->left)
			return 0;
		if (t->state == META)
			return end_meta(t, e);
		t->state = HEADER;
		return 0;
	case TRAILER:
		break;
	}
	*used = len;
	return t->ops->raw ? t->ops->raw(t->arg, p, len, e) : 0;
}

int tar_reader_write(struct tar_reader *t, const void *data, size_t len, struct err *e)
{
	const unsigned char *p = data;

	while (len) {
		size_t used = 0;
		int r = write_some(t, p, len, &used, e);

		if (r < 0)
			return r;
		p += used;
		len -= used;
		t->offset += used;
	}
	return 0;
}

int tar_reader_finish(struct tar_reader *t, struct err *e)
{
	bool is_between = t->state == HEADER && t->block_len == 0 && !t->long_name &&
			  !t->long_link && !t->pax.path;

	/* Some writers leave the padding of the last file out. */
	if (t->state == TRAILER || t->state == PADDING || is_between)
		return 0;
	return err_set(e, EBADMSG, "the archive ends in the middle of an entry (at byte %llu)",
		       (unsigned long long)t->offset);
}
