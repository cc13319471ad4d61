/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What each source implements: it knows one kind of disk location, its
 * nbdkit plugin and that one's parameters, how hard the source may be
 * pressed, and how its errors read.  What a source leaves out is NULL.
 */

#ifndef V2V_OPS_H
#define V2V_OPS_H

#include <stdbool.h>

#include "base/error.h"
#include "copy/limits.h"
#include "guest/location.h"
#include "source/request.h"

struct aside;
struct events;
struct http_file;
struct launch_context;
struct qemu_nbd;
struct supervisor;

/* A text in an error message of nbdkit, what it means, and what to do. */
struct explanation {
  const char *text;             /* NULL ends the table */
  enum reason reason;
  const char *hint;             /* untranslated; may be NULL */
};

#define SOURCE_BELOW_SUFFIX ".vmdk"

struct source_ops {
  enum location_kind kind;
  const char *plugin;           /* nbdkit's name; NULL: the location says */
  unsigned open_timeout_s;      /* how long opening and a first read take on
                                   a busy server */
  bool remote;                  /* over a network: retried, conversions read
                                   through a cache */
  bool logs_in;                 /* with the location's password */
  bool errors_are_final;        /* when the plugin prints an error, opening
                                   the source has failed: what nbdkit does
                                   then is to wait and begin anew */
  bool login_is_slow;           /* it takes many round trips, and all clients
                                   of an nbdkit with our plugin share one */
  bool comes_back;              /* what is not found during a copy may be
                                   there again when its server is, which
                                   makes sockets and exports as it starts */
  bool counts_requests;         /* servers may limit how many there are in a
                                   second, and then need pauses */
  bool no_readahead;            /* --readahead on does not change that */
  const struct source_option *options; /* or NULL */
  const struct source_option *shared_options; /* of another source with the
                                   same plugin, which count here too, or
                                   NULL */

