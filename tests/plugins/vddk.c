/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A stand-in for nbdkit-vddk-plugin, whose library is proprietary.  It
 * takes the same parameters, checks what the real one checks at the same
 * moments, and serves files of a directory as a server's datastores.  It also
 * stands for the nfc plugin, which takes the parameters that virt-v2v gives it.
 *
 * The environment tells it how to behave:
 *
 * VDDK_STANDIN_PLUGIN      "nfc": it is that one, and has no library
 * VDDK_STANDIN_ROOT        "[ds] vm/vm.vmdk" is ds/vm/vm.vmdk in there; the
 *                          content is served as it is
 * VDDK_STANDIN_USER        who may log in; unset: everybody
 * VDDK_STANDIN_PASSWORD    and with what
 * VDDK_STANDIN_THUMBPRINT  the server's
 * VDDK_STANDIN_VM          the "moref=..." that exists
 * VDDK_STANDIN_REPORT      file to which is written what was asked for
 * VDDK_STANDIN_MAX_HANDLES further opens are refused, all nbdkits with the
 *                          same report counted
 * VDDK_STANDIN_MAX_READ    larger reads fail, as those above NFC's limits
 * VDDK_STANDIN_LIBRARY     "missing": libvixDiskLib is not installed;
 *                          "wrong": it is another library of that name
 *
 * Texts that begin with VixDiskLib_ are the library's; where we do not know
 * how it words a refusal, they are ours.
 */

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NBDKIT_API_VERSION 2
#include <nbdkit-plugin.h>

#define THREAD_MODEL NBDKIT_THREAD_MODEL_PARALLEL

#define SECTOR 512
#define CHUNK (128 * SECTOR)    /* granularity of QueryAllocatedBlocks */
#define LIBRARY "libvixDiskLib.so.8"

/* The parameters; those with a value that nothing here depends on are only
 * kept for the report.
 */
enum kind { TEXT, PATH, NUMBER, BOOLEAN, COMPRESSION, PASSWORD, IGNORED };

enum { VDDK = 1, NFC = 2, BOTH = VDDK|NFC };

struct parameter {
  const char *name;
  enum kind kind;
  bool remote;                  /* asks for a server */
  unsigned plugins;             /* which have it */
  char *value;
};

static struct parameter parameters[] = {
  { "compression", COMPRESSION, false, VDDK, NULL },
  { "config", PATH, false, VDDK, NULL },
  { "cookie", TEXT, true, BOTH, NULL },
  { "file", TEXT, false, BOTH, NULL },
  { "insecure", BOOLEAN, true, NFC, NULL },
  { "libdir", PATH, false, VDDK, NULL },
  { "nfchostport", NUMBER, true, BOTH, NULL },
  { "password", PASSWORD, true, BOTH, NULL },
  { "port", NUMBER, true, BOTH, NULL },
  { "server", TEXT, true, BOTH, NULL },
  { "single-link", BOOLEAN, false, VDDK, NULL },
  { "snapshot", TEXT, true, BOTH, NULL },
  { "thumbprint", TEXT, true, BOTH, NULL },
  { "transports", TEXT, true, VDDK, NULL },
  { "unbuffered", BOOLEAN, false, VDDK, NULL },
  { "user", TEXT, true, BOTH, NULL },
  { "vimapiver", IGNORED, false, VDDK, NULL },
  { "vm", TEXT, true, BOTH, NULL },
  { NULL, IGNORED, false, BOTH, NULL }
};

static bool remote;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
  unsigned opens, refused, handles, max_handles, reads, extents;
  uint32_t max_read;
  uint64_t bytes;
} counts;

struct handle {
  int fd;
  int session_fd;               /* or -1 */
  int64_t size;
};

static struct parameter *
parameter_find (const char *name)
{
  for (struct parameter *p = parameters; p->name != NULL; p++)
    if (strcmp (p->name, name) == 0)
      return p;
  return NULL;
}

static bool
is_nfc (void)
{
  const char *plugin = getenv ("VDDK_STANDIN_PLUGIN");

  return plugin != NULL && strcmp (plugin, "nfc") == 0;
}

