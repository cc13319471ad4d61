/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The names that old and new versions of virt-v2v have and v2v-nbdkit-launch
 * has not, and what to do instead.
 */

#include <config.h>

#include "base/cleanup.h"
#include "base/i18n.h"
#include "options-table.h"
#include "virt-v2v-names.h"

struct group {
  const char *names;            /* joined by '|' */
  const char *instead;          /* untranslated */
};

static const char convert[] =
  N_("it is for the program that converts: --convert 'virt-v2v-in-place ... "
     "-i libvirtxml \"$V2V_XML\"' can have it");

static const struct group options[] = {
  /* What the conversion asks, and finds. */
  { "block-driver|echo-keys|key|m|memsize|no-fstrim|no-selinux-relabel|root|"
    "selinux-relabel|smp", convert },
  { "keys-from-stdin",
    N_("give the keys to the program that converts, from a file: --convert "
       "'virt-v2v-in-place --key ID:file:FILE -i libvirtxml "
       "\"$V2V_XML\"'") },
  /* Those of virt-customize, which newer ones have. */
  { "append-line|chmod|chown|commands-from-file|copy|copy-in|delete|edit|"
    "firstboot|firstboot-command|firstboot-install|hostname|"
    "inject-blnsvr|inject-qemu-ga|inject-virtio-win|install|link|mkdir|move|"
    "no-logfile|password|password-crypto|root-password|"
    "run-command|scrub|sm-attach|sm-credentials|"
    "sm-register|sm-remove|sm-unregister|ssh-inject|tar-in|timezone|touch|"
    "truncate|truncate-recursive|uninstall|update|upload|write",
    N_("the guest is customized by a program of your choice: --convert "
       "'virt-v2v-in-place ... && virt-customize -a \"$V2V_OVERLAY_0\" "
       "...'") },

  /* The source. */
  { "c|connect", N_("write -ic URI") },
  { "d|domain", N_("write -i libvirt -ic URI GUEST") },
  { "a|add", N_("disks are named without an option: v2v-nbdkit-launch "
                "DISK...") },
  { "f|format", N_("write -if FORMAT") },
  { "r|ro", N_("leave it out: a source is only read, except with "
               "--in-place") },
  { "password-file", N_("write -ip FILE") },
  { "dcpath", N_("the datacenter is in the URI: -ic "
                 "vpx://USER@VCENTER/DATACENTER/HOST") },
  { "vddk", N_("write -it vddk -io vddk-libdir=DIR") },
  { "vddk-config|vddk-cookie|vddk-libdir|vddk-nfchostport|vddk-port|"
    "vddk-snapshot|vddk-thumbprint|vddk-transports",
    N_("it is an option of the source: write -it vddk -io vddk-...=VALUE") },

  /* The target. */
  { "op", N_("no output asks for a password; the one of the source is "
             "-ip FILE") },
  { "compressed", N_("write -of qcow2 -oo compressed") },
  { "O", N_("the target's format is -of FORMAT; -O of virt-v2v-in-place is "
            "written in --convert 'virt-v2v-in-place ...'") },
  { "qemu-boot", N_("write -o qemu, and run the script that it makes") },
  { "no-copy|print-target",
    N_("--dry-run prints what would be started, --check tests it, and "
       "nothing is copied") },
  { "print-estimate",
    N_("--check tells how large the disks are and what the target needs; "
       "with --skip-unused on, what the guest uses") },
  { "vdsm-compat|vdsm-image-uuid|vdsm-ovf-flavour|vdsm-ovf-output|"
    "vdsm-vm-uuid|vdsm-vol-uuid|vmtype",
    N_("there is no -o rhv or -o vdsm: copy with -o disk, then let virt-v2v "
       "-i libvirtxml DIR/NAME.xml take it from there") },

  /* How virt-v2v itself runs. */
  { "debug-overlay|debug-overlays",
    N_("write --keep-overlay") },
  { "debug-gc|no-trim|wrap", N_("leave it out: there is no need for it") },
};

/* Outputs that need the tools of a whole system. */
static const struct group outputs[] = {
  { "glance",
    N_("write -o disk -os DIR -of qcow2, then, for each disk: openstack image "
       "create --disk-format qcow2 --container-format bare --file "
       "DIR/NAME-sda NAME") },
  { "openstack",
    N_("attach an empty volume for each disk to this host (openstack server "
       "add volume), and write -o device -oo path=/dev/vdX; or write -o disk "
       "-os DIR -of qcow2, then: openstack image create --disk-format qcow2 "
       "--container-format bare --file DIR/NAME-sda NAME") },
  { "ovirt-upload|rhev-upload|rhv-upload",
    N_("write -o disk -os DIR -of qcow2, then, for each disk: ovirt-img "
       "upload-disk -c CONFIG -s DOMAIN DIR/NAME-sda; or let virt-v2v -i "
       "libvirtxml DIR/NAME.xml -o rhv-upload convert and upload the "
       "guest") },
  { "ovirt|rhev|rhv|vdsm",
    N_("write -o disk -os DIR, then let virt-v2v -i libvirtxml DIR/NAME.xml "
       "-o rhv convert the guest and write it to the storage domain") },
  { "json",
    N_("write -o disk -os DIR; --print-source --machine-readable has the "
       "guest as JSON") },
};

static const char *
find (const struct group *groups, size_t n, const char *name)
{
  unsigned ignored;

  for (size_t i = 0; i < n; i++)
    if (option_word (groups[i].names, name, &ignored))
      return _(groups[i].instead);
  return NULL;
}

const char *
virt_v2v_option (const char *name)
{
  return find (options, ARRAY_LEN (options), name);
}

const char *
virt_v2v_output (const char *mode)
{
  return find (outputs, ARRAY_LEN (outputs), mode);
}
