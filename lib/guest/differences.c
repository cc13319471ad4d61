/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Tells in what a copy will differ from its source, before it is made: nobody
 * is to find that out by a guest that does not start.
 */

#include <config.h>

#include <inttypes.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/events.h"
#include "base/i18n.h"
#include "base/text.h"
#include "base/visible.h"
#include "guest/attach.h"
#include "guest/differences.h"
#include "guest/hardware.h"

/* Does it differ in the same way as a disk before it? */
static bool
differs_again (const struct disk *disks, const struct attached *attached,
               size_t index)
{
  for (size_t i = 0; i < index; i++)
    if (attached[i].differs && attached[i].bus == attached[index].bus &&
        disks[i].bus == disks[index].bus &&
        same_text (disks[i].controller, disks[index].controller))
      return true;
  return false;
}

static void
tell_disk (const struct disk *disk, const struct attached *attached,
           const struct differences_of *of, const struct events *events)
{
  const char *before = disk->controller != NULL ? disk->controller : "";
  const char *after = attached->model != NULL ? attached->model : "";

  if (disk->bus == BUS_UNKNOWN)
    events_say (events, EVENT_INFO, -1,
                _("it is not known what the guest's disks were attached to: "
                  "the copy has them on %s; give -oo bus=virtio for a guest "
                  "that was made for KVM"), disk_bus_name (attached->bus));
  else
    events_say (events, EVENT_WARNING, -1,
                _("the source has disks on %s%s%.40s, where %s's machine "
                  "cannot have them: the copy has them on %s%s%s, for which "
                  "the guest may have no driver; -oo bus= chooses another "
                  "bus"),
                disk_bus_name (disk->bus), *before != '\0' ? " " : "", before,
                of->attach != NULL ? of->name : "KVM",
                disk_bus_name (attached->bus), *after != '\0' ? " " : "",
                after);
}

static void
tell_disks (const struct guest *guest, const struct attached *attached,
            const struct differences_of *of, const struct events *events)
{
  const struct disks *disks = &guest->disks;

  for (size_t i = 0; i < disks->len; i++)
    if (attached[i].differs && !differs_again (disks->ptr, attached, i))
      tell_disk (&disks->ptr[i], &attached[i], of, events);
}

/* As OF can have it.  What the user has chosen is had, or refused. */
static int
attach_there (const struct guest *guest, struct attached *attached,
              const struct differences_of *of, struct error *err)
{
  const enum disk_bus wanted = attached->bus;

  of->attach (guest, attached);
  if (guest->copy.bus == COPY_BUS_AUTO || !attached->differs)
    return 0;
  error_set (err, REASON_USAGE, _("-oo bus=%s: %s's machine cannot have it"),
             disk_bus_name (wanted), of->name);
  error_hint (err, _("give -oo bus=%s"), disk_bus_name (attached->bus));
  return -1;
}

static bool
is_model_told (const struct nics *nics, size_t i)
{
  for (size_t j = 0; j < i; j++)
    if (same_text (nics->ptr[j].model, nics->ptr[i].model))
      return true;
  return false;
}

static void
tell_model (const struct guest *guest, const struct nic *nic,
            const struct differences_of *of, const struct events *events)
{
  const char *usual = hardware_nic_model (guest, nic);
  const char *model = of->nic_model != NULL ? of->nic_model (guest, nic)
    : usual;

  if (!hardware_has_nic_model (nic))
    events_say (events, EVENT_WARNING, -1,
                _("KVM has no network card '%.40s', which the guest has in "
                  "the source: the copy has an %s instead"),
                nic->model, model);
  else if (strcmp (model, usual) != 0)
    events_say (events, EVENT_WARNING, -1,
                _("%s has no network card '%.40s', which the guest has in "
                  "the source: the copy has an %s instead"),
                of->name, nic->model, model);
}

/* Of all that a guest has but disks.  A conversion has not yet looked. */
static void
tell_assumed (const struct guest *guest, const struct events *events)
{
  if (guest->nics.len > 0 && guest->nics.ptr[0].assumed)
    events_say (events, EVENT_INFO, -1,
                _("only the guest's disks are known: the copy has %" PRIu64
                  " MiB of memory, %u CPU, a network card, and BIOS unless "
                  "a conversion finds UEFI"),
                hardware_memory (guest) >> 20, hardware_cpus (guest));
}

static void
tell_nics (const struct guest *guest, const struct differences_of *of,
           const struct events *events)
{
  const struct nics *nics = &guest->nics;

  for (size_t i = 0; i < nics->len; i++) {
    const struct nic *nic = &nics->ptr[i];

    if (!guest->copy.converted && !is_model_told (nics, i))
      tell_model (guest, nic, of, events);
    if (nic->mac != NULL && hardware_mac (nic) == NULL)
      events_say (events, EVENT_WARNING, -1,
                  _("the MAC address %.40s is none that a network card can "
                    "have: the copy has another one"), nic->mac);
  }
}

/* libvirt shows such a display on the host itself. */
static void
tell_display (const struct guest *guest, const struct events *events)
{
  if (guest->display != NULL && strcmp (guest->display, "vnc") != 0 &&
      strcmp (guest->display, "spice") != 0)
    events_say (events, EVENT_INFO, -1,
                _("the display of the guest is '%.40s' in the source: the "
                  "copy has one for VNC"), guest->display);
}

/*--- Networks. ---*/

/* Is there something to be known of what NIC number I is on?  libvirt makes a
 * network "default" when it is installed.
 */
