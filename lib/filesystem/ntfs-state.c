/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Has Windows left the volume in good order?  By its flags, by its journal,
 * and by what is in the hibernation file.  Hibernation and fast startup leave
 * all volumes as they are while they are mounted, and only one of them has the
 * file; the journal tells it on the others, too.
 */

#include <config.h>

#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "base/i18n.h"
#include "filesystem/ntfs-internal.h"

/* Windows 10 sets this one where short names are off. */
#define VOLUME_PERSISTENT_STATE 0x80
/* The flags with which a volume can be in order. */
#define FLAGS_IN_ORDER \
  (le16_to_cpu (VOLUME_MOUNTED_ON_NT4) | VOLUME_PERSISTENT_STATE)

static int
check_version (struct ntfs_reading *reading)
{
  const ntfs_volume *volume = reading->volume;

  if (NTFS_V1_2 (volume->major_ver, volume->minor_ver) ||
      NTFS_V3_0 (volume->major_ver, volume->minor_ver) ||
      NTFS_V3_1 (volume->major_ver, volume->minor_ver))
    return 0;
  return NTFS_DOUBT (reading, _("its version, %u.%u, is not known"),
                     volume->major_ver, volume->minor_ver);
}

static int
check_flags (struct ntfs_reading *reading)
{
  const unsigned flags = le16_to_cpu (reading->volume->flags);

  if (flags & le16_to_cpu (VOLUME_IS_DIRTY)) {
    reading->ret->state = GUEST_IN_USE;
    return NTFS_DOUBT (reading, _("it is marked as dirty: it needs chkdsk"));
  }
  if (flags & ~(unsigned) FLAGS_IN_ORDER)
    return NTFS_DOUBT (reading, _("Windows has unfinished work on it "
                                  "(volume flags 0x%04x)"), flags);
  return 0;
}

static bool
is_version_2 (const RESTART_PAGE_HEADER *page)
{
  return page != NULL && sle16_to_cpu (page->major_ver) == 2;
}

/* Since Windows 8 the journal has version 2.0 as long as the volume is in use,
 * or kept for fast startup, and 1.1 after it has been dismounted.
 */
static int
judge_journal (struct ntfs_reading *reading, ntfs_attr *journal)
{
  RESTART_PAGE_HEADER *page = NULL;
  int r = 0;

  if (!ntfs_check_logfile (journal, &page))
    r = ntfs_opened_doubt (reading);
  else if (is_version_2 (page)) {
    reading->ret->state = GUEST_HIBERNATED;
    r = NTFS_DOUBT (reading, _("it is in use, or Windows was hibernated or "
                               "shut down for fast startup: its journal was "
                               "not closed"));
  }
  else if (!ntfs_is_logfile_clean (journal, page)) {
    reading->ret->state = GUEST_IN_USE;
    r = NTFS_DOUBT (reading, _("it was not cleanly unmounted: its journal "
                               "is not clean"));
  }
  free (page);
  return r;
}

/* Call FN with the unnamed data of the file with this NUMBER. */
static int
with_data (struct ntfs_reading *reading, uint64_t number,
           int (*fn) (struct ntfs_reading *, ntfs_attr *))
{
  ntfs_inode *inode = ntfs_inode_open (reading->volume, number);
  ntfs_attr *data = inode == NULL ? NULL
    : ntfs_attr_open (inode, AT_DATA, AT_UNNAMED, 0);
  const int r = data == NULL ? ntfs_opened_doubt (reading)
    : fn (reading, data);

  if (data != NULL)
    ntfs_attr_close (data);
  if (inode != NULL)
    ntfs_inode_close (inode);
  return r;
}

int
ntfs_state_check (struct ntfs_reading *reading)
{
  if (check_version (reading) == -1 || check_flags (reading) == -1)
    return -1;
  return reading->ret->why_not != NULL ? 0
    : with_data (reading, FILE_LogFile, judge_journal);
}

/* Its head says whether Windows is to resume from it: "hibr" (since Windows 8
 * "HIBR", also for fast startup), or has done so ("wake"); without any it is
 * space for the next time.
 */
static int
judge_hibernation (struct ntfs_reading *reading, ntfs_attr *data)
{
  char head[4096];
  const s64 n = ntfs_attr_pread (data, 0, sizeof head, head);

  if (n == sizeof head &&
      (memcmp (head, "\0\0\0\0", 4) == 0 || memcmp (head, "wake", 4) == 0 ||
       memcmp (head, "WAKE", 4) == 0))
    return 0;
  reading->ret->state = GUEST_HIBERNATED;
  return NTFS_DOUBT (reading, _("Windows is hibernated, or was shut down for "
                                "fast startup"));
}

int
ntfs_hibernation_check (struct ntfs_reading *reading)
{
  return reading->hibernation_file == 0 ? 0
    : with_data (reading, reading->hibernation_file, judge_hibernation);
}
