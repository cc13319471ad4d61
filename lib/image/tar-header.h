/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_TAR_HEADER_H
#define V2V_TAR_HEADER_H

#include <stdbool.h>
#include <stdint.h>

#define TAR_BLOCK 512

/* Is this block the header of a member of a tar file? */
extern bool tar_is_header (const unsigned char block[TAR_BLOCK]);

/* Is it one even if it may as well be the start of a disk, where the checksum
 * of any bytes can be right by chance?
 */
extern bool tar_is_first_header (const unsigned char block[TAR_BLOCK]);

/* Is this header of a known type, and its size a number, in octal digits or
 * (then the first bit is set) binary?
 */
extern bool tar_header_is_known (const unsigned char block[TAR_BLOCK]);

/* The types of files; the NUL byte that ends the string is the oldest. */
#define TAR_FILES "07S"
#define TAR_SPARSE 'S'
extern char tar_header_type (const unsigned char block[TAR_BLOCK]);

/* The bytes that follow the header, without what fills the last block; false:
 * that is no number, or one that no file can have.
 */
extern bool tar_header_size (const unsigned char block[TAR_BLOCK],
                             uint64_t *ret);

#endif /* V2V_TAR_HEADER_H */
