/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Runs qemu-img and parses its output.  Whether an image may be trusted is
 * decided by the callers, from what qemu-img info reports.
 */

#include <config.h>

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/wait.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/events.h"
#include "base/i18n.h"
#include "base/json.h"
#include "context.h"
#include "io/confine.h"
#include "io/subprocess.h"
#include "qemu/qemu-files.h"
#include "qemu/qemu-img.h"
#include "qemu/qemu-version.h"
#include "qemu/qemu-words.h"
#include "settings.h"

/* OpenStack's limits for the same purpose: the header of a hostile image can
 * make qemu allocate much memory or loop.
 */
#define INFO_MAX_MEMORY (UINT64_C (1) << 30)
#define INFO_MAX_CPU_S 30
#define INFO_TIMEOUT_MS 60000

/* Making or checking an image touches metadata only, unless it is
 * preallocated.
 */
#define CREATE_TIMEOUT_MS (60 * 60 * 1000)

struct qemu_img
qemu_img_of (const struct launch_context *context, unsigned disk)
{
  return (struct qemu_img) {
    .supervisor = context->supervisor,
    .events = context->events,
    .disk = (int) disk,
    .unconfined = context->settings->confinement == CONFINEMENT_OFF,
  };
}

/* Set the error from what qemu-img has printed, or else the exit status. */
static int
report_failure (const char *what, const struct captured *captured,
                enum reason reason, struct error *err)
{
  CLEANUP_FREE char *how = status_describe (captured->status);

  if (qemu_words_of_img (what, captured->err, reason, err))
    return -1;
  return error_set (err, reason, "%s %s", what, how != NULL ? how : "");
}

/* Let it open PATH, the image or its directory, or what FD is open on; NULL
 * and -1: what is looked at is served by one of our servers.
 */
static int
confine (const struct qemu_img *qemu, const char *path, int fd,
         unsigned allow, struct confine *rules, struct error *err)
{
  if (qemu_files_allow (rules, err) == -1 ||
      (path != NULL &&
       qemu_files_allow_image (rules, path, allow, err) == -1) ||
      (fd != -1 && qemu_files_allow_fd (rules, fd, allow, err) == -1))
    return -1;
  return qemu->files == NULL ? 0 : confine_add_all (rules, qemu->files, err);
}

static int
run (const struct qemu_img *qemu, const char *path, int fd, unsigned allow,
     struct subprocess_spec *spec, int timeout_ms, struct captured *captured,
     struct error *err)
{
  CLEANUP_ARGV struct argv env = { .ptr = NULL };
  CLEANUP_CONFINE struct confine rules = { .rules = NULL };

  if (argv_append (&env, "LANG=C", err) == -1 ||
      confine (qemu, path, fd, allow, &rules, err) == -1)
    return -1;
  if (!qemu->unconfined)
    spec->confine = &rules;
  spec->env = &env;
  spec->own_group = true;
  events_emit (qemu->events, &(struct event) {
      .type = EVENT_COMMAND, .disk = qemu->disk, .program = "qemu-img",
      .argv = spec->argv, .env = &env });
  errno = 0;
  if (subprocess_capture (qemu->supervisor, spec, timeout_ms, captured,
                          err) == 0)
    return 0;
  return errno == ENOENT ? qemu_not_installed ("qemu-img", err) : -1;
}

static const char *
get_string (json_object *object, const char *key)
{
  json_object *value;

  return json_object_object_get_ex (object, key, &value)
    ? json_object_get_string (value) : NULL;
}

/* Another file that a qcow2 image names: its backing file or data file. */
static const char *
named_file (json_object *info)
{
  const char *file = get_string (info, "full-backing-filename");
  json_object *specific, *data;

  if (file == NULL)
    file = get_string (info, "backing-filename");
  if (file != NULL)
    return file;
  if (!json_object_object_get_ex (info, "format-specific", &specific) ||
      !json_object_object_get_ex (specific, "data", &data))
    return NULL;
  return get_string (data, "data-file");
}

static int
parse_info (const char *text, struct image_info *ret, struct error *err)
{
  CLEANUP_JSON json_object *info = json_tokener_parse (text);
  json_object *size;

  if (info == NULL || get_string (info, "format") == NULL ||
      !json_object_object_get_ex (info, "virtual-size", &size))
    return error_set (err, REASON_INTERNAL,
                      _("cannot parse the output of qemu-img info"));
  ret->virtual_size = (uint64_t) json_object_get_int64 (size);
  if (alloc_set (&ret->format, get_string (info, "format"), err) == -1 ||
      alloc_set (&ret->backing, named_file (info), err) == -1)
    return -1;
  return alloc_set (&ret->backing_format,
                    get_string (info, "backing-filename-format"), err);
}

/* The first descriptor behind a socket (io/subprocess.h). */
#define PASSED "/dev/fd/4"

