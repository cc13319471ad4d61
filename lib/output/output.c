/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <config.h>

#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include "base/argv.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/parse.h"
#include "base/quote.h"
#include "base/suggest.h"
#include "context.h"
#include "guest/guest.h"
#include "io/guard.h"
#include "output/output-internal.h"
#include "settings.h"

static const struct output_ops *const table[] = {
  &output_disk_ops,
  &output_device_ops,
  &output_nbd_ops,
  &output_null_ops,
};

const char *const output_modes[] = {
  "device", "disk", "local", "nbd", "null", NULL
};

static bool
is_one_of (const char *const *names, const char *name)
{
  for (; *names != NULL; names++)
    if (strcmp (*names, name) == 0)
      return true;
  return false;
}

static const struct output_ops *
find_ops (const char *mode)
{
  for (size_t i = 0; i < ARRAY_LEN (table); i++)
    if (is_one_of (table[i]->names, mode))
      return table[i];
  return NULL;
}

const struct output_option *
output_options (const char *mode)
{
  return find_ops (mode)->options;
}

static bool
has_option (const struct output_ops *ops, const char *key)
{
  for (const struct output_option *o = ops->options; o->name != NULL; o++)
    if (strcmp (o->name, key) == 0)
      return true;
  return false;
}

const char *
output_nth_option (const struct output *output, const char *key,
                   unsigned index)
{
  const struct argv *options = &output->settings->options;
  const size_t len = strlen (key);

  for (size_t i = 0; i < options->len; i++)
    if (strncmp (options->ptr[i], key, len) == 0 &&
        options->ptr[i][len] == '=' && index-- == 0)
      return options->ptr[i] + len + 1;
  return NULL;
}

int
output_one_option_each (const struct output *output, const char *key,
                        struct error *err)
{
  const unsigned wanted = (unsigned) output->guest->disks.len;
  unsigned n = 0;

  while (output_nth_option (output, key, n) != NULL)
    n++;
  if (n == wanted)
    return 0;
  error_set (err, REASON_USAGE,
             _("-o %s needs one '-oo %s=...' for each disk: the guest "
               "has %u, %u were given"),
             output->settings->mode, key, wanted, n);
  error_hint (err, strcmp (key, "path") == 0
              ? _("such as -oo path=/dev/vg/lv; lsblk lists block devices")
              : _("such as -oo uri=nbd://HOST/EXPORT; nbdinfo --list "
                  "nbd://HOST lists a server's exports"));
  return -1;
}

static int
check_known (const struct output *output, struct error *err)
{
  const struct argv *options = &output->settings->options;

  for (size_t i = 0; i < options->len; i++) {
    CLEANUP_FREE char *key = strndup (options->ptr[i],
                                      strcspn (options->ptr[i], "="));

    if (key == NULL)
      return error_nomem (err);
    if (!has_option (output->ops, key))
      return error_set (err, REASON_USAGE, _("-o %s has no option '-oo %s'"),
                        output->settings->mode, key);
  }
  return 0;
}

static int
parse_zero (struct output *output, struct error *err)
{
  static const char *const words[] = {
    [TARGET_ZERO_AUTO] = "auto", [TARGET_ZERO_WRITE] = "write",
    [TARGET_ZERO_DISCARD] = "discard", [TARGET_ZERO_SKIP] = "skip",
  };
  const char *value = argv_value (&output->settings->options, "zero");
  struct suggest suggest = SUGGEST_INIT (value);

  if (value == NULL)
    return 0;
  for (size_t i = 0; i < ARRAY_LEN (words); i++)
    if (strcmp (words[i], value) == 0) {
      output->zero = (enum target_zero) i;
      return 0;
    }
  error_set (err, REASON_USAGE,
             _("-oo zero: '%s' is none of auto, write, discard, skip"),
             value);
  for (size_t i = 0; i < ARRAY_LEN (words); i++)
    suggest_try (&suggest, words[i]);
  if (suggest.best != NULL)
    suggest_hint (&suggest, "-oo zero=", "", err);
  return -1;
}

/* "-oo compressed" alone means true. */
static int
parse_compressed (struct output *output, struct error *err)
{
  const struct argv *options = &output->settings->options;
  const char *value = argv_value (options, "compressed");

  output->compressed = argv_contains (options, "compressed");
  if (value != NULL &&
      parse_bool ("-oo compressed", value, &output->compressed, err) == -1)
    return -1;
  if (output->compressed && output->settings->format != OUTPUT_QCOW2)
    return error_set (err, REASON_USAGE,
                      _("-oo compressed needs -of qcow2"));
  if (output->compressed && output->settings->existing)
    return error_set (err, REASON_USAGE,
                      _("-oo compressed is for new files, "
                        "--changed-extents for existing ones"));
  return 0;
}

