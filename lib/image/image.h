/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What a file is, by its own words: an image of a disk, and of which kind, or
 * something that only looks like a disk.  Everything that reads disks asks
 * here, and only here; what qemu would find out by itself is not relied on.
 * Headers, footers and tables are read, never the disk's data.
 */

#ifndef V2V_IMAGE_H
#define V2V_IMAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/argv.h"
#include "base/vector.h"

struct error;
struct image_format;
struct reader;

enum image_state {              /* bits */
  IMAGE_DIRTY = 1,              /* its last writer has not closed it */
  IMAGE_LOG = 2,                /* a log has to be replayed first */
  IMAGE_CORRUPT = 4,            /* some program has marked it so */
  IMAGE_ENCRYPTED = 8,          /* of a raw disk: all of it, by LUKS */
  IMAGE_STALE = 16,             /* readers disagree on what was not written */
  IMAGE_UNSURE = 32,            /* they may, but not all of it was read */
  IMAGE_UNCHECKED = 64,         /* whether the file is whole is not known */
};

enum image_file_kind {
  IMAGE_FILE_IMAGE,             /* whatever it says it is */
  IMAGE_FILE_FLAT,              /* plain sectors */
  IMAGE_FILE_SPARSE,            /* a piece in the image's own format */
  IMAGE_FILE_ZERO,              /* no file: zeroes */
  IMAGE_FILE_OTHER,             /* a device, or what must not be read */
};

/* Another file that holds some of the disk, as the image names it. */
struct image_file {
  char *name;                   /* NULL: the image does not say it, or there
                                   is none */
  enum image_file_kind kind;
  /* What qemu's driver calls it, "backing" or "data-file", when it can be
   * told where that is; NULL: it cannot.
   */
  const char *option;
  bool left_out;                /* by qemu, without a word */
  uint64_t offset, length;      /* of plain sectors in it, and of what it
                                   holds of the disk, in bytes; 0: not
                                   stated, or nothing */
};

DEFINE_VECTOR (struct image_files, image_files, struct image_file);

/* What can name other files, in whole blocks of the file (the last one ends
 * with it) and as it was read when the image was judged.
 */
#define IMAGE_HEAD_BLOCK 65536

struct image_part {
  uint64_t offset;
  size_t len;
  unsigned char *bytes;
};

DEFINE_VECTOR (struct image_head, image_head, struct image_part);

struct image {
  const struct image_format *format; /* never NULL after image_examine */
  char *other_format;           /* the user's word for one that is not known
                                   here, or NULL */
  const char *variant;          /* "fixed", "streamOptimized"...; or NULL */
  bool plain;                   /* the disk is the file's first SIZE bytes */
  /* Of the disk, as the image's maker states it; of a raw disk what there
   * is.  In bytes; 0: it is not stated, only qemu knows.
   */
  uint64_t size;
  /* The file's first bytes up to here are used by the image: a shorter file
   * is not whole.  0: not known.
   */
  uint64_t needed;
  uint64_t file_size;           /* bytes there are */
  bool remote;                  /* the file is on another host */
  unsigned state;               /* enum image_state */
  bool has_parent;              /* it holds only what differs from that */
  char *parent;                 /* how it names that, or NULL */
  struct image_files files;
  struct image_head head;       /* empty: qemu's driver opens no other file,
                                   whatever the image says */
  /* The format's own judgement, that image_check asks for; or NULL. */
  int (*check) (const struct image *, const char *name, bool allow_files,
                struct error *err);
  /* One option for qemu's driver, so that qemu sees the same; or NULL. */
  const char *qemu_option, *qemu_value;
};

/* Read what is to be known.  AS: the format that it must have, in qemu's
 * words or the user's ("vhd"); NULL: find it out; "raw" is believed.  NAME is
 * the file's in errors.  An error says that the file cannot be read, is no
 * image of that format, or is one that no program would have written; all else
 * is in *RET, and image_check judges it.
 */
extern int image_examine (struct reader *, const char *name, const char *as,
                          struct image *ret, struct error *err);
extern void image_reset (struct image *);
#define CLEANUP_IMAGE __attribute__ ((cleanup (image_reset)))

/* Is this a disk, whole and by itself?  Otherwise the error says why not, and
 * what to do.  ALLOW_FILES: qemu may open the files that the image names.
 */
extern int image_check (const struct image *, const char *name,
                        bool allow_files, struct error *err);

/* qemu's name: "raw", "qcow2", "vpc"...; of what is no image, its own. */
extern const char *image_format_name (const struct image *);
extern bool image_is_raw (const struct image *);
/* It holds a disk, or describes one, but is none. */
extern bool image_is_container (const struct image *);
/* What qemu reads it as: as the former, but what is plain is "raw". */
extern const char *image_driver (const struct image *);
/* The name in qemu of a format that a user may also call "vhd" or "avhd". */
extern const char *image_format_in_qemu (const char *format);
/* The opposite, for messages: a VHD is "vhd", and not qemu's "vpc". */
extern const char *image_format_for_people (const char *format);
/* Those that -if takes, as users call them; ends with NULL. */
extern const char *const image_format_names[];
/* One of them, in lower case, or another one that qemu has? */
extern bool image_format_known (const char *name);
/* The file that qemu's driver calls OPTION, or NULL. */
extern const struct image_file *image_find_file (const struct image *,
                                                 const char *option);
/* Make the file PATH of what can name other files: a qcow2 image, as large as
 * the image's file, to be laid over what that is read from, which is BACKING,
 * a short name of a local file, or NULL: qemu is told when it opens PATH.
 */
extern int image_head_store (const struct image *, const char *path,
                             const char *backing, struct error *err);
/* What to do about a file that has lost its end. */
extern void image_hint_incomplete (struct error *err);
/* For programs: append "dirty", "corrupt"..., one word for all that keeps it
 * from being a plain image of a whole disk.
 */
extern int image_state_words (const struct image *, struct argv *ret,
                              struct error *err);
/* For people: "a qcow2 image, marked as corrupt".  The caller frees it. */
extern char *image_describe (const struct image *, struct error *err);

#endif /* V2V_IMAGE_H */
