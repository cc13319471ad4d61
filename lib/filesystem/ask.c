/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Has a process of its own read the file systems: an image's metadata can make
 * libraries crash, loop and eat memory, and then it is this process that does.
 * It has its connections and nothing else.
 */

#include <config.h>

#include <poll.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/i18n.h"
#include "filesystem/filesystem.h"
#include "filesystem/found.h"
#include "filesystem/found-text.h"
#include "io/confine.h"
#include "io/isolated.h"
#include "io/nbd-conn.h"
#include "io/reader-blocks.h"
#include "io/reader.h"

/* The runs of all disks need 64 MiB, their text as much, a reader that
 * prefetches 64 MiB more.
 */
#define MEMORY_MAX (UINT64_C (512) << 20)
/* The maps of 64 TiB of ext4 take some 10 seconds. */
#define CPU_MAX_S 300
/* Longer than a wait for the server, which is an error with its own reason. */
#define QUIET_MAX_S (2 * NBD_CONN_TIMEOUT_S)

struct question {
  const char *const *uris;
  unsigned n;
  unsigned connections;         /* to each */
  unsigned pause_ms;            /* from one to the next, and before
                                   each request */
};

/*--- The child. ---*/

struct readers {
  struct reader **ptr;
  unsigned n;
};

static void
readers_reset (struct readers *readers)
{
  for (unsigned i = 0; i < readers->n; i++)
    reader_free (readers->ptr[i]);
  free (readers->ptr);
}

static void
tell_progress (void *data)
{
  isolated_progress (data);
}

static int
open_readers (const struct question *question, struct isolated *isolated,
              struct readers *ret, struct error *err)
{
  ret->ptr = alloc_zero ((question->n + 1) * sizeof *ret->ptr, err);
  if (ret->ptr == NULL)
    return -1;
  for (; ret->n < question->n; ret->n++) {
    if (ret->n > 0)
      poll (NULL, 0, (int) question->pause_ms);
    ret->ptr[ret->n] = reader_blocks_new (question->uris[ret->n],
                                          question->connections,
                                          NBD_CONN_TIMEOUT_S, tell_progress,
                                          isolated, err);
    if (ret->ptr[ret->n] == NULL)
      return -1;
    ret->ptr[ret->n]->pause_ms = (int) question->pause_ms;
    isolated_progress (isolated);
  }
  return 0;
}

/* Translations, of our messages and of libc's, are in files. */
static void
load_translations (void)
{
  if (strlen (_("it has no known signature")) + strlen (strerror (EIO)) == 0)
    abort ();
}

static char *
answer (const struct readers *readers, struct error *err)
{
  CLEANUP_FILESYSTEMS struct filesystems found = { .n = 0 };
  CLEANUP_FREE char *memory =
    alloc_zero ((readers->n + 1) * sizeof (uint64_t), err);
  uint64_t *sizes = (uint64_t *) memory;

  if (memory == NULL)
    return NULL;
  for (unsigned i = 0; i < readers->n; i++)
    sizes[i] = readers->ptr[i]->size;
  if (filesystems_find (readers->ptr, readers->n, &found, err) == -1)
    return NULL;
  return found_print (&found, sizes, err);
}

static char *
be_asked (const void *data, struct isolated *isolated, struct error *err)
{
  struct readers readers = { .ptr = NULL };
  char *text = NULL;

  load_translations ();
  if (open_readers (data, isolated, &readers, err) == 0 &&
      confine_ourselves (err) == 0)
    text = answer (&readers, err);
  readers_reset (&readers);
  return text;
}

/*--- This process. ---*/

/* All bytes of all disks count as used. */
static int
give_up (unsigned n, const char *why_not, struct filesystems *ret,
         struct error *err)
{
  CLEANUP_FREE char *text =
    format (err, _("the process that reads its file systems %s"), why_not);

  if (text == NULL || found_init (ret, n, err) == -1)
    return -1;
  for (unsigned i = 0; i < n; i++)
    if (found_add_disk (ret, i, text, err) == -1)
      return -1;
  return 0;
}

/* Of these errors it is memory that has an image for a cause. */
static int
give_up_for (unsigned n, const char *message, struct filesystems *ret,
             struct error *err)
{
  CLEANUP_FREE char *why_not = format (err, _("failed: %s"), message);

  return why_not == NULL ? -1 : give_up (n, why_not, ret, err);
}

static int
read_answer (const char *text, unsigned n, struct filesystems *ret,
             struct error *err)
{
  const int r = found_parse (text, n, ret, err);

  if (r != 0)
    return r == -1 ? -1 : 0;
  return give_up (n, _("gave an answer that makes no sense"), ret, err);
}

int
filesystems_ask (const char *const *uris, unsigned n, unsigned connections,
                 unsigned pause_ms, struct supervisor *supervisor,
                 struct filesystems *ret, struct error *err)
{
  static const struct isolated_limits limits = {
    .max_memory = MEMORY_MAX, .max_cpu_s = CPU_MAX_S,
    .max_quiet_s = QUIET_MAX_S,
  };
  const struct question question = {
    .uris = uris, .n = n, .connections = connections, .pause_ms = pause_ms,
  };
  CLEANUP_ERROR struct error own = ERROR_INIT;
  CLEANUP_FREE char *ended = NULL;
  CLEANUP_FREE char *text =
    isolated_call_limited (be_asked, &question, &limits, supervisor, &ended,
                           &own);
  int r;

  *ret = (struct filesystems) { .n = 0 };
  if (text != NULL)
    r = read_answer (text, n, ret, err);
  else if (ended != NULL)
    r = give_up (n, ended, ret, err);
  else if (own.reason == REASON_INTERNAL)
    r = give_up_for (n, own.message, ret, err);
  else
    r = error_copy (err, &own);
  if (r == -1)
    filesystems_reset (ret);
  return r;
}
