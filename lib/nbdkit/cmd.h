/* SPDX-License-Identifier: GPL-2.0-or-later */

/* An nbdkit command line as a value: one function builds it, one prints it
 * and one runs it (server.h), so that what is printed is what runs.
 *
 * The functions that build return nothing: the first failure stays in the
 * command, and nbdkit_cmd_check reports it.
 */

#ifndef V2V_CMD_H
#define V2V_CMD_H

#include <stdbool.h>
#include <stdio.h>

#include "base/argv.h"
#include "base/error.h"
#include "base/redact.h"
#include "base/vector.h"
#include "io/confine.h"

struct local_file;
struct secret;

/* As in struct subprocess_spec. */
#define NBDKIT_CMD_FIRST_FD 4

/* One argument: TEXT, then the path of FILE in the private directory. */
struct arg {
  char *text;
  char *file;                   /* or NULL */
};

DEFINE_VECTOR (struct args, args, struct arg);

struct secret_file {
  char *file;
  struct secret *secret;
};

DEFINE_VECTOR (struct secret_files, secret_files, struct secret_file);

/* A file that nbdkit reads. */
struct cmd_file {
  const struct local_file *file; /* borrowed; NULL: a dry run */
  bool passed;                  /* as a descriptor; if not, nbdkit opens it by
                                   its name */
};

DEFINE_VECTOR (struct cmd_files, cmd_files, struct cmd_file);

/* Read its fields, and change none but FAILED. */
struct nbdkit_cmd {
  char *name;
  struct argv env;              /* KEY=VALUE */
  struct args words;            /* the program, its options, filters, plugin */
  struct args params;           /* KEY=VALUE of the plugin and the filters */
  struct argv filters;          /* also in WORDS */
  struct cmd_files reads;
  struct argv descriptors;      /* NUMBER=PATH: those of READS that are passed,
                                   NBDKIT_CMD_FIRST_FD and so on */
  struct secret_files secrets;
  struct redact hidden;         /* what its lines must not show */
  struct confine files;         /* what it may open for its plugin and its
                                   filters */
  char *unconfined;             /* why nobody can say what it needs, so that
                                   it may open everything; or NULL */
  unsigned startup_timeout_s;   /* how long it may take to listen, unless
                                   the settings say otherwise; 0: theirs */
  struct error failed;          /* the first failure while building; callers
                                   set it when they fail meanwhile */
};

/* BINARY is the program; NAME ("in0", "copy1") names what belongs to the
 * command in the private directory: NAME is its socket, NAME.pid its PID
 * file.  NULL: no memory.
 */
extern struct nbdkit_cmd *nbdkit_cmd_new (const char *binary,
                                          const char *name,
                                          struct error *err);
extern void nbdkit_cmd_free (struct nbdkit_cmd *); /* NULL is fine */

/* KEY=VALUE for nbdkit's environment. */
extern void nbdkit_cmd_env (struct nbdkit_cmd *, const char *setting);
/* A server option, with its value or NULL; they come first. */
extern void nbdkit_cmd_option (struct nbdkit_cmd *, const char *option,
                               const char *value);
/* Filters are added from the client's side to the plugin's, which is added
 * last.
 */
extern void nbdkit_cmd_filter (struct nbdkit_cmd *, const char *filter);
extern void nbdkit_cmd_plugin (struct nbdkit_cmd *, const char *plugin);
/* A parameter of the plugin or of a filter.  VALUE may be any string. */
extern void nbdkit_cmd_param (struct nbdkit_cmd *, const char *key,
                              const char *value);
extern void nbdkit_cmd_paramf (struct nbdkit_cmd *, const char *key,
                               const char *fmt, ...)
  __attribute__ ((format (printf, 3, 4)));
/* A parameter as the user wrote it: KEY=VALUE. */
extern void nbdkit_cmd_raw_param (struct nbdkit_cmd *, const char *param);
/* KEY=NUMBER, a descriptor on which PATH is open: FILE, which must outlive the
 * command; NULL: it will not be run (a dry run).
 */
