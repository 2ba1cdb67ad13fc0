/* SPDX-License-Identifier: Apache-2.0 */
#include "image/progress.h"

#include "base/fd.h"
#include "base/str.h"
#include "base/timefmt.h"
#include "base/units.h"

#include <errno.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { DRAW_MS = 100, MIN_WIDTH = 40, MAX_BAR = 40, LABEL_WIDTH = 26, MAX_ROWS_SHOWN = 200 };

struct row {
	char *label;	/* owned */
	uint64_t total;
	enum progress_state state;	/* under the lock */
	atomic_ullong done;
};

struct progress {
	pthread_mutex_t lock;
	pthread_cond_t wake;
	pthread_t drawer;
	bool is_drawing, is_ending, is_quiet, is_tty;
	size_t drawn;		/* rows on the screen now */
	size_t n;
	struct row *rows;	/* owned */
};

static void out(const struct str *s)
{
	if (s->len)
		(void)fd_write_all(STDERR_FILENO, s->p, s->len);
}

static unsigned int screen(unsigned int *rows)
{
	struct winsize w = { 0 };

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &w) < 0 || w.ws_col == 0)
		w.ws_col = 80;
	*rows = w.ws_row ? w.ws_row : 24;
	return w.ws_col;
}

static void add_bar(struct str *s, const struct row *r, uint64_t done, unsigned int width)
{
	char a[32], b[32];
	unsigned int cells = width < MIN_WIDTH + MAX_BAR ? width / 4 : MAX_BAR;
	unsigned int full = r->total ? cells * (done < r->total ? done : r->total) / r->total : 0;

	str_addc(s, '[');
	for (unsigned int i = 0; i < cells; i++)
		str_addc(s, i < full ? '=' : i == full ? '>' : ' ');
	str_addf(s, "] %s / %s", units_human_size(a, done), units_human_size(b, r->total));
}

static void add_row(struct str *s, struct row *r, unsigned int width)
{
	static const char *const words[] = {
		"waiting", "", "another command is pulling it", "already here", "already there",
		"done", "failed",
	};
	_Static_assert(ARRAY_SIZE(words) == N_PROGRESS_STATES, "a word for each state");
	char size[32];

	str_addf(s, "%-*s ", LABEL_WIDTH, r->label);
	if (r->state == PROGRESS_RUNNING)
		add_bar(s, r, atomic_load_explicit(&r->done, memory_order_relaxed), width);
	else if (r->state == PROGRESS_DONE)
		str_addf(s, "%s, %s", words[r->state], units_human_size(size, r->total));
	else
		str_add(s, words[r->state]);
}

/* Under the lock. Clears what was drawn and draws anew; is_last leaves the cursor below it. */
static void draw(struct progress *p, const char *text)
{
	auto_of(str_clear) struct str s = { 0 };
	unsigned int height, width = screen(&height);
	size_t shown = p->n < MAX_ROWS_SHOWN ? p->n : MAX_ROWS_SHOWN;

	if (shown + 1 > height)
		shown = height > 1 ? height - 1 : 0;
	if (p->drawn)
		str_addf(&s, "\033[%zuA", p->drawn);
	if (text)
		str_addf(&s, "\r\033[K%s\n", text);
	for (size_t i = 0; i < shown; i++) {
		str_add(&s, "\r\033[K");
		add_row(&s, &p->rows[i], width);
		str_addc(&s, '\n');
	}
	p->drawn = shown;
	out(&s);
}

static void *drawer(void *arg)
{
	struct progress *p = arg;

	pthread_mutex_lock(&p->lock);
	while (!p->is_ending) {
		struct timespec t;

		draw(p, NULL);
		clock_gettime(CLOCK_MONOTONIC, &t);
		t.tv_nsec += DRAW_MS * TIME_MILLISECOND;
		t.tv_sec += t.tv_nsec / TIME_SECOND;
		t.tv_nsec %= TIME_SECOND;
		while (!p->is_ending &&
		       pthread_cond_timedwait(&p->wake, &p->lock, &t) != ETIMEDOUT)
			continue;
	}
	draw(p, NULL);
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

struct progress *progress_new(size_t n, bool quiet)
{
	struct progress *p = xcalloc(1, sizeof(*p));
	pthread_condattr_t attr;

	pthread_mutex_init(&p->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&p->wake, &attr);
	pthread_condattr_destroy(&attr);
	p->n = n;
	p->rows = xcalloc(n ? n : 1, sizeof(*p->rows));
	p->is_quiet = quiet;
	p->is_tty = !quiet && isatty(STDERR_FILENO);
	return p;
}

void progress_set(struct progress *p, size_t row, const char *label, uint64_t total)
{
	xreplace(&p->rows[row].label, label);
	p->rows[row].total = total;
}

void progress_set_blob(struct progress *p, size_t row, const char *hex, uint64_t total)
{
	autofree char *label = p->is_tty ? xasprintf("Copying blob %.12s", hex)
					 : xasprintf("Copying blob sha256:%s", hex);

	progress_set(p, row, label, total);
}

void progress_say_config(struct progress *p, const char *hex)
{
	autofree char *line = xasprintf("Copying config sha256:%s", hex);

	progress_say(p, line);
}

void progress_total(struct progress *p, size_t row, uint64_t total)
{
	pthread_mutex_lock(&p->lock);
	p->rows[row].total = total;
	pthread_mutex_unlock(&p->lock);
}

atomic_ullong *progress_counter(struct progress *p, size_t row)
{
	return &p->rows[row].done;
}

void progress_state(struct progress *p, size_t row, enum progress_state state)
{
	auto_of(str_clear) struct str s = { 0 };

	if (p->is_quiet)
		return;
	pthread_mutex_lock(&p->lock);
	p->rows[row].state = state;
	if (!p->is_tty && state != PROGRESS_RUNNING && state != PROGRESS_WAITING) {
		add_row(&s, &p->rows[row], 80);
		str_addc(&s, '\n');
		out(&s);
	}
	if (p->is_tty && !p->is_drawing)
		p->is_drawing = pthread_create(&p->drawer, NULL, drawer, p) == 0;
	pthread_mutex_unlock(&p->lock);
}

void progress_say(struct progress *p, const char *text)
{
	auto_of(str_clear) struct str s = { 0 };

	if (p->is_quiet)
		return;
	pthread_mutex_lock(&p->lock);
	if (p->is_drawing) {
		draw(p, text);
	} else {
		str_addf(&s, "%s\n", text);
		out(&s);
	}
	pthread_mutex_unlock(&p->lock);
}

void progress_free(struct progress *p)
{
	if (!p)
		return;
	pthread_mutex_lock(&p->lock);
	p->is_ending = true;
	pthread_cond_signal(&p->wake);
	pthread_mutex_unlock(&p->lock);
	if (p->is_drawing)
		pthread_join(p->drawer, NULL);
	for (size_t i = 0; i < p->n; i++)
		free(p->rows[i].label);
	free(p->rows);
	pthread_cond_destroy(&p->wake);
	pthread_mutex_destroy(&p->lock);
	free(p);
}
