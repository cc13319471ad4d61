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
  const bool is_written = success_target (success, index) != NULL;
  char size[HUMAN_SIZE], bytes[HUMAN_SIZE];

  human_size (disk->size, size);
  human_size (is_written ? disk->result.written : disk->result.read, bytes);
  if (is_written)
    fprintf (fp, _("%s, %s, %s written"), success_format (success, index),
             size, bytes);
  else
    fprintf (fp, _("%s, %s read, nothing written"), size, bytes);
  if (is_written && disk->result.cloned > 0) {
    human_size (disk->result.cloned, bytes);
    fprintf (fp, _(", %s of that shared with the source"), bytes);
  }
  if (disk->verified)
    fputs (_(", verified"), fp);
  if (success->output != NULL && output_has_replaced (success->output, index))
    fputs (_(", in place of an older file"), fp);
  if (disk->checksum[0] != '\0')
    fprintf (fp, _(", %s:%s"), BLKHASH_NAME, disk->checksum);
}

char *
success_describe (const struct success *success, unsigned index)
{
  char *text = NULL;
  size_t len;
  FILE *fp = open_memstream (&text, &len);

  if (fp == NULL)
    return NULL;
  print_disk (success, index, fp);
  return memstream_close (fp, &text) == 0 ? text : NULL;
}

static void
tell_disk (const struct success *success, unsigned index,
           const struct events *events)
{
  CLEANUP_FREE char *text = success_describe (success, index);
  const char *target = success_target (success, index);

  if (text != NULL && target != NULL)
    events_say (events, EVENT_MESSAGE, (int) index, _("%s, %s"), target, text);
  else if (text != NULL)
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
