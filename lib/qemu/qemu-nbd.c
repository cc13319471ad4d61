/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Serves images with qemu-nbd.  qemu-nbd inherits a listening socket, so that
 * nobody has to wait for it.  How a server that wrote has ended is judged here,
 * too.  The options for a file or a device are qemu-nbd-file.c's; io/daemon.c
 * runs the process.
 */

#include <config.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "base/alloc.h"
#include "base/argv.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/uri.h"
#include "context.h"
#include "io/confine.h"
#include "io/daemon.h"
#include "io/socket-clients.h"
#include "io/subprocess.h"
#include "io/supervisor.h"
#include "qemu/qemu-files.h"
#include "qemu/qemu-img.h"
#include "qemu/qemu-nbd-internal.h"
#include "qemu/qemu-nbd.h"
#include "qemu/qemu-version.h"
#include "settings.h"

#define ABANDON_TIMEOUT_S 5

/* Memory that it may write to.  What an image's tables take has been limited
 * before, when qemu-img looked at it.  A qcow2 image of 2 TiB with clusters of
 * 64 KiB needed 180 MB with four clients that wrote 2 MiB at a time, 210 MB
 * when it was read, and 300 MB when it was written with compression; a VMDK
 * (streamOptimized) of that size 170 MB (7.2).  Stacks of threads, of which
 * there can be 64, are the most of it.  For address space there is no such
 * limit: malloc reserves 64 MiB for each thread on a large machine.
 */
#define DATA_BASE (UINT64_C (4) << 30)
/* It takes so many requests from a client at once, and has a buffer for each
 * of them.
 */
#define CLIENT_REQUESTS 16
/* As many clients as may come.  0 says that, too, but since qemu 6.0 only. */
#define SHARED "65535"
/* What others than this program are expected to have. */
#define CLIENTS 16
#define CLIENT_REQUEST_SIZE (UINT64_C (16) << 20)

struct qemu_nbd {
  const struct launch_context *context;
  struct daemon *daemon;        /* NULL until a client comes */
  int listen_fd;                /* -1 once handed over */
  char *written;
  int written_fd;               /* open on what it writes to, or -1: the kernel
                                   tells each descriptor that was open then
                                   what it could not write */
  bool on_demand;
  struct argv argv;
  struct confine files;         /* what it may open */
  char *dir;
  int dir_fd;                   /* in place of DIR, or -1 */
  int passed_fd;                /* the image, or -1 */
  int image_fd;                 /* the one that it may open, or -1 */
  char *socket;
  char *uri;
  int disk;
  const int *passed_fds;        /* while it is started */
  int n_passed;
  struct error start_error;     /* of a start on demand */
};

static int
listen_on (const char *path, struct error *err)
{
  struct sockaddr_un addr = { .sun_family = AF_UNIX };
  CLEANUP_FD int fd = -1;

  if (strlen (path) >= sizeof addr.sun_path)
    return error_set (err, REASON_INTERNAL,
                      _("the path of a socket is too long: %s"), path);
  strcpy (addr.sun_path, path);
  fd = socket (AF_UNIX, SOCK_STREAM|SOCK_CLOEXEC, 0);
  if (fd == -1 || bind (fd, (struct sockaddr *) &addr, sizeof addr) == -1 ||
      listen (fd, SOMAXCONN) == -1)
    return error_errno (err, REASON_INTERNAL, "%s", path);
  return STEAL_FD (fd);
}

static uint64_t
max_data (const struct settings *settings)
{
  const uint64_t clients = settings->connections > CLIENTS
    ? settings->connections : CLIENTS;
  const uint64_t size = settings->request_size > CLIENT_REQUEST_SIZE
    ? settings->request_size : CLIENT_REQUEST_SIZE;

  return DATA_BASE + clients * CLIENT_REQUESTS * size;
}

static int
start (struct qemu_nbd *nbd, struct error *err)
{
  const bool has_image = nbd->passed_fd != -1;
  const struct daemon_spec spec = {
    .program = "qemu-nbd",
    .argv = &nbd->argv,
    .cwd = nbd->dir,
    .cwd_fd = nbd->dir_fd,
    .passed_fds = has_image ? &nbd->passed_fd : nbd->passed_fds,
    .n_passed = has_image ? 1 : nbd->n_passed,
    .listen_fd = nbd->listen_fd,
    .max_data = max_data (nbd->context->settings),
    .disk = nbd->disk,
    .confine =
      nbd->context->settings->confinement == CONFINEMENT_OFF ? NULL
      : &nbd->files,
  };

  errno = 0;
  nbd->daemon = daemon_start (&spec, nbd->context->supervisor,
                              nbd->context->events, err);
  if (nbd->daemon == NULL && errno == ENOENT)
    qemu_not_installed ("qemu-nbd", err);
  /* Our own copy must be closed: with it, a client would wait for ever when
   * qemu-nbd dies.
   */
  close_fd (&nbd->listen_fd);
  return nbd->daemon != NULL ? 0 : -1;
}

