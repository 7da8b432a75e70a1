"""A Bayesian fit of a structural equation model: draws from the posterior of the same likelihood, by Hamiltonian steps.

Priors are blavaan's defaults (Merkle and Rosseel 2018, Journal of Statistical Software 85(4)): normal on coefficients,
gamma on standard deviations of residuals, uniform on their correlations; here for columns in units of their own
standard deviations, so that units of measure change nothing. Hamiltonian Monte Carlo as in Neal (2011), Handbook of
MCMC, chapter 5: coordinates are turned by the curvature at the mode, trajectories are of random length, the step is
tuned in warm-up by dual averaging (Hoffman and Gelman 2014, section 3.2). Draws that have not come
together (`chains.py`) are not reported.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from causal.checks.json_values import from_values, to_values
from causal.errors import EstimationError, OptionProblem
from causal.estimators.one_thread import one_thread
from causal.graphs.causal_graph import CausalGraph
from causal.progress import Progress, silent
from causal.structural.chains import bulk_size, mean_size, r_hat, tail_size
from causal.structural.implied import implied
from causal.structural.likelihood import Group, Pattern, deviance, deviance_gradient
from causal.structural.model import Parameter, SemModel
from causal.structural.model_text import read_model
from causal.structural.moments import Moments
from causal.structural.prepared import USUAL, Prepared, SemOptions, identified_start, prepare, require_likelihood
from causal.structural.quantities import Quantity, QuantityKind, quantities, row_of, values_of
from causal.structural.search import maximise

if TYPE_CHECKING:
    import pandas as pd

    from causal.logs.unit_table import UnitTable

Floats = NDArray[np.float64]

CHAINS = 4
WORST_R_HAT = 1.01
FEWEST_EFFECTIVE = 400
_TRAJECTORY = np.pi / 2
_ACCEPTED = 0.8
_LONGEST = 64


@dataclass(frozen=True)
class Priors:
    """What is held likely before the data are seen, for columns with mean 0 and standard deviation 1.

    Standard deviations of normal priors around 0, and the gamma prior of residual standard deviations; correlations of
    residuals are uniform. `in_units`: where False, the priors are for the columns as they stand.
    """

    loading: float = 10.0
    regression: float = 10.0
    intercept: float = 32.0
    latent_mean: float = 10.0
    deviation_shape: float = 1.0
    deviation_rate: float = 0.5
    in_units: bool = True

    def wider(self, times: float) -> Priors:
        """All of them so many times as wide."""
        return replace(
            self,
            loading=self.loading * times,
            regression=self.regression * times,
            intercept=self.intercept * times,
            latent_mean=self.latent_mean * times,
            deviation_rate=self.deviation_rate / times,
        )


USUAL_PRIORS = Priors()


@dataclass(frozen=True)
class Drawn(Quantity):
    """One number of the model after the data: mean, spread, median and the interval with equal tails.

    `r_hat` near 1 says that the chains agree; `effective` and `effective_tails` how many independent draws they are
    worth; `mean_error` how far the mean may be off by chance of the draws. `moved`: by how many of its standard
    deviations the mean moves where all priors are half or twice as wide, the larger; None where the draws cannot tell.
    """

    mean: float
    deviation: float
    median: float
    interval: tuple[float, float]
    r_hat: float
    effective: float
    effective_tails: float
    mean_error: float
    moved: float | None


@dataclass(frozen=True)
class SemPosterior:
    """The draws of one model, as their summaries; `draws` of each of the `chains` after `warm_up`.

    `predictive_p`: how often data that the model makes up fit it worse than the data at hand (Gelman, Meng and Stern
    1996), near one half where it fits; None with missing values or without a restriction.
    """

    rows: tuple[Drawn, ...]
    chains: int
    draws: int
    warm_up: int
    accepted: float
    predictive_p: float | None
    priors: Priors
    groups: tuple[str, ...]
    confidence: float

    def row(self, name: str, kind: QuantityKind = "coefficient", group: int = 0) -> Drawn:
        """One of the numbers. Raises KeyError."""
        return row_of(self.rows, name, kind, group)

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values; `from_json` gives it back."""
        return dict(to_values(asdict(self)))

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> SemPosterior:
        """What `to_json` wrote."""
        document = from_values(document)
        rows = tuple(Drawn(**{**each, "interval": tuple(each["interval"])}) for each in document["rows"])
        return cls(
            **{**document, "rows": rows, "priors": Priors(**document["priors"]), "groups": tuple(document["groups"])}
        )


