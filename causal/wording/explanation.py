"""A result explained to somebody who is no analyst, in English and Chinese, and the facts that such a text may use."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from causal.study import POPULATIONS
from causal.text.facts import Facts, KnownEffect, Language, Quantity
from causal.wording import sentences
from causal.wording.ledger import ledger_of, standing_reason
from causal.wording.numbers import interval, number, percent
from causal.wording.phrases import (
    answered_population,
    level_of,
    level_text,
    needs_its_column,
    outcome_name,
    scale_of,
    treatment_name,
)

if TYPE_CHECKING:
    from causal.analysis import Analysis

_POPULATIONS_ZH = {"everyone": "所有人", "treated": "处理组", "untreated": "对照组", "overlap": "两组都有的人群"}
_STANDINGS_ZH = {
    "causal": "检查都成立，可以作因果解读。",
    "tentative": "这是初步结论：检查尚未完成，或仍不明确，请谨慎解读。",
    "do not use": "检查未成立，只能看作相关，不能作因果解读。",
}


def explanation(analysis: Analysis, language: Language = "en") -> str:
    """The answer in a few plain sentences: what was compared, what differs, by how much, and how far to trust it."""
    if language == "zh":
        return _chinese(analysis)
    ledger = ledger_of(analysis)
    why = standing_reason(ledger) if ledger.overruling is None else ""
    told = [sentences.headline(analysis), sentences.arm_sentence(analysis), why]
    return " ".join(each if each.endswith((".", "!", "?")) else f"{each}." for each in told if each)


def result_facts(analysis: Analysis, language: Language = "en") -> Facts:
    """What a text about the answer may say: its numbers in the units shown, its direction, and how it stands."""
    chinese = language == "zh"
    estimate, scale = analysis.estimate, scale_of(analysis)
    times = 100.0 if scale.shares else 1.0
    unit, mean_unit = _units(analysis, language)
    low, high = estimate.interval()
    control, treated = (level_text(level_of(analysis, arm)) for arm in ("control", "treated"))
    means, sizes = estimate.arm_means, estimate.arm_sizes
    told = [
        Quantity("效果" if chinese else "effect", estimate.effect * times, unit),
        Quantity("区间下限" if chinese else "lower end of the interval", low * times, unit),
        Quantity("区间上限" if chinese else "upper end of the interval", high * times, unit),
        Quantity(f"{treated}的均值" if chinese else f"mean with {treated}", means["treated"] * times, mean_unit),
        Quantity(f"{control}的均值" if chinese else f"mean with {control}", means["control"] * times, mean_unit),
        Quantity(f"{treated}的样本" if chinese else f"units with {treated}", float(sizes["treated"])),
        Quantity(f"{control}的样本" if chinese else f"units with {control}", float(sizes["control"])),
        Quantity("样本" if chinese else "units", float(estimate.n)),
        Quantity("置信度" if chinese else "confidence", estimate.confidence * 100, "%"),
    ]
    levels = [level_of(analysis, arm) for arm in ("control", "treated")]
    for arm, level in (("treated", treated), ("control", control)):
        name = f"{level}的均值区间" if chinese else f"interval of the mean with {level}"
        told += [Quantity(name, each * times, mean_unit) for each in estimate.arm_interval(arm)]
    told += [Quantity("level", float(each)) for each in levels if isinstance(each, int | float)]
    toward = sentences.direction(estimate)
    words = [answered_population(analysis), analysis.method.title, *analysis.adjust_for]
    words += [_POPULATIONS_ZH[analysis.target]] if chinese else [POPULATIONS[analysis.target]]
    return Facts(
        quantities=tuple(each for each in told if math.isfinite(each.value)),
        effects=(
            KnownEffect(
                treatment_name(analysis),
                "unclear" if toward == "unknown" else toward,
                outcome_name(analysis),
                treated,
                control,
            ),
        ),
        words=tuple(words),
        language=language,
        standing=analysis.standing,
    )


def _units(analysis: Analysis, language: Language) -> tuple[str, str]:
    """The units of a change and of a mean."""
    scale = scale_of(analysis)
    if scale.shares:
        return ("个百分点" if language == "zh" else "percentage points"), "%"
    return scale.unit, scale.unit


def _chinese(analysis: Analysis) -> str:
    estimate, scale = analysis.estimate, scale_of(analysis)
    times = 100.0 if scale.shares else 1.0
    unit, mean_unit = (f" {each}" if each.isascii() and each else each for each in _units(analysis, "zh"))
    control, treated = (level_text(level_of(analysis, arm)) for arm in ("control", "treated"))
    whom = _POPULATIONS_ZH[analysis.target]
    change = f"把{treatment_name(analysis)}从{control}换成{treated}"
    standing, toward = analysis.standing, sentences.direction(estimate)
    size = number(abs(estimate.effect) * times) + unit
    low, high = estimate.interval()
    within = (
        ""
        if math.isnan(low)
        else f"（{percent(estimate.confidence)} 置信区间为 {_between(low, high, scale.shares)}{unit}）"
    )
    outcome = outcome_name(analysis)
    if toward == "unknown":
        first = f"对{whom}而言，无法计算{change}对{outcome}的效果。"
    elif toward == "unclear":
        first = f"对{whom}而言，无法判断{change}是否改变{outcome}{within}。"
    else:
        verb = "提高" if toward == "up" else "降低"
        seems = {"causal": "会使", "tentative": "似乎会使", "do not use": "相关的是"}[standing]
        first = f"对{whom}而言，{change}{seems}{outcome}平均{verb} {size}{within}。"
    means = [number(estimate.arm_means[arm] * times) + mean_unit for arm in ("treated", "control")]
    bare = needs_its_column(level_of(analysis, "treated")) or needs_its_column(level_of(analysis, "control"))
    when = f"{treatment_name(analysis)}为" if bare else ""
    second = f"{when}{treated}时，{outcome}平均为 {means[0]}；{when}{control}时为 {means[1]}。"
    third = f"共比较了 {estimate.n:,} 个样本。"
    return first + second + third + _STANDINGS_ZH[ledger_of(analysis).standing]


def _between(low: float, high: float, shares: bool) -> str:
    return interval(low, high, shares).strip("[]").replace(", ", " 到 ")
