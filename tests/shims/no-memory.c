/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Preloaded into the command: one call of malloc and its relatives fails, or
 * all from one on, counted from main.  The programs that the command starts,
 * and its guard, which is a fork of it, have all the memory they want.
 *
 *     V2V_TEST_FAIL_AT=N      the Nth fails; "N-": that and all later ones
 *     V2V_TEST_FAIL_COUNT=F   at exit the number of calls is written to F
 */

#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern void *__libc_malloc (size_t);
extern void *__libc_calloc (size_t, size_t);
extern void *__libc_realloc (void *, size_t);
extern void *__libc_memalign (size_t, size_t);

/* Zero until main runs: what is preloaded or linked may do as it likes. */
static pid_t counted;
static unsigned long fail_at;
static int fail_later;
static atomic_ulong calls;
static int (*real_main) (int, char **, char **);

static int
fails (void)
{
  unsigned long n;

  if (counted == 0 || getpid () != counted)
    return 0;
  n = atomic_fetch_add (&calls, 1) + 1;
  if (n != fail_at && !(fail_later && fail_at != 0 && n > fail_at))
    return 0;
  errno = ENOMEM;
  return 1;
}

void *
malloc (size_t size)
{
  return fails () ? NULL : __libc_malloc (size);
}

void *
calloc (size_t n, size_t size)
{
  return fails () ? NULL : __libc_calloc (n, size);
}

void *
realloc (void *ptr, size_t size)
{
  return fails () ? NULL : __libc_realloc (ptr, size);
}

void *
reallocarray (void *ptr, size_t n, size_t size)
{
  size_t bytes;

  if (__builtin_mul_overflow (n, size, &bytes)) {
    errno = ENOMEM;
    return NULL;
  }
  return realloc (ptr, bytes);
}

int
posix_memalign (void **ptr, size_t alignment, size_t size)
{
  if (fails ())
    return ENOMEM;
  *ptr = __libc_memalign (alignment, size);
  return *ptr == NULL ? ENOMEM : 0;
}

void *
aligned_alloc (size_t alignment, size_t size)
{
  return fails () ? NULL : __libc_memalign (alignment, size);
}

void *
memalign (size_t alignment, size_t size)
{
  return fails () ? NULL : __libc_memalign (alignment, size);
}

static void
report (void)
{
  const char *path = getenv ("V2V_TEST_FAIL_COUNT");
  FILE *fp;

  if (path == NULL || getpid () != counted)
    return;
  counted = 0;
  fp = fopen (path, "w");
  if (fp == NULL)
    return;
  fprintf (fp, "%lu\n", atomic_load (&calls));
  fclose (fp);
}

static int
counted_main (int argc, char **argv, char **envp)
{
  const char *at = getenv ("V2V_TEST_FAIL_AT");
  char *end;

  if (at != NULL) {
    fail_at = strtoul (at, &end, 10);
    fail_later = *end == '-';
  }
  atexit (report);
  counted = getpid ();
  return real_main (argc, argv, envp);
}

/* json-c's parser copies keys without a look at the copy, and crashes: so it
 * shall have those.
 */
static int
is_json_c (const void *caller)
{
  Dl_info info;

  return dladdr (caller, &info) != 0 && info.dli_fname != NULL &&
    strstr (info.dli_fname, "libjson-c") != NULL;
}

char *
strdup (const char *text)
{
  const size_t size = strlen (text) + 1;
  char *copy = NULL;

  if (!fails () || is_json_c (__builtin_return_address (0)))
    copy = __libc_malloc (size);
  return copy != NULL ? memcpy (copy, text, size) : NULL;
}

/* What the start of every program calls with its main. */
int
__libc_start_main (int (*main) (int, char **, char **), int argc,
                   char **argv, void (*init) (void), void (*fini) (void),
                   void (*rtld_fini) (void), void *stack_end)
{
  const char *name = strrchr (argv[0], '/');
  __typeof__ (&__libc_start_main) next =
    (__typeof__ (next)) dlsym (RTLD_NEXT, "__libc_start_main");

  name = name != NULL ? name + 1 : argv[0];
  if (strcmp (name, "v2v-nbdkit-launch") == 0) {
    real_main = main;
    main = counted_main;
  }
  return next (main, argc, argv, init, fini, rtld_fini, stack_end);
}
