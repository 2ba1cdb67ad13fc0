/* SPDX-License-Identifier: Apache-2.0 */
/* THEORY
 * On a busy machine a new thread may have to wait for a processor longer than the whole work takes. So
 * nobody waits for a thread, only for the pieces that one has taken: who comes late finds nothing left,
 * and lets go of what it shares with the others, the last of them frees it.
 */
#include "base/parallel.h"

#include "base/mem.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>

#define THREADS_MAX 8
#define WORTH_A_THREAD 32	/* things; starting one takes as long as a few of them */
#define CHUNK 4
#define STACK_SIZE (256u << 10)

struct work {
	void (*fn)(void *arg, size_t i);
	void *arg;
	size_t n;
	atomic_size_t next;
	atomic_uint users;	/* threads that have a pointer to this */
	pthread_mutex_t lock;
	pthread_cond_t is_finished;
	size_t done;		/* under lock */
};

static void let_go(struct work *w)
{
	if (atomic_fetch_sub(&w->users, 1) > 1)
		return;
	pthread_cond_destroy(&w->is_finished);
	pthread_mutex_destroy(&w->lock);
	free(w);
}

static void take_part(struct work *w)
{
	size_t from, done = 0;

	while ((from = atomic_fetch_add(&w->next, CHUNK)) < w->n)
		for (size_t i = from; i < from + CHUNK && i < w->n; i++, done++)
			w->fn(w->arg, i);
	pthread_mutex_lock(&w->lock);
	w->done += done;
	if (w->done == w->n)
		pthread_cond_signal(&w->is_finished);
	pthread_mutex_unlock(&w->lock);
}

static void *run(void *work)
{
	take_part(work);
	let_go(work);
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
static void start_threads(struct work *w, size_t n)
{
	pthread_attr_t attr;
	pthread_t thread;
	sigset_t all, before;

	sigfillset(&all);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	for (size_t i = 0; i < n; i++) {
		atomic_fetch_add(&w->users, 1);
		if (pthread_create(&thread, &attr, run, w) == 0)
			continue;
		atomic_fetch_sub(&w->users, 1);
		break;
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
}

static void do_together(size_t n, void (*fn)(void *arg, size_t i), void *arg, size_t others)
{
	struct work *w = xcalloc(1, sizeof(*w));

	w->fn = fn;
	w->arg = arg;
	w->n = n;
	atomic_init(&w->users, 1);
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->is_finished, NULL);
	start_threads(w, others);
	take_part(w);
	pthread_mutex_lock(&w->lock);
	while (w->done < w->n)
		pthread_cond_wait(&w->is_finished, &w->lock);
	pthread_mutex_unlock(&w->lock);
	let_go(w);
}

void parallel_for(size_t n, void (*fn)(void *arg, size_t i), void *arg)
{
	size_t threads = threads_for(n);

	if (threads > 1)
		do_together(n, fn, arg, threads - 1);
	else
		for (size_t i = 0; i < n; i++)
			fn(arg, i);
}
