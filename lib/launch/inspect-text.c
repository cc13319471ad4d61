/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What is no disk, though nothing tells which file it is: a page that a web
 * server sends in place of the file, or another text.
 */

#include <config.h>

#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "base/i18n.h"
#include "guest/guest.h"
#include "image/image.h"
#include "io/reader.h"
#include "launch/inspect-internal.h"
#include "launch/plan.h"

#define SECTOR 512

/* What a disk's first bytes never are: all of them text. */
static bool
is_text (const unsigned char *start, size_t len)
{
  for (size_t i = 0; i < len; i++)
    if (start[i] == '\0' ||
        (start[i] < ' ' && strchr ("\t\n\f\r\033", start[i]) == NULL))
      return false;
  return true;
}

/* text/plain is also what servers say of what they do not know: nginx without
 * mime.types, Apache before 2.4.
 */
static bool
is_page_type (const char *type)
{
  return strncasecmp (type, "text/html", 9) == 0 ||
    strncasecmp (type, "text/xml", 8) == 0 ||
    strcasestr (type, "json") != NULL || strcasestr (type, "xhtml") != NULL ||
    strncasecmp (type, "application/xml", 15) == 0;
}

/* A server may call a disk text/html as well, where that is its default: then
 * it has a partition table, or at least whole sectors that are no text.
 */
static bool
is_page (const char *type, const unsigned char *start, size_t len,
         uint64_t size)
{
  const bool has_table = len >= 512 && start[510] == 0x55 &&
    start[511] == 0xaa;
  const bool whole = size % 512 == 0;

  return is_page_type (type)
    ? !has_table && (!whole || is_text (start, len))
    : !whole && is_text (start, len);
}

/* The page that a server sends for any name, or to who should log in, without
 * an error: nothing else is wrong with it.
 */
static int
refuse_page (const char *name, const char *type, uint64_t size,
             struct error *err)
{
  error_set (err, REASON_UNSUPPORTED,
             _("%s is not a disk: its Content-Type is %s, and it has %"
               PRIu64 " bytes and no partition table"), name, type, size);
  error_hint (err, _("the server may have sent a page instead of the file: "
                     "look at it with curl (does it need a login, or a "
                     "different URL?); if it really is the disk, give -if "
                     "raw"));
  return -1;
}

static int
refuse_text (const char *name, struct error *err)
{
  error_set (err, REASON_UNSUPPORTED, _("%s is a text file, not a disk"),
             name);
  error_hint (err, _("look at it, and give the VM's disk; if its bytes really "
                     "are the disk, add -if raw"));
  return -1;
}

/* Does the server call it a page or a text?  TYPE may be NULL. */
static bool
is_text_type (const char *type)
{
  return type != NULL &&
    (is_page_type (type) || strncasecmp (type, "text/", 5) == 0);
}

int
inspect_refuse_text (struct reader *reader, const struct disk *disk,
                     const struct plan *plan, const char *name,
                     const struct image *image, struct error *err)
{
  const char *type = plan->file.type;
  const uint64_t size = reader->size;
  unsigned char start[SECTOR], end[SECTOR];
  const size_t len = size < SECTOR ? (size_t) size : SECTOR;

  if (disk->format_given || !image_is_raw (image) ||
      plan->location->kind == LOCATION_PLUGIN ||
      plan->location->part.tar_entry != NULL ||
      plan->location->part.length > 0 ||
      (size % SECTOR == 0 && !is_text_type (type)))
    return 0;
  if (reader_pread (reader, start, len, 0, err) == -1)
    return -1;
  if (is_text_type (type) && is_page (type, start, len, size))
    return refuse_page (name, type, size, err);
  /* A disk has whole sectors. */
  if (size % SECTOR == 0 || !is_text (start, len))
    return 0;
  if (reader_pread (reader, end, len, size - len, err) == -1)
    return -1;
  return is_text (end, len) ? refuse_text (name, err) : 0;
}
