/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/tar_split.h"

#include "base/fd.h"
#include "base/str.h"
#include "base/sys.h"
#include "storage/tar_dirs.h"

#include <isa-l/igzip_lib.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC "rootlet tar-split 1\n"
#define FILE_NAME "tar-split.gz"
#define REPLACED "replaced"
#define UNFINISHED FILE_NAME ".new"
#define BUFFER (256 << 10)
#define READ_CHUNK (1 << 20)

struct tar_split {
	int dirfd, fd;			/* fd owned; dirfd borrowed */
	bool is_finished;
	struct tar_extract_sink sink;
	struct isal_zstream stream;
	uint8_t *level_buf;		/* owned */
	uint8_t *out;			/* owned; BUFFER */
	struct str raw;			/* raw bytes not yet written as a record */
	struct str record;
	char *last_path;		/* owned */
	uint64_t total;
	unsigned int replaced_n;
};

static int compress(struct tar_split *t, const void *data, size_t len, bool is_last, struct err *e)
{
	t->stream.next_in = (uint8_t *)data;
	t->stream.avail_in = len;
	t->stream.end_of_stream = is_last;
	do {
		int r;

		t->stream.next_out = t->out;
		t->stream.avail_out = BUFFER;
		if (isal_deflate(&t->stream) != COMP_OK)
			return err_set(e, EIO, "compress " FILE_NAME);
		r = fd_write_all(t->fd, t->out, BUFFER - t->stream.avail_out);
		if (r < 0)
			return err_sys(e, -r, "write " FILE_NAME);
	} while (t->stream.avail_out == 0);
	return 0;
}

static void add_number(struct str *s, uint64_t n)
{
	while (n >= 0x80) {
		str_addc(s, (char)(n | 0x80));
		n >>= 7;
	}
	str_addc(s, (char)n);
}

static int flush_raw(struct tar_split *t, struct err *e)
{
	int r;

	if (!t->raw.len)
		return 0;
	str_cut(&t->record, 0);
	str_addc(&t->record, 'R');
	add_number(&t->record, t->raw.len);
	r = compress(t, t->record.p, t->record.len, false, e);
	if (r == 0)
		r = compress(t, t->raw.p, t->raw.len, false, e);
	str_cut(&t->raw, 0);
	return r;
}

static int add_raw(void *arg, const void *data, size_t len, struct err *e)
{
	struct tar_split *t = arg;

	str_addn(&t->raw, data, len);
	t->total += len;
	return t->raw.len >= BUFFER ? flush_raw(t, e) : 0;
}

static int add_payload(void *arg, const char *path, uint64_t offset, uint64_t len, struct err *e)
{
	struct tar_split *t = arg;
	bool is_same = t->last_path && strcmp(t->last_path, path) == 0;
	int r = flush_raw(t, e);

	if (r < 0)
		return r;
	str_cut(&t->record, 0);
	str_addc(&t->record, is_same ? 'S' : 'P');
	if (!is_same) {
		xreplace(&t->last_path, path);
		add_number(&t->record, strlen(path));
		str_add(&t->record, path);
	}
	add_number(&t->record, offset);
	add_number(&t->record, len);
	t->total += len;
	return compress(t, t->record.p, t->record.len, false, e);
}

/* Nothing of it is visible when it fails: then the file is removed as if we did not ask. */
static int keep_replaced(void *arg, int parent, const char *name, const char *path)
{
	struct tar_split *t = arg;
	struct err ignored;
	char to[32];

	if (flush_raw(t, &ignored) < 0)
		return -EIO;	/* the next write will fail, too */
	if (!t->replaced_n && mkdirat(t->dirfd, REPLACED, 0700) < 0 && errno != EEXIST)
		return -errno;
	snprintf(to, sizeof(to), REPLACED "/%u", t->replaced_n);
	if (renameat(parent, name, t->dirfd, to) < 0)
		return -errno;
	t->replaced_n++;
	str_cut(&t->record, 0);
	str_addc(&t->record, 'M');
	add_number(&t->record, strlen(path));
	str_add(&t->record, path);
	free(t->last_path);
	t->last_path = NULL;
	return compress(t, t->record.p, t->record.len, false, &ignored) < 0 ? -EIO : 0;
}

