/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Runs the user's command (--convert, --run) with the documented environment,
 * and ends it when a server that it reads from has died.  The servers are
 * those of launch.c and overlay.c; cmd/run.c judges the command's exit
 * status.
 */

#include <config.h>

#include <poll.h>
#include <signal.h>
#include <string.h>

#include <json-c/json.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/events.h"
#include "base/file.h"
#include "base/i18n.h"
#include "context.h"
#include "guest/domain-xml.h"
#include "guest/guest-json.h"
#include "guest/guest.h"
#include "io/line-reader.h"
#include "io/subprocess.h"
#include "io/supervisor.h"
#include "io/tempdir.h"
#include "launch/convert.h"
#include "launch/converted.h"
#include "launch/launch.h"
#include "launch/overlay.h"

/* How long a command may take to end after our SIGTERM; libguestfs stops an
 * appliance in that time.  What it has started has 3 seconds more (the guard),
 * and all of us 10, after which containers are often killed (docker stop).
 */
#define END_TIMEOUT_MS 5000

static void
add_disk_variables (const struct convert_request *request, unsigned index,
                    struct argv *env, struct error *err)
{
  const struct launched_disk *disk = launch_disk (request->launch, index);

  argv_appendf (env, err, "V2V_URI_%u=%s", index, disk->uri);
  argv_appendf (env, err, "V2V_SOCKET_%u=%s", index, disk->socket);
  if (request->overlays == NULL)
    return;
  argv_appendf (env, err, "V2V_OVERLAY_%u=%s", index,
                overlay_path (request->overlays, index));
  argv_appendf (env, err, "V2V_OVERLAY_URI_%u=%s", index,
                overlay_uri (request->overlays, index));
}

/* Those of disk 0, under the names that nbdkit --run gives them. */
static void
add_nbdkit_variables (const struct convert_request *request,
                      struct argv *env, struct error *err)
{
  const struct launched_disk *disk = launch_disk (request->launch, 0);

  argv_appendf (env, err, "uri=%s", disk->uri);
  argv_appendf (env, err, "unixsocket=%s", disk->socket);
  if (request->overlays != NULL)
    argv_appendf (env, err, "overlay=%s",
                  overlay_path (request->overlays, 0));
}

/* virt-v2v 2.2 to 2.13 takes files, and of NBD nothing but TCP.  It has its
 * own qemu-nbd open an overlay.
 */
static struct domain_disk
overlay_disk (const struct overlays *overlays, unsigned index)
{
  return (struct domain_disk) {
    .kind = DOMAIN_DISK_FILE,
    .path = overlay_path (overlays, index),
    .format = "qcow2",
  };
}

static struct domain_disk
served_disk (const struct launched_disk *disk)
{
  return (struct domain_disk) {
    .kind = DOMAIN_DISK_NBD,
    .path = disk->socket,
    /* nbdkit shows the source as it is. */
    .format = image_driver (&disk->image),
  };
}

static char *
guest_xml (const struct convert_request *request, struct error *err)
{
  const unsigned n = launch_disk_count (request->launch);
  struct domain_disk *disks = alloc_zero ((n + 1) * sizeof *disks, err);
  char *xml;

  if (disks == NULL)
    return NULL;
  for (unsigned i = 0; i < n; i++)
    disks[i] = request->overlays != NULL
      ? overlay_disk (request->overlays, i)
      : served_disk (launch_disk (request->launch, i));
  xml = domain_xml_of_source (request->guest, disks, err);
  free (disks);
  return xml;
}

/* Beside the private directory, in which nbdkit may write: what the command
 * trusts is not for a program that reads what strangers send.
 */
static struct tempdir *
files_dir_new (const struct convert_request *request, struct guard *guard,
               struct error *err)
{
  CLEANUP_FREE char *parent = alloc_copy (launch_dir (request->launch), err);

  if (parent == NULL)
    return NULL;
  *strrchr (parent, '/') = '\0';
  return tempdir_new (parent, guard, err);
}

/* Write TEXT (NULL: no memory) to the file NAME in DIR and name it in
 * VARIABLE.
 */
static int
add_file (const char *dir, const char *name, const char *text,
          const char *variable, struct argv *env, struct error *err)
{
  CLEANUP_FREE char *path = format (err, "%s/%s", dir, name);

  if (text == NULL)
    return error_nomem (err);
  if (path == NULL || file_replace (path, text, strlen (text), err) == -1)
    return -1;
  return argv_appendf (env, err, "%s=%s", variable, path);
}

static int
add_files (const struct convert_request *request, const char *dir,
           struct argv *env, struct error *err)
{
  CLEANUP_FREE char *xml = guest_xml (request, err);
  json_object *json = guest_json (request->guest, err);
  int r = -1;

  if (xml != NULL && json != NULL &&
      add_file (dir, "guest.xml", xml, "V2V_XML", env, err) == 0)
    r = add_file (dir, "guest.json",
                  json_object_to_json_string_ext (json,
                                                  JSON_C_TO_STRING_PRETTY),
                  "V2V_JSON", env, err);
  json_object_put (json);
  return r;
}

/* For -O of virt-v2v-in-place. */
static int
add_converted (const struct convert_request *request, struct argv *env,
               struct error *err)
{
  CLEANUP_FREE char *path = request->overlays == NULL ? NULL
    : converted_path (overlays_dir (request->overlays), err);

