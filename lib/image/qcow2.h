/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The header of a qcow2 image, as far as it says whether qemu may open the
 * image at all: qemu opens the files that it names, too.
 */

#ifndef V2V_QCOW2_H
#define V2V_QCOW2_H

#include <stdbool.h>

struct error;
struct reader;

/* A file that does not start with this is no qcow2 image. */
#define QCOW2_MAGIC "QFI\xfb"

struct qcow2_header {
  bool valid;                   /* it is one */
  bool has_backing;             /* it names a backing file */
  bool has_data_file;           /* its data are in another file */
  bool encrypted;
  bool dirty;                   /* its last writer did not close it */
  bool corrupt;                 /* so qemu has marked it */
};

/* Read the header; a file that is no qcow2 image is no error. */
extern int qcow2_read_header (struct reader *, struct qcow2_header *ret,
                              struct error *err);

#endif /* V2V_QCOW2_H */
