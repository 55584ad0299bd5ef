"""An RTSP server of GStreamer's, for the system's Python: `FILE WAY [ADDRESS]`.

The way is tcp, udp, shared-udp or multicast. `shared-udp` has one pipeline for all, as cameras have
one encoder: while that of a closed connection is taken down, the next connection is refused. Prints
its port. Beside the video it offers a track of sound, as cameras do. The video is copied from the
file, so no encoder is needed.
"""

import sys

import gi  # type: ignore[import-not-found]

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # type: ignore[import-not-found]  # noqa: E402

_TRACKS = (
    "audiotestsrc is-live=true ! audio/x-raw,rate=8000,channels=1 ! mulawenc"
    " ! rtppcmupay name=pay0 pt=0 "
    "filesrc location={path} ! qtdemux ! h264parse ! rtph264pay name=pay1 pt=96 config-interval=1"
)


def _group() -> "GstRtspServer.RTSPAddressPool":
    pool = GstRtspServer.RTSPAddressPool.new()
    pool.add_range("239.192.7.1", "239.192.7.9", 5000, 5063, 1)
    return pool


def serve(path: str, transport: str, address: str = "127.0.0.1") -> None:
    """Serve until the process is ended."""
    Gst.init(None)
    server = GstRtspServer.RTSPServer.new()
    server.set_address(address)
    server.set_service("0")
    factory = GstRtspServer.RTSPMediaFactory.new()
    factory.set_launch(f"( {_TRACKS.format(path=path)} )")
    lower = GstRtsp.RTSPLowerTrans
    if transport == "multicast":
        factory.set_protocols(lower.UDP_MCAST)
        factory.set_address_pool(_group())
        factory.set_shared(True)
    else:
        factory.set_protocols(lower.TCP if transport == "tcp" else lower.UDP)
        factory.set_shared(transport == "shared-udp")
    server.get_mount_points().add_factory("/camera", factory)
    server.attach(None)
    sys.stdout.write(f"{server.get_bound_port()}\n")
    sys.stdout.flush()
    GLib.MainLoop().run()


if __name__ == "__main__":
    serve(*sys.argv[1:4])
