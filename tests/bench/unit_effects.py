"""Error of unit effects on IHDP and ACIC 2016, beside EconML's and CausalML's learners, by boosted trees on all sides.

IHDP: surface B of Hill (2011), Journal of Computational and Graphical Statistics 20: 217-240, as EconML draws it from
the data in its wheel (`econml.data.dgps.ihdp_surface_B`; 747 units x 25 covariates, 139 treated), seeds 0 to 2. ACIC
2016: the first instances in causallib's wheel (see acic2016.py; 4,802 units x 58). Every unit is predicted by models
of the other four folds, ours and theirs; the error is the root mean square of predicted less true effects (PEHE), in
units of the outcome. Peers: EconML's LinearDRLearner, DRLearner, TLearner, XLearner and CausalForestDML, CausalML's T-,
X-, R- and DR-regressors, their models scikit-learn's histogram boosting of 100 shallow trees; ours is what
`unit_effects` mixes, with linear, boosted or the best nuisances. Seconds are of the processor, which others that work
on the same cores lengthen: beside them stands the load, jobs per core that ran or waited.

CausalML (0.18.0) brings much that nothing else here needs, so it stands in an environment of its own:
    python -m venv /tmp/causalml && /tmp/causalml/bin/pip install causalml==0.18.0
    CAUSALML_PYTHON=/tmp/causalml/bin/python python -m tests.bench.unit_effects [instances of ACIC [ours]]
Without the variable it is left out. With `ours`, peers are not asked again and keep what the file holds of them.
EconML's DR-learners hold no propensity away from 0 and 1 unless told to, so another seed of theirs can halve or double
their error. Ours moves with the spec's seed too: with the best nuisances .05 to .11 on ACIC's second instance over
seeds 0 to 3, with linear ones .98 to 1.41 on its first.
"""

from __future__ import annotations

import datetime
import json
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")  # trees of a few hundred rows spend their time waiting for each other

import numpy as np
import pandas as pd

