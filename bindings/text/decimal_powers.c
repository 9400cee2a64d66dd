/* decimal_powers.c - powers of ten to 128 bits, from two tables. */
#include "decimal.h"

/* 10^(27 * i - 324), the first 128 bits, rounded up. */
static const lb_wide coarse[] = {
    { 0xcf42894a5dce35ea, 0x52064cac828675ba }, { 0xa76c582338ed2621, 0xaf2af2b80af6f24f },
    { 0x873e4f75e2224e68, 0x5a7744a6e804a292 }, { 0xda7f5bf590966848, 0xaf39a475506a899f },
    { 0xb080392cc4349dec, 0xbd8d794d96aacfb4 }, { 0x8e938662882af53e, 0x547eb47b7282ee9d },
    { 0xe65829b3046b0afa, 0x0cb4a5a3112a5113 }, { 0xba121a4650e4ddeb, 0x92f34d62616ce414 },
    { 0x964e858c91ba2655, 0x3a6a07f8d510f870 }, { 0xf2d56790ab41c2a2, 0xfae27299423fb9c4 },
    { 0xc428d05aa4751e4c, 0xaa97e14c3c26b887 }, { 0x9e74d1b791e07e48, 0x775ea264cf55347e },
    { 0x8000000000000000, 0x0000000000000000 }, { 0xcecb8f27f4200f3a, 0x0000000000000000 },
    { 0xa70c3c40a64e6c51, 0x999090b65f67d924 }, { 0x86f0ac99b4e8dafd, 0x69a028bb3ded71a4 },
    { 0xda01ee641a708de9, 0xe80e6f4820cc9496 }, { 0xb01ae745b101e9e4, 0x5ec05dcff72e7f90 },
    { 0x8e41ade9fbebc27d, 0x14588f13be847308 }, { 0xe5d3ef282a242e81, 0x8f1668c8a86da5fb },
    { 0xb9a74a0637ce2ee1, 0x6d953e2bd7173693 }, { 0x95f83d0a1fb69cd9, 0x4abdaf101564f98f },
    { 0xf24a01a73cf2dccf, 0xbc633b39673c8ced }, { 0xc3b8358109e84f07, 0x0a862f80ec4700c9 },
    { 0x9e19db92b4e31ba9, 0x6c07a2c26a8346d2 },
};

/* 5^i, moved to the top of 64 bits. */
static const uint64_t fine[] = {
    0x8000000000000000, 0xa000000000000000, 0xc800000000000000, 0xfa00000000000000,
    0x9c40000000000000, 0xc350000000000000, 0xf424000000000000, 0x9896800000000000,
    0xbebc200000000000, 0xee6b280000000000, 0x9502f90000000000, 0xba43b74000000000,
    0xe8d4a51000000000, 0x9184e72a00000000, 0xb5e620f480000000, 0xe35fa931a0000000,
    0x8e1bc9bf04000000, 0xb1a2bc2ec5000000, 0xde0b6b3a76400000, 0x8ac7230489e80000,
    0xad78ebc5ac620000, 0xd8d726b7177a8000, 0x878678326eac9000, 0xa968163f0a57b400,
    0xd3c21bcecceda100, 0x84595161401484a0, 0xa56fa5b99019a5c8,
};

lb_wide lb_power_of_ten(int exponent) {
    int index = (exponent - LB_POWER_MIN) / 27, rest = (exponent - LB_POWER_MIN) % 27;
    lb_wide base = coarse[index];
    if (rest == 0) return base;
    lb_wide top = lb_multiply(base.high, fine[rest]);
    lb_wide bottom = lb_multiply(base.low, fine[rest]);
    top.low += bottom.high;
    top.high += top.low < bottom.high;
    if (!(top.high >> 63)) {
        top.high = top.high << 1 | top.low >> 63;
        top.low = top.low << 1 | bottom.low >> 63;
    }
    if (exponent < 0 || exponent > 55) top.high += ++top.low == 0; /* what was cut off */
    return top;
}