@one_thread
def draw_sem(
    frame: pd.DataFrame | UnitTable,
    model: str | CausalGraph,
    options: SemOptions = USUAL,
    priors: Priors = USUAL_PRIORS,
    draws: int = 500,
    progress: Progress = silent,
) -> SemPosterior:
    """The posterior of the model by four chains of so many draws; the digits hang on `options.seed`.

    Without intercepts in the model the means are integrated over a flat prior. Raises what `fit_sem` does,
    OptionProblem for priors that are none, and EstimationError where the chains have not come together, also after
    three times as many draws.
    """
    _check(priors)
    prepared = prepare(frame, read_model(model.to_text("lavaan") if isinstance(model, CausalGraph) else model), options)
    require_likelihood(prepared, "The Bayesian fit")
    target = target_of(prepared, priors, options.seed)
    for times in (1, 3):
        sampled = sample(target, draws * times, draws, options.seed, progress)
        told = _told(prepared, target, sampled, options)
        if _together(told.rows):
            return told
    worst = min(told.rows, key=lambda each: min(each.effective, each.effective_tails) / each.r_hat)
    worth = min(worst.effective, worst.effective_tails)
    raise EstimationError(
        f"The chains have not come together after {told.draws:,} draws each (worst: {worst.name}, R-hat "
        f"{worst.r_hat:.4g}, {worth:.0f} effective draws), so no numbers are shown. The data say too little about some "
        "parameter: simplify the model, give latent variables more indicators, or use tighter priors."
    )


def _check(priors: Priors) -> None:
    for each in fields(priors):
        value = getattr(priors, each.name)
        least = 1.0 if each.name == "deviation_shape" else 0.0
        if each.name != "in_units" and not (np.isfinite(value) and value > 0 and value >= least):
            limit = "of 1 or more" if least else "above zero"
            raise OptionProblem(f"The prior's {each.name.replace('_', ' ')} is {value}: it takes a number {limit}.")


