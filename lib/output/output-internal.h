/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What the kinds of output share.  A new kind is a table of functions, which
 * output.c finds by the names of its modes.
 */

#ifndef V2V_OUTPUT_INTERNAL_H
#define V2V_OUTPUT_INTERNAL_H

#include <stdint.h>

#include "base/error.h"
#include "base/file-at.h"
#include "guest/location.h"
#include "output/output-settings.h"
#include "qemu/qemu-img.h"
#include "qemu/qemu-nbd.h"
#include "target/target.h"

struct differences_of;
struct domain_disk;
struct guest;
struct image_lock;
struct launch_context;
struct output_claim;

struct output_disk_state {
  struct location location;     /* of the target; empty if there is none */
  int fd;                       /* of a file or device that existed before,
                                   opened when it was claimed, or -1 */
  char *part_path;              /* of the file that becomes the target, for
                                   messages; or NULL */
  bool has_part;                /* this run writes it */
  int old_fd;                   /* on the target of a finished run, which may
                                   be replaced, or -1 */
  int part_fd;                  /* open on it, or -1 */
  bool has_replaced;            /* an older file, with it */
  uint64_t opened_size;         /* of the disk, when it was opened last; 0:
                                   it was not */
  struct image_lock *part_lock; /* of that file; NULL: not yet there */
  struct target *target;        /* or NULL */
  const char *caveat;           /* what is to be known of the target,
                                   untranslated; or NULL */
  struct target *tried;         /* opened by output_try_disk, and kept for
                                   output_open_disk; or NULL */
  struct qemu_nbd *server;      /* writes a qcow2 image; or NULL */
  bool made;                    /* this run made the image on the device */
  uint64_t has;                 /* bytes of a device that may be too small for
                                   its image, and what that takes; or 0 */
  struct image_measure needed;
  struct qemu_nbd *reader;      /* serves the target for readback; or NULL */
};

struct output {
  const struct output_ops *ops;
  const struct output_settings *settings;
  const char *format;           /* -of: "raw" or "qcow2" */
  const struct guest *guest;
  const struct launch_context *context;
  char *storage;                /* the directory of new files, as the user
                                   named it; or NULL */
  int dir_fd;                   /* on it, opened once; or -1 */
  char *dir;                    /* its path, for documents and for messages; or
                                   NULL */
  const struct part_dir *part_dir; /* the claim's, or NULL */
  struct output_claim *claim;   /* or NULL */
  enum target_zero zero;        /* -oo zero= */
  enum target_compression compression; /* -oo compressed, compression= */
  mode_t mode;                  /* of new files; -oo mode= */
  struct output_disk_state *disks;
  unsigned n;
  unsigned sockets;             /* names given to sockets */
  bool has_spice;               /* this host's qemu, when it commits */
  bool keep;                    /* files that have not been committed */
};

/* A text beside the files of disks with which the guest is run. */
struct output_document {
  const char *suffix;           /* of its name, after the guest's: ".xml" */
  bool executable;              /* by whoever can read it */
  const char *use;              /* the command that takes its path to run the
                                   guest: "virsh define" */
  const char *makes;            /* suffix of a file that it makes when it is
                                   run; or NULL */
  const struct differences_of *differences; /* NULL: none to libvirt */
  /* The caller frees it.  It holds names that users and metadata have chosen,
   * and so it is tried as soon as the locations are known: what cannot be
   * written must not be found out after hours of copying.
   */
  char *(*build) (const struct output *, struct error *err);
  /* Before the disks get their names, for what takes a while; or NULL. */
  void (*prepare) (struct output *);
  /* Has this program written TEXT?  Only then it is replaced. */
  bool (*is_ours) (const char *text, size_t len, const char *path);
};

