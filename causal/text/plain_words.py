"""The words that a text may use though no fact gives them: they say nothing about an item or an effect."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text that lists them."""
    return tuple(text.split())


_FUNCTION = """
a about above according across after again against along also although among amongst an and another any anyone
anything are around as at away back be because been before behind being below beside besides between beyond
both but by can cannot could do does doing done down during each either else enough even ever for from further
get gets give given gives giving go goes going got had has have having he her here hers herself him himself his
how however i if in inside instead into is it its itself just keep keeps kind kinds less let lets like likely
many may maybe me might mine more much must my myself near neither next no none nor not nothing now of off on
once one ones onto or other others our ours out outside over own per perhaps put quite rather same she should
since so some someone something soon sort still such take taken takes than that the their theirs them
themselves then there therefore these they thing things this those though through thus till to together too
toward towards under until unto up upon us use used uses using very via was way ways we well were what whatever
when whenever where wherever whether which while who whoever whom whose why will with within without would yes
yet you your yours yourself seem seems seemed appear appears almost nearly roughly approximately exactly
i'm i'd i'll
"""
_RECOMMENDING = """
deserve deserves receive receives received
complete completes completed finish finishes finished teach teaches taught study studies drink drinks eat eats
cook cooks brew brews wear wears buy buys bought order orders borrow stay stays prepare moment ahead add added
appeal appeals approach ask asked bring brings browse browsing call called catch chance check choice choices
choose chosen click come comes consider considering contain contains cover covers decide described describes
description detail details discover discovering draw drawn enjoy enjoyed enjoying enjoyment enter explore
explores exploring fact facts fan fans favour favourite favor favorite feature featured features featuring feel
find finding finds fit fits fitting focus focuses follow follows form found full glance hand handy happen
happens hear help helps hold holds idea include included includes including information interest interested
interests item items join know known last lasts learn leave line link list listed listen listening listens
lists look looking looks love loves loved make makes making mark match matched matches matching mean means
mention mentioned mind minded mood name named need needs note notes number offer offered offers open option
options pair part people person pick picked picks place plan play played playing plays point present product
products provide provides question range reach read reader readers reading reads reason reasons recommend
recommendation recommendations recommended remain ready related relevant remember result return right run runs
runtime say says search searching see seen select selected selection set sets setting share show showing shown
shows similar simply sit sits size spend spending spent stand stands start starts step story suggest suggested
suggestion suit suits suited suitable take talk taste tastes tell tells term text time times title titled
titles today told topic topics total touch try trying turn type view viewed viewer viewers viewing visit want
wanted wants watch watched watching week wish wonder word words work works worth write writing written user
users based costs cost priced price spans span tagged category categories carries carry brought came
ran sat went gave took made kept theme themes style styles built wrote drew held evening tonight weekend hour
day mixing blend blends combines combine combined combining along toward centred centered revolves around deals
delivers deliver length long clocks duration lasting released release published directed starring
author writer director by maker brand colour color available belongs belong falls fall under somebody anybody
whoever customers customer listener listeners audience your why
"""
_EXPLAINING = """
predicted predict prediction predictions foretold tend tends across effect effects estimate estimated estimates
estimation interval intervals confidence adjust adjusted adjusting adjustment average averages mean means
outcome outcomes treatment treated control group groups compare compared compares comparing comparison
difference differences differ differs unit units per cent percentage points data log analysis method methods
evidence consistent compatible range ranges lie lies lying uncertain uncertainty value values change changes
changed changing affect affects everyone population population's level levels measure measured
direction side zero clear clearly unclear tell told tells rest rests answer answers holds standing ledger check
checks checked condition conditions assume assumes assumption assumptions linked associated association
associations goes along suggest suggests suggested tentative careful caution read way covariate covariates
variable variables column columns account accounts accounting arm arms arms' average's expected taking taken
into whom whose answered causal exact include includes contain contains
"""

