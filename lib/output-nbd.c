/* SPDX-License-Identifier: GPL-2.0-or-later */

/* -o nbd: exports of NBD servers. */

#include <config.h>

#include <string.h>

#include "cleanup.h"
#include "error.h"
#include "i18n.h"
#include "output-internal.h"

static const char *const names[] = { "nbd", NULL };
static const struct output_option options[] = {
  { "uri", N_("the export; one for each disk, in order") },
  { "zero", N_("auto, write, discard or skip") },
  { .name = NULL }
};

static int
nbd_check (struct output *output, struct error *err)
{
  return output_one_option_each (output, "uri", err);
}

static int
nbd_place (struct output *output, unsigned index, struct error *err)
{
  output->disks[index].place =
    strdup (output_nth_option (output, "uri", index));
  return output->disks[index].place != NULL ? 0 : error_nomem (err);
}

static int
nbd_open (struct output *output, unsigned index, uint64_t size,
          const char *socket_dir __attribute__ ((unused)),
          enum output_how how __attribute__ ((unused)), struct error *err)
{
  struct output_disk_state *disk = &output->disks[index];

  disk->target = target_nbd_open (disk->place, size, output->zero, false,
                                  output->context->settings->stall_timeout_s,
                                  err);
  return disk->target != NULL ? 0 : -1;
}

const struct output_ops output_nbd_ops = {
  .names = names,
  .options = options,
  .existing = true,
  .check = nbd_check,
  .place = nbd_place,
  .open = nbd_open,
};
