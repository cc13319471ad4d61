#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A VMware server for tests: as much of its SOAP interface as libvirt's esx
driver needs to describe one VM, and /folder with the datastores' files,
behind sessions that end.

The root directory has a directory for each datastore.  What was asked for
is kept in the report file, KEY=VALUE lines.
"""

import argparse
import base64
import os
import re
import secrets
import ssl
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from xml.etree import ElementTree
from xml.sax.saxutils import escape

VIM = "urn:vim25"
XSI = "http://www.w3.org/2001/XMLSchema-instance"


class Ref:
    """A managed object's reference."""

    def __init__(self, kind, value):
        self.kind = kind
        self.value = value

    def xml(self, tag, typed=False):
        extra = ' xsi:type="ManagedObjectReference"' if typed else ""
        return '<%s type="%s"%s>%s</%s>' % (tag, self.kind, extra,
                                            escape(self.value), tag)


class Refs(list):
    """Several of them."""

    def xml(self, tag):
        inner = "".join(ref.xml("ManagedObjectReference", typed=True)
                        for ref in self)
        return ('<%s xsi:type="ArrayOfManagedObjectReference">%s</%s>' %
                (tag, inner, tag))


class Session(str):
    """The key of one."""

    def inner(self):
        return ("<key>%s</key><userName>root</userName>"
                "<fullName>root</fullName>"
                "<loginTime>2020-01-01T00:00:00Z</loginTime>"
                "<lastActiveTime>2020-01-01T00:00:00Z</lastActiveTime>"
                "<locale>en</locale><messageLocale>en</messageLocale>" % self)


class CpuFeature(str):
    """The digits of register EDX for the function 0x80000001."""

    def inner(self):
        others = "".join("<%s>%s</%s>" % (r, ":".join(["0000"] * 8), r)
                         for r in ("eax", "ebx", "ecx"))
        if Handler.state.args.crash:
            others = ""
        return ('<HostCpuIdInfo xsi:type="HostCpuIdInfo">'
                "<level>-2147483647</level>%s<edx>%s</edx></HostCpuIdInfo>" %
                (others, self))


def value_xml(value):
    if isinstance(value, CpuFeature):
        return '<val xsi:type="ArrayOfHostCpuIdInfo">%s</val>' % value.inner()
    if isinstance(value, Session):
        return '<val xsi:type="UserSession">%s</val>' % value.inner()
    if isinstance(value, Ref):
        return value.xml("val", typed=True)
    if isinstance(value, Refs):
        return value.xml("val")
    if isinstance(value, bool):
        return '<val xsi:type="xsd:boolean">%s</val>' % str(value).lower()
    kind, text = value if isinstance(value, tuple) else ("xsd:string", value)
    return '<val xsi:type="%s">%s</val>' % (kind, escape(text))


def make_objects(args):
    root = Ref("Folder", "group-d1")
    datacenter = Ref("Datacenter", "datacenter-2")
    hosts = Ref("Folder", "group-h4")
    machines = Ref("Folder", "group-v3")
    resource = Ref("ClusterComputeResource" if args.vcenter
                   else "ComputeResource", "domain-s7")
    host = Ref("HostSystem", "host-9")
    pool = Ref("ResourcePool", "resgroup-8")
    machine = Ref("VirtualMachine", args.moref)
    *folders, name = args.datacenter.split("/")
    objects = [
        (root, {"name": "Datacenters", "childEntity": Refs([datacenter])}),
        *((Ref("Folder", "group-d%d" % (100 + i)),
           {"name": folder, "childEntity": Refs([datacenter])})
          for i, folder in enumerate(folders)),
        (datacenter, {"name": name, "parent": root,
                      "hostFolder": hosts, "vmFolder": machines}),
        (hosts, {"name": "host", "parent": datacenter,
                 "childEntity": Refs([resource])}),
        (machines, {"name": "vm", "parent": datacenter,
                    "childEntity": Refs([machine])}),
        (resource, {"name": "cluster", "parent": hosts,
                    "host": Refs([host]), "resourcePool": pool}),
        (host, {"name": "esx", "parent": resource,
                "hardware.systemInfo.uuid":
                "564d1aa4-6a3c-4b5f-9f33-1b8d2d3a7c11",
                "hardware.cpuFeature":
                CpuFeature("0010:1000:0001:0000:0000:1000:0000:0000"),
                "runtime.inMaintenanceMode": False}),
        (Ref("SessionManager", "sessions"), {"currentSession": None}),
        (machine, {"name": args.name, "parent": machines,
                   "configStatus": ("ManagedEntityStatus", "green"),
                   # libvirt 12 asks for the second one.
                   "config.uuid": "564d1aa4-6a3c-4b5f-9f33-1b8d2d3a7c10",
                   "config.instanceUuid":
                   "50215f0e-3c84-4a2b-8d8a-6b0e8f0a1c12",
                   "config.files.vmPathName": args.vmx,
                   "runtime.powerState":
                   ("VirtualMachinePowerState",
                    "poweredOn" if args.powered_on else "poweredOff")}),
    ]
    return {(ref.kind, ref.value): (ref, props) for ref, props in objects}