_EVERYDAY = """
thought thoughtful
somewhere gear sending sends anywhere everywhere nowhere placed places placing pulls pull drawing wants
wanting wished occupies occupy fills offers offering delivers brought bringing stems stem comes
follows covers covering touches touching concerns concern treats treating revolve revolves unfolds
unfold centres centers aged ages arrange arranges assume aware balance basket begin belong bookmark
bookmarked borrowed cart chat cheer choosing circle clear coming compare complement completely concise
connect connects consideration content convenient cosy couldn't count cross crossing dedicated delight deliver
depending depth designed designer destination devoted dip directly discover district door earlier earned
edition effort enjoys essence everyday exact exploring fall familiar far fill finds finger fits flip floor
following forward foundation frequent frequently goal grab ground guest
guests hall handle headed hint homepage hours hungry imagine including inside intended
intro introduce introduces introduction invest issue journeys join joins kick knowledge label labelled landed
layer leads leaf letter lie life lines loaded local log logged
lunchtime main menu middle minutes moment's month's motion move moves moving neighbour noted
noticed object objects organised origin outline overview pack participants particular passage patient path peek
phone pieces plate player players pocket portion portions positioned practice practise prepared
preparing print printed private profile project public purpose pursue put puts
queue rather reached reader's really recall recap record recorded region regarding remainder replay request
requires requiring resource responds role roles round route row scan scene seat seats section
seek seeking segment sent serve served serving set share shelf shopper sign
signed sized skim source spent spoken spread stage stand station stops stretch student students style subject
subtitle suitable sunday's surface swap switch talks taste tasting teacher teachers team text thinking thread
throughout ticket tickets tied tired tonight's tool track travelling trying tune understand unsure
upcoming update useful view viewing's visited visitor visitors visiting volume wander ways weekly width
window winds wise wondered worked wrap wrapped writes writer's able accompany accompanies afternoon afternoons
anyway apart aside ask asking await awaits awaiting bag bedtime begins beginning bit board boat
break breaks breakfast bring bus busy calendar call calls car case cases chair chapter close closing
collect collected collection comfort commute commutes commuting company conversation corner couch
couple course cup curiosity curious currently daily date dates dawn day days dear dinner discuss dive drive
driving drop dusk early easily easy end ending ends engage entry especially evenings exactly example expect
explain explains eye eyes fair fairly feeling few figure final finally fine flight foot fresh friday
friend friends front gather general generally glad glance gladly guess habit habits hands head
headphones heart hello here's hi holiday holidays home hope hopes house idea ideas immediately
indeed inspired instance invite invites inviting journey keen keeping knowing late lately later
lazy lead length lets library light liking liked linger little live living long lot
lots lunch mainly meet meets message might mind minute monday month months mood morning mornings
neatly need nicely night nights normally note notice occasion occasions often okay opportunity
outside page pages past pause pay perhaps picking piece pleasant please pleased plenty pop possible possibly
prefer preference preferences prefers presented press pretty previous previously probably quick quickly
rainy reach recent recently regular regularly relate relates relating remind reminder reminds rest
return ride right room saturday scroll sense serves session sessions settle shelves shop shopping
side simple sitting slot snack sofa sometimes soon spare speak speaks spot sprint start starting
stayed straight stuff subjects summary sunday sunny support supports sure table thank thanks thoughts
thursday tip today's tomorrow total travels treat trip try tuesday turn turns
unwind usual usually various visit visits wait waiting waits walk watching wednesday weekday weekdays weekends
welcome what's wishlist wonder wondering workday you'd you'll you're you've yourself lean leaning leans drawn
attracted attract attracts catches caught fancy fond suited happens turned explored explore arrive arrives
arrived opened opens opening provide provided lasts lasted ran takes took runs stands counts counting
consists consist comprises comprise features packs packed spreads split divided shared stays kept
remains remain remained afterwards
beforehand meanwhile otherwise though hence accordingly additionally moreover furthermore likewise similarly
namely overall instead besides altogether somewhat slightly partly largely mostly entirely simply merely
readily whichever whoever
"""
"""What a reader does, feels and has around them: days, habits, invitations, joints of sentences."""

