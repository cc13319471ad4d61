/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A child with limits ends when it breaks one of them, and that is no error; a
 * slow one that says so does not.  It has none of our descriptors, and when it
 * is confined it opens no file.
 */

#include <config.h>

#undef NDEBUG
#include <assert.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "io/confine.h"
#include "io/isolated.h"
#include "io/supervisor.h"

static void
rest_ms (int ms)
{
  const struct timespec rest = { ms / 1000, ms % 1000 * 1000000 };

  nanosleep (&rest, NULL);
}

static char *
answer (const void *data, struct isolated *isolated, struct error *err)
{
  (void) isolated;
  return alloc_copy (data, err);
}

static char *
fail (const void *data, struct isolated *isolated, struct error *err)
{
  (void) isolated;
  error_set (err, REASON_TIMEOUT, "%s", (const char *) data);
  error_hint (err, "wait");
  return NULL;
}

static char *
crash (const void *data, struct isolated *isolated, struct error *err)
{
  (void) isolated;
  signal (SIGSEGV, SIG_DFL);
  raise (SIGSEGV);
  return alloc_copy (data, err);
}

static char *
spin (const void *data, struct isolated *isolated, struct error *err)
{
  for (;;)
    isolated_progress (isolated);
  return alloc_copy (data, err);
}

static char *
be_silent (const void *data, struct isolated *isolated, struct error *err)
{
  (void) isolated;
  rest_ms (100000);
  return alloc_copy (data, err);
}

static char *
be_slow (const void *data, struct isolated *isolated, struct error *err)
{
  for (unsigned i = 0; i < 25; i++) {
    rest_ms (100);
    isolated_progress (isolated);
  }
  return alloc_copy (data, err);
}

#if !defined __SANITIZE_ADDRESS__ && !defined __SANITIZE_THREAD__
static char *
grow (const void *data, struct isolated *isolated, struct error *err)
{
  char *blocks[1000];
  const unsigned most = ARRAY_LEN (blocks);
  unsigned n = 0;

  (void) isolated;
  while (n < most && (blocks[n] = alloc_zero (8 << 20, err)) != NULL)
    memset (blocks[n++], 1, 4096);
  for (unsigned i = 0; i < n; i++)
    free (blocks[i]);
  return n < most ? NULL : alloc_copy (data, err);
}
#endif

static char *
look_around (const void *data, struct isolated *isolated, struct error *err)
{
  int fd;

  (void) isolated;
  if (write (*(const int *) data, "x", 1) != -1)
    return alloc_copy ("a descriptor is open", err);
  if (confine_ourselves (err) == -1)
    return NULL;
  fd = open ("/etc/passwd", O_RDONLY);
  return alloc_copy (fd != -1 && confine_abi () > 0 ? "a file can be read"
                     : "nothing", err);
}

static const struct isolated_limits limits = {
  .max_memory = 256 << 20, .max_cpu_s = 1, .max_quiet_s = 2,
};

/* What comes of it: a text, "ended: ..." or "error: ...". */
static void
expect (struct supervisor *supervisor, const char *outcome,
        char *(*fn) (const void *data, struct isolated *, struct error *),
        const void *data)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;
  CLEANUP_FREE char *ended = NULL;
  CLEANUP_FREE char *text =
    isolated_call_limited (fn, data, &limits, supervisor, &ended, &err);
  CLEANUP_FREE char *got =
    text != NULL ? strdup (text)
    : ended != NULL ? format (&err, "ended: %s", ended)
    : format (&err, "error: %s: %s", reason_name (err.reason), err.message);

  printf ("%s\n", got);
  fflush (stdout);
  assert (text == NULL || ended == NULL);
  assert (text != NULL || ended != NULL || error_is_set (&err));
  assert (strncmp (got, outcome, strlen (outcome)) == 0);
}

int
main (void)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;
  struct supervisor *supervisor = supervisor_new (&err);
  const int fd = open ("/dev/null", O_WRONLY|O_CLOEXEC);

  assert (supervisor != NULL && fd > STDERR_FILENO);
  expect (supervisor, "an answer", answer, "an answer");
  expect (supervisor, "", answer, "");
  expect (supervisor, "error: timeout: why", fail, "why");
  expect (supervisor, "ended: was killed by signal 11", crash, "");
  expect (supervisor, "ended: was killed by signal 24", spin, "");
  expect (supervisor, "ended: did not answer for 2 seconds", be_silent, "");
  expect (supervisor, "slow", be_slow, "slow");
  expect (supervisor, "nothing", look_around, &fd);
#if !defined __SANITIZE_ADDRESS__ && !defined __SANITIZE_THREAD__
  expect (supervisor, "error: internal: ", grow, "");
#endif
  close (fd);
  supervisor_free (supervisor);
  return EXIT_SUCCESS;
}
