/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <config.h>

#include <string.h>

#include "base/argv.h"
#include "base/parse.h"
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

int
input_allow_backing (const struct input_request *request, struct disk *disk,
                     struct error *err)
{
  const char *value = argv_value (request->options, "allow-backing");

  return value == NULL ? 0 : parse_bool ("-io allow-backing", value,
                                         &disk->allow_backing, err);
}