FUNCTION = frozenset(words_of(_FUNCTION))
"""Words that only join others."""

NEUTRAL = frozenset(word for text in (_FUNCTION, _RECOMMENDING, _EXPLAINING, _EVERYDAY) for word in text.split())

KINDS_BY_SIGN: tuple[tuple[frozenset[str], frozenset[str]], ...] = tuple(
    (frozenset(words_of(signs)), frozenset(words_of(kinds)))
    for signs, kinds in (
        ("headline section newspaper 栏目", "article articles piece text read 文章 文 篇"),
        ("pages author isbn publisher 作者 页数 出版 出版社 字数", "book books text read 书 书籍 图书 文章"),
        (
            "director starring cast actor runtime subtitles 导演 主演 片长",
            "film films movie movies picture video documentary series show 电影 影片 片子 短片 视频 剧",
        ),
        ("artist album singer tempo band 歌手 专辑 乐队", "song songs track single album music tune 歌 歌曲 专辑 单曲"),
        ("host podcast 主持", "podcast episode episodes show programme program 播客 节目 集"),
        (
            "episode episodes season seasons 集数 季数",
            "series show podcast episode episodes programme program 剧集 剧 节目 播客",
        ),
        ("players player designer platform 玩家", "game games 游戏"),
        ("lesson lessons teacher 讲师 课时", "course courses class lesson lessons 课程 课 讲座"),
        ("ingredients servings cuisine calories 食材", "recipe dish meal restaurant soup 食谱 菜谱 菜 菜品 餐厅"),
        ("stars rooms breakfast beach 星级 早餐", "hotel hotels place stay 酒店 宾馆 旅馆"),
    )
)
"""What an item that has such a property may be called: one with pages is a book or an article, and no film."""

ITEM_KINDS = frozenset(
    words_of(
        """
album app article book card clip coat concert course dish documentary dress episode event exhibition film game
gift-box guide hotel jacket lamp lecture lesson magazine map meal menu movie museum newsletter novel painting
photo picture playlist podcast poem poster programme program recipe restaurant series shirt shoes shop show
single song stream talk tool tour toy track trailer video wine workshop restaurants hotels films books songs
games 电影 影片 片子 书 书籍 小说 图书 歌 歌曲 专辑 课程 课 游戏 酒店 宾馆 餐厅 餐馆 饭店 菜 菜品 节目 播客
视频 短片 纪录片 文章 新闻 展览 博物馆 音乐会 演出 应用 软件 玩具 衣服 鞋子 杂志 剧集 电视剧 剧 漫画 商店 店
门店 景点 路线 活动 讲座 食谱 菜谱 旅程 游记
"""
    )
)
"""What an item may be called where the facts do not show what it is."""

NATIONALITIES: tuple[frozenset[str], ...] = tuple(
    frozenset(words_of(each))
    for each in (
        "france french",
        "germany german",
        "italy italian",
        "spain spanish",
        "china chinese",
        "japan japanese",
        "england english",
        "britain british",
        "korea korean",
        "india indian",
        "sweden swedish",
        "america american",
        "canada canadian",
        "australia australian",
        "mexico mexican",
        "brazil brazilian",
        "portugal portuguese",
        "ireland irish",
        "scotland scottish",
        "norway norwegian",
        "denmark danish",
        "finland finnish",
        "iceland icelandic",
        "netherlands dutch",
        "belgium belgian",
        "switzerland swiss",
        "austria austrian",
        "poland polish",
        "greece greek",
        "turkey turkish",
        "russia russian",
        "ukraine ukrainian",
        "hungary hungarian",
        "romania romanian",
        "argentina argentine argentinian",
        "chile chilean",
        "colombia colombian",
        "thailand thai",
        "vietnam vietnamese",
        "indonesia indonesian",
        "iran iranian",
        "israel israeli",
        "egypt egyptian",
        "nigeria nigerian",
        "kenya kenyan",
        "taiwan taiwanese",
    )
)
"""A country, and what is from there."""

