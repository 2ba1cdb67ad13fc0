/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/prose.h"

#include "base/str.h"

#include <string.h>

#define LITERAL "    "

const char *prose_find(const char *path)
{
	for (size_t i = 0; prose_table[i].path; i++)
		if (str_eq(prose_table[i].path, path))
			return prose_table[i].text;
	return NULL;
}

/* Length of "Heading" when the line is "Heading:", else 0. */
static size_t heading_len(const char *line)
{
	size_t n = strcspn(line, "\n");

	if (n < 2 || line[0] < 'A' || line[0] > 'Z' || line[n - 1] != ':')
		return 0;
	return n - 1;
}

static const char *next_line(const char *p)
{
	p += strcspn(p, "\n");
	return *p ? p + 1 : p;
}

bool prose_next(const char **at, struct prose_section *out)
{
	const char *p = *at;

	if (!*p)
		return false;
	out->heading = p;
	out->heading_len = heading_len(p);
	if (out->heading_len)
		p = next_line(p);
	while (*p == '\n')
		p++;
	out->text = p;
	while (*p && !heading_len(p))
		p = next_line(p);
	*at = p;
	out->len = p - out->text;
	while (out->len > 0 && out->text[out->len - 1] == '\n')
		out->len--;
	return true;
}

bool prose_section(const char *text, const char *heading, struct prose_section *out)
{
	const char *at = text;

	while (prose_next(&at, out))
		if (out->heading_len == strlen(heading) &&
		    memcmp(out->heading, heading, out->heading_len) == 0)
			return true;
	return false;
}

bool prose_line(const struct prose_section *s, size_t *at, struct prose_line *out)
{
	const char *p = s->text + *at;
	size_t n;

	if (*at >= s->len)
		return false;
	n = strcspn(p, "\n");
	if (n > s->len - *at)
		n = s->len - *at;
	*at += n + 1;
	*out = (struct prose_line){ PROSE_TEXT, p, n };
	if (n == 0) {
		out->kind = PROSE_BLANK;
	} else if (n > 4 && memcmp(p, LITERAL, 4) == 0) {
		*out = (struct prose_line){ PROSE_LITERAL, p + 4, n - 4 };
	} else if (*p == ':') {
		*out = (struct prose_line){ PROSE_TERM, p + 1, n - 1 };
	}
	return true;
}
