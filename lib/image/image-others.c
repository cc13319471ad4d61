/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Formats of which it is enough to know them: qemu looks closer. */

#include <config.h>

#include <string.h>

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

const struct image_format image_others[] = {
  { "bochs", N_("a Bochs image"), is_bochs, NULL, NULL, NULL },
  { "cloop", N_("a cloop image"), is_cloop, NULL, NULL, NULL },
  { "dmg", N_("an Apple disk image"), is_dmg, NULL, NULL, NULL },
  { NULL, NULL, NULL, NULL, NULL, NULL },
};
