"""Child processes that do what may crash, hang or stall the window: their protocol, supervisor and ports."""
