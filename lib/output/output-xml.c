/* SPDX-License-Identifier: GPL-2.0-or-later */

/* NAME.xml, the document of outputs whose guests libvirt runs.  What is in it
 * is left to domain-xml.c.
 */

#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/xml.h"
#include "context.h"
#include "guest/domain-xml.h"
#include "guest/guest.h"
#include "guest/hardware.h"
#include "output/output-internal.h"
#include "qemu/qemu-system.h"

static bool
is_ours (const char *text, size_t len, const char *path)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  CLEANUP_XML struct xml *xml = xml_parse (text, len, path, &ignored);
  const struct xml_node *mark = NULL;

  return xml != NULL &&
    xml_add_namespace (xml, "v2v", DOMAIN_XML_NAMESPACE, &ignored) == 0 &&
    xml_find (xml, xml_root (xml), "./metadata/v2v:written", &mark,
              &ignored) == 0 && mark != NULL;
}

static void
prepare (struct output *output)
{
  const char *display = output->guest->display;

  output->has_spice = display != NULL && strcmp (display, "spice") == 0 &&
    qemu_system_has_spice (hardware_arch (output->guest),
                           output->context->supervisor);
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

static char *
build (const struct output *output, struct error *err)
{
  const struct guest guest = guest_here (output);
  struct domain_disk *disks = output_domain_disks (output, err);
  char *xml = NULL;

  if (disks != NULL)
    xml = domain_xml (&guest, output->guest->name, disks, output->n, err);
  free (disks);
  return xml;
}

const struct output_document output_document_xml = {
  .suffix = ".xml",
  .use = "virsh define",
  .build = build,
  .prepare = prepare,
  .is_ours = is_ours,
};
