/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What the nbdkit on this host can do.  nbdkit itself says so, and is run
 * once for each question: `--dump-config' for the server, `--dump-plugin'
 * and `--help' for a plugin; a filter is a file in filterdir.
 */

#ifndef V2V_CAPS_H
#define V2V_CAPS_H

#include <stdbool.h>

#include "base/argv.h"

struct error;
struct events;
struct supervisor;

/* A plugin that loads, with the filters and the environment that the caller
 * named.
 */
struct nbdkit_plugin {
  struct nbdkit_plugin *next;
  char *key;                    /* the command line that asked about it */
  char *name;
  bool parallel;                /* many requests at once on a connection */
  struct argv facts;            /* KEY=VALUE lines of --dump-plugin */
  char *help;                   /* its part of --help */
};

/* Read its fields only. */
struct nbdkit_caps {
  struct supervisor *supervisor;
  const struct events *events;
  char *binary;
  char *version;                /* "1.31.2" */
  unsigned major, minor, release;
  char *filterdir;
  char *plugindir;              /* may be NULL, as the next two */
  char *libdir;                 /* where it was to be installed */
  char *executable;             /* what runs in the end: BINARY may be a
                                   script */
  bool selinux;                 /* compiled with SELinux support; whether this
                                   host has it is another question */
  struct nbdkit_plugin *plugins; /* those that were asked about */
};

/* Ask BINARY ("nbdkit", or a path).  Fails when it is missing, broken, older
 * than 1.12 or does not say where its filters are.
 */
extern struct nbdkit_caps *nbdkit_caps_new (const char *binary,
                                            struct supervisor *,
                                            const struct events *,
                                            struct error *err);
extern void nbdkit_caps_free (struct nbdkit_caps *); /* NULL is fine */

/* "1.31.2" is nbdkit_caps_since (caps, 31, 2). */
extern bool nbdkit_caps_since (const struct nbdkit_caps *,
                               unsigned minor, unsigned release);
/* Does it read parameters from a file, @PATH? */
extern bool nbdkit_caps_reads_params (const struct nbdkit_caps *);
extern bool nbdkit_caps_has_filter (const struct nbdkit_caps *,
                                    const char *filter);
/* Add a hint that names the filter that was meant, or how to install it. */
extern void nbdkit_caps_hint_filter (const struct nbdkit_caps *,
                                     const char *filter, struct error *err);
/* The file whose existence answers nbdkit_caps_has_filter.  The caller
 * frees it; NULL: no memory.
 */
extern char *nbdkit_caps_filter_path (const struct nbdkit_caps *,
                                      const char *filter);

/* Append the names of those that are installed, in no order. */
extern int nbdkit_caps_list_plugins (const struct nbdkit_caps *,
                                     struct argv *names, struct error *err);
extern int nbdkit_caps_list_filters (const struct nbdkit_caps *,
                                     struct argv *names, struct error *err);

/* Ask about plugin NAME (a name or a path), together with FILTERS, ENV and
 * ARGS (KEY=VALUE that it needs to load, such as libdir=).
 * The answer belongs to the caps.
 */
extern const struct nbdkit_plugin *
nbdkit_caps_plugin (struct nbdkit_caps *, const char *name,
                    const struct argv *filters, const struct argv *env,
                    const struct argv *args, struct error *err);

/* Does its --help list the parameter? */
extern bool nbdkit_plugin_knows (const struct nbdkit_plugin *,
                                 const char *parameter);

#endif /* V2V_CAPS_H */
