/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Reads --network, --bridge and --mac, and connects a guest's NICs to what
 * they say.
 */

#include <config.h>

#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/events.h"
#include "base/i18n.h"
#include "base/text.h"
#include "guest/network-map.h"

static void
free_rule (struct network_rule *rule)
{
  free (rule->option);
  free (rule->mac);
  free (rule->from);
  free (rule->name);
}

void
network_map_free_rules (struct network_map *map)
{
  for (size_t i = 0; i < map->len; i++)
    free_rule (&map->ptr[i]);
  network_map_reset (map);
}

static const char *
option_of (enum nic_kind kind)
{
  return kind == NIC_BRIDGE ? "--bridge" : "--network";
}

/* Are they for the same NICs? */
static bool
same_rule (const struct network_rule *a, const struct network_rule *b)
{
  if (a->mac != NULL || b->mac != NULL)
    return a->mac != NULL && b->mac != NULL &&
      strcasecmp (a->mac, b->mac) == 0;
  return a->from_kind == b->from_kind && same_text (a->from, b->from);
}

/* Takes RULE over, also after an error. */
static int
add_rule (struct network_map *map, struct network_rule *rule,
          struct error *err)
{
  for (size_t i = 0; i < map->len && !error_is_set (err); i++)
    if (same_rule (&map->ptr[i], rule))
      error_set (err, REASON_USAGE,
                 _("%s and %s say different things of the same network "
                   "cards"), map->ptr[i].option, rule->option);
  if (!error_is_set (err) && network_map_append (map, *rule) == 0)
    return 0;
  free_rule (rule);
  return error_is_set (err) ? -1 : error_nomem (err);
}

/* virt-v2v takes the first colon, too. */
int
network_map_add (struct network_map *map, enum nic_kind kind,
                 const char *arg, struct error *err)
{
  const char *colon = strchr (arg, ':');
  struct network_rule rule = { .from_kind = kind, .kind = kind };

  if (*arg == '\0' || colon == arg || (colon != NULL && colon[1] == '\0')) {
    error_set (err, REASON_USAGE, _("%s: '%s' names no network"),
               option_of (kind), arg);
    error_hint (err, _("give it as %s IN:OUT, or %s OUT for all others"),
                option_of (kind), option_of (kind));
    return -1;
  }
  rule.option = format (err, "%s %s", option_of (kind), arg);
  if (colon != NULL)
    rule.from = format (err, "%.*s", (int) (colon - arg), arg);
  rule.name = alloc_copy (colon != NULL ? colon + 1 : arg, err);
  return add_rule (map, &rule, err);
}

static int
refuse_mac (const char *arg, struct error *err)
{
  error_set (err, REASON_USAGE, _("--mac: cannot read '%s'"), arg);
  error_hint (err, _("give it as --mac 52:54:00:12:34:56:network:OUT or "
                     "--mac 52:54:00:12:34:56:bridge:OUT"));
  return -1;
}

static int
refuse_ip (struct error *err)
{
  error_set (err, REASON_USAGE,
             _("--mac MAC:ip: changes files inside the guest, which this "
               "program does not"));
  error_hint (err, _("give it to virt-v2v-in-place in --convert"));
  return -1;
}

#define MAC_LEN 17

int
network_map_add_mac (struct network_map *map, const char *arg,
                     struct error *err)
{
  struct network_rule rule = { .mac = strndup (arg, MAC_LEN) };
  const char *rest = strlen (arg) > MAC_LEN ? arg + MAC_LEN : "";

  if (rule.mac == NULL)
    return error_nomem (err);
  if (strncmp (rest, ":network:", 9) == 0)
    rule.name = alloc_copy (rest + 9, err);
  else if (strncmp (rest, ":bridge:", 8) == 0) {
    rule.kind = NIC_BRIDGE;
    rule.name = alloc_copy (rest + 8, err);
  }
  else if (strncmp (rest, ":ip:", 4) == 0)
    refuse_ip (err);
  if (!error_is_set (err) && (rule.name == NULL || *rule.name == '\0' ||
                              !mac_valid (rule.mac)))
    refuse_mac (arg, err);
  rule.option = format (err, "--mac %s", arg);
  return add_rule (map, &rule, err);
}

