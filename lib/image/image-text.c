/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Texts that are given as a disk by mistake: the description of a guest in
 * place of its disk, or a web page, which a server sends in place of a file
 * that it does not give away.
 */

#include <config.h>

#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/i18n.h"
#include "image/image-format.h"

#define BLANKS " \t\r\n"

/* The file's beginning in BUF, as a string, from its first character on. */
static const char *
text_of (const struct image_ends *ends, char buf[IMAGE_START + 1])
{
  const char *at = buf;

  memcpy (buf, ends->start, IMAGE_START);
  buf[IMAGE_START] = '\0';
  if (memcmp (at, "\xef\xbb\xbf", 3) == 0) /* the mark of UTF-8 */
    at += 3;
  return at + strspn (at, BLANKS);
}

static bool
begins (const char *text, const char *with)
{
  return strncasecmp (text, with, strlen (with)) == 0;
}

/* Behind the declaration or comment at AT; NULL: it is none, or has no end
 * that can be seen.
 */
static const char *
skip_one (const char *at)
{
  const char *end = begins (at, "<!--") ? "-->"
    : begins (at, "<?") ? "?>" : begins (at, "<!DOCTYPE") ? ">" : NULL;

  at = end == NULL ? NULL : strstr (at, end);
  if (at == NULL)
    return NULL;
  at += strlen (end);
  return at + strspn (at, BLANKS);
}

/* Is TEXT an XML document (or a web page, which begins as one) whose first
 * element is called NAME, with any prefix?
 */
static bool
has_element (const struct image_ends *ends, const char *name)
{
  char buf[IMAGE_START + 1];
  const char *at = text_of (ends, buf), *next;
  size_t len;

  while ((next = skip_one (at)) != NULL)
    at = next;
  if (*at++ != '<')
    return false;
  len = strcspn (at, ":/>" BLANKS);
  if (at[len] == ':') {
    at += len + 1;
    len = strcspn (at, ":/>" BLANKS);
  }
  return at[len] != '\0' && at[len] != ':' && len == strlen (name) &&
    strncasecmp (at, name, len) == 0;
}

static bool
is_html (const struct image_ends *ends)
{
  char buf[IMAGE_START + 1];
  const char *text = text_of (ends, buf);

  return begins (text, "<!DOCTYPE html") || has_element (ends, "html");
}

static bool
is_domain (const struct image_ends *ends)
{
  return has_element (ends, "domain") || has_element (ends, "domstatus") ||
    has_element (ends, "domainsnapshot");
}

static bool
is_ovf (const struct image_ends *ends)
{
  return has_element (ends, "Envelope");
}

static bool
is_virtualbox (const struct image_ends *ends)
{
  return has_element (ends, "VirtualBox");
}

/* The line at TEXT gives one of a VMX's values: 'guestOS = "other"'. */
static bool
is_vmx_value (const char *text)
{
  static const char *const keys[] = {
    ".encoding", "config.version", "displayName", "ethernet", "floppy",
    "guestOS", "ide", "memsize", "numvcpus", "nvme", "nvram", "pciBridge",
    "sata", "scsi", "virtualHW.",
  };
  size_t len = strcspn (text, " \t=\r\n");

  for (size_t i = 0; i < ARRAY_LEN (keys); i++)
    if (begins (text, keys[i])) {
      len += strspn (text + len, " \t");
      if (text[len] != '=')
        return false;
      len++;
      return text[len + strspn (text + len, " \t")] == '"';
    }
  return false;
}

/* The order of the lines is the writer's, and some begin with a comment; but
 * before the first value that tells there are only others.
 */
static bool
is_vmx (const struct image_ends *ends)
{
  char buf[IMAGE_START + 1];
  const char *at = text_of (ends, buf);

  if (begins (at, "#!/usr/bin/vmware"))
    return true;
  while (*at != '\0' && !is_vmx_value (at)) {
    const size_t len = strcspn (at, "\n");

    if (*at != '#' && memchr (at, '=', len) == NULL)
      return false;
    at += len;
    at += strspn (at, BLANKS);
  }
  return *at != '\0';
}

/* Any other one that says so; Hyper-V's are in UTF-16. */
static bool
is_xml (const struct image_ends *ends)
{
  static const char utf_16[] = "\xff\xfe<\0?\0x\0m\0l\0";
  char buf[IMAGE_START + 1];

  return begins (text_of (ends, buf), "<?xml ") ||
    memcmp (ends->start, utf_16, sizeof utf_16 - 1) == 0;
}

#define GIVE_DISK N_("give the VM's disk, or export the VM as an OVA")

/* In this order: the last one takes any. */
const struct image_format image_texts[] = {
  { "html", N_("a web page"), is_html, NULL,
    N_("the server sent a web page instead of the file: look at it with curl "
       "(does it need a login, or a different URL?)"), NULL, NULL },
  { "libvirt-xml", N_("the description of a guest (libvirt XML)"), is_domain,
    NULL, N_("read the guest with -i libvirtxml"), NULL, NULL },
  { "ovf", N_("the description of a guest (OVF)"), is_ovf, NULL,
    N_("read the guest with -i ova"), NULL, NULL },
  { "vbox", N_("the description of a guest (VirtualBox)"), is_virtualbox, NULL,
    GIVE_DISK, NULL, NULL },
  { "vmx", N_("the description of a guest (VMX)"), is_vmx, NULL,
    N_("read the guest with -i vmx"), NULL, NULL },
  { "xml", N_("an XML document"), is_xml, NULL, GIVE_DISK, NULL, NULL },
  { NULL, NULL, NULL, NULL, NULL, NULL, NULL },
};
