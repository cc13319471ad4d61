/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Chooses where the records of a run that writes back are: beside each disk
 * that is a file, where whoever uses the file finds it, on other hosts too;
 * and in the state directory, for devices, NBD exports, and files that have
 * other names by then.  What is in them is left to write-back-json.c.
 */

#include <config.h>

#include <libgen.h>
#include <string.h>

#include "base/alloc.h"
#include "base/argv.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/events.h"
#include "base/i18n.h"
#include "context.h"
#include "io/state-dir.h"
#include "transfer/write-back-disks.h"
#include "transfer/write-back-record.h"

static int
check_directory (const char *record, struct error *err)
{
  CLEANUP_FREE char *copy = alloc_copy (record, err);

  if (copy == NULL)
    return -1;
  if (access (dirname (copy), W_OK|X_OK) == 0)
    return 0;
  return error_errno (err, REASON_WRITE,
                      _("cannot write the record %s, without which an "
                        "interrupted run could not be completed"), record);
}

/* Without the directory, what an interrupted run has not yet written to a
 * device or an NBD export could not be found again.
 */
static int
need_state_dir (struct write_back *wb, struct error *err)
{
  wb->state_dir = state_dir_open (wb->context->settings, err);
  if (wb->state_dir == NULL) {
    error_hint (err, _("--in-place keeps there what an interrupted run still "
                       "has to write: choose another directory with "
                       "--state-dir DIR"));
    return -1;
  }
  if (file_system_is_lasting (wb->state_dir))
    return 0;
  error_set (err, REASON_UNSUPPORTED,
             _("the state directory %s is in memory (tmpfs): after a crash "
               "of the host there would be no record of what --in-place "
               "still had to write"), wb->state_dir);
  error_hint (err, _("choose one on a disk with --state-dir DIR"));
  return -1;
}

/* The records of files are found beside them, too. */
static void
want_state_dir (struct write_back *wb)
{
  CLEANUP_ERROR struct error why = ERROR_INIT;

  wb->state_dir = state_dir_open (wb->context->settings, &why);
  if (wb->state_dir == NULL)
    events_say (wb->context->events, EVENT_DEBUG, -1,
                "records are kept beside the disks only: %s", why.message);
}

/* A name that depends on those of the disks, so that what a killed run has
 * left half written is replaced.
 */
char *
write_back_state_file (const struct write_back *wb, const char *end,
                       struct error *err)
{
  CLEANUP_DIGESTER struct digester *digester =
    digester_new (DIGEST_SHA256, err);
  char name[DIGEST_HEX_MAX];

  if (digester == NULL)
    return NULL;
  for (size_t i = 0; i < wb->disks.len; i++) {
    const char *place = wb->disks.ptr[i].place;

    if (digester_add (digester, place, strlen (place) + 1, err) == -1)
      return NULL;
  }
  digester_end (digester, name);
  return format (err, "%s/%.32s%s", wb->state_dir, name, end);
}

static int
add_state_record (struct write_back *wb, struct error *err)
{
  return argv_take (&wb->records,
                    write_back_state_file (wb, RECORD_IN_STATE_DIR, err),
                    err);
}

int
write_back_choose_records (struct write_back *wb, bool need_all,
                           struct error *err)
{
  const struct write_back_disks *disks = &wb->disks;
  bool only_files = !need_all;

  argv_reset (&wb->records);
  free (wb->state_dir);
  wb->state_dir = NULL;
  for (size_t i = 0; i < disks->len; i++)
    only_files &= disks->ptr[i].beside != NULL;
  if (only_files)
    want_state_dir (wb);
  else if (need_state_dir (wb, err) == -1)
    return -1;
  if (disks->ptr[0].beside == NULL &&
      add_state_record (wb, err) == -1)
    return -1;
  for (size_t i = 0; i < disks->len; i++)
    if (disks->ptr[i].beside != NULL &&
        (check_directory (disks->ptr[i].beside, err) == -1 ||
         argv_append (&wb->records, disks->ptr[i].beside, err) == -1))
      return -1;
  return disks->ptr[0].beside == NULL || wb->state_dir == NULL ? 0
    : add_state_record (wb, err);
}
