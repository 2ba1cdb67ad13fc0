/* SPDX-License-Identifier: Apache-2.0 */
/* timer: how long commands take, measured in turns so that a slow minute hits all alike.
 *
 *   timer [-n RUNS] [-w WARM-UP] [-j AT-ONCE -t TOTAL] [-b SHELL] -- CMD... [::: CMD...]...
 *
 * Prints one line for each command: median min max, in milliseconds. With -j and -t one run is
 * TOTAL commands, AT-ONCE at a time. -b is run (untimed, with N=index) before each command.
 * A command that fails ends the measurement: a fast error is no result.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MAX_CMDS = 16, MAX_RUNS = 1000 };

extern char **environ;

struct opts {
	int runs, warm, at_once, total;
	const char *before;
};

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static pid_t start(char **argv)
{
	posix_spawn_file_actions_t fa;
	pid_t pid;
	int r;

	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_addopen(&fa, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&fa, 1, "/dev/null", O_WRONLY, 0);
	r = posix_spawnp(&pid, argv[0], &fa, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&fa);
	if (r) {
		fprintf(stderr, "timer: %s: %s\n", argv[0], strerror(r));
		exit(2);
	}
	return pid;
}

static void reap_one(char **argv)
{
	int st;

	if (wait(&st) < 0) {
		perror("timer: wait");
		exit(2);
	}
	if (!WIFEXITED(st) || WEXITSTATUS(st)) {
		fprintf(stderr, "timer: %s %s: failed with status 0x%x\n", argv[0],
			argv[1] ? argv[1] : "", (unsigned int)st);
		exit(1);
	}
}

static double run_once(const struct opts *o, char **argv)
{
	double t0 = now_ms();
	int started = 0, running = 0;

	while (started < o->total || running) {
		if (started < o->total && running < o->at_once) {
			start(argv);
			started++;
			running++;
			continue;
		}
		reap_one(argv);
		running--;
	}
	return now_ms() - t0;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void before(const struct opts *o, int cmd)
{
	char n[16];

	if (!o->before)
		return;
	snprintf(n, sizeof(n), "%d", cmd);
	setenv("N", n, 1);
	if (system(o->before) != 0) {
		fprintf(stderr, "timer: the command of -b failed\n");
		exit(1);
	}
}

int main(int argc, char **argv)
{
	static double took[MAX_CMDS][MAX_RUNS];
	struct opts o = { 15, 2, 1, 1, NULL };
	char **cmds[MAX_CMDS];
	int c, n_cmds = 0, i;

	while ((c = getopt(argc, argv, "+n:w:j:t:b:")) != -1) {
		switch (c) {
		case 'n': o.runs = atoi(optarg); break;
		case 'w': o.warm = atoi(optarg); break;
		case 'j': o.at_once = atoi(optarg); break;
		case 't': o.total = atoi(optarg); break;
		case 'b': o.before = optarg; break;
		default: return 2;
		}
	}
	if (optind >= argc || o.runs < 1 || o.runs > MAX_RUNS || o.at_once < 1 || o.total < 1)
		return 2;
	cmds[n_cmds++] = argv + optind;
	for (i = optind; i < argc && n_cmds < MAX_CMDS; i++) {
		if (!strcmp(argv[i], ":::")) {
			argv[i] = NULL;
			cmds[n_cmds++] = argv + i + 1;
		}
	}
	for (i = -o.warm; i < o.runs; i++) {
		for (c = 0; c < n_cmds; c++) {
			double ms;

			before(&o, c);
			ms = run_once(&o, cmds[c]);
			if (i >= 0)
				took[c][i] = ms;
		}
	}
	for (c = 0; c < n_cmds; c++) {
		qsort(took[c], (size_t)o.runs, sizeof(double), by_value);
		printf("%.2f %.2f %.2f\n", took[c][o.runs / 2], took[c][0], took[c][o.runs - 1]);
	}
	return 0;
}
