/* SPDX-License-Identifier: Apache-2.0 */
#include "base/parallel.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>

#define THREADS_MAX 8
#define WORTH_A_THREAD 32	/* things; starting one takes as long as a few of them */
#define CHUNK 4
#define STACK_SIZE (256u << 10)

struct work {
	size_t n;
	atomic_size_t next;
	void (*fn)(void *arg, size_t i);
	void *arg;
};

static void *take_part(void *work)
{
	struct work *w = work;
	size_t from;

	while ((from = atomic_fetch_add(&w->next, CHUNK)) < w->n)
		for (size_t i = from; i < from + CHUNK && i < w->n; i++)
			w->fn(w->arg, i);
	return NULL;
}

static size_t threads_for(size_t n)
{
	cpu_set_t cpus;
	size_t most = n / WORTH_A_THREAD;

	if (most < 2 || sched_getaffinity(0, sizeof(cpus), &cpus) < 0)
		return 1;
	if (most > (size_t)CPU_COUNT(&cpus))
		most = CPU_COUNT(&cpus);
	return most < THREADS_MAX ? most : THREADS_MAX;
}

/* Signals are the first thread's, whose handlers expect to run there. */
static size_t start_threads(pthread_t *threads, size_t n, struct work *w)
{
	pthread_attr_t attr;
	sigset_t all, before;
	size_t started = 0;

	sigfillset(&all);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	while (started < n && pthread_create(&threads[started], &attr, take_part, w) == 0)
		started++;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
	return started;
}

void parallel_for(size_t n, void (*fn)(void *arg, size_t i), void *arg)
{
	struct work w = { .n = n, .fn = fn, .arg = arg };
	pthread_t threads[THREADS_MAX];
	size_t started = start_threads(threads, threads_for(n) - 1, &w);

	take_part(&w);
	for (size_t i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
}
