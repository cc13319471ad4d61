/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Tells in what a copy will differ from its source, before it is made: nobody
 * is to find that out by a guest that does not start.
 */

#include <config.h>

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
           const struct events *events)
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
                _("the source has disks on %s%s%.40s, where KVM's machine "
                  "cannot have them: the copy has them on %s%s%s, for which "
                  "the guest may have no driver; -oo bus= chooses another "
                  "bus"),
                disk_bus_name (disk->bus), *before != '\0' ? " " : "", before,
                disk_bus_name (attached->bus), *after != '\0' ? " " : "",
                after);
}

static void
tell_disks (const struct guest *guest, const struct attached *attached,
            const struct events *events)
{
  const struct disks *disks = &guest->disks;

  for (size_t i = 0; i < disks->len; i++)
    if (attached[i].differs && !differs_again (disks->ptr, attached, i))
      tell_disk (&disks->ptr[i], &attached[i], events);
}

static void
tell_models (const struct guest *guest, const struct events *events)
{
  const struct nics *nics = &guest->nics;

  for (size_t i = 0; i < nics->len && !guest->copy.converted; i++)
    if (!hardware_has_nic_model (&nics->ptr[i]))
      events_say (events, EVENT_WARNING, -1,
                  _("KVM has no network card '%.40s', which the guest has in "
                    "the source: the copy has an %s instead"),
                  nics->ptr[i].model,
                  hardware_nic_model (guest, &nics->ptr[i]));
}

/* libvirt makes a network of this name when it is installed. */
static bool
is_everywhere (const struct nic *nic)
{
  return nic->kind == NIC_NETWORK &&
    (nic->network == NULL || strcmp (nic->network, "default") == 0);
}

static bool
is_told (const struct nics *nics, size_t i)
{
  for (size_t j = 0; j < i; j++)
    if (!nics->ptr[j].network_chosen &&
        nics->ptr[j].kind == nics->ptr[i].kind &&
        same_text (nics->ptr[j].network, nics->ptr[i].network))
      return true;
  return false;
}

static int
tell_network (const struct nic *nic, const struct events *events,
              struct error *err)
{
  const bool bridge = nic->kind == NIC_BRIDGE;
  const char *name = nic->network != NULL ? nic->network : "";
  CLEANUP_FREE char *arg = format (err, "%s:%s", name,
                                   bridge ? "br0" : "default");
  CLEANUP_FREE char *quoted = arg == NULL ? NULL : shell_quoted (arg, err);

  if (quoted == NULL)
    return -1;
  if (bridge)
    events_say (events, EVENT_WARNING, -1,
                _("the guest is on the bridge '%.100s' of its old host, and "
                  "so is the copy: it does not start where there is none; to "
                  "give it another one type for example --bridge %s, or "
                  "--mac %s:network:default for a network of libvirt's"),
                name, quoted,
                hardware_mac (nic) != NULL ? hardware_mac (nic) : "MAC");
  else
    events_say (events, EVENT_WARNING, -1,
                _("the guest is on the network '%.100s' of its old host, and "
                  "so is the copy: it does not start where there is none; to "
                  "give it another one type for example --network %s"),
                name, quoted);
  return 0;
}

static int
tell_networks (const struct nics *nics, const struct events *events,
               struct error *err)
{
  for (size_t i = 0; i < nics->len; i++)
    if (!nics->ptr[i].network_chosen && !is_everywhere (&nics->ptr[i]) &&
        !is_told (nics, i) &&
        tell_network (&nics->ptr[i], events, err) == -1)
      return -1;
  return 0;
}

int
differences_tell (const struct guest *guest, const struct events *events,
                  struct error *err)
{
  const struct guest known = hardware_known (guest);
  struct attached *attached = attach_disks (&known, known.disks.len, err);

  if (attached == NULL)
    return -1;
  tell_disks (&known, attached, events);
  free (attached);
  tell_models (&known, events);
  return tell_networks (&known.nics, events, err);
}
