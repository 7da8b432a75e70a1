"""Sessions of a video news site, with and without autoplay."""

from __future__ import annotations

import numpy as np

from causal.logs.scenarios.simulated import Simulated

DEVICES = ("desktop", "phone", "tablet", "television")
TOPICS = ("culture", "economy", "politics", "science", "sports")
PER_VIDEO = 1.8
MORE_VIDEOS = 1.5
BESIDE = 0.9
_DEVICE_SCORE = np.array([0.0, 0.9, 0.4, 1.3])
_DEVICE_MINUTES = np.array([0.0, -4.0, -1.5, 3.0])


def simulate(seed: int = 12, sessions: int = 12_000) -> Simulated:
    """12,000 sessions: does autoplay change the minutes watched?

    Autoplay starts 1.5 more videos on average, each worth 1.8 minutes, and adds 0.9 minutes by other ways (a little
    more for those close to the topic): 3.6 minutes in all. `videos_started` lies on the way from autoplay to minutes
    and must not be adjusted for. `ab_bucket` was drawn at random and switched autoplay on by default: an instrument.
    """
    import pandas as pd

    rng = np.random.default_rng(seed)
    device = rng.choice(4, sessions, p=[0.35, 0.4, 0.1, 0.15])
    hour = rng.integers(0, 24, sessions)
    evening = ((hour >= 18) & (hour <= 22)).astype(float)
    prior = np.round(np.minimum(rng.gamma(2.0, 6.0, sessions), 80), 1)
    affinity = np.round(rng.beta(2.0, 2.0, sessions), 3)
    bucket = rng.integers(0, 2, sessions)
    score = -1.6 + _DEVICE_SCORE[device] - 0.045 * (prior - 12) + 0.5 * evening - 0.6 * affinity + 1.2 * bucket
    autoplay = (rng.random(sessions) < 1 / (1 + np.exp(-score))).astype(np.int64)
    videos_without = 2.0 + 0.05 * prior + affinity
    videos = rng.poisson(videos_without + MORE_VIDEOS * autoplay)
    beside = BESIDE + 1.0 * (affinity - 0.5)
    base = 18 + 0.35 * prior + 3.0 * evening + 4.0 * affinity + _DEVICE_MINUTES[device]
    minutes = base + PER_VIDEO * videos + beside * autoplay + rng.normal(0, 4, sessions)
    control = base + PER_VIDEO * videos_without
    frame = pd.DataFrame(
        {
            "session_id": np.arange(100_001, 100_001 + sessions),
            "device": np.array(DEVICES)[device],
            "hour": hour,
            "evening": evening.astype(np.int64),
            "topic": np.array(TOPICS)[rng.integers(0, len(TOPICS), sessions)],
            "prior_activity": prior,
            "topic_affinity": affinity,
            "ab_bucket": np.where(bucket == 1, "B", "A"),
            "autoplay": np.where(autoplay == 1, "on", "off"),
            "videos_started": videos,
            "minutes_watched": np.round(np.maximum(minutes, 0), 2),
        }
    )
    return Simulated(frame, "minutes_watched", autoplay, control, control + PER_VIDEO * MORE_VIDEOS + beside)
