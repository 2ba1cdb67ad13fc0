/* SPDX-License-Identifier: Apache-2.0 */
/* Any command line, one word per NUL-terminated piece of the input. */
#include "base/opt.h"

#include "base/mem.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct inner {
	char *network;
	struct strv publish;
	int init;
};

struct args {
	bool detach, tty;
	int verify;
	char *name, *pull;
	int64_t count, memory, interval;
	uint64_t size;
	double cpus;
	struct strv volumes, devices;
	struct inner inner;
};

static const struct opt inner_opts[] = {
	OPT_STR('n', "network", struct inner, network, "NAME", ""),
	OPT_LIST('p', "publish", struct inner, publish, "PORT", ""),
	OPT_TRISTATE(0, "init", struct inner, init, ""),
	OPT_END,
};

static const struct opt opts[] = {
	OPT_FLAG('d', "detach", struct args, detach, ""),
	OPT_FLAG('t', "tty", struct args, tty, ""),
	OPT_TRISTATE(0, "tls-verify", struct args, verify, ""),
	OPT_STR(0, "name", struct args, name, "NAME", ""),
	OPT_STR_BARE('P', "pull", struct args, pull, "WHEN", "always", ""),
	OPT_INT('c', "count", struct args, count, "N", ""),
	OPT_UINT(0, "size", struct args, size, "N", ""),
	OPT_DOUBLE(0, "cpus", struct args, cpus, "N", ""),
	OPT_BYTES('m', "memory", struct args, memory, "SIZE", ""),
	OPT_DURATION(0, "interval", struct args, interval, "TIME", ""),
	OPT_LIST('v', "volume", struct args, volumes, "VOLUME", ""),
	OPT_CSV(0, "device", struct args, devices, "LIST", ""),
	OPT_GROUP(inner_opts, struct args, inner),
	OPT_ALIAS('x', "net", "network"),
	OPT_LATER(0, "blkio", "N", "later"),
	OPT_NEVER('k', "kernel-memory", "SIZE", "never"),
	OPT_END,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_of(strv_clear) struct strv words = { 0 }, rest = { 0 };
	struct args args = { 0 };
	struct err e = { 0 };
	size_t at = 1;
	int r;

	while (at < size) {
		char *word = xstrndup((const char *)data + at, size - at);

		at += strlen(word) + 1;
		strv_add_take(&words, word);
	}
	opt_defaults(opts, &args);
	r = opt_parse(opts, &args, words.n, strv_vec(&words),
		      size && data[0] & 1 ? OPT_STOP_AT_ARG : 0, &rest, &e);
	if (r > 0 || (r < 0 && r != -e.code) || rest.n > words.n)
		abort();
	opt_clear(opts, &args);
	return 0;
}
