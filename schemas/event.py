"""The base of every published event, and the catalog of all of them by wire name."""

from typing import Any, ClassVar, Unpack

from pydantic import BaseModel, ConfigDict


class Event(BaseModel):
    """A fact. Its wire name is storage format: classes may be renamed or moved, history may not.

    A subclass states `name` (`<service>.v<n>.<Event>`) and `aggregate`, the kind of thing it is
    about; the field `<aggregate>_id` then says which one. `erases` marks the fact after which
    earlier facts of the same aggregate may be missing from the log.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    catalog: ClassVar[dict[str, type["Event"]]] = {}
    wire_name: ClassVar[str]
    service: ClassVar[str]
    short_name: ClassVar[str]
    aggregate: ClassVar[str]
    erases: ClassVar[bool]

    def __init_subclass__(
        cls, *, name: str, aggregate: str, erases: bool = False, **config: Unpack[ConfigDict]
    ) -> None:
        super().__init_subclass__(**config)
        if name in Event.catalog:
            raise TypeError(f"{name} is already the wire name of {Event.catalog[name].__name__}")
        cls.wire_name = name
        cls.service, _, cls.short_name = name.split(".")
        cls.aggregate = aggregate
        cls.erases = erases
        Event.catalog[name] = cls

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        """Keep pydantic from passing our class arguments on."""

    @property
    def aggregate_id(self) -> str:
        """The id of the aggregate this fact belongs to."""
        return str(getattr(self, f"{self.aggregate}_id"))