SAME: tuple[frozenset[str], ...] = (
    tuple(
        frozenset(words_of(each))
        for each in (
            "film movie picture",
            "director directed direct",
            "author writer written write",
            "actor starring cast star",
            "genre kind category",
            "price cost costs",
            "duration length runtime long",
            "language spoken",
            "minute min",
            "published publisher publish",
            "released release year out",
            "rating rated rate score scored",
            "minutes hour hours",
            "country from made",
            "brand maker made",
            "colour color",
            "artist singer",
            "watch watched viewing",
            "click clicks clicked",
            "engagement engaged engage",
            "crime criminal",
            "comedy comedic",
            "romance romantic",
            "history historical",
            "mystery mysterious",
            "sport sports",
            "music musical",
            "science scientific",
            "weight weigh weighs weighing heavy",
            "height tall high",
            "width wide",
            "depth deep",
            "sent send sends sending",
            "shown show shows showing",
            "serving serve serves servings",
            "age aged ages old",
            "size sized sizes",
            "material made fabric",
            "seller sold sells sell",
            "narrator narrated narrates read",
            "designer designed designs",
            "composer composed music",
            "illustrator illustrated illustrations",
            "translator translated translation",
            "editor edited",
            "producer produced",
            "publisher published",
            "host hosted hosts",
            "opens open opening",
            "ends end closes close",
            "players player play",
            "ingredients ingredient",
            "objects object items",
            "distance away far",
            "calories calorie",
            "store stores shop",
            "hiking hike hikes",
            "reading read reads",
            "running run runs",
            "cooking cook cooks",
            "travel travelling travels trip",
            "people person viewer viewers user users",
        )
    )
    + NATIONALITIES
)
"""Words that stand for each other once one of them is among the facts."""

CLAIMS = """
beginner beginners starter starters advanced intermediate expert experts
worsen worsens sequel debut small large big huge tiny significant important strong weak dramatic best greatest
finest top leading foremost ultimate supreme number-one unbeatable unmatched unrivalled unrivaled unique only
award awards award-winning winning winner winners won prize prizes oscar oscars grammy emmy acclaimed
celebrated renowned famous popular bestseller bestselling best-selling hit blockbuster trending viral
favourite-of beloved iconic legendary classic masterpiece essential must must-see must-read must-have free
gratis complimentary discount discounts discounted sale bargain cheap cheapest affordable deal deals bonus gift
guarantee guaranteed guarantees certain certainly definitely undoubtedly surely always never everyone everybody
nobody all every perfect perfectly flawless amazing incredible unforgettable stunning brilliant extraordinary
outstanding excellent exceptional superb magnificent exclusive exclusively limited official officially
certified proven proves prove proof new newest latest brand-new first original rare most least highest lowest
fastest biggest largest smallest hottest recommended-by experts expert critics critic doctors scientists
miracle cure safe healthy organic natural eco-friendly ideal great wonderful fantastic better worse superior
world-class premium luxury luxurious
"""
CLAIM_WORDS = frozenset(word for word in CLAIMS.split() if "-" not in word)

CLAIMS_ZH = words_of(
    """
好看 好听 好玩 好用 好喝 好吃
不要钱 不花钱 分文 零元 白送 白拿 处女作 续集 改编 首部 首次 全网 人人爱看 真实 真人真事 原价 现价 立省 省下
仅剩 限时 最佳 最好 最棒 最受 最大 最小 最高 最低 最新 最热 最强 最 第一 顶级 顶尖 一流 首屈一指 独一无二 唯一
独家 专属 限量 获奖 得奖 大奖 奥斯卡 金奖 奖项 荣获 荣膺 畅销 热门 热销 爆款 火爆 经典 杰作 佳作 巨作 传奇 必看
必读 必备 不可错过 不容错过 免费 赠送 赠品 优惠 折扣 打折 特价 促销 降价 便宜 实惠 超值 保证 一定 必定 肯定
绝对 毫无疑问 无疑 永远 从不 总是 所有人 人人 每个人 大家都 全部 完美 惊艳 震撼 难忘 精彩 卓越 优秀 出色 非凡
神奇 官方 认证 权威 专家 证明 证实 全新 崭新 新款 新 原创 稀有 健康 有机 天然 安全 治愈 疗效 豪华 高端 奢华
顶配 更好 更差 好评 口碑 著名 知名 名著 著称
"""
)

