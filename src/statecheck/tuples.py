"""`NamedTuple`: that of typing to whoever reads the code or checks its types, made in a quarter of the time.

A run makes over a hundred such classes before it judges anything, and typing compiles every annotation of each. Here
nobody asks for annotations while a run goes on.
"""

from __future__ import annotations

from collections import namedtuple
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import NamedTuple as NamedTuple  # noqa: TID251
else:

    class _Maker(type):
        """Makes a named tuple of a class that has its fields as annotations, and keeps what else stands in it."""

        def __new__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> type:
            if not bases:
                return super().__new__(cls, name, bases, namespace)
            fields = namespace.pop("__annotations__", {})
            defaults = [namespace.pop(field) for field in fields if field in namespace]
            made = namedtuple(name, fields, defaults=defaults, module=namespace.pop("__module__"))
            for key, value in namespace.items():
                setattr(made, key, value)
            return made

    class NamedTuple(metaclass=_Maker):
        """A tuple whose fields have names: each is annotated in the class, and may have a default."""
