/* SPDX-License-Identifier: GPL-2.0-or-later */

/* NAME.xml of -o disk: where it is, whether it may be written, and writing it.
 * A guest's XML that this program has not written is never replaced: it may
 * be all that there is of that guest.  What is in it is left to domain-xml.c.
 */

#include <config.h>

#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/file.h"
#include "base/i18n.h"
#include "base/xml.h"
#include "guest/domain-xml.h"
#include "guest/guest.h"
#include "io/reader.h"
#include "output/output-internal.h"

/* No domain XML has more, and no other XML is ours. */
#define MAX_SIZE (16 << 20)

char *
output_xml_path (const struct output *output, struct error *err)
{
  return format (err, "%s/%s.xml", output->settings->storage,
                 output->guest->name);
}

/* Whatever is wrong with it: then it is not ours. */
static bool
is_ours (const char *path)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  CLEANUP_READER struct reader *reader = reader_file_new (path, &ignored);
  CLEANUP_FREE char *text = NULL;
  CLEANUP_XML struct xml *xml = NULL;
  const struct xml_node *mark = NULL;
  size_t len = 0;

  if (reader != NULL)
    text = reader_slurp (reader, MAX_SIZE, &len, &ignored);
  if (text != NULL)
    xml = xml_parse (text, len, path, &ignored);
  return xml != NULL &&
    xml_add_namespace (xml, "v2v", DOMAIN_XML_NAMESPACE, &ignored) == 0 &&
    xml_find (xml, xml_root (xml), "./metadata/v2v:written", &mark,
              &ignored) == 0 && mark != NULL;
}

int
output_xml_check (const struct output *output, enum reason refused,
                  struct error *err)
{
  CLEANUP_FREE char *path = output_xml_path (output, err);
  struct stat st;

  if (path == NULL)
    return -1;
  if (stat (path, &st) == -1)
    return errno == ENOENT ? 0
      : error_errno (err, REASON_WRITE, "%s", path);
  /* An empty file holds no guest. */
  if (S_ISREG (st.st_mode) && (st.st_size == 0 || is_ours (path)))
    return 0;
  error_set (err, refused,
             _("%s exists already, and v2v-nbdkit-launch has not written it: "
               "it is not overwritten"), path);
  error_hint (err, _("give the copy another name with -on NAME, or another "
                     "directory with -os DIR, or move the file away"));
  return -1;
}

/* The guest as this host can run it: libvirt refuses graphics that qemu has
 * not.
 */
static struct guest
guest_here (const struct output *output)
{
  struct guest ret = *output->guest;

  if (ret.display != NULL && strcmp (ret.display, "spice") == 0 &&
      !output->has_spice)
    ret.display = NULL;
  return ret;
}

int
output_xml_write (const struct output *output, struct error *err)
{
  const char *name = output->guest->name;
  const struct guest guest = guest_here (output);
  struct domain_disk *disks = alloc_zero ((output->n + 1) * sizeof *disks,
                                          err);
  CLEANUP_FREE char *path = output_xml_path (output, err);
  CLEANUP_FREE char *xml = NULL;

  for (unsigned i = 0; disks != NULL && i < output->n; i++)
    disks[i] = (struct domain_disk) {
      .kind = DOMAIN_DISK_FILE,
      .path = output->disks[i].location.path,
      .format = output->format,
    };
  if (disks != NULL && path != NULL)
    xml = domain_xml (&guest, name, disks, output->n, err);
  free (disks);
  return xml == NULL || output_xml_check (output, REASON_WRITE, err) == -1 ? -1
    : file_store_as (path, output->mode, xml, strlen (xml), err);
}
