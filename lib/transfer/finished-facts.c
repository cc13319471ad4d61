/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Looks at the sources and targets of a finished run, and compares them with
 * what they were.  What a difference leads to is left to finished.c.
 */

#include <config.h>

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/argv.h"
#include "base/cleanup.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/events.h"
#include "base/i18n.h"
#include "base/local-file.h"
#include "context.h"
#include "guest/domain-xml.h"
#include "guest/guest.h"
#include "io/disk-identity.h"
#include "launch/launch.h"
#include "output/output.h"
#include "transfer/facts.h"
#include "transfer/finished-facts.h"
#include "transfer/samples.h"

/* What a target or source holds, where its identity does not tell. */
#define TARGET_CONTENT "target's content"
#define SOURCE_CONTENT "source's content"
#define WANTED "what --network, --bridge and --mac say"
#define DESCRIPTION "the description of the guest (its SHA-256)"

/* A server that is slow to answer does not hold up the end of a run. */
#define TIMEOUT_S 10

unsigned
finished_count (const struct finished_disks *disks)
{
  if (disks->output == NULL)
    return (unsigned) disks->guest->disks.len;
  return output_target (disks->output, 0) == NULL ? 0
    : output_disk_count (disks->output);
}

const struct location *
finished_location (const struct finished_disks *disks, unsigned index)
{
  return disks->output == NULL ? &disks->guest->disks.ptr[index].location
    : output_location (disks->output, index);
}

/*--- Targets. ---*/

const char *
finished_name (const struct location *location)
{
  return location->uri != NULL ? location->uri : location->path;
}

/* What a file holds is told by its identity. */
static bool
identity_tells (int fd)
{
  struct stat st;

  return fd != -1 && fstat (fd, &st) == 0 && S_ISREG (st.st_mode);
}

/* One that is looked at. */
struct looked_at {
  struct local_file file;       /* its fd is -1: it is an NBD export */
  struct samples_of of;
};

static void
looked_at_reset (struct looked_at *target)
{
  close_if_open (target->file.fd);
}
#define CLEANUP_LOOKED_AT __attribute__ ((cleanup (looked_at_reset)))

/* 1; or 0: it is not there. */
static int
look_at (const struct finished_disks *disks, unsigned index,
         struct looked_at *ret, struct error *err)
{
  const struct location *location = finished_location (disks, index);
  int r = 1;

  *ret = (struct looked_at) {
    .file = { .fd = -1, .path = location->path },
    .of = { .uri = location->uri, .timeout_s = TIMEOUT_S },
  };
  if (location->path == NULL)
    return 1;
  ret->of.file = &ret->file;
  if (disks->output != NULL)
    return output_open_target (disks->output, index, &ret->file.fd, err);
  ret->file.fd = open (location->path,
                       O_RDONLY|O_NONBLOCK|O_NOCTTY|O_CLOEXEC);
  if (ret->file.fd == -1)
    r = errno == ENOENT ? 0
      : error_errno (err, REASON_READ, "%s", location->path);
  return r;
}

static char *
identity_of_target (const struct looked_at *target, int found,
                    enum disk_identity_of what, struct error *err)
{
  if (found == 1)
    return target->of.uri != NULL ? alloc_copy (target->of.uri, err)
      : disk_identity_of_fd (target->file.fd, what, err);
  if (found == 0) {
    errno = ENOENT;
    error_errno (err, REASON_NOT_FOUND, "%s", target->file.path);
  }
  return NULL;
}

static int
add_target (const struct finished_disks *disks, unsigned index,
            const struct launch_context *context, struct argv *ret,
            struct error *err)
{
  CLEANUP_LOOKED_AT struct looked_at target;
  const int found = look_at (disks, index, &target, err);
  /* A file's second name is removed after the record is stored, and then it is
   * stored again.
   */
  const bool tidied = disks->output == NULL ||
    output_part (disks->output, index) == NULL;
  CLEANUP_FREE char *text =
    identity_of_target (&target, found, tidied ? DISK_IDENTITY_CONTENT
                        : DISK_IDENTITY_DISK, err);
  CLEANUP_FREE char *samples = NULL;

  if (text == NULL || facts_set_disk (ret, index, "target", text, err) == -1)
    return -1;
  if (identity_tells (target.file.fd))
    return 0;
  samples = samples_take (&target.of, context->supervisor, err);
  return samples == NULL ? -1
    : facts_set_disk (ret, index, TARGET_CONTENT, samples, err);
}

