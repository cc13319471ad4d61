/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What the command makes once and hands to whatever works for the run. */

#ifndef V2V_CONTEXT_H
#define V2V_CONTEXT_H

struct events;
struct guard;
struct nbdkit_caps;
struct settings;
struct supervisor;

/* What a run is done with; everything in it outlives the run's work. */
struct launch_context {
  const struct settings *settings;
  struct supervisor *supervisor;
  const struct events *events;
  struct guard *guard;
  struct nbdkit_caps *caps;
};

#endif /* V2V_CONTEXT_H */
