/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include "base/file.h"
#include "base/json_priv.h"

#include <string.h>
#include <yajl/yajl_parse.h>

#define DEPTH_MAX 128

struct reader {
	struct json *open[DEPTH_MAX];	/* owned through root */
	size_t depth;
	char *key;			/* owned: waits for its value */
	struct json *root;		/* owned */
	const char *why;		/* our own reason to stop */
};

static int refuse(struct reader *rd, const char *why)
{
	rd->why = why;
	return 0;
}

static int put(struct reader *rd, struct json *j)
{
	if (rd->depth)
		json_append(rd->open[rd->depth - 1], steal_ptr(&rd->key), j);
	else
		rd->root = j;
	return 1;
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
		return put(rd, j);
	json_free(j);
	return 0;
}

static int on_null(void *ctx)
{
	return put(ctx, json_new_null());
}

static int on_bool(void *ctx, int value)
{
	return put(ctx, json_new_bool(value));
}

static int on_number(void *ctx, const char *text, size_t len)
{
	return put_text(ctx, JSON_NUMBER, text, len);
}

static int on_string(void *ctx, const unsigned char *text, size_t len)
{
	return put_text(ctx, JSON_STRING, (const char *)text, len);
}

static int on_key(void *ctx, const unsigned char *text, size_t len)
{
	struct reader *rd = ctx;

	/* not xstrndup: the copy is as long as the text says */
	rd->key = memcpy(xmalloc(len + 1), text, len);
	rd->key[len] = 0;
	return is_text(rd, rd->key, len);
}

static int open_level(struct reader *rd, enum json_type type)
{
	struct json *j;

	if (rd->depth == DEPTH_MAX)
		return refuse(rd, "nested deeper than 128 levels");
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

static int on_end_array(void *ctx)
{
	struct reader *rd = ctx;

	rd->depth--;
	return 1;
}

static int on_end_object(void *ctx)
{
	struct reader *rd = ctx;

	json_merge_members(rd->open[--rd->depth]);
	return 1;
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

int json_parse(struct json **out, const char *text, size_t len, struct err *e)
{
	struct reader rd = { 0 };
	yajl_handle h = yajl_alloc(&callbacks, NULL, &rd);
	yajl_status status;
	int r = 0;

	if (!h)
		abort();
	yajl_config(h, yajl_dont_validate_strings, 1);
	status = yajl_parse(h, (const unsigned char *)text, len);
	if (status == yajl_status_ok)
		status = yajl_complete_parse(h);
	if (status != yajl_status_ok)
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

int json_load_at(struct json **out, int dirfd, const char *path, struct err *e)
{
	autofree char *text = NULL;
	size_t len;
	int r;

	r = file_read_at(dirfd, path, &text, &len, FILE_MAX_CONFIG);
	if (r < 0)
		return err_sys(e, -r, "read %s", path);
	r = json_parse(out, text, len, e);
	return r < 0 ? err_wrap(e, "%s", path) : 0;
}
