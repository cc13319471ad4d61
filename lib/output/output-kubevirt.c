/* SPDX-License-Identifier: GPL-2.0-or-later */

/* -o kubevirt: files NAME-sda, NAME-sdb..., and NAME.yaml, the guest as a
 * virtual machine of KubeVirt.  What is in that is left to kubevirt.c.
 */

#include <config.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/visible.h"
#include "guest/domain-xml.h"
#include "guest/guest.h"
#include "guest/kubevirt.h"
#include "output/output-internal.h"
#include "output/part.h"

static const struct output_option options[] = {
  OUTPUT_FILES_OPTIONS,
  { "pvc", N_("the claim that will have it; one for each disk"), NULL },
  { .name = NULL }
};

/*--- -oo pvc=NAME. ---*/

static int
check_claim (const struct output *output, unsigned index, struct error *err)
{
  const char *claim = output_nth_option (output, "pvc", index);

  if (!kubevirt_claim_valid (claim))
    return error_set (err, REASON_USAGE,
                      _("-oo pvc=%s is no name that a "
                        "PersistentVolumeClaim can have"), claim);
  for (unsigned i = 0; i < index; i++)
    if (strcmp (output_nth_option (output, "pvc", i), claim) == 0)
      return error_set (err, REASON_USAGE,
                        _("-oo pvc=%s is given for two disks"), claim);
  return 0;
}

/* 1: they are given; 0: they are not. */
static int
check_claims (const struct output *output, struct error *err)
{
  const int given = output_each_or_none (output, "pvc", err);

  for (unsigned i = 0; given == 1 && i < output->n; i++)
    if (check_claim (output, i, err) == -1)
      return -1;
  return given;
}

/* A node takes every byte of a file for the disk's: the guest would find the
 * qcow2 image itself on its disk.
 */
static int
kubevirt_check (struct output *output, struct error *err)
{
  const int given = check_claims (output, err);

  if (given == -1)
    return -1;
  if (given == 0 && output->settings->format == OUTPUT_QCOW2) {
    error_set (err, REASON_USAGE,
               _("KubeVirt takes the files of a host for raw disks: "
                 "-of qcow2 cannot be used"));
    error_hint (err, _("leave out -of qcow2; with -oo pvc=NAME for each disk "
                       "the images are for an upload (virtctl image-upload), "
                       "which converts them"));
    return -1;
  }
  return output_files_check (output, err);
}

/*--- NAME.yaml. ---*/

static const char **
claims_of (const struct output *output, struct error *err)
{
  const char **claims = alloc_zero ((output->n + 1) * sizeof *claims, err);

  for (unsigned i = 0; claims != NULL && i < output->n; i++)
    claims[i] = output_nth_option (output, "pvc", i);
  return claims;
}

static char *
build (const struct output *output, struct error *err)
{
  struct domain_disk *disks = output_domain_disks (output, err);
  const char **claims = claims_of (output, err);
  char *yaml = NULL;

  if (disks != NULL && claims != NULL)
    yaml = kubevirt_vm (output->guest, output->guest->name, disks, output->n,
                        claims[0] != NULL ? claims : NULL, err);
  free (claims);
  free (disks);
  return yaml;
}

/* How disk INDEX gets into its claim; NULL, and no error: nobody has looked how
 * large it is, because it was copied long ago.
 */
static char *
upload (const struct output *output, unsigned index, struct error *err)
{
  const struct output_disk_state *disk = &output->disks[index];
  CLEANUP_FREE char *quoted = disk->opened_size == 0 ? NULL
    : shell_quoted (disk->location.path, err);

  return quoted == NULL ? NULL
    : format (err, "virtctl image-upload pvc %s --image-path %s --size %"
              PRIu64, output_nth_option (output, "pvc", index), quoted,
              disk->opened_size);
}

/* The machine wants its disks to be there. */
static char *
next (const struct output *output, struct error *err)
{
  char *ret = output_document_next (output, err);

  for (unsigned i = output->n; i > 0 && ret != NULL &&
         output_nth_option (output, "pvc", 0) != NULL; i--) {
    CLEANUP_FREE char *command = upload (output, i - 1, err);
    char *both;

    if (command == NULL)
      continue;
    both = format (err, "%s && %s", command, ret);
    free (ret);
    ret = both;
  }
  return ret;
}

static bool
is_ours (const char *text, size_t len,
         const char *path __attribute__ ((unused)))
{
  return kubevirt_vm_is (text, len);
}

static const struct output_document document = {
  .suffix = ".yaml",
  .use = "kubectl create -f",
  .differences = &kubevirt_differences,
  .build = build,
  .is_ours = is_ours,
};

const struct output_ops output_kubevirt_ops = {
  OUTPUT_FILES_OPS,
  .check = kubevirt_check,
  .commit = output_files_commit,
  .next = next,
  .options = options,
  .document = &document,
};