/* How much it is meant for NIC; 0: not at all. */
static unsigned
fits (const struct network_rule *rule, const struct nic *nic)
{
  const bool same_kind = rule->from_kind == nic->kind;

  if (rule->mac != NULL)
    return nic->mac != NULL && strcasecmp (rule->mac, nic->mac) == 0 ? 5 : 0;
  if (!same_kind && !nic->kind_open)
    return 0;
  if (rule->from == NULL)
    return same_kind ? 2 : 1;
  return !same_text (rule->from, nic->network) ? 0 : same_kind ? 4 : 3;
}

/* The rule for NIC that counts; NULL: there is none. */
static struct network_rule *
find_rule (struct network_map *map, const struct nic *nic)
{
  struct network_rule *best = NULL;

  for (size_t i = 0; i < map->len; i++)
    if (fits (&map->ptr[i], nic) > (best != NULL ? fits (best, nic) : 0))
      best = &map->ptr[i];
  return best;
}

/* What the user took for a network may be a bridge, and the other way. */
static bool
is_of_other_kind (const struct network_rule *rule, const struct guest *guest)
{
  const struct nics *nics = &guest->nics;

  for (size_t i = 0; i < nics->len && rule->mac == NULL; i++)
    if (nics->ptr[i].kind != rule->from_kind &&
        (rule->from == NULL || same_text (rule->from, nics->ptr[i].network)))
      return true;
  return false;
}

/* What is wrong with a rule that no NIC was connected by. */
enum why_unused { NO_SUCH_NIC, OTHER_KIND, OTHER_RULES };

static enum why_unused
why_unused (const struct network_rule *rule, const struct guest *guest)
{
  for (size_t i = 0; i < guest->nics.len; i++)
    if (guest->nics.ptr[i].kind == rule->from_kind &&
        fits (rule, &guest->nics.ptr[i]) > 0)
      return OTHER_RULES;
  return is_of_other_kind (rule, guest) ? OTHER_KIND : NO_SUCH_NIC;
}

static void
tell_unused (const struct network_rule *rule, enum why_unused why,
             const struct events *events)
{
  if (why == OTHER_RULES)
    events_say (events, EVENT_WARNING, -1,
                _("%s has no effect: other options say more exactly where "
                  "each of these network cards is to be"), rule->option);
  else if (why == NO_SUCH_NIC)
    events_say (events, EVENT_WARNING, -1,
                _("%s has no effect: the guest has no such network card; "
                  "--print-source lists those that it has"), rule->option);
  else if (rule->from_kind == NIC_BRIDGE)
    events_say (events, EVENT_WARNING, -1,
                _("%s has no effect: what the guest is on is a network: use "
                  "--network"), rule->option);
  else
    events_say (events, EVENT_WARNING, -1,
                _("%s has no effect: what the guest is on is a bridge: use "
                  "--bridge"), rule->option);
}

static void
connect_nics (struct network_map *map, struct guest *guest, struct error *err)
{
  for (size_t i = 0; i < guest->nics.len; i++) {
    struct nic *nic = &guest->nics.ptr[i];
    struct network_rule *rule = find_rule (map, nic);

    if (rule == NULL || alloc_set (&nic->network, rule->name, err) == -1)
      continue;
    nic->kind = rule->kind;
    nic->network_chosen = rule->used = true;
  }
}

int
network_map_apply (struct network_map *map, struct guest *guest,
                   const struct events *events, struct error *err)
{
  enum why_unused *why = alloc_zero ((map->len + 1) * sizeof *why, err);

  if (why == NULL)
    return -1;
  /* Before the names are those of the new host. */
  for (size_t i = 0; i < map->len; i++)
    why[i] = why_unused (&map->ptr[i], guest);
  connect_nics (map, guest, err);
  for (size_t i = 0; i < map->len && !error_is_set (err); i++)
    if (!map->ptr[i].used)
      tell_unused (&map->ptr[i], why[i], events);
  free (why);
  return error_is_set (err) ? -1 : 0;
}
