/* SPDX-License-Identifier: GPL-2.0-or-later */

/* -i libvirtxml: a guest from libvirt's domain XML.  Elements that are not
 * known here are ignored, missing ones leave the guest's fields at their
 * defaults, and two that contradict each other are errors.
 */

#include <config.h>

#include <ctype.h>
#include <string.h>

#include "base/parse.h"
#include "input/input-libvirtxml.h"
#include "input/input-vmware.h"
#include "io/reader.h"

/* Bytes; xml_parse has a limit of its own below this, and names it. */
#define FILE_MAX_SIZE (8 * 1024 * 1024)

#define VMWARE_NAMESPACE "http://libvirt.org/schemas/domain/vmware/1.0"

int
domain_find (struct domain *domain, const struct xml_node *node,
             const char *expr, const struct xml_node **ret,
             struct error *err)
{
  CLEANUP_XML_NODES struct xml_nodes nodes = { .len = 0 };

  *ret = NULL;
  if (xml_find_all (domain->xml, node, expr, &nodes, err) == -1)
    return -1;
  if (nodes.len > 1)
    return domain_error (domain, nodes.ptr[1], err,
                         _("there is a second '%s' here"),
                         xml_node_name (nodes.ptr[1]));
  if (nodes.len == 1)
    *ret = nodes.ptr[0];
  return 0;
}

int
domain_string (struct domain *domain, const struct xml_node *node,
               const char *expr, char **ret, struct error *err)
{
  const struct xml_node *found;

  *ret = NULL;
  if (domain_find (domain, node, expr, &found, err) == -1)
    return -1;
  if (found == NULL)
    return 0;
  if (xml_string (domain->xml, found, ".", ret, err) == -1)
    return -1;
  if (**ret == '\0') {
    free (*ret);
    *ret = NULL;
  }
  return 0;
}

char *
domain_trim (char *str)
{
  size_t len;

  while (isspace ((unsigned char) *str))
    str++;
  len = strlen (str);
  while (len > 0 && isspace ((unsigned char) str[len - 1]))
    str[--len] = '\0';
  return str;
}

int
domain_uint (struct domain *domain, const struct xml_node *node,
             const char *expr, uint64_t min, uint64_t max, uint64_t *ret,
             struct error *err)
{
  CLEANUP_FREE char *text = NULL;
  CLEANUP_ERROR struct error local = ERROR_INIT;
  const struct xml_node *found;

  if (domain_find (domain, node, expr, &found, err) == -1)
    return -1;
  if (found == NULL)
    return 0;
  if (xml_string (domain->xml, found, ".", &text, err) == -1)
    return -1;
  if (parse_uint (xml_node_name (found), domain_trim (text), min, max, ret,
                  &local) == -1)
    return domain_error (domain, found, err, "%s", local.message);
  return 0;
}

int
domain_equals (struct domain *domain, const struct xml_node *node,
               const char *expr, const char *value, bool *ret,
               struct error *err)
{
  CLEANUP_FREE char *text = NULL;

  if (domain_string (domain, node, expr, &text, err) == -1)
    return -1;
  *ret = text != NULL && strcmp (text, value) == 0;
  return 0;
}

static int
check_root (struct domain *domain, struct error *err)
{
  const struct xml_node *root = xml_root (domain->xml);

  if (strcmp (xml_node_name (root), "domain") == 0)
    return 0;
  error_hint (err, _("'virsh dumpxml GUEST' prints what is wanted here"));
  return domain_error (domain, root, err,
                       _("this is not libvirt's description of a guest: "
                         "'%s' stands where 'domain' should"),
                       xml_node_name (root));
}

/* Of several displays the first that can be had over the network. */
static int
read_display (struct domain *domain, const struct xml_node *root,
              struct error *err)
{
  return xml_string (domain->xml, root,
                     "devices/graphics[@type='vnc' or @type='spice']/@type",
                     &domain->guest->display, err);
}

/* Eight digits, three times four, and twelve. */
static bool
is_uuid (const char *str)
{
  for (size_t i = 0; i < 36; i++) {
    if (i == 8 || i == 13 || i == 18 || i == 23) {
      if (str[i] != '-')
        return false;
    }
    else if (!isxdigit ((unsigned char) str[i]))
      return false;
  }
  return str[36] == '\0';
}

/* Empty, libvirt makes one for each run: there is none to keep. */
static int
read_genid (struct domain *domain, const struct xml_node *root,
            struct error *err)
{
  const struct xml_node *node;
  char **genid = &domain->guest->genid, *text;

  if (domain_find (domain, root, "genid", &node, err) == -1 ||
      domain_string (domain, root, "genid", genid, err) == -1)
    return -1;
  if (*genid == NULL)
    return 0;
  text = domain_trim (*genid);
  memmove (*genid, text, strlen (text) + 1);
  if (!is_uuid (*genid))
    return domain_error (domain, node, err, _("'%s' is not a UUID"), *genid);
  return 0;
}

/* What is taken as it is.  Of several video cards and sound devices the
 * first one counts.
 */
