"""Describes pydantic models in OpenAPI the way pydantic does, with every limit and extension.

Litestar's own description of them stops at members it does not know, such as `x-personal-data`.
"""

from typing import Any

from litestar.openapi.spec import Schema
from litestar.plugins import OpenAPISchemaPlugin
from litestar.typing import FieldDefinition
from litestar.utils import is_class_and_subclass
from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from chassis.answers import RequestBody

_MARK = "pydantic model "
_REFERENCE = "#/components/schemas/{model}"


class ModelSchemas(OpenAPISchemaPlugin):
    """Puts a mark in place of each model, and later what pydantic says of it."""

    def __init__(self) -> None:
        self._models: dict[str, type[BaseModel]] = {}

    @staticmethod
    def is_plugin_supported_type(value: Any) -> bool:
        """Whether this is a pydantic model."""
        return is_class_and_subclass(value, BaseModel)

    def to_openapi_schema(self, field_definition: FieldDefinition, schema_creator: Any) -> Schema:
        """A component that stands for the model."""
        model = field_definition.annotation
        mark = f"{_MARK}{model.__module__}.{model.__qualname__}"
        self._models[mark] = model
        schema: Schema = schema_creator.create_component_schema(
            field_definition, required=[], property_fields={}, title=mark
        )
        return schema

    def fill_in(self, components: dict[str, Any], *more: type[BaseModel]) -> None:
        """Replace the marks among the components; add `more` models under their own names."""
        wanted = [(model, _mode(model)) for model in (*self._models.values(), *more)]
        references, described = models_json_schema(wanted, ref_template=_REFERENCE)
        for name, component in list(components.items()):
            if model := self._models.get(component.get("title", "")):
                components[name] = references[model, _mode(model)]
        # Last, since a component may go by the name that pydantic chose as well.
        components.update(described.get("$defs", {}))


def _mode(model: type[BaseModel]) -> JsonSchemaMode:
    return "validation" if issubclass(model, RequestBody) else "serialization"
