/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Anything may stand in an OVA's .ovf, and, behind a first byte other than
 * those that XML of some encoding can have, in its manifest.
 */

#include <config.h>

#include <stdint.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "guest/guest.h"
#include "input/ova/manifest.h"
#include "input/ova/ovf.h"

extern int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
read_guest (const char *text, size_t size, const char *vm)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;
  CLEANUP_OVF_DISKS struct ovf_disks disks = { .ptr = NULL };
  CLEANUP_ARGV struct argv warnings = { .ptr = NULL };
  struct guest *guest = guest_new (&err);

  if (guest != NULL && ovf_read (text, size, "fuzz.ovf", vm, guest, &disks,
                                 &warnings, &err) == 0 &&
      guest->disks.len != disks.len)
    __builtin_trap ();
  guest_free (guest);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;
  CLEANUP_MANIFEST struct manifest manifest = { .ptr = NULL };
  CLEANUP_ARGV struct argv warnings = { .ptr = NULL };
  const char *text = (const char *) data;

  if (size > 0 && memchr ("<\xef\xff\xfe", *text, 5) == NULL) {
    CLEANUP_FREE char *copy = malloc (size + 1);

    if (copy == NULL)
      return 0;
    memcpy (copy, text, size);
    copy[size] = '\0';
    manifest_parse (copy, size, "fuzz.mf", &manifest, &warnings, &err);
    return 0;
  }
  read_guest (text, size, NULL);
  read_guest (text, size, "b");
  return 0;
}
