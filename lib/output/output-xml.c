/* SPDX-License-Identifier: GPL-2.0-or-later */

/* NAME.xml of -o disk: where it is, whether it may be written, and writing it.
 * A guest's XML that this program has not written is never replaced: it may
 * be all that there is of that guest.  What is in it is left to domain-xml.c.
 */

#include <config.h>

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/file-at.h"
#include "base/i18n.h"
#include "base/xml.h"
#include "guest/domain-xml.h"
#include "guest/guest.h"
#include "output/output-internal.h"
#include "output/part-dir.h"

/* No domain XML has more, and no other XML is ours. */
#define MAX_SIZE (16 << 20)

char *
output_xml_path (const struct output *output, struct error *err)
{
  return format (err, "%s/%s.xml", output->settings->storage,
                 output->guest->name);
}

/* The file of that name, which is no link and has something in it: 1, and FD
 * is open on it.
 */
static int
open_xml (struct file_at at, int *fd, struct stat *st)
{
  *fd = openat (at.dir_fd, at.name, O_RDONLY|O_NOFOLLOW|O_NONBLOCK|O_NOCTTY|
                O_CLOEXEC);
  return *fd != -1 && fstat (*fd, st) == 0 && S_ISREG (st->st_mode);
}

static char *
read_text (int fd, size_t size, size_t *len)
{
  char *text = size > MAX_SIZE ? NULL : malloc (size + 1);
  ssize_t n = 1;

  for (*len = 0; text != NULL && *len < size && n > 0;) {
    n = read (fd, text + *len, size - *len);
    if (n > 0)
      *len += (size_t) n;
  }
  return text;
}

/* Whatever is wrong with it: then it is not ours. */
static bool
is_ours (int fd, size_t size, const char *path)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  CLEANUP_XML struct xml *xml = NULL;
  const struct xml_node *mark = NULL;
  size_t len;
  CLEANUP_FREE char *text = read_text (fd, size, &len);

  if (text != NULL)
    xml = xml_parse (text, len, path, &ignored);
  return xml != NULL &&
    xml_add_namespace (xml, "v2v", DOMAIN_XML_NAMESPACE, &ignored) == 0 &&
    xml_find (xml, xml_root (xml), "./metadata/v2v:written", &mark,
              &ignored) == 0 && mark != NULL;
}

static struct file_at
xml_at (const struct output *output, const char *path)
{
  return (struct file_at) {
    .dir_fd = output->dir_fd, .name = strrchr (path, '/') + 1, .path = path,
  };
}

int
output_xml_check (const struct output *output, enum reason refused,
                  struct error *err)
{
  CLEANUP_FREE char *path = output_xml_path (output, err);
  CLEANUP_FD int fd = -1;
  struct stat st;

  if (path == NULL)
    return -1;
  /* An empty file holds no guest. */
  if (open_xml (xml_at (output, path), &fd, &st) &&
      (st.st_size == 0 || is_ours (fd, (size_t) st.st_size, path)))
    return 0;
  if (fd == -1 && errno == ENOENT)
    return 0;
  if (fd == -1 && errno != ELOOP && errno != ENXIO && errno != EACCES)
    return error_errno (err, REASON_WRITE, "%s", path);
  if (fd == -1 && errno == EACCES)
    error_set (err, refused,
               _("%s exists already, and cannot be read to see whether "
                 "v2v-nbdkit-launch has written it: it is not overwritten"),
               path);
  else
    error_set (err, refused,
               _("%s exists already, and v2v-nbdkit-launch has not written "
                 "it: it is not overwritten"), path);
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

/* It is made in our directory, where nobody else can come between. */
static int
store (const struct output *output, struct file_at at, const char *xml,
       struct error *err)
{
  CLEANUP_FREE char *aside = format (err, "%s/" PART_DIR_XML,
                                     part_dir_path (output->part_dir));
  const struct file_at from = {
    .dir_fd = part_dir_fd (output->part_dir), .name = PART_DIR_XML,
    .path = aside,
  };

  if (aside == NULL ||
      file_at_store (from, output->mode, xml, strlen (xml), err) == -1)
    return -1;
  if (file_at_rename (from, at, err) == 0)
    return 0;
  unlinkat (from.dir_fd, from.name, 0);
  return -1;
}

static char *
xml_of (const struct output *output, struct error *err)
{
  const struct guest guest = guest_here (output);
  struct domain_disk *disks = alloc_zero ((output->n + 1) * sizeof *disks,
                                          err);
  char *xml = NULL;

  for (unsigned i = 0; disks != NULL && i < output->n; i++)
    disks[i] = (struct domain_disk) {
      .kind = DOMAIN_DISK_FILE,
      .path = output->disks[i].location.path,
      .format = output->format,
    };
  if (disks != NULL)
    xml = domain_xml (&guest, output->guest->name, disks, output->n, err);
  free (disks);
  return xml;
}

int
output_xml_try (const struct output *output, struct error *err)
{
  CLEANUP_FREE char *xml = xml_of (output, err);

  if (xml != NULL)
    return 0;
  error_hint (err, _("give the guest another name with -on NAME, or another "
                     "directory with -os DIR"));
  return -1;
}

int
output_xml_write (const struct output *output, struct error *err)
{
  CLEANUP_FREE char *path = output_xml_path (output, err);
  CLEANUP_FREE char *xml = path != NULL ? xml_of (output, err) : NULL;

  return xml == NULL || output_xml_check (output, REASON_WRITE, err) == -1 ? -1
    : store (output, xml_at (output, path), xml, err);
}