static int
read_strings (struct domain *domain, const struct xml_node *root,
              struct error *err)
{
  struct guest *guest = domain->guest;
  const struct {
    const char *expr;
    char **ret;
  } strings[] = {
    { "name", &guest->name },
    { "@type", &guest->hypervisor },
    { "cpu/model", &guest->cpu.model },
    { "cpu/vendor", &guest->cpu.vendor },
    { "os/type/@arch", &guest->arch },
    { "devices/video[1]/model/@type", &guest->video },
    { "devices/sound[1]/@model", &guest->sound },
    { "vmware:datacenterpath", &guest->vmware.datacenter },
    { "vmware:moref", &guest->vmware.moref },
  };

  for (size_t i = 0; i < ARRAY_LEN (strings); i++)
    if (domain_string (domain, root, strings[i].expr, strings[i].ret,
                       err) == -1)
      return -1;
  if (guest->name == NULL)
    return domain_error (domain, root, err, _("the guest has no name"));
  return 0;
}

static int
read_tpm (struct domain *domain, const struct xml_node *root,
          struct error *err)
{
  const struct xml_node *tpm;

  if (xml_find (domain->xml, root, "devices/tpm", &tpm, err) == -1)
    return -1;
  domain->guest->tpm = tpm != NULL;
  return 0;
}

static int
read_domain (struct domain *domain, struct error *err)
{
  static int (*const parts[]) (struct domain *, const struct xml_node *,
                               struct error *) = {
    read_strings, domain_read_memory, domain_read_cpus,
    domain_read_firmware, domain_read_machine, domain_read_clock,
    read_display, read_genid, read_tpm, domain_read_nics,
  };
  const struct xml_node *root = xml_root (domain->xml);

  if (check_root (domain, err) == -1)
    return -1;
  for (size_t i = 0; i < ARRAY_LEN (parts); i++)
    if (parts[i] (domain, root, err) == -1)
      return -1;
  return domain_read_disks (domain, err);
}

int
guest_from_libvirt_xml (const char *text, size_t len, const char *name,
                        const struct input_request *request,
                        struct guest *guest, struct error *err)
{
  CLEANUP_XML struct xml *xml = xml_parse (text, len, name, err);
  struct domain domain = { .xml = xml, .request = request, .guest = guest };
  int r;

  if (xml == NULL ||
      xml_add_namespace (xml, "vmware", VMWARE_NAMESPACE, err) == -1)
    return -1;
  r = read_domain (&domain, err);
  argv_reset (&domain.targets);
  return r;
}

/* libvirt itself has no relative paths, but people who write XML by hand
 * do: they mean the XML's directory, not ours.
 */
static int
resolve_paths (const char *xml_path, struct guest *guest, struct error *err)
{
  const char *slash = strrchr (xml_path, '/');

  if (slash == NULL)
    return 0;
  for (size_t i = 0; i < guest->disks.len; i++) {
    struct location *location = &guest->disks.ptr[i].location;
    char *path;

    if (location->kind != LOCATION_FILE || location->path[0] == '/')
      continue;
    if (asprintf (&path, "%.*s/%s", (int) (slash - xml_path), xml_path,
                  location->path) == -1)
      return error_nomem (err);
    free (location->path);
    location->path = path;
  }
  return 0;
}

/* With -it vddk the XML is of a VMware guest, saved by virsh dumpxml, and
 * -io vddk-server and vddk-user say where it is.
 */
static int
locate_disks (const char *path, const struct input_request *request,
              struct guest *guest, struct error *err)
{
  const struct vmware_server unknown = { .host = NULL };

  if (request->transport == NULL)
    return resolve_paths (path, guest, err);
  if (strcmp (request->transport, "vddk") == 0)
    return vmware_reach_disks (&unknown, request, guest, err);
  return error_set (err, REASON_USAGE,
                    _("-i libvirtxml cannot be used with -it %s"),
                    request->transport);
}

static int
read_file (const char *path, const struct input_request *request,
           struct guest *guest, struct error *err)
{
  struct reader *reader = reader_file_new (path, err);
  CLEANUP_FREE char *text = NULL;
  size_t len;

  if (reader == NULL)
    return -1;
  text = reader_slurp (reader, FILE_MAX_SIZE, &len, err);
  reader_free (reader);
  if (text == NULL) {
    error_wrap (err, "%s", path);
    return -1;
  }
  if (guest_from_libvirt_xml (text, len, path, request, guest, err) == -1)
    return -1;
  return locate_disks (path, request, guest, err);
}

static struct guest *
libvirtxml_read (const struct input_request *request, struct error *err)
{
  struct guest *guest;

  if (request->sources->len != 1) {
    error_set (err, REASON_USAGE,
               _("-i libvirtxml takes one file of libvirt domain XML"));
    return NULL;
  }
  guest = guest_new (err);
  if (guest != NULL &&
      read_file (request->sources->ptr[0], request, guest, err) == -1) {
    guest_free (guest);
    guest = NULL;
  }
  return guest;
}

const struct input_ops input_libvirtxml = {
  .name = "libvirtxml",
  .read = libvirtxml_read,
};