static int
look (const struct qemu_img *qemu, const char *image, int fd,
      const char *format, struct image_info *ret, struct error *err)
{
  static const char *const args[] = {
    "qemu-img", "info", "--force-share", "--output=json", NULL
  };
  CLEANUP_ARGV struct argv argv = { .ptr = NULL };
  CLEANUP_CAPTURED struct captured captured = { .out = NULL };
  struct subprocess_spec spec = SUBPROCESS_SPEC (&argv);

  if (argv_append_array (&argv, args, err) == -1 ||
      (format != NULL &&
       (argv_append (&argv, "-f", err) == -1 ||
        argv_append (&argv, format, err) == -1)) ||
      argv_append (&argv, image, err) == -1)
    return -1;
  spec.passed_fds = &fd;
  spec.n_passed = fd != -1;
  spec.cwd = qemu->dir;
  spec.max_memory = INFO_MAX_MEMORY;
  spec.max_cpu_s = INFO_MAX_CPU_S;
  if (run (qemu, *image == '/' && fd == -1 ? image : NULL, fd, CONFINE_READ,
           &spec, INFO_TIMEOUT_MS, &captured, err) == -1)
    return -1;
  if (captured.status != 0)
    return report_failure ("qemu-img info", &captured, REASON_UNSUPPORTED,
                           err);
  return parse_info (captured.out, ret, err);
}

int
qemu_img_info (const struct qemu_img *qemu, const char *image,
               const char *format, struct image_info *ret, struct error *err)
{
  return look (qemu, image, -1, format, ret, err);
}

int
qemu_img_info_fd (const struct qemu_img *qemu, int fd, const char *format,
                  struct image_info *ret, struct error *err)
{
  return look (qemu, PASSED, fd, format, ret, err);
}

void
image_info_reset (struct image_info *info)
{
  free (info->format);
  free (info->backing);
  free (info->backing_format);
  *info = (struct image_info) { .format = NULL };
}

static int
parse_measure (const char *text, struct image_measure *ret,
               struct error *err)
{
  CLEANUP_JSON json_object *measure = json_tokener_parse (text);
  json_object *empty, *full;

  if (measure == NULL ||
      !json_object_object_get_ex (measure, "required", &empty) ||
      !json_object_object_get_ex (measure, "fully-allocated", &full))
    return error_set (err, REASON_INTERNAL,
                      _("cannot parse the output of qemu-img measure"));
  ret->empty = (uint64_t) json_object_get_int64 (empty);
  ret->full = (uint64_t) json_object_get_int64 (full);
  return 0;
}

int
qemu_img_measure (const struct qemu_img *qemu, uint64_t size,
                  struct image_measure *ret, struct error *err)
{
  static const char *const args[] = {
    "qemu-img", "measure", "--output=json", "-O", "qcow2", "--size", NULL
  };
  CLEANUP_ARGV struct argv argv = { .ptr = NULL };
  CLEANUP_CAPTURED struct captured captured = { .out = NULL };
  struct subprocess_spec spec = SUBPROCESS_SPEC (&argv);

  if (argv_append_array (&argv, args, err) == -1 ||
      argv_appendf (&argv, err, "%" PRIu64, size) == -1 ||
      run (qemu, NULL, -1, CONFINE_READ, &spec, INFO_TIMEOUT_MS, &captured,
           err) == -1)
    return -1;
  if (captured.status != 0)
    return report_failure ("qemu-img measure", &captured, REASON_UNSUPPORTED,
                           err);
  return parse_measure (captured.out, ret, err);
}

/* qemu-img check's own exit statuses. */
#define CHECK_LEAKS 3           /* space that nothing uses: no harm */

/* qemu reads zeroes behind the end of a file that was cut, and says nothing:
 * only its check sees that clusters are missing.
 */
int
qemu_img_check (const struct qemu_img *qemu, const char *dir,
                const char *name, struct error *err)
{
  static const char *const args[] = {
    "qemu-img", "check", "--output=json", NULL
  };
  CLEANUP_ARGV struct argv argv = { .ptr = NULL };
  CLEANUP_CAPTURED struct captured captured = { .out = NULL };
  struct subprocess_spec spec = SUBPROCESS_SPEC (&argv);

  if (argv_append_array (&argv, args, err) == -1 ||
      argv_appendf (&argv, err, "json:{\"driver\":\"qcow2\","
                    "\"backing\":null,\"file\":{\"driver\":\"file\","
                    "\"filename\":\"%s\"}}", name) == -1)
    return -1;
  spec.cwd = dir;
  if (run (qemu, dir, -1, CONFINE_READ, &spec, CREATE_TIMEOUT_MS, &captured,
           err) == -1)
    return -1;
  if (WIFEXITED (captured.status) &&
      (WEXITSTATUS (captured.status) == 0 ||
       WEXITSTATUS (captured.status) == CHECK_LEAKS))
    return 0;
  if (strstr (captured.err, "Is another process using the image") != NULL)
    return 1;
  return report_failure ("qemu-img check", &captured, REASON_CONVERT, err);
}

