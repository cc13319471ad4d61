/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Any bytes as domain XML: no crash, no leak, no hang; and what is accepted
 * can be printed and written as XML that is read again.
 *
 *   clang -fsanitize=fuzzer,address ... fuzz-libvirtxml.c libv2vnbdkit.a
 *   ./fuzz-libvirtxml -max_total_time=600 CORPUS seeds/libvirtxml
 */

#include <config.h>

#undef NDEBUG
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "base/error.h"
#include "guest/domain-xml.h"
#include "guest/guest-json.h"
#include "guest/guest-text.h"
#include "input/domain/domain-guest.h"
#include "input/input.h"

static const struct input_request no_request;

static void
print (const struct guest *guest, struct error *err)
{
  struct json_object *object = guest_json (guest, err);
  char *text = NULL;
  size_t len;
  FILE *fp = open_memstream (&text, &len);

  assert (object != NULL && fp != NULL);
  assert (json_object_to_json_string (object) != NULL);
  json_object_put (object);
  assert (guest_text (guest, fp, err) == 0);
  fclose (fp);
  free (text);
}

static void
write_and_read (const struct guest *guest)
{
  const struct domain_disk disk = {
    .kind = DOMAIN_DISK_FILE, .path = "/x", .format = "raw",
  };
  struct error err = ERROR_INIT;
  char *xml = domain_xml (guest, guest->name, &disk, 1, &err);
  struct guest *copy;

  if (xml != NULL) {            /* else the name was blank */
    copy = guest_new (&err);
    assert (domain_read_guest (xml, strlen (xml), "y.xml", &no_request,
                               copy, &err) == 0);
    guest_free (copy);
  }
  error_reset (&err);
  free (xml);
}

extern int LLVMFuzzerTestOneInput (const unsigned char *data, size_t len);

int
LLVMFuzzerTestOneInput (const unsigned char *data, size_t len)
{
  struct error err = ERROR_INIT;
  struct guest *guest = guest_new (&err);

  if (domain_read_guest ((const char *) data, len, "x.xml", &no_request,
                         guest, &err) == 0) {
    print (guest, &err);
    write_and_read (guest);
  }
  else
    assert (error_is_set (&err) && err.message != NULL);
  error_reset (&err);
  guest_free (guest);
  return 0;
}