  /* Refuse what cannot work, before anything is started; may be NULL. */
  int (*check) (const struct source_request *, struct error *err);
  /* Ask the server for what only it knows.  Not for a dry run.  May be
   * NULL.
   */
  int (*resolve) (struct location *, const struct source_request *,
                  struct supervisor *, const struct events *,
                  struct error *err);
  /* The file of a plugin of our own, which does the same with the same
   * parameters, and takes the place of nbdkit's if this nbdkit can load it.
   * NULL: it is not there, or *err is set.  The caller frees it.  May be NULL.
   */
  char *(*own_plugin) (const struct source_request *, struct error *err);
  /* What the plugin needs to load: libdir=...; may be NULL. */
  void (*describe_library) (const struct source_request *,
                            struct argv *env, struct argv *args,
                            struct error *err);
  /* Replace *ERR, which says that the plugin does not load, by a better
   * message if its library is the reason; may be NULL.
   */
  void (*explain_plugin) (const struct source_request *, struct error *err);
  /* Does the plugin, which loaded, find its library?  May be NULL. */
  int (*check_plugin) (const struct source_request *, struct error *err);
  /* Filters between readahead and retry; may be NULL. */
  void (*add_filters) (const struct source_request *, struct nbdkit_cmd *);
  /* Add the plugin's parameters. */
  void (*describe) (const struct source_request *, struct nbdkit_cmd *);
  /* Some servers end when their first client leaves: have nbdkit keep the
   * connection that it has made first, and use no other.  False: this nbdkit
   * cannot.  May be NULL: there are no such servers.
   */
  bool (*describe_single) (const struct source_request *,
                           struct nbdkit_cmd *);
  const char *single_lost;      /* in nbdkit's error lines when that one is
                                   gone, for ever */
  /* Add what only a copy wants, if this nbdkit has it.  May be NULL. */
  bool (*describe_copy) (const struct source_request *, struct nbdkit_cmd *);
  /* Start the server that nbdkit reads from, listening on SOCKET, the
   * command's own file SOURCE_BELOW_SUFFIX; and the command line that does the
   * same.  May be NULL, both of them.
   */
  struct qemu_nbd *(*start_below) (const struct source_request *,
                                   const char *socket, int disk,
                                   const struct launch_context *,
                                   struct error *err);
  int (*print_below) (const struct source_request *, const char *socket,
                      struct argv *ret, struct error *err);
  /* Refuse what cannot work, as far as this host knows, before nbdkit is
   * started.  Not for a dry run.  May be NULL.
   */
  int (*check_here) (const struct source_request *, struct error *err);
  /* Ask the server what nbdkit does not check, and what it says of the file;
   * may be NULL.
   */
  int (*preflight) (const struct source_request *, struct supervisor *,
                    struct http_file *ret, struct error *err);
  /* Nothing comes from nbdkit: does the server end its answers to what nbdkit
   * asks when it opens the source, or (READING) first reads it?  -1 with an
   * error: not within 5 seconds.  May be NULL.
   */
  int (*answers) (const struct source_request *, bool reading,
                  struct supervisor *, struct error *err);
  /* Add to the command what that wants, so that each read of nbdkit's is one
   * of that very file; may be NULL.
   */
  int (*pin) (const struct source_request *, const struct http_file *,
              struct nbdkit_cmd *, struct error *err);
  /* Ask the server, or the file, for what tells this version of the disk
   * from a later one; *RET stays NULL where it does not say.  The caller
   * frees it.  May be NULL.  IDENTITY is a name for it ("version").  BEFORE,
   * unless it is NULL, is what the server has answered a moment ago, and ASIDE,
   * unless it is NULL or was taken, has asked it since.
   */
  const char *identity;
  int (*identify) (const struct source_request *, const char *before,
                   struct aside *, struct supervisor *, char **ret,
                   struct error *err);
  /* Begin to ask for it; may be NULL. */
  struct aside *(*identify_begin) (const struct source_request *);
  /* An nbdkit that has seen the source change refuses it from then on; another
   * one, which takes its place, would take it for what it has always been.
   */
  bool remembers_change;
  /* Where the location's host can be asked whether it can be reached at all:
   * the port, unless the location has another one.  0: nothing can be asked
   * (the way leads through a proxy, or the source is local).
   */
  unsigned default_port;
  bool may_be_slow;             /* a host that takes the connection, and says
                                   nothing yet, is waited for */

  /* Add a command by which a user can find out more about the error *WHY,
   * without secrets; add nothing where there is none.  May be NULL.
   */
  void (*try_command) (const struct source_request *, const struct error *why,
                       struct argv *command, struct error *err);
  /* The same for accounts that may not run that command, and in which case
   * this is.  May be NULL, both of them.
   */
  void (*try_instead) (const struct source_request *, const struct error *why,
                       struct argv *command, struct error *err);
  const char *instead;          /* untranslated */

  const char *empty_hint;       /* what to do about a disk without a byte;
                                   untranslated; may be NULL */
  /* *ERR says why nbdkit could not open the source, of which the server said
   * FILE before (preflight).  Ask the server for what nbdkit leaves out, and
   * replace the message if that tells more.  May be NULL.
   */
  void (*ask_why) (const struct source_request *,
                   const struct http_file *file, struct supervisor *,
                   struct error *err);

  const struct explanation *explanations;
  const struct explanation *more_explanations; /* asked last; may be NULL */
  /* Texts in nbdkit's errors when the server hangs up before it speaks its
   * protocol: it may have said why.  NULL ends them.
   */
  const char *hang_ups[3];
  struct copy_limits serial;    /* one request on a connection at a time */
  struct copy_limits parallel;
  /* Where the location's path is a file that holds the disk itself, so that
   * a copy need not ask nbdkit for it; all 0 elsewhere.
   */
  struct copy_limits direct;
};

extern const struct source_ops source_file;
extern const struct source_ops source_nbd;
extern const struct source_ops source_curl;
extern const struct source_ops source_ssh;
extern const struct source_ops source_nfc;
extern const struct source_ops source_vddk;
extern const struct source_ops source_vcenter;
extern const struct source_ops source_plugin;
extern const struct source_ops source_vmdk;

#endif /* V2V_OPS_H */
