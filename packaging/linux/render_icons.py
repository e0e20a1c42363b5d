"""Draw the application's icon, `resources/readingroom.svg`, in the sizes a desktop asks for."""

import os
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "resources" / "readingroom.svg"
SIZES = (16, 24, 32, 48, 64, 128, 256)


def main() -> None:
    """Write `icons/readingroom-SIZE.png`, and the 256 pixels one into the resources."""
    QGuiApplication([])
    renderer = QSvgRenderer(str(SOURCE))
    for size in SIZES:
        image = QImage(size, size, QImage.Format.Format_ARGB32)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        renderer.render(painter)
        painter.end()
        image.save(str(Path(__file__).parent / "icons" / f"readingroom-{size}.png"))
        if size == max(SIZES):
            image.save(str(SOURCE.with_suffix(".png")))


if __name__ == "__main__":
    main()
