/* SPDX-License-Identifier: GPL-2.0-or-later */

/* An image served by qemu-nbd.  We hold the listening socket and hand it
 * over (systemd's socket activation), so that there is never a moment to
 * wait for, and it may start as late as the first client comes.
 */

#ifndef V2V_QEMU_NBD_H
#define V2V_QEMU_NBD_H

#include <stdbool.h>
#include <sys/types.h>

struct argv;
struct confine;
struct error;
struct launch_context;
struct qemu_nbd;

enum qemu_nbd_mode {
  QEMU_NBD_READ,                /* read-only */
  QEMU_NBD_KEEP,                /* read-only for clients; what IMAGE says it
                                   keeps is written to its files */
  QEMU_NBD_WRITE,
};

struct qemu_nbd_spec {
  const char *socket;           /* path to listen on, new */
  const char *dir;              /* where qemu-nbd runs: names in IMAGE are
                                   plain, whatever DIR is called */
  const char *image;            /* what qemu-nbd is to open: a json: name */
  bool image_opts;              /* no, it is driver=qcow2,... */
  enum qemu_nbd_mode mode;
  const struct confine *files;  /* what it may open; need not outlive the
                                   call; or NULL */
  const struct qemu_place *place; /* in place of DIR where it says more; the
                                   local file, which it may open; or NULL */
  bool written;                 /* clients write to it, for qemu_nbd_end */
  bool allocation_depth;        /* offer qemu:allocation-depth */
  bool on_demand;               /* start when the first client connects */
  const int *passed_fds;        /* become descriptors 4, 5...; not on demand */
  int n_passed;
  int disk;                     /* in events */
};

extern struct qemu_nbd *qemu_nbd_new (const struct qemu_nbd_spec *,
                                      const struct launch_context *,
                                      struct error *err);
/* Append to RET the command line of a qemu-nbd that makes the socket itself;
 * ours is handed over.
 */
extern int qemu_nbd_argv (const struct qemu_nbd_spec *, struct argv *ret,
                          struct error *err);
/* A file or device that qemu-nbd opens. */
struct qemu_place {
  const char *path;             /* an absolute one; for messages where one of
                                   these is not -1: */
  int dir_fd;                   /* the directory that it is in */
  int fd;                       /* it is open: qemu-nbd gets the descriptor */
  const char *options;          /* ",KEY=VALUE..." for qcow2's driver, which
                                   finds no other files from a descriptor; or
                                   NULL */
  const struct confine *files;  /* those that it may open then; or NULL */
};

/* Serve the qcow2 image there to be written. */
extern struct qemu_nbd *qemu_nbd_write_qcow2 (const struct qemu_place *,
                                              const char *socket, int disk,
                                              const struct launch_context *,
                                              struct error *err);
/* Serve the image there to be read: with O_DIRECT where its file system has
 * that, so that the data come from storage.
 */
extern struct qemu_nbd *qemu_nbd_read_file (const struct qemu_place *,
                                            const char *image_format,
                                            const char *socket, int disk,
                                            const struct launch_context *,
                                            struct error *err);
/* No client gets in from now on.  Has the last one left?  1: no.  -1: that
 * cannot be found out.
 */
extern int qemu_nbd_close (struct qemu_nbd *, struct error *err);
/* End it: what clients wrote is in the image then, and the image on stable
 * storage.  -1 if that is not certain: it was killed, because it had not ended
 * after TIMEOUT_S seconds (0: never), or ended in another way than it should,
 * or the kernel could not write what it wrote.
 */
extern int qemu_nbd_end (struct qemu_nbd *, unsigned timeout_s,
                         struct error *err);
/* Writing has failed: end it, within seconds, and let the kernel tell what
 * else it could not write, because it would tell the next one who opens the
 * image.
 */
extern void qemu_nbd_abandon (struct qemu_nbd *);
/* Ends it, if it still runs, whatever it has written.  NULL is fine. */
extern void qemu_nbd_free (struct qemu_nbd *);

extern const char *qemu_nbd_uri (const struct qemu_nbd *);

/* Has qemu-nbd died?  Then -1, with its last messages in *err. */
extern int qemu_nbd_check (const struct qemu_nbd *, struct error *err);

/* 0: it does not run. */
extern pid_t qemu_nbd_pid (const struct qemu_nbd *);

/* What it printed lately; qemu-words.h knows what that means. */
extern const struct argv *qemu_nbd_last_lines (const struct qemu_nbd *);

#endif /* V2V_QEMU_NBD_H */
