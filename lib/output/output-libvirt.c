/* SPDX-License-Identifier: GPL-2.0-or-later */

/* -o libvirt: files in the directory of a storage pool, and a guest that
 * libvirt knows, all of it or nothing.  libvirt itself is called in
 * libvirt-define.c.
 *
 * The disks get their names before the guest is defined, and keep those in
 * NAME.part until then: so they can be taken away when libvirt refuses the
 * guest, and a run that was killed in between knows them as its own.  Nothing
 * that is there is replaced: it may be another guest's.
 */

#include <config.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/file-at.h"
#include "base/i18n.h"
#include "base/uri.h"
#include "base/visible.h"
#include "context.h"
#include "guest/differences.h"
#include "guest/domain-xml.h"
#include "guest/guest.h"
#include "guest/hardware.h"
#include "io/supervisor.h"
#include "output/libvirt-define.h"
#include "output/output-internal.h"
#include "output/part-dir.h"
#include "output/part.h"
#include "settings.h"

/* As virt-v2v. */
#define DEFAULT_POOL "default"

static const struct output_option options[] = {
  OUTPUT_BUS_OPTION,
  OUTPUT_COMPRESSED_OPTIONS,
  OUTPUT_MODE_OPTION,
  { .name = NULL }
};

/* What libvirt is asked about; the texts are freed by reset. */
struct request {
  struct libvirt_define define;
  char *shown, *guest;
};

static void
request_reset (struct request *request)
{
  free (request->shown);
  free (request->guest);
}
#define CLEANUP_REQUEST __attribute__ ((cleanup (request_reset)))

/* REQUEST is empty; GUEST may be NULL. */
static int
request_init (struct request *request, const struct output_settings *settings,
              const struct guest *guest, const struct launch_context *context,
              struct error *err)
{
  if ((settings->connect != NULL &&
       (request->shown = uri_without_credentials (settings->connect,
                                                  err)) == NULL) ||
      (guest != NULL &&
       (request->guest = domain_xml_name (guest->name, err)) == NULL))
    return -1;
  request->define = (struct libvirt_define) {
    .connect = settings->connect, .shown = request->shown,
    .pool = settings->storage != NULL ? settings->storage : DEFAULT_POOL,
    .guest = request->guest,
    .arch = guest != NULL ? hardware_arch (guest) : NULL,
    .timeout_s = context->settings->startup_timeout_s,
  };
  return 0;
}

/* As it is given, before libvirt is asked. */
static int
check_uri (const char *uri, struct error *err)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  CLEANUP_URI struct uri_parts parts = { .scheme = NULL };
  CLEANUP_FREE char *scheme = uri_scheme (uri);

  if (scheme != NULL && uri_parse (uri, &parts, &ignored) == 0)
    return libvirt_refuse_remote (parts.host, err);
  error_set (err, REASON_USAGE, _("-oc: '%s' is not a libvirt URI"), uri);
  error_hint (err, _("URIs of this host's libvirt look like qemu:///system or "
                     "qemu:///session"));
  return -1;
}

static int
check (struct output *output, struct error *err)
{
  const struct output_settings *settings = output->settings;
  CLEANUP_REQUEST struct request request = { .shown = NULL };

  if ((settings->connect != NULL &&
       check_uri (settings->connect, err) == -1) ||
      request_init (&request, settings, output->guest, output->context,
                    err) == -1)
    return -1;
  output->storage = libvirt_pool_dir (&request.define,
                                      output->context->supervisor, err);
  return output->storage == NULL ? -1 : output_files_check (output, err);
}

/*--- What is there. ---*/

static int
has_guest (const struct output *output, struct error *err)
{
  CLEANUP_REQUEST struct request request = { .shown = NULL };

  return request_init (&request, output->settings, output->guest,
                       output->context, err) == -1 ? -1
    : libvirt_has_guest (&request.define, output->context->supervisor, err);
}

static int
refuse_guest (const struct output *output, enum reason refused,
              struct error *err)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  const int r = has_guest (output, err);

  if (r != 1)
    return r;
  error_set (err, refused,
             _("libvirt has a guest '%s' already: it is not replaced"),
             output->guest->name);
  if (part_look_at_final (output, 0, refused, &ignored) == 1)
    error_hint (err, _("an interrupted run has defined it, and nothing of it "
                       "is missing: remove what that run has left, %s"),
                part_dir_path (output->part_dir));
  /* What was copied has this name. */
  else if (refused == REASON_WRITE)
    error_hint (err, _("rename the other guest, or remove it"));
  else
    error_hint (err, _("give the copy another name with -on NAME"));
  return -1;
}

/* The XML holds names that users and metadata have chosen: what it cannot hold
 * is found out before hours of copying.
 */