@dataclass(frozen=True, eq=False)
class Target:
    """The log posterior over coordinates: theta with signed roots of variances, and where to begin.

    A variance near zero is then no edge and no endless tail: the root passes through zero.

    `units` (k,): the natural size of each parameter, `widths` and `centres` those of its prior; `variances` (k,) which
    are; `pairs`: of each free covariance its place, group and variables, `owners` the places of their variances;
    `signs`: loadings that keep their sign, as a latent variable could be turned round.
    """

    prepared: Prepared
    groups: tuple[Group, ...]
    priors: Priors
    units: Floats
    widths: Floats
    centres: Floats
    variances: NDArray[np.bool_]
    pairs: tuple[tuple[int, int, int, int], ...]
    signs: tuple[tuple[int, float], ...]
    owners: dict[tuple[int, int], int]
    mode: Floats
    turn: Floats

    def theta(self, at: Floats) -> Floats:
        """The parameters at coordinates."""
        return np.where(self.variances, at**2, at)

    def value(self, at: Floats) -> float:
        """The log posterior density of the coordinates, without its constant; minus infinity outside the support."""
        theta = self.theta(at)
        if not np.isfinite(theta).all() or any(theta[place] * sign <= 0 for place, sign in self.signs):
            return -np.inf
        lost = deviance(self.groups, theta)
        if not np.isfinite(lost) or not self._proper(theta):
            return -np.inf
        return -lost / 2 + self.log_prior(at, self.priors)

    def log_prior(self, at: Floats, priors: Priors) -> float:
        """The log prior density of the coordinates, without what no prior changes."""
        widths = self.widths if priors is self.priors else _widths(self.prepared.model, priors)
        plain = ~self.variances
        for place, *_ in self.pairs:
            plain[place] = False
        found = -float((((at - self.centres) / self.units / widths)[plain] ** 2).sum()) / 2 - float(
            np.log(widths[plain]).sum()
        )
        deviation = np.abs(at[self.variances]) / np.sqrt(self.units[self.variances])
        shape, rate = priors.deviation_shape, priors.deviation_rate
        found += float((shape * np.log(rate) - rate * deviation).sum())
        if shape > 1:
            found += (shape - 1) * float(np.log(deviation).sum())
        for _, group, left, right in self.pairs:
            owned = [self.owners[group, each] for each in (left, right) if (group, each) in self.owners]
            found -= float(np.log(np.abs(at[owned])).sum())
        return found

    def slope(self, at: Floats) -> Floats:
        """The derivative of the log posterior by the coordinates."""
        theta = self.theta(at)
        found = -deviance_gradient(self.groups, theta) / 2
        found[self.variances] *= 2 * at[self.variances]
        plain = ~self.variances
        for place, *_ in self.pairs:
            plain[place] = False
        found[plain] -= ((at - self.centres) / (self.units * self.widths) ** 2)[plain]
        own = at[self.variances]
        found[self.variances] -= self.priors.deviation_rate * np.sign(own) / np.sqrt(self.units[self.variances])
        found[self.variances] += (self.priors.deviation_shape - 1) / own
        for _, group, left, right in self.pairs:
            for each in (left, right):
                if (group, each) in self.owners:
                    found[self.owners[group, each]] -= 1 / at[self.owners[group, each]]
        return found

    def _proper(self, theta: Floats) -> bool:
        """Whether residual covariances are covariances."""
        if not self.pairs:
            return True
        for group in self.groups:
            residuals = implied(group.layout, theta).residuals
            own = np.flatnonzero(np.diag(residuals) != 0)
            try:
                np.linalg.cholesky(residuals[np.ix_(own, own)])
            except np.linalg.LinAlgError:
                return False
        return True


def target_of(prepared: Prepared, priors: Priors, seed: int = 0) -> Target:
    """The posterior of a model, its mode, and the turn of the coordinates that makes it round there."""
    model = prepared.model
    units = prepared.scales if priors.in_units else np.ones(model.free)
    variances = np.zeros(model.free, dtype=bool)
    place = {name: at for at, name in enumerate(model.variables)}
    pairs, owners, seen = [], {}, set()
    for each in model.parameters:
        if each.free is None or each.operator != "~~":
            continue
        if each.left == each.right:
            variances[each.free] = True
            owners[each.group, place[each.left]] = each.free
        elif each.free not in seen:
            seen.add(each.free)
            pairs.append((each.free, each.group, place[each.left], place[each.right]))
    start = maximise(prepared.groups, identified_start(prepared), prepared.scales, seed).theta
    bare = Target(
        prepared=prepared,
        groups=tuple(prepared.groups if model.means else map(_without_means, prepared.groups)),
        priors=priors,
        units=units,
        widths=_widths(model, priors),
        centres=_centres(prepared) if priors.in_units else np.zeros(model.free),
        variances=variances,
        pairs=tuple(pairs),
        signs=_signs(model, start),
        owners=owners,
        mode=start,
        turn=np.eye(model.free),
    )
    begin = start.copy()
    natural = prepared.scales
    begin[variances] = np.sqrt(np.maximum(start[variances], 0.02 * natural[variances]))
    for at, group, left, right in pairs:  # inside the support, also where the likelihood's own maximum is not
        if (group, left) in owners and (group, right) in owners:
            most = 0.5 * float(begin[owners[group, left]] * begin[owners[group, right]])
            begin[at] = float(np.clip(begin[at], -most, most))
    sizes = np.where(variances, np.sqrt(natural), natural)
    mode = _mode(bare, begin, sizes)
    return replace(bare, mode=mode, turn=_turn(bare, mode, sizes))


