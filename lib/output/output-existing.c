/* SPDX-License-Identifier: GPL-2.0-or-later */

/* -o device and -o nbd: targets that exist, which the user names with an -oo
 * option for each disk.  They are block devices (or files), and exports of
 * NBD servers.  They are checked here; target-device.c and target-nbd.c write.
 * qcow2 images on devices are output-device-qcow2.c's.
 */

#include <config.h>

#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/nbd-uri.h"
#include "base/suggest.h"
#include "base/uri.h"
#include "base/visible.h"
#include "context.h"
#include "guest/suggest-source.h"
#include "io/image-lock.h"
#include "output/output-device-qcow2.h"
#include "output/output-internal.h"
#include "settings.h"

/* As enum target_zero has them. */
static const char zero_words[] = "auto|write|discard|skip";

static int
parse_zero (struct output *output, struct error *err)
{
  unsigned zero = TARGET_ZERO_AUTO;

  if (output_word_option (output, "zero", zero_words, &zero, err) == -1)
    return -1;
  output->zero = (enum target_zero) zero;
  return 0;
}

/* The extents that became zeroes held something else before. */
static int
check_skip (const struct output *output, struct error *err)
{
  if (output->zero != TARGET_ZERO_SKIP || !output->settings->existing)
    return 0;
  error_set (err, REASON_USAGE,
             _("-oo zero=skip cannot be used with --changed-extents: the "
               "target holds an earlier copy, and does not read as zeroes"));
  error_hint (err, _("leave it out, or use -oo zero=auto"));
  return -1;
}

/* Check the options: there must be one -oo KEY= for each disk. */
static int
check_options (struct output *output, const char *key, const char *hint,
               struct error *err)
{
  return parse_zero (output, err) == -1 || check_skip (output, err) == -1 ? -1
    : output_once_for_each (output, key, hint, err);
}

/*--- -o device. ---*/

static const struct output_option device_options[] = {
  { "path", N_("the device; one for each disk, in order"), "FILE" },
  { "zero", N_("auto, write, discard or skip"), zero_words },
  { .name = NULL }
};

static int
device_check (struct output *output, struct error *err)
{
  if (output->settings->format == OUTPUT_QCOW2 &&
      argv_value (&output->settings->options, "zero") != NULL)
    return error_set (err, REASON_USAGE,
                      _("-oo zero cannot be used with -of qcow2: the image's "
                        "metadata says what is zero"));
  return check_options (output, "path",
                        _("such as -oo path=/dev/vg/lv; lsblk lists "
                          "block devices"), err);
}

/* With fs.protected_symlinks the kernel does not follow them either. */
static int
check_links (const char *path, struct error *err)
{
  CLEANUP_FREE char *real = image_real_path (path, err);

  return real != NULL ? 0 : -1;
}

static int
device_locate (struct output *output, unsigned index, struct location *ret,
               struct error *err)
{
  const char *path = output_nth_option (output, "path", index);

  if (access (path, W_OK) == -1) {
    const int saved_errno = errno;

    if (saved_errno == EACCES && check_links (path, err) == -1)
      return -1;
    errno = saved_errno;
    error_errno (err, REASON_WRITE, _("cannot write to %s"), path);
    /* Not the nearest name: that may be a disk that must not be lost. */
    error_hint (err, saved_errno == EACCES
                ? _("ls -l shows which user and group can write to it; in "
                    "Kubernetes add the group to supplementalGroups, or have "
                    "the node's runtime set "
                    "device_ownership_from_security_context")
                : _("lsblk lists the block devices"));
    return -1;
  }
  ret->kind = LOCATION_FILE;
  return alloc_set (&ret->path, path, err);
}

/* An interrupted run may have written what reads as zeroes in the source, for
 * example if that was converted twice: what the caller promised holds no more.
 */
static enum target_zero
zero_of (const struct output *output, enum output_how how)
{
  return how != OUTPUT_NEW && output->zero == TARGET_ZERO_SKIP
    ? TARGET_ZERO_AUTO : output->zero;
}

static int
device_open (struct output *output, unsigned index, uint64_t size,
             const char *socket_dir, enum output_how how, struct error *err)
{
  struct output_disk_state *disk = &output->disks[index];

  if (output->settings->format == OUTPUT_QCOW2)
    return output_device_qcow2_open (output, index, size, socket_dir, how,
                                     err);
  disk->target = target_device_open (disk->fd, disk->location.path, size,
                                     zero_of (output, how), err);
  return disk->target != NULL ? 0 : -1;
}