static int
try_guest (const struct output *output, struct error *err)
{
  CLEANUP_FREE char *xml = NULL;

  if (differences_tell (output->guest, NULL, output->context->events, err) == -1)
    return -1;
  xml = output_document_xml.build (output, err);
  if (xml != NULL)
    return refuse_guest (output, REASON_USAGE, err);
  error_hint (err, _("give the copy another name with -on NAME"));
  return -1;
}

static int
try_new (struct output *output, unsigned index, uint64_t size,
         enum output_how how, struct error *err)
{
  if (output_files_try (output, index, size, how, err) == -1 ||
      (index == 0 && try_guest (output, err) == -1))
    return -1;
  return part_look_at_final (output, index, REASON_USAGE, err) == -1 ? -1 : 0;
}

/* A run that was killed before libvirt had the guest has left final names. */
static int
open_disk (struct output *output, unsigned index, uint64_t size,
           const char *socket_dir, enum output_how how, struct error *err)
{
  if (!output->settings->existing && how != OUTPUT_NEW &&
      part_drop_final (output, index, err) == -1)
    return -1;
  return output_files_open (output, index, size, socket_dir, how, err);
}

static char *
definition (const struct output *output, struct error *err)
{
  return format (err, _("libvirt's guest '%s'"), output->guest->name);
}

/*--- Defining it. ---*/

/* Nobody knows whether libvirt has defined a guest before the connection to it
 * was lost: its disks are not taken away from it.
 */
static void
undo (const struct output *output, struct error *err)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;

  if (has_guest (output, &ignored) == 0) {
    part_unlink_all (output);
    return;
  }
  error_hint (err, _("see whether libvirt has the guest '%s': if so, nothing "
                     "is missing, and if not, its disks in %s are to be "
                     "removed"), output->guest->name, output->storage);
}

static int
define (struct output *output, const char *xml, struct error *err)
{
  CLEANUP_REQUEST struct request request = { .shown = NULL };

  if (request_init (&request, output->settings, output->guest,
                    output->context, err) == -1 ||
      file_at_sync_directory (output->dir_fd, output->storage, err) == -1) {
    part_unlink_all (output);
    return -1;
  }
  request.define.xml = xml;
  /* It takes a moment, and must not be interrupted in the middle. */
  supervisor_hold_signals (output->context->supervisor);
  part_keep_all (output);
  if (libvirt_define (&request.define, output->context->supervisor,
                      err) == 0)
    return 0;
  undo (output, err);
  return -1;
}

static int
commit (struct output *output, struct error *err)
{
  CLEANUP_FREE char *xml = NULL;

  /* The guest was defined when the whole disks were copied. */
  if (output->settings->existing)
    return 0;
  output_document_xml.prepare (output);
  xml = output_document_xml.build (output, err);
  return xml == NULL || refuse_guest (output, REASON_WRITE, err) == -1 ||
    part_link_all (output, err) == -1 ||
    define (output, xml, err) == -1 ? -1 : 0;
}

/* Not before it is known that the run has finished: with some of the names in
 * NAME.part the copy would look as if it were to be begun again.
 */
static void
tidy (struct output *output)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;

  for (unsigned i = 0; i < output->n; i++)
    part_forget (output, i, false);
  part_dir_clear (output->part_dir);
  output_files_sync_names (output, &ignored);
}

/* Changed extents leave the guest as it was defined. */
static char *
next (const struct output *output, struct error *err)
{
  CLEANUP_REQUEST struct request request = { .shown = NULL };
  CLEANUP_FREE char *guest = NULL, *uri = NULL;
  const char *option;

  if (output->settings->existing ||
      request_init (&request, output->settings, output->guest,
                    output->context, err) == -1)
    return NULL;
  guest = shell_quoted (request.guest, err);
  uri = request.shown != NULL ? shell_quoted (request.shown, err) : NULL;
  /* virsh takes "--" for the end of options, and then for a name as well. */
  option = request.guest[0] == '-' ? "--domain=" : "";
  return guest == NULL ? NULL
    : uri != NULL ? format (err, "virsh -c %s start %s%s", uri, option, guest)
    : format (err, "virsh start %s%s", option, guest);
}

/* So that the pool lists the new disks, and NAME.part no more. */
static void
released (const struct output_settings *settings,
          const struct launch_context *context)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  CLEANUP_REQUEST struct request request = { .shown = NULL };

  if (request_init (&request, settings, NULL, context, &ignored) == 0)
    libvirt_refresh (&request.define, context->supervisor, &ignored);
}

const struct output_ops output_libvirt_ops = {
  .options = options,
  .makes_files = true,
  .takes_qcow2 = true,
  .never_replaces = true,
  .check = check,
  .locate = output_files_locate,
  .try_new = try_new,
  .open = open_disk,
  .commit = commit,
  .tidy = tidy,
  .next = next,
  .forget = part_forget,
  .definition = definition,
  .is_defined = has_guest,
  .released = released,
};