static int
check_settings (struct output *output, struct error *err)
{
  const struct output_settings *settings = output->settings;

  if (!output->ops->formats && settings->storage != NULL)
    return error_set (err, REASON_USAGE, _("-os is for -o disk only"));
  if (!output->ops->formats &&
      (settings->format != OUTPUT_RAW || settings->preallocated))
    return error_set (err, REASON_USAGE,
                      _("-of qcow2 and -oa preallocated are for -o disk "
                        "only"));
  if (settings->existing && settings->preallocated)
    return error_set (err, REASON_USAGE,
                      _("-oa preallocated is for new files, "
                        "--changed-extents for existing ones"));
  if (check_known (output, err) == -1 || parse_zero (output, err) == -1 ||
      parse_compressed (output, err) == -1)
    return -1;
  return output->ops->check != NULL ? output->ops->check (output, err) : 0;
}

struct output *
output_new (const struct output_settings *settings,
            const struct guest *guest, const struct launch_context *context,
            struct error *err)
{
  struct output *output = calloc (1, sizeof *output);

  if (output == NULL) {
    error_nomem (err);
    return NULL;
  }
  output->settings = settings;
  output->guest = guest;
  output->context = context;
  output->n = (unsigned) guest->disks.len;
  output->disks = calloc (output->n + 1, sizeof *output->disks);
  output->ops = find_ops (settings->mode);
  if (output->disks == NULL)
    error_nomem (err);
  else if (output->ops == NULL)
    error_set (err, REASON_USAGE, _("-o %s: there is no such output"),
               settings->mode);
  else if (check_settings (output, err) == 0)
    return output;
  output_free (output);
  return NULL;
}

static void
close_disk (struct output_disk_state *disk)
{
  target_free (disk->target);
  disk->target = NULL;
  qemu_nbd_free (disk->server);
  disk->server = NULL;
  qemu_nbd_free (disk->reader);
  disk->reader = NULL;
}

void
output_free (struct output *output)
{
  if (output == NULL)
    return;
  for (unsigned i = 0; output->disks != NULL && i < output->n; i++) {
    struct output_disk_state *disk = &output->disks[i];

    close_disk (disk);
    if (disk->part != NULL) {
      if (!output->keep)
        unlink (disk->part);
      guard_forget (output->context->guard, disk->part);
    }
    free (disk->part);
    free (disk->place);
  }
  free (output->disks);
  free (output);
}

static bool
is_same_file (const char *a, const char *b)
{
  struct stat st_a, st_b;

  return a != NULL && b != NULL && stat (a, &st_a) == 0 &&
    stat (b, &st_b) == 0 && st_a.st_dev == st_b.st_dev &&
    st_a.st_ino == st_b.st_ino;
}

static int
refuse_source (const struct output *output, unsigned index,
               struct error *err)
{
  const struct disks *disks = &output->guest->disks;
  const char *place = output->disks[index].place;

  for (size_t i = 0; i < disks->len; i++) {
    if (!is_same_file (location_local_path (&disks->ptr[i].location), place))
      continue;
    error_set (err, REASON_USAGE, _("%s is the source"), place);
    error_hint (err, _("copy to another place, or give the copy another "
                       "name with -on NAME"));
    return -1;
  }
  return 0;
}

int
output_check (struct output *output, struct error *err)
{
  for (unsigned i = 0; i < output->n; i++)
    if (output->ops->place != NULL &&
        (output->ops->place (output, i, err) == -1 ||
         refuse_source (output, i, err) == -1)) {
      err->disk = (int) i;
      return -1;
    }
  return 0;
}

int
output_try_disk (struct output *output, unsigned index, uint64_t size,
                 const char *socket_dir, struct error *err)
{
  struct target *target;

  if (!output->ops->existing && !output->settings->existing)
    return 0;
  if (output_open_disk (output, index, size, socket_dir, OUTPUT_NEW, &target,
                        err) == -1)
    return -1;
  close_disk (&output->disks[index]);
  return 0;
}

int
output_open_disk (struct output *output, unsigned index, uint64_t size,
                  const char *socket_dir, enum output_how how,
                  struct target **ret, struct error *err)
{
  close_disk (&output->disks[index]);
  if (output->ops->open != NULL &&
      output->ops->open (output, index, size, socket_dir, how, err) == -1) {
    err->disk = (int) index;
    return -1;
  }
  *ret = output->disks[index].target;
  return 0;
}

int
output_close (struct output *output, struct error *err)
{
  /* qemu-nbd writes a qcow2 file's metadata when it ends. */
  if (output_server_check (output, err) == -1)
    return -1;
  for (unsigned i = 0; i < output->n; i++)
    close_disk (&output->disks[i]);
  return 0;
}

int
output_commit (struct output *output, struct error *err)
{
  if (output_close (output, err) == -1)
    return -1;
  return output->ops->commit != NULL ? output->ops->commit (output, err) : 0;
}

bool
output_can_continue (const struct output *output)
{
  return !output->compressed;
}

unsigned
output_disk_count (const struct output *output)
{
  return output->n;
}

void
output_keep (struct output *output)
{
  output->keep = true;
}

const char *
output_part (const struct output *output, unsigned index)
{
  return output->disks[index].part;
}

char *
output_identity (const struct output *output, unsigned index,
                 struct error *err)
{
  const char *place = output->disks[index].place;
  CLEANUP_FREE char *part = NULL;
  struct stat st;
  char *ret;
  int r;

