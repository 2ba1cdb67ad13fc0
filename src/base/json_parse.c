/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include "base/file.h"
#include "base/json_priv.h"

#include <string.h>
#include <yajl/yajl_parse.h>

#define DEPTH_MAX 128
#define RECORD_USUAL 8192	/* most records are shorter, and are read in one call */

struct reader {
	struct json *open[DEPTH_MAX];	/* owned through root */
	size_t depth;
	char *key;			/* owned: waits for its value */
	struct json *root;		/* owned */
	const char *const *only;	/* borrowed; members that are kept, NULL: all */
	size_t end_depth;		/* where the last of them was met, 0: not yet */
	bool is_done;			/* its value is complete, and with it all that was wanted */
	bool skips_next;		/* the member whose name has just been read is not among them */
	size_t skipped;			/* levels open inside such a member */
	const char *why;		/* our own reason to stop */
};

static int refuse(struct reader *rd, const char *why)
{
	rd->why = why;
	return 0;
}

static void put(struct reader *rd, struct json *j)
{
	if (rd->depth)
		json_append(rd->open[rd->depth - 1], steal_ptr(&rd->key), j);
	else
		rd->root = j;
}

/* After a value: 0 ends the reading. */
static int go_on(struct reader *rd)
{
	rd->is_done = rd->end_depth && rd->depth == rd->end_depth;
	return !rd->is_done;
}

static int put_scalar(struct reader *rd, struct json *j)
{
	put(rd, j);
	return go_on(rd);
}

/* Strings are C strings here, so one that hides something behind a NUL is refused. yajl would let
 * overlong UTF-8 pass; then "/" or NUL could come in disguise. */
static bool is_text(struct reader *rd, const char *text, size_t len)
{
	size_t at = 0, n;

	/* ASCII, all there is mostly, without a call */
	while ((n = (signed char)text[at] > 0 ? 1 : str_utf8_len(text + at)))
		at += n;
	if (at < len)
		refuse(rd, text[at] ? "text that is not UTF-8" : "a NUL character in text");
	return at == len;
}

static int put_text(struct reader *rd, enum json_type type, const char *text, size_t len)
{
	struct json *j = json_new_text(type, text, len);

	if (is_text(rd, j->text, len))
		return put_scalar(rd, j);
	json_free(j);
	return 0;
}

/* Is this value, a scalar, in a member that is left out? */
static bool skip(struct reader *rd)
{
	bool is_out = rd->skips_next || rd->skipped;

	rd->skips_next = false;
	return is_out;
}

static int on_null(void *ctx)
{
	return skip(ctx) || put_scalar(ctx, json_new_null());
}

static int on_bool(void *ctx, int value)
{
	return skip(ctx) || put_scalar(ctx, json_new_bool(value));
}

static int on_number(void *ctx, const char *text, size_t len)
{
	return skip(ctx) || put_text(ctx, JSON_NUMBER, text, len);
}

static int on_string(void *ctx, const unsigned char *text, size_t len)
{
	return skip(ctx) || put_text(ctx, JSON_STRING, (const char *)text, len);
}

static bool is_wanted(struct reader *rd, const unsigned char *text, size_t len)
{
	for (const char *const *name = rd->only; *name; name++) {
		if (strncmp(*name, (const char *)text, len) != 0 || (*name)[len])
			continue;
		if (!name[1])
			rd->end_depth = rd->depth;
		return true;
	}
	return false;
}

static int on_key(void *ctx, const unsigned char *text, size_t len)
{
	struct reader *rd = ctx;

	if (rd->skipped)
		return 1;
	if (rd->only && !is_wanted(rd, text, len)) {
		rd->skips_next = true;
		return 1;
	}
	/* not xstrndup: the copy is as long as the text says */
	rd->key = memcpy(xmalloc(len + 1), text, len);
	rd->key[len] = 0;
	return is_text(rd, rd->key, len);
}

static int open_level(struct reader *rd, enum json_type type)
{
	struct json *j;

	if (rd->depth + rd->skipped == DEPTH_MAX)
		return refuse(rd, "nested deeper than 128 levels");
	if (skip(rd)) {
		rd->skipped++;
		return 1;
	}
	j = json_new_type(type);
	put(rd, j);
	rd->open[rd->depth++] = j;
	return 1;
}

