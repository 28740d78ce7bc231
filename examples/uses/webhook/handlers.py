"""What the services outside do."""

WORDS = {"de": {"wait": "warte", "dawn": "Morgen"}, "fr": {"wait": "attends", "dawn": "aube"}}


def transcribe(*, film):
    return {"lines": ["wait", "dawn"]}


def translate(*, lines, language):
    return {"language": language, "lines": [WORDS[language][line] for line in lines]}


def publish(*, film, languages):
    return {"published": f"{film} ({', '.join(sorted(languages))})"}
