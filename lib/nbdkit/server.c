/* SPDX-License-Identifier: GPL-2.0-or-later */

/* One running nbdkit: starting it, waiting until it listens, and reporting
 * how it ended.  io/daemon.c runs the process and reads its output;
 * connecting to nbdkit is left to launch/opening.c, and the meaning of its
 * error messages to source/explain.c.
 */

#include <config.h>

#include <assert.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/events.h"
#include "base/i18n.h"
#include "base/local-file.h"
#include "base/uri.h"
#include "context.h"
#include "io/confine.h"
#include "io/opened-file.h"
#include "io/subprocess.h"
#include "io/supervisor.h"
#include "nbdkit/cmd.h"
#include "nbdkit/confined.h"
#include "nbdkit/selinux.h"
#include "nbdkit/server.h"
#include "settings.h"

static void
redact (const void *data, char *line)
{
  nbdkit_cmd_redact (data, line);
}

/* Let *RET be the rules, or NULL where there are none. */
static int
confine (const struct nbdkit_cmd *cmd, const char *dir, int disk,
         const struct launch_context *context, struct confine *rules,
         const struct confine **ret, struct error *err)
{
  *ret = NULL;
  if (context->settings->confinement == CONFINEMENT_OFF)
    return 0;
  if (cmd->unconfined != NULL) {
    events_say (context->events, EVENT_DEBUG, disk,
                "%s: nbdkit is not confined, because only the user knows what "
                "'%s' opens", cmd->name, cmd->unconfined);
    return 0;
  }
  *ret = rules;
  return nbdkit_confine (cmd, dir, context->caps, rules, err);
}

/* The descriptors that it gets, in their order. */
static int *
passed_fds (const struct nbdkit_cmd *cmd, int *n, struct error *err)
{
  int *fds = alloc_zero ((cmd->reads.len + 1) * sizeof *fds, err);

  *n = 0;
  assert (cmd->reads.len == 0 || cmd->reads.ptr[0].file != NULL);
  for (size_t i = 0; fds != NULL && i < cmd->reads.len; i++)
    if (cmd->reads.ptr[i].passed)
      fds[(*n)++] = cmd->reads.ptr[i].file->fd;
  return fds;
}

static int
start_daemon (struct nbdkit_server *server, const char *dir, int disk,
              const struct launch_context *context, struct error *err)
{
  CLEANUP_ARGV struct argv argv = { .ptr = NULL };
  CLEANUP_ARGV struct argv shown = { .ptr = NULL };
  CLEANUP_CONFINE struct confine rules = { .rules = NULL };
  struct daemon_spec spec = {
    .program = "nbdkit",
    .argv = &argv,
    .shown = &shown,
    .env = &server->cmd->env,
    .cwd_fd = -1,
    .listen_fd = -1,
    .disk = disk,
    .files = &server->cmd->descriptors,
    .redact = redact,
    .redact_data = server->cmd,
  };
  int *fds;

  if (nbdkit_cmd_render (server->cmd, dir, &argv, err) == -1 ||
      nbdkit_cmd_render_shown (server->cmd, dir, &shown, err) == -1 ||
      nbdkit_cmd_write_secrets (server->cmd, dir, err) == -1 ||
      confine (server->cmd, dir, disk, context, &rules, &spec.confine,
               err) == -1)
    return -1;
  spec.passed_fds = fds = passed_fds (server->cmd, &spec.n_passed, err);
  if (fds == NULL)
    return -1;
  server->daemon = daemon_start (&spec, context->supervisor, context->events,
                                 err);
  free (fds);
  return server->daemon != NULL ? 0 : -1;
}

static int
wait_until_listening (struct nbdkit_server *server, const char *dir,
                      unsigned timeout_s, struct error *err)
{
  const int64_t deadline_ms = clock_ms () + INT64_C (1000) * timeout_s;
  CLEANUP_FREE char *pidfile = format (err, "%s.pid", server->cmd->name);
  int r;

  if (pidfile == NULL)
    return -1;
  r = daemon_wait_for_file (server->daemon, dir, pidfile, deadline_ms, err);
  if (r == -1)
    return -1;
  if (daemon_has_died (server->daemon))
    return nbdkit_server_report_death (server, err);
  if (r == 0)
    return 0;
  error_set (err, REASON_TIMEOUT,
             _("nbdkit is not listening after %u seconds"), timeout_s);
  error_hint (err, _("allow it more time with --startup-timeout SECONDS"));
  return -1;
}

