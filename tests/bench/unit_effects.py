"""Error of unit effects on IHDP and ACIC 2016, beside EconML's learners, by boosted trees on both sides.

IHDP: surface B of Hill (2011), Journal of Computational and Graphical Statistics 20: 217-240, as EconML draws it
(`econml.data.dgps.ihdp_surface_B`; 747 units x 25 covariates, 139 treated), seeds 0 to 2. ACIC 2016: the first
instances in causallib's wheel (see acic2016.py; 4,802 units x 58). Every unit is predicted by models of the other four
folds, ours and theirs; the error is the root mean square of predicted less true effects (PEHE), in units of the
outcome. Peers: EconML's LinearDRLearner, DRLearner, TLearner, XLearner and CausalForestDML, their models scikit-learn's
histogram boosting of 100 shallow trees; ours is what `unit_effects` mixes, with linear or boosted nuisances.

Run: python -m tests.bench.unit_effects [instances of ACIC]
The committed output is of IHDP's first two seeds, ours and the peers run one after the other on a machine that others
used too: its seconds are under load. EconML's DR-learners hold no propensity away from 0 and 1 unless told to.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

SEEDS = range(3)
FOLDS = 5
Draw = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
"""Covariates (n, p), arm, outcome, true effect."""


def ihdp(seed: int) -> Draw:
    from econml.data.dgps import ihdp_surface_B

    outcome, treated, covariates, effect = ihdp_surface_B(random_state=seed)
    return np.asarray(covariates, dtype=float), np.asarray(treated), np.asarray(outcome), np.asarray(effect).ravel()


def acic(number: int) -> Draw:
    import causallib

    folder = Path(causallib.__file__).parent / "datasets" / "data" / "acic_challenge_2016"
    covariates, outcomes = pd.read_csv(folder / "x.csv"), pd.read_csv(folder / f"zymu_{number}.csv")
    treated = outcomes["z"].to_numpy()
    seen = np.where(treated == 1, outcomes["y1"], outcomes["y0"])
    model = pd.get_dummies(covariates, drop_first=True).to_numpy(dtype=float)
    return model, treated, seen, (outcomes["mu1"] - outcomes["mu0"]).to_numpy()


def ours(draw: Draw, learner: str) -> np.ndarray:
    import causal

    covariates, treated, outcome, _ = draw
    frame = pd.DataFrame(covariates, columns=[f"x{place}" for place in range(covariates.shape[1])])
    names = tuple(frame.columns)
    table = causal.UnitTable.from_frame(frame.assign(t=treated.astype(int), y=outcome))
    spec = causal.AnalysisSpec(causal.Question("t", "y"), adjust_for=names)
    return causal.unit_effects(table, spec, learner=learner).effect


def peers() -> dict[str, Callable[[], object]]:
    from econml.dml import CausalForestDML
    from econml.dr import DRLearner, LinearDRLearner
    from econml.metalearners import TLearner, XLearner
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    shape = {"max_iter": 100, "learning_rate": 0.1, "max_leaf_nodes": 6, "random_state": 0}

    def mean() -> HistGradientBoostingRegressor:
        return HistGradientBoostingRegressor(**shape)

    def chance() -> HistGradientBoostingClassifier:
        return HistGradientBoostingClassifier(**shape)

    both = {"model_propensity": chance, "model_regression": mean}
    return {
        "LinearDRLearner": lambda: LinearDRLearner(**{name: each() for name, each in both.items()}, cv=3),
        "DRLearner": lambda: DRLearner(**{name: each() for name, each in both.items()}, model_final=mean(), cv=3),
        "TLearner": lambda: TLearner(models=mean()),
        "XLearner": lambda: XLearner(models=mean(), propensity_model=chance()),
        "CausalForestDML": lambda: CausalForestDML(
            model_y=mean(), model_t=chance(), discrete_treatment=True, cv=3, n_estimators=200, random_state=0, n_jobs=1
        ),
    }


def theirs(make: Callable[[], object], draw: Draw) -> np.ndarray:
    from sklearn.model_selection import StratifiedKFold

    covariates, treated, outcome, _ = draw
    found = np.empty(len(treated))
    for train, test in StratifiedKFold(FOLDS, shuffle=True, random_state=0).split(covariates, treated):
        model = make()
        model.fit(outcome[train], treated[train], X=covariates[train])
        found[test] = np.ravel(model.effect(covariates[test]))
    return found


def errors(draw: Draw) -> dict[str, dict[str, float]]:
    """PEHE and seconds of each."""
    ways = {"the same effect for all, the true mean": lambda: np.full(len(draw[3]), draw[3].mean())}
    for learner in ("linear", "boosting"):
        ways[f"ours, {learner} nuisances"] = lambda learner=learner: ours(draw, learner)
    ways |= {f"EconML {name}": lambda make=make: theirs(make, draw) for name, make in peers().items()}
    found = {}
    for name, way in ways.items():
        began = time.perf_counter()
        error = float(np.sqrt(np.mean((way() - draw[3]) ** 2)))
        found[name] = {"pehe": round(error, 4), "seconds": round(time.perf_counter() - began, 1)}
        print(name, found[name], flush=True)
    return found


def main() -> None:
    warnings.simplefilter("ignore")
    out = Path(__file__).with_suffix(".json")
    instances = int(sys.argv[1]) if len(sys.argv) > 1 else 2
    told: dict[str, object] = {}
    for name, draw in [
        *((f"IHDP surface B, seed {seed}", lambda seed=seed: ihdp(seed)) for seed in SEEDS),
        *((f"ACIC 2016, instance {number}", lambda number=number: acic(number)) for number in range(1, instances + 1)),
    ]:
        print(name, flush=True)
        told[name] = errors(draw())
        out.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