SEEDS = range(3)
FOLDS = 5
LARGE = 100_000
CAUSALML = os.environ.get("CAUSALML_PYTHON")
ITS_LEARNERS = ("BaseTRegressor", "BaseXRegressor", "BaseRRegressor", "BaseDRRegressor")
SHAPE = {"max_iter": 100, "learning_rate": 0.1, "max_leaf_nodes": 6, "random_state": 0}
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

    def mean() -> HistGradientBoostingRegressor:
        return HistGradientBoostingRegressor(**SHAPE)

    def chance() -> HistGradientBoostingClassifier:
        return HistGradientBoostingClassifier(**SHAPE)

    folds: dict[str, Any] = {"cv": 3, "random_state": 0}
    both = {"model_propensity": chance, "model_regression": mean}
    return {
        "LinearDRLearner": lambda: LinearDRLearner(**{name: each() for name, each in both.items()}, **folds),
        "DRLearner": lambda: DRLearner(**{name: each() for name, each in both.items()}, model_final=mean(), **folds),
        "TLearner": lambda: TLearner(models=mean()),
        "XLearner": lambda: XLearner(models=mean(), propensity_model=chance()),
        "CausalForestDML": lambda: CausalForestDML(
            model_y=mean(), model_t=chance(), discrete_treatment=True, n_estimators=200, n_jobs=1, **folds
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


IN_ITS_OWN = """
import json, sys, time, warnings
warnings.simplefilter("ignore")
import numpy as np
from causalml.inference import meta
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.model_selection import StratifiedKFold, cross_val_predict
name, path, shape = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
held = np.load(path)
x, t, y = held["covariates"], held["treated"].astype(int), held["outcome"]
mean, chance = lambda: HistGradientBoostingRegressor(**shape), lambda: HistGradientBoostingClassifier(**shape)
found, began = np.empty(len(t)), time.process_time()
for train, test in StratifiedKFold(5, shuffle=True, random_state=0).split(x, t):
    made = getattr(meta, name)(learner=mean(), **({"random_state": 0} if name == "BaseRRegressor" else {}))
    if name == "BaseTRegressor":
        made.fit(x[train], t[train], y[train])
        found[test] = made.predict(x[test]).ravel()
        continue
    seen = np.clip(cross_val_predict(chance(), x[train], t[train], method="predict_proba")[:, 1], 0.02, 0.98)
    told = np.clip(chance().fit(x[train], t[train]).predict_proba(x[test])[:, 1], 0.02, 0.98)
    made.fit(x[train], t[train], y[train], p=seen, **({"seed": 1} if name == "BaseDRRegressor" else {}))
    found[test] = made.predict(x[test], p=told).ravel()
print(json.dumps({"effect": found.tolist(), "seconds": time.process_time() - began}))
"""


def causalml(name: str, draw: Draw) -> tuple[np.ndarray, float]:
    """Its effects of units, and its seconds, from the environment that it stands in."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "draw.npz"
        np.savez(path, covariates=draw[0], treated=draw[1], outcome=draw[2])
        asked = [str(CAUSALML), "-c", IN_ITS_OWN, name, str(path), json.dumps(SHAPE)]
        told = json.loads(subprocess.run(asked, capture_output=True, text=True, check=True).stdout.splitlines()[-1])
    return np.array(told["effect"]), told["seconds"]


def errors(draw: Draw, held: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
    """PEHE, processor seconds and load of each; of peers what is `held`, if anything is."""
    ways = {"the same effect for all, the true mean": lambda: np.full(len(draw[3]), draw[3].mean())}
    for learner in ("linear", "boosting", "best"):
        ways[f"ours, {learner} nuisances"] = lambda learner=learner: ours(draw, learner)
    if not held:
        ways |= {f"EconML {name}": lambda make=make: theirs(make, draw) for name, make in peers().items()}
    found = {}
    for name, way in ways.items():
        began = time.process_time()
        found[name] = _told(name, way(), draw, time.process_time() - began)
    for name in ITS_LEARNERS if CAUSALML and not held else ():
        effect, seconds = causalml(name, draw)
        found[f"CausalML {name}"] = _told(f"CausalML {name}", effect, draw, seconds)
    return held | found


def _told(name: str, effect: np.ndarray, draw: Draw, seconds: float) -> dict[str, float]:
    error, load = float(np.sqrt(np.mean((effect - draw[3]) ** 2))), os.getloadavg()[0] / (os.cpu_count() or 1)
    told = {"pehe": round(error, 4), "seconds": round(seconds, 1), "load": round(load, 1)}
    print(name, told, flush=True)
    return told


def large() -> Draw:
    """Ten normal covariates, a chance and an effect that follow two of them each."""
    rng = np.random.default_rng(7)
    covariates = rng.standard_normal((LARGE, 10))
    treated = (rng.random(LARGE) < 1 / (1 + np.exp(-0.5 * covariates[:, 0]))).astype(int)
    effect = 1 + covariates[:, 1] + np.maximum(covariates[:, 2], 0)
    return covariates, treated, covariates[:, 0] + effect * treated + rng.standard_normal(LARGE), effect


def main() -> None:
    warnings.simplefilter("ignore")
    out = Path(__file__).with_suffix(".json")
    instances = int(sys.argv[1]) if len(sys.argv) > 1 else 2
    asked_again = "ours" not in sys.argv
    told: dict[str, Any] = {} if asked_again else json.loads(out.read_text(encoding="utf-8"))
    today = datetime.date.today().isoformat()
    told = told | {"date": today, "date of the peers": today if asked_again else told["date of the peers"]}
    for name, draw in [
        *((f"IHDP surface B, seed {seed}", lambda seed=seed: ihdp(seed)) for seed in SEEDS),
        *((f"ACIC 2016, instance {number}", lambda number=number: acic(number)) for number in range(1, instances + 1)),
    ]:
        print(name, flush=True)
        told[name] = errors(draw(), told.get(name, {}))
        out.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    drawn = large()
    began = time.process_time()
    effect = ours(drawn, "linear")
    told[f"{LARGE:,} units x 10, seed 7"] = {
        "ours, linear nuisances": _told("large", effect, drawn, time.process_time() - began)
    }
    out.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
