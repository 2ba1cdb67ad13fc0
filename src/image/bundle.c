/* SPDX-License-Identifier: Apache-2.0 */
#include "image/bundle.h"

#include "base/fd.h"
#include "base/path.h"
#include "base/str.h"
#include "storage/store.h"

#include <archive.h>
#include <archive_entry.h>
#include <string.h>
#include <unistd.h>

enum { MAX_MEMBERS = 200000, MAX_LINKS = 8, CHUNK = 256 << 10 };

struct member {
	char *name;	/* owned */
	char *link;	/* owned; NULL: a file */
	uint64_t offset, size;
	size_t order;	/* in the archive */
};

struct bundle {
	char *path;		/* owned; for messages */
	int dirfd;		/* owned; -1: an archive */
	int fd;			/* owned; the plain tar archive */
	struct member *members;	/* owned; sorted by name, then order */
	size_t n, cap;
};

void bundle_free(struct bundle *b)
{
	if (!b)
		return;
	for (size_t i = 0; i < b->n; i++) {
		free(b->members[i].name);
		free(b->members[i].link);
	}
	free(b->members);
	fd_close(&b->dirfd);
	fd_close(&b->fd);
	free(b->path);
	free(b);
}

int bundle_temp_file(struct store *s, struct err *e)
{
	autofree char *name = NULL;
	autoclose int dirfd = -1;
	int fd = -1, r = store_tmp_dir(s, &name, &dirfd, e);

	if (r < 0)
		return r;
	fd = fd_createat(dirfd, "spool", O_RDWR | O_EXCL, 0600);
	if (fd < 0)
		r = err_sys(e, -fd, "make a temporary file in %s", s->root);
	else
		unlinkat(dirfd, "spool", 0);
	unlinkat(s->root_dirfd, name, AT_REMOVEDIR);
	return r < 0 ? r : fd;
}

/* --- the archive's table of contents -------------------------------------- */

static int archive_error(struct archive *a, const char *path, struct err *e)
{
	const char *why = archive_error_string(a);

	return err_set(e, EBADMSG, "%s: %s", path, why ? why : "damaged archive");
}

static const char *plain_name(const char *name)
{
	while (name[0] == '.' && name[1] == '/')
		name += 2;
	return name;
}

/* What a link in dir/name to target means; symbolic links are relative to their directory. */
static char *link_target(const char *name, const char *target, bool is_symlink)
{
	autofree char *dir = NULL, *joined = NULL;

	if (!is_symlink || !strchr(name, '/'))
		return path_clean(plain_name(target));
	dir = path_dir(name);
	joined = path_join(dir, target);
	return path_clean(joined);
}

static struct member *add_member(struct bundle *b, const char *name)
{
	struct member *m;

	if (b->n == b->cap) {
		b->cap = b->cap ? 2 * b->cap : 64;
		b->members = xreallocarray(b->members, b->cap, sizeof(*b->members));
	}
	m = &b->members[b->n];
	*m = (struct member){ .name = xstrdup(plain_name(name)), .order = b->n };
	b->n++;
	return m;
}

static int add_entry(struct bundle *b, struct archive *a, struct archive_entry *entry,
		     struct err *e)
{
	const char *name = archive_entry_pathname(entry);
	const char *hard = archive_entry_hardlink(entry), *soft = archive_entry_symlink(entry);
	struct member *m;

	if (!name)
		return err_set(e, EBADMSG, "%s: a member has no name", b->path);
	if (b->n >= MAX_MEMBERS)
		return err_set(e, E2BIG, "%s: more than %d members: not an image archive", b->path,
			       MAX_MEMBERS);
	if (hard || (soft && archive_entry_filetype(entry) == AE_IFLNK)) {
		m = add_member(b, name);
		m->link = link_target(m->name, hard ? hard : soft, !hard);
		return 0;
	}
	if (archive_entry_filetype(entry) != AE_IFREG)
		return 0;
	if (archive_entry_sparse_count(entry) > 0)
		return err_set(e, ENOTSUP, "%s: member %s is sparse", b->path, name);
	m = add_member(b, name);
	m->offset = archive_filter_bytes(a, 0);
	m->size = archive_entry_size(entry);
	return 0;
}

