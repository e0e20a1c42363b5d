"""Shows the window over fake services: `python tests/ui/try_window.py [--dark] [--state empty|full|streaming]`."""

# ruff: noqa: E402  (started as a script, it finds the packages by itself)

import argparse
import sys
import tempfile
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[2] / "src"), str(Path(__file__).resolve().parents[1])]

from PySide6.QtCore import QSettings, QTimer
from PySide6.QtWidgets import QApplication

from readingroom.core.ids import SourceId
from readingroom.ui.main_window import MainWindow
from readingroom.ui.theme import apply_theme
from ui.fake_services import (
    FakeChat,
    FakePreferences,
    World,
    checked_answer,
    fake_services,
    full_world,
    no_model_status,
    sources_with_troubles,
)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--dark", action="store_true")
    parser.add_argument(
        "--state",
        choices=("empty", "full", "new", "streaming", "no-model", "sources", "checked"),
        default="full",
    )
    parser.add_argument("--size", help="as 900x700; the whole screen without it")
    parser.add_argument(
        "--open", choices=("rules", "left-out", "removed"), help="a dialog, with the state sources"
    )
    options = parser.parse_args()
    app = QApplication(sys.argv[:1])
    world = World() if options.state == "empty" else full_world()
    if options.state == "no-model":
        world.status = no_model_status()
    if options.state == "checked":
        checked_answer(world)
    if options.state == "sources":
        sources_with_troubles(world)
    services = fake_services(world)
    assert isinstance(services.preferences, FakePreferences)
    services.preferences.update(appearance="dark" if options.dark else "light")
    apply_theme(app, services.preferences.settings.appearance)
    with tempfile.TemporaryDirectory() as folder:
        window = MainWindow(services, QSettings(f"{folder}/window.ini", QSettings.Format.IniFormat))
        if options.size:
            width, height = (int(part) for part in options.size.split("x"))
            window.resize(width, height)
            window.show()
        else:
            window.showFullScreen()
        if options.state in ("streaming", "no-model"):
            assert isinstance(services.chat, FakeChat)
            services.chat.delay_s = 0.08
            QTimer.singleShot(1000, lambda: window.chat.ask("And what becomes of days that lapse?"))
        policies = world.sources.get(SourceId(3))
        if options.open and policies is not None:
            desk = window.desk
            opened = {
                "rules": lambda: desk.open_rules(policies),
                "left-out": lambda: desk.open_rules(policies, left_out=True),
                "removed": desk.open_removed,
            }
            QTimer.singleShot(1000, opened[options.open])
        if options.state == "new":
            QTimer.singleShot(800, window.new_thread)
        if options.state in ("full", "checked"):
            QTimer.singleShot(1200, lambda: window.chat.open_numbered(1))
        return app.exec()


if __name__ == "__main__":
    sys.exit(main())
