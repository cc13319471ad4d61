/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What -o device does in another way with -of qcow2; as in struct output_ops.
 */

#ifndef V2V_OUTPUT_DEVICE_QCOW2_H
#define V2V_OUTPUT_DEVICE_QCOW2_H

#include <stdint.h>

#include "output/output-settings.h"

struct error;
struct output;

extern int output_device_qcow2_try (struct output *, unsigned index,
                                    uint64_t size, enum output_how,
                                    struct error *err);
extern int output_device_qcow2_open (struct output *, unsigned index,
                                     uint64_t size, const char *socket_dir,
                                     enum output_how, struct error *err);

#endif /* V2V_OUTPUT_DEVICE_QCOW2_H */
