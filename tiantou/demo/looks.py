"""How each room of the fair looks."""

from tiantou.demo.scene import Look

LOOKS = {
    "orange": Look("orange", (38, 74, 122), 1),
    "potato": Look("potato", (104, 66, 44), 2),
    "apple": Look("apple", (40, 88, 64), 3),
}
