"""Files as survey platforms write them: headings, separators, quotation marks and line ends of each.

All names, answers and ids are invented.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from xml.sax.saxutils import escape

Cells = Sequence[object]


def write_rows(
    path: Path, rows: Iterable[Cells], separator: str = ",", encoding: str = "utf-8", **how: object
) -> Path:
    stream = io.StringIO()
    csv.writer(stream, delimiter=separator, lineterminator="\n", **how).writerows(rows)  # type: ignore[arg-type]
    path.write_bytes(stream.getvalue().encode(encoding))
    return path


def write_sheet(path: Path, rows: Iterable[Cells], title: str = "Form1") -> Path:
    from openpyxl import Workbook

    book = Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(list(row))
    book.save(path)
    return path


# REDCap

DICTIONARY_HEADINGS = [
    "Variable / Field Name",
    "Form Name",
    "Section Header",
    "Field Type",
    "Field Label",
    "Choices, Calculations, OR Slider Labels",
    "Field Note",
    "Text Validation Type OR Show Slider Number",
    "Text Validation Min",
    "Text Validation Max",
    "Identifier?",
    "Branching Logic (Show field only if...)",
    "Required Field?",
    "Custom Alignment",
    "Question Number (surveys only)",
    "Matrix Group Name",
    "Matrix Ranking?",
    "Field Annotation",
]
DICTIONARY = [
    # name, form, type, label, choices, identifier
    ("record_id", "intake", "text", "Record ID", "", ""),
    ("site", "intake", "dropdown", "Service", "1, North Clinic | 2, South Clinic", ""),
    ("full_name", "intake", "text", "Full name", "", "y"),
    ("phone", "intake", "text", "Phone", "", "y"),
    ("support", "intake", "checkbox", "Which support? <em>Tick all.</em>",
     "1, One to one | 2, Group, weekly| GRP-B, Group B | -9, Don't know", ""),
    ("hope", "check", "radio", '<p class="rich">I feel <b>more</b> hopeful&nbsp;today.</p>',
     "0, Not at all | 1, A little | 2, A lot | -9, Don't know", ""),
    ("trained", "check", "yesno", "Was the worker trained?", "", ""),
    ("told", "check", "truefalse", "I was told", "", ""),
    ("score", "check", "calc", "Score", "[hope] * 2", ""),
    ("pain", "check", "slider", "Pain", "None | | Worst", ""),
    ("note", "check", "descriptive", "Thank you.", "", ""),
    ("comment", "check", "notes", "Comment", "", ""),
    ("comment_visit", "home_visit", "notes", "Comment", "", ""),
]  # fmt: skip


def redcap_dictionary(folder: Path, name: str = "dictionary.csv") -> Path:
    rows = []
    for field, form, kind, label, choices, identifier in DICTIONARY:
        cells = dict.fromkeys(DICTIONARY_HEADINGS, "")
        cells |= {"Variable / Field Name": field, "Form Name": form, "Field Type": kind, "Field Label": label}
        cells |= {"Choices, Calculations, OR Slider Labels": choices, "Identifier?": identifier}
        rows.append(list(cells.values()))
    return write_rows(folder / name, [DICTIONARY_HEADINGS, *rows], encoding="utf-8-sig")


REDCAP_RAW = [
    ["record_id", "redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance",
     "redcap_data_access_group", "site", "full_name", "phone", "support___1", "support___2", "support___grp_b",
     "support____9", "intake_complete", "check_timestamp", "hope", "trained", "told", "score", "pain", "comment",
     "check_complete", "comment_visit", "home_visit_complete"],
    ["N-1", "start_arm_1", "", "", "north", "1", "Ann Other", "555", "1", "0", "0", "0", "2",
     "2025-03-03 10:15:00", "2", "1", "0", "4", "30", "Kind people,\nas ever", "2", "", ""],
    ["N-1", "end_arm_1", "", "", "north", "", "", "", "", "", "", "", "", "[not completed]", "-9", "0", "1", "", "",
     "", "0", "", ""],
    ["N-1", "start_arm_1", "home_visit", "1", "north", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "",
     "", "First visit", "2"],
    ["S-2", "start_arm_1", "", "", "south", "2", "Ben Other", "556", "0", "1", "1", "0", "2", "", "0", "", "", "0",
     "", "", "1", "", ""],
]  # fmt: skip


def redcap_raw(folder: Path, name: str = "export.csv") -> Path:
    return write_rows(folder / name, REDCAP_RAW)


def redcap_labels(folder: Path, name: str = "labels.csv") -> Path:
    headings = ["Record ID", "Event Name", "Service", "Full name", "Which support? Tick all. (choice=One to one)",
                "Which support? Tick all. (choice=Dont know)", "Complete?", "I feel more hopeful today.", "Comment",
                "Complete?", "Comment"]  # fmt: skip
    answers = ["N-1", "Start", "North Clinic", "Ann Other", "Checked", "Unchecked", "Complete", "A lot", "Kind",
               "Unverified", "First visit"]  # fmt: skip
    return write_rows(folder / name, [headings, answers])


# Qualtrics

QUALTRICS_NAMES = ["StartDate", "EndDate", "Status", "IPAddress", "Progress", "Duration (in seconds)", "Finished",
                   "RecordedDate", "ResponseId", "RecipientLastName", "RecipientFirstName", "RecipientEmail",
                   "ExternalReference", "LocationLatitude", "LocationLongitude", "DistributionChannel",
                   "UserLanguage", "Q1", "Q2_1", "Q2_3", "Q3", "Q4_1", "Q4_2", "Q5_4_TEXT", "site"]  # fmt: skip
QUALTRICS_QUESTIONS = ["Start Date", "End Date", "Response Type", "IP Address", "Progress", "Duration (in seconds)",
                       "Finished", "Recorded Date", "Response ID", "Recipient Last Name", "Recipient First Name",
                       "Recipient Email", "External Data Reference", "Location Latitude", "Location Longitude",
                       "Distribution Channel", "User Language", "How hopeful\nare you, <b>today</b>?",
                       "Rate the support:\n\n - It helped", "Rate the support:\n\n - It was, in time",
                       "What did you use?", "Tick all - Selected Choice - Walks", "Tick all - Selected Choice - Gym",
                       "Other - Text", "site"]  # fmt: skip
QUALTRICS_IDS = ["startDate", "endDate", "status", "ipAddress", "progress", "duration", "finished", "recordedDate",
                 "_recordId", "recipientLastName", "recipientFirstName", "recipientEmail", "externalDataReference",
                 "locationLatitude", "locationLongitude", "distributionChannel", "userLanguage", "QID1", "QID7_1",
                 "QID7_3", "QID9", "QID11_1", "QID11_2", "QID12_4_TEXT", "site"]  # fmt: skip
QUALTRICS_CODES = [
    ["2025-03-03 09:00:00", "2025-03-03 09:04:00", "0", "203.0.113.9", "100", "240", "1", "2025-03-03 09:04:01",
     "R_2YPOQ602ER1jkf1", "Other", "Ann", "ann@example.org", "c01", "53.5", "-113.5", "email", "EN", "5", "2", "-99",
     "1,3", "1", "", "Drop-in,\n\"the shed\"", "north"],
    ["2025-03-03 10:00:00", "2025-03-03 10:00:30", "1", "", "15", "30", "0", "2025-03-10 10:00:31",
     "R_1a2B3c4D5e6F7g8", "", "", "", "", "", "", "preview", "EN", "", "", "", "", "", "1", "", ""],
]  # fmt: skip


def _import_ids() -> list[str]:
    zones = {"startDate", "endDate", "recordedDate"}
    found: list[dict[str, str]] = []
    for one in QUALTRICS_IDS:
        stem, _, choice = one.partition("_")
        if stem == "QID11":
            found.append({"ImportId": stem, "choiceId": choice})
        else:
            found.append({"ImportId": one} | ({"timeZone": "America/Denver"} if one in zones else {}))
    return [json.dumps(one, separators=(",", ":")) for one in found]


def qualtrics(folder: Path, name: str = "survey.csv") -> Path:
    """By the ending: CSV with a byte-order mark, TSV in UTF-16, or Excel, which has no row of ids."""
    rows = [QUALTRICS_NAMES, QUALTRICS_QUESTIONS, _import_ids(), *QUALTRICS_CODES]
    if name.endswith(".xlsx"):
        return write_sheet(folder / name, [rows[0], rows[1], *rows[3:]], "Sheet0")
    if name.endswith(".tsv"):
        return write_rows(folder / name, rows, "\t", "utf-16")
    return write_rows(folder / name, rows, encoding="utf-8-sig")


def qualtrics_legacy(folder: Path, name: str = "legacy.csv") -> Path:
    names = [*(f"V{number}" for number in range(1, 11)), "Q1", "LocationLatitude", ""]
    second = ["ResponseID", "ResponseSet", "Name", "ExternalDataReference", "EmailAddress", "IPAddress", "Status",
              "StartDate", "EndDate", "Finished", "How hopeful are you?", "LocationLatitude", ""]  # fmt: skip
    answers = ["R_2YPOQ602ER1jkf1", "Default Response Set", "Ann Other", "c01", "ann@example.org", "203.0.113.9",
               "0", "2015-03-03 09:00:00", "2015-03-03 09:04:00", "1", "2", "53.5", ""]  # fmt: skip
    return write_rows(folder / name, [names, second, answers], encoding="utf-8-sig")


def qualtrics_survey(folder: Path, name: str = "survey.qsf") -> Path:
    def shown(*texts: str) -> dict[str, dict[str, str]]:
        return {str(key): {"Display": text} for key, text in enumerate(texts, start=1)}

    single = {"QuestionID": "QID1", "DataExportTag": "Q1", "QuestionType": "MC", "Selector": "SAVR",
              "SubSelector": "TX", "Choices": shown("Not at all", "A <b>lot</b>", "Don't know"),
              "RecodeValues": {"1": "0", "2": "5", "3": "-9"}}  # fmt: skip
    matrix = {"QuestionID": "QID7", "DataExportTag": "Q2", "QuestionType": "Matrix", "Selector": "Likert",
              "SubSelector": "SingleAnswer", "Choices": shown("It helped", "unused", "It was, in time"),
              "Answers": shown("Disagree", "Agree"), "RecodeValues": [], "ChoiceDataExportTags": False}  # fmt: skip
    several = {"QuestionID": "QID11", "DataExportTag": "Q4", "QuestionType": "MC", "Selector": "MAVR",
               "SubSelector": "TX", "Choices": shown("Walks", "Gym")}  # fmt: skip
    text = {"QuestionID": "QID13", "DataExportTag": "Q6", "QuestionType": "TE", "Selector": "SL"}
    payloads = [single, matrix, several, text]
    elements = [{"Element": "BL", "PrimaryAttribute": "Survey Blocks", "Payload": [{"Type": "Default"}]}]
    elements += [{"Element": "SQ", "PrimaryAttribute": one["QuestionID"], "Payload": one} for one in payloads]
    entry = {"SurveyID": "SV_6mudEEycYo5zehT", "SurveyName": "Check"}
    file = folder / name
    file.write_text(json.dumps({"SurveyEntry": entry, "SurveyElements": elements}), encoding="utf-8")
    return file


# LimeSurvey

LIME_CODES = ["id", "submitdate", "lastpage", "startlanguage", "seed", "token", "ipaddr", "Q1", "Q2[SQ001]",
              "Q2[SQ002]", "Q3[A]", "Q3[B]", "Q3[other]", "Q4", "Q4[other]",
              "Q5[SQ001][1]", "Q5[SQ001][2]"]  # fmt: skip
LIME_TEXTS = ["Response ID", "Date submitted", "Last page", "Start language", "Seed", "Access code", "IP address",
              "Were you heard?", "How do you feel?  [Hopeful]", "How do you feel?  [Less alone, now]",
              "What did you use?  [Walks]", "What did you use?  [Gym]", "What did you use?  [Other]",
              "Which service?", "Which service?  [Other]", "Support  [At home][Needed]",
              "Support  [At home][Received]"]  # fmt: skip
LIME_ANSWERS = [
    ["1", "2025-03-03 09:04:00", "3", "en", "1729", "c01", "203.0.113.9", "Y", "A1", "A3", "Y", "", "Shed; tools",
     "-oth-", "The Yard", "1", "2"],
    ["2", "", "1", "en", "1730", "c02", "203.0.113.8", "", "", "", "", "", "", "", "", "", ""],
]  # fmt: skip


def limesurvey(
    folder: Path, headings: str = "code", name: str = "results-survey123456.csv", separator: str = ","
) -> Path:
    """Headings as ``code``, ``underscores``, ``full`` or ``code and text``; every cell in quotation marks."""
    names = {
        "code": LIME_CODES,
        "underscores": [_underscored(one) for one in LIME_CODES],
        "full": LIME_TEXTS,
        "code and text": [f"{code}. {text}" for code, text in zip(LIME_CODES, LIME_TEXTS, strict=True)],
    }[headings]
    if name.endswith(".xlsx"):
        return write_sheet(folder / name, [names, *LIME_ANSWERS], "Check")
    path = write_rows(folder / name, [names, *LIME_ANSWERS], separator, "utf-8-sig", quoting=csv.QUOTE_ALL)
    with path.open("ab") as stream:
        stream.write(b"\r\n")  # a white line ends the file
    return path


def _underscored(code: str) -> str:
    parts = code.replace("]", "").split("[")
    return "_".join([*parts[:2], *(str(int(scale) - 1) for scale in parts[2:])])


def limesurvey_structure(folder: Path, own_tables: bool, name: str = "survey.lss") -> Path:
    """Texts with the questions and answers, as up to LimeSurvey 3, or in tables of their own, as later."""
    questions = [("1", "Q1", "Y", "<p>Were you heard?</p>", "N"), ("2", "Q2", "F", "How do you feel?", "N"),
                 ("3", "Q3", "M", "What did you use?", "Y"), ("4", "Q4", "L", "Which service?", "Y"),
                 ("5", "Q5", "1", "Support<script>var a = 1;</script>", "N")]  # fmt: skip
    parts = [("21", "2", "SQ001", "Hopeful"), ("22", "2", "SQ002", "Less alone, now"), ("31", "3", "A", "Walks"),
             ("32", "3", "B", "Gym"), ("51", "5", "SQ001", "At home")]  # fmt: skip
    answers = [("2", "A1", "0", "Not at all"), ("2", "A3", "0", "A lot"), ("4", "N", "0", "North"),
               ("5", "1", "0", "Much"), ("5", "2", "0", "Little"), ("5", "1", "1", "All"),
               ("5", "2", "1", "None")]  # fmt: skip
    languages = ("de", "en")  # English is the survey's own
    tables = ("answers", "answer_l10ns", "questions", "subquestions", "question_l10ns")
    rows: dict[str, list[dict[str, str]]] = {table: [] for table in tables}
    for number, (qid, code, scale, text) in enumerate(answers):
        fixed = {"aid": str(number)} if own_tables else {}
        rows["answers"] += _worded({"qid": qid, "code": code, "scale_id": scale} | fixed, "answer", text,
                                   () if own_tables else languages)  # fmt: skip
        if own_tables:
            rows["answer_l10ns"] += _worded({"aid": str(number)}, "answer", text, languages)
    for qid, code, kind, text, other in questions:
        row = {"qid": qid, "parent_qid": "0", "title": code, "type": kind, "other": other}
        rows["questions"] += _worded(row, "question", text, () if own_tables else languages)
        rows["question_l10ns"] += _worded({"qid": qid}, "question", text, languages) if own_tables else []
    for qid, parent, code, text in parts:
        row = {"qid": qid, "parent_qid": parent, "title": code, "type": "T", "scale_id": "0"}
        rows["subquestions"] += _worded(row, "question", text, () if own_tables else languages)
        rows["question_l10ns"] += _worded({"qid": qid}, "question", text, languages) if own_tables else []
    rows["surveys"] = [{"sid": "123456", "language": "en"}]
    content = "".join(_table(table, found) for table, found in rows.items() if found)
    version = "<LimeSurveyDocType>Survey</LimeSurveyDocType><DBVersion>600</DBVersion>"
    file = folder / name
    file.write_text(
        f'<?xml version="1.0" encoding="UTF-8"?>\n<document>{version}{content}</document>', encoding="utf-8"
    )
    return file


def _worded(row: dict[str, str], column: str, text: str, languages: Sequence[str]) -> list[dict[str, str]]:
    if not languages:
        return [row]
    return [row | {column: text if one == "en" else f"({one}) {text}", "language": one} for one in languages]


def _table(name: str, rows: Iterable[dict[str, str]]) -> str:
    cells = ("".join(f"<{tag}>{escape(text)}</{tag}>" for tag, text in row.items()) for row in rows)
    return f"<{name}><rows>{''.join(f'<row>{row}</row>' for row in cells)}</rows></{name}>"


# Microsoft Forms and Google Forms

MICROSOFT = [
    ["ID", "Start time", "Completion time", "Email", "Name", "Last modified time",
     "Which support did you use?\xa0", "It helped me", "It was in time", "Anything\nelse?",
     "Anything\nelse?2", "Name2"],
    [1, datetime(2025, 3, 3, 9, 0, 5), datetime(2025, 3, 3, 9, 4, 0), "anonymous", "", None,
     "Walks;Gym, with a friend;", "Agree", "Neutral", "Kind people; thanks", "", "Ann Other"],
    [2, datetime(2025, 3, 4, 9, 0, 0), datetime(2025, 3, 4, 9, 1, 0), "anonymous", "", None,
     "Walks;", "Disagree", "Agree", None, "No", None],
]  # fmt: skip


def microsoft_forms(folder: Path, name: str = "form.xlsx") -> Path:
    return write_sheet(folder / name, MICROSOFT)


GOOGLE = [
    ["Timestamp", "Email Address", "What did you use? (one, or more; as you like)", "How do you feel? [Hopeful]",
     "How do you feel? [Less  alone]", "Comment ", "Comment", "Where can we reach you?"],
    ["2025/03/03 9:04:00 AM GMT+1", "ann@example.org", "Walks, Gym, with a friend", "A lot", "A little",
     "Kind,\nas ever", "", "ann@example.org"],
    ["2025/03/03 12:30:10 PM GMT+1", "ben@example.org", "Walks", "A little", "", "", "None", ""],
]  # fmt: skip


def google_forms(folder: Path, name: str = "form.csv") -> Path:
    if name.endswith(".xlsx"):
        return write_sheet(folder / name, GOOGLE, "Form Responses 1")
    return write_rows(folder / name, GOOGLE, quoting=csv.QUOTE_ALL)
