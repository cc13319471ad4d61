/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Runs that only print: --dry-run and --print-source.  lib/guest makes the
 * texts of the latter, lib/nbdkit/cmd.c prints command lines.
 */

#include <config.h>

#include <json-c/json.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/events.h"
#include "guest/guest-json.h"
#include "guest/guest-text.h"
#include "io/leftover.h"
#include "launch/launch.h"
#include "nbdkit/cmd.h"
#include "run-internal.h"

/* The command of each disk's nbdkit, then that of the copy's own nbdkit if it
 * has one.
 */
static int
print_disk_plan (struct run *run, const struct plan *disk_plan, int index,
                 struct error *err)
{
  const struct nbdkit_cmd *commands[] = {
    disk_plan->overlay_cmd, disk_plan->copy_cmd
  };

  for (size_t i = 0; i < ARRAY_LEN (commands); i++) {
    CLEANUP_ARGV struct argv argv = { .ptr = NULL };

    if (commands[i] == NULL)
      continue;
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
        .argv = &argv, .env = &commands[i]->env });
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
print_guest (struct run *run, struct error *err)
{
  json_object *json;
  const char *text;

  if (!run->options->machine_readable)
    return guest_text (run->guest, stdout, err);
  json = guest_json (run->guest, err);
  if (json == NULL)
    return -1;
  text = json_object_to_json_string_ext (json, JSON_C_TO_STRING_PLAIN);
  if (text == NULL)
    error_nomem (err);
  else
    printf ("%s\n", text);
  json_object_put (json);
  return text != NULL ? 0 : -1;
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
