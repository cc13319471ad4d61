/* SPDX-License-Identifier: GPL-2.0-or-later */

/* -o null: everything is read, nothing is written, so there is no target. */

#include <config.h>

#include "output/output-internal.h"

static const struct output_option options[] = { { .name = NULL } };

const struct output_ops output_null_ops = {
  .options = options,
};