UP = frozenset(
    words_of(
        """
raise raises raised raising increase increases increased increasing lift lifts lifted lifting boost boosts
boosted boosting improve improves improved improving grow grows growing rise rises rising rose gain gains
gained gaining higher longer greater larger upward upwards heighten strengthens strengthen elevates elevate
extends extend adds positive positively enhances enhance
"""
    )
)
DOWN = frozenset(
    words_of(
        """
lower lowers lowered lowering reduce reduces reduced reducing decrease decreases decreased decreasing cut cuts
cutting drop drops dropped dropping decline declines declined declining shrink shrinks shrinking diminish
diminishes diminished hurt hurts hurting harm harms harmed shorter fewer smaller lose loses loss downward
downwards weakens weaken lessen lessens suppress suppresses depress depresses negative negatively falls fell
falling
"""
    )
)
UP_ZH = words_of(
    """
涨了 上涨 提高 提升 增加 增长 上升 促进 加强 增强 推高 延长 为正 正向 更高 更长 更多 改善 拉升 变多
"""
)
DOWN_ZH = words_of(
    """
降了 降低 减少 下降 下滑 缩短 削弱 减弱 损害 抑制 为负 负向 更低 更短 更少 拉低 变少 恶化
"""
)

NEGATORS = frozenset(
    words_of(
        """
not no never without neither nor cannot hardly barely isn't aren't doesn't don't didn't wasn't weren't can't
won't isnt doesnt dont fails fail failed failing lacks lack lacking nothing none far-from unlike except
excluding
"""
    )
)
NEGATORS_ZH = words_of(
    """
不是 并非 没有 并未 未能 无法 不会 不再 不能 不 没 未 无 非
"""
)

HEDGES = frozenset(
    words_of(
        """
seem seems seemed may might could appear appears appeared suggest suggests perhaps possibly tentative
tentatively associated association goes linked coincides correlated unclear whether likely
"""
    )
)
HEDGES_ZH = words_of(
    """
似乎 可能 看起来 看来 或许 也许 大概 相关 关联 伴随 初步 是否 倾向
"""
)
ASSOCIATIONS = frozenset(
    words_of(
        """
associated association goes linked coincides correlated whether
"""
    )
)
ASSOCIATIONS_ZH = words_of(
    """
相关 关联 伴随 是否
"""
)
CAUSAL = frozenset(
    words_of(
        """
cause causes caused causing because due thanks makes made drives drove leads led results creates produces
triggers triggered owing
"""
    )
)
CAUSAL_ZH = words_of(
    """
导致 造成 使得 引起 因为 由于 促使 致使
"""
)
NO_EFFECT = (
    "no effect",
    "no difference",
    "no impact",
    "no influence",
    "makes no change",
    "unchanged",
    "has no bearing",
)
NO_EFFECT_ZH = words_of(
    """
没有影响 无影响 没有效果 无效 没有差别 毫无作用 没有作用
"""
)
UNCLEAR = (
    "unclear", "cannot tell", "can't tell", "cannot be told", "not clear", "no clear", "not clearly", "cannot say",
    "could not be told", "whether", "neither", "not possible to tell", "holds zero", "compatible with",
)  # fmt: skip
UNCLEAR_ZH = words_of(
    """
不清楚 不明确 无法判断 无法确定 尚不能 是否 看不出 不能确定 包含零 尚无定论
"""
)

