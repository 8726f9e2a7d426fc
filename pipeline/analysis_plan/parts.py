"""The parts of an analysis plan as Markdown: what is evaluated, with which data, and what each question's answer is.

What is estimated, in words, is in ``methods.py``; numbers of answers in ``sizes.py``;
what the data can't carry in ``limits.py``. Rendering belongs in ``analysis_plan.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from pipeline.analysis_plan import limits, methods
from pipeline.analysis_plan.origin import committed, software
from pipeline.analysis_plan.words import Analysis, linked_surveys, surveyed, wave_label
from pipeline.graph import TABLES
from pipeline.missing_parts import DataFile, data_files
from pipeline.reporting.formats import Markdown, markdown_table
from pipeline.reporting.metadata import written_date
from pipeline.scaffold.words import FILL_IN
from pipeline.sources import files_of
from pipeline.store import Project, sha256
from pipeline.studies import INSTRUMENTS, instruments, load_study
from schemas.instrument import Instrument
from schemas.study import Question, Study, SurveyTable, Table, Tables

SHOWN_SERVICES = 30
"""More services than these are counted and not listed."""


class Plan:
    """The parts of a plan, as Markdown."""

    def __init__(self, study: str, project: Project | None = None, dated: str = ""):
        self.project = project or Project.find()
        self.folder = self.project.raw / study
        self.study: Study = load_study(self.folder, files=False)
        self.dated = dated

    def title(self) -> str:
        """Title of the study."""
        return self.study.title

    def cautions(self) -> list[str]:
        """What a reader has to know before relying on the plan."""
        found = []
        if open_places := self._text.count(FILL_IN):
            found.append(f"This is a draft: {open_places} place(s) of study.yml are still marked {FILL_IN}.")
        if self._with_rows:
            found.append(
                f"Rows were there when this plan was made, in {', '.join(one.path.name for one in self._with_rows)}: "
                "of these data it does not show that it came first."
            )
        return found

    def status(self) -> Markdown:
        """A callout: what the plan was made from, and whether data were there."""
        date = f" on {written_date(self.dated, 'en')}" if self.dated else ""
        none = "" if self._with_rows else " No data file had rows."
        text = (
            f"Made{date} from the study file with the checksum `{self._checksum[:16]}` (in full at the "
            f"end){self._commit}.{none} What will be estimated follows from that file: a change of it makes another "
            "checksum."
        )
        head = (
            "A draft"
            if FILL_IN in self._text
            else "Made when rows were there"
            if self._with_rows
            else "Made before the data"
        )
        kind = "note" if head == "Made before the data" else "warning"
        body = "\n\n".join([*self.cautions(), text])
        return Markdown(f'::: {{.callout-{kind} title="{head}"}}\n{body}\n:::')

    def purpose(self) -> Markdown:
        """What is evaluated, where and when."""
        parts = [self.study.summary.strip() or "The study file does not say what the evaluation is for."]
        if self.study.period:
            period = self.study.period
            parts.append(f"It covers {_day(period.start)} to {_day(period.end)}.")
        if self.study.fictional:
            parts.append("The study is fictional: its data are invented to show the methods, and are no evidence.")
        return Markdown(" ".join(parts))

    def services(self) -> Markdown:
        """The services that are told apart."""
        names = [one.name for one in self.study.services]
        listed = ", ".join(names) if len(names) <= SHOWN_SERVICES else ", ".join(names[:5]) + ", ..."
        if len(names) == 1:
            return Markdown(f"There is one service: {listed}. There is no comparison group.")
        return Markdown(f"Services ({len(names)}): {listed}. They are told apart; none is a comparison group.")

    def waves(self) -> Markdown:
        """Rounds of data collection."""
        rows = [[one.label, _day(one.start), _day(one.end), self._asked_at(one.id)] for one in self.study.waves]
        if not rows:
            return Markdown("There are no rounds of data collection: tables cover the whole period.")
        return markdown_table(["Wave", "From", "To", "Surveys"], rows)

    def _asked_at(self, wave: str) -> str:
        found = [table.instrument for table in self.study.tables.surveys if table.wave == wave]
        return ", ".join(instruments()[one].title for one in found if one in instruments()) or "none"

    def data(self) -> Markdown:
        """What is collected, and whether rows were there already."""
        rows = []
        for name in Tables.model_fields:
            for index, table in enumerate(getattr(self.study.tables, name)):
                rows.append([self._what(name, table), table.data_status, self._state(name, table, index)])
        if not rows:
            return Markdown("The study file names no data yet.")
        return markdown_table(["Data", "Status", "When this plan was made"], rows)

    def _what(self, name: str, table: Table) -> str:
        if not isinstance(table, SurveyTable) or table.instrument not in instruments():
            return TABLES[name]
        return f"{instruments()[table.instrument].title}, {wave_label(self.study, table.wave)}"

    def _state(self, name: str, table: Table, index: int) -> str:
        known = {one.path: one for one in self._files}
        found = [known[p] for p in files_of(self.folder, table, name, index) if p.is_file()]
        if not found:
            return "no file yet"
        return "a file without rows" if all(one.has_rows is False for one in found) else "rows were there"

    def questions(self) -> Markdown:
        """Each question with its indicators, what measures them, the methods, and what would count as an answer."""
        if not self.study.questions:
            return Markdown("The study file names no questions. A plan without questions plans nothing.")
        told: dict[str, int] = {}
        parts: list[str] = []
        for number, one in enumerate(self.study.questions, start=1):
            parts += self._question(number, one, told)
        return Markdown("\n\n".join(parts))

    def _question(self, number: int, one: Question, told: dict[str, int]) -> Iterator[str]:
        """One question; what an earlier one has told (``told``: text and its question) is not told again."""
        yield f"### Question {number}: {one.question} {{.unnumbered}}"
        yield f"**Indicators.** {_listed(one.indicators) or 'None is named.'}"
        for name in (name for name in one.instruments if name in instruments()):
            text = self._measure(name)
            before = told.setdefault(text, number)
            yield f"**Measured by** {instruments()[name].title}{text if before == number else _as_under(before)}"
        found = methods.answering(self.study, one)
        for analysis in found:
            text = _analysis(analysis)
            before = told.setdefault(text, number)
            several = len(one.instruments) > 1 and analysis.about in instruments()
            of = f", {instruments()[analysis.about].title}" if several else ""
            yield f"- **{analysis.title}{of}{text if before == number else '**' + _as_under(before)}"
        if one.answered_by:
            yield f"**Answered by** {one.answered_by}"
        elif not found:
            yield (
                "**Not answered by any data of this plan.** No table, instrument or method of the study file bears "
                "on it. Name what does, or say under `answered_by` why nothing does."
            )

    def _measure(self, name: str) -> str:
        one = instruments()[name]
        answers = ", ".join(option.label for option in one.options)
        tables = [table for table in self.study.tables.surveys if table.instrument == name]
        waves = ", ".join(wave_label(self.study, table.wave) for table in tables)
        asked = f"asked in {waves}" if waves else "of which the study file names no data"
        linked = " Ids are the same person's in every wave." if linked_surveys(self.study, name) else ""
        return f", {asked}; {_who(one)}. {len(one.items)} items; answers: {answers}.{linked} Source: {one.source}."

    def sizes(self) -> Markdown:
        """What numbers of answers could show."""
        from pipeline.analysis_plan.sizes import sizes

        return sizes(self.study)

    def missing(self) -> Markdown:
        """What becomes of missing answers and of those who did not answer."""
        return _bullets(limits.missing(self.study))

    def disclosure(self) -> Markdown:
        """The disclosure policy."""
        return _bullets(limits.disclosure(self.study))

    def limits(self) -> Markdown:
        """What can't be concluded."""
        return _bullets(limits.not_concluded(self.study))

    def exploratory(self) -> Markdown:
        """What is exploratory."""
        others = methods.titles(methods.unasked(self.study))
        lines = [
            "Results of single services, wherever a question asks about all: they describe, and are not tested "
            "against each other unless a comparison above says so.",
            *(
                [f"Estimated because the data allow it, though no question asks for it: {_listed(others)}."]
                if others
                else []
            ),
            "Whatever is looked at after the data are in: subgroups, other answers than those named, other cut-offs.",
        ]
        return Markdown(
            "What stands under a question above is planned. All else is an idea for the next evaluation, and is "
            f"called so wherever it is printed:\n\n{_bullets(lines)}"
        )

    def signatures(self) -> Markdown:
        """Lines to sign on."""
        roles = ("Evaluator", "Person with lived experience of such services", "Peer support worker", "Funder")
        gap = "\\_" * 22
        return Markdown("\n\n".join(f"**{role}**\n\nName {gap} Date {gap[:24]} Signature {gap}" for role in roles))

    def made_from(self) -> Markdown:
        """Checksums of the files that the plan follows from, and how to compare them."""
        files = "\n".join(f"- `{name}`: `{checksum}`" for name, checksum in self.checksums().items())
        text = (
            "Keep the study file as it is now together with the signed plan, or register the plan where it gets a "
            "date that nobody can change. Whoever wants to know later whether the plan came first compares the "
            f"checksum: `sha256sum raw/{self.study.study}/study.yml`. A plan that had to change is made again, with "
            "the reason, and both are kept."
        )
        return Markdown(f"{text}\n\nSHA-256 checksums:\n\n{files}\n\nMade by peerscope {software()}.")

    def checksums(self) -> Mapping[str, str]:
        """Checksum of the study file, the services' file and each instrument, by name."""
        found = {"study.yml": self._checksum}
        if self.study.services_file:
            found[self.study.services_file] = sha256(self.folder / self.study.services_file)
        for one in surveyed(self.study):
            found[f"{one.instrument}.yml"] = sha256(INSTRUMENTS / f"{one.instrument}.yml")
        return found

    @cached_property
    def _files(self) -> list[DataFile]:
        return data_files(self.folder, self.study)

    @cached_property
    def _with_rows(self) -> list[DataFile]:
        """Files with rows; of formats other than CSV each one that is there counts."""
        return [one for one in self._files if one.path.is_file() and one.has_rows is not False]

    @cached_property
    def _text(self) -> str:
        return (self.folder / "study.yml").read_text(encoding="utf-8")

    @cached_property
    def _checksum(self) -> str:
        return sha256(self.folder / "study.yml")

    @cached_property
    def _commit(self) -> str:
        """Date of the version in git; nothing where the file is not in git as it is."""
        return committed(self.folder / "study.yml")


def _who(one: Instrument) -> str:
    return f"about {one.population}" if one.population.endswith("rated") else f"answered by {one.population}"


def _as_under(question: int) -> str:
    return f": as under question {question}."


def _analysis(one: Analysis) -> str:
    answer = f" *What counts as an answer:* {one.answer}" if one.answer else ""
    sources = f" *Source:* {one.sources}." if one.sources else ""
    return f".** {one.how}{answer}{sources}"


def _bullets(lines: Iterator[str] | Sequence[str]) -> Markdown:
    return Markdown("\n".join(f"- {line}" for line in lines))


def _listed(words: Sequence[str]) -> str:
    return "; ".join(words)


def _day(day: object) -> str:
    return written_date(day, "en")