static void
client_connected (void *data, short revents __attribute__ ((unused)))
{
  struct qemu_nbd *nbd = data;

  supervisor_unwatch (nbd->context->supervisor, nbd->listen_fd);
  start (nbd, &nbd->start_error);
}

static int
build_argv (struct argv *argv, const struct qemu_nbd_spec *spec,
            bool with_socket, struct error *err)
{
  const char *const args[] = {
    "qemu-nbd", "--persistent", "--shared=" SHARED,
    /* What is trimmed or zeroed by the conversion need not be copied. */
    spec->mode == QEMU_NBD_WRITE ? "--discard=unmap" : "--read-only", NULL
  };

  if (argv_append_array (argv, args, err) == -1 ||
      (spec->allocation_depth &&
       argv_append (argv, "--allocation-depth", err) == -1) ||
      (with_socket &&
       argv_appendf (argv, err, "--socket=%s", spec->socket) == -1) ||
      (spec->image_opts && argv_append (argv, "--image-opts", err) == -1))
    return -1;
  return argv_append (argv, spec->image, err);
}

int
qemu_nbd_argv (const struct qemu_nbd_spec *spec, struct argv *ret,
               struct error *err)
{
  return build_argv (ret, spec, true, err);
}

static int
keep (int fd, int *ret, const char *path, struct error *err)
{
  *ret = fd == -1 ? -1 : fcntl (fd, F_DUPFD_CLOEXEC, 0);
  return fd == -1 || *ret != -1 ? 0
    : error_errno (err, REASON_INTERNAL, "%s", path);
}

static int
allow_image (struct qemu_nbd *nbd, const struct qemu_nbd_spec *spec,
             struct error *err)
{
  nbd->image_fd = qemu_place_open (spec->place, O_PATH);
  if (nbd->image_fd == -1)
    return error_errno (err, spec->mode == QEMU_NBD_WRITE ? REASON_WRITE
                        : REASON_READ, _("cannot open %s"),
                        spec->place->path);
  return qemu_files_allow_fd (&nbd->files, nbd->image_fd,
                              spec->mode == QEMU_NBD_WRITE ? CONFINE_WRITE
                              : CONFINE_READ, err);
}

/* Network file systems flush only what is open for writing. */
static int
take_place (struct qemu_nbd *nbd, const struct qemu_nbd_spec *spec,
            struct error *err)
{
  const struct qemu_place *place = spec->place;

  if (place == NULL)
    return 0;
  if (keep (place->dir_fd, &nbd->dir_fd, place->path, err) == -1 ||
      keep (place->fd, &nbd->passed_fd, place->path, err) == -1 ||
      allow_image (nbd, spec, err) == -1)
    return -1;
  if (!spec->written)
    return 0;
  nbd->written = alloc_copy (place->path, err);
  if (nbd->written == NULL)
    return -1;
  nbd->written_fd = qemu_place_open (place, O_RDWR);
  return nbd->written_fd != -1 ? 0
    : error_errno (err, REASON_WRITE, _("cannot open %s"), place->path);
}

static int
listen_or_start (struct qemu_nbd *nbd, struct error *err)
{
  nbd->listen_fd = listen_on (nbd->socket, err);
  if (nbd->listen_fd == -1)
    return -1;
  if (!nbd->on_demand)
    return start (nbd, err);
  return supervisor_watch (nbd->context->supervisor, nbd->listen_fd, POLLIN,
                           client_connected, nbd, err);
}

struct qemu_nbd *
qemu_nbd_new (const struct qemu_nbd_spec *spec,
              const struct launch_context *context, struct error *err)
{
  struct qemu_nbd *nbd = alloc_zero (sizeof *nbd, err);

  if (nbd == NULL)
    return NULL;
  nbd->context = context;
  nbd->listen_fd = nbd->written_fd = nbd->dir_fd = -1;
  nbd->passed_fd = nbd->image_fd = -1;
  nbd->on_demand = spec->on_demand;
  nbd->passed_fds = spec->passed_fds;
  nbd->n_passed = spec->n_passed;
  nbd->disk = spec->disk;
  nbd->start_error = (struct error) ERROR_INIT;
  nbd->dir = alloc_copy (spec->dir, err);
  nbd->socket = alloc_copy (spec->socket, err);
  nbd->uri = uri_of_unix_socket (spec->socket, err);
  if (nbd->dir != NULL && nbd->socket != NULL && nbd->uri != NULL &&
      build_argv (&nbd->argv, spec, false, err) == 0 &&
      qemu_files_allow (&nbd->files, err) == 0 &&
      (spec->files == NULL ||
       confine_add_all (&nbd->files, spec->files, err) == 0) &&
      take_place (nbd, spec, err) == 0 &&
      listen_or_start (nbd, err) == 0) {
    nbd->passed_fds = NULL;     /* the caller's */
    nbd->n_passed = 0;
    return nbd;
  }
  qemu_nbd_free (nbd);
  return NULL;
}

static void
stop_listening (struct qemu_nbd *nbd)
{
  if (nbd->listen_fd == -1)
    return;
  supervisor_unwatch (nbd->context->supervisor, nbd->listen_fd);
  close_fd (&nbd->listen_fd);
}