int tar_split_new(struct tar_split **out, int dirfd, struct err *e)
{
	auto_of(tar_split_free) struct tar_split *t = xcalloc(1, sizeof(*t));
	int r;

	t->dirfd = dirfd;
	t->fd = fd_createat(dirfd, UNFINISHED, O_WRONLY | O_EXCL | O_NOFOLLOW, 0600);
	if (t->fd < 0)
		return err_sys(e, -t->fd, "make " FILE_NAME);
	t->out = xmalloc(BUFFER);
	t->level_buf = xmalloc(ISAL_DEF_LVL1_DEFAULT);
	isal_deflate_init(&t->stream);
	t->stream.gzip_flag = IGZIP_GZIP;
	t->stream.level = 1;
	t->stream.level_buf = t->level_buf;
	t->stream.level_buf_size = ISAL_DEF_LVL1_DEFAULT;
	t->sink = (struct tar_extract_sink){ add_raw, add_payload, keep_replaced, t };
	r = compress(t, MAGIC, strlen(MAGIC), false, e);
	if (r < 0)
		return r;
	*out = steal_ptr(&t);
	return 0;
}

const struct tar_extract_sink *tar_split_sink(struct tar_split *t)
{
	return &t->sink;
}

int tar_split_finish(struct tar_split *t, struct err *e)
{
	int r = flush_raw(t, e);

	if (r < 0)
		return r;
	str_cut(&t->record, 0);
	str_addc(&t->record, 'E');
	add_number(&t->record, t->total);
	r = compress(t, t->record.p, t->record.len, true, e);
	if (r < 0)
		return r;
	if (renameat(t->dirfd, UNFINISHED, t->dirfd, FILE_NAME) < 0)
		return err_sys(e, errno, "rename " UNFINISHED);
	t->is_finished = true;
	return 0;
}

void tar_split_free(struct tar_split *t)
{
	if (!t)
		return;
	if (t->fd >= 0 && !t->is_finished)
		unlinkat(t->dirfd, UNFINISHED, 0);
	fd_close(&t->fd);
	free(t->level_buf);
	free(t->out);
	str_clear(&t->raw);
	str_clear(&t->record);
	free(t->last_path);
	free(t);
}

/* --- reading ------------------------------------------------------------------------------- */

struct moved {
	char *path;		/* owned */
	uint64_t at;		/* the number of its record */
};

struct reader {
	int fd, diff_fd;
	int replaced_fd;		/* borrowed; -1: nothing was replaced */
	bool is_scan;			/* only looks for M records */
	uint64_t record;		/* the number of this one */
	struct moved *moved;		/* owned; in order */
	size_t moved_n;
	struct inflate_state state;
	uint8_t *in, *out;		/* owned; BUFFER */
	size_t pos, len;		/* in out */
	struct tar_dirs dirs;
	char path[PATH_MAX];
	int file;			/* owned; of path */
	uint64_t total;
	int (*fn)(void *arg, const void *data, size_t len, struct err *e);
	void *arg;
	uint8_t *chunk;			/* owned; READ_CHUNK */
};

static int damaged(struct err *e)
{
	return err_set(e, EBADMSG, FILE_NAME " is damaged");
}

