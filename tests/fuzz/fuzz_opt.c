/* SPDX-License-Identifier: Apache-2.0 */
/* A command line of one option of each kind; the words are the lines of the input. */
#include "tests/fuzz/fuzz.h"

#include "base/opt.h"

#include <string.h>

struct args {
	bool flag, other;
	int tri;
	char *str;
	int64_t n, bytes, dur;
	uint64_t u;
	double d;
	struct strv list, csv;
};

static const struct opt table[] = {
	OPT_FLAG('f', "flag", struct args, flag, ""),
	OPT_FLAG('g', "other", struct args, other, ""),
	OPT_TRISTATE(0, "tri", struct args, tri, ""),
	OPT_STR('s', "str", struct args, str, "S", ""),
	OPT_INT('n', "num", struct args, n, "N", ""),
	OPT_UINT(0, "unsigned", struct args, u, "N", ""),
	OPT_DOUBLE(0, "double", struct args, d, "N", ""),
	OPT_BYTES('m', "memory", struct args, bytes, "BYTES", ""),
	OPT_DURATION('t', "time", struct args, dur, "TIME", ""),
	OPT_LIST('e', "env", struct args, list, "E", ""),
	OPT_CSV('c', "csv", struct args, csv, "C", ""),
	OPT_LATER(0, "later", "X", "one day"),
	OPT_NEVER(0, "never", "X", "because"),
	OPT_END,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct args args = { 0 };
	struct strv rest = { 0 };
	struct err e = { 0 };
	char *text, *argv[32];
	int argc = 0;

	if (!size)
		return 0;
	text = fuzz_text(data + 1, size - 1);
	for (char *p = text; p && argc < 32; ) {
		argv[argc++] = p;
		p = strchr(p, '\n');
		if (p)
			*p++ = '\0';
	}
	opt_defaults(table, &args);
	fuzz_check(opt_parse(table, &args, argc, argv, data[0] & 1 ? OPT_STOP_AT_ARG : 0, &rest, &e),
		   &e);
	opt_clear(table, &args);
	strv_clear(&rest);
	free(text);
	return 0;
}