int
finished_compare_target (const struct finished_disks *disks, unsigned index,
                         const struct launch_context *context,
                         const struct argv *before, struct error *err)
{
  const struct location *location = finished_location (disks, index);
  CLEANUP_LOOKED_AT struct looked_at target;
  const int found = look_at (disks, index, &target, err);
  const char *identity = facts_get_disk (before, index, "target");
  const char *content = facts_get_disk (before, index, TARGET_CONTENT);
  CLEANUP_FREE char *now =
    identity_of_target (&target, found, DISK_IDENTITY_CONTENT, err);
  int same = 1;

  if (now == NULL)
    return -1;
  if (identity == NULL || !disk_identity_same (identity, now))
    return error_set (err, REASON_TARGET_CHANGED,
                      _("%s has changed since then, or has been replaced: it "
                        "was '%s' and is now '%s'"), finished_name (location),
                      identity != NULL ? identity : "", now);
  if (content != NULL)
    same = samples_same (&target.of, content, context->supervisor, err);
  else if (!identity_tells (target.file.fd))
    same = 0;
  if (same != 0)
    return same == 1 ? 0 : -1;
  return error_set (err, REASON_TARGET_CHANGED,
                    _("%s has been written to since then"),
                    finished_name (location));
}

/* The XML for the guest depends on nothing else of the source; what is known
 * only after a conversion does not tell one source from another.
 */
static char *
description (const struct guest *guest, struct error *err)
{
  const size_t n = guest->disks.len;
  struct guest source = *guest; /* nothing in it is ours */
  struct domain_disk *disks = alloc_zero ((n + 1) * sizeof *disks, err);
  char hex[DIGEST_HEX_MAX] = "";
  CLEANUP_FREE char *xml = NULL;

  for (size_t i = 0; disks != NULL && i < n; i++)
    disks[i] = (struct domain_disk) {
      .kind = DOMAIN_DISK_FILE, .path = "/", .format = "raw",
    };
  source.converted.firmware = FIRMWARE_UNKNOWN;
  source.converted.arch = NULL;
  if (disks != NULL)
    xml = domain_xml (&source, guest->name, disks, n, err);
  free (disks);
  return xml == NULL || digest_of (xml, strlen (xml), DIGEST_SHA256, hex,
                                   err) == -1 ? NULL
    : alloc_copy (hex, err);
}

static char *
definition_of (const struct finished_disks *disks, struct error *err)
{
  return disks->output != NULL ? output_definition (disks->output, err) : NULL;
}

/* A change of that is none of the source. */
static char *
wanted (const struct guest *guest, struct error *err)
{
  const struct nics *nics = &guest->nics;
  char *text = alloc_copy ("", err);

  for (size_t i = 0; i < nics->len && text != NULL; i++) {
    const struct nic *nic = &nics->ptr[i];
    char *longer;

    if (!nic->network_chosen)
      continue;
    longer = format (err, "%s%scard %zu: %s %s", text,
                     *text != '\0' ? ", " : "", i + 1,
                     nic->kind == NIC_BRIDGE ? "bridge" : "network",
                     nic->network);
    free (text);
    text = longer;
  }
  return text;
}

/* Only where the XML is written is it part of what a run makes.  BEFORE is the
 * record that it will be compared with, or NULL.
 */
static int
add_description (const struct finished_disks *disks,
                 const struct argv *before, struct argv *ret,
                 struct error *err)
{
  CLEANUP_FREE char *definition = definition_of (disks, err);
  CLEANUP_FREE char *text = definition == NULL ? NULL
    : description (disks->guest, err);
  CLEANUP_FREE char *connections = text == NULL ? NULL
    : wanted (disks->guest, err);

  if (error_is_set (err))
    return -1;
  if (text == NULL)
    return 0;
  /* Records of versions that did not have it have the description only. */
  if ((before == NULL || facts_get (before, WANTED) != NULL) &&
      facts_set (ret, WANTED, connections, err) == -1)
    return -1;
  return facts_set (ret, DESCRIPTION, text, err);
}

int
finished_add_targets (const struct finished_disks *disks,
                      const struct launch_context *context,
                      struct argv *ret, struct error *err)
{
  for (unsigned i = 0; i < finished_count (disks); i++)
    if (add_target (disks, i, context, ret, err) == -1)
      return -1;
  return add_description (disks, NULL, ret, err);
}

