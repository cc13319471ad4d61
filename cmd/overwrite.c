/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Refuses to overwrite disks and guests with --log, --machine-readable,
 * --report or --result-file, what runs have told with a page or a log, what
 * the same command line reads, and one of these with another.  base/outfile.c
 * writes files.
 */

#include <config.h>

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/outfile.h"
#include "guest/suggest-source.h"
#include "options-words.h"
#include "options.h"
#include "output/place.h"
#include "overwrite.h"
#include "source/source.h"

/* A text file has no NUL bytes; a disk image has some in its first 4 KiB. */
static bool
is_binary (const char *path)
{
  CLEANUP_FD int fd = open (path, O_RDONLY|O_CLOEXEC|O_NONBLOCK|O_NOCTTY);
  char buf[4096];
  const ssize_t n = fd == -1 ? -1 : pread (fd, buf, sizeof buf, 0);

  return n > 0 && memchr (buf, '\0', (size_t) n) != NULL;
}

static bool
is_guest (const char *path)
{
  struct stat st;

  if (outfile_is_descriptor (path) || stat (path, &st) == -1)
    return false;
  if (!S_ISREG (st.st_mode))
    return S_ISBLK (st.st_mode);
  return st.st_size > 0 &&
    (is_binary (path) || suggest_input (path) != NULL);
}

static int
refuse (const char *option, struct error *err)
{
  error_hint (err, _("was the option's value forgotten?  if not, remove the "
                     "file"));
  error_wrap (err, "%s", option);
  return -1;
}

int
overwrite_refuse_guests (const char *option, const char *path,
                         struct error *err)
{
  if (!is_guest (path))
    return 0;
  error_set (err, REASON_USAGE, _("%s is a disk or describes a guest: it "
                                  "is not overwritten"), path);
  return refuse (option, err);
}

/* As report-json.c begins all objects. */
static bool
is_json_of_ours (const char *path)
{
  static const char begin[] = "{\"type\":\"";
  CLEANUP_FD int fd = open (path, O_RDONLY|O_CLOEXEC|O_NONBLOCK|O_NOCTTY);
  char buf[sizeof begin - 1];
  struct stat st;

  return fd != -1 && fstat (fd, &st) == 0 && S_ISREG (st.st_mode) &&
    pread (fd, buf, sizeof buf, 0) == (ssize_t) sizeof buf &&
    memcmp (buf, begin, sizeof buf) == 0;
}

int
overwrite_refuse_results (const char *option, const char *path,
                          struct error *err)
{
  struct stat st;

  /* Another reader of a FIFO could be taken for the one that is meant. */
  if (outfile_is_descriptor (path) || stat (path, &st) == -1 ||
      !S_ISREG (st.st_mode) || !is_json_of_ours (path))
    return 0;
  /* Where another user's link leads is not ours to tell. */
  if (outfile_try (path, err) == -1) {
    error_wrap (err, "%s", option);
    return -1;
  }
  error_set (err, REASON_USAGE, _("%s is what a run has told in JSON: it is "
                                  "not overwritten"), path);
  return refuse (option, err);
}

/* Descriptors, FIFOs and /dev/null take what comes from several. */
static bool
is_replaced (const char *path)
{
  struct stat st;

  return path != NULL && !outfile_is_descriptor (path) &&
    (stat (path, &st) == -1 || S_ISREG (st.st_mode));
}

static int
refuse_shared (const char *first, const char *second, const char *path,
               struct error *err)
{
  return error_set (err, REASON_USAGE,
                    _("%s and %s name the same file, %s"), first, second,
                    path);
}

/* The file that WORD names for reading, and what it is to be called in a
 * message, which the caller frees.  NULL: it names none.
 */
static const char *
file_read (const struct word *word, char **name, struct error *err)
{
  const char *value;

  if (word->row == NULL) {
    *name = alloc_copy ("SOURCE", err);
    return word->text;
  }
  if (word->row->reads) {
    *name = format (err, "%s%s", option_dashes (word->row), word->row->name);
    return word->text;
  }
  if (strcmp (word->row->name, "io") != 0 ||
      (value = strchr (word->text, '=')) == NULL)
    return NULL;
  *name = format (err, "-io %.*s", (int) (value - word->text), word->text);
  return *name != NULL && source_option_reads (*name + strlen ("-io "))
    ? value + 1 : NULL;
}

int
overwrite_refuse_read (const struct options *options, const char *option,
                       const char *path, struct error *err)
{
  struct words words = WORDS_INIT (options->arguments);
  struct word word;
  int r;

  while (is_replaced (path)) {
    CLEANUP_ERROR struct error ignored = ERROR_INIT;
    CLEANUP_FREE char *name = NULL;
    const char *file;

    r = words_next (&words, &word, &ignored);
    if (r == 0)
      break;
    file = r == 1 ? file_read (&word, &name, err) : NULL;
    if (error_is_set (err))
      return -1;
    if (file != NULL && access (file, F_OK) == 0 &&
        place_same_name (file, path))
      return refuse_shared (option, name, path, err);
  }
  return 0;
}

static const char *
machine_path (const struct options *options)
{
  const char *stream = options->machine_stream;

  return options->machine_readable && stream != NULL &&
    strncmp (stream, "file:", 5) == 0 ? stream + 5 : NULL;
}

int
overwrite_refuse_shared (const struct options *options, struct error *err)
{
  const struct {
    const char *option, *path;
  } files[] = {
    { "--log", options->log },
    { "--machine-readable", machine_path (options) },
    { "--report", options->report },
    { "--result-file", options->result_file },
    { "--status-file", options->status_file },
  };

  for (size_t i = 0; i < ARRAY_LEN (files); i++) {
    if (overwrite_refuse_read (options, files[i].option, files[i].path,
                               err) == -1)
      return -1;
    for (size_t j = 0; j < i && is_replaced (files[i].path); j++)
      if (is_replaced (files[j].path) &&
          place_same_name (files[i].path, files[j].path))
        return refuse_shared (files[j].option, files[i].option,
                              files[i].path, err);
  }
  return 0;
}
