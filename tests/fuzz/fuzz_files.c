/* SPDX-License-Identifier: Apache-2.0 */
/* Files that others write or that a crash has spoilt: logs, events, the state of a container, device
 * specifications. The first byte says which. */
#include "tests/fuzz/fuzz_dir.h"

#include "base/log.h"
#include "container/cdi.h"
#include "container/events.h"
#include "container/logs.h"
#include "container/logs_priv.h"
#include "container/state.h"
#include "storage/event_log.h"

#include <stdio.h>

static void put(int dirfd, const char *name, const uint8_t *data, size_t size)
{
	if (file_write_at(dirfd, name, (const char *)data, size, 0600, 0) < 0)
		abort();
}

struct seen {
	size_t lines, most;
};

static int on_line(void *arg, int stream, const char *time, const char *text, size_t n, bool is_partial)
{
	struct seen *seen = arg;

	(void)is_partial;
	if ((stream != 1 && stream != 2) || strlen(time) > 60 || (n && memchr(text, '\n', n) && text[0] == 0))
		abort();
	return ++seen->lines > seen->most;
}

/* No more lines come out than the file has, and not more than were asked for. */
static void fuzz_log(int dirfd, const char *driver, const uint8_t *data, size_t size)
{
	struct record r = { .id = (char *)"0123456789abcdef", .dirfd = dirfd };
	struct seen seen = { .most = size + 1 };
	struct logs_query q = { .tail = size % 3 ? -1 : (int64_t)(size % 7), .line = on_line, .arg = &seen };
	struct err e = { 0 };

	config_init(&r.config);
	r.config.log_driver = xstrdup(driver);
	put(dirfd, LOGS_FILE ".1", data, size / 3);
	put(dirfd, LOGS_FILE, data + size / 3, size - size / 3);
	if (size % 5 == 0)
		q.since = 1, q.until = INT64_MAX / 2;
	(void)fuzz_check(logs_read(NULL, &r, &q, &e), &e);
	if (seen.lines > seen.most)
		abort();
	config_clear(&r.config);
}

static void fuzz_log_option(const uint8_t *data, size_t size)
{
	struct container_config c;
	struct err e = { 0 };
	char *text = fuzz_text(data, size), *save = NULL;

	config_init(&c);
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		if (!c.log_driver)
			c.log_driver = xstrdup(line);
		else
			strv_add(&c.log_opts, line);
	}
	if (fuzz_check(logs_check(&c, &e), &e) >= 0) {
		auto_of(strv_clear) struct strv attributes = { 0 };
		struct logs_limits limits;

		logs_attributes(&c, &attributes);
		(void)fuzz_check(logs_limits(&limits, &c, &e), &e);
	}
	config_clear(&c);
	free(text);
}

static int on_event(void *arg, const struct json *event)
{
	const struct strv *filters = arg;

	(void)events_accepts(filters, event);
	return 0;
}

static void fuzz_events(int dirfd, const uint8_t *data, size_t size)
{
	char *words[] = { (char *)"container=web", (char *)"label=a=b", (char *)"event=die" };
	struct strv filters = { .v = words, .n = size % 4 };
	struct store store = { .root_dirfd = dirfd, .root = (char *)"store" };
	auto_of(json_free) struct json *no_conf = json_new_object();
	struct engine g = { .store = &store, .conf = no_conf, .events = ENGINE_EVENTS_FILE };
	struct events_query q = { .filters = &filters, .has_history = true, .event = on_event,
				  .arg = &filters };
	struct err e = { 0 };

	put(dirfd, EVENT_LOG_FILE EVENT_LOG_OLD_SUFFIX, data, size / 2);
	put(dirfd, EVENT_LOG_FILE, data + size / 2, size - size / 2);
	(void)fuzz_check(events_read(&g, &q, &e), &e);
}

/* What is read and written again reads the same. */
static void fuzz_state(int dirfd, const uint8_t *data, size_t size)
{
	auto_of(state_clear) struct state s = { 0 }, again = { 0 };
	struct err e = { 0 };

	put(dirfd, "state.json", data, size);
	if (fuzz_check(state_load_at(&s, dirfd, &e), &e) < 0)
		return;
	if (s.status >= N_STATES || state_save_at(&s, dirfd, &e) < 0 || state_load_at(&again, dirfd, &e) < 0)
		abort();
	if (again.status != s.status || again.exit_code != s.exit_code || again.started != s.started ||
	    again.restart_count != s.restart_count || !again.error != !s.error || !again.health != !s.health)
		abort();
}

static void fuzz_cdi(int dirfd, const uint8_t *data, size_t size)
{
	auto_of(spec_clear) struct spec spec;
	char dir[80], *dirs[] = { dir }, *words[] = { (char *)"a.b/c=d", (char *)"a.b/c=e" };
	struct strv list = { .v = dirs, .n = 1 }, names = { .v = words, .n = 1 + size % 2 };
	struct engine g = { .cdi_dirs = &list };
	struct err e = { 0 };

	spec_init(&spec);
	snprintf(dir, sizeof(dir), "%s/in", fuzz_dir_base);
	put(dirfd, "x.json", data, size);
	if (fuzz_check(cdi_apply(&spec, &g, &names, &e), &e) < 0)
		return;
	/* Nothing half made: every mount and hook has both its ends. */
	for (size_t i = 0; i < spec.mounts_n; i++)
		if (!spec.mounts[i].source || !spec.mounts[i].target || spec.mounts[i].target[0] != '/')
			abort();
	for (int k = 0; k < N_SPEC_HOOK_STAGES; k++)
		for (size_t i = 0; i < spec.hooks_n[k]; i++)
			if (!spec.hooks[k][i].path || spec.hooks[k][i].path[0] != '/')
				abort();
	for (size_t i = 0; i < spec.process.env.n; i++)
		if (!strchr(spec.process.env.v[i], '='))
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autoclose int dirfd = -1;

	if (!size)
		return 0;
	dirfd = fuzz_dir_fresh("files");
	switch (data[0] % 6) {
	case 0:
		fuzz_log(dirfd, "k8s-file", data + 1, size - 1);
		break;
	case 1:
		fuzz_log(dirfd, "json-file", data + 1, size - 1);
		break;
	case 2:
		fuzz_log_option(data + 1, size - 1);
		break;
	case 3:
		fuzz_events(dirfd, data + 1, size - 1);
		break;
	case 4:
		fuzz_state(dirfd, data + 1, size - 1);
		break;
	default:
		fuzz_cdi(dirfd, data + 1, size - 1);
		break;
	}
	return 0;
}