static const char *
value_of (const char *name)
{
  return parameter_find (name)->value;
}

static unsigned
number_in_environment (const char *name)
{
  const char *value = getenv (name);

  return value ? (unsigned) strtoul (value, NULL, 10) : 0;
}

/* Does the value equal what the environment expects, if it does? */
static bool
is_as_expected (const char *value, const char *variable)
{
  const char *expected = getenv (variable);

  return expected == NULL || (value != NULL && strcmp (value, expected) == 0);
}

static void
write_counts (FILE *fp)
{
  fprintf (fp, "opens=%u\nrefused=%u\nhandles=%u\nmax_handles=%u\n"
           "reads=%u\nmax_read=%u\nbytes=%llu\nextents=%u\n",
           counts.opens, counts.refused, counts.handles, counts.max_handles,
           counts.reads, (unsigned) counts.max_read,
           (unsigned long long) counts.bytes, counts.extents);
}

/* Called with the lock held.  Often, since nbdkit may be killed. */
static void
write_report (void)
{
  const char *path = getenv ("VDDK_STANDIN_REPORT");
  FILE *fp = path ? fopen (path, "w") : NULL;

  if (fp == NULL)
    return;
  for (const struct parameter *p = parameters; p->name != NULL; p++)
    if (p->value != NULL)
      fprintf (fp, "%s=%s\n", p->name,
               p->kind == PASSWORD ? "(given)" : p->value);
  write_counts (fp);
  fclose (fp);
}

static void
vddk_unload (void)
{
  pthread_mutex_lock (&lock);
  write_report ();
  pthread_mutex_unlock (&lock);
  for (struct parameter *p = parameters; p->name != NULL; p++)
    free (p->value);
}

static int
check_value (const struct parameter *p, const char *value)
{
  uint16_t number;

  switch (p->kind) {
  case NUMBER:
    return nbdkit_parse_uint16_t (p->name, value, &number);
  case BOOLEAN:
    return nbdkit_parse_bool (value) == -1 ? -1 : 0;
  case COMPRESSION:
    if (strcmp (value, "none") != 0 && strcmp (value, "zlib") != 0 &&
        strcmp (value, "fastlz") != 0 && strcmp (value, "skipz") != 0) {
      nbdkit_error ("unknown compression type: %s", value);
      return -1;
    }
    return 0;
  default:
    return 0;
  }
}

static int
vddk_config (const char *key, const char *value)
{
  struct parameter *p = parameter_find (key);

  if (p == NULL || (p->plugins & (is_nfc () ? NFC : VDDK)) == 0) {
    nbdkit_error ("unknown parameter '%s'", key);
    return -1;
  }
  if (check_value (p, value) == -1)
    return -1;
  free (p->value);
  p->value = NULL;
  remote |= p->remote;
  switch (p->kind) {
  case PASSWORD:
    return nbdkit_read_password (value, &p->value);
  case PATH:
    p->value = nbdkit_realpath (value);
    return p->value ? 0 : -1;
  case IGNORED:
    return 0;
  default:
    p->value = strdup (value);
    return p->value ? 0 : -1;
  }
}

/* Where the library would be found, or NULL. */
static char *
find_library (void)
{
  static const char *const directories[] = { "/lib64/", "/", NULL };
  const char *libdir = value_of ("libdir");
  const char *library = getenv ("VDDK_STANDIN_LIBRARY");
  char *path;

  if (libdir == NULL)           /* in the default place */
    return library && strcmp (library, "missing") == 0
      ? NULL : strdup (LIBRARY);
  for (size_t i = 0; directories[i] != NULL; i++) {
    if (asprintf (&path, "%s%s%s", libdir, directories[i], LIBRARY) == -1)
      return NULL;
    if (access (path, R_OK) == 0)
      return path;
    free (path);
  }
  return NULL;
}

static bool
is_wrong_library (void)
{
  const char *library = getenv ("VDDK_STANDIN_LIBRARY");

  return library != NULL && strcmp (library, "wrong") == 0;
}

