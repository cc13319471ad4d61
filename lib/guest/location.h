/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_LOCATION_H
#define V2V_LOCATION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/argv.h"
#include "base/local-file.h"

struct error;
struct secret;

/* Where a disk is.  Which of the fields are used is the kind's matter; the
 * others are NULL or 0.  Strings are unescaped: a path is a path.
 */
enum location_kind {
  LOCATION_FILE,                /* path: a local file or block device */
  LOCATION_NBD,                 /* uri */
  LOCATION_CURL,                /* uri (no password in it), user, password */
  LOCATION_SSH,                 /* host, port, user, path, password */
  LOCATION_VDDK,                /* host, port, user, password, path:
                                   "[datastore] vm/vm.vmdk", moref */
  LOCATION_NFC,                 /* the same */
  LOCATION_VCENTER,             /* the same but the moref, and datacenter,
                                   uri: where the web server has it */
  LOCATION_PLUGIN,              /* plugin, params: -i nbdkit */
  LOCATION_VMDK,                /* path: a local descriptor; files: those that
                                   it names */
  LOCATION_UNSUPPORTED,         /* path: what the description calls it, for
                                   people; a guest that is only shown has it */
};

/* The first of the descriptors that programs get passed (subprocess_spec). */
#define LOCATION_FIRST_FD 4
/* VMDK: what is kept of the header of the sparse piece number %zu, over its
 * descriptor; beside the descriptor that names it.
 */
#define LOCATION_HEAD_FORMAT "%zu-head.qcow2"

struct location {
  enum location_kind kind;
  char *path;
  char *named;                  /* FILE: as the user wrote it, if PATH is what
                                   that led to; or NULL */
  bool path_is_block;           /* the metadata calls it a block device */
  char *uri;
  char *host;
  unsigned port;                /* 0: the default one */
  char *user;
  struct secret *password;
  char *moref;                  /* "vm-42" */
  char *datacenter;             /* "folder/datacenter" */
  char *esx_host;               /* VDDK, VCENTER: the ESXi host behind vCenter
                                   that has it, or NULL */
  char *thumbprint;             /* of the server's certificate, or NULL */
  char *plugin;
  struct argv files;            /* their paths, in the order of the disk */
  struct local_file *file;      /* what path led to when it was opened, which
                                   is what is read; NULL: not opened (a dry
                                   run), or not local */
  char *descriptor;             /* VMDK: one that names flat files by
                                   descriptors, LOCATION_FIRST_FD and so on,
                                   and sparse ones by LOCATION_HEAD_FORMAT */
  struct local_files parts;     /* the same of files, or of params where these
                                   name files that an input has found */
  char *agent_socket;           /* SSH: the ssh-agent's, or NULL */
  struct argv params;           /* nbdkit's KEY=VALUE: -i nbdkit's, and what
                                   the metadata asks for beyond the -io
                                   options (sslverify=false, timeout=5,
                                   known-hosts=...); values are literal */
  struct argv cookie_params;    /* the same, but holding secrets */
  struct {                      /* path was unpacked for this run only: */
    char *name;                 /* from this, for people; or NULL */
    char *path;                 /* and from nothing but this local file; or
                                   NULL */
    struct local_file *file;    /* that, as it was opened */
  } origin;
  struct {                      /* a part of the location is the disk */
    uint64_t offset, length;    /* bytes; length 0: all of it */
    char *tar_entry;            /* or this member of a tar file */
  } part;
};

/* Fill in LOCATION from what a user writes for a disk: a path or URI.  A
 * password inside a URI is taken out of it.
 */
extern int location_parse (const char *str, struct location *,
                           struct error *err);

/* PATH, from the root on, of a file that need not exist.  The caller frees
 * it.
 */
extern char *location_absolute_path (const char *path, struct error *err);

/* Open the local file or device that the location names, unless it is open. */
extern int location_open (struct location *, struct error *err);

/* If one of its files that are open is no longer what its name leads to: -1
 * with REASON_SOURCE_CHANGED.
 */
extern int location_check_names (const struct location *, struct error *err);

/* Let the location have a copy of PASSWORD in place of its own; NULL changes
 * nothing.
 */
extern int location_set_password (struct location *,
                                  const struct secret *password,
                                  struct error *err);
/* The same, but a password that the location has stays. */
extern int location_default_password (struct location *,
                                      const struct secret *password,
                                      struct error *err);
/* Free what the location holds and make it empty. */
extern void location_reset (struct location *);
#define CLEANUP_LOCATION __attribute__ ((cleanup (location_reset)))
/* The file or device of this host that it is, or NULL. */
extern const char *location_local_path (const struct location *);
/* The host whose limits count for it: that of VMware, not vCenter, is the one
 * that has the disk.  "localhost" for what is none of another host.  The
 * caller frees it.
 */
extern char *location_limited_by (const struct location *, struct error *err);
/* The URI of the NBD export that it is, or NULL. */
extern const char *location_nbd_uri (const struct location *);
/* The place for people: a URI or a path, without secrets, such as the values
 * in a URL's query may be.  The caller frees it; NULL: no memory.
 */
extern char *location_describe (const struct location *, struct error *err);
/* The same for programs: where only a part of a place is the disk, all of it.
 */
extern char *location_address (const struct location *, struct error *err);
/* As location_describe, but with the query: to tell places apart. */
extern char *location_identity (const struct location *, struct error *err);

#endif /* V2V_LOCATION_H */
