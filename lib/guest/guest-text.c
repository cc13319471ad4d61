/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The guest for people, as --print-source prints it.  guest-json.c has the
 * form for programs.
 */

#include <config.h>

#include <inttypes.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include "base/visible.h"
#include "guest/guest-text.h"
#include "guest/guest.h"

/* The labels end in one column. */
#define LABEL_WIDTH 16

static void
print_label (FILE *fp, const char *label)
{
  const int columns = utf8_width (label);

  fprintf (fp, "%*s%s: ", columns < LABEL_WIDTH ? LABEL_WIDTH - columns : 0,
           "", label);
}

static void
print_field (FILE *fp, const char *label, const char *value)
{
  print_label (fp, label);
  visible_print (fp, value != NULL ? value : "");
  putc ('\n', fp);
}

static void
print_memory (FILE *fp, const struct guest *guest)
{
  print_label (fp, _("memory"));
  if (guest->memory != 0)
    fprintf (fp, _("%" PRIu64 " (bytes)"), guest->memory);
  putc ('\n', fp);
}

static void
print_cpu (FILE *fp, const struct guest *guest)
{
  print_label (fp, _("nr vCPUs"));
  if (guest->cpu.count != 0)
    fprintf (fp, "%u", guest->cpu.count);
  putc ('\n', fp);
  print_field (fp, _("CPU vendor"), guest->cpu.vendor);
  print_field (fp, _("CPU model"), guest->cpu.model);
  print_label (fp, _("CPU topology"));
  if (guest->cpu.sockets != 0)
    fprintf (fp, _("sockets: %u cores/socket: %u threads/core: %u"),
             guest->cpu.sockets, guest->cpu.cores, guest->cpu.threads);
  putc ('\n', fp);
}

static void
print_firmware (FILE *fp, const struct guest *guest)
{
  print_label (fp, _("firmware"));
  fputs (firmware_name (guest->firmware), fp);
  if (guest->secure_boot)
    fputs (_(" with secure boot"), fp);
  putc ('\n', fp);
  print_field (fp, _("TPM"), guest->tpm ? _("yes") : _("no"));
}

/* The end of a device's line. */
static void
print_boot_order (FILE *fp, unsigned boot_order)
{
  if (boot_order != 0)
    fprintf (fp, _(" boot order: %u"), boot_order);
  putc ('\n', fp);
}

/* What the image itself says, on a line of its own. */
static void
print_image (FILE *fp, const struct disk *disk)
{
  if (disk->image.text == NULL)
    return;
  fputs ("\t\t", fp);
  visible_print (fp, disk->image.text);
  if (disk->virtual_size != 0)
    fprintf (fp, _(", %" PRIu64 " bytes"), disk->virtual_size);
  putc ('\n', fp);
}

static void
print_unsupported (FILE *fp, const struct disk *disk)
{
  if (disk->unsupported == NULL)
    return;
  fprintf (fp, "\t\t%s: ", _("cannot be copied"));
  visible_print (fp, disk->unsupported);
  putc ('\n', fp);
}

static int
print_disks (FILE *fp, const struct guest *guest, struct error *err)
{
  char letters[DISK_LETTERS_MAX];

  fprintf (fp, _("disks:\n"));
  for (size_t i = 0; i < guest->disks.len; i++) {
    const struct disk *disk = &guest->disks.ptr[i];
    CLEANUP_FREE char *where = location_describe (&disk->location, err);

    if (where == NULL)
      return -1;
    disk_letters ((unsigned) i, letters);
    fprintf (fp, "\tsd%s ", letters);
    visible_print (fp, where);
    if (disk->format != NULL)
      fprintf (fp, " (%s)", disk->format);
    fprintf (fp, " [%s]", disk_bus_name (disk->bus));
    print_boot_order (fp, disk->boot_order);
    print_image (fp, disk);
    print_unsupported (fp, disk);
  }
  return 0;
}

static void
print_removables (FILE *fp, const struct guest *guest)
{
  fprintf (fp, _("removable media:\n"));
  for (size_t i = 0; i < guest->removables.len; i++) {
    const struct removable *removable = &guest->removables.ptr[i];

    fprintf (fp, _("\t%s [%s] in slot %u"),
             removable->kind == REMOVABLE_CDROM ? "CD-ROM" : "Floppy",
             disk_bus_name (removable->bus), removable->slot);
    print_boot_order (fp, removable->boot_order);
  }
}

static void
print_connection (FILE *fp, const struct nic *nic)
{
  const bool named = nic->network != NULL || nic->connection == NULL;

  putc (named ? '"' : '(', fp);
  visible_print (fp, nic->network != NULL ? nic->network
                 : nic->connection != NULL ? nic->connection : "");
  putc (named ? '"' : ')', fp);
}

static void
print_nics (FILE *fp, const struct guest *guest)
{
  fprintf (fp, _("NICs:\n"));
  for (size_t i = 0; i < guest->nics.len; i++) {
    const struct nic *nic = &guest->nics.ptr[i];

    if (nic->assumed)
      continue;
    fprintf (fp, "\t%s ",
             nic->kind == NIC_BRIDGE ? _("Bridge") : _("Network"));
    print_connection (fp, nic);
    fputs (nic->mac != NULL ? " mac: " : "", fp);
    visible_print (fp, nic->mac != NULL ? nic->mac : "");
    fputs (nic->model != NULL ? " [" : "", fp);
    visible_print (fp, nic->model != NULL ? nic->model : "");
    fputs (nic->model != NULL ? "]" : "", fp);
    print_boot_order (fp, nic->boot_order);
  }
}

int
guest_text (const struct guest *guest, FILE *fp, struct error *err)
{
  print_field (fp, _("source name"), guest->name);
  print_field (fp, _("hypervisor type"), guest->hypervisor);
  print_field (fp, _("VM genid"), guest->genid);
  print_memory (fp, guest);
  print_cpu (fp, guest);
  print_firmware (fp, guest);
  print_field (fp, _("machine"), guest->machine);
  print_field (fp, _("clock"), guest->clock_offset);
  print_field (fp, _("display"), guest->display);
  print_field (fp, _("video"), guest->video);
  print_field (fp, _("sound"), guest->sound);
  if (print_disks (fp, guest, err) == -1)
    return -1;
  print_removables (fp, guest);
  print_nics (fp, guest);
  return 0;
}