QUALITIES_ZH = frozenset(
    "红橙黄绿青蓝紫黑白灰粉金银铜铁木石玉棉麻丝毛皮革新旧老少大小高低贵贱甜辣酸苦咸鲜香臭冷热冰暖凉快慢强弱软硬轻重厚薄宽窄深浅干湿"
    "美丑胖瘦男女猫狗鱼鸟马牛羊虎龙花草树山海河湖江岛雪雨风火水土光夜春夏秋冬爱恨死生战兵枪刀剑鬼神仙佛王皇后官商医药毒酒茶饭菜肉蛋奶"
    "糖盐油米面果瓜歌舞诗画书剧车船机房屋楼桥路城乡村国省市镇东西南北中美英法德日韩俄奖金冠亚季零一二三四五六七八九十百千万亿两半双倍"
    "好坏妙绝奇怪疯狂傻智慧勇懒忙闲富穷真假全无免送赠减折惠险稳净脏"
)
"""Characters that say something of a thing though they stand alone."""

NEUTRAL_ZH = frozenset(
    words_of(
        """
类 型 式 版 系 族 界 化 完 起 出 话题 话 题 用得上 有用 预测 预计 收益
无论 不论 不管 搜 故事 放进 档 幅 件 帧 把 辆 艘 架 栋 层 扇 面 根
颗 粒 滴 束 朵 枝 棵 株 座 盏 盒 包 袋 瓶 杯 碗 盘 盆 罐 桶 箱 卷 册 稿 封 份儿 句 番 阵 股 缕 丝 串 排 列 行
队 批 群 帮 伙 代 届 期 轮 局 盘儿 步 声 眼 口 手 身 脸 展出 陈列 摆放 收藏于 展品 出售 出现 出席 参与 参加
参观 走访 造访 光顾 领略 体会 感知 观察 打量 端详 叙述 记述 记载 刻画 勾勒 探讨 探究 追踪 关乎 牵涉 触及 聚焦
着眼 立足 取名 命名 定名 定为 定在 设在 设有 设定 安排 编排 排列 组成 构成 搭成 拼成 做成 制成 织成 写成 拍成
译成 重 重量 重达 高度 宽度 深度 厚度 速度 长宽 总重 净重 称重 级款 款式 主讲 老师 讲师 导师 教师 作家 歌手
乐队 演员 尝 尝尝 品尝 品 吃饭 用餐 就餐 聚 一家人 同学 学员 学生 同事 伙伴 家长 孩子们 大人 成人 读物 跟 跟着
跟随 随手 随时 一边 边 一道 一趟 一场 一次 一回 一遍 一番 一份 场 趟 回 遍 顿 桌 门 堂 节 段 页 条 项 张 间 家
处 所 片 组 套 双 只 支 台 人均 每人 每晚 每天 每周 每月 每年 每页 每集 平均每 起步 起价 原价 标价 票价 门票
费用 收费 花费 预算 金额 数量 数目 次数 编号 序号 型号 尺寸 规格 设计 设计师 制作 制作人 出品 主持 主持人 编剧
编辑 译者 主办 举办 开幕 开放 开始于 起于 结束 闭幕 播出 播放 更新 收录 材料 原料 食材 住 入住 住宿 停留 逗留
抵达 到达 前往 去往 走 走走 步行 开车 乘坐 坐 靠近 附近 周边 旁边 对面 中心 城里 市区 郊区 当地 本地 国内 国外
海外 世界 地方 场所 空间 学会 掌握 认识 熟悉 入手 上手 练习 复习 温习 思考 琢磨 谈 谈论 谈到 聊 聊聊 讨论 分享
记录 回顾 总结 归纳 梳理 解释 解答 回应 呼应 对上 对得上 契合度 贴近 切合 朋友 各位 大家 您好 你好 放 放在 前面
后面 面前 眼前 身边 手边 支持 游玩 畅游 出发 旅程 路上 途中 通勤 上班 下班 早晨 早上 中午 下午 傍晚 夜晚 夜里
睡前 周一 周二 周三 周四 周五 周六 周日 星期 假期 假日 闲暇 空闲 休息 放松 散步 家里 家人 在家 客厅 厨房里 桌上
经常 常常 时常 往往 通常 平时 平常 有时 偶尔 曾 曾经 已 已经 刚 刚刚 马上 立即 立刻 赶快 快来 快 一会儿 片刻
不久 不如 何不 何妨 或者 以便 以免 除了 除此之外 除外 连 连同 包括在内 其余 剩下 这份 这张 这集 这条 这项 这门
这段 这家 那份 那家 那首 一张 一集 一条 一项 一门 一段 一家 好奇 想知道 想看 想读 想听 想学 想玩 打算 准备 期待
有空 有时间 抽空 花 花上 只花 用时 耗时 需时 持续 历时 长达 分为 共分 分成 由此可见 正如 正像 与其 从而 进而
进一步 更进一步 简而言之 总之 总的来说 一般来说 具体来说 换句话说 也就是说 其实 事实上 实际上 当然 显然 确实
的确 果然 留给 送给 带您 带你 陪您 陪你 等您 等着您 等待 等待您 迎来 走进 进入 回到 来到 翻开 打开看看 加入清单
清单 列表 单子 榜上 页面 这里有 有一 有一个 所在 所述 所示 所写 所讲 来源 出自 源自 取自 选自 位于 坐落 距离 离
米 平台 版本 形式 格式 栏目 板块 部 分 集 季 章 篇幅 字数 总长 总时长 单集 听过 读过 玩过 用过 搜索过 浏览过
点过 收藏过 提过 说过 表示 认为 觉得 感觉 知道 记得 记住 想起 看到 看见 听到 读到 见到 遇到 碰到 找找 逛逛 的
了 是 在 最近 近来 写 写的 喝 泡 煮 吃 学 学习 教 完成 想找 能 讲了 和 与 及 或 也 都 就 还 又 并 而 但 却 被
让 使 给 向 从 到 对 为 于 以 由 按 据 将 会 可 可以 能够 应 该 应该 要 想 想要 愿意 需要 希望 如果 若 若是
要是 假如 因此 所以 那么 于是 因而 同时 此外 另外 而且 并且 以及 不仅 不但 只要 只需 仅 即 即可 就是 便 便是 正
正是 正好 正在 恰 恰好 刚好 很 较 比较 更 更加 相当 十分 非常 我 我们 您 你 你们 您的 你的 他 她 它 他们 它们
自己 这 那 这个 那个 这些 那些 这里 那里 这样 那样 这么 这部 这本 这首 这款 这件 这期 这篇 那部 那本 那款 此
该部 本 本片 本书 其 其中 之 之一 者 一 一个 一部 一本 一首 一款 一件 一篇 一种 一起 一下 一些 一样 一直 一点
同一 另一 某 某个 个 首 款 篇 种 位 名 为您 为你 给您 给你 适合 适用 合适 合您 合你 符合 契合 贴合 匹配 对应
相符 口味 胃口 喜好 偏好 爱好 兴趣 喜欢 喜爱 爱 爱看 爱读 爱听 感兴趣 关注 关心 常看 常 看过 看 观看 观赏 欣赏
阅读 读 读读 听 收听 玩 用 使用 选 选择 挑 挑选 推荐 推荐给 建议 介绍 了解 发现 探索 试试 试 尝试 看看 听听
打开 点击 点开 浏览 搜索 找 找到 寻找 不妨 欢迎 请 值得 考虑 加入 收藏 享受 体验 感受 陪伴 带来 带给 带 提供
包含 包括 含 含有 涉及 涵盖 关于 有关 围绕 讲述 讲 讲的是 描写 描述 呈现 展现 展示 融合 结合 兼具 属于 归于
归类 分类 类别 类型 题材 主题 内容 标签 风格 作品 项目 商品 产品 节目 选项 标题 名称 名为 题为 叫 叫做 叫作
称为 时长 片长 长度 长 全长 时间 页数 价格 售价 定价 价 年份 日期 上映 出版 发行 发布 推出 问世 上线 导演 主演
作者 执导 出演 主唱 演唱 撰写 创作 品牌 颜色 评分 得分 打分 来自 产自 国家 地区 语言 有 没有 无 不 不是 未 共
共有 共计 总 总共 约 大约 左右 上下 近 将近 接近 超过 不到 以上 以下 以内 至少 至多 最多 达 达到 至 为止 之间
介于 中 里 内 上 下 外 前 后 时 时候 当 当时 今天 今晚 今日 周末 晚上 下次 现在 此刻 接下来 之后 之前 期间 每
每位 每个 每次 人 用户 读者 观众 听众 顾客 客户 像 如 例如 比如 譬如 类似 相似 相近 同类 同样 相同 等 等等 方面
部分 原因 理由 根据 基于 依据 由此 因 因为 由于 说 说明 表明 显示 意味着 来说 而言 来看 看来 看起来 似乎 可能
或许 也许 大概 估计 估算 平均 均值 平均而言 效果 效应 影响 作用 变化 改变 差异 差别 区别 区间 置信区间 置信
置信度 范围 数值 值 数 数据 日志 分析 方法 结果 结论 结局 指标 变量 处理 处理组 对照 对照组 两组 单位 个单位
样本 人群 总体 调整 校正 控制 考虑到 比 相比 相较 相对 与之相比 对比 多 少 清楚 明确 判断 确定 尚 尚未 仍 仍然
依然 还是 是否 无法 不能 不会 零 包含零 证据 检验 检查 假设 前提 成立 谨慎 小心 解读 理解 初步 倾向 倾向于 相关
关联 伴随 因果 因果关系 关系 问题 回答 答案 其他 其它 别的 各 各种 多种 两者 二者 既 既有 还有 亦 则 再 再者 先
后来 然后 最后 最终 首先 一方面 过 着 吧 呢 吗 啊 哦 地 得 来 去 起来 出来 下来 进行 做 作 作为 成为 变得 开始
继续 保持 拥有 具有 具备 属 归 好 好的 不错 好选择 完整 简单 直接 轻松 慢慢 一并 共同 分别 依次 逐一 详情 更多
了解更多 满足 需求 心情 时光 时刻 机会 方式 角度 同 对于 至于 通过 经过 经由 随 随着 沿 朝 往 自 自从 当作 看作
视为 留意 注意 提到 提及 列出 写着 写有 标注 标明 注明 售 卖 买 购买 购 带有 配 配有 搭配 哪 哪些 什么 怎样
如何 多少 几 为什么 何 以此 如此 不高于 不低于 未必 而非 而不是 代替 替代 换成 换为 改为 改用 采用 时的 相当于
目前 当前 仍需 需 看待 全书 全片 全剧 看点 来点 学点 读点 听点 拍 拍摄 拍好 折合 合 计 计算 换算
"""
    )
)
"""Chinese words that say nothing about an item or an effect; a text is cut into these and the facts' own."""


