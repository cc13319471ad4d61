/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A question to a server that a thread of its own asks.  What is asked is left
 * to the source.
 */

#include <config.h>

#include <pthread.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "io/http.h"
#include "source/aside.h"

struct aside {
  int (*ask) (const struct source_request *, struct supervisor *,
              struct http_file *ret, struct error *err);
  const struct source_request *request;
  pthread_t thread;
  bool taken;
  /* The thread's, until it is joined. */
  int r;
  struct http_file file;
  struct error err;
};

static void *
ask (void *data)
{
  struct aside *aside = data;

  aside->r = aside->ask (aside->request, NULL, &aside->file, &aside->err);
  return NULL;
}

struct aside *
aside_begin (int (*question) (const struct source_request *,
                              struct supervisor *, struct http_file *,
                              struct error *),
             const struct source_request *request)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  struct aside *aside = alloc_zero (sizeof *aside, &ignored);

  if (aside == NULL)
    return NULL;
  *aside = (struct aside) {
    .ask = question, .request = request, .file = HTTP_FILE_INIT,
    .err = ERROR_INIT,
  };
  if (pthread_create (&aside->thread, NULL, ask, aside) == 0)
    return aside;
  free (aside);
  return NULL;
}

int
aside_take (struct aside *aside, struct http_file *ret, struct error *err)
{
  if (aside == NULL || aside->taken)
    return 0;
  aside->taken = true;
  pthread_join (aside->thread, NULL);
  *ret = aside->file;
  aside->file = HTTP_FILE_INIT;
  error_move (err, &aside->err);
  return aside->r == -1 ? -1 : 1;
}

void
aside_free (struct aside *aside)
{
  if (aside == NULL)
    return;
  if (!aside->taken)
    pthread_join (aside->thread, NULL);
  http_file_reset (&aside->file);
  error_reset (&aside->err);
  free (aside);
}