def _widths(model: SemModel, priors: Priors) -> Floats:
    found = np.ones(model.free)
    for each in reversed(model.parameters):
        if each.free is not None:
            found[each.free] = _width(each, model, priors)
    return found


def _width(each: Parameter, model: SemModel, priors: Priors) -> float:
    if each.operator == "=~":
        return priors.loading
    if each.operator == "~":
        return priors.regression
    return priors.latent_mean if each.left in model.latent else priors.intercept


def _centres(prepared: Prepared) -> Floats:
    """Intercepts of columns are held likely around the column's mean; all else around 0."""
    place = {name: at for at, name in enumerate(prepared.model.observed)}
    found = np.zeros(prepared.model.free)
    for each in reversed(prepared.model.parameters):
        if each.free is not None and each.operator == "~1" and each.left in place:
            found[each.free] = prepared.moments[each.group].mean[place[each.left]]
    return found


def _without_means(group: Group) -> Group:
    """The likelihood of the covariances alone, the means integrated out: one row less, with the same cross products."""
    patterns = [
        Pattern(each.columns, Moments(each.moments.n - 1, each.moments.mean, _unbiased(each.moments)))
        for each in group.patterns
    ]
    return replace(group, patterns=tuple(patterns))


def _unbiased(moments: Moments) -> Floats:
    return moments.covariance * moments.n / (moments.n - 1)


def _signs(model: SemModel, theta: Floats) -> tuple[tuple[int, float], ...]:
    """Of each latent variable whose scale no loading fixes, the first free loading and its sign."""
    found = []
    for group in range(model.groups):
        for name in model.latent:
            own = [each for each in model.parameters if (each.group, each.operator, each.left) == (group, "=~", name)]
            free = [each.free for each in own if each.free is not None]
            if free and not any(each.free is None and each.value != 0 for each in own):
                found.append((free[0], float(np.sign(theta[free[0]])) or 1.0))
    return tuple(dict.fromkeys(found))


def _mode(target: Target, begin: Floats, sizes: Floats) -> Floats:
    def cost(scaled: Floats) -> tuple[float, Floats]:
        at = scaled * sizes
        value = target.value(at)
        if not np.isfinite(value):
            return 1e12, np.zeros_like(scaled)
        return -value, -target.slope(at) * sizes

    ended = optimize.minimize(cost, begin / sizes, jac=True, method="BFGS", options={"maxiter": 500, "gtol": 1e-4})
    if not np.isfinite(target.value(ended.x * sizes)):
        raise EstimationError(
            "No point was found at which priors and data go together: the likelihood has its maximum where a variance "
            "is below zero or a correlation beyond one. Simplify the model."
        )
    return np.asarray(ended.x * sizes)


def _turn(target: Target, mode: Floats, sizes: Floats) -> Floats:
    """A root of the inverse curvature at the mode, with what is flat there held to the parameters' sizes."""
    step = 1e-4
    columns = []
    for place in range(len(mode)):
        moved = np.zeros(len(mode))
        moved[place] = step * sizes[place]
        columns.append((target.slope(mode - moved) - target.slope(mode + moved)) / (2 * step) * sizes)
    curvature = np.array(columns)
    roots, vectors = np.linalg.eigh((curvature + curvature.T) / 2)
    return np.asarray(sizes[:, None] * vectors / np.sqrt(np.maximum(roots, 1e-2)))


@dataclass(frozen=True, eq=False)
class Sampled:
    """Coordinates (chains, draws, k) and the share of proposals that were accepted."""

    at: Floats
    accepted: float
    warm_up: int