static int
load_library (void)
{
  char *path = find_library ();

  if (is_nfc ()) {
    free (path);
    return 0;
  }
  if (is_wrong_library ()) {
    free (path);
    nbdkit_error ("required VDDK symbol \"VixDiskLib_InitEx\" is missing");
    return -1;
  }
  if (path != NULL) {
    free (path);
    return 0;
  }
  nbdkit_error ("%s%s: cannot open shared object file: "
                "No such file or directory\n\n"
                "If '%s' is located on a non-standard path you may need to "
                "set libdir=/path/to/vmware-vix-disklib-distrib.",
                value_of ("libdir") ? value_of ("libdir") : "",
                value_of ("libdir") ? "/lib64/" LIBRARY : LIBRARY, LIBRARY);
  return -1;
}

static int
vddk_config_complete (void)
{
  static const char *const needed[] =
    { "server", "user", "password", "vm", NULL };

  if (value_of ("file") == NULL) {
    nbdkit_error ("you must supply the file=<FILENAME> parameter "
                  "after the plugin name on the command line");
    return -1;
  }
  for (size_t i = 0; remote && needed[i] != NULL; i++)
    if (value_of (needed[i]) == NULL) {
      nbdkit_error ("remote connection requested, missing parameter: %s",
                    needed[i]);
      return -1;
    }
  return load_library ();
}

#define vddk_config_help \
  "[file=]<FILENAME>     (required) The filename (eg. VMDK file) to serve.\n" \
  "Many optional parameters are supported, see nbdkit-vddk-plugin(1)."

static void
vddk_dump_plugin (void)
{
  char *library = find_library ();

  if (is_nfc ()) {
    free (library);
    return;
  }
  if (is_wrong_library ()) {
    load_library ();            /* for its message */
    exit (EXIT_FAILURE);
  }
  printf ("vddk_default_libdir=/usr/lib/vmware-vix-disklib\n");
  printf ("vddk_has_nfchostport=1\n");
  if (library != NULL) {
    printf ("vddk_library_version=8\n");
    printf ("vddk_dll=%s\n", library);
    printf ("VixDiskLib_QueryAllocatedBlocks=1\n");
  }
  free (library);
}

/* What the server says to who wants to log in; NULL: welcome. */
static const char *
refusal (void)
{
  if (!remote || getenv ("VDDK_STANDIN_REFUSAL") != NULL)
    return getenv ("VDDK_STANDIN_REFUSAL");
  if (value_of ("thumbprint") == NULL && !is_nfc ())
    return "The SSL thumbprint of the server is not given";
  if (!is_as_expected (value_of ("thumbprint"), "VDDK_STANDIN_THUMBPRINT"))
    return "SSL Exception: Verification parameters: thumbprint mismatch";
  if (!is_as_expected (value_of ("user"), "VDDK_STANDIN_USER") ||
      !is_as_expected (value_of ("password"), "VDDK_STANDIN_PASSWORD"))
    return "Cannot complete login due to an incorrect user name or password";
  if (strncmp (value_of ("vm"), "moref=", 6) != 0 ||
      !is_as_expected (value_of ("vm"), "VDDK_STANDIN_VM"))
    return "The object has already been deleted or has not been "
      "completely created";
  return NULL;
}

/* The local path of "[datastore] directory/file", or NULL. */
static char *
local_path (const char *file)
{
  const char *root = getenv ("VDDK_STANDIN_ROOT");
  const char *end = file[0] == '[' ? strchr (file, ']') : NULL;
  char *path;

  if (!remote)
    return strdup (file);
  if (root == NULL || end == NULL || end[1] != ' ' ||
      strstr (file, "..") != NULL)
    return NULL;
  if (asprintf (&path, "%s/%.*s/%s", root, (int) (end - file - 1), file + 1,
                end + 2) == -1)
    return NULL;
  return path;
}

