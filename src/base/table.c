/* SPDX-License-Identifier: Apache-2.0 */
#include "base/table.h"

#include <string.h>

static void sanitize(struct str *out, const char *text, size_t len, const char *kept)
{
	const char *p = text, *end = p + len;

	while (p < end) {
		size_t n = strchr(kept, *p) ? 0 : str_control_len(p);

		if (!n)
			str_addc(out, *p++);
		for (; n; n--)
			str_addf(out, "\\x%02x", (unsigned char)*p++);
	}
}

void table_sanitize(struct str *out, const char *text)
{
	sanitize(out, text, strlen(text), "\n\t");
}

void table_sanitize_line(struct str *out, const char *text)
{
	sanitize(out, text, strlen(text), "");
}

static size_t width(const char *text, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += ((unsigned char)text[i] & 0xc0) != 0x80;
	return n;
}

struct widths {
	size_t *v;	/* owned */
	size_t n;
};

static void widths_clear(struct widths *w)
{
	free(w->v);
}
DEFINE_AUTO_VALUE(struct widths, widths_clear)

static void measure_line(struct widths *w, const char *line, const char *end)
{
	size_t col = 0;

	for (;; col++) {
		const char *stop = memchr(line, '\t', end - line);
		size_t n;

		/* The last cell of a line makes no column: it is not padded. */
		if (!stop)
			return;
		if (col == w->n) {
			w->v = xreallocarray(w->v, w->n + 1, sizeof(*w->v));
			w->v[w->n++] = 0;
		}
		n = width(line, stop - line);
		if (n > w->v[col])
			w->v[col] = n;
		line = stop + 1;
	}
}

static void print_line(struct str *out, const struct widths *w, const char *line,
		       const char *end, unsigned int min_width, unsigned int pad)
{
	for (size_t col = 0;; col++) {
		const char *stop = memchr(line, '\t', end - line);
		size_t full;

		if (!stop) {
			str_addn(out, line, end - line);
			return;
		}
		str_addn(out, line, stop - line);
		full = w->v[col] + pad > min_width ? w->v[col] + pad : min_width;
		for (size_t n = width(line, stop - line); n < full; n++)
			str_addc(out, ' ');
		line = stop + 1;
	}
}

void table_align(struct str *out, const char *tabbed, unsigned int min_width, unsigned int pad)
{
	auto_of(widths_clear) struct widths w = { 0 };
	auto_of(str_clear) struct str clean = { 0 };
	const char *text;

	table_sanitize(&clean, tabbed);
	text = str_peek(&clean);
	for (const char *p = text; *p;) {
		const char *end = strchrnul(p, '\n');

		measure_line(&w, p, end);
		p = *end ? end + 1 : end;
	}
	for (const char *p = text; *p;) {
		const char *end = strchrnul(p, '\n');

		print_line(out, &w, p, end, min_width, pad);
		if (*end)
			str_addc(out, '\n');
		p = *end ? end + 1 : end;
	}
}
