/* SPDX-License-Identifier: GPL-2.0-or-later */

/* -o disk: files NAME-sda, NAME-sdb..., and NAME.xml, with which libvirt runs
 * the guest.
 */

#include <config.h>

#include "base/i18n.h"
#include "output/output-internal.h"
#include "output/part.h"

static const struct output_option options[] = {
  OUTPUT_FILES_OPTIONS,
  { .name = NULL }
};

const struct output_ops output_disk_ops = {
  OUTPUT_FILES_OPS,
  .check = output_files_check,
  .commit = output_files_commit,
  .options = options,
  .document = &output_document_xml,
};
