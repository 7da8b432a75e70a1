"""Writes the samples: `python data/make.py` from the repository's folder (the jobs sample needs PyPI's causaldata).

Every log is written as `data/<name>/log.csv.gz`, its known truth as `truth.json`; the same code gives the same bytes.
"""

from __future__ import annotations

import gzip
import io
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

DATA = Path(__file__).resolve().parent
sys.path.insert(0, str(DATA.parent))

from causal.logs.scenarios import classic, news, shop, stories, video  # noqa: E402

EXPLANATIONS = {
    "classic": (
        "The new algorithm adds exactly 5 minutes for everyone. Older users got it more often and spend less time "
        "anyway, so the naive difference is far too low; women got it more often too and spend more."
    ),
    "shop": (
        "Promotion multiplies the odds of a click by exp(0.45). Promoted items are popular and stand high, so the "
        "naive difference credits promotion with clicks that would have come anyway."
    ),
    "news": (
        "Autoplay adds 1.5 videos of 1.8 minutes and 0.9 minutes beside: 3.6 minutes. Regulars watch more and switch "
        "it off, so the naive difference is too low. Adjusting for videos_started would hide most of the effect."
    ),
    "stories": (
        "Promotion adds exactly 2.5 minutes for everyone. Comedies are promoted more often and watched 4 minutes "
        "longer anyway, so the naive difference is too high; nothing but the title says which films are comedies."
    ),
    "video": (
        "The new start page brings 1.5 more views of 7 minutes in the 7 days that follow: 10.5 minutes, for everyone. "
        "Those who watched more in the 14 days before got it more often, so the naive difference is more than twice "
        "as high. It speaks of the users whose 7 days are over when the log ends, without the three machines."
    ),
}


def write(name: str, frame: pd.DataFrame, truth: dict[str, Any]) -> None:
    """One sample's files; the compressed log carries no time of writing."""
    folder = DATA / name
    folder.mkdir(exist_ok=True)
    text = io.StringIO()
    frame.to_csv(text, index=False, lineterminator="\n")
    (folder / "log.csv.gz").write_bytes(gzip.compress(text.getvalue().encode(), 9, mtime=0))
    (folder / "truth.json").write_text(json.dumps(truth, indent=2) + "\n", encoding="utf-8")


def jobs() -> tuple[pd.DataFrame, dict[str, Any]]:
    """The trained of the NSW experiment (Dehejia and Wahba's sample) with CPS-1, and the experiment's answer."""
    from causaldata import cps_mixtape, nsw_mixtape

    experiment = nsw_mixtape.load_pandas().data
    survey = cps_mixtape.load_pandas().data
    trained = experiment.loc[experiment["treat"] == 1]
    frame = pd.concat([trained, survey], ignore_index=True).drop(columns="data_id")
    for column in frame.columns:
        money = column.startswith("re")
        frame[column] = frame[column].astype("float64").round(4) if money else frame[column].astype("int64")
    return frame, _experiment(experiment, frame)


def _experiment(experiment: pd.DataFrame, frame: pd.DataFrame) -> dict[str, Any]:
    arms = [experiment.loc[experiment["treat"] == arm, "re78"].astype("float64") for arm in (0, 1)]
    observed = [frame.loc[frame["treat"] == arm, "re78"] for arm in (0, 1)]
    return {
        "treated": round(float(arms[1].mean() - arms[0].mean()), 2),
        "treated_std_error": round(float(np.sqrt(sum(arm.var(ddof=1) / len(arm) for arm in arms))), 2),
        "naive": round(float(observed[1].mean() - observed[0].mean()), 2),
        "explanation": (
            "People in the survey earn far more than those who came to the programme, so the naive difference is "
            "strongly negative. The experiment, with its own 260 controls drawn by lot, found a gain of 1,794 dollars."
        ),
        "source": "The experiment's difference in means (185 trained, 260 not), with Welch's standard error.",
    }


def main() -> None:
    """Every sample."""
    for name, scenario in (
        ("classic", classic),
        ("shop", shop),
        ("news", news),
        ("video", video),
        ("stories", stories),
    ):
        made = scenario.simulate()
        source = "Simulated: the effects are means of the potential outcomes."
        write(name, made.frame, {**made.truth(), "explanation": EXPLANATIONS[name], "source": source})
    write("jobs", *jobs())


if __name__ == "__main__":
    main()
