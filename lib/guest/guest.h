/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What a guest is: plain data that inputs fill in and everything else
 * reads.  Nothing here knows nbdkit, and nothing is opened to make it.
 */

#ifndef V2V_GUEST_H
#define V2V_GUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/vector.h"
#include "guest/location.h"

struct error;

enum disk_bus {
  BUS_UNKNOWN, BUS_IDE, BUS_SCSI, BUS_SATA, BUS_VIRTIO, BUS_NVME,
  BUS_USB, BUS_FDC, BUS_XEN, BUS_SD,
};

struct disk {
  struct location location;
  char *format;                 /* "raw", "qcow2"...; NULL: not known */
  bool format_given;            /* by the user, who is believed */
  enum disk_bus bus;
  char *target;                 /* its name in the description: "sda"; or NULL */
  char *controller;             /* model of its SCSI controller, as its
                                   description has it: "pvscsi"; or NULL */
  bool allow_backing;           /* the image may name other files */
  unsigned boot_order;          /* boot-order.h */
  char *unsupported;            /* why it cannot be copied, where the guest is
                                   only shown; or NULL */
  uint64_t virtual_size;        /* bytes; 0: not looked at */
  struct {                      /* what its image says of itself, or empty: */
    char *text;                 /* for people; the rest is for programs */
    char *format;               /* "qcow2" */
    char *variant;              /* "streamOptimized"..., or NULL */
    struct argv state;          /* "corrupt"... */
    struct argv files;          /* that it names */
  } image;
};

enum removable_kind { REMOVABLE_CDROM, REMOVABLE_FLOPPY };

struct removable {
  enum removable_kind kind;
  enum disk_bus bus;
  unsigned slot;                /* on its bus: hda is 0, hdc 2 */
  unsigned boot_order;
};

enum nic_kind { NIC_NETWORK, NIC_BRIDGE };

struct nic {
  char *mac;                    /* "52:54:00:12:34:56", or NULL */
  char *model;                  /* "virtio", "e1000", "vmxnet3"..., or NULL */
  enum nic_kind kind;
  bool kind_open;               /* the source does not say which kind it is */
  char *network;                /* name of the network or bridge; NULL: the
                                   source has none */
  char *connection;             /* what it has instead: "direct"...; or NULL */
  bool network_chosen;          /* by the user, for the copy */
  bool assumed;                 /* the source says nothing of the guest but its
                                   disks: the copy's only */
  unsigned boot_order;
};

DEFINE_VECTOR (struct disks, disks, struct disk);
DEFINE_VECTOR (struct removables, removables, struct removable);
DEFINE_VECTOR (struct nics, nics, struct nic);

/* What the disks of the copy are attached to (-oo bus=). */
enum copy_bus {
  COPY_BUS_AUTO,                /* what they have in the source; virtio after
                                   a conversion */
  COPY_BUS_IDE, COPY_BUS_SATA, COPY_BUS_SCSI, COPY_BUS_USB, COPY_BUS_VIRTIO,
  COPY_BUS_VIRTIO_SCSI,
};

enum firmware { FIRMWARE_UNKNOWN, FIRMWARE_BIOS, FIRMWARE_UEFI };

struct guest {
  char *name;
  char *hypervisor;             /* "vmware", "xen", "kvm"..., or NULL */
  uint64_t memory;              /* bytes; 0: not known */
  struct {
    unsigned count;             /* 0: not known */
    unsigned sockets, cores, threads; /* 0: no topology given */
    char *model, *vendor;       /* or NULL */
  } cpu;
  enum firmware firmware;
  bool secure_boot, tpm;
  char *arch;                   /* "x86_64", "aarch64"..., or NULL */
  char *machine;                /* "q35", "pc", "virt", or NULL */
  struct {                      /* what a conversion has found, for where the
                                   source says nothing */
    enum firmware firmware;
    char *arch;
  } converted;
  struct {                      /* what the user wants of the copy */
    bool converted;             /* it was made ready for virtio */
    enum copy_bus bus;
  } copy;
  char *clock_offset;           /* "utc", "localtime", or NULL */
  char *display;                /* "vnc", "spice", "sdl"..., or NULL */
  char *video;                  /* "vga", "qxl"..., or NULL */
  char *sound;                  /* "ich9", "ac97"..., or NULL */
  char *genid;                  /* a UUID, or NULL */
  struct {                      /* what libvirt says of a VMware guest */
    char *datacenter;           /* path of its datacenter, or NULL */
    char *moref;                /* "vm-42", or NULL */
  } vmware;
  struct disks disks;           /* in order: sda, sdb... */
  struct removables removables;
  struct nics nics;
};

extern struct guest *guest_new (struct error *err);
extern void guest_free (struct guest *); /* NULL is fine */

/* Append an empty disk, removable or NIC, which belongs to the guest and
 * stays where it is until the next one is added.
 */
extern struct disk *guest_add_disk (struct guest *, struct error *err);
extern struct removable *guest_add_removable (struct guest *,
                                              struct error *err);
extern struct nic *guest_add_nic (struct guest *, struct error *err);
/* Only its disks are known: its copy gets a NIC on libvirt's usual network, as
 * virt-v2v gives it.
 */
extern int guest_assume_nic (struct guest *, struct error *err);

/* The format of the disk's image, which is raw where nothing else is known. */
extern const char *disk_format (const struct disk *);
extern bool disk_is_raw (const struct disk *);
/* "ide", "scsi"...; "unknown". */
extern const char *disk_bus_name (enum disk_bus);
/* The bus that is called NAME; BUS_UNKNOWN for any other name. */
extern enum disk_bus disk_bus_parse (const char *name);
/* Is it six pairs of hexadecimal digits with colons between them? */
extern bool mac_valid (const char *);
/* Can a bridge of Linux have this name? */
extern bool bridge_valid (const char *);
extern const char *firmware_name (enum firmware); /* "bios", "uefi"... */

/* "a", "b" ... "z", "aa": the letters of disk number INDEX, as in sda. */
#define DISK_LETTERS_MAX 8
extern void disk_letters (unsigned index, char ret[DISK_LETTERS_MAX]);
/* "sda", "sdb"...: what disk number INDEX is called, whatever bus it is on.
 * Returns RET.
 */
#define DISK_NAME_MAX (DISK_LETTERS_MAX + 2)
extern const char *disk_name (unsigned index, char ret[DISK_NAME_MAX]);
/* The number that LETTERS (all of them) stand for; -1 when they are none.
 */
extern int disk_letters_parse (const char *letters, unsigned *index);

#endif /* V2V_GUEST_H */