const struct output_ops output_device_ops = {
  .options = device_options,
  .existing = true,
  .takes_qcow2 = true,
  .check = device_check,
  .locate = device_locate,
  .try_new = output_device_qcow2_try,
  .open = device_open,
};

/*--- -o nbd. ---*/

static const struct output_option nbd_options[] = {
  { "uri", N_("the export; one for each disk, in order"), NULL },
  { "zero", N_("auto, write, discard or skip"), zero_words },
  { .name = NULL }
};

static const char example[] =
  N_("such as -oo uri=nbd://HOST/EXPORT; nbdinfo --list nbd://HOST lists a "
     "server's exports");

/* Only whether it is an NBD URI at all, and what it says about TLS: libnbd
 * checks the rest.
 */
static int
check_scheme (const char *uri, struct error *err)
{
  static const char *const known[] = {
    "nbd", "nbds", "nbd+unix", "nbds+unix", NULL
  };
  CLEANUP_FREE char *scheme = uri_scheme (uri);
  CLEANUP_NBD_URI struct nbd_uri checked = { .uri = NULL };

  if (scheme != NULL && strncmp (scheme, "nbd", strlen ("nbd")) == 0)
    return nbd_uri_parse (uri, &checked, err);
  error_set (err, REASON_USAGE, _("-oo uri=%s is not an NBD URI"), uri);
  if (scheme == NULL || !suggest_scheme (uri, scheme, known, err))
    error_hint (err, "%s", _(example));
  return -1;
}

static int
nbd_check (struct output *output, struct error *err)
{
  if (check_options (output, "uri", _(example), err) == -1)
    return -1;
  for (unsigned i = 0; i < output->n; i++)
    if (check_scheme (output_nth_option (output, "uri", i), err) == -1)
      return -1;
  return 0;
}

static int
nbd_locate (struct output *output, unsigned index, struct location *ret,
            struct error *err)
{
  const char *uri = output_nth_option (output, "uri", index);
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  CLEANUP_URI struct uri_parts parts = { .scheme = NULL };

  ret->kind = LOCATION_NBD;
  /* libnbd may accept URIs that libcurl cannot parse. */
  if (uri_parse (uri, &parts, &ignored) == 0 &&
      strstr (parts.scheme, "+unix") == NULL) {
    ret->port = parts.port;
    ret->host = STEAL (parts.host);
  }
  return alloc_set (&ret->uri, uri, err);
}

static void
hint_nbdinfo (const char *uri, struct error *err)
{
  CLEANUP_FREE char *quoted = shell_quoted (uri, err);

  if (quoted != NULL)
    error_hint (err, _("is the NBD server running, and is the URI right?  "
                       "try: nbdinfo %s"), quoted);
}

/* nbd-server's default is flush = false, and that it never calls fsync. */
static const char no_flush[] =
  N_("the server does not support flush: nobody can know when the data is on "
     "stable storage (nbd-server: set flush = true)");

static int
nbd_open (struct output *output, unsigned index, uint64_t size,
          const char *socket_dir __attribute__ ((unused)),
          enum output_how how, struct error *err)
{
  struct output_disk_state *disk = &output->disks[index];

  disk->target = target_nbd_open (disk->location.uri, size,
                                  zero_of (output, how),
                                  output->context->settings->stall_timeout_s,
                                  output->context->supervisor, err);
  if (disk->target != NULL) {
    disk->caveat = target_nbd_can_flush (disk->target) ? NULL : no_flush;
    return 0;
  }
  if (err->reason == REASON_UNREACHABLE || err->reason == REASON_TIMEOUT)
    hint_nbdinfo (disk->location.uri, err);
  return -1;
}

/* Some servers (qemu-nbd without --persistent) end when their first client
 * leaves.  The connection that found the target fit is the one that writes.
 */
static bool
nbd_reopen (struct output *output, unsigned index, uint64_t size,
            enum output_how how)
{
  return target_nbd_reopen (output->disks[index].target, size,
                            zero_of (output, how),
                            output->context->supervisor);
}

const struct output_ops output_nbd_ops = {
  .options = nbd_options,
  .existing = true,
  .check = nbd_check,
  .locate = nbd_locate,
  .open = nbd_open,
  .reopen = nbd_reopen,
};
