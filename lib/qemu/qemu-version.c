/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Asks qemu-img and qemu-nbd for their versions, which come from one package
 * but need not be found in one directory of PATH.
 */

#include <config.h>

#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "base/argv.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "io/subprocess.h"
#include "qemu/qemu-version.h"

#define VERSION_TIMEOUT_MS 10000

/* The oldest qemu-nbd with --allocation-depth, which tells what a conversion
 * has written from what is still the source's.
 */
#define MIN_MAJOR 5
#define MIN_MINOR 2

static int
hint_install (struct error *err)
{
  error_hint (err, _("install it: apt install qemu-utils (Debian), dnf "
                     "install qemu-img (Fedora)"));
  return -1;
}

int
qemu_not_installed (const char *program, struct error *err)
{
  error_reset (err);
  error_set (err, REASON_INTERNAL, _("%s was not found"), program);
  return hint_install (err);
}

/* A program that is asked for its version. */
struct question {
  const char *program;
  struct argv argv;
  struct capture *capture;
};

static int
ask (struct question *question, const char *program,
     struct supervisor *supervisor, struct error *err)
{
  struct subprocess_spec spec = SUBPROCESS_SPEC (&question->argv);
  const char *const args[] = { program, "--version", NULL };

  *question = (struct question) { .program = program };
  if (argv_append_array (&question->argv, args, err) == -1)
    return -1;
  spec.own_group = true;
  question->capture = capture_begin (supervisor, &spec, err);
  if (question->capture != NULL)
    return 0;
  return errno == ENOENT || errno == EACCES
    ? qemu_not_installed (program, err) : -1;
}

static int
read_answer (struct question *question, char **ret, struct error *err)
{
  CLEANUP_CAPTURED struct captured captured = { .out = NULL };
  struct capture *capture = STEAL (question->capture);

  if (capture_end (capture, VERSION_TIMEOUT_MS, &captured, err) == -1)
    return -1;
  if (captured.status != 0)
    return error_set (err, REASON_INTERNAL, _("%s --version failed"),
                      question->program);
  *ret = format (err, "%.*s", (int) strcspn (captured.out, "\n"),
                 captured.out);
  return *ret != NULL ? 0 : -1;
}

static void
question_reset (struct question *question)
{
  capture_free (question->capture);
  argv_reset (&question->argv);
}

int
qemu_version (const char *program, struct supervisor *supervisor, char **ret,
              struct error *err)
{
  struct question question;
  const int r = ask (&question, program, supervisor, err) == -1 ? -1
    : read_answer (&question, ret, err);

  question_reset (&question);
  return r;
}

/* "qemu-img version 7.2.22 (Debian 1:7.2+dfsg-7)", "qemu-nbd 7.2.22 (...)". */
int
qemu_version_judge (const char *program, const char *version,
                    struct error *err)
{
  const char *number = strpbrk (version, "0123456789");
  unsigned major, minor;

  if (number == NULL || sscanf (number, "%u.%u", &major, &minor) != 2)
    return error_set (err, REASON_INTERNAL,
                      _("%s --version prints a version that cannot be "
                        "parsed: %s"), program, version);
  if (major > MIN_MAJOR || (major == MIN_MAJOR && minor >= MIN_MINOR))
    return 0;
  error_set (err, REASON_INTERNAL,
             _("%s %u.%u is too old, version %d.%d or later is needed"),
             program, major, minor, MIN_MAJOR, MIN_MINOR);
  return hint_install (err);
}

static int
judge (struct question *question, struct error *err)
{
  CLEANUP_FREE char *version = NULL;

  return read_answer (question, &version, err) == -1 ? -1
    : qemu_version_judge (question->program, version, err);
}

/* Both at once: each takes 25 ms, in which nothing else can happen. */
int
qemu_versions_check (struct supervisor *supervisor, struct error *err)
{
  struct question img, nbd = { .program = NULL };
  const int r = ask (&img, "qemu-img", supervisor, err) == -1 ||
    ask (&nbd, "qemu-nbd", supervisor, err) == -1 ||
    judge (&img, err) == -1 ? -1 : judge (&nbd, err);

  question_reset (&img);
  question_reset (&nbd);
  return r;
}