static int by_name(const void *pa, const void *pb)
{
	const struct member *a = pa, *b = pb;
	int c = strcmp(a->name, b->name);

	return c ? c : a->order < b->order ? -1 : 1;
}

static int read_contents(struct bundle *b, struct err *e)
{
	struct archive *a = archive_read_new();
	struct archive_entry *entry;
	int r = 0, got;

	if (!a)
		return err_set(e, ENOMEM, "libarchive: out of memory");
	archive_read_support_format_tar(a);
	if (lseek(b->fd, 0, SEEK_SET) < 0)
		r = err_sys(e, errno, "read %s", b->path);
	else if (archive_read_open_fd(a, b->fd, 64 << 10) != ARCHIVE_OK)
		r = archive_error(a, b->path, e);
	while (r >= 0) {
		got = archive_read_next_header(a, &entry);
		if (got == ARCHIVE_EOF)
			break;
		if (got != ARCHIVE_OK && got != ARCHIVE_WARN)
			r = archive_error(a, b->path, e);
		else
			r = add_entry(b, a, entry, e);
	}
	archive_read_free(a);
	if (r >= 0 && b->n > 0)
		qsort(b->members, b->n, sizeof(*b->members), by_name);
	return r;
}

/* --- making it readable at any place -------------------------------------- */

static bool is_plain_tar(int fd)
{
	char header[512];
	struct stat st;

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) ||
	    pread(fd, header, sizeof(header), 0) != sizeof(header))
		return false;
	return memcmp(header + 257, "ustar", 5) == 0;
}

int bundle_inflate(int in_fd, int out_fd, const char *path, struct err *e)
{
	struct archive *a = archive_read_new();
	struct archive_entry *entry;
	const void *data;
	la_int64_t offset;
	size_t n;
	int r = 0, got;

	if (!a)
		return err_set(e, ENOMEM, "libarchive: out of memory");
	/* Not filter_all: some filters run programs. */
	archive_read_support_filter_gzip(a);
	archive_read_support_filter_bzip2(a);
	archive_read_support_filter_xz(a);
	archive_read_support_filter_zstd(a);
	archive_read_support_format_raw(a);
	if (archive_read_open_fd(a, in_fd, CHUNK) != ARCHIVE_OK ||
	    archive_read_next_header(a, &entry) != ARCHIVE_OK)
		r = err_set(e, EBADMSG, "%s: empty or damaged archive", path);
	while (r >= 0 && (got = archive_read_data_block(a, &data, &n, &offset)) != ARCHIVE_EOF) {
		if (got != ARCHIVE_OK)
			r = archive_error(a, path, e);
		else if ((r = fd_write_all(out_fd, data, n)) < 0)
			r = err_sys(e, -r, "store a temporary copy of %s", path);
	}
	archive_read_free(a);
	return r;
}

static int open_archive(struct bundle *b, struct store *s, int in_fd, struct err *e)
{
	int r;

	if (is_plain_tar(in_fd)) {
		b->fd = fd_dup(in_fd);
		return b->fd < 0 ? err_sys(e, -b->fd, "open %s", b->path) : read_contents(b, e);
	}
	b->fd = bundle_temp_file(s, e);
	if (b->fd < 0)
		return b->fd;
	r = bundle_inflate(in_fd, b->fd, b->path, e);
	return r < 0 ? r : read_contents(b, e);
}