static struct handle *
open_disk (const char *file)
{
  struct handle *h = calloc (1, sizeof *h);
  char *path = local_path (file);
  struct stat st;

  if (h == NULL || path == NULL) {
    nbdkit_error ("VixDiskLib_Open: %s: A file was not found", file);
    goto fail;
  }
  h->fd = open (path, O_RDONLY|O_CLOEXEC);
  if (h->fd == -1) {
    nbdkit_error ("VixDiskLib_Open: %s: A file was not found", file);
    goto fail;
  }
  if (fstat (h->fd, &st) == -1 || !S_ISREG (st.st_mode)) {
    nbdkit_error ("VixDiskLib_Open: %s: The file specified is not a "
                  "virtual disk", file);
    close (h->fd);
    goto fail;
  }
  h->size = st.st_size / SECTOR * SECTOR;
  free (path);
  return h;

 fail:
  free (path);
  free (h);
  return NULL;
}

/* One of the server's sessions: a byte of a file that we lock, so that all
 * nbdkits share them and a killed one gives its own back.  0 is success,
 * with *fd being what holds it.
 */
static int
take_session (int *fd)
{
  const unsigned limit = number_in_environment ("VDDK_STANDIN_MAX_HANDLES");
  const char *report = getenv ("VDDK_STANDIN_REPORT");
  char *path;

  *fd = -1;
  if (limit == 0 || report == NULL)
    return 0;
  if (asprintf (&path, "%s.sessions", report) == -1)
    return -1;
  *fd = open (path, O_RDWR|O_CREAT|O_CLOEXEC, 0600);
  free (path);
  for (unsigned i = 0; *fd != -1 && i < limit; i++) {
    struct flock byte = { .l_type = F_WRLCK, .l_start = i, .l_len = 1 };

    if (fcntl (*fd, F_OFD_SETLK, &byte) == 0)
      return 0;
  }
  if (*fd != -1)
    close (*fd);
  return -1;
}

static void
count_open (void)
{
  pthread_mutex_lock (&lock);
  counts.opens++;
  counts.handles++;
  if (counts.handles > counts.max_handles)
    counts.max_handles = counts.handles;
  write_report ();
  pthread_mutex_unlock (&lock);
}

static void
count_refused (void)
{
  pthread_mutex_lock (&lock);
  counts.refused++;
  write_report ();
  pthread_mutex_unlock (&lock);
}

static void
count_close (void)
{
  pthread_mutex_lock (&lock);
  counts.handles--;
  write_report ();
  pthread_mutex_unlock (&lock);
}

static void *
vddk_open (int readonly __attribute__ ((unused)))
{
  const char *why = refusal ();
  struct handle *h;
  int session_fd;

  if (why != NULL) {
    nbdkit_error ("VixDiskLib_ConnectEx: %s", why);
    return NULL;
  }
  if (take_session (&session_fd) == -1) {
    count_refused ();
    nbdkit_error ("VixDiskLib_ConnectEx: The maximum number of sessions "
                  "has been exceeded");
    return NULL;
  }
  h = open_disk (value_of ("file"));
  if (h == NULL) {
    if (session_fd != -1)
      close (session_fd);
    return NULL;
  }
  h->session_fd = session_fd;
  count_open ();
  return h;
}

static void
vddk_close (void *handle)
{
  struct handle *h = handle;

  close (h->fd);
  if (h->session_fd != -1)
    close (h->session_fd);
  free (h);
  count_close ();
}

static int64_t
vddk_get_size (void *handle)
{
  const struct handle *h = handle;

  return h->size;
}

#if NBDKIT_VERSION_MINOR >= 30
static int
vddk_block_size (void *handle __attribute__ ((unused)),
                 uint32_t *minimum, uint32_t *preferred, uint32_t *maximum)
{
  *minimum = SECTOR;
  *preferred = 4096;
  *maximum = UINT32_MAX;
  return 0;
}
#endif

static int
check_aligned (const char *what, uint64_t n)
{
  if (n % SECTOR == 0)
    return 0;
  nbdkit_error ("%s is not aligned to sectors", what);
  errno = EINVAL;
  return -1;
}