static bool
is_to_tell (const struct nics *nics, size_t i,
            const struct differences_of *of)
{
  const struct nic *nic = &nics->ptr[i];

  if (of->keeps_network != NULL && !of->keeps_network (nics, i))
    return nic->network_chosen && nic->kind == NIC_NETWORK;
  return !nic->network_chosen &&
    (nic->connection != NULL || nic->kind == NIC_BRIDGE ||
     (nic->network != NULL && strcmp (nic->network, "default") != 0));
}

static bool
is_told (const struct nics *nics, size_t i, const struct differences_of *of)
{
  for (size_t j = 0; j < i; j++)
    if (is_to_tell (nics, j, of) &&
        nics->ptr[j].kind == nics->ptr[i].kind &&
        same_text (nics->ptr[j].network, nics->ptr[i].network) &&
        same_text (nics->ptr[j].connection, nics->ptr[i].connection))
      return true;
  return false;
}

/* What the user can type to have NIC on network or bridge OUT.  The caller
 * frees it.
 */
static char *
example (const struct nic *nic, const char *out, struct error *err)
{
  const char *name = nic->network;
  const char *kind = nic->kind == NIC_BRIDGE ? "bridge" : "network";
  CLEANUP_FREE char *arg = NULL, *quoted = NULL;

  /* IN ends at the first colon. */
  if (name == NULL || *name == '\0' || strchr (name, ':') != NULL)
    return hardware_mac (nic) != NULL
      ? format (err, "--mac %s:%s:%s", hardware_mac (nic), kind, out)
      : format (err, "--%s %s", kind, out);
  arg = format (err, "%s:%s", name, out);
  quoted = arg != NULL ? shell_quoted (arg, err) : NULL;
  return quoted != NULL ? format (err, "--%s %s", kind, quoted) : NULL;
}

static void
tell_bridge (const struct nic *nic, const char *option,
             const struct events *events)
{
  const char *mac = hardware_mac (nic);

  if (mac != NULL)
    events_say (events, EVENT_WARNING, -1,
                _("the guest is on the bridge '%.100s' of its old host, and "
                  "so is the copy: it does not start where there is none; to "
                  "give it another one type for example %s, or "
                  "--mac %s:network:default for a network of libvirt's"),
                nic->network, option, mac);
  else
    events_say (events, EVENT_WARNING, -1,
                _("the guest is on the bridge '%.100s' of its old host, and "
                  "so is the copy: it does not start where there is none; to "
                  "give it another one type for example %s"),
                nic->network, option);
}

static void
tell_attachment (const struct nic *nic, const char *option,
                 const struct events *events)
{
  events_say (events, EVENT_WARNING, -1,
              _("a network card of the guest was on '%.100s', for which the "
                "cluster must have a NetworkAttachmentDefinition; to give it "
                "another one type for example %s"),
              nic->network != NULL ? nic->network : nic->connection, option);
}

static int
tell_network (const struct nic *nic, const struct differences_of *of,
              bool keeps, const struct events *events, struct error *err)
{
  const bool bridge = nic->kind == NIC_BRIDGE;
  CLEANUP_FREE char *option = example (nic, bridge && !of->attachments
                                       ? "br0" : "default", err);

  if (option == NULL)
    return -1;
  if (of->attachments)
    tell_attachment (nic, option, events);
  else if (!keeps)
    events_say (events, EVENT_WARNING, -1,
                _("--network and --mac MAC:network: have no effect here: "
                  "qemu has no network '%.100s', and the card is on its own; "
                  "--mac MAC:bridge:BRIDGE connects it to a bridge"),
                nic->network);
  else if (nic->connection != NULL)
    events_say (events, EVENT_WARNING, -1,
                _("a network card of the guest is connected to its old host "
                  "itself ('%.40s'): the copy has it on the network "
                  "'default'; to give it another one type for example %s"),
                nic->connection, option);
  else if (bridge)
    tell_bridge (nic, option, events);
  else
    events_say (events, EVENT_WARNING, -1,
                _("the guest is on the network '%.100s' of its old host, and "
                  "so is the copy: it does not start where there is none; to "
                  "give it another one type for example %s"),
                nic->network, option);
  return 0;
}

static int
tell_networks (const struct nics *nics, const struct differences_of *of,
               const struct events *events, struct error *err)
{
  for (size_t i = 0; i < nics->len; i++) {
    const bool keeps = of->keeps_network == NULL || of->keeps_network (nics, i);

    if (is_to_tell (nics, i, of) && !is_told (nics, i, of) &&
        tell_network (&nics->ptr[i], of, keeps, events, err) == -1)
      return -1;
  }
  return 0;
}

int
differences_tell (const struct guest *guest, const struct differences_of *of,
                  const struct events *events, struct error *err)
{
  static const struct differences_of libvirt = { .name = NULL };
  const struct guest known = hardware_known (guest);
  struct attached *attached = attach_disks (&known, known.disks.len, err);

  if (attached == NULL)
    return -1;
  of = of != NULL ? of : &libvirt;
  for (size_t i = 0; of->attach != NULL && i < known.disks.len; i++)
    if (attach_there (&known, &attached[i], of, err) == -1) {
      free (attached);
      return -1;
    }
  tell_disks (&known, attached, of, events);
  free (attached);
  tell_assumed (&known, events);
  tell_nics (&known, of, events);
  tell_display (&known, events);
  return tell_networks (&known.nics, of, events, err);
}
