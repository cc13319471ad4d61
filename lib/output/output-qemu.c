/* SPDX-License-Identifier: GPL-2.0-or-later */

/* -o qemu: files NAME-sda, NAME-sdb..., and NAME.sh, which starts the guest in
 * qemu.  What is in that is left to qemu-script.c.
 */

#include <config.h>

#include <stdlib.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "guest/domain-xml.h"
#include "guest/guest.h"
#include "guest/qemu-script.h"
#include "output/output-internal.h"
#include "output/part.h"

static const struct output_option options[] = {
  OUTPUT_FILES_OPTIONS,
  { .name = NULL }
};

static const struct output_option refused[] = {
  { "qemu-boot", N_("leave it out, and run DIR/NAME.sh when the copy is "
                    "complete"), NULL },
  { .name = NULL }
};

/* Where UEFI keeps the guest's variables. */
#define VARS "_VARS.fd"

static char *
build (const struct output *output, struct error *err)
{
  const char *name = output->guest->name;
  struct domain_disk *disks = output_domain_disks (output, err);
  CLEANUP_FREE char *vars = format (err, "%s/%s" VARS, output->dir, name);
  char *script = NULL;

  if (disks != NULL && vars != NULL)
    script = qemu_script (output->guest, name, disks, output->n, vars, err);
  free (disks);
  return script;
}

static bool
is_ours (const char *text, size_t len,
         const char *path __attribute__ ((unused)))
{
  return qemu_script_is (text, len);
}

static const struct output_document document = {
  .suffix = ".sh",
  .executable = true,
  .use = "sh",
  .makes = VARS,
  .differences = &qemu_script_differences,
  .build = build,
  .is_ours = is_ours,
};

const struct output_ops output_qemu_ops = {
  OUTPUT_FILES_OPS,
  .check = output_files_check,
  .commit = output_files_commit,
  .options = options,
  .refused = refused,
  .document = &document,
};
