/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Runs that only print: --dry-run and --print-source.  lib/guest makes the
 * texts of the latter, lib/nbdkit/cmd.c prints command lines.
 */

#include <config.h>

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/argv.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/events.h"
#include "base/visible.h"
#include "guest/guest-text.h"
#include "guest/guest.h"
#include "image/image.h"
#include "io/leftover.h"
#include "io/reader.h"
#include "launch/launch.h"
#include "nbdkit/cmd.h"
#include "run-internal.h"

/* With the private directory as nbdkit_cmd_print has it. */
static void
print_for_shell (const struct argv *argv)
{
  static const char dir[] = "$" LEFTOVER_VARIABLE;

  for (size_t i = 0; i < argv->len; i++) {
    const char *word = argv->ptr[i], *in_dir = strstr (word, dir);

    if (in_dir != NULL && in_dir[-1] == '=')
      printf ("%.*s\"%s\"%s", (int) (in_dir - word), word, dir,
              in_dir + strlen (dir));
    else
      shell_quote (stdout, word);
    putchar (' ');
  }
  puts ("&");
}

/* What a disk's nbdkit reads from, where that is started too. */
static int
print_below (struct run *run, const struct plan *disk_plan,
             const struct nbdkit_cmd *command, int index, struct error *err)
{
  CLEANUP_ARGV struct argv argv = { .ptr = NULL };
  CLEANUP_FREE char *socket = NULL;

  if (disk_plan->source->print_below == NULL)
    return 0;
  socket = format (err, "$%s/%s" SOURCE_BELOW_SUFFIX, LEFTOVER_VARIABLE,
                   command->name);
  if (socket == NULL ||
      disk_plan->source->print_below (&disk_plan->request, socket, &argv,
                                      err) == -1)
    return -1;
  if (run->options->machine_readable)
    events_emit (run->context.events, &(struct event) {
        .type = EVENT_COMMAND, .disk = index, .program = argv.ptr[0],
        .argv = &argv });
  else
    print_for_shell (&argv);
  return 0;
}

/* The commands of each disk in the order in which they are started: what finds
 * out whether the source takes more than one client, the nbdkit under the
 * overlay, and the copy's own.
 */
static int
print_disk_plan (struct run *run, const struct plan *disk_plan, int index,
                 struct error *err)
{
  const struct nbdkit_cmd *commands[] = {
    disk_plan->single_cmd, disk_plan->overlay_cmd, disk_plan->copy_cmd
  };

  for (size_t i = 0; i < ARRAY_LEN (commands); i++) {
    CLEANUP_ARGV struct argv argv = { .ptr = NULL };

    if (commands[i] == NULL)
      continue;
    if (print_below (run, disk_plan, commands[i], index, err) == -1)
      return -1;
    if (!run->options->machine_readable) {
      if (nbdkit_cmd_print (commands[i], stdout, err) == -1)
        return -1;
      continue;
    }
    if (nbdkit_cmd_render (commands[i], "$" LEFTOVER_VARIABLE, &argv,
                           err) == -1)
      return -1;
    events_emit (run->context.events, &(struct event) {
        .type = EVENT_COMMAND, .disk = index, .program = "nbdkit",
        .argv = &argv, .env = &commands[i]->env,
        .files = &commands[i]->descriptors });
  }
  return 0;
}

static int
print_plan (struct run *run, struct error *err)
{
  for (unsigned i = 0; i < launch_disk_count (run->launch); i++)
    if (print_disk_plan (run, &launch_disk (run->launch, i)->plan, (int) i,
                         err) == -1)
      return -1;
  return 0;
}

int
run_dry_run (struct run *run, struct error *err)
{
  static const struct step step_print_plan = {
    print_plan, EXIT_STATUS_HOST, NULL, NULL
  };
  const struct options *options = run->options;
  const bool with_copy = options->run == NULL &&
    (!options->in_place || options->changed_extents.len > 0);
  const struct step *const steps[] = {
    &step_discover, &step_read_guest,
    with_copy ? &step_plan_with_copy : &step_plan, &step_print_plan, NULL
  };

  return steps_take (run, steps, err);
}

static int
note_files (const struct image *image, struct argv *ret, struct error *err)
{
  if (image->parent != NULL && argv_append (ret, image->parent, err) == -1)
    return -1;
  for (size_t i = 0; i < image->files.len; i++)
    if (image->files.ptr[i].name != NULL &&
        argv_append (ret, image->files.ptr[i].name, err) == -1)
      return -1;
  return 0;
}

/* What the disk's image says of itself. */
static int
note_image (struct reader *reader, struct disk *disk, struct error *err)
{
  CLEANUP_IMAGE struct image image = { .format = NULL };

  if (reader == NULL ||
      image_examine (reader, disk->location.path,
                     disk->format_given ? disk->format : NULL, &image,
                     err) == -1)
    return -1;
  disk->virtual_size = image.size;
  if (alloc_set (&disk->image.format, image_format_name (&image), err) == -1 ||
      alloc_set (&disk->image.variant, image.variant, err) == -1 ||
      image_state_words (&image, &disk->image.state, err) == -1 ||
      note_files (&image, &disk->image.files, err) == -1)
    return -1;
  disk->image.text = image_describe (&image, err);
  return disk->image.text != NULL ? 0 : -1;
}

/* Nothing is started to look at a disk, so that only what is a file here, or a
 * part of one, can be looked at.
 */
static int
look_at_disk (struct disk *disk, struct error *err)
{
  const struct location *location = &disk->location;
  CLEANUP_READER struct reader *file = NULL, *part = NULL;

  if (location_local_path (location) == NULL ||
      location->part.tar_entry != NULL)
    return 0;
  file = location->file != NULL ? reader_file_of (location->file, err)
    : reader_file_new (location->path, err);
  if (file == NULL || location->part.length == 0)
    return note_image (file, disk, err);
  part = reader_part_new (file, location->part.offset, location->part.length,
                          err);
  return note_image (part, disk, err);
}

/* A disk that cannot be read, or is not there, is no reason to print nothing.
 */
static void
look_at_disks (struct run *run)
{
  const struct argv *options = &run->options->settings.input_options;

  if (argv_value (options, "filter") != NULL)
    return;
  for (size_t i = 0; i < run->guest->disks.len; i++) {
    CLEANUP_ERROR struct error ignored = ERROR_INIT;

    look_at_disk (&run->guest->disks.ptr[i], &ignored);
  }
}

static int
print_guest (struct run *run, struct error *err)
{
  look_at_disks (run);
  return run->options->machine_readable
    ? report_source (run->report, run->guest, err)
    : guest_text (run->guest, stdout, err);
}

int
run_print_source (struct run *run, struct error *err)
{
  static const struct step step_print_guest = {
    print_guest, EXIT_STATUS_SOURCE, NULL, NULL
  };
  static const struct step *const steps[] = {
    &step_read_guest, &step_print_guest, NULL
  };

  return steps_take (run, steps, err);
}
