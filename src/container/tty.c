/* SPDX-License-Identifier: Apache-2.0 */
#include "container/tty.h"

#include "base/str.h"
#include "base/strv.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

int tty_raw_enter(struct tty_raw *t, int fd)
{
	struct tty_raw fresh = { .fd = fd };

	if (tcgetattr(fd, &fresh.before) < 0)
		return -errno;
	*t = fresh;
	tty_raw_again(t);
	return 0;
}

void tty_raw_again(const struct tty_raw *t)
{
	struct termios raw = t->before;

	if (t->fd < 0)
		return;
	cfmakeraw(&raw);
	tcsetattr(t->fd, TCSANOW, &raw);
}

void tty_raw_leave(struct tty_raw *t)
{
	if (t->fd >= 0)
		tcsetattr(t->fd, TCSANOW, &t->before);
	t->fd = -1;
}

int tty_size(int fd, uint16_t *rows, uint16_t *cols)
{
	struct winsize ws;

	if (ioctl(fd, TIOCGWINSZ, &ws) < 0)
		return -errno;
	*rows = ws.ws_row;
	*cols = ws.ws_col;
	return 0;
}

int tty_set_size(int fd, uint16_t rows, uint16_t cols)
{
	struct winsize ws = { .ws_row = rows, .ws_col = cols };

	return ioctl(fd, TIOCSWINSZ, &ws) < 0 ? -errno : 0;
}

int tty_find(void)
{
	for (int fd = 0; fd <= 2; fd++)
		if (isatty(fd))
			return fd;
	return -1;
}

bool tty_keys_feed(struct tty_keys *k, const char *in, size_t n, char *out, size_t *out_n)
{
	size_t o = 0;

	for (size_t i = 0; i < n; i++) {
		if (k->n && in[i] == k->keys[k->matched]) {
			if (++k->matched < k->n)
				continue;
			k->matched = 0;
			*out_n = o;
			return true;
		}
		/* Broken: what was withheld goes out. The byte may begin the sequence anew; the longest
		 * proper prefix is not looked for: sequences of repeated keys are not worth it. */
		memcpy(out + o, k->keys, k->matched);
		o += k->matched;
		k->matched = 0;
		if (k->n && in[i] == k->keys[0]) {
			k->matched = 1;
			if (k->n == 1) {
				k->matched = 0;
				*out_n = o;
				return true;
			}
		} else {
			out[o++] = in[i];
		}
	}
	*out_n = o;
	return false;
}

static int parse_key(const char *s, char *key)
{
	const char *c = str_after(s, "ctrl-");

	if (!c) {
		if (strlen(s) != 1)
			return -EINVAL;
		*key = *s;
		return 0;
	}
	if (strlen(c) != 1)
		return -EINVAL;
	if (isalpha((unsigned char)*c))
		*key = tolower((unsigned char)*c) - 'a' + 1;
	else if (strchr("@[\\]^_", *c))
		*key = *c - '@';
	else
		return -EINVAL;
	return 0;
}

int tty_keys_parse(struct tty_keys *k, const char *text)
{
	auto_of(strv_clear) struct strv parts = { 0 };
	struct tty_keys fresh = { .n = 0 };

	strv_split(&parts, text, ',');
	if (parts.n > TTY_KEYS_MAX)
		return -EINVAL;
	for (size_t i = 0; i < parts.n; i++)
		if (parse_key(parts.v[i], &fresh.keys[fresh.n++]) < 0)
			return -EINVAL;
	*k = fresh;
	return 0;
}