@one_thread
def sample(
    target: Target, draws: int, warm_up: int, seed: int, progress: Progress = silent, chains: int = CHAINS
) -> Sampled:
    """Chains of draws, each with a seed of its own, from points around the mode that are wider apart than the draws."""
    warm_up = max(warm_up // 2, 100)
    total = chains * (draws + warm_up)
    found, accepted = [], []
    for chain, own in enumerate(np.random.SeedSequence(seed).spawn(chains)):

        def tell(done: int, chain: int = chain) -> None:
            share = (chain * (draws + warm_up) + done) / total
            progress(share, f"drawing, chain {chain + 1} of {chains}")

        kept, share = _chain(target, draws, warm_up, np.random.default_rng(own), tell)
        found.append(kept)
        accepted.append(share)
    return Sampled(np.array(found), float(np.mean(accepted)), warm_up)


def _chain(target: Target, draws: int, warm_up: int, rng: np.random.Generator, tell: Any) -> tuple[Floats, float]:
    size = len(target.mode)
    place, value = _begin(target, rng)
    slope = target.turn.T @ target.slope(target.mode + target.turn @ place)
    step = 0.5 * size**-0.25
    tuned = _Tuned(step)
    kept = np.empty((draws, size))
    share = 0.0
    for done in range(warm_up + draws):
        if done % 20 == 0:
            tell(done)
        if done == warm_up:
            step = tuned.settled
        length = min(int(np.ceil(rng.uniform(0.5, 1.5) * _TRAJECTORY / step)), _LONGEST)
        momentum = rng.standard_normal(size)
        moved, moved_slope, ended = _leap(target, place, slope, momentum, step, length)
        reached = target.value(target.mode + target.turn @ moved)
        gain = reached - float(ended @ ended) / 2 - value + float(momentum @ momentum) / 2
        chance = float(np.exp(min(gain, 0.0))) if np.isfinite(gain) else 0.0
        if rng.uniform() < chance:
            place, slope, value = moved, moved_slope, reached
        if done < warm_up:
            step = tuned.next(chance)
        else:
            kept[done - warm_up] = target.mode + target.turn @ place
            share += chance / draws
    return kept, share


def _begin(target: Target, rng: np.random.Generator) -> tuple[Floats, float]:
    width = 2.0
    for _ in range(200):
        place = width * rng.standard_normal(len(target.mode))
        value = target.value(target.mode + target.turn @ place)
        if np.isfinite(value):
            return place, value
        width *= 0.9
    return np.zeros(len(target.mode)), target.value(target.mode)


def _leap(
    target: Target, place: Floats, slope: Floats, momentum: Floats, step: float, length: int
) -> tuple[Floats, Floats, Floats]:
    """So many leapfrog steps."""
    with np.errstate(all="ignore"):
        for _ in range(length):
            momentum = momentum + step / 2 * slope
            place = place + step * momentum
            try:
                slope = target.turn.T @ target.slope(target.mode + target.turn @ place)
            except np.linalg.LinAlgError:
                return place, slope, np.full(len(place), np.inf)
            if not np.isfinite(slope).all():
                return place, slope, np.full(len(place), np.inf)
            momentum = momentum + step / 2 * slope
    return place, slope, momentum


class _Tuned:
    """The step by dual averaging towards the share accepted that is aimed at."""

    def __init__(self, step: float) -> None:
        self._centre = float(np.log(10 * step))
        self._error = self._average = 0.0
        self._count = 0

    def next(self, chance: float) -> float:
        self._count += 1
        self._error += (_ACCEPTED - chance - self._error) / (self._count + 10)
        logarithm = self._centre - self._count**0.5 / 0.05 * self._error
        weight = self._count**-0.75
        self._average = weight * logarithm + (1 - weight) * self._average
        return float(np.exp(np.clip(logarithm, -7, 0.5)))

    @property
    def settled(self) -> float:
        return float(np.exp(np.clip(self._average, -7, 0.5)))


def _together(rows: Sequence[Drawn]) -> bool:
    return all(
        each.r_hat <= WORST_R_HAT and min(each.effective, each.effective_tails) >= FEWEST_EFFECTIVE for each in rows
    )


def _told(prepared: Prepared, target: Target, sampled: Sampled, options: SemOptions) -> SemPosterior:
    model, layouts = prepared.model, prepared.layouts
    chains, draws, size = sampled.at.shape
    flat = sampled.at.reshape(-1, size)
    values = np.array([values_of(model, layouts, target.theta(each)) for each in flat])
    weights = [_weights(target, flat, times) for times in (0.5, 2.0)]
    ends = (1 - options.confidence) / 2, (1 + options.confidence) / 2
    rows = []
    for at, each in enumerate(quantities(model, layouts)):
        own = values[:, at]
        by_chain = own.reshape(chains, draws)
        deviation = float(own.std(ddof=1))
        low, high = (float(end) for end in np.quantile(own, ends))
        rows.append(
            Drawn(
                name=each.name,
                group=each.group,
                kind=each.kind,
                mean=float(own.mean()),
                deviation=deviation,
                median=float(np.median(own)),
                interval=(low, high),
                r_hat=r_hat(by_chain),
                effective=bulk_size(by_chain),
                effective_tails=tail_size(by_chain),
                mean_error=deviation / float(np.sqrt(mean_size(by_chain))),
                moved=_moved(own, deviation, weights),
            )
        )
    return SemPosterior(
        rows=tuple(rows),
        chains=chains,
        draws=draws,
        warm_up=sampled.warm_up,
        accepted=sampled.accepted,
        predictive_p=_predictive_p(prepared, target, flat, options.seed),
        priors=target.priors,
        groups=prepared.rows.groups,
        confidence=options.confidence,
    )


def _weights(target: Target, flat: Floats, times: float) -> Floats | None:
    """What each draw would count for under other priors; None where few of them would carry it all."""
    other = target.priors.wider(times)
    ratio = np.array([target.log_prior(each, other) - target.log_prior(each, target.priors) for each in flat])
    weights = np.exp(ratio - ratio.max())
    weights /= weights.sum()
    return weights if 1 / (weights**2).sum() > 0.1 * len(weights) else None


def _moved(own: Floats, deviation: float, weights: Sequence[Floats | None]) -> float | None:
    if deviation == 0:
        return 0.0
    moves = [None if each is None else abs(float(each @ own) - float(own.mean())) / deviation for each in weights]
    return None if None in moves else max(each for each in moves if each is not None)


def _predictive_p(prepared: Prepared, target: Target, flat: Floats, seed: int) -> float | None:
    """The share of made-up data that lie further from the model than the data at hand, by the likelihood ratio."""
    complete = all(
        len(group.patterns) == 1 and len(group.patterns[0].columns) == len(prepared.model.observed)
        for group in prepared.groups
    )
    if not complete or prepared.model.exogenous:
        return None
    rng = np.random.default_rng(seed)
    worse = []
    for at in flat[:: max(len(flat) // 400, 1)]:
        theta, here, there = target.theta(at), 0.0, 0.0
        for group in prepared.groups:
            point, seen = implied(group.layout, theta), group.patterns[0].moments
            apart = seen.mean - point.mean if group.layout.means else np.zeros(len(seen.mean))
            here += seen.n * _distance(seen.covariance, apart, point.covariance)
            root = np.linalg.cholesky(point.covariance)
            made = root @ _wishart_root(len(apart), seen.n - 1, rng)
            drift = root @ rng.standard_normal(len(apart)) / np.sqrt(seen.n) if group.layout.means else apart
            there += seen.n * _distance(made @ made.T / seen.n, drift, point.covariance)
        worse.append(there >= here)
    return float(np.mean(worse))


def _distance(covariance: Floats, apart: Floats, model: Floats) -> float:
    inverse = np.linalg.inv(model)
    ratio = covariance @ inverse
    return float(np.trace(ratio) - np.linalg.slogdet(ratio)[1] - len(apart) + apart @ inverse @ apart)


def _wishart_root(size: int, freedom: int, rng: np.random.Generator) -> Floats:
    """Bartlett's lower triangular root of a standard Wishart draw."""
    root = np.tril(rng.standard_normal((size, size)), -1)
    root[np.diag_indices(size)] = np.sqrt(rng.chisquare(freedom - np.arange(size)))
    return root
