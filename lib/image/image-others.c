/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Formats of which it is enough to know them: qemu looks closer. */

#include <config.h>

#include <string.h>

#include "base/bytes.h"
#include "base/i18n.h"
#include "image/image-format.h"

static bool
starts (const struct image_ends *ends, size_t offset, const char *magic,
        size_t len)
{
  return memcmp (ends->start + offset, magic, len) == 0;
}

#define STARTS(ends, offset, magic) \
  starts (ends, offset, magic, sizeof (magic) - 1)

static bool
is_bochs (const struct image_ends *ends)
{
  return STARTS (ends, 0, "Bochs Virtual HD Image\0");
}

static bool
is_cloop (const struct image_ends *ends)
{
  return STARTS (ends, 0, "#!/bin/sh\n#V2.0 Format\n");
}

static bool
is_dmg (const struct image_ends *ends)
{
  return memcmp (ends->end, "koly\0\0\0\4", 8) == 0;
}

/* The trailer gives the disk's size in sectors, as qemu takes it, and where in
 * the file its parts are: offset and length of the data, of an old directory
 * and of the one in XML.  Numbers that do not fit are left to qemu.
 */
static int
examine_dmg (struct reader *reader __attribute__ ((unused)),
             const struct image_ends *ends, struct image *ret,
             struct error *err __attribute__ ((unused)))
{
  static const size_t parts[] = { 0x18, 0x28, 0xd8 };
  const uint64_t sectors = be64 (ends->end + 0x1ec);
  uint64_t end;

  if (sectors <= INT64_MAX / 512)
    ret->size = sectors * 512;
  for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
    if (!__builtin_add_overflow (be64 (ends->end + parts[i]),
                                 be64 (ends->end + parts[i] + 8), &end) &&
        end > ret->needed)
      ret->needed = end;
  return 0;
}

const struct image_format image_others[] = {
  { "bochs", N_("a Bochs image"), is_bochs, NULL, NULL, NULL, NULL },
  { "cloop", N_("a cloop image"), is_cloop, NULL, NULL, NULL, NULL },
  { "dmg", N_("an Apple disk image"), is_dmg, examine_dmg, NULL,
    NULL, NULL },
  { NULL, NULL, NULL, NULL, NULL, NULL, NULL },
};
