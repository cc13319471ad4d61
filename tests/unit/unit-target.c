/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A flush that succeeds while another thread settles, which then learns that
 * data were lost: the flush has failed.
 */

#include <config.h>

#undef NDEBUG
#include <assert.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>

#include "base/error.h"
#include "target/target-internal.h"
#include "target/target.h"

static sem_t settling;

static int
settle (struct target *target __attribute__ ((unused)),
        uint64_t len __attribute__ ((unused)),
        uint64_t offset __attribute__ ((unused)), struct error *err)
{
  sem_post (&settling);
  poll (NULL, 0, 300);
  return error_set (err, REASON_WRITE, "lost");
}

static int
flush (struct target *target __attribute__ ((unused)),
       struct error *err __attribute__ ((unused)))
{
  return 0;
}

static void *
settle_main (void *target)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;

  assert (target_settle (target, 4096, 0, &err) == -1);
  return NULL;
}

int
main (void)
{
  static const struct target_ops ops = { .settle = settle, .flush = flush };
  CLEANUP_ERROR struct error err = ERROR_INIT;
  struct target target;
  pthread_t thread;

  sem_init (&settling, 0, 0);
  target_init (&target, &ops, 4096, 512);
  assert (pthread_create (&thread, NULL, settle_main, &target) == 0);
  sem_wait (&settling);
  assert (target_flush (&target, &err) == -1);
  assert (err.reason == REASON_WRITE);
  pthread_join (thread, NULL);
  target_reset (&target);
  sem_destroy (&settling);
  return 0;
}
