/* SPDX-License-Identifier: GPL-2.0-or-later */

/* -o device: existing block devices (or files), which are checked here and
 * written by target-device.c.
 */

#include <config.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/suggest.h"
#include "output/output-internal.h"

static const struct output_option options[] = {
  { "path", N_("the device; one for each disk, in order") },
  { "zero", N_("auto, write, discard or skip") },
  { .name = NULL }
};

static int
device_check (struct output *output, struct error *err)
{
  return output_one_option_each (output->settings, "path",
                                 output->n,
                                 N_("such as -oo path=/dev/vg/lv; lsblk lists "
                                    "block devices"), err);
}

static int
device_locate (struct output *output, unsigned index, struct location *ret,
               struct error *err)
{
  const char *path = output_nth_option (output->settings, "path", index);

  if (access (path, W_OK) == -1) {
    const bool missing = errno == ENOENT;

    error_errno (err, REASON_WRITE, _("cannot write to %s"), path);
    if (missing)
      suggest_file (path, err);
    error_hint (err, _("lsblk lists the block devices"));
    return -1;
  }
  ret->kind = LOCATION_FILE;
  return alloc_set (&ret->path, path, err);
}

static int
device_open (struct output *output, unsigned index, uint64_t size,
             const char *socket_dir __attribute__ ((unused)),
             enum output_how how __attribute__ ((unused)),
             struct error *err)
{
  struct output_disk_state *disk = &output->disks[index];

  disk->target = target_device_open (disk->location.path, size, output->zero,
                                     err);
  return disk->target != NULL ? 0 : -1;
}

const struct output_ops output_device_ops = {
  .options = options,
  .existing = true,
  .check = device_check,
  .locate = device_locate,
  .open = device_open,
};
