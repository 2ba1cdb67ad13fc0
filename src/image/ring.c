/* SPDX-License-Identifier: Apache-2.0 */
#include "image/ring.h"

#include <pthread.h>
#include <string.h>

struct slot {
	unsigned char *data;	/* owned */
	size_t n;
};

struct ring {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct slot *slots;	/* owned */
	size_t slots_n, slot_size;
	size_t head, used;	/* under the lock: first full slot, number of full slots */
	size_t tail, fill;	/* writer only: the slot being filled and how far */
	bool has_room;		/* writer only: slots[tail] is ours to fill */
	bool is_ended, is_aborted;
	bool is_sink;
	struct err e;
};

struct ring *ring_new(size_t slots, size_t slot_size)
{
	struct ring *r = xcalloc(1, sizeof(*r));

	pthread_mutex_init(&r->lock, NULL);
	pthread_cond_init(&r->changed, NULL);
	r->slots = xcalloc(slots, sizeof(*r->slots));
	for (size_t i = 0; i < slots; i++)
		r->slots[i].data = xmalloc(slot_size);
	r->slots_n = slots;
	r->slot_size = slot_size;
	return r;
}

struct ring *ring_new_sink(size_t slot_size)
{
	struct ring *r = ring_new(1, slot_size);

	r->is_sink = true;
	return r;
}

void ring_free(struct ring *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < r->slots_n; i++)
		free(r->slots[i].data);
	free(r->slots);
	pthread_cond_destroy(&r->changed);
	pthread_mutex_destroy(&r->lock);
	free(r);
}

void *ring_room(struct ring *r, size_t *n)
{
	if (!r->has_room) {
		pthread_mutex_lock(&r->lock);
		while (r->used == r->slots_n && !r->is_aborted)
			pthread_cond_wait(&r->changed, &r->lock);
		r->has_room = !r->is_aborted;
		pthread_mutex_unlock(&r->lock);
		if (!r->has_room)
			return NULL;
		r->fill = 0;
	}
	*n = r->slot_size - r->fill;
	return r->slots[r->tail].data + r->fill;
}

void ring_flush(struct ring *r)
{
	if (!r->has_room || r->fill == 0)
		return;
	if (r->is_sink) {
		r->fill = 0;
		return;
	}
	pthread_mutex_lock(&r->lock);
	r->slots[r->tail].n = r->fill;
	r->used++;
	pthread_cond_signal(&r->changed);
	pthread_mutex_unlock(&r->lock);
	r->tail = (r->tail + 1) % r->slots_n;
	r->has_room = false;
}

void ring_wrote(struct ring *r, size_t n)
{
	r->fill += n;
	if (r->fill == r->slot_size)
		ring_flush(r);
}

int ring_write(struct ring *r, const void *data, size_t n)
{
	const unsigned char *p = data;

	while (n > 0) {
		size_t room;
		void *to = ring_room(r, &room);

		if (!to)
			return -EPIPE;
		if (room > n)
			room = n;
		memcpy(to, p, room);
		ring_wrote(r, room);
		p += room;
		n -= room;
	}
	return 0;
}

static void end(struct ring *r, const struct err *e)
{
	ring_flush(r);
	pthread_mutex_lock(&r->lock);
	if (e)
		r->e = *e;
	r->is_ended = true;
	pthread_cond_signal(&r->changed);
	pthread_mutex_unlock(&r->lock);
}

void ring_end(struct ring *r)
{
	end(r, NULL);
}

void ring_fail(struct ring *r, const struct err *e)
{
	end(r, e);
}

const void *ring_peek(struct ring *r, size_t *n)
{
	const void *data = NULL;

	pthread_mutex_lock(&r->lock);
	while (r->used == 0 && !r->is_ended)
		pthread_cond_wait(&r->changed, &r->lock);
	if (r->used > 0) {
		data = r->slots[r->head].data;
		*n = r->slots[r->head].n;
	}
	pthread_mutex_unlock(&r->lock);
	return data;
}

void ring_next(struct ring *r)
{
	pthread_mutex_lock(&r->lock);
	r->head = (r->head + 1) % r->slots_n;
	r->used--;
	pthread_cond_signal(&r->changed);
	pthread_mutex_unlock(&r->lock);
}

int ring_result(struct ring *r, struct err *e)
{
	int code;

	pthread_mutex_lock(&r->lock);
	code = r->e.code;
	if (code)
		*e = r->e;
	pthread_mutex_unlock(&r->lock);
	return -code;
}

void ring_abort(struct ring *r)
{
	pthread_mutex_lock(&r->lock);
	r->is_aborted = true;
	pthread_cond_signal(&r->changed);
	pthread_mutex_unlock(&r->lock);
}
