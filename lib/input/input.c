/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The table of inputs, and reading a guest with one of them. */

#include <config.h>

#include <string.h>

#include "base/error.h"
#include "base/i18n.h"
#include "guest/boot-order.h"
#include "guest/guest.h"
#include "input/input-vmdk.h"
#include "input/input.h"

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

const struct input_ops *
input_of_option (const char *name)
{
  for (size_t i = 0; input_table[i] != NULL; i++) {
    const struct input_option *option = input_table[i]->options;

    for (; option != NULL && option->name != NULL; option++)
      if (strcmp (option->name, name) == 0)
        return input_table[i];
  }
  return NULL;
}

static bool
takes_transport (const struct input_ops *input, const char *transport)
{
  const char *const *names = input->transports;

  if (transport == NULL || names[0] == NULL)
    return true;
  while (*names != NULL && strcmp (*names, transport) != 0)
    names++;
  return *names != NULL;
}

static int
check_request (const struct input_ops *input,
               const struct input_request *request, struct error *err)
{
  if (!takes_transport (input, request->transport))
    return error_set (err, REASON_USAGE,
                      _("-i %s cannot be used with -it %s"), input->name,
                      request->transport);
  if (input->one_source != NULL && request->sources->len != 1)
    return error_set (err, REASON_USAGE, "%s", _(input->one_source));
  return 0;
}

/* Where nothing is unpacked no disk is opened either. */
static int
open_disks (const struct input_request *request, struct guest *guest,
            struct error *err)
{
  for (size_t i = 0; request->scratch != NULL && i < guest->disks.len; i++)
    if (location_open (&guest->disks.ptr[i].location, err) == -1) {
      err->disk = (int) i;
      return -1;
    }
  return 0;
}

static int
follow_descriptors (struct guest *guest, struct error *err)
{
  for (size_t i = 0; i < guest->disks.len; i++)
    if (input_vmdk_follow (&guest->disks.ptr[i], err) == -1) {
      err->disk = (int) i;
      return -1;
    }
  return 0;
}

static struct guest *
note_format (const struct input_request *request, struct guest *guest)
{
  for (size_t i = 0; guest != NULL && i < guest->disks.len; i++)
    guest->disks.ptr[i].format_given = request->format != NULL;
  return guest;
}

struct guest *
input_read (const struct input_ops *input,
            const struct input_request *request, struct error *err)
{
  struct guest *guest;

  if (check_request (input, request, err) == -1)
    return NULL;
  guest = guest_new (err);
  if (guest == NULL || (input->read (request, guest, err) == 0 &&
                        follow_descriptors (guest, err) == 0 &&
                        open_disks (request, guest, err) == 0 &&
                        boot_order_settle (guest, err) == 0))
    return note_format (request, guest);
  guest_free (guest);
  return NULL;
}
