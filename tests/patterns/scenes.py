"""For each pattern one run that shows it: what comes in, what steps answer, what is complete then."""

from typing import NamedTuple

from runfox.values import Json

Outputs = dict[str, dict[str, Json] | list[dict[str, Json]]]


class Scene(NamedTuple):
    """One run.

    Attributes:
        complete: The steps of the run that are complete at its end.
        outputs: What steps answer, by the name of the function: ``{}`` where nothing is said; a list is for one
            call after the other.
        signals: Those that are sent before the run begins.
        during: The function while which something comes from outside ("": as soon as a step waits), and what
            comes: ``cancel``, or a signal.
        status: How the run ends.
    """

    complete: str
    outputs: Outputs = {}
    inputs: dict[str, Json] = {}
    signals: tuple[str, ...] = ()
    during: tuple[str, str] = ("", "")
    status: str = "complete"


SCENES: dict[int, Scene] = {
    1: Scene("pick pack ship"),
    2: Scene("order bill pack"),
    3: Scene("bill pack ship"),
    4: Scene("weigh parcel", {"weigh": {"grams": 900}}),
    5: Scene("ask cash receipt", {"ask": {"by": "cash"}}),
    6: Scene("emergency doctor police", {"emergency": {"call": ["police", "doctor"]}}),
    7: Scene("emergency doctor report", {"emergency": {"call": ["doctor"]}}),
    8: Scene("foundations materials lay_foundations lay_materials"),
    9: Scene("pulse breath triage"),
    10: Scene(
        "draft review proof print",
        {
            "review": {"say": "fine"},
            "proof": [{"say": "redraft"}, {"say": "reread"}, {"say": "fine"}],
        },
    ),
    11: Scene("bill pack ship"),
    12: Scene("fines note"),
    13: Scene("sign publish"),
    14: Scene("search review decide", {"search": {"papers": ["a", "b"]}}),
    15: Scene("hear judge", {"hear": [{"named": 1}, {"named": 1}, {"named": 0}, {"named": 0}]}),
    16: Scene("offer answer farewell", signals=("declined",)),
    17: Scene("blood x_ray surgery"),
    18: Scene("book request change_seat issue", during=("issue", "change")),
    19: Scene("prepare ask", {"ask": {"wanted": False}}),
    20: Scene("apply", during=("value", "cancel"), status="cancelled"),
    21: Scene("lap shower", {"rest": [{"tired": False}, {"tired": False}, {"tired": True}]}),
    22: Scene("inner wrap", inputs={"depth": 3}),
    23: Scene("arm alarm flood", during=("", "smoke")),
    24: Scene("clean filed check", signals=("form",)),
    25: Scene("insure news", {"news": {"war": True}}),
    26: Scene("radio", {"radio": {"found": True}}),
    27: Scene("closing result", signals=("close",)),
    28: Scene(
        "north south alarm rearm",
        {"rearm": [{"over": False}, {"over": True}]},
        signals=("north", "north", "south", "south"),
    ),
    29: Scene("fast_lab result"),
    30: Scene("ann bob cat approve"),
    31: Scene(
        "ann bob cat approve next",
        {"next": [{"over": False}, {"over": True}]},
        signals=("ann", "bob", "cat", "cat", "bob", "ann"),
    ),
    32: Scene("ann bob approve"),
    33: Scene(
        "frame wheel assemble",
        {"assemble": [{"over": False}, {"over": True}]},
        signals=("wheel", "frame", "frame", "wheel"),
    ),
    34: Scene("vote declare"),
    35: Scene("vote declare"),
    36: Scene("ask write", {"ask": [{"sure": False}, {"sure": False}, {"sure": True}]}),
    37: Scene("plan wall gutter clean", {"plan": {"do": ["wall"]}}),
    38: Scene(
        "plan dig mix pour inspect",
        {
            "plan": {"do": ["dig", "mix"]},
            "dig": [{"rock": True}, {"rock": False}, {"rock": False}],
            "inspect": [{"crack": True}, {"crack": False}],
        },
    ),
    39: Scene("deposit payment letter"),
    40: Scene("oil lights brakes drive"),
    41: Scene("inspect licence"),
    42: Scene("submit paper"),
    43: Scene("search_north search_south found"),
}
