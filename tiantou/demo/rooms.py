"""What the fair is made of: real places and their produce; shops, hosts and households are samples.

Everything that could be taken for somebody is named as a sample (样例, 演示).
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Goods:
    """A product: what was weighed in for it, how it is packed, what the host says of it."""

    picture: str
    crop: str
    variety: str
    title: str
    grade: str
    description: str
    pack: str
    net_g: int
    pieces: int
    price_fen: int
    farm_fen_per_jin: int
    floor_fen_per_jin: int
    harvest_g: int
    boxes: int
    harvested_days_ago: int
    says: str


@dataclass(frozen=True)
class Stall:
    """A room of the fair. `host_kind` as in live; `look` names its film."""

    key: str
    division: str
    shop: str
    address: str
    village: str
    household: str
    plot: str
    altitude_m: int
    title: str
    host_kind: str
    host_name: str
    host_title: str
    commission_permille: int
    look: str
    goods: tuple[Goods, ...]


STALLS = (
    Stall(
        key="xunwu",
        division="360734",
        shop="寻乌样例脐橙专业合作社(演示)",
        address="澄江镇样例村 1 号",
        village="澄江镇样例村",
        household="样例农户 1",
        plot="东坡橙园",
        altitude_m=320,
        title="寻乌脐橙,早上现摘",
        host_kind="own",
        host_name="样例主播",
        host_title="",
        commission_permille=0,
        look="orange",
        goods=(
            Goods(
                "orange",
                "橙",
                "纽荷尔脐橙",
                "寻乌纽荷尔脐橙",
                "一级",
                "果径 75–80 mm,当天采摘,不打蜡。\n坏果按个数赔。",
                "一箱",
                5000,
                24,
                5980,
                320,
                280,
                1_200_000,
                120,
                3,
                "果径 75 到 80 毫米,一箱大约 24 个,坏一个赔一个",
            ),
            Goods(
                "orange",
                "橙",
                "冰糖橙",
                "寻乌冰糖橙 小果",
                "二级",
                "小果更甜,适合榨汁。",
                "一箱",
                2500,
                26,
                2680,
                260,
                220,
                400_000,
                60,
                2,
                "小果皮薄,榨汁最合适",
            ),
        ),
    ),
    Stall(
        key="anding",
        division="621102",
        shop="安定样例马铃薯家庭农场(演示)",
        address="内官营镇样例社 8 号",
        village="内官营镇样例社",
        household="样例农户 2",
        plot="北塬地",
        altitude_m=1990,
        title="高原土豆,窖里直发",
        host_kind="professional",
        host_name="样例主播",
        host_title="",
        commission_permille=120,
        look="potato",
        goods=(
            Goods(
                "potato",
                "马铃薯",
                "青薯9号",
                "定西青薯9号 黄心",
                "一级",
                "单个 150–250 g,黄心,面。带土发货,耐放。",
                "一箱",
                5000,
                28,
                2480,
                110,
                95,
                3_000_000,
                200,
                28,
                "单个三到五两,黄心,蒸着吃最面",
            ),
            Goods(
                "sweet_potato",
                "红薯",
                "烟薯25号",
                "安定烟薯25号 蜜薯",
                "混级",
                "大小混装,烤着流蜜。",
                "一箱",
                2500,
                12,
                1990,
                150,
                130,
                600_000,
                80,
                20,
                "大小混装,烤一个钟头就流蜜",
            ),
        ),
    ),
    Stall(
        key="jingning",
        division="620826",
        shop="静宁样例苹果专业合作社(演示)",
        address="城川镇样例村 12 号",
        village="城川镇样例村",
        household="样例农户 3",
        plot="南山果园",
        altitude_m=1640,
        title="静宁苹果,公益专场",
        host_kind="public_service",
        host_name="样例主持",
        host_title="副县长(演示)",
        commission_permille=0,
        look="apple",
        goods=(
            Goods(
                "apple",
                "苹果",
                "红富士",
                "静宁红富士 80–85 mm",
                "一级",
                "海拔 1,640 米,不套袋,脆甜。",
                "一箱",
                2500,
                10,
                2980,
                360,
                320,
                900_000,
                90,
                8,
                "单果 80 到 85 毫米,一箱 10 个,48 小时内发货",
            ),
            Goods(
                "pear",
                "梨",
                "砀山酥梨",
                "静宁酥梨 12 个装",
                "一级",
                "水多渣少,单果约 220 g。",
                "一箱",
                2600,
                12,
                2580,
                240,
                210,
                500_000,
                60,
                20,
                "水多渣少,一箱 12 个",
            ),
        ),
    ),
)
