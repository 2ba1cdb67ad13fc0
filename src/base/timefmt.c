/* SPDX-License-Identifier: Apache-2.0 */
#include "base/timefmt.h"

#include "base/mem.h"
#include "base/str.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define MINUTE (60 * TIME_SECOND)
#define HOUR (60 * MINUTE)

static int64_t clock_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec * TIME_SECOND + ts.tv_nsec;
}

int64_t time_now(void)
{
	return clock_ns(CLOCK_REALTIME);
}

int64_t time_monotonic(void)
{
	return clock_ns(CLOCK_BOOTTIME);
}

/* Splits into whole seconds (rounded down, also before 1970) and the rest. */
static time_t split(int64_t ns, long *rest)
{
	int64_t s = ns / TIME_SECOND;

	*rest = ns % TIME_SECOND;
	if (*rest < 0) {
		*rest += TIME_SECOND;
		s--;
	}
	return s;
}

/* ".123456789" without the zeros at its end, as Go prints fractions; "" for none. */
static const char *fraction(char buf[16], long ns)
{
	size_t n;

	if (ns == 0)
		return "";
	n = snprintf(buf, 16, ".%09ld", ns);
	while (buf[n - 1] == '0')
		buf[--n] = 0;
	return buf;
}

char *time_rfc3339(char buf[40], int64_t ns, bool is_utc)
{
	char frac[16], date[24], zone[16];
	long rest;
	time_t s = split(ns, &rest);
	struct tm tm;

	if (is_utc)
		gmtime_r(&s, &tm);
	else
		localtime_r(&s, &tm);
	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm);
	if (tm.tm_gmtoff == 0)
		snprintf(zone, sizeof(zone), "Z");
	else
		snprintf(zone, sizeof(zone), "%c%02ld:%02ld", tm.tm_gmtoff < 0 ? '-' : '+',
			 labs(tm.tm_gmtoff) / 3600 % 100, labs(tm.tm_gmtoff) / 60 % 60);
	snprintf(buf, 40, "%.22s%.10s%.6s", date, fraction(frac, rest), zone);
	return buf;
}

char *time_go_string(char buf[64], int64_t ns, bool is_utc)
{
	char frac[16], date[24], zone[24];
	long rest;
	time_t s = split(ns, &rest);
	struct tm tm;

	(is_utc ? gmtime_r : localtime_r)(&s, &tm);
	strftime(date, sizeof(date), "%Y-%m-%d %H:%M:%S", &tm);
	if (strftime(zone, sizeof(zone), "%z %Z", &tm) == 0 || is_utc)
		snprintf(zone, sizeof(zone), "+0000 UTC");
	snprintf(buf, 64, "%s%s %s", date, fraction(frac, rest), zone);
	return buf;
}

char *time_format(char *buf, unsigned long size, const char *strftime_format, int64_t ns)
{
	long rest;
	time_t s = split(ns, &rest);
	struct tm tm;

	localtime_r(&s, &tm);
	if (size && strftime(buf, size, strftime_format, &tm) == 0)
		buf[0] = 0;
	return buf;
}

/* Reads exactly n digits; -1 when there are others. */
static int digits(const char **p, int n)
{
	int v = 0;

	for (int i = 0; i < n; i++) {
		if (**p < '0' || **p > '9')
			return -1;
		v = 10 * v + *(*p)++ - '0';
	}
	return v;
}

/* ".5" to nanoseconds; digits beyond the ninth are read and dropped. No '.': 0. */
static long read_fraction(const char **p)
{
	long ns = 0, unit = TIME_SECOND / 10;

	if (**p != '.' && **p != ',')
		return 0;
	for ((*p)++; **p >= '0' && **p <= '9'; (*p)++, unit /= 10)
		ns += (**p - '0') * unit;
	return ns;
}