extern void nbdkit_cmd_fd_param (struct nbdkit_cmd *, const char *key,
                                 const char *path, const struct local_file *);
/* Another parameter names FILE, by the path that it was opened by: of what has
 * that name later, nbdkit may open this file only.
 */
extern void nbdkit_cmd_opens (struct nbdkit_cmd *, const struct local_file *);
/* KEY=PREFIXFILE, where FILE is a new file in the private directory that
 * holds SECRET when nbdkit runs.  nbdkit's own PREFIX is "+".
 */
extern void nbdkit_cmd_secret_param (struct nbdkit_cmd *, const char *key,
                                     const char *prefix,
                                     const struct secret *);

/* The same for a KEY whose value nbdkit takes only as it is: @FILE, where the
 * file holds the whole parameter.  VALUE is one line; what of it no line of
 * the server may show, the caller hides.  nbdkit_caps_reads_params says which
 * nbdkit knows this.
 */
extern void nbdkit_cmd_hidden_param (struct nbdkit_cmd *, const char *key,
                                     const char *value);

/* Let parameter KEY have another value, or take it away with its file, whose
 * contents stay hidden.  Nothing happens where there is none.
 */
extern void nbdkit_cmd_set_param (struct nbdkit_cmd *, const char *key,
                                  const char *value);
extern void nbdkit_cmd_drop_param (struct nbdkit_cmd *, const char *key);

/* KEY=FILE, where FILE is called SUFFIX after the command's name, in the
 * private directory; somebody else makes it.
 */
extern void nbdkit_cmd_own_file_param (struct nbdkit_cmd *, const char *key,
                                       const char *suffix);

/* Another file with a secret, called SUFFIX (".login") after the command's name. */
extern void nbdkit_cmd_secret_file (struct nbdkit_cmd *, const char *suffix,
                                    const struct secret *);

/* What else no line of the server may show: a text of one line, a password
 * and how it is sent with its user's name.  What is in a file with a secret
 * is hidden in any case, where it is one line.
 */
extern void nbdkit_cmd_hide (struct nbdkit_cmd *, const char *text);
extern void nbdkit_cmd_hide_login (struct nbdkit_cmd *, const char *user,
                                   const struct secret *password);

/* The plugin or a filter opens PATH: ALLOW is CONFINE_* of io/confine.h. */
extern void nbdkit_cmd_allow (struct nbdkit_cmd *, const char *path,
                              unsigned allow);
/* What the plugin reads is on this host: TCP is not for it. */
extern void nbdkit_cmd_no_network (struct nbdkit_cmd *);
/* NAME (a plugin, a filter, a parameter) is the user's own, and only the user
 * knows what it opens.
 */
extern void nbdkit_cmd_allow_all (struct nbdkit_cmd *, const char *name);

/* The plugin may need SECONDS before nbdkit listens. */
extern void nbdkit_cmd_allow_time (struct nbdkit_cmd *, unsigned seconds);

/* The first failure while building. */
extern int nbdkit_cmd_check (const struct nbdkit_cmd *, struct error *err);

/* The argument list with DIR as the private directory. */
extern int nbdkit_cmd_render (const struct nbdkit_cmd *, const char *dir,
                              struct argv *ret, struct error *err);
/* The same for people: "..." stands for the values of a URL's query that the
 * command hides.
 */
extern int nbdkit_cmd_render_shown (const struct nbdkit_cmd *,
                                    const char *dir, struct argv *ret,
                                    struct error *err);
/* Write it for a shell, the private directory being "$V2VDIR". */
extern int nbdkit_cmd_print (const struct nbdkit_cmd *, FILE *fp,
                             struct error *err);
/* Write the files with secrets into DIR. */
extern int nbdkit_cmd_write_secrets (const struct nbdkit_cmd *,
                                     const char *dir, struct error *err);
/* Replace each of the command's secrets in LINE by asterisks, in whichever
 * form it is there.
 */
extern void nbdkit_cmd_redact (const struct nbdkit_cmd *, char *line);

#endif /* V2V_CMD_H */
