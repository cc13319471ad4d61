/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The one way in which the library tells what it does while it runs.  It
 * never prints: the command turns these into lines, bars and JSON.
 */

#ifndef V2V_EVENTS_H
#define V2V_EVENTS_H

#include <stdbool.h>
#include <stdint.h>

struct argv;
struct copy_map;

enum event_type {
  EVENT_MESSAGE,                /* a step, for everyone */
  EVENT_INFO,                   /* a remark, for everyone */
  EVENT_WARNING,
  EVENT_DEBUG,                  /* decisions and timings, for -v */
  EVENT_COMMAND,                /* a program is about to be run, for -x */
  EVENT_LOG,                    /* a line that another program printed */
  EVENT_DISK,                   /* a disk is open */
  EVENT_PROGRESS,
  EVENT_CHECK,                  /* what --check found out */
  EVENT_PHASE,                  /* another part of the run begins */
  EVENT_MAP,                    /* where a disk's copied bytes came from */
  EVENT_WAITING,                /* for others to leave; once a second */
};

enum check_status { CHECK_OK, CHECK_WARNING, CHECK_ERROR };
extern const char *check_status_name (enum check_status); /* "ok"... */

struct event {
  enum event_type type;
  int disk;                     /* or -1: the whole run */
  const char *text;             /* MESSAGE to DEBUG, LOG, CHECK: without
                                   newline */
  const char *program;          /* COMMAND, LOG: "nbdkit", "qemu-img"... */
  const struct argv *argv;      /* COMMAND: without secrets */
  const struct argv *env;       /* COMMAND: KEY=VALUE, may be NULL */
  const struct argv *files;     /* COMMAND: NUMBER=PATH: descriptors that are
                                   open on these files; may be NULL */
  bool question;                /* COMMAND: it only asks what can be done */
  struct {                      /* DISK */
    const char *name;           /* "sda" */
    uint64_t size;              /* bytes */
    const char *uri;
    const char *overlay, *target; /* may be NULL */
  } opened;
  struct {                      /* CHECK */
    const char *item;           /* "nbdkit", "size"... */
    enum check_status status;
  } check;
  struct {                      /* PROGRESS; PHASE: phase and total */
    const char *phase;          /* "copy", "verify" */
    uint64_t done, total;       /* bytes; they end equal */
    uint64_t read, written, zero, unused; /* bytes */
    uint64_t rate;              /* bytes per second, recently */
    int64_t eta_s;              /* seconds, or -1: not known */
    unsigned connections;       /* to sources */
  } progress;
  const struct copy_map *map;   /* MAP */
  struct {                      /* WAITING */
    const char *key;            /* for a slot of this: a host, mostly */
    unsigned limit, taken;      /* how many there are, and others have */
    double seconds;             /* since when */
  } waiting;
};

struct events {
  void (*handle) (void *data, const struct event *);
  void *data;
};

extern void events_emit (const struct events *, const struct event *);

/* EVENT_MESSAGE, _INFO, _WARNING and _DEBUG, written as printf does.
 * DISK is -1 for the whole run.
 */
extern void events_say (const struct events *, enum event_type, int disk,
                        const char *fmt, ...)
  __attribute__ ((format (printf, 4, 5)));

extern void events_check (const struct events *, int disk, const char *item,
                          enum check_status, const char *fmt, ...)
  __attribute__ ((format (printf, 5, 6)));

#endif /* V2V_EVENTS_H */
