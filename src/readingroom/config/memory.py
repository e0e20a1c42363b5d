"""How much memory this computer has left."""


def available_bytes() -> int:
    """What programs could take now without anything being moved to the disk."""
    import psutil

    return int(psutil.virtual_memory().available)