  return path == NULL ? 0
    : argv_appendf (env, err, "V2V_CONVERTED_XML=%s", path);
}

static int
build_environment (const struct convert_request *request, const char *dir,
                   struct argv *env, struct error *err)
{
  const unsigned n = launch_disk_count (request->launch);

  argv_appendf (env, err, "V2V_GUEST_NAME=%s", request->guest->name);
  argv_appendf (env, err, "V2V_DISK_COUNT=%u", n);
  for (unsigned i = 0; i < n; i++)
    add_disk_variables (request, i, env, err);
  if (n > 0)
    add_nbdkit_variables (request, env, err);
  add_converted (request, env, err);
  return error_is_set (err) ? -1 : add_files (request, dir, env, err);
}

/* The command while it runs. */
struct running {
  struct child child;
  struct supervisor *supervisor;
  const struct events *events;
  const struct launch *launch;
  struct line_reader *reader;   /* or NULL: it prints straight to ours */
  bool ended;
  int status;
};

static void
log_line (void *data, char *line)
{
  const struct running *running = data;

  events_emit (running->events, &(struct event) {
      .type = EVENT_LOG, .disk = -1, .program = "convert", .text = line });
}

static void
notice_end (void *data, short revents __attribute__ ((unused)))
{
  struct running *running = data;

  if (!child_has_ended (&running->child))
    return;
  supervisor_unwatch (running->supervisor, running->child.pidfd);
  running->status = child_reap (&running->child);
  running->ended = true;
}

static bool
has_ended (void *data)
{
  const struct running *running = data;

  return running->ended;
}

/* A command that reads from a server that died may wait for ever.  What is
 * copied meanwhile is nothing to it.
 */
static bool
has_ended_or_lost_server (void *data)
{
  const struct running *running = data;
  CLEANUP_ERROR struct error ignored = ERROR_INIT;

  return running->ended ||
    launch_check_overlays (running->launch, &ignored) == -1;
}

static int
start (struct running *running, const struct convert_request *request,
       struct argv *argv, const struct argv *env, struct error *err)
{
  struct subprocess_spec spec = SUBPROCESS_SPEC (argv);
  CLEANUP_FD int log_fd = -1;

  spec.env = env;
  spec.is_users_command = true;
  /* A script's loop may read from ours the list of what is to be converted. */
  spec.stdin_fd = request->overlays != NULL ? -1 : STDIN_FILENO;
  spec.stdout_fd = request->stdout_fd;
  spec.stderr_fd = STDERR_FILENO;
  if (request->log_output) {
    log_fd = line_reader_open (&running->reader, running->supervisor, log_line,
                               running, err);
    if (log_fd == -1)
      return -1;
    spec.stdout_fd = spec.stderr_fd = log_fd;
  }
  events_emit (running->events, &(struct event) {
      .type = EVENT_COMMAND, .disk = -1, .program = "sh", .argv = argv });
  if (subprocess_start (&spec, &running->child, err) == -1)
    return -1;
  return supervisor_watch (running->supervisor, running->child.pidfd, POLLIN,
                           notice_end, running, err);
}

/* Wait in the supervisor's loop, where a second Ctrl-C ends us at once. */
static void
terminate (struct running *running)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;

  supervisor_hold_signals (running->supervisor);
  kill (running->child.pid, SIGTERM);
  supervisor_wait (running->supervisor, has_ended, running,
                   clock_ms () + END_TIMEOUT_MS, &ignored);
}

static void
finish (struct running *running)
{
  if (running->child.pid != 0) {
    terminate (running);
    supervisor_unwatch (running->supervisor, running->child.pidfd);
    child_end (&running->child, 0);
  }
  if (running->reader != NULL)
    line_reader_drain (running->reader);
  line_reader_free (running->reader);
}

static int
run (const struct convert_request *request,
     const struct launch_context *context, const char *dir, int *status,
     struct error *err)
{
  const char *const args[] = { "/bin/sh", "-c", request->command, NULL };
  CLEANUP_ARGV struct argv argv = { .ptr = NULL };
  CLEANUP_ARGV struct argv env = { .ptr = NULL };
  struct running running = {
    .child = CHILD_INIT,
    .supervisor = context->supervisor,
    .events = context->events,
    .launch = request->launch,
  };
  int r;

  if (argv_append_array (&argv, args, err) == -1 ||
      build_environment (request, dir, &env, err) == -1)
    return -1;
  r = start (&running, request, &argv, &env, err);
  if (r == 0)
    r = supervisor_wait (context->supervisor, has_ended_or_lost_server,
                         &running, SUPERVISOR_FOREVER, err);
  if (r == 0 && !running.ended)
    r = launch_check_overlays (request->launch, err);
  finish (&running);
  *status = status_to_exit (running.status);
  return r;
}

int
convert_run (const struct convert_request *request,
             const struct launch_context *context, int *status,
             struct error *err)
{
  struct tempdir *dir = files_dir_new (request, context->guard, err);
  const int r = dir == NULL ? -1
    : run (request, context, tempdir_path (dir), status, err);

  tempdir_free (dir);
  return r;
}