/* "Z", "+02:00", "+0200", " +0000 UTC" (Go's String). 1: a zone was there, 0: none, -EINVAL. */
static int read_zone(const char **p, long *offset)
{
	int h, m, sign;

	if (**p == ' ')
		(*p)++;
	if (**p == 'Z' || **p == 'z') {
		(*p)++;
		*offset = 0;
		return 1;
	}
	if (**p != '+' && **p != '-')
		return 0;
	sign = *(*p)++ == '-' ? -1 : 1;
	h = digits(p, 2);
	if (h >= 0 && **p == ':')
		(*p)++;
	m = digits(p, 2);
	if (h < 0 || h > 23 || m < 0 || m > 59)
		return -EINVAL;
	*offset = sign * (h * 3600L + m * 60L);
	if (**p == ' ' && (*p)[1])	/* Go's String has the zone's name, too */
		*p += 1 + strspn(*p + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZ+-0123456789");
	return 1;
}

static int read_clock(const char **p, struct tm *tm, long *ns)
{
	tm->tm_hour = digits(p, 2);
	if (tm->tm_hour < 0 || tm->tm_hour > 23)
		return -EINVAL;
	if (*(*p)++ != ':')
		return -EINVAL;
	tm->tm_min = digits(p, 2);
	if (tm->tm_min < 0 || tm->tm_min > 59)
		return -EINVAL;
	if (**p != ':')
		return 0;
	(*p)++;
	tm->tm_sec = digits(p, 2);
	/* 60: a leap second. */
	if (tm->tm_sec < 0 || tm->tm_sec > 60)
		return -EINVAL;
	*ns = read_fraction(p);
	return 0;
}

static int days_in(int year, int month)
{
	static const char days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month] + (month == 1 && leap);
}

static int parse_date(const char *p, int64_t *out)
{
	struct tm tm = { .tm_isdst = -1 };
	long ns = 0, offset = 0;
	int64_t s;
	int r;

	tm.tm_year = digits(&p, 4) - 1900;
	if (tm.tm_year < -1900 || *p++ != '-')
		return -EINVAL;
	tm.tm_mon = digits(&p, 2) - 1;
	if (tm.tm_mon < 0 || tm.tm_mon > 11 || *p++ != '-')
		return -EINVAL;
	tm.tm_mday = digits(&p, 2);
	if (tm.tm_mday < 1 || tm.tm_mday > days_in(tm.tm_year + 1900, tm.tm_mon))
		return -EINVAL;
	if (*p == 'T' || *p == 't' || (*p == ' ' && p[1] >= '0' && p[1] <= '9')) {
		p++;
		r = read_clock(&p, &tm, &ns);
		if (r < 0)
			return r;
	}
	r = read_zone(&p, &offset);
	if (r < 0 || *p)
		return -EINVAL;
	s = r ? timegm(&tm) - offset : mktime(&tm);
	if (__builtin_mul_overflow(s, TIME_SECOND, out) || __builtin_add_overflow(*out, ns, out))
		*out = s < 0 ? INT64_MIN : INT64_MAX;
	return 0;
}

static int parse_unix(const char *p, int64_t *out)
{
	int64_t s = 0;
	long ns;

	if (*p < '0' || *p > '9')
		return -EINVAL;
	for (; *p >= '0' && *p <= '9'; p++)
		if (__builtin_mul_overflow(s, 10, &s) || __builtin_add_overflow(s, *p - '0', &s))
			return -EINVAL;
	ns = read_fraction(&p);
	if (*p || __builtin_mul_overflow(s, TIME_SECOND, &s) || __builtin_add_overflow(s, ns, out))
		return -EINVAL;
	return 0;
}

static int parse_from_now(const char *s, bool ahead, int64_t *ns)
{
	int64_t span, when;

	if (parse_date(s, &when) == 0 || parse_unix(s, &when) == 0) {
		*ns = when;
		return 0;
	}
	if (time_duration_parse(s, false, &span) < 0)
		return -EINVAL;
	if (ahead ? __builtin_add_overflow(time_now(), span, &when) :
		    __builtin_sub_overflow(time_now(), span, &when))
		return -EINVAL;
	*ns = when;
	return 0;
}

int time_parse(const char *s, int64_t *ns)
{
	return parse_from_now(s, false, ns);
}

int time_parse_ahead(const char *s, int64_t *ns)
{
	return parse_from_now(s, true, ns);
}

static int read_unit(const char **p, int64_t *unit)
{
	static const struct {
		const char *name;
		int64_t ns;
	} units[] = {
		/* Longer names first: "m" begins "ms". Both micro signs of Unicode. */
		{ "ns", 1 },
		{ "us", 1000 },
		{ "\xc2\xb5s", 1000 },
		{ "\xce\xbcs", 1000 },
		{ "ms", TIME_MILLISECOND },
		{ "s", TIME_SECOND },
		{ "m", MINUTE },
		{ "h", HOUR },
	};

	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		if (str_has_prefix(*p, units[i].name)) {
			*p += strlen(units[i].name);
			*unit = units[i].ns;
			return 0;
		}
	}
	return -EINVAL;
}

