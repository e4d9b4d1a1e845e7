"""A small window at the screen's corner from which the files named as arguments can be dragged. Prints "ready" once it is shown."""

import sys
from pathlib import Path

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("Gdk", "3.0")
gi.require_version("GdkPixbuf", "2.0")
from gi.repository import Gdk, GdkPixbuf, Gtk  # noqa: E402

SIDE = 60
OFF_SCREEN = 4000

uris = [Path(argument).as_uri() for argument in sys.argv[1:]]
ground = Gtk.EventBox()
ground.add(Gtk.Label(label="drag"))
ground.drag_source_set(
    Gdk.ModifierType.BUTTON1_MASK,
    [Gtk.TargetEntry.new("text/uri-list", 0, 0)],
    Gdk.DragAction.COPY | Gdk.DragAction.MOVE | Gdk.DragAction.LINK,
)
# Without a compositor a picture under the mouse would leave its trace on the window below: it is kept off the screen.
picture = GdkPixbuf.Pixbuf.new(GdkPixbuf.Colorspace.RGB, True, 8, 1, 1)
ground.connect("drag-begin", lambda _widget, context: Gtk.drag_set_icon_pixbuf(context, picture, -OFF_SCREEN, -OFF_SCREEN))
ground.connect("drag-data-get", lambda _widget, _context, data, _info, _time: data.set_uris(uris))

window = Gtk.Window(title="drag source")
window.set_decorated(False)
window.set_keep_above(True)
window.set_accept_focus(False)
window.set_default_size(SIDE, SIDE)
window.add(ground)
window.connect("map-event", lambda *_: print("ready", flush=True))
window.show_all()
window.move(0, 0)
Gtk.main()
