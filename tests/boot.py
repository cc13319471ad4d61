#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""boot.py XML SERIAL: run the guest that libvirt's XML describes in QEMU,
as far as disks, memory and machine go, until it resets; what it sends to
its serial port goes to the file SERIAL.
"""

import os
import sys
from xml.etree import ElementTree


SCSI = {"lsilogic": "lsi53c895a", "lsisas1068": "mptsas1068",
        "lsisas1078": "megasas", "virtio-scsi": "virtio-scsi-pci",
        "vmpvscsi": "pvscsi"}


def letters_to_number(name):
    return ord(name[2]) - ord("a")


def place(disk, machine, number):
    """The device of QEMU, and the bus it is on."""
    target = disk.find("target")
    bus = target.get("bus")
    if bus == "virtio":
        return "virtio-blk-pci"
    if bus == "ide":
        slot = letters_to_number(target.get("dev"))
        return "ide-hd,bus=ide.%d,unit=%d" % (slot // 2, slot % 2)
    if bus == "sata":
        return "ide-hd,bus=%s.%d" % ("ide" if machine == "q35" else "sata",
                                     letters_to_number(target.get("dev")))
    if bus == "usb":
        return "usb-storage,bus=usb.0"
    if bus == "scsi":
        address = disk.find("address")
        return "scsi-hd,bus=scsi%s.0,scsi-id=%d" % (
            address.get("controller"),
            int(address.get("target")) + int(address.get("unit")))
    sys.exit("disk %d is on %s" % (number, bus))


def controller_arguments(domain, machine):
    arguments = ["-device", "qemu-xhci,id=usb"]
    if machine == "pc":
        arguments += ["-device", "ahci,id=sata"]
    for controller in domain.findall("devices/controller[@type='scsi']"):
        arguments += ["-device", "%s,id=scsi%s" % (
            SCSI[controller.get("model")], controller.get("index"))]
    return arguments


def disk_arguments(disk, machine, number):
    driver = disk.find("driver").get("type")
    source = disk.find("source").get("file").replace(",", ",,")
    return ["-drive", "if=none,id=d%d,format=%s,file=%s" %
            (number, driver, source),
            "-device", "%s,drive=d%d,bootindex=%d" %
            (place(disk, machine, number), number, number)]


def main():
    domain = ElementTree.parse(sys.argv[1]).getroot()
    machine = domain.find("os/type")
    disks = [disk for disk in domain.findall("devices/disk")
             if disk.get("device") == "disk"]
    memory = int(domain.findtext("memory")) // 1024
    command = ["qemu-system-" + machine.get("arch"),
               "-machine", machine.get("machine"), "-accel", "tcg",
               "-m", str(memory), "-nodefaults", "-display", "none",
               "-no-reboot", "-serial", "file:" + sys.argv[2]]
    command += controller_arguments(domain, machine.get("machine"))
    for number, disk in enumerate(disks):
        command += disk_arguments(disk, machine.get("machine"), number)
    os.execvp(command[0], command)


main()
