/* SPDX-License-Identifier: Apache-2.0 */
/* A layer's archive, in pieces: every byte count it announces is the one that comes. */
#include "tests/fuzz/fuzz.h"

#include "storage/tar_reader.h"

struct seen {
	uint64_t size, payload, got;
	bool open;
};

static int on_entry(void *arg, const struct tar_entry *entry, struct err *e)
{
	struct seen *s = arg;

	(void)e;
	if (s->open || !entry->path)
		abort();
	*s = (struct seen){ entry->size, entry->payload, 0, true };
	return 0;
}

static int on_data(void *arg, const void *data, size_t len, uint64_t offset, struct err *e)
{
	struct seen *s = arg;

	(void)data;
	(void)e;
	if (!s->open || offset > s->size || len > s->size - offset)
		abort();
	s->got += len;
	return 0;
}

static int on_end(void *arg, struct err *e)
{
	struct seen *s = arg;

	(void)e;
	if (!s->open || s->got != s->payload)
		abort();
	s->open = false;
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct tar_reader_ops ops = { on_entry, on_data, on_end, NULL };
	struct seen seen = { 0 };
	struct tar_reader *t = tar_reader_new(&ops, &seen);
	struct err e = { 0 };
	size_t piece = size ? data[0] * 7 + 1 : 1, at = 0;
	int r = 0;

	while (at < size && r >= 0) {
		size_t n = size - at < piece ? size - at : piece;

		r = fuzz_check(tar_reader_write(t, data + at, n, &e), &e);
		at += n;
	}
	if (r >= 0)
		fuzz_check(tar_reader_finish(t, &e), &e);
	tar_reader_free(t);
	return 0;
}
