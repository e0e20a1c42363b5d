"""What every test gets."""

import os
import sys

if sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
    # Before Qt is loaded: with no screen its default platform ends the process.
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
