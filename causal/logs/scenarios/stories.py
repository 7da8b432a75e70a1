"""Impressions of short films on a front page, of which only the title, in English or Chinese, says the genre."""

from __future__ import annotations

from itertools import product

import numpy as np

from causal.logs.scenarios.simulated import Simulated

EFFECT = 2.5
_GENRES: tuple[tuple[tuple[str, str], tuple[str, str]], ...] = (
    (
        (
            "A clumsy waiter|Two rival bakers|A nervous groom|Three lazy flatmates|A retired clown|A talking parrot",
            "ruins a wedding|wins the lottery by mistake|pretends to be a doctor|adopts a goat|gets stuck in a lift"
            "|enters a cooking contest",
        ),
        (
            "笨手笨脚的服务员|两个斗嘴的面包师|紧张的新郎|三个懒室友|退休的小丑|会说话的鹦鹉",
            "搞砸了一场婚礼|误打误撞中了彩票|假装自己是医生|收养了一只山羊|被困在电梯里闹笑话|参加搞笑厨艺大赛",
        ),
    ),
    (
        (
            "A tired detective|The last witness|An undercover agent|A night nurse|A former sniper|A masked burglar",
            "hunts a serial killer|uncovers a murder|runs from the mob|has one hour to stop a bomb|hides a body"
            "|is held hostage",
        ),
        (
            "疲惫的警探|最后的证人|卧底探员|值夜班的护士|退役狙击手|蒙面窃贼",
            "追捕连环杀手|揭开一桩谋杀案|逃离黑帮追杀|一小时内拆除炸弹|藏匿一具尸体|被劫为人质",
        ),
    ),
    (
        (
            "Two old friends|A shy pianist|A widowed teacher|The girl next door|A lonely captain|A young florist",
            "fall in love in Paris|gets a second chance at love|writes letters never sent|waits at the station"
            "|meets a stranger in the rain|finds a first love again",
        ),
        (
            "两个老朋友|害羞的钢琴师|丧偶的老师|邻家女孩|孤独的船长|年轻的花店主人",
            "在巴黎坠入爱河|重新遇见爱情|写下从未寄出的情书|在车站等待恋人|在雨中遇见心动的人|找回了初恋",
        ),
    ),
    (
        (
            "Blue whales|Desert nomads|Deep sea engineers|Himalayan glaciers|Honey bees|Ancient mapmakers",
            "explained by scientists|filmed over ten years|and the changing climate|in the age of satellites"
            "|seen from above|and their hidden history",
        ),
        (
            "蓝鲸|沙漠游牧民|深海工程师|喜马拉雅冰川|蜜蜂|古代制图师",
            "科学家的解读|十年跟拍纪实|与气候变化|在卫星时代|航拍纪录|鲜为人知的历史",
        ),
    ),
)


def titles() -> tuple[list[str], np.ndarray]:
    """The 288 titles, half of them Chinese, and whether each is a comedy."""
    made, funny = [], []
    for place, genre in enumerate(_GENRES):
        for (first, second), between in zip(genre, (" ", ""), strict=True):
            for start, end in product(first.split("|"), second.split("|")):
                made.append(f"{start}{between}{end}")
                funny.append(float(place == 0))
    return made, np.array(funny)


def simulate(seed: int = 15, impressions: int = 6_000) -> Simulated:
    """6,000 impressions: does promoting a film on the front page change the minutes watched?

    Promotion adds 2.5 minutes for everyone. Comedies are promoted more often and are watched 4 minutes longer anyway;
    that a film is a comedy stands in its title alone.
    """
    import pandas as pd

    rng = np.random.default_rng(seed)
    names, funny_titles = titles()
    film = rng.integers(0, len(names), impressions)
    funny = funny_titles[film]
    evening = rng.integers(0, 2, impressions)
    prior = np.round(np.minimum(rng.gamma(3.0, 7.0, impressions), 90), 1)
    score = -0.9 + 1.3 * funny + 0.02 * (prior - 21) + 0.3 * evening
    promoted = (rng.random(impressions) < 1 / (1 + np.exp(-score))).astype(np.int64)
    base = 14 + 4.0 * funny + 0.12 * prior + 1.2 * evening
    minutes = np.round(base + EFFECT * promoted + rng.normal(0, 4, impressions), 2)
    frame = pd.DataFrame(
        {
            "impression_id": np.arange(200_001, 200_001 + impressions),
            "title": np.array(names)[film],
            "evening": evening,
            "prior_minutes": prior,
            "promoted": promoted,
            "minutes": minutes,
        }
    )
    return Simulated(frame, "minutes", promoted, base, base + EFFECT)