int bundle_open(struct bundle **out, struct store *s, const char *path, struct err *e)
{
	auto_of(bundle_free) struct bundle *b = xcalloc(1, sizeof(*b));
	bool is_stdin = !path || strcmp(path, "-") == 0;
	autoclose int fd = -1;
	struct stat st;
	int r;

	b->dirfd = b->fd = -1;
	b->path = xstrdup(is_stdin ? "standard input" : path);
	fd = is_stdin ? fd_dup(STDIN_FILENO) : fd_open(path, O_RDONLY);
	if (fd < 0)
		return err_sys(e, -fd, "open %s", b->path);
	if (fstat(fd, &st) < 0)
		return err_sys(e, errno, "open %s", b->path);
	if (S_ISDIR(st.st_mode)) {
		b->dirfd = steal_fd(&fd);
	} else {
		r = open_archive(b, s, fd, e);
		if (r < 0)
			return r;
	}
	*out = steal_ptr(&b);
	return 0;
}

/* --- looking up ----------------------------------------------------------- */

static const struct member *find_exact(const struct bundle *b, const char *name)
{
	size_t low = 0, high = b->n;

	while (low < high) {	/* the first one behind all of that name */
		size_t mid = (low + high) / 2;

		if (strcmp(b->members[mid].name, name) <= 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low > 0 && strcmp(b->members[low - 1].name, name) == 0 ? &b->members[low - 1] : NULL;
}

static const struct member *find_member(const struct bundle *b, const char *name)
{
	const struct member *m = find_exact(b, plain_name(name));

	for (int i = 0; m && m->link && i < MAX_LINKS; i++)
		m = find_exact(b, m->link);
	return m && !m->link ? m : NULL;
}

int bundle_find(const struct bundle *b, const char *name, struct bundle_region *out,
		struct err *e)
{
	const struct member *m;
	struct stat st;

	if (b->dirfd < 0) {
		m = find_member(b, name);
		if (!m)
			return err_set(e, ERR_NO_SUCH, "%s: there is no %s in it", b->path, name);
		*out = (struct bundle_region){ fd_dup(b->fd), m->offset, m->size };
	} else {
		*out = (struct bundle_region){ store_open_beneath(b->dirfd, name, O_RDONLY |
								  O_NONBLOCK), 0, 0 };
		if (out->fd == -ENOENT)
			return err_set(e, ERR_NO_SUCH, "%s: there is no %s in it", b->path, name);
		if (out->fd >= 0 && fstat(out->fd, &st) == 0 && S_ISREG(st.st_mode))
			out->size = st.st_size;
	}
	if (out->fd < 0)
		return err_sys(e, -out->fd, "open %s in %s", name, b->path);
	return 0;
}

bool bundle_has(const struct bundle *b, const char *name)
{
	struct bundle_region region;
	struct err ignored;
	int r = bundle_find(b, name, &region, &ignored);

	if (r >= 0)
		fd_close(&region.fd);
	return r >= 0;
}

int bundle_region_each(const struct bundle_region *r, int (*fn)(void *arg, const void *p, size_t n),
		       void *arg, struct err *e)
{
	autofree char *buf = xmalloc(CHUNK);
	uint64_t done = 0;

	while (done < r->size) {
		size_t want = r->size - done < CHUNK ? r->size - done : CHUNK;
		ssize_t n = pread(r->fd, buf, want, r->offset + done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(e, errno, "read the archive");
		if (n == 0)
			return err_set(e, EBADMSG, "the archive is cut short");
		if (fn(arg, buf, n) != 0)
			return err_set(e, ECANCELED, "stopped");
		done += n;
	}
	return 0;
}

static int add_text(void *arg, const void *p, size_t n)
{
	str_addn(arg, p, n);
	return 0;
}

int bundle_read(const struct bundle *b, const char *name, char **text, size_t *len, size_t max,
		struct err *e)
{
	auto_of(str_clear) struct str s = { 0 };
	struct bundle_region region;
	int r = bundle_find(b, name, &region, e);

	if (r < 0)
		return r;
	if (region.size > max)
		r = err_set(e, EFBIG, "%s: %s has %llu bytes", b->path, name,
			    (unsigned long long)region.size);
	else
		r = bundle_region_each(&region, add_text, &s, e);
	fd_close(&region.fd);
	if (r < 0)
		return err_wrap(e, "%s", name);
	*len = s.len;
	*text = str_steal(&s);
	return 0;
}
