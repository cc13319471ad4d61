#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""boot.py XML SERIAL: run the guest that libvirt's XML describes in QEMU,
as far as disks, memory and machine go, until it resets; what it sends to
its serial port goes to the file SERIAL.
"""

import os
import sys
from xml.etree import ElementTree


def disk_arguments(disk, number):
    driver = disk.find("driver").get("type")
    source = disk.find("source").get("file").replace(",", ",,")
    if disk.find("target").get("bus") != "virtio":
        sys.exit("disk %d is not a virtio one" % number)
    return ["-drive", "if=none,id=d%d,format=%s,file=%s" %
            (number, driver, source),
            "-device", "virtio-blk-pci,drive=d%d" % number]


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
    for number, disk in enumerate(disks):
        command += disk_arguments(disk, number)
    os.execvp(command[0], command)


main()
