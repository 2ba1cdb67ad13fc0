/* SPDX-License-Identifier: Apache-2.0 */
/* Small languages of options and of records: id maps, filters, durations, secrets, the journal. */
#include "tests/fuzz/fuzz.h"

#include "base/journal.h"
#include "container/attach.h"
#include "container/ctr_idmap.h"
#include "container/ctr_secrets.h"
#include "container/ctr_userns.h"
#include "container/health.h"
#include "container/query_filter.h"
#include "container/restart.h"
#include "base/idmap.h"
#include "userns/session_record.h"

static void fuzz_id_lines(const char *text)
{
	auto_of(ctr_userns_auto_clear) struct ctr_userns_auto a = { 0 };
	auto_of(idmap_clear) struct idmap map = { 0 };
	struct ctr_idmap_line line = { 0 };
	struct err e = { 0 };

	if (fuzz_check(ctr_idmap_parse_line(&line, "uidmap", text, &e), &e) >= 0 &&
	    (!line.line.count || line.line.inside + (uint64_t)line.line.count > UINT32_MAX + UINT64_C(1)))
		abort();
	(void)fuzz_check(ctr_userns_parse_auto(&a, text, &e), &e);
	(void)idmap_parse(&map, text);
}

static void fuzz_record(const char *text)
{
	auto_of(session_record_clear) struct session_record r = { 0 };

	(void)session_record_parse(&r, text);
}

static void fuzz_filter(char *text)
{
	auto_of(query_match_clear) struct query_match m = { 0 };
	struct strv filters = { .v = &text, .n = 1 };
	struct err e = { 0 };

	/* Those that look for other objects want an engine. */
	for (size_t i = 0; i < strlen(text); i++)
		if (strncmp(text + i, "before", 6) == 0 || strncmp(text + i, "since", 5) == 0 ||
		    strncmp(text + i, "ancestor", 8) == 0 || strncmp(text + i, "until", 5) == 0 ||
		    strncmp(text + i, "network", 7) == 0 || strncmp(text + i, "volume", 6) == 0 ||
		    strncmp(text + i, "pod", 3) == 0)
			return;
	(void)fuzz_check(query_match_compile(&m, NULL, &filters, &e), &e);
}

static void fuzz_health(char *text)
{
	auto_of(health_plan_clear) struct health_plan plan = { 0 };
	struct container_config c;
	struct err e = { 0 };

	config_init(&c);
	c.health = CONFIG_HEALTH_OWN;
	c.health_cmd = xstrdup(text);
	c.health_interval = xstrdup(text);
	c.health_on_failure = xstrdup(strlen(text) % 2 ? text : "none");
	(void)fuzz_check(health_plan_load(&plan, &c, &e), &e);
	config_clear(&c);
}

static void fuzz_rest(const char *text)
{
	struct ctr_secret secret = { 0 };
	struct restart policy;
	struct err e = { 0 };
	char keys[16];
	size_t n;

	(void)restart_parse(&policy, text);
	(void)attach_parse_keys(text, keys, &n);
	if (fuzz_check(ctr_secret_parse(&secret, text, &e), &e) >= 0)
		ctr_secret_clear(&secret);
}

static int look(void *arg, const struct journal_entry *x)
{
	size_t n = 0;

	(void)arg;
	free(journal_dup(x, "MESSAGE"));
	(void)journal_get(x, "ROOTLET_EVENT", &n);
	return journal_time(x) == 1;
}

static void fuzz_journal(const char *text, size_t size)
{
	const struct journal_query q = { .entry = look, .stop_fd = -1 };
	bool is_over = false;

	if (journal_parse(text, size, &q, &is_over) > (ssize_t)size)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;

	if (!size)
		return 0;
	text = fuzz_text(data + 1, size - 1);
	switch (data[0] % 6) {
	case 0:
		fuzz_id_lines(text);
		break;
	case 1:
		fuzz_record(text);
		break;
	case 2:
		fuzz_filter(text);
		break;
	case 3:
		fuzz_health(text);
		break;
	case 4:
		fuzz_journal(text, size - 1);
		break;
	default:
		fuzz_rest(text);
		break;
	}
	free(text);
	return 0;
}
