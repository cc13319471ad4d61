/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The size of a disk, as the OVF states it, held against what its file holds.
 * The capacity is believed and not ovf:size, the size of the file: oVirt
 * writes there what is allocated.
 */

#include <config.h>

#include <inttypes.h>

#include "base/error.h"
#include "base/events.h"
#include "base/i18n.h"
#include "image/image.h"
#include "input/input-request.h"
#include "input/ova/ova.h"
#include "input/ova/ovf.h"
#include "input/ova/package.h"

/* A capacity in GiB can only be that of the next whole one. */
static bool
is_rounded (const struct ovf_disk *from, uint64_t size)
{
  return from->capacity > size && from->capacity - size < from->unit;
}

static int
refuse (const struct ovf_disk *from, const char *name, uint64_t size,
        struct error *err)
{
  error_set (err, REASON_UNSUPPORTED,
             _("'%s' is incomplete: it has %" PRIu64 " bytes, but according "
               "to the OVF the disk has %" PRIu64), name, size,
             from->capacity);
  error_hint (err, _("was a download or an export interrupted?  fetch it "
                     "again; if the file is complete, read it with -if raw"));
  return -1;
}

int
ova_check_capacity (const struct package *package,
                    const struct ovf_disk *from, const char *name,
                    const struct image *image, bool forced,
                    struct error *err)
{
  const uint64_t size = image->size;
  const bool raw = image_is_raw (image), rounded = is_rounded (from, size);

  if (from->capacity == 0 || size == from->capacity ||
      (!raw && (size == 0 || rounded)))
    return 0;
  if (raw && size < from->capacity && !rounded && !forced &&
      !from->adjustable)
    return refuse (from, name, size, err);
  events_say (package->request->events, EVENT_WARNING, -1,
              _("'%s' holds a disk of %" PRIu64 " bytes, but the OVF says %"
                PRIu64 ": using the file's size"), name, size,
              from->capacity);
  return 0;
}