static int
check_limits (uint32_t count)
{
  const unsigned limit = number_in_environment ("VDDK_STANDIN_MAX_READ");

  pthread_mutex_lock (&lock);
  counts.reads++;
  counts.bytes += count;
  if (count > counts.max_read)
    counts.max_read = count;
  pthread_mutex_unlock (&lock);
  if (limit == 0 || count <= limit)
    return 0;
  nbdkit_error ("[NFC ERROR] NfcFssrvrProcessErrorMsg: received NFC error 5 "
                "from server: Failed to allocate the requested %u bytes",
                (unsigned) count + 24);
  nbdkit_error ("VixDiskLib_Read: Memory allocation failed. Out of memory.");
  errno = ENOMEM;
  return -1;
}

static int
vddk_pread (void *handle, void *buf, uint32_t count, uint64_t offset,
            uint32_t flags __attribute__ ((unused)))
{
  const struct handle *h = handle;
  char *p = buf;

  if (check_aligned ("offset", offset) == -1 ||
      check_aligned ("size", count) == -1 || check_limits (count) == -1)
    return -1;
  while (count > 0) {
    const ssize_t n = pread (h->fd, p, count, (off_t) offset);

    if (n <= 0) {
      nbdkit_error ("VixDiskLib_Read: %s",
                    n == 0 ? "end of file" : strerror (errno));
      return -1;
    }
    p += n;
    count -= (uint32_t) n;
    offset += (uint64_t) n;
  }
  return 0;
}

static int
vddk_can_extents (void *handle __attribute__ ((unused)))
{
  const char *single_link = value_of ("single-link");

  /* The library cannot ask a single link. */
  return single_link == NULL || nbdkit_parse_bool (single_link) == 0;
}

/* The length of the data or the hole (*type) at OFFSET, in chunks as the
 * library gives them.
 */
static uint64_t
extent_at (const struct handle *h, uint64_t offset, uint32_t *type)
{
  const off_t data = lseek (h->fd, (off_t) offset, SEEK_DATA);
  uint64_t end;

  if (data == -1) {             /* nothing but a hole up to the end */
    *type = NBDKIT_EXTENT_HOLE | NBDKIT_EXTENT_ZERO;
    return (uint64_t) h->size - offset;
  }
  if ((uint64_t) data / CHUNK > offset / CHUNK) {
    *type = NBDKIT_EXTENT_HOLE | NBDKIT_EXTENT_ZERO;
    end = (uint64_t) data / CHUNK * CHUNK;
  }
  else {
    *type = 0;
    end = (uint64_t) lseek (h->fd, data, SEEK_HOLE);
    end = (end + CHUNK - 1) / CHUNK * CHUNK;
  }
  return (end < (uint64_t) h->size ? end : (uint64_t) h->size) - offset;
}

static int
vddk_extents (void *handle, uint32_t count, uint64_t offset,
              uint32_t flags, struct nbdkit_extents *extents)
{
  const struct handle *h = handle;
  const uint64_t end = offset + count;

  pthread_mutex_lock (&lock);
  counts.extents++;
  pthread_mutex_unlock (&lock);
  while (offset < end) {
    uint32_t type;
    const uint64_t length = extent_at (h, offset, &type);

    if (nbdkit_add_extent (extents, offset, length, type) == -1)
      return -1;
    offset += length;
    if (flags & NBDKIT_FLAG_REQ_ONE)
      break;
  }
  return 0;
}

static struct nbdkit_plugin plugin = {
  .name = "vddk",
  .longname = "stand-in for the VMware VDDK plugin",
  .version = NBDKIT_VERSION_STRING,
  .unload = vddk_unload,
  .config = vddk_config,
  .config_complete = vddk_config_complete,
  .config_help = vddk_config_help,
  .magic_config_key = "file",
  .dump_plugin = vddk_dump_plugin,
  .open = vddk_open,
  .close = vddk_close,
  .get_size = vddk_get_size,
#if NBDKIT_VERSION_MINOR >= 30
  .block_size = vddk_block_size,
#endif
  .pread = vddk_pread,
  .can_extents = vddk_can_extents,
  .extents = vddk_extents,
};

NBDKIT_REGISTER_PLUGIN (plugin)
