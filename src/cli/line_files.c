/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/line_files.h"

#include "base/file.h"
#include "base/str.h"

#include <fcntl.h>
#include <string.h>

static char *trimmed(const char *start, size_t n)
{
	while (n && (*start == ' ' || *start == '\t')) {
		start++;
		n--;
	}
	while (n && (start[n - 1] == '\r' || start[n - 1] == '\n'))
		n--;
	return xstrndup(start, n);
}

/* Lines of an --env-file or --label-file: NAME=VALUE, comments with #. */
static int read_lines(const char *option, const char *path, struct strv *out, struct err *e)
{
	autofree char *text = NULL;
	int r = file_read_at(AT_FDCWD, path, &text, NULL, FILE_MAX_CONFIG);

	if (r < 0)
		return err_sys(e, -r, "%s %s", option, path);
	for (const char *p = text; *p;) {
		const char *end = strchrnul(p, '\n');
		autofree char *line = trimmed(p, end - p);

		if (*line == '=')
			return err_set(e, ERR_USAGE, "%s %s: a line without a name: '%s'", option, path,
				       line);
		if (*line && *line != '#')
			strv_add(out, line);
		p = *end ? end + 1 : end;
	}
	return 0;
}

int line_files_read(const char *option, const struct strv *files, struct strv *to, struct err *e)
{
	auto_of(strv_clear) struct strv all = { 0 };

	if (!files->n)
		return 0;
	for (size_t i = 0; i < files->n; i++)
		if (read_lines(option, files->v[i], &all, e) < 0)
			return -e->code;
	strv_add_all(&all, to);
	strv_copy(to, &all);
	return 0;
}