SURNAMES_ZH = frozenset(
    "王李张刘陈杨赵黄周吴徐孙胡朱林何郭马罗梁宋郑谢韩唐冯董萧程曹袁邓傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田"
    "姜范姚谭廖邹熊陆郝孔崔康毛邱秦侯邵孟龙段雷汤尹黎贺赖龚"
)
"""Surnames, but for those that more often begin another word: what is left over and begins so is a name."""


def stems(word: str) -> Iterator[str]:
    """The word, and what it may be an ending of."""
    yield word
    bare = word.removesuffix("'s").removesuffix("’s")
    if bare != word:
        yield bare
    for ending, others in (("ies", ("y",)), ("es", ("", "e")), ("s", ("",)), ("ied", ("y",)), ("ed", ("", "e")),
                           ("ing", ("", "e")), ("ly", ("",)), ("ers", ("", "e", "er")), ("er", ("", "e"))):  # fmt: skip
        if bare.endswith(ending) and len(bare) - len(ending) >= 3:
            stem = bare.removesuffix(ending)
            yield from (stem + other for other in others)
            if ending in ("ed", "ing", "er") and stem[-1] == stem[-2]:
                yield stem[:-1]


def polarity(word: str) -> Literal[-1, 0, 1]:
    """1 where the English word says up, -1 down, 0 neither."""
    return 1 if word in UP else -1 if word in DOWN else 0