struct output_ops {
  const struct output_option *options;
  const struct output_option *refused; /* those of virt-v2v that it has not;
                                          or NULL */
  const struct output_document *document; /* or NULL */
  bool makes_files;             /* -oa and -os mean something */
  bool takes_qcow2;             /* so does -of */
  bool never_replaces;          /* what an earlier run has made */
  bool existing;                /* the targets exist before: opening one
                                   checks it and changes nothing */
  int (*check) (struct output *, struct error *err);
  /* Fill in the location of disk INDEX: a file's path, or an NBD URI. */
  int (*locate) (struct output *, unsigned index, struct location *ret,
                 struct error *err);
  /* Can what disk INDEX, of SIZE bytes, is copied to be made?  May be NULL. */
  int (*try_new) (struct output *, unsigned index, uint64_t size,
                  enum output_how, struct error *err);
  int (*open) (struct output *, unsigned index, uint64_t size,
               const char *socket_dir, enum output_how, struct error *err);
  /* Can the target of disk INDEX, which was opened before and is open still,
   * be used as if it was opened like this?  NULL: it is opened twice.
   */
  bool (*reopen) (struct output *, unsigned index, uint64_t size,
                  enum output_how);
  int (*commit) (struct output *, struct error *err); /* may be NULL */
  /* Remove what commit has left for a run that would resume this one.  May be
   * NULL.
   */
  void (*tidy) (struct output *);
  /* What is to be done with what was committed, as output_next says.  NULL:
   * with its document.
   */
  char *(*next) (const struct output *, struct error *err);
  /* What commit makes that is no document, but tells how the guest is run:
   * what messages call it, for the caller to free; and is it there (1 or 0)?
   * May be NULL.
   */
  char *(*definition) (const struct output *, struct error *err);
  int (*is_defined) (const struct output *, struct error *err);
  /* It was committed, and nothing else of this run is left.  May be NULL. */
  void (*released) (const struct output_settings *,
                    const struct launch_context *);
  /* Disk INDEX is written no more; what is not complete is removed unless it
   * is KEPT.  May be NULL.
   */
  void (*forget) (struct output *, unsigned index, bool kept);
};

/* Where qemu-nbd finds what is written for disk INDEX. */
extern struct qemu_place output_place (const struct output *, unsigned index);

/* Open what has this name: through a link only if nobody else can have made
 * it.  -1 and errno.
 */
extern int output_open_trusted (struct file_at, int flags);

/* The name of disk INDEX's target in -os; of -o disk only. */
extern struct file_at output_final (const struct output *, unsigned index);

/* Refuse disk INDEX's target if it is a source or that of an earlier disk. */
extern int output_refuse_place (const struct output *, unsigned index,
                                struct error *err);

/* Refuse PATH if it is TARGET, which this run writes, or below NAME.part. */
extern int output_refuse_name (const struct output *, const char *path,
                               const char *target, struct error *err);

/* The output has been committed. */
extern void output_claim_commit (struct output_claim *);

/* The document beside the disks; all of this does nothing for an output that
 * has none.
 */
/* Its path, which the caller frees. */
extern char *output_document_path (const struct output *, struct error *err);
/* Can it be written at all?  After the locations are known. */
extern int output_document_try (const struct output *, struct error *err);
/* May what has its name be replaced?  If not, for this reason. */
extern int output_document_check (const struct output *, enum reason refused,
                                  struct error *err);
/* The command with which the user runs the guest, as output_next says. */
extern char *output_document_next (const struct output *, struct error *err);
extern void output_document_prepare (struct output *);
/* The disks have their final names. */
extern int output_document_write (const struct output *, struct error *err);
/* Remove what other outputs have written of the guest that had this name, and
 * refuse PATH if it is that.
 */
extern int output_document_remove_stale (const struct output *,
                                         struct error *err);
extern int output_document_refuse_stale (const struct output *,
                                         const char *path, struct error *err);

/* The disks as the document names them; the caller frees the array. */
extern struct domain_disk *output_domain_disks (const struct output *,
                                                struct error *err);

extern const struct output_document output_document_xml;

/* What outputs of new files are made of.  The directory is -os, unless an
 * output has set its "storage" before output_files_check.
 */
extern int output_files_check (struct output *, struct error *err);
extern int output_files_locate (struct output *, unsigned index,
                                struct location *ret, struct error *err);
extern int output_files_try (struct output *, unsigned index, uint64_t size,
                             enum output_how, struct error *err);
extern int output_files_open (struct output *, unsigned index, uint64_t size,
                              const char *socket_dir, enum output_how,
                              struct error *err);
