/* SPDX-License-Identifier: Apache-2.0 */
#include "base/ident.h"

#include "base/str.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/random.h>

static const char hex[] = "0123456789abcdef";

/* About 10,000 pairs: whoever needs a free name tries again when one is taken. */
static const char *const adjectives[] = {
	"agile", "amber", "ample", "apt", "azure", "balmy", "bold", "brave", "breezy", "bright",
	"brisk", "calm", "candid", "cheery", "civil", "clear", "clever", "cosy", "crisp",
	"daring", "deft", "eager", "earnest", "fair", "fleet", "fluent", "fond", "frank",
	"fresh", "gentle", "glad", "golden", "grand", "handy", "hardy", "hearty", "humble",
	"jolly", "keen", "kind", "lively", "loyal", "lucid", "lucky", "mellow", "merry", "mild",
	"modest", "neat", "nimble", "noble", "patient", "placid", "plucky", "polite", "prime",
	"proud", "quick", "quiet", "rapid", "ready", "robust", "rosy", "rugged", "serene",
	"sharp", "silent", "silver", "simple", "sleek", "snug", "sober", "solid", "spry",
	"steady", "sturdy", "subtle", "sunny", "supple", "swift", "tender", "tidy", "tranquil",
	"trim", "true", "upbeat", "valiant", "vivid", "warm", "wise", "witty", "zesty",
};

static const char *const nouns[] = {
	"acorn", "alder", "anchor", "anvil", "ash", "aspen", "badger", "barley", "basalt",
	"beacon", "beaver", "birch", "bison", "bramble", "breeze", "brook", "canyon", "cedar",
	"cherry", "clover", "cobalt", "comet", "copper", "coral", "cove", "crane", "cricket",
	"dune", "eagle", "ember", "falcon", "fern", "finch", "fjord", "flint", "fox", "garnet",
	"glacier", "granite", "grove", "gull", "harbor", "hare", "hawk", "hazel", "heron",
	"hill", "island", "ivy", "jasper", "juniper", "kestrel", "kite", "lagoon", "lantern",
	"larch", "lark", "ledge", "lichen", "lily", "linden", "lynx", "magpie", "maple",
	"marten", "meadow", "mesa", "minnow", "moss", "oak", "orchid", "osprey", "otter", "owl",
	"pebble", "pine", "plover", "pond", "poplar", "prairie", "puffin", "quail", "quartz",
	"raven", "reed", "ridge", "river", "robin", "sable", "saddle", "salmon", "shale",
	"sparrow", "spruce", "stork", "swan", "thistle", "thrush", "tulip", "valley", "walnut",
	"willow", "wren",
};

static void random_bytes(void *buf, size_t n)
{
	char *p = buf;

	while (n) {
		ssize_t r = getrandom(p, n, 0);

		if (r < 0 && errno != EINTR)
			abort();
		if (r > 0) {
			p += r;
			n -= r;
		}
	}
}

void ident_random_hex(char *buf, size_t digits)
{
	unsigned char bytes[32];

	for (size_t i = 0; i < digits; i++) {
		if (i % (2 * sizeof(bytes)) == 0)
			random_bytes(bytes, sizeof(bytes));
		buf[i] = hex[bytes[i / 2 % sizeof(bytes)] >> (i % 2 ? 4 : 0) & 15];
	}
	buf[digits] = 0;
}

struct ident ident_random(void)
{
	struct ident id;

	/* Short ids of digits only would be taken for numbers by scripts and by YAML. */
	do
		ident_random_hex(id.s, IDENT_LEN);
	while (strspn(id.s, "0123456789") >= 12);
	return id;
}

char *ident_random_name(void)
{
	uint32_t r[2];

	random_bytes(r, sizeof(r));
	return xasprintf("%s_%s", adjectives[r[0] % ARRAY_SIZE(adjectives)],
			 nouns[r[1] % ARRAY_SIZE(nouns)]);
}

bool ident_is_hex(const char *s)
{
	return *s && !s[strspn(s, hex)];
}

bool ident_is_id(const char *s)
{
	return strlen(s) == IDENT_LEN && ident_is_hex(s);
}

static bool is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_plain(char c)
{
	return is_alnum(c) || c == '.' || c == '_' || c == '-';
}

int ident_check_name(const char *name)
{
	size_t n = 0;

	if (!is_alnum(name[0]))
		return -EINVAL;
	while (is_plain(name[n]))
		n++;
	return name[n] || n > NAME_MAX ? -EINVAL : 0;
}

char *ident_encode(const char *text)
{
	auto_of(str_clear) struct str out = { 0 };

	for (const char *p = text; *p; p++) {
		/* A leading '.' would make "." and "..", and hidden files. */
		if (is_plain(*p) && !(*p == '.' && p == text))
			str_addc(&out, *p);
		else
			str_addf(&out, "%%%02X", (unsigned char)*p);
	}
	return out.len && out.len <= NAME_MAX ? str_steal(&out) : NULL;
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

char *ident_decode(const char *file_name)
{
	auto_of(str_clear) struct str out = { 0 };

	for (const char *p = file_name; *p; p++) {
		int high, low;

		if (*p != '%') {
			str_addc(&out, *p);
			continue;
		}
		high = hex_value(p[1]);
		low = high < 0 ? -1 : hex_value(p[2]);
		if (low < 0 || (high == 0 && low == 0))
			return NULL;
		str_addc(&out, (char)(high << 4 | low));
		p += 2;
	}
	return str_steal(&out);
}
