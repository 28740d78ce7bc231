"""The codes of problems: stable names that programs and searches can rely on, each with what it means."""

from typing import Final

CODES: Final[dict[str, str]] = {
    # The text cannot be read as data.
    "yaml-syntax": "The text is not YAML.",
    "json-syntax": "A .json file is not JSON.",
    "not-utf8": "The file is not encoded in UTF-8.",
    "too-large": "Something is over a limit of size: the file, a list, a text, an expression.",
    "too-deep": "Mappings and lists are nested too deeply.",
    "bad-character": "A text holds U+0000 or half of a surrogate pair.",
    "bad-number": "A number is infinite, not a number, or beyond 64 bits.",
    "bad-alias": "An alias has no anchor, contains itself, stands as a key, or repeats too much.",
    "tag": "A value has a YAML tag; workflows are plain data.",
    "merge-key": "Mappings are merged with <<, which is not supported.",
    "key-not-text": "A key is a number, true, false, null, a list or a mapping.",
    "duplicate-key": "A mapping has the same key twice; the first counts.",
    "two-documents": "A file holds more than one document.",
    "not-json": "A value given by a program has no JSON form.",
    # The shape of a workflow.
    "unknown-key": "A key that the language does not have at this place.",
    "missing-key": "A key that is required is not there.",
    "clashing-keys": "Two keys of which only one can be meant.",
    "wrong-type": "A value of another type is expected.",
    "empty": "A text or a list that must hold something is empty.",
    "out-of-range": "A number is too small or too large.",
    "bad-id": "A step's id is outside its grammar.",
    "bad-duration": "A value is no duration, is negative, or is too long.",
    "bad-target": "What set names is not the form of a step.",
    "unknown-action": "An action that the language does not have.",
    "misplaced-result": "A result stands beside an action that takes none.",
    # How steps hang together.
    "duplicate-id": "Two steps have the same id.",
    "duplicate-dependency": "A step is listed twice in one depends_on.",
    "unknown-step": "A step is named that the workflow does not have.",
    "self-dependency": "A step depends on itself.",
    "dependency-cycle": "Steps depend on each other in a circle, so none of them can start.",
    "set-without-exit": "A step sets steps and has no branch that ends the loop.",
    "unreachable-branch": "A branch that is never taken. (warning)",
    "unreachable-step": "A step that never runs, since one it depends on never completes. (warning)",
    # Expressions.
    "not-logic": "A condition is a mapping of several keys.",
    "unknown-operator": "Logic uses an operator that does not exist.",
    "wrong-arity": "An operator has too few or too many arguments.",
    "bad-path": "A path of var, vars or missing cannot be read.",
    "unknown-name": "An expression reads a name that is not there.",
    "unknown-field": "An expression reads something that steps, workflow or error do not have.",
    "read-too-early": "A step reads itself, or a step that runs after it, outside a loop.",
    "unordered-read": "A step reads one that may run before or after it. (warning)",
    "hidden-key": "A reserved name hides a key of the output. (warning)",
    "constant-logic": "A mapping among data is logic whose value never changes. (warning)",
    "nearly-logic": "A mapping among data is nearly logic. (warning)",
    # Values that are allowed and probably not meant.
    "numeric-version": "A version is a number, which loses trailing zeros. (warning)",
    "delay-cut-short": "A retry's delay is over its max_delay. (warning)",
}
