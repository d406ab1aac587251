"""
The report of an import: the result of every row, and the state of the deals.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Final, TypeVar, get_args

import attrs

from .._lifecycle.lifecycle import Lifecycle
from .._model.definition import OutcomeClass
from .._model.frozen import FrozenDict, noun
from .._model.messages import format_value, render
from .._model.project import Project
from .._model.values import Label, Money
from .._pipeline.results import ListenerFailure


Name = TypeVar("Name", bound=str)
_ROW: Final = Label("row {row}: {about}", "第 {row} 行：{about}")
_ROW_WITH_VALUE: Final = Label("row {row}: {about}: {value}", "第 {row} 行：{about}：{value}")


@noun
class RowProblem:
    """
    One thing to say of a row: what kept it, or a part of it, from being imported, or what people should know of it.

    Attributes:
        row: its number, the header being row 1.
        code: stable and dotted, for example ``stage.unknown``.
        about: what is wrong, without the value, so that equal problems can be grouped.
        value: what the row says, if that helps.
        project_id: the deal, if the row tells it.
    """

    row: int
    code: str
    about: Label
    value: str = ""
    project_id: str | None = None

    def message(self, lang: str = "en") -> str:
        """
        Say in one line what is wrong with the row.
        """
        said = _ROW_WITH_VALUE if self.value else _ROW
        return render(said, {"row": self.row, "about": self.about, "value": self.value}, lang)


@noun
class ProblemGroup:
    """
    Problems with the same sentence.

    Attributes:
        rows: the numbers of their rows, in order, each once.
    """

    code: str
    about: Label
    problems: tuple[RowProblem, ...]

    @property
    def rows(self) -> tuple[int, ...]:
        return tuple(dict.fromkeys(problem.row for problem in self.problems))


def label(code: str, **parts: Any) -> Label:
    """
    Return the words of a code with their parts put in.
    """
    words = PROBLEMS[code]
    return Label(
        words.en.format_map({name: format_value(part, "en") for name, part in parts.items()}),
        words.zh.format_map({name: format_value(part, "zh") for name, part in parts.items()}),
    )


PROBLEMS: Final[Mapping[str, Label]] = FrozenDict(
    {
        "row.width": Label("not as many cells as the header has ({columns})", "单元格数与表头（{columns} 列）不一致"),
        "row.changed": Label("imported before with other values ({what})", "此前已导入，但内容不同（{what}）"),
        "row.more": Label(
            "imported before without these values ({what}); they are not put in afterwards",
            "此前导入时没有这些值（{what}），不会事后补入",
        ),
        "row.repeated": Label(
            "an earlier row of the deal says the same of the same time ({stage})",
            "该商机前面的行在同一时间内容相同（{stage}）",
        ),
        "stage.same": Label(
            "the deal is in {stage} already, and the row changes nothing", "商机已在“{stage}”阶段，该行没有任何变化"
        ),
        "closing.again": Label(
            "the deal is closed already ({stage}), and the row changes nothing",
            "商机已在“{stage}”关闭，该行没有任何变化",
        ),
        "opening.assumed": Label(
            "the deal is in {stage} already where its history begins; when it was opened is not known, "
            "and it is opened in {start} at that time",
            "历史记录开始时商机已在“{stage}”阶段；创建时间未知，按该时间在“{start}”创建",
        ),
        "field.locked": Label(
            "the row changes {field}, which is locked from {stage} on; the change is recorded, because it happened",
            "该行修改了“{field}”，而该字段自“{stage}”起锁定；按实际发生的情况记录",
        ),
        "row.unusable": Label("{why}", "{why}"),
        "row.overtaken": Label(
            "another writer changed the deal during the import; run it again", "导入期间该商机被他人修改，请重新导入"
        ),
        "id.missing": Label("no id: {column} is empty", "缺少编号：{column} 为空"),
        "id.malformed": Label(
            "{column} is not an id (1 to 128 letters, digits, '.', '_' or '-', beginning with a letter or digit; "
            "slug = true under project.id in the mapping makes an id of any text)",
            "{column} 不是有效编号（1 至 128 个字母、数字、“.”“_”“-”，以字母或数字开头；"
            "在映射文件的 project.id 下写 slug = true 可由任意文本生成编号）",
        ),
        "currency.missing": Label("no currency: {column} is empty", "缺少币种：{column} 为空"),
        "currency.malformed": Label(
            "{column} is not a currency (an ISO 4217 code, three capital letters)",
            "{column} 不是有效币种（ISO 4217 代码，三个大写字母）",
        ),
        "id.duplicate": Label("duplicate id, an earlier row has it already", "编号重复，前面的行已使用"),
        "name.too_long": Label("the name has more than 500 characters", "名称超过 500 个字符"),
        "name.malformed": Label(
            "the name has control characters, line breaks or marks of writing direction",
            "名称含有控制字符、换行符或文字方向标记",
        ),
        "actor.missing": Label("nobody acted: {column} is empty", "缺少操作人：{column} 为空"),
        "actor.malformed": Label(
            "{column} is not the name of an actor (1 to 128 printable characters)",
            "{column} 不是有效的操作人名称（1 至 128 个可打印字符）",
        ),
        "stage.missing": Label("no stage: {column} is empty", "缺少阶段：{column} 为空"),
        "stage.unknown": Label("unknown stage, the mapping does not list it", "未知阶段，映射文件中没有对应项"),
        "time.missing": Label("{stage} without a date: {column} is empty", "“{stage}”缺少日期：{column} 为空"),
        "time.unreadable": Label("{column} is not a time of the form {formats}", "{column} 不是 {formats} 格式的时间"),
        "time.reach": Label("{column} lies outside of the years 1000 to 8999", "{column} 超出 1000 年至 8999 年的范围"),
        "time.twice": Label(
            "clocks in {zone} showed {column} twice; the first was taken", "{zone} 的时钟两次显示 {column}；取第一次"
        ),
        "time.twice_second": Label(
            "clocks in {zone} showed {column} twice; the second was taken, which keeps the order of the file",
            "{zone} 的时钟两次显示 {column}；为保持文件顺序，取第二次",
        ),
        "time.skipped": Label(
            "clocks in {zone} skipped {column}; the time is later by as much as they went forward",
            "{zone} 的时钟跳过了 {column}；已按时钟拨快的时长顺延",
        ),
        "time.before_opening": Label(
            "{stage} ({column}) lies before the opening of the deal", "“{stage}”（{column}）早于商机的创建时间"
        ),
        "time.backwards": Label(
            "{stage} ({column}) lies before the step that precedes it", "“{stage}”（{column}）早于前一步的时间"
        ),
        "time.ahead": Label(
            "{stage} ({column}) lies more than a day ahead of now", "“{stage}”（{column}）比当前时间晚一天以上"
        ),
        "time.before_last": Label("the deal has later facts in this store already", "此存储中该商机已有更晚的记录"),
        "value.type": Label("{column} is not a valid {type}", "{column} 不是有效的{type}"),
        "value.choice": Label("{column} is none of: {choices}", "{column} 不在可选值之内：{choices}"),
        "value.too_small": Label("{column} is less than {min}", "{column} 小于 {min}"),
        "amount.negative": Label("negative amount in {column}", "{column} 的金额为负数"),
        "project.exists": Label(
            "the store has a project of this id already, not from an import under this lifecycle",
            "存储中已有同编号的项目，且不是按此生命周期导入的",
        ),
        "project.locked": Label(
            "the deal is closed ({stage}), its fields are locked", "商机已在“{stage}”关闭，字段不能再修改"
        ),
        "move.none": Label("no transition leads from {source} to {target}", "没有从“{source}”到“{target}”的流转"),
        "move.refused": Label(
            "{transition} from {source} is refused: {reasons}", "在“{source}”阶段不能执行“{transition}”：{reasons}"
        ),
        "move.elsewhere": Label("it leads to {target} now", "此时会进入“{target}”"),
    }
)
"""The words of every code, without the value of the row."""


TYPES: Final[Mapping[str, Label]] = FrozenDict(
    {
        "number": Label("number (see [numbers] in the mapping)", "数字（写法见映射文件的 [numbers]）"),
        "integer": Label("whole number (see [numbers] in the mapping)", "整数（写法见映射文件的 [numbers]）"),
        "money": Label("amount of money (see [numbers] in the mapping)", "金额（写法见映射文件的 [numbers]）"),
        "date": Label("date of the form {formats}", " {formats} 格式日期"),
        "datetime": Label("time of the form {formats}", " {formats} 格式时间"),
        "bool": Label(
            "truth value (true or false; see values in the mapping)",
            "真假值（true 或 false；写法见映射文件的 values）",
        ),
    }
)
"""The names of types of fields, for cells that do not fit them."""


@noun
class ImportReport:
    """
    The report of an import. Every row is imported, known already, unchanged, refused or blank.

    The figures of the deals count those that the file names and the store has now,
    whether this run brought them or an earlier one.

    Attributes:
        source: the file.
        lifecycle: id of the lifecycle.
        rows: how many rows of data there are, the header not counted.
        imported: rows that this run took in.
        already: rows that the store had before this run.
        unchanged: rows that say nothing new of their deal; *notes* says each of them.
        refused: rows that were not taken in; *problems* says why.
        blank: rows without anything in them.
        problems: every reason for every refused row, by row.
        notes: what people should know of rows, whether they were taken in or not, by row: rows that say nothing new,
            deals whose opening the file does not tell (``Opened.assumed`` marks them), changes of fields that are
            locked by then, and times that clocks of the file's zone showed twice or
            skipped. Of two times the first is meant, and the second only where the first lies before the step that
            precedes it in the file and the second does not. A time that was skipped is put off by as much as clocks
            went forward (RFC 5545, 3.3.5).
        deals: how many projects the rows are about.
        stages: number of deals by stage, in the order of the lifecycle, without empty stages.
        outcomes: number of deals by outcome, the same way.
        classes: number of deals by the class of their outcome, without empty classes.
        revenue: sum of the field ``amount`` of the deals whose outcome is of class ``won``, by currency.
        listener_failures: listeners that raised; what was written stands.
    """

    source: str
    lifecycle: str
    rows: int
    imported: int
    already: int
    unchanged: int
    refused: int
    blank: int
    problems: tuple[RowProblem, ...]
    deals: int
    stages: Mapping[str, int]
    outcomes: Mapping[str, int]
    classes: Mapping[OutcomeClass, int]
    revenue: tuple[Money, ...]
    listener_failures: tuple[ListenerFailure, ...] = ()
    notes: tuple[RowProblem, ...] = ()

    @property
    def won(self) -> int:
        """
        Number of deals whose outcome is of class ``won``.
        """
        return self.classes.get("won", 0)

    @property
    def lost(self) -> int:
        """
        Number of deals whose outcome is of class ``lost``.
        """
        return self.classes.get("lost", 0)

    @property
    def closed(self) -> int:
        """
        Number of deals whose outcome is of any class but ``undecided``.
        """
        return self.deals - self.classes.get("undecided", 0)

    @property
    def win_rate(self) -> float | None:
        """
        ``won / (won + lost)``, 0 to 1; ``None`` without any.
        """
        return _ratio(self.won, self.won + self.lost)

    @property
    def win_rate_of_closed(self) -> float | None:
        """
        ``won / closed``, 0 to 1, with what was cancelled or not decided in *closed*; ``None`` without any.
        """
        return _ratio(self.won, self.closed)

    @property
    def win_rate_of_all(self) -> float | None:
        """
        ``won / deals``, 0 to 1; ``None`` without any.
        """
        return _ratio(self.won, self.deals)

    @property
    def groups(self) -> tuple[ProblemGroup, ...]:
        """
        The problems by what they say, the most frequent first.
        """
        return _grouped(self.problems)

    @property
    def note_groups(self) -> tuple[ProblemGroup, ...]:
        """
        The notes by what they say, the most frequent first.
        """
        return _grouped(self.notes)


def _grouped(problems: Iterable[RowProblem]) -> tuple[ProblemGroup, ...]:
    found: dict[tuple[str, Label], list[RowProblem]] = {}
    for problem in problems:
        found.setdefault((problem.code, problem.about), []).append(problem)
    groups = (ProblemGroup(code, about, tuple(each)) for (code, about), each in found.items())
    return tuple(sorted(groups, key=lambda group: -len(group.problems)))


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None


@attrs.define(eq=False)
class Tally:
    """
    Counts while an import runs.
    """

    done: set[int] = attrs.field(factory=set[int])
    already: set[int] = attrs.field(factory=set[int])
    unchanged: set[int] = attrs.field(factory=set[int])
    problems: list[RowProblem] = attrs.field(factory=list[RowProblem])
    notes: list[RowProblem] = attrs.field(factory=list[RowProblem])
    failures: list[ListenerFailure] = attrs.field(factory=list[ListenerFailure])
    deals: int = 0
    stages: Counter[str] = attrs.field(factory=Counter[str])
    outcomes: Counter[str] = attrs.field(factory=Counter[str])
    classes: Counter[OutcomeClass] = attrs.field(factory=Counter[OutcomeClass])
    revenue: dict[str, Decimal] = attrs.field(factory=dict[str, Decimal])

    def count(self, project: Project, outcome: OutcomeClass) -> None:
        """
        Count one deal as it stands, with the class of its outcome.
        """
        self.deals += 1
        self.stages[project.stage] += 1
        self.outcomes[project.outcome] += 1
        self.classes[outcome] += 1
        amount = project.fields.get("amount")
        if outcome == "won" and isinstance(amount, Money):
            self.revenue[amount.currency] = self.revenue.get(amount.currency, Decimal(0)) + amount.amount

    def report(self, source: str, lifecycle: Lifecycle, *, rows: int, blank: int) -> ImportReport:
        """
        Return the report of what was counted.
        """
        refused = {problem.row for problem in self.problems}
        return ImportReport(
            source,
            lifecycle.id,
            rows,
            len(self.done),
            len(self.already),
            len(self.unchanged),
            len(refused),
            blank,
            tuple(sorted(self.problems, key=lambda problem: problem.row)),
            self.deals,
            _in_order(self.stages, (stage.id for stage in lifecycle.stages)),
            _in_order(self.outcomes, lifecycle.definition.outcome_ids),
            _in_order(self.classes, get_args(OutcomeClass)),
            tuple(Money(amount, currency) for currency, amount in sorted(self.revenue.items())),
            tuple(self.failures),
            tuple(sorted(self.notes, key=lambda note: note.row)),
        )


def _in_order(counts: Counter[Name], order: Iterable[Name]) -> FrozenDict[Name, int]:
    return FrozenDict({name: counts[name] for name in order if counts[name]})
