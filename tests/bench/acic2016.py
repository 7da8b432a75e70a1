"""The recommended learner on the ACIC 2016 instances in causallib's wheel, beside plain cross-fitted boosting.

Ten instances (4,802 units x 58 covariates; Dorie et al. 2019, Statistical Science 34: 43-68) x 5 seeds; the truth is
the mean of mu1 - mu0. Ours: `doubly_robust` with `learner="best"`. The peer: augmented inverse probability weighting by
scikit-learn's histogram gradient boosting at its defaults, cross-fitted in five folds stratified by arm.
It is held to at most 0.6 of the peer's root mean squared error, and to cover the truth in 8 of 10 instances.

Run: pip install --no-deps causallib==0.10.0 (its wheel holds the data, and asks for an older pandas than ours), then
python -m tests.bench.acic2016 [file of finished runs]
The committed output says of how many seeds it is; its seconds are under load where others used the machine too.
"""

from __future__ import annotations

import datetime
import json
import platform
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

INSTANCES = range(1, 11)
SEEDS = range(5)


def instance(number: int) -> tuple[pd.DataFrame, float]:
    """Covariates, z and y as observed, and the true average effect."""
    import causallib

    folder = Path(causallib.__file__).parent / "datasets" / "data" / "acic_challenge_2016"
    covariates, outcomes = pd.read_csv(folder / "x.csv"), pd.read_csv(folder / f"zymu_{number}.csv")
    seen = np.where(outcomes["z"] == 1, outcomes["y1"], outcomes["y0"])
    return covariates.assign(z=outcomes["z"], y=seen), float((outcomes["mu1"] - outcomes["mu0"]).mean())


def ours(frame: pd.DataFrame, seed: int) -> tuple[float, float]:
    import causal

    names = tuple(name for name in frame if name not in ("z", "y"))
    spec = causal.AnalysisSpec(causal.Question("z", "y"), adjust_for=names, options={"learner": "best"}, seed=seed)
    estimate = causal.answer(causal.UnitTable.from_frame(frame), spec).estimate
    return estimate.effect, estimate.std_error


def peer(frame: pd.DataFrame, seed: int) -> tuple[float, float]:
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
    from sklearn.model_selection import StratifiedKFold

    model = pd.get_dummies(frame.drop(columns=["z", "y"]), drop_first=True).to_numpy(dtype=float)
    treated, outcome = frame["z"].to_numpy(), frame["y"].to_numpy()
    scores = np.empty(len(frame))
    for train, test in StratifiedKFold(5, shuffle=True, random_state=seed).split(model, treated):
        score = HistGradientBoostingClassifier(random_state=seed).fit(model[train], treated[train])
        chance = score.predict_proba(model[test])[:, 1]
        fitted = []
        for arm in (0, 1):
            own = train[treated[train] == arm]
            fitted.append(HistGradientBoostingRegressor(random_state=seed).fit(model[own], outcome[own]))
        low, high = (each.predict(model[test]) for each in fitted)
        scores[test] = high - low
        scores[test] += treated[test] * (outcome[test] - high) / chance
        scores[test] -= (1 - treated[test]) * (outcome[test] - low) / (1 - chance)
    return float(scores.mean()), float(scores.std() / np.sqrt(len(scores)))


def record(run, number: int, seed: int) -> dict[str, float]:
    frame, truth = instance(number)
    start = time.perf_counter()
    effect, std_error = run(frame, seed)
    return {
        "instance": number,
        "seed": seed,
        "error": effect - truth,
        "std_error": std_error,
        "covers": bool(abs(effect - truth) <= 1.959963984540054 * std_error),
        "seconds": round(time.perf_counter() - start, 1),
    }


def summary(runs: list[dict[str, float]]) -> dict[str, object]:
    errors = np.array([each["error"] for each in runs])
    share = {number: np.mean([each["covers"] for each in runs if each["instance"] == number]) for number in INSTANCES}
    return {
        "rmse": round(float(np.sqrt((errors**2).mean())), 4),
        "mean_absolute_error": round(float(np.abs(errors).mean()), 4),
        "bias": round(float(errors.mean()), 4),
        "intervals_that_cover": int(sum(each["covers"] for each in runs)),
        "instances_covered_by_most_seeds": int(sum(value > 0.5 for value in share.values())),
        "seconds_median": float(np.median([each["seconds"] for each in runs])),
    }


def main(kept: Path) -> None:
    """Each run is kept in `kept` as soon as it is done, so that a stopped bench goes on where it was."""
    found: dict[str, list[dict[str, float]]] = json.loads(kept.read_text()) if kept.exists() else {}
    for name, run in (("peer", peer), ("ours", ours)):
        rows = found.setdefault(name, [])
        for seed in SEEDS:
            for number in INSTANCES:
                if not any((each["instance"], each["seed"]) == (number, seed) for each in rows):
                    rows.append(record(run, number, seed))
                    kept.write_text(json.dumps(found))
    report = report_of(found)
    (Path(__file__).parent / "acic2016.json").write_text(json.dumps(report, indent=1) + "\n")
    print(json.dumps({name: value for name, value in report.items() if name != "runs"}, indent=1))


def report_of(found: dict[str, list[dict[str, float]]]) -> dict[str, object]:
    report: dict[str, object] = {
        "date": datetime.date.today().isoformat(),
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
        "units": 4802,
        "seeds": len({each["seed"] for each in found["ours"]}),
        **{name: summary(rows) for name, rows in found.items()},
    }
    report["rmse_ratio"] = round(report["ours"]["rmse"] / report["peer"]["rmse"], 3)
    report["runs"] = found
    return report


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "acic2016_runs.json"))