extern int output_files_commit (struct output *, struct error *err);
/* A part of that: the names that were given become durable. */
extern int output_files_sync_names (const struct output *, struct error *err);

/* The directory and the names of the files: -os, -on and -oo file=. */
extern int output_names_check (struct output *, struct error *err);
/* Has the user named the files with -oo file=? */
extern bool output_names_given (const struct output *);

/* Value number INDEX of -oo KEY=..., or NULL. */
extern const char *output_nth_option (const struct output *, const char *key,
                                      unsigned index);
/* WORDS, such as "auto|write", has the values that -oo KEY=... takes: *RET is
 * the number of the one that was given, and stays as it is if none was.
 */
extern int output_word_option (const struct output *, const char *key,
                               const char *words, unsigned *ret,
                               struct error *err);
/* Must be given once for each disk: -1 with a usage error and HINT if not. */
extern int output_once_for_each (const struct output *, const char *key,
                                 const char *hint, struct error *err);
/* The same for one that need not be given: 1; 0: it is not. */
extern int output_each_or_none (const struct output *, const char *key,
                                struct error *err);

/* What all of them have; .check and .commit may do more. */
#define OUTPUT_FILES_OPS                        \
  .makes_files = true,                          \
  .takes_qcow2 = true,                          \
  .locate = output_files_locate,                \
  .try_new = output_files_try,                  \
  .open = output_files_open,                    \
  .forget = part_forget

#define OUTPUT_BUS_OPTION                                               \
  { "bus", N_("ide, sata, scsi, usb, virtio or virtio-scsi"),           \
    "ide|sata|scsi|usb|virtio|virtio-scsi" }
#define OUTPUT_COMPRESSED_OPTIONS                                       \
  { "compressed", N_("true: compress the qcow2 files"), "true|false" }, \
  { "compression", N_("compress them by zlib (default) or zstd"),       \
    OUTPUT_COMPRESSION_WORDS }
/* As enum target_compression has them. */
#define OUTPUT_COMPRESSION_WORDS "zlib|zstd"
#define OUTPUT_MODE_OPTION                                              \
  { "mode", N_("mode of the new files, in octal (default 0600)"),       \
    "0600|0640|0644|0660" }
#define OUTPUT_FILES_OPTIONS                                            \
  OUTPUT_BUS_OPTION, OUTPUT_COMPRESSED_OPTIONS,                         \
  { "file", N_("path of a disk; one for each disk, in order"), "FILE" }, \
  OUTPUT_MODE_OPTION

/* Does qemu-nbd write the new files?  Only images whose space is allocated. */
extern bool output_qemu_writes (const struct output *);

/*--- Targets that are qcow2 images, of any output: output-qcow2.c. ---*/

/* Open the target of disk INDEX, which is an image of a disk of SIZE bytes;
 * FD is open on it.  IS_NEW: nothing was written to it yet.
 */
extern int output_qcow2_open (struct output *, unsigned index, uint64_t size,
                              int fd, const char *socket_dir, bool is_new,
                              struct error *err);

/* Is what disk INDEX's target holds, which existed before, an image of a disk
 * of SIZE bytes, that names no other file?
 */
extern int output_qcow2_check (const struct output *, unsigned index,
                               uint64_t size, struct error *err);

/* Is there still an image on the device that is disk INDEX's target, and that
 * was written to?  -1 with REASON_TARGET_CHANGED: no, or another one.
 */
extern int output_qcow2_check_written (const struct output *, unsigned index,
                                       struct error *err);

/* Set the error of such a target that is the copy of a disk of another size.
 */
extern int output_wrong_size (const char *path, uint64_t is, uint64_t should,
                              struct error *err);

/*--- The outputs. ---*/

extern const struct output_ops output_disk_ops;
extern const struct output_ops output_device_ops;
extern const struct output_ops output_kubevirt_ops;
extern const struct output_ops output_libvirt_ops;
extern const struct output_ops output_qemu_ops;
extern const struct output_ops output_nbd_ops;

#endif /* V2V_OUTPUT_INTERNAL_H */
