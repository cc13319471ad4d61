/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Anything may be given as a .vmx file. */

#include <config.h>

#include <stdint.h>

#include "base/error.h"
#include "guest/guest.h"
#include "input/vmx/vmx.h"

extern int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;
  CLEANUP_ARGV struct argv files = { .ptr = NULL };
  CLEANUP_ARGV struct argv warnings = { .ptr = NULL };
  struct guest *guest = guest_new (&err);

  if (guest != NULL && vmx_read ((const char *) data, size, "fuzz.vmx", guest,
                                 &files, &warnings, &err) == 0 &&
      guest->disks.len != files.len)
    __builtin_trap ();
  guest_free (guest);
  return 0;
}
