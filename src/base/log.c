/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include "base/fd.h"
#include "base/persona.h"
#include "base/str.h"
#include "base/table.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <strings.h>

static enum log_level current = LEVEL_WARN;

int log_level_parse(const char *s)
{
	static const struct {
		const char *name;
		enum log_level level;
	} names[] = {
		{ "trace", LEVEL_TRACE }, { "debug", LEVEL_DEBUG },   { "info", LEVEL_INFO },
		{ "warn", LEVEL_WARN },	  { "warning", LEVEL_WARN },  { "error", LEVEL_ERROR },
		{ "fatal", LEVEL_ERROR }, { "panic", LEVEL_ERROR },
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strcasecmp(s, names[i].name) == 0)
			return names[i].level;
	return -EINVAL;
}

void log_set_level(enum log_level level)
{
	current = level;
}

int log_is_on(enum log_level level)
{
	return level <= current;
}

static void say(enum log_level level, const char *what, const char *fmt, va_list ap)
{
	auto_of(str_clear) struct str text = { 0 }, clean = { 0 }, line = { 0 };

	if (!log_is_on(level))
		return;
	str_addv(&text, fmt, ap);
	/* Names from images and registries may be in it: no terminal sequences get through. */
	table_sanitize_line(&clean, str_peek(&text));
	persona_note(&line, what, str_peek(&clean));
	fd_write_all(2, line.p, line.len);
}

void log_warn(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(LEVEL_WARN, "warning", fmt, ap);
	va_end(ap);
}

void log_debug(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(LEVEL_DEBUG, "debug", fmt, ap);
	va_end(ap);
}
