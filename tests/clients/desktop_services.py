"""The services of a desktop, on the bus of a test's session, as far as Ferry asks them.

`serve NAME...` plays some of them and writes down what they were asked, one JSON object a line;
`menu` prints the labels of the tray's menu, `pick LABEL` picks one; `click NUMBER` clicks on a
notification.
"""

import json
import os
import sys

from gi.repository import Gio, GLib

XML = """<node>
<interface name="org.freedesktop.Notifications">
  <method name="GetCapabilities"><arg type="as" direction="out"/></method>
  <method name="Notify">
    <arg type="s" direction="in"/><arg type="u" direction="in"/><arg type="s" direction="in"/>
    <arg type="s" direction="in"/><arg type="s" direction="in"/><arg type="as" direction="in"/>
    <arg type="a{sv}" direction="in"/><arg type="i" direction="in"/><arg type="u" direction="out"/>
  </method>
  <method name="Click"><arg type="u" direction="in"/></method>
  <signal name="ActionInvoked"><arg type="u"/><arg type="s"/></signal>
</interface>
<interface name="org.freedesktop.ScreenSaver">
  <method name="Inhibit">
    <arg type="s" direction="in"/><arg type="s" direction="in"/><arg type="u" direction="out"/>
  </method>
  <method name="UnInhibit"><arg type="u" direction="in"/></method>
</interface>
<interface name="org.freedesktop.login1.Manager">
  <method name="Inhibit">
    <arg type="s" direction="in"/><arg type="s" direction="in"/><arg type="s" direction="in"/>
    <arg type="s" direction="in"/><arg type="h" direction="out"/>
  </method>
</interface>
<interface name="org.freedesktop.FileManager1">
  <method name="ShowItems"><arg type="as" direction="in"/><arg type="s" direction="in"/></method>
</interface>
<interface name="org.freedesktop.Secret.Service">
  <method name="OpenSession">
    <arg type="s" direction="in"/><arg type="v" direction="in"/>
    <arg type="v" direction="out"/><arg type="o" direction="out"/>
  </method>
</interface>
<interface name="org.kde.StatusNotifierWatcher">
  <method name="RegisterStatusNotifierItem"><arg type="s" direction="in"/></method>
  <property name="IsStatusNotifierHostRegistered" type="b" access="read"/>
  <property name="RegisteredStatusNotifierItems" type="as" access="read"/>
  <property name="ProtocolVersion" type="i" access="read"/>
</interface>
</node>"""

LOGIN = "org.freedesktop.login1.Manager"
SECRETS = "org.freedesktop.Secret.Service"
SERVICES = {
    "notifications": ("org.freedesktop.Notifications", "/org/freedesktop/Notifications"),
    "screensaver": ("org.freedesktop.ScreenSaver", "/org/freedesktop/ScreenSaver"),
    "login": ("org.freedesktop.login1", "/org/freedesktop/login1"),
    "files": ("org.freedesktop.FileManager1", "/org/freedesktop/FileManager1"),
    "secrets": ("org.freedesktop.secrets", "/org/freedesktop/secrets"),
    "tray": ("org.kde.StatusNotifierWatcher", "/StatusNotifierWatcher"),
}

bus = Gio.bus_get_sync(Gio.BusType.SESSION)
interfaces = {each.name: each for each in Gio.DBusNodeInfo.new_for_xml(XML).interfaces}
items = []
count = 0


def say(**what):
    print(json.dumps(what, ensure_ascii=False), flush=True)