static int on_start_object(void *ctx)
{
	return open_level(ctx, JSON_OBJECT);
}

static int on_start_array(void *ctx)
{
	return open_level(ctx, JSON_ARRAY);
}

/* Was it one that is left out? */
static bool close_skipped(struct reader *rd)
{
	if (!rd->skipped)
		return false;
	rd->skipped--;
	return true;
}

static int on_end_array(void *ctx)
{
	struct reader *rd = ctx;

	if (close_skipped(rd))
		return 1;
	rd->depth--;
	return go_on(rd);
}

static int on_end_object(void *ctx)
{
	struct reader *rd = ctx;

	if (close_skipped(rd))
		return 1;
	json_merge_members(rd->open[--rd->depth]);
	return go_on(rd);
}

static const yajl_callbacks callbacks = {
	.yajl_null = on_null,
	.yajl_boolean = on_bool,
	.yajl_number = on_number,
	.yajl_string = on_string,
	.yajl_start_map = on_start_object,
	.yajl_map_key = on_key,
	.yajl_end_map = on_end_object,
	.yajl_start_array = on_start_array,
	.yajl_end_array = on_end_array,
};

static int explain(yajl_handle h, const struct reader *rd, const char *text, size_t len,
		   struct err *e)
{
	size_t at = yajl_get_bytes_consumed(h);
	unsigned char *said = NULL;
	size_t line = 1;
	int r;

	for (size_t i = 0; i < at && i < len; i++)
		line += text[i] == '\n';
	if (rd->why)
		return err_set(e, EINVAL, "line %zu: %s", line, rd->why);
	said = yajl_get_error(h, 0, (const unsigned char *)text, len);
	r = err_set(e, EINVAL, "line %zu: %.*s", line, (int)strcspn((char *)said, "\n"), said);
	yajl_free_error(h, said);
	return r;
}

static int parse(struct json **out, const char *text, size_t len, const char *const *only, struct err *e)
{
	struct reader rd = { .only = only };
	yajl_handle h = yajl_alloc(&callbacks, NULL, &rd);
	yajl_status status;
	int r = 0;

	if (!h)
		abort();
	yajl_config(h, yajl_dont_validate_strings, 1);
	status = yajl_parse(h, (const unsigned char *)text, len);
	if (status == yajl_status_ok)
		status = yajl_complete_parse(h);
	if (status != yajl_status_ok && !rd.is_done)
		r = explain(h, &rd, text, len, e);
	else if (!rd.root)
		r = err_set(e, EINVAL, "line 1: no value");
	yajl_free(h);
	free(rd.key);
	if (r < 0)
		json_free(rd.root);
	else
		*out = rd.root;
	return r;
}

int json_parse(struct json **out, const char *text, size_t len, struct err *e)
{
	return parse(out, text, len, NULL, e);
}

static int load(struct json **out, int dirfd, const char *path, const char *const *only, struct err *e)
{
	autofree char *text = NULL;
	size_t len;
	int r = file_read_at(dirfd, path, &text, &len, FILE_MAX_CONFIG);

	if (r < 0)
		return err_sys(e, -r, "read %s", path);
	return parse(out, text, len, only, e) < 0 ? err_wrap(e, "%s", path) : 0;
}

int json_load_at(struct json **out, int dirfd, const char *path, struct err *e)
{
	return load(out, dirfd, path, NULL, e);
}

int json_load_record_at(struct json **out, int dirfd, const char *path, const char *const *only,
			struct err *e)
{
	char text[RECORD_USUAL];
	ssize_t n = file_read_once(dirfd, path, text, sizeof(text));

	if (n < 0)
		return err_sys(e, -n, "read %s", path);
	if (n == 0)
		return err_set(e, ENODATA, "%s is empty", path);
	if (n == sizeof(text) - 1)	/* and there may be more */
		return load(out, dirfd, path, only, e);
	return parse(out, text, n, only, e) < 0 ? err_wrap(e, "%s", path) : 0;
}