/* Makes bytes available in out[pos, len). */
static int fill(struct reader *t, struct err *e)
{
	while (t->pos == t->len) {
		if (t->state.avail_in == 0 && t->state.block_state != ISAL_BLOCK_FINISH) {
			ssize_t n = read(t->fd, t->in, BUFFER);

			if (n < 0)
				return err_sys(e, errno, "read " FILE_NAME);
			if (n == 0)
				return damaged(e);
			t->state.next_in = t->in;
			t->state.avail_in = n;
		}
		if (t->state.block_state == ISAL_BLOCK_FINISH)
			return damaged(e);
		t->state.next_out = t->out;
		t->state.avail_out = BUFFER;
		if (isal_inflate(&t->state) != ISAL_DECOMP_OK)
			return damaged(e);
		t->pos = 0;
		t->len = BUFFER - t->state.avail_out;
	}
	return 0;
}

static int get_byte(struct reader *t, uint8_t *b, struct err *e)
{
	int r = fill(t, e);

	if (r == 0)
		*b = t->out[t->pos++];
	return r;
}

static int get_number(struct reader *t, uint64_t *n, struct err *e)
{
	uint8_t b = 0x80;

	*n = 0;
	for (unsigned int shift = 0; b & 0x80; shift += 7) {
		int r = get_byte(t, &b, e);

		if (r < 0)
			return r;
		if (shift > 63)
			return damaged(e);
		*n |= (uint64_t)(b & 0x7f) << shift;
	}
	return 0;
}

static int copy_raw(struct reader *t, struct err *e)
{
	uint64_t left;
	int r = get_number(t, &left, e);

	while (r == 0 && left) {
		size_t n;

		r = fill(t, e);
		if (r < 0)
			break;
		n = t->len - t->pos < left ? t->len - t->pos : left;
		r = t->is_scan ? 0 : t->fn(t->arg, t->out + t->pos, n, e);
		t->pos += n;
		t->total += n;
		left -= n;
	}
	return r;
}

static int get_path(struct reader *t, struct err *e)
{
	uint64_t len;
	int r = get_number(t, &len, e);

	if (r < 0)
		return r;
	if (!len || len >= sizeof(t->path))
		return damaged(e);
	for (size_t i = 0; i < len; i++) {
		r = get_byte(t, (uint8_t *)&t->path[i], e);
		if (r < 0)
			return r;
	}
	t->path[len] = 0;
	return 0;
}

static int add_moved(struct reader *t, struct err *e)
{
	int r = get_path(t, e);

	if (r < 0 || !t->is_scan)
		return r;
	t->moved = xreallocarray(t->moved, t->moved_n + 1, sizeof(*t->moved));
	t->moved[t->moved_n++] = (struct moved){ xstrdup(t->path), t->record };
	return 0;
}

/* Where the path's bytes are: the first move after this record that took it along. NULL: in diff. */
static char *find_moved(const struct reader *t)
{
	for (size_t i = 0; i < t->moved_n; i++) {
		const char *rest = str_after(t->path, t->moved[i].path);

		if (t->moved[i].at > t->record && rest && (!*rest || *rest == '/'))
			return xasprintf("%zu%s", i, rest);
	}
	return NULL;
}