def called(_, sender, path, interface, method, parameters, invocation):
    global count
    given = parameters.unpack()
    answer = None
    if method == "GetCapabilities":
        answer = GLib.Variant("(as)", (["actions", "body", "body-markup"],))
    elif method == "Notify":
        count += 1
        say(service="notifications", number=count, title=given[3], body=given[4], actions=given[5])
        answer = GLib.Variant("(u)", (count,))
    elif method == "Click":
        signal = GLib.Variant("(us)", (given[0], "default"))
        bus.emit_signal(None, path, interface, "ActionInvoked", signal)
    elif interface.endswith("ScreenSaver") and method == "Inhibit":
        count += 1
        say(service="screensaver", inhibited=count, reason=given[1])
        answer = GLib.Variant("(u)", (count,))
    elif method == "UnInhibit":
        say(service="screensaver", released=given[0])
    elif method == "Inhibit":
        say(service="login", what=given[0], mode=given[3])
        invocation.return_value_with_unix_fd_list(GLib.Variant("(h)", (0,)), pipe_end())
        return
    elif method == "OpenSession":
        # A keyring that takes its time, and then has nothing to offer.
        say(service="secrets", asked=True)
        GLib.timeout_add(4000, refuse, invocation)
        return
    elif method == "ShowItems":
        say(service="files", shows=given[0])
    elif method == "RegisterStatusNotifierItem":
        # An object of the sender's, or the name of a service.
        item = sender + given[0] if given[0].startswith("/") else given[0] + "/StatusNotifierItem"
        items.append(item)
        say(service="tray", item=item)
    invocation.return_value(answer)


def pipe_end():
    """The login service's lock: it is let go of when its other end sees the end of the pipe."""
    read, write = os.pipe()
    GLib.io_add_watch(read, GLib.PRIORITY_DEFAULT, GLib.IO_HUP, released)
    list_ = Gio.UnixFDList.new()
    list_.append(write)
    os.close(write)
    return list_


def released(*_):
    say(service="login", released=True)
    return False


def refuse(invocation):
    invocation.return_dbus_error("org.freedesktop.DBus.Error.NotSupported", "locked away")
    return False


def asked(_, sender, path, interface, name):
    return {
        "IsStatusNotifierHostRegistered": GLib.Variant("b", True),
        "RegisteredStatusNotifierItems": GLib.Variant("as", items),
        "ProtocolVersion": GLib.Variant("i", 0),
    }[name]


def serve(names):
    for name in names:
        well_known, path = SERVICES[name]
        other = {"login": LOGIN, "secrets": SECRETS}
        interface = other.get(name, well_known)
        bus.register_object(path, interfaces[interface], called, asked, None)
        Gio.bus_own_name_on_connection(bus, well_known, Gio.BusNameOwnerFlags.NONE, None, None)
        ask("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "GetId")
    say(ready=True)
    GLib.MainLoop().run()


def ask(name, path, interface, method, arguments=None):
    answer = bus.call_sync(name, path, interface, method, arguments, None, 0, 5000, None)
    return answer.unpack() if answer is not None else None


def property_of(name, path, interface, wanted):
    given = GLib.Variant("(ss)", (interface, wanted))
    return ask(name, path, "org.freedesktop.DBus.Properties", "Get", given)[0]


def menu():
    watcher, path = SERVICES["tray"]
    known = property_of(watcher, path, watcher, "RegisteredStatusNotifierItems")
    name, path = known[-1].split("/", 1)
    where = property_of(name, "/" + path, "org.kde.StatusNotifierItem", "Menu")
    given = GLib.Variant("(iias)", (0, -1, []))
    _, (_, _, lines) = ask(name, where, "com.canonical.dbusmenu", "GetLayout", given)
    found = [
        (number, line["label"].replace("_", ""), line.get("enabled", True))
        for number, line, _ in lines
        if "label" in line
    ]
    return name, where, found


def main():
    what, *rest = sys.argv[1:]
    if what == "serve":
        serve(rest)
    elif what == "menu":
        for _, label, enabled in menu()[2]:
            say(label=label, enabled=enabled)
    elif what == "pick":
        name, where, found = menu()
        number = next(number for number, label, _ in found if label == rest[0])
        given = GLib.Variant("(isvu)", (number, "clicked", GLib.Variant("s", ""), 0))
        ask(name, where, "com.canonical.dbusmenu", "Event", given)
    elif what == "click":
        name, path = SERVICES["notifications"]
        ask(name, path, name, "Click", GLib.Variant("(u)", (int(rest[0]),)))


main()
