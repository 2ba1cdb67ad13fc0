/* SPDX-License-Identifier: Apache-2.0 */
/* Points in time as Go's templates see them: printed as Go's String has them, with the methods of time.Time
 * that scripts call: .Created.Unix, .Created.UTC, .Created.Format "2006-01-02". For Docker they are texts. */
#include "base/template_priv.h"

#include "base/persona.h"
#include "base/str.h"
#include "base/timefmt.h"

#include <stdio.h>
#include <string.h>
#include <time.h>


bool template_is_time(const struct json *j)
{
	return json_is_time(j) && persona_get() != PERSONA_DOCKER;
}

/* "CET" where the offset is the one that this machine has then, else the offset once more, as Go. */
static void add_zone_name(struct str *out, const char *rfc3339, const char *offset)
{
	char ours[8];
	struct tm tm;
	int64_t ns;
	time_t s;

	if (time_parse(rfc3339, &ns) < 0)
		return;
	s = ns / TIME_SECOND;
	localtime_r(&s, &tm);
	strftime(ours, sizeof(ours), "%z", &tm);
	str_addf(out, " %s", strcmp(ours, offset) == 0 ? tm.tm_zone : offset);
}

void template_time_print(struct str *out, const char *rfc3339)
{
	const char *t = strchr(rfc3339, 'T'), *p = t ? t + 1 : "";
	size_t clock = strspn(p, "0123456789:"), fraction = p[clock] == '.' ? 1 : 0;
	const char *zone;
	char offset[8];

	fraction += fraction ? strspn(p + clock + 1, "0123456789") : 0;
	zone = p + clock + fraction;
	if (!t || (*zone != 'Z' && strlen(zone) != 6)) {
		str_add(out, rfc3339);
		return;
	}
	while (fraction && strchr(".0", p[clock + fraction - 1]))
		fraction--;
	str_addf(out, "%.*s %.*s", (int)(t - rfc3339), rfc3339, (int)(clock + fraction), p);
	if (*zone == 'Z') {
		str_add(out, " +0000 UTC");
		return;
	}
	snprintf(offset, sizeof(offset), "%.3s%.2s", zone, zone + 4);
	str_addf(out, " %s", offset);
	add_zone_name(out, rfc3339, offset);
}

static const struct json *keep_time(struct template_eval *ev, int64_t ns, bool is_utc)
{
	char buf[40];

	return template_keep(ev, json_new_time(time_rfc3339(buf, ns, is_utc)));
}

const struct json *template_time_field(struct template_eval *ev, const struct json *j, const char *name)
{
	auto_of(str_clear) struct str text = { 0 };
	int64_t ns;

	if (time_parse(json_str(j), &ns) < 0)
		return NULL;
	if (str_eq(name, "Unix"))
		return template_keep(ev, json_new_int(ns / TIME_SECOND));
	if (str_eq(name, "UnixMilli"))
		return template_keep(ev, json_new_int(ns / TIME_MILLISECOND));
	if (str_eq(name, "UnixNano"))
		return template_keep(ev, json_new_int(ns));
	if (str_eq(name, "UTC") || str_eq(name, "Local"))
		return keep_time(ev, ns, str_eq(name, "UTC"));
	if (str_eq(name, "IsZero"))
		return template_keep(ev, json_new_bool(str_has_prefix(json_str(j), "0001-01-01T00:00:00Z")));
	if (!str_eq(name, "String"))
		return NULL;
	template_time_print(&text, json_str(j));
	return template_keep(ev, json_new_string(str_peek(&text)));
}

/* Go's layouts are the point in time 2006-01-02 15:04:05 -0700, written as it is wanted. Longer words first. */
static const struct {
	const char *go, *c;
} words[] = {
	{ "January", "%B" }, { "Monday", "%A" }, { "Jan", "%b" }, { "Mon", "%a" }, { "MST", "%Z" },
	{ "2006", "%Y" }, { "-0700", "%z" }, { "01", "%m" }, { "02", "%d" }, { "03", "%I" }, { "04", "%M" },
	{ "05", "%S" }, { "06", "%y" }, { "15", "%H" }, { "PM", "%p" }, { "_2", "%e" },
};

static void add_word(struct str *out, const char *format, const struct tm *tm)
{
	char text[64];

	if (strftime(text, sizeof(text), format, tm) > 0)
		str_add(out, text);
}

/* ".000" or ".999" behind the seconds: that many digits, of 9 without the zeros at the end. */
static size_t add_fraction(struct str *out, const char *layout, long ns)
{
	size_t n = *layout == '.' ? strspn(layout + 1, layout[1] == '0' ? "0" : "9") : 0;
	char digits[12];

	if (!n || n > 9)
		return 0;
	snprintf(digits, sizeof(digits), ".%09ld", ns % TIME_SECOND);
	digits[n + 1] = 0;
	while (layout[1] == '9' && n > 0 && digits[n] == '0')
		digits[n--] = 0;
	if (n)
		str_add(out, digits);
	return 1 + strspn(layout + 1, layout[1] == '0' ? "0" : "9");
}

/* "Z07:00", "-07:00": Z for UTC in the first. */
static size_t add_offset(struct str *out, const char *layout, const struct tm *tm)
{
	bool has_z = str_has_prefix(layout, "Z07:00");
	long minutes = labs(tm->tm_gmtoff) / 60;

	if (!has_z && !str_has_prefix(layout, "-07:00"))
		return 0;
	if (has_z && tm->tm_gmtoff == 0)
		str_addc(out, 'Z');
	else
		str_addf(out, "%c%02ld:%02ld", tm->tm_gmtoff < 0 ? '-' : '+', minutes / 60, minutes % 60);
	return 6;
}

const struct json *template_time_format(struct template_eval *ev, const struct json *j, const char *layout)
{
	auto_of(str_clear) struct str out = { 0 };
	bool is_utc = json_str(j)[strlen(json_str(j)) - 1] == 'Z';
	struct tm tm;
	int64_t ns;
	time_t s;

	if (time_parse(json_str(j), &ns) < 0)
		return NULL;
	s = ns / TIME_SECOND;
	(is_utc ? gmtime_r : localtime_r)(&s, &tm);
	while (*layout) {
		size_t i = 0, n = add_offset(&out, layout, &tm);

		if (!n)
			n = add_fraction(&out, layout, (long)(ns % TIME_SECOND));
		for (; !n && i < ARRAY_SIZE(words); i++) {
			if (!str_has_prefix(layout, words[i].go))
				continue;
			add_word(&out, words[i].c, &tm);
			n = strlen(words[i].go);
		}
		if (!n)
			str_addc(&out, *layout);
		layout += n ? n : 1;
	}
	return template_keep(ev, json_new_string(str_peek(&out)));
}