int
finished_compare_guest (const struct finished_disks *disks,
                        const struct argv *before, struct error *err)
{
  CLEANUP_ARGV struct argv now = { .ptr = NULL };

  return add_description (disks, before, &now, err) == -1 ? -1
    : facts_compare (before, &now, err);
}

int
finished_compare_targets (const struct finished_disks *disks,
                          const struct launch_context *context,
                          const struct argv *before, struct error *err)
{
  for (unsigned i = 0; i < finished_count (disks); i++)
    if (finished_compare_target (disks, i, context, before, err) == -1) {
      err->disk = (int) i;
      return -1;
    }
  return 0;
}

int
finished_has_targets (const struct finished_disks *disks,
                      const struct launch_context *context,
                      struct error *err)
{
  CLEANUP_FREE char *definition = definition_of (disks, err);
  const char *gone = NULL;
  const int defined = error_is_set (err) || definition == NULL ? 1
    : output_is_defined (disks->output, err);

  if (error_is_set (err))
    return -1;
  if (defined == 0)
    gone = definition;
  for (unsigned i = 0; i < finished_count (disks); i++) {
    CLEANUP_LOOKED_AT struct looked_at target;
    const int found = look_at (disks, i, &target, err);

    if (found == -1)
      return -1;
    if (found == 0)
      gone = finished_location (disks, i)->path;
  }
  if (gone != NULL)
    events_say (context->events, EVENT_INFO, -1,
                _("this run has already finished, but %s no longer exists: "
                  "running it again"), gone);
  return gone == NULL;
}

/*--- Sources. ---*/

/* A file is known by its times, and what a web server has by the version that
 * it tells.
 */
static bool
source_tells (const struct launched_disk *disk, unsigned index,
              const struct argv *facts)
{
  const struct location *location = disk->plan.location;
  const char *key = disk->plan.source->identity;
  const char *text = key != NULL ? facts_get_disk (facts, index, key) : NULL;

  switch (location->kind) {
  case LOCATION_FILE:
    return location->origin.name != NULL ? location->origin.path != NULL
      : location->file != NULL && !location->file->is_block;
  case LOCATION_CURL:
  case LOCATION_VCENTER:
    return text != NULL && strcmp (text, "not known") != 0;
  default:
    return false;
  }
}

static struct samples_of
samples_of_source (const struct launch *launch, unsigned index)
{
  const struct launched_disk *disk = launch_disk (launch, index);
  const char *path = location_local_path (disk->plan.location);

  return (struct samples_of) {
    .file = disk->plan.location->file, .path = path,
    .uri = path == NULL ? launch_parallel_uri (launch, index) : NULL,
    .nbd = launch_kept (launch, index),
    .timeout_s = TIMEOUT_S,
  };
}

int
finished_add_sources (const struct launch *launch,
                      const struct launch_context *context, struct argv *ret,
                      struct error *err)
{
  for (unsigned i = 0; i < launch_disk_count (launch); i++) {
    const struct launched_disk *disk = launch_disk (launch, i);
    const struct samples_of of = samples_of_source (launch, i);
    CLEANUP_FREE char *text = NULL;

    if (source_tells (disk, i, ret))
      continue;
    text = samples_take (&of, context->supervisor, err);
    if (text == NULL ||
        facts_set_disk (ret, i, SOURCE_CONTENT, text, err) == -1)
      return -1;
  }
  return 0;
}

int
finished_compare_sources (const struct launch *launch, bool served,
                          const struct launch_context *context,
                          const struct argv *before, struct error *err)
{
  bool all = true;

  for (unsigned i = 0; i < launch_disk_count (launch); i++) {
    const struct launched_disk *disk = launch_disk (launch, i);
    const struct samples_of of = samples_of_source (launch, i);
    const char *content = facts_get_disk (before, i, SOURCE_CONTENT);
    int r;

    if (content == NULL)
      continue;
    if (of.path == NULL && !served) {
      all = false;
      continue;
    }
    r = samples_same (&of, content, context->supervisor, err);
    if (r == 0)
      error_set (err, REASON_SOURCE_CHANGED,
                 _("the content of disk %s has changed"), disk->name);
    if (r != 1) {
      err->disk = (int) i;
      return -1;
    }
  }
  return all;
}
