/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_LOCK_H
#define V2V_LOCK_H

#include <pthread.h>

static inline pthread_mutex_t *
lock_begin (pthread_mutex_t *mutex)
{
  pthread_mutex_lock (mutex);
  return mutex;
}

static inline void
lock_end (pthread_mutex_t *const *mutex)
{
  pthread_mutex_unlock (*mutex);
}

/* Hold MUTEX from here to the end of the block. */
#define LOCK_SCOPE(mutex)                                               \
  pthread_mutex_t *const lock_scope_                                    \
    __attribute__ ((unused, cleanup (lock_end))) = lock_begin (mutex)

#endif /* V2V_LOCK_H */
