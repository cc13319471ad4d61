/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Tells people what a run has made.  Programs get the same from
 * report-json.c.
 */

#include <config.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/events.h"
#include "base/human.h"
#include "base/i18n.h"
#include "base/memstream.h"
#include "output/output.h"
#include "success.h"
#include "transfer/transfer.h"

const char *
success_target (const struct success *success, unsigned index)
{
  const char *target = success->disks[index].target;

  return target != NULL || success->output == NULL ? target
    : output_target (success->output, index);
}

const char *
success_format (const struct success *success, unsigned index)
{
  const char *format = success->disks[index].format;

  return format != NULL || success->output == NULL ? format
    : output_format_name (success->output);
}

static void
print_disk (const struct success *success, unsigned index, FILE *fp)
{
  const struct transfer_disk *disk = &success->disks[index];
  const char *target = success_target (success, index);
  char size[HUMAN_SIZE], bytes[HUMAN_SIZE];

  human_size (disk->size, size);
  human_size (target != NULL ? disk->result.written : disk->result.read,
              bytes);
  if (target == NULL)
    fprintf (fp, _("%s, %s read, nothing written"), size, bytes);
  else
    fprintf (fp, _("%s, %s, %s, %s written"), target,
             success_format (success, index), size, bytes);
  if (disk->verified)
    fputs (_(", verified"), fp);
  if (success->output != NULL && output_has_replaced (success->output, index))
    fputs (_(", in place of an older file"), fp);
  if (disk->checksum[0] != '\0')
    fprintf (fp, ", " BLKHASH_NAME ":%s", disk->checksum);
}

static void
tell_disk (const struct success *success, unsigned index,
           const struct events *events)
{
  CLEANUP_FREE char *text = NULL;
  size_t len;
  FILE *fp = open_memstream (&text, &len);

  if (fp == NULL)
    return;
  print_disk (success, index, fp);
  if (memstream_close (fp, &text) == 0)
    events_say (events, EVENT_MESSAGE, (int) index, "%s", text);
}

void
success_tell (const struct success *success, const struct events *events)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  CLEANUP_FREE char *next = success->output == NULL ? NULL
    : output_next (success->output, &ignored);

  events_say (events, EVENT_MESSAGE, -1, _("Finished in %.1f seconds"),
              success->seconds);
  for (unsigned i = 0; i < success->n; i++)
    tell_disk (success, i, events);
  if (next != NULL)
    events_say (events, EVENT_MESSAGE, -1, _("Next: %s"), next);
}