int
qemu_img_reclaim (const struct qemu_img *qemu, int fd, struct error *err)
{
  static const char *const args[] = {
    "qemu-img", "check", "-q", "-r", "leaks", "-f", "qcow2", PASSED, NULL
  };
  CLEANUP_ARGV struct argv argv = { .ptr = NULL };
  CLEANUP_CAPTURED struct captured captured = { .out = NULL };
  struct subprocess_spec spec = SUBPROCESS_SPEC (&argv);

  if (argv_append_array (&argv, args, err) == -1)
    return -1;
  spec.passed_fds = &fd;
  spec.n_passed = 1;
  if (run (qemu, NULL, fd, CONFINE_WRITE, &spec, CREATE_TIMEOUT_MS, &captured,
           err) == -1)
    return -1;
  return captured.status == 0 ? 0
    : report_failure ("qemu-img check", &captured, REASON_WRITE, err);
}

/* Run in DIR, or DIR_FD if it is not -1, so that qemu sees a plain name
 * whatever the directory is called.
 */
static int
create_in (const struct qemu_img *qemu, const char *dir, int dir_fd,
           const char *path, int fd, unsigned allow, struct argv *argv,
           struct error *err)
{
  CLEANUP_FREE char *what = format (err, "qemu-img %s", argv->ptr[1]);
  CLEANUP_CAPTURED struct captured captured = { .out = NULL };
  struct subprocess_spec spec = SUBPROCESS_SPEC (argv);

  if (what == NULL)
    return -1;
  spec.cwd = dir;
  spec.cwd_fd = dir_fd;
  if (run (qemu, path, fd, allow, &spec, CREATE_TIMEOUT_MS, &captured,
           err) == -1)
    return -1;
  if (captured.status == 0)
    return 0;
  return report_failure (what, &captured,
                         strstr (captured.err, "No space left") != NULL
                         ? REASON_SPACE : REASON_WRITE, err);
}

static int
create (const struct qemu_img *qemu, const char *dir, const char *path,
        unsigned allow, struct argv *argv, struct error *err)
{
  return create_in (qemu, dir, -1, path, -1, allow, argv, err);
}

int
qemu_img_create_overlay (const struct qemu_img *qemu, const char *dir,
                         const char *name, const char *backing,
                         const char *backing_format, uint64_t size,
                         unsigned cluster, struct error *err)
{
  const char *const args[] = {
    "qemu-img", "create", "-q", "-u", "-f", "qcow2", "-F", backing_format,
    "-b", backing, "-o", NULL
  };
  CLEANUP_ARGV struct argv argv = { .ptr = NULL };

  if (argv_append_array (&argv, args, err) == -1 ||
      argv_appendf (&argv, err, "cluster_size=%u", cluster) == -1 ||
      argv_append (&argv, name, err) == -1 ||
      argv_appendf (&argv, err, "%" PRIu64, size) == -1)
    return -1;
  return create (qemu, dir, dir, CONFINE_MAKE, &argv, err);
}

int
qemu_img_rebase (const struct qemu_img *qemu, const char *dir,
                 const char *name, const char *backing,
                 const char *backing_format, struct error *err)
{
  const char *const args[] = {
    "qemu-img", "rebase", "-q", "-u", "-f", "qcow2", "-F", backing_format,
    "-b", backing, name, NULL
  };
  CLEANUP_ARGV struct argv argv = { .ptr = NULL };

  if (argv_append_array (&argv, args, err) == -1)
    return -1;
  return create (qemu, dir, dir, CONFINE_MAKE, &argv, err);
}

/* The file is there, and nothing else in its directory is qemu's business. */
static int
create_in_file (const struct qemu_img *qemu, int dir_fd, const char *name,
                struct argv *argv, struct error *err)
{
  CLEANUP_FD int fd = openat (dir_fd, name, O_PATH|O_NOFOLLOW|O_CLOEXEC);

  return fd == -1 ? error_errno (err, REASON_WRITE, "%s", name)
    : create_in (qemu, NULL, dir_fd, NULL, fd, CONFINE_WRITE, argv, err);
}

/* "./" keeps qemu from seeing a protocol in a name with a colon. */
int
qemu_img_create (const struct qemu_img *qemu, int dir_fd,
                 const char *name, uint64_t size, bool preallocate,
                 struct error *err)
{
  static const char *const args[] = {
    "qemu-img", "create", "-q", "-f", "qcow2", NULL
  };
  CLEANUP_ARGV struct argv argv = { .ptr = NULL };

  if (argv_append_array (&argv, args, err) == -1 ||
      (preallocate &&
       argv_append (&argv, "-opreallocation=falloc", err) == -1) ||
      argv_appendf (&argv, err, "./%s", name) == -1 ||
      argv_appendf (&argv, err, "%" PRIu64, size) == -1)
    return -1;
  return create_in_file (qemu, dir_fd, name, &argv, err);
}