/* One "1.5h": adds to *sum. */
static int read_term(const char **p, bool has_seconds, int64_t *sum)
{
	int64_t whole = 0, unit = TIME_SECOND;
	double part = 0, scale = 0.1;
	const char *from = *p;
	bool any = false;

	for (; **p >= '0' && **p <= '9'; (*p)++, any = true)
		if (__builtin_mul_overflow(whole, 10, &whole) ||
		    __builtin_add_overflow(whole, **p - '0', &whole))
			return -EINVAL;
	if (**p == '.')
		for ((*p)++; **p >= '0' && **p <= '9'; (*p)++, scale /= 10, any = true)
			part += (**p - '0') * scale;
	if (!any)
		return -EINVAL;
	if (!**p && has_seconds)
		unit = TIME_SECOND;
	else if (!**p && *p == from + 1 && whole == 0)
		unit = 1;	/* Go takes a lone "0" without unit */
	else if (read_unit(p, &unit) < 0)
		return -EINVAL;
	if (__builtin_mul_overflow(whole, unit, &whole) ||
	    __builtin_add_overflow(whole, (int64_t)(part * unit + 0.5), &whole) ||
	    __builtin_add_overflow(*sum, whole, sum))
		return -EINVAL;
	return 0;
}

int time_duration_parse(const char *s, bool has_seconds, int64_t *ns)
{
	bool minus = *s == '-';
	int64_t sum = 0;

	if (*s == '-' || *s == '+')
		s++;
	do {
		int r = read_term(&s, has_seconds, &sum);

		if (r < 0)
			return r;
		has_seconds = false;
	} while (*s);
	*ns = minus ? -sum : sum;
	return 0;
}

char *time_duration_string(char buf[40], int64_t ns)
{
	uint64_t u = ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns;
	const char *sign = ns < 0 ? "-" : "";
	uint64_t s = u / TIME_SECOND;
	char frac[16], clock[24] = "";

	if (u == 0) {
		snprintf(buf, 40, "0s");
	} else if (u < 1000) {
		snprintf(buf, 40, "%s%" PRIu64 "ns", sign, u);
	} else if (u < TIME_MILLISECOND) {
		snprintf(buf, 40, "%s%" PRIu64 "%s\xc2\xb5s", sign, u / 1000,
			 fraction(frac, u % 1000 * 1000000));
	} else if (u < TIME_SECOND) {
		snprintf(buf, 40, "%s%" PRIu64 "%sms", sign, u / TIME_MILLISECOND,
			 fraction(frac, u % 1000000 * 1000));
	} else {
		if (s >= 3600)
			snprintf(clock, sizeof(clock), "%" PRIu64 "h%" PRIu64 "m", s / 3600,
				 s / 60 % 60);
		else if (s >= 60)
			snprintf(clock, sizeof(clock), "%" PRIu64 "m", s / 60);
		snprintf(buf, 40, "%s%s%" PRIu64 "%ss", sign, clock, s % 60,
			 fraction(frac, u % TIME_SECOND));
	}
	return buf;
}

char *time_human(char buf[40], int64_t ns)
{
	int64_t s = ns / TIME_SECOND, m = s / 60, h = (s + 1800) / 3600;

	if (s < 1)
		snprintf(buf, 40, "Less than a second");
	else if (s == 1)
		snprintf(buf, 40, "1 second");
	else if (s < 60)
		snprintf(buf, 40, "%" PRId64 " seconds", s);
	else if (m == 1)
		snprintf(buf, 40, "About a minute");
	else if (m < 60)
		snprintf(buf, 40, "%" PRId64 " minutes", m);
	else if (h == 1)
		snprintf(buf, 40, "About an hour");
	else if (h < 48)
		snprintf(buf, 40, "%" PRId64 " hours", h);
	else if (h < 24 * 7 * 2)
		snprintf(buf, 40, "%" PRId64 " days", h / 24);
	else if (h < 24 * 30 * 2)
		snprintf(buf, 40, "%" PRId64 " weeks", h / 24 / 7);
	else if (h < 24 * 365 * 2)
		snprintf(buf, 40, "%" PRId64 " months", h / 24 / 30);
	else
		snprintf(buf, 40, "%" PRId64 " years", s / 3600 / 24 / 365);
	return buf;
}