class State:
    """What all connections share."""

    def __init__(self, args):
        self.args = args
        self.objects = make_objects(args)
        self.lock = threading.Lock()
        self.sessions = {}
        self.busy = 0
        self.facts = dict(logins=0, refused=0, requests=0, max_parallel=0,
                          max_range=0)

    def report(self):
        text = "".join("%s=%d\n" % item for item in self.facts.items())
        with open(self.args.report + ".new", "w") as fp:
            fp.write(text)
        os.rename(self.args.report + ".new", self.args.report)

    def note(self, key, value=1):
        """Count, or keep the largest of what is called max_*."""
        with self.lock:
            if key.startswith("max_"):
                self.facts[key] = max(self.facts[key], value)
            else:
                self.facts[key] += value
            self.report()

    def new_session(self):
        key = secrets.token_hex(20)
        with self.lock:
            self.sessions[key] = time.monotonic()
        self.note("logins")
        return key

    def is_alive(self, key):
        with self.lock:
            started = self.sessions.get(key)
        return (started is not None and
                time.monotonic() < started + self.args.session_seconds)


class Refused(Exception):
    """An answer of this HTTP status."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    state = None

    def setup(self):
        # Here, in the connection's own thread: a client that says nothing
        # must not hold up the others.
        self.request = self.server.context.wrap_socket(self.request,
                                                       server_side=True)
        super().setup()

    def session(self):
        match = re.search(r'vmware_soap_session="?([0-9a-f]+)',
                          self.headers.get("Cookie", ""))
        if match and self.state.is_alive(match.group(1)):
            return match.group(1)
        return None

    def login_is_right(self, user, password):
        return (user == self.state.args.user and
                password == self.state.args.password)

    def log_in(self):
        """By HTTP's Basic authentication; returns the cookie."""
        word, _, code = self.headers.get("Authorization", "").partition(" ")
        try:
            login = base64.b64decode(code).decode()
        except ValueError:
            login = ""
        if word != "Basic" or not self.login_is_right(*login.split(":", 1)):
            self.state.note("refused")
            raise Refused(401)
        return self.state.new_session()

    def answer(self, status, body=b"", headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    # Files ------------------------------------------------------------

    def parameter(self, query, key):
        """Decoded twice, as vCenter does.  What was not encoded twice is
        refused, but for libvirt, which did so only later.
        """
        value = urllib.parse.parse_qs(query).get(key, [""])[0]
        if (not self.headers.get("User-Agent", "").startswith("libvirt") and
                not re.fullmatch(r"([A-Za-z0-9._~/-]|%[0-9A-Fa-f]{2})*",
                                 value)):
            raise Refused(404)
        return urllib.parse.unquote(value)

    def file_path(self):
        parts = urllib.parse.urlsplit(self.path)
        if not parts.path.startswith("/folder/"):
            raise Refused(404)
        name = urllib.parse.unquote(parts.path[len("/folder/"):])
        datastore = self.parameter(parts.query, "dsName")
        if (self.parameter(parts.query, "dcPath") !=
                self.state.args.datacenter or
                "/" in datastore or ".." in name.split("/")):
            raise Refused(404)
        path = os.path.join(self.state.args.root, datastore, name)
        if not os.path.isfile(path):
            raise Refused(404)
        return path

    def byte_range(self, size):
        match = re.fullmatch(r"bytes=(\d+)-(\d*)",
                             self.headers.get("Range", ""))
        if not match:
            return 200, 0, size
        start = int(match.group(1))
        end = min(int(match.group(2) or size - 1), size - 1) + 1
        if start >= size:
            raise Refused(416)
        # nbdkit 1.32 asks for a byte more than it needs.
        self.state.note("max_range", end - start - 1)
        if end - start > self.state.args.max_range + 1:
            raise Refused(503)
        return 206, start, end

    def send_file(self):
        headers = [("Accept-Ranges", "bytes")]
        if (self.state.args.redirect and
                self.path.split("?")[0].endswith("-flat.vmdk")):
            self.answer(302, b"", [("Location", self.state.args.redirect +
                                    self.path)])
            return
        if self.session() is None:
            time.sleep(self.state.args.slow_seconds)
            headers.append(("Set-Cookie", 'vmware_soap_session="%s"; '
                            "Path=/; HttpOnly; Secure" % self.log_in()))
        path = self.file_path()
        size = os.path.getsize(path)
        status, start, end = self.byte_range(size)
        if status == 206:
            headers.append(("Content-Range", "bytes %d-%d/%d" %
                            (start, end - 1, size)))
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(end - start))
        self.end_headers()
        if self.command == "HEAD":
            return
        with open(path, "rb") as fp:
            fp.seek(start)
            self.wfile.write(fp.read(end - start))

    def do_GET(self):
        with self.state.lock:
            self.state.busy += 1
            busy = self.state.busy
        try:
            self.state.note("requests")
            self.state.note("max_parallel", busy)
            self.send_file()
        except Refused as refused:
            self.answer(refused.args[0])
        except (BrokenPipeError, ConnectionResetError, ssl.SSLError):
            self.close_connection = True
        finally:
            with self.state.lock:
                self.state.busy -= 1

    do_HEAD = do_GET

    # SOAP -------------------------------------------------------------

    def about(self):
        vcenter = self.state.args.vcenter
        return ("<about><name>VMware test</name>"
                "<fullName>VMware test 6.7.0</fullName>"
                "<vendor>VMware, Inc.</vendor><version>6.7.0</version>"
                "<build>1</build><osType>test</osType>"
                "<productLineId>%s</productLineId><apiType>%s</apiType>"
                "<apiVersion>6.7</apiVersion></about>" %
                (("vpx", "VirtualCenter") if vcenter
                 else ("embeddedEsx", "HostAgent")))

    def retrieve_service_content(self, _):
        return ("<returnval>%s%s%s%s%s</returnval>" %
                (Ref("Folder", "group-d1").xml("rootFolder"),
                 Ref("PropertyCollector", "collector").xml(
                     "propertyCollector"),
                 self.about(),
                 Ref("SessionManager", "sessions").xml("sessionManager"),
                 Ref("SearchIndex", "index").xml("searchIndex")))

    def login(self, body):
        if self.state.args.hang:
            time.sleep(1000)
        if not self.login_is_right(body.findtext("{%s}userName" % VIM),
                                   body.findtext("{%s}password" % VIM)):
            self.state.note("refused")
            raise Refused("Cannot complete login due to an incorrect user "
                          "name or password.")
        self.cookie = self.state.new_session()
        return "<returnval>%s</returnval>" % Session(self.cookie).inner()

    def retrieve_properties(self, body):
        answer = ""
        for spec in body.iter("{%s}propSet" % VIM):
            kind = spec.findtext("{%s}type" % VIM)
            paths = [e.text for e in spec.iter("{%s}pathSet" % VIM)]
            asked = [(e.get("type"), e.text)
                     for e in body.iter("{%s}obj" % VIM)]
            for (k, v), (ref, props) in self.state.objects.items():
                values = [value for type_, value in asked if type_ == k]
                # Of a kind or of one that is derived from it.
                if not k.endswith(kind) or (values and v not in values):
                    continue
                if k == "SessionManager":
                    props = {"currentSession": Session(self.session())}
                answer += "<returnval>%s%s</returnval>" % (
                    ref.xml("obj"),
                    "".join("<propSet><name>%s</name>%s</propSet>" %
                            (p, value_xml(props[p]))
                            for p in paths if p in props))
        return answer

    def find_by_uuid(self, body):
        uuid = body.findtext("{%s}uuid" % VIM)
        is_instance = body.findtext("{%s}instanceUuid" % VIM) == "true"
        key = "config.instanceUuid" if is_instance else "config.uuid"
        for ref, props in self.state.objects.values():
            if ref.kind == "VirtualMachine" and props[key] == uuid:
                return ref.xml("returnval")
        return ""

    def logout(self, _):
        return ""

    METHODS = {
        "RetrieveServiceContent": retrieve_service_content,
        "Login": login,
        "RetrieveProperties": retrieve_properties,
        "FindByUuid": find_by_uuid,
        "Logout": logout,
    }

    def do_POST(self):
        text = self.rfile.read(int(self.headers["Content-Length"]))
        body = list(ElementTree.fromstring(text))[-1][0]
        name = body.tag.split("}")[1]
        self.cookie = None
        status = 200
        try:
            if name not in self.METHODS:
                raise Refused("%s is not known here" % name)
            if (name not in ("RetrieveServiceContent", "Login") and
                    self.session() is None):
                raise Refused("The session is not authenticated.")
            inner = ('<%sResponse xmlns="%s">%s</%sResponse>' %
                     (name, VIM, self.METHODS[name](self, body), name))
        except Refused as refused:
            status = 500
            inner = ("<soapenv:Fault><faultcode>ServerFaultCode</faultcode>"
                     "<faultstring>%s</faultstring></soapenv:Fault>" %
                     refused)
        headers = [("Content-Type", "text/xml; charset=utf-8")]
        if self.cookie:
            headers.append(("Set-Cookie", 'vmware_soap_session="%s"; '
                            "Path=/; HttpOnly" % self.cookie))
        self.answer(status, (
            '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope '
            'xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
            'xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="%s">'
            "<soapenv:Body>%s</soapenv:Body></soapenv:Envelope>" %
            (XSI, inner)).encode(), headers)


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--root", required=True)
    parser.add_argument("--certificate", required=True)
    parser.add_argument("--key", required=True)
    parser.add_argument("--report", required=True)
    parser.add_argument("--user", default="root")
    parser.add_argument("--password", required=True)
    parser.add_argument("--redirect", metavar="ORIGIN")
    parser.add_argument("--vcenter", action="store_true")
    parser.add_argument("--datacenter", default="ha-datacenter")
    parser.add_argument("--name", default="mail server")
    parser.add_argument("--moref", default="vm-42")
    parser.add_argument("--vmx", default="[ds] vm/vm.vmx")
    parser.add_argument("--session-seconds", type=float, default=1800)
    parser.add_argument("--slow-seconds", type=float, default=0)
    parser.add_argument("--crash", action="store_true",
                        help="leave out what libvirt 9.0 crashes without")
    parser.add_argument("--hang", action="store_true",
                        help="do not answer to a login by SOAP")
    parser.add_argument("--powered-on", action="store_true")
    parser.add_argument("--max-range", type=int, default=2 << 20)
    args = parser.parse_args()
    with open(args.password) as fp:
        args.password = fp.readline().rstrip("\n")
    Handler.state = State(args)
    Handler.state.report()
    server = Server(("127.0.0.1", args.port), Handler)
    server.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.context.load_cert_chain(args.certificate, args.key)
    server.serve_forever()


if __name__ == "__main__":
    main()