static int open_path(struct reader *t, struct err *e)
{
	autofree char *moved = NULL;
	const char *slash, *name = t->path;
	int r = get_path(t, e), parent;

	if (r < 0 || t->is_scan)
		return r;
	fd_close(&t->file);
	moved = find_moved(t);
	if (moved) {
		t->file = sys_openat2(t->replaced_fd, moved, O_RDONLY | O_NONBLOCK, 0,
				      RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
	} else {
		slash = strrchr(t->path, '/');
		name = slash ? slash + 1 : t->path;
		parent = tar_dirs_open(&t->dirs, t->path, slash ? slash - t->path : 0, false);
		t->file = parent < 0 ? parent
				     : fd_openat(parent, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
	}
	if (t->file < 0) {
		r = -t->file;
		t->file = -1;
		return err_sys(e, r, "read '%.200s' of the layer", t->path);
	}
	return 0;
}

static int copy_payload(struct reader *t, struct err *e)
{
	uint64_t offset, left;
	int r = get_number(t, &offset, e);

	if (r == 0)
		r = get_number(t, &left, e);
	if (r < 0)
		return r;
	if (t->is_scan) {
		t->total += left;
		return 0;
	}
	if (t->file < 0)
		return damaged(e);
	while (r == 0 && left) {
		size_t want = left < READ_CHUNK ? left : READ_CHUNK;
		ssize_t n = pread(t->file, t->chunk, want, offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(e, errno, "read '%.200s' of the layer", t->path);
		if (n == 0)
			return err_set(e, EBADMSG, "'%.200s' of the layer is shorter than it was",
				       t->path);
		r = t->fn(t->arg, t->chunk, n, e);
		offset += n;
		left -= n;
		t->total += n;
	}
	return r;
}

static int read_records(struct reader *t, struct err *e)
{
	uint8_t letter = 0;
	uint64_t total;
	int r = 0;

	for (const char *m = MAGIC; *m; m++) {
		r = get_byte(t, &letter, e);
		if (r < 0)
			return r;
		if (letter != (uint8_t)*m)
			return damaged(e);
	}
	for (;; t->record++) {
		r = get_byte(t, &letter, e);
		if (r < 0)
			return r;
		switch (letter) {
		case 'R':
			r = copy_raw(t, e);
			break;
		case 'P':
			r = open_path(t, e);
			if (r == 0)
				r = copy_payload(t, e);
			break;
		case 'S':
			r = copy_payload(t, e);
			break;
		case 'M':
			r = add_moved(t, e);
			break;
		case 'E':
			r = get_number(t, &total, e);
			if (r < 0)
				return r;
			return total == t->total ? 0 : damaged(e);
		default:
			return damaged(e);
		}
		if (r < 0)
			return r;
	}
}

static int read_once(struct reader *t, bool is_scan, struct err *e)
{
	if (lseek(t->fd, 0, SEEK_SET) < 0)
		return err_sys(e, errno, "read " FILE_NAME);
	isal_inflate_init(&t->state);
	t->state.crc_flag = ISAL_GZIP;
	t->pos = t->len = 0;
	t->total = t->record = 0;
	t->is_scan = is_scan;
	return read_records(t, e);
}

static int read_all(struct reader *t, struct err *e)
{
	int r = 0;

	/* What was replaced later is known only at the end: for the few layers that have it. */
	if (t->replaced_fd >= 0)
		r = read_once(t, true, e);
	return r < 0 ? r : read_once(t, false, e);
}

static void reader_free(struct reader *t)
{
	tar_dirs_clear(&t->dirs);
	fd_close(&t->file);
	for (size_t i = 0; i < t->moved_n; i++)
		free(t->moved[i].path);
	free(t->moved);
	free(t->in);
	free(t->out);
	free(t->chunk);
	free(t);
}

int tar_split_read(int layer_dirfd,
		   int (*fn)(void *arg, const void *data, size_t len, struct err *e), void *arg,
		   struct err *e)
{
	autoclose int fd = fd_openat(layer_dirfd, FILE_NAME, O_RDONLY | O_NOFOLLOW);
	autoclose int diff_fd = fd_openat(layer_dirfd, "diff", O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	autoclose int replaced_fd = fd_openat(layer_dirfd, REPLACED, O_PATH | O_DIRECTORY | O_NOFOLLOW);
	struct reader *t;
	int r;

	if (fd < 0)
		return err_sys(e, -fd, "open " FILE_NAME);
	if (diff_fd < 0)
		return err_sys(e, -diff_fd, "open the layer");
	t = xcalloc(1, sizeof(*t));
	t->fd = fd;
	t->replaced_fd = replaced_fd;
	t->file = -1;
	t->fn = fn;
	t->arg = arg;
	t->in = xmalloc(BUFFER);
	t->out = xmalloc(BUFFER);
	t->chunk = xmalloc(READ_CHUNK);
	tar_dirs_init(&t->dirs, diff_fd);
	r = read_all(t, e);
	reader_free(t);
	return r;
}