  if (output->ops->formats &&
      asprintf (&part, "%s.part", place) == -1) {
    part = NULL;
    error_nomem (err);
    return NULL;
  }
  if (stat (part != NULL ? part : place, &st) == -1) {
    if (part != NULL)
      return NULL;
    r = asprintf (&ret, "%s", place); /* a server's export */
  }
  else if (S_ISREG (st.st_mode))
    r = asprintf (&ret, "file %ju", (uintmax_t) st.st_ino);
  else
    r = asprintf (&ret, "device %ju", (uintmax_t) st.st_rdev);
  if (r == -1) {
    error_nomem (err);
    return NULL;
  }
  return ret;
}

char *
output_journal (const struct output *output, struct error *err)
{
  CLEANUP_FREE char *dir = NULL;
  char *ret;

  if (!output->ops->formats)
    return NULL;
  dir = realpath (output->settings->storage, NULL);
  if (dir == NULL) {
    error_errno (err, REASON_WRITE, "%s", output->settings->storage);
    return NULL;
  }
  if (asprintf (&ret, "%s/%s.journal", dir, output->guest->name) == -1) {
    error_nomem (err);
    return NULL;
  }
  return ret;
}

char *
output_socket (struct output *output, const char *dir, struct error *err)
{
  char *path;

  if (asprintf (&path, "%s/out%u", dir, output->sockets++) == -1) {
    error_nomem (err);
    return NULL;
  }
  return path;
}

const char *
output_space_dir (const struct output *output)
{
  return output->ops->formats && !output->compressed &&
    !output->settings->existing ? output->settings->storage : NULL;
}

const char *
output_target (const struct output *output, unsigned index)
{
  return output->disks[index].place;
}

const char *
output_format_name (const struct output *output)
{
  return output->settings->format == OUTPUT_QCOW2 ? "qcow2" : "raw";
}

int
output_server_check (const struct output *output, struct error *err)
{
  for (unsigned i = 0; i < output->n; i++)
    if (output->disks[i].server != NULL &&
        qemu_nbd_check (output->disks[i].server, err) == -1) {
      err->disk = (int) i;
      return -1;
    }
  return 0;
}

/*--- Reading back. ---*/

/* Can the page cache be gone round?  Then what comes is from storage. */
static bool
can_go_direct (const char *path)
{
  const int fd = open (path, O_RDONLY|O_DIRECT|O_CLOEXEC);

  close_if_open (fd);
  return fd != -1;
}

/* It is all on storage by now, so that the cache can forget it. */
static void
drop_cache (const char *path)
{
  CLEANUP_FD int fd = open (path, O_RDONLY|O_CLOEXEC);

  if (fd != -1 && fsync (fd) == 0)
    posix_fadvise (fd, 0, 0, POSIX_FADV_DONTNEED);
}

/* As qemu-nbd is to open the file NAME in its directory. */
static char *
reader_image (const struct output *output, const char *path,
              const char *name, struct error *err)
{
  CLEANUP_FREE char *doubled = escape_doubled (name, ',');
  struct stat st;
  char *ret;

  if (doubled != NULL &&
      asprintf (&ret, "driver=%s,cache.direct=%s,file.driver=%s,"
                "file.filename=./%s", output_format_name (output),
                can_go_direct (path) ? "on" : "off",
                stat (path, &st) == 0 && S_ISBLK (st.st_mode)
                ? "host_device" : "file", doubled) != -1)
    return ret;
  error_nomem (err);
  return NULL;
}

static int
start_reader (struct output *output, unsigned index, const char *path,
              const char *socket_dir, struct error *err)
{
  CLEANUP_FREE char *real = realpath (path, NULL);
  CLEANUP_FREE char *socket = output_socket (output, socket_dir, err);
  CLEANUP_FREE char *dir = NULL;
  CLEANUP_FREE char *image = NULL;
  const char *name;

  if (real == NULL)
    return error_errno (err, REASON_VERIFY, "%s", path);
  name = strrchr (real, '/') + 1;
  dir = strndup (real, (size_t) (name - real));
  image = reader_image (output, real, name, err);
  if (dir == NULL || socket == NULL || image == NULL)
    return error_nomem (err);
  drop_cache (real);
  output->disks[index].reader = qemu_nbd_new (&(struct qemu_nbd_spec) {
      .socket = socket, .dir = dir, .image = image, .image_opts = true,
      .mode = QEMU_NBD_READ, .disk = (int) index,
    }, output->context->supervisor, output->context->events, err);
  return output->disks[index].reader != NULL ? 0 : -1;
}

const char *
output_serve (struct output *output, unsigned index, const char *socket_dir,
              struct error *err)
{
  struct output_disk_state *disk = &output->disks[index];
  const char *path = disk->part != NULL ? disk->part : disk->place;

  if (output->ops->existing && access (path, F_OK) == -1)
    return path;                /* an NBD export, of which this is the URI */
  if (start_reader (output, index, path, socket_dir, err) == -1)
    return NULL;
  return qemu_nbd_uri (disk->reader);
}

void
output_unserve (struct output *output, unsigned index)
{
  qemu_nbd_free (output->disks[index].reader);
  output->disks[index].reader = NULL;
}
