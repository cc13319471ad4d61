/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The table of inputs, and what all of them do: check the request, make the
 * guest, open the source of the metadata.
 */

#include <config.h>

#include <string.h>

#include "base/argv.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/parse.h"
#include "input/input.h"
#include "io/reader.h"

const struct input_ops *const input_table[] = {
  &input_disk,
  &input_libvirt,
  &input_libvirtxml,
  &input_nbdkit,
  &input_ova,
  &input_vmx,
  NULL
};

const struct input_ops *
input_find (const char *name)
{
  for (size_t i = 0; input_table[i] != NULL; i++)
    if (strcmp (input_table[i]->name, name) == 0)
      return input_table[i];
  return NULL;
}

static int
check_request (const struct input_ops *input,
               const struct input_request *request, struct error *err)
{
  if (input->transport != NULL && request->transport != NULL &&
      strcmp (request->transport, input->transport) != 0)
    return error_set (err, REASON_USAGE,
                      _("-i %s cannot be used with -it %s"), input->name,
                      request->transport);
  if (input->one_source != NULL && request->sources->len != 1)
    return error_set (err, REASON_USAGE, "%s", _(input->one_source));
  return 0;
}

struct guest *
input_read (const struct input_ops *input,
            const struct input_request *request, struct error *err)
{
  struct guest *guest;

  if (check_request (input, request, err) == -1)
    return NULL;
  guest = guest_new (err);
  if (guest == NULL || input->read (request, guest, err) == 0)
    return guest;
  guest_free (guest);
  return NULL;
}

struct reader *
input_open (const struct input_request *request, const char *source,
            struct location *location, struct error *err)
{
  if (location->kind == LOCATION_FILE)
    return reader_file_new (location->path, err);
  if (request->open_location == NULL) {
    error_set (err, REASON_UNSUPPORTED,
               _("%s has to be opened to find its disks, which --dry-run "
                 "does not do"), source);
    return NULL;
  }
  if (location_default_password (location, request->password, err) == -1)
    return NULL;
  return request->open_location (request->open_data, location, err);
}

int
input_allow_backing (const struct input_request *request, struct disk *disk,
                     struct error *err)
{
  const char *value = argv_value (request->options, "allow-backing");

  return value == NULL ? 0 : parse_bool ("-io allow-backing", value,
                                         &disk->allow_backing, err);
}