static unsigned
startup_timeout_s (const struct nbdkit_cmd *cmd,
                   const struct settings *settings)
{
  return cmd->startup_timeout_s > 0 &&
    settings->startup_timeout_s == DEFAULT_STARTUP_TIMEOUT_S
    ? cmd->startup_timeout_s : settings->startup_timeout_s;
}

struct nbdkit_server *
nbdkit_server_start (const struct nbdkit_cmd *cmd, const char *dir, int disk,
                     bool selinux, const struct launch_context *context,
                     struct error *err)
{
  struct nbdkit_server *server = alloc_zero (sizeof *server, err);

  if (server == NULL)
    return NULL;
  server->cmd = cmd;
  server->socket = format (err, "%s/%s", dir, cmd->name);
  if (server->socket != NULL)
    server->uri = uri_of_unix_socket (server->socket, err);
  if (server->uri != NULL &&
      start_daemon (server, dir, disk, context, err) == 0 &&
      wait_until_listening (server, dir,
                            startup_timeout_s (cmd, context->settings),
                            err) == 0 &&
      (!selinux || selinux_label_socket (server->socket, err) == 0))
    return server;
  nbdkit_server_free (server);
  return NULL;
}

void
nbdkit_server_free (struct nbdkit_server *server)
{
  if (server == NULL)
    return;
  daemon_free (server->daemon);
  free (server->socket);
  free (server->uri);
  free (server);
}

/* A look at the files that nbdkit has open. */
struct look {
  const struct cmd_files *files;
  bool *seen;                   /* for each of them: it is open */
  const struct cmd_file *other; /* by whose name another one is open; or
                                   NULL */
};

/* Other files may be open, too: the user's own filters have some. */
static bool
see (void *data, const struct stat *st)
{
  struct look *look = data;

  for (size_t i = 0; i < look->files->len; i++) {
    const struct cmd_file *file = &look->files->ptr[i];
    struct stat named;

    if (local_file_is (file->file, st))
      look->seen[i] = true;
    else if (stat (file->file->path, &named) == 0 &&
             named.st_dev == st->st_dev && named.st_ino == st->st_ino)
      look->other = file;
  }
  return look->other == NULL;
}

static int
refuse_other (const struct cmd_file *file, struct error *err)
{
  return local_file_check_name (file->file, err) == -1 ? -1
    : error_set (err, REASON_SOURCE_CHANGED,
                 _("nbdkit opened a file other than %s"),
                 file->file->path);
}

int
nbdkit_server_check_files (const struct nbdkit_server *server,
                           bool connected, struct error *err)
{
  const struct cmd_files *files = &server->cmd->reads;
  const pid_t pid = daemon_pid (server->daemon);
  struct look look = { .files = files };
  int r = 0;

  if (files->len == 0 || files->ptr[0].passed || pid == 0)
    return 0;
  look.seen = alloc_zero (files->len, err);
  if (look.seen == NULL)
    return -1;
  if (opened_files (pid, see, &look)) {
    if (look.other != NULL)
      r = refuse_other (look.other, err);
    for (size_t i = 0; connected && r == 0 && i < files->len; i++)
      if (!look.seen[i])
        r = refuse_other (&files->ptr[i], err);
  }
  free (look.seen);
  return r;
}

/* Why nbdkit ended: its error messages, or else its last lines, some of which
 * (a socket that exists) do not look like error messages.
 */
static const struct argv *
last_words (const struct nbdkit_server *server)
{
  const struct argv *errors = daemon_errors (server->daemon);

  return errors->len > 0 ? errors : daemon_last_lines (server->daemon);
}

static const char *
without_prefix (const char *line)
{
  static const char prefix[] = "nbdkit: error: ";
  const size_t len = sizeof prefix - 1;

  return strncmp (line, prefix, len) == 0 ? line + len : line;
}

int
nbdkit_server_report_death (const struct nbdkit_server *server,
                            struct error *err)
{
  const struct argv *words = last_words (server);
  CLEANUP_FREE char *how =
    status_describe (daemon_status (server->daemon));

  err->server_ended |= !error_is_set (err);
  if (words->len > 0 && strstr (words->ptr[0], "setsockcreatecon") != NULL) {
    error_set (err, REASON_NBDKIT_SELINUX,
               _("nbdkit cannot label its socket: %s"),
               without_prefix (words->ptr[0]));
    error_hint (err, _("is SELinux enabled on this host?  if not, run with "
                       "--selinux off"));
  }
  error_set (err, REASON_NBDKIT_CRASH, _("nbdkit %s%s%s"),
             how != NULL ? how : "", words->len > 0 ? ": " : "",
             words->len > 0 ? without_prefix (words->ptr[0]) : "");
  error_details (err, words);
  return -1;
}
