/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Linux swap space: of a guest that has been shut down only the header counts,
 * which is the first page and holds the label and the UUID that /etc/fstab
 * names.  A hibernated guest's memory is in it, and then its signature is
 * another one ("S1SUSPEND"), which libblkid calls swsuspend.
 */

#include <config.h>

#include <stdbool.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/i18n.h"
#include "filesystem/usage.h"
#include "io/reader.h"

#define PAGE_MIN 4096
#define PAGE_MAX 65536
#define MAGIC "SWAPSPACE2"
#define MAGIC_LEN 10
/* The header is behind what may be a boot loader; see union swap_header of
 * Linux's <linux/swap.h>.
 */
#define HEADER 1024
#define PADDING (HEADER + 44)
#define BADPAGES 1536

/* The size of its pages: the signature is at the end of the first one.  0:
 * there is none, or several.
 */
static size_t
page_size (const unsigned char *head, size_t len)
{
  size_t found = 0;

  for (size_t page = PAGE_MIN; page <= len && page <= PAGE_MAX; page *= 2)
    if (memcmp (head + page - MAGIC_LEN, MAGIC, MAGIC_LEN) == 0) {
      if (found != 0)
        return 0;
      found = page;
    }
  return found;
}

static bool
all_zero (const unsigned char *p, size_t len)
{
  for (size_t i = 0; i < len; i++)
    if (p[i] != 0)
      return false;
  return true;
}

static int
read_header (const unsigned char *head, size_t page, uint64_t size,
             struct usage *ret, struct error *err)
{
  const bool big_endian = be32 (head + HEADER) == 1;
  uint32_t (*const number) (const unsigned char *) = big_endian ? be32 : le32;
  const uint64_t last_page = number (head + HEADER + 4);

  if (number (head + HEADER) != 1 ||
      !all_zero (head + PADDING, BADPAGES - PADDING))
    return usage_doubt (ret, err,
                        _("the version of its header is not known"));
  if (number (head + HEADER + 8) != 0)
    return usage_doubt (ret, err, _("it has bad pages"));
  if (last_page == 0 || last_page >= size / page)
    return usage_doubt (ret, err,
                        _("it is larger than its partition or volume"));
  ret->if_shut_down = true;
  return usage_free (ret, page, last_page * page, err);
}

static int
swap_read (struct reader *volume, const char *type, struct usage *ret,
           struct error *err)
{
  unsigned char head[PAGE_MAX];
  const size_t len = volume->size < sizeof head ? volume->size : sizeof head;
  size_t page;

  if (strcmp (type, "swap") != 0) {
    ret->state = GUEST_HIBERNATED;
    return usage_doubt (ret, err,
                        _("it holds the memory of a hibernated system"));
  }
  if (reader_pread (volume, head, len, 0, err) == -1)
    return -1;
  page = page_size (head, len);
  if (page == 0)
    return usage_doubt (ret, err,
                        _("the version of its header is not known"));
  return read_header (head, page, volume->size, ret, err);
}

static const char *const types[] = { "swap", "swsuspend", NULL };

const struct filesystem_ops filesystem_swap = {
  .types = types,
  .read = swap_read,
};
