from tests.core.registry.faking import plugins

__all__ = ["plugins"]
