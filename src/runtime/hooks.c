/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/hooks.h"

#include "base/fd.h"
#include "base/json.h"
#include "base/proc.h"
#include "base/str.h"
#include "base/sys.h"

#include <string.h>
#include <unistd.h>

static const char *const stage_names[N_SPEC_HOOK_STAGES] = {
	"prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop",
};

const char *hooks_stage_name(enum spec_hook_stage stage)
{
	return stage_names[stage];
}

/* What it has written last, for the message: the end of its stderr without line breaks. */
static void last_words(int fd, char out[256])
{
	off_t end = lseek(fd, 0, SEEK_END), from = end > 255 ? end - 255 : 0;
	ssize_t n = end > 0 ? pread(fd, out, 255, from) : 0;

	out[n > 0 ? n : 0] = 0;
	for (char *p = out; *p; p++)
		if ((unsigned char)*p < ' ')
			*p = ' ';
	for (n = strlen(out); n > 0 && out[n - 1] == ' '; n--)
		out[n - 1] = 0;
}

static int run_one(const struct spec_hook *h, const char *state_json, struct err *e)
{
	auto_of(strv_clear) struct strv argv = { 0 };
	auto_of(proc_clear) struct proc p = { .pid = 0, .pidfd = -1 };
	autoclose int in_fd = fd_memfd_with("state", state_json, strlen(state_json));
	autoclose int err_fd = fd_memfd("hook");
	struct proc_args args = { .stdin_fd = in_fd, .stdout_fd = -1, .stderr_fd = err_fd };
	char words[256];
	int r;

	if (in_fd < 0 || err_fd < 0)
		return err_sys(e, in_fd < 0 ? -in_fd : -err_fd, "prepare the state for hooks");
	if (h->path[0] != '/')
		return err_set(e, EINVAL, "hook '%s' is not an absolute path", h->path);
	/* proc_spawn looks at argv[0]; the hook's own first argument is for show only. */
	strv_add(&argv, h->path);
	for (size_t i = 1; i < h->args.n; i++)
		strv_add(&argv, h->args.v[i]);
	args.argv = (const char *const *)strv_vec(&argv);
	args.envp = (const char *const *)strv_vec(&h->env);
	r = proc_spawn(&p, &args, e);
	if (r < 0)
		return err_wrap(e, "hook %s", h->path);
	if (h->timeout > 0 && proc_pidfd_wait(p.pidfd, (int)(h->timeout * 1000)) == 0) {
		sys_pidfd_send_signal(p.pidfd, SIGKILL);
		proc_wait(&p, e);
		return err_set(e, ETIMEDOUT, "hook %s took longer than %lld seconds", h->path,
			       (long long)h->timeout);
	}
	r = proc_wait(&p, e);
	if (r > 0) {
		last_words(err_fd, words);
		return err_set(e, ECHILD, "hook %s failed with exit code %d%s%s", h->path, r, *words ? ": " : "",
			       words);
	}
	return r;
}

int hooks_run(const struct spec *s, enum spec_hook_stage stage, const char *state_json,
	      struct err *e)
{
	for (size_t i = 0; i < s->hooks_n[stage]; i++) {
		int r = run_one(&s->hooks[stage][i], state_json, e);

		/* What comes after the payload has started cannot stop it any more: the spec says to
		 * go on with the next hook. */
		if (r < 0 && stage != SPEC_HOOK_POSTSTART && stage != SPEC_HOOK_POSTSTOP)
			return r;
	}
	return 0;
}

char *hooks_state(const char *id, const struct strv *annotations, const char *status, pid_t pid,
		  const char *bundle)
{
	auto_of(json_free) struct json *j = json_new_object();
	auto_of(str_clear) struct str text = { 0 };

	json_set_str(j, "ociVersion", HOOKS_OCI_VERSION);
	json_set_str(j, "id", id);
	json_set_str(j, "status", status);
	if (pid > 0)
		json_set_int(j, "pid", pid);
	json_set_str(j, "bundle", bundle);
	json_set(j, "annotations", json_new_pairs(annotations));
	json_write(&text, j, 0);
	return str_steal(&text);
}
