/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The size of block devices over SFTP: servers of all kinds, and that a device
 * with a bad sector, or a server that goes away, is never cut off.  Here the
 * server is a table, and dlsym finds the functions that ask it.
 */

#include <config.h>

#undef NDEBUG
#include <assert.h>
#include <dlfcn.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *find_function (const char *name);
#define dlsym(handle, name) find_function (name)
#include "../../preload/ssh-size.c"
#undef dlsym

#define NEVER UINT64_MAX

struct device {
  uint64_t size;                /* bytes; NEVER: it has no end */
  uint32_t mode;
  uint32_t stated;              /* what fstat says its size is */
  bool fails_behind;            /* OpenSSH: an error behind the end, except
                                   right there */
  uint64_t bad;                 /* no read of this sector succeeds; NEVER */
  unsigned reads_left;          /* then the server is gone */
  unsigned failing_read;        /* the only one that does not succeed; 0 */
};

static const struct device *device;
static uint64_t position;
static unsigned reads, errors;

static sftp_attributes
table_fstat (sftp_file file __attribute__ ((unused)))
{
  sftp_attributes ret = calloc (1, sizeof *ret);

  assert (ret != NULL);
  ret->size = device->stated;
  ret->permissions = device->mode;
  return ret;
}

static int
table_seek (sftp_file file __attribute__ ((unused)), uint64_t offset)
{
  position = offset;
  return 0;
}

static ssize_t
table_read (sftp_file file __attribute__ ((unused)), void *buf, size_t len)
{
  if (reads++ >= device->reads_left || reads == device->failing_read)
    return -1;
  if (device->bad != NEVER && position / SECTOR == device->bad / SECTOR)
    return -1;
  if (position >= device->size)
    return position > device->size && device->fails_behind ? -1 : 0;
  if (len > device->size - position)
    len = device->size - position;
  memset (buf, 'x', len);
  return (ssize_t) len;
}

__attribute__ ((format (printf, 1, 2)))
static void
table_error (const char *fmt, ...)
{
  assert (strstr (fmt, "cannot find the end") != NULL);
  errors++;
}

static void *
find_function (const char *name)
{
  void *ret = NULL;

  if (strcmp (name, "sftp_fstat") == 0)
    *(sftp_attributes (**) (sftp_file)) &ret = table_fstat;
  else if (strcmp (name, "sftp_seek64") == 0)
    *(int (**) (sftp_file, uint64_t)) &ret = table_seek;
  else if (strcmp (name, "sftp_read") == 0)
    *(ssize_t (**) (sftp_file, void *, size_t)) &ret = table_read;
  else if (strcmp (name, "nbdkit_error") == 0)
    *(void (**) (const char *, ...)) &ret = table_error;
  return ret;
}

#define GIB (UINT64_C (1) << 30)

/* A device of SIZE bytes on a server that lives long enough. */
static struct device
device_of (uint64_t size)
{
  return (struct device) {
    .size = size, .mode = S_IFBLK | 0600, .bad = NEVER, .reads_left = 1000,
  };
}

static const struct { uint64_t size, bad; bool found; } devices[] = {
  { 8 << 20, NEVER, true },
  { 512, NEVER, true },
  { GIB, NEVER, true },
  { GIB - 512, NEVER, true },
  { GIB + 512, NEVER, true },
  { 5000 * GIB + 1536, NEVER, true },
  { 0, NEVER, false },
  { NEVER, NEVER, false },
  /* Bad sectors: the one that is asked for first, one that nobody asks for,
   * one in the middle of the search, the last one.
   */
  { 5 * GIB, GIB - 1, false },
  { 5 * GIB, 3 * GIB - 1, true },
  { 7 * GIB, 6 * GIB - 1, false },
  { 5 * GIB, 5 * GIB - 1, false },
};

/* What the library gives for the device; 0 is -1. */
static int64_t
ask (const struct device *which)
{
  struct functions f;

  device = which;
  position = 0;
  reads = errors = 0;
  find_functions (&f);
  return find_end (&f, NULL);
}

static void
expect (const struct device *which, bool found)
{
  const int64_t end = ask (which);

  if (found ? end == (int64_t) which->size : end <= 0)
    return;
  fprintf (stderr, "%" PRIu64 " bytes: %" PRIi64 "\n", which->size, end);
  abort ();
}

/* The whole function, in the state that one process has. */
static uint64_t
size_from_fstat (const struct device *which)
{
  sftp_attributes attributes;
  uint64_t ret;

  device = which;
  reads = 0;
  attributes = sftp_fstat (NULL);
  assert (attributes != NULL);
  ret = attributes->size;
  free (attributes);
  return ret;
}

static void
test_devices (void)
{
  for (size_t i = 0; i < sizeof devices / sizeof devices[0]; i++) {
    struct device row = device_of (devices[i].size);

    row.bad = devices[i].bad;
    expect (&row, devices[i].found);
    row.fails_behind = true;
    expect (&row, devices[i].found);
  }
}

/* However many reads there are before the server goes away, the device is
 * whole or not there.
 */
static void
test_server_goes_away (void)
{
  struct device dying = device_of (3 * GIB);

  for (dying.reads_left = 0; ask (&dying) == -1; dying.reads_left++)
    assert (errors == 1 && dying.reads_left < 100);
  expect (&dying, true);
  assert (dying.reads_left > 10);
}

/* The same for one read that fails. */
static void
test_hiccup (void)
{
  struct device hiccup = device_of (3 * GIB);
  unsigned whole = 0;

  for (hiccup.failing_read = 1; hiccup.failing_read < 40;
       hiccup.failing_read++) {
    const int64_t end = ask (&hiccup);

    assert (end == -1 || end == (int64_t) (3 * GIB));
    whole += end != -1;
  }
  assert (whole > 0 && whole < 39);
}

static void
test_fstat (void)
{
  const struct device there = device_of (4096);
  struct device gone = there, file = there, stated = there, untyped = there;

  file.mode = S_IFREG | 0600;
  assert (size_from_fstat (&file) == 0 && reads == 0);
  stated.stated = 77;
  assert (size_from_fstat (&stated) == 77 && reads == 0);
  /* A failure is tried again by the next connection, a success is not. */
  gone.reads_left = 0;
  assert (size_from_fstat (&gone) == 0);
  untyped.mode = 0600;
  assert (size_from_fstat (&untyped) == 4096 && reads > 0);
  assert (size_from_fstat (&there) == 4096 && reads == 0);
}

int
main (void)
{
  test_devices ();
  test_server_goes_away ();
  test_hiccup ();
  test_fstat ();
  return 0;
}
