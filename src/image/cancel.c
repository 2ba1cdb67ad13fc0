/* SPDX-License-Identifier: Apache-2.0 */
#include "image/cancel.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <time.h>

static atomic_int came;		/* the signal; 0 */

static void set_of(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGHUP);
}

static void die_of(int sig)
{
	sigset_t set;

	signal(sig, SIG_DFL);
	set_of(&set);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	raise(sig);
}

static void *waiter(void *arg)
{
	const struct timespec patience = { .tv_sec = CANCEL_SECONDS };
	sigset_t set;
	int sig;

	(void)arg;
	set_of(&set);
	if (sigwait(&set, &sig) != 0)
		return NULL;
	atomic_store(&came, sig);
	(void)sigtimedwait(&set, NULL, &patience);
	die_of(sig);
	return NULL;
}

void cancel_start(void)
{
	static atomic_flag has_started = ATOMIC_FLAG_INIT;
	sigset_t set;
	pthread_t t;

	if (atomic_flag_test_and_set(&has_started))
		return;
	set_of(&set);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	if (pthread_create(&t, NULL, waiter, NULL) != 0)
		pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	else
		pthread_detach(t);
}

bool cancel_is_wanted(void)
{
	return atomic_load_explicit(&came, memory_order_relaxed) != 0;
}

void cancel_finish(void)
{
	int sig = atomic_load(&came);

	if (sig)
		die_of(sig);
}