/*--- Its end. ---*/

/* A client that came last may not have been noticed. */
static bool
client_waits (const struct qemu_nbd *nbd)
{
  struct pollfd fd = { .fd = nbd->listen_fd, .events = POLLIN };

  return nbd->listen_fd != -1 && poll (&fd, 1, 0) == 1;
}

int
qemu_nbd_close (struct qemu_nbd *nbd, struct error *err)
{
  int n;

  unlink (nbd->socket);
  if (client_waits (nbd))
    client_connected (nbd, POLLIN);
  stop_listening (nbd);
  n = nbd->daemon == NULL || daemon_has_died (nbd->daemon) ? 0
    : socket_clients (nbd->socket, err);
  return n > 0 ? 1 : n;
}

/* Set the error of a server that ended as it should not, with its last words;
 * returns -1.
 */
static int
ended_badly (const struct qemu_nbd *nbd, enum reason reason,
             struct error *err)
{
  const struct argv *lines = daemon_last_lines (nbd->daemon);
  CLEANUP_FREE char *how = status_describe (daemon_status (nbd->daemon));

  if (error_is_set (err))
    return -1;
  err->server_ended = true;
  error_set (err, reason, "qemu-nbd %s%s%s", how != NULL ? how : "",
             lines->len > 0 ? ": " : "",
             lines->len > 0 ? lines->ptr[lines->len-1] : "");
  error_details (err, lines);
  return -1;
}

static int
hung (const struct qemu_nbd *nbd, unsigned timeout_s, struct error *err)
{
  if (error_is_set (err))
    return -1;
  err->server_ended = true;
  error_set (err, REASON_WRITE,
             _("qemu-nbd did not exit within %u seconds (--stall-timeout) "
               "and was killed: what it still had to write is lost"),
             timeout_s);
  error_details (err, daemon_last_lines (nbd->daemon));
  return -1;
}

/* Before it handles SIGTERM it has not served anybody yet. */
static bool
ended_well (const struct qemu_nbd *nbd)
{
  const int status = daemon_status (nbd->daemon);

  return status == 0 || (nbd->on_demand && WIFSIGNALED (status) &&
                         WTERMSIG (status) == SIGTERM);
}

static int
end_daemon (struct qemu_nbd *nbd, unsigned timeout_s, struct error *err)
{
  if (nbd->daemon == NULL)
    return 0;
  switch (daemon_end (nbd->daemon, timeout_s, err)) {
  case 0:
    return ended_well (nbd) ? 0 : ended_badly (nbd, REASON_WRITE, err);
  case 1:
    return hung (nbd, timeout_s, err);
  case 2:
    return ended_badly (nbd, REASON_WRITE, err);
  default:
    return -1;
  }
}

int
qemu_nbd_end (struct qemu_nbd *nbd, unsigned timeout_s, struct error *err)
{
  stop_listening (nbd);
  if (qemu_nbd_check (nbd, err) == -1 ||
      end_daemon (nbd, timeout_s, err) == -1)
    return -1;
  if (nbd->written_fd == -1 || fsync (nbd->written_fd) == 0)
    return 0;
  return error_errno (err, errno == ENOSPC || errno == EDQUOT
                      ? REASON_SPACE : REASON_WRITE,
                      _("cannot write %s"), nbd->written);
}

void
qemu_nbd_abandon (struct qemu_nbd *nbd)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;

  qemu_nbd_end (nbd, ABANDON_TIMEOUT_S, &ignored);
}

void
qemu_nbd_free (struct qemu_nbd *nbd)
{
  if (nbd == NULL)
    return;
  stop_listening (nbd);
  daemon_free (nbd->daemon);
  close_if_open (nbd->written_fd);
  close_if_open (nbd->dir_fd);
  close_if_open (nbd->passed_fd);
  close_if_open (nbd->image_fd);
  if (nbd->socket != NULL)
    unlink (nbd->socket);
  error_reset (&nbd->start_error);
  argv_reset (&nbd->argv);
  confine_reset (&nbd->files);
  free (nbd->written);
  free (nbd->dir);
  free (nbd->socket);
  free (nbd->uri);
  free (nbd);
}

const char *
qemu_nbd_uri (const struct qemu_nbd *nbd)
{
  return nbd->uri;
}

int
qemu_nbd_check (const struct qemu_nbd *nbd, struct error *err)
{
  if (error_is_set (&nbd->start_error)) {
    err->server_ended |= !error_is_set (err);
    return error_set (err, nbd->start_error.reason, "%s",
                      nbd->start_error.message);
  }
  if (nbd->daemon == NULL || !daemon_has_died (nbd->daemon))
    return 0;
  return ended_badly (nbd, REASON_READ, err);
}

pid_t
qemu_nbd_pid (const struct qemu_nbd *nbd)
{
  return nbd->daemon == NULL ? 0 : daemon_pid (nbd->daemon);
}

const struct argv *
qemu_nbd_last_lines (const struct qemu_nbd *nbd)
{
  static const struct argv none = { .ptr = NULL };

  return nbd->daemon == NULL ? &none : daemon_last_lines (nbd->daemon);
}
