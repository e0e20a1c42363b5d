"""Programming languages: which grammar reads them, and which of their nodes are definitions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import ModuleType

from tree_sitter import Language

_C_DEFINITIONS = {
    "function_definition": "",
    "struct_specifier": "struct",
    "union_specifier": "union",
    "enum_specifier": "enum",
}
_JS_DEFINITIONS = {
    "class_declaration": "class",
    "function_declaration": "function",
    "generator_function_declaration": "function",
    "method_definition": "",
    "variable_declarator": "const",
}


@dataclass(frozen=True, slots=True)
class Grammar:
    """How a language is parsed, and what in it has a name worth saying."""

    module: str
    definitions: Mapping[str, str]
    """Node type -> the word before the name; the name is the field `name`, or the end of the `declarator`s."""
    function: str = "language"
    """What in the module gives the grammar."""
    wrappers: frozenset[str] = frozenset()
    """Nodes around a definition where its text begins: decorators, `export`."""
    only_with: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Node types that define something only when the value, type or body is one of these (or there is any)."""


_JS_ONLY = {"variable_declarator": frozenset({"arrow_function", "function_expression", "class"})}
_C_ONLY: Mapping[str, frozenset[str]] = {
    kind: frozenset() for kind in ("struct_specifier", "union_specifier", "enum_specifier", "class_specifier")
}
_TYPESCRIPT = {
    **_JS_DEFINITIONS,
    "abstract_class_declaration": "class",
    "interface_declaration": "interface",
    "enum_declaration": "enum",
    "type_alias_declaration": "type",
    "internal_module": "namespace",
}
_EXPORTS = frozenset({"export_statement", "lexical_declaration", "variable_declaration"})

GRAMMARS: Mapping[str, Grammar] = {
    "python": Grammar(
        "tree_sitter_python",
        {"class_definition": "class", "function_definition": "def"},
        wrappers=frozenset({"decorated_definition"}),
    ),
    "javascript": Grammar("tree_sitter_javascript", _JS_DEFINITIONS, wrappers=_EXPORTS, only_with=_JS_ONLY),
    "typescript": Grammar(
        "tree_sitter_typescript", _TYPESCRIPT, "language_typescript", wrappers=_EXPORTS, only_with=_JS_ONLY
    ),
    "tsx": Grammar(
        "tree_sitter_typescript", _TYPESCRIPT, "language_tsx", wrappers=_EXPORTS, only_with=_JS_ONLY
    ),
    "java": Grammar(
        "tree_sitter_java",
        {
            "class_declaration": "class",
            "interface_declaration": "interface",
            "enum_declaration": "enum",
            "record_declaration": "record",
            "annotation_type_declaration": "@interface",
            "method_declaration": "",
            "constructor_declaration": "",
        },
    ),
    "c": Grammar("tree_sitter_c", _C_DEFINITIONS, only_with=_C_ONLY),
    "cpp": Grammar(
        "tree_sitter_cpp",
        {**_C_DEFINITIONS, "class_specifier": "class", "namespace_definition": "namespace"},
        wrappers=frozenset({"template_declaration"}),
        only_with=_C_ONLY,
    ),
    "rust": Grammar(
        "tree_sitter_rust",
        {
            "function_item": "fn",
            "struct_item": "struct",
            "enum_item": "enum",
            "union_item": "union",
            "trait_item": "trait",
            "impl_item": "impl",
            "mod_item": "mod",
            "macro_definition": "macro",
        },
        only_with={"mod_item": frozenset()},
    ),
    "go": Grammar(
        "tree_sitter_go",
        {"function_declaration": "func", "method_declaration": "func", "type_spec": "type"},
        wrappers=frozenset({"type_declaration"}),
    ),
    "ruby": Grammar(
        "tree_sitter_ruby",
        {"class": "class", "module": "module", "method": "def", "singleton_method": "def self."},
    ),
    "c_sharp": Grammar(
        "tree_sitter_c_sharp",
        {
            "namespace_declaration": "namespace",
            "class_declaration": "class",
            "interface_declaration": "interface",
            "struct_declaration": "struct",
            "record_declaration": "record",
            "enum_declaration": "enum",
            "method_declaration": "",
            "constructor_declaration": "",
            "property_declaration": "",
        },
    ),
    "php": Grammar(
        "tree_sitter_php",
        {
            "class_declaration": "class",
            "interface_declaration": "interface",
            "trait_declaration": "trait",
            "enum_declaration": "enum",
            "function_definition": "function",
            "method_declaration": "function",
        },
        "language_php",
    ),
    "bash": Grammar("tree_sitter_bash", {"function_definition": "function"}),
}

_SUFFIXES = {
    "python": ".py .pyi",
    "javascript": ".js .mjs .cjs .jsx",
    "typescript": ".ts .mts .cts",
    "tsx": ".tsx",
    "java": ".java",
    "c": ".c .h",
    "cpp": ".cc .cpp .cxx .hh .hpp .hxx",
    "rust": ".rs",
    "go": ".go",
    "ruby": ".rb",
    "c_sharp": ".cs",
    "php": ".php",
    "bash": ".sh .bash",
}
LANGUAGE_BY_SUFFIX = {suffix: name for name, suffixes in _SUFFIXES.items() for suffix in suffixes.split()}


@cache
def load(name: str) -> Language:
    """Load a grammar. Raises `ImportError` where its package is missing."""
    grammar = GRAMMARS[name]
    function: Callable[[], object] = getattr(_module(grammar.module), grammar.function)
    return Language(function())


def _module(name: str) -> ModuleType:  # noqa: C901 -- one a package, so that bundling finds them
    match name:
        case "tree_sitter_bash":
            import tree_sitter_bash

            return tree_sitter_bash
        case "tree_sitter_c":
            import tree_sitter_c

            return tree_sitter_c
        case "tree_sitter_c_sharp":
            import tree_sitter_c_sharp

            return tree_sitter_c_sharp
        case "tree_sitter_cpp":
            import tree_sitter_cpp

            return tree_sitter_cpp
        case "tree_sitter_go":
            import tree_sitter_go

            return tree_sitter_go
        case "tree_sitter_java":
            import tree_sitter_java

            return tree_sitter_java
        case "tree_sitter_javascript":
            import tree_sitter_javascript

            return tree_sitter_javascript
        case "tree_sitter_php":
            import tree_sitter_php

            return tree_sitter_php
        case "tree_sitter_python":
            import tree_sitter_python

            return tree_sitter_python
        case "tree_sitter_ruby":
            import tree_sitter_ruby

            return tree_sitter_ruby
        case "tree_sitter_rust":
            import tree_sitter_rust

            return tree_sitter_rust
        case "tree_sitter_typescript":
            import tree_sitter_typescript

            return tree_sitter_typescript
        case _:
            raise ImportError(name)
